"""A browser is found, or it is said what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Refused
from sambung.drill_video_browser import find


def test_the_named_browser_goes_before_the_system_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("google-chrome", "chromium", "mine"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find(None) == str(tmp_path / "chromium")
    assert find("mine") == find(str(tmp_path / "mine")) == str(tmp_path / "mine")
    (tmp_path / "chromium").unlink()
    assert find(None) == str(tmp_path / "google-chrome")


def test_without_a_browser_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Refused, match="apt-get install chromium"):
        find(None)
    with pytest.raises(Refused, match="/nowhere/chromium is no program"):
        find("/nowhere/chromium")
