"""The shipped configuration with mistakes in it, for tests."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from core.errors import Problem
from sambung.check import check

SHIPPED = Path(__file__).resolve().parents[3] / "config"


class Mistake(NamedTuple):
    """One change to one file, and what is to be reported of it."""

    file: str
    """Below the folder of configuration."""
    old: str
    """Occurs in the file once."""
    new: str
    key: str
    says: str
    """What is allowed, in the message."""
    at: str = ""
    """The line to be reported is the only one that begins so (after spaces); unless given, that of the change."""


def copy(folder: Path) -> Path:
    """Return a copy of the shipped configuration."""
    return shutil.copytree(SHIPPED, folder / "config")


def change(config: Path, mistake: Mistake) -> int:
    """Make the mistake and return the line to be reported."""
    path = config / mistake.file
    before = path.read_text(encoding="utf-8")
    assert before.count(mistake.old) == 1, f"{mistake.old!r} must occur once in {mistake.file}"
    text = before.replace(mistake.old, mistake.new)
    path.write_text(text, encoding="utf-8")
    if not mistake.at:
        return before.count("\n", 0, before.index(mistake.old)) + 1
    (line,) = (n for n, line in enumerate(text.split("\n"), 1) if line.strip().startswith(mistake.at))
    return line


def found(
    config: Path, home: Path | None = None, overrides: Mapping[str, str] | None = None
) -> list[Problem]:
    """Return what the check finds."""
    return check(config, home, overrides or {})
