"""The centre's files have their history on the command line too, also while nothing runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sambung.cli import main
from tests.unit.sambung.mistakes import copy


def test_a_change_by_hand_is_listed_and_undone_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queues = copy(tmp_path) / "centre" / "queues.yaml"
    shipped = queues.read_text()

    def sambung(*command: str) -> tuple[int, str]:
        status = main([*command, "--config", str(tmp_path / "config"), "--home", str(tmp_path / "home")])
        out, err = capsys.readouterr()
        return status, out + err

    status, said = sambung("history")
    assert status == 0
    assert {line.split()[0] for line in said.splitlines()[1:]} >= {"queues", "prompts", "ivr/main"}

    queues.write_text(shipped.replace("offer: 20 s", "offer: 21 s", 1))
    status, said = sambung("history", "queues", "--diff")
    assert status == 0
    assert "+  offer: 21 s" in said
    status, said = sambung("undo", "queues", "1", "--note", "too long")
    assert (status, queues.read_text()) == (0, shipped)
    assert "queues is as in version 1 again, as version 3.\ncontrol is not running" in said
    newest = sambung("history", "queues")[1].splitlines()[1]
    assert newest.split()[0] == "3"
    assert "(console)" in newest
    assert newest.endswith("too long")
    assert sambung("undo", "queues", "1")[1] == "queues is as in version 1 already.\n"

    queues.write_text("licensing: {}\n")
    sambung("history")
    queues.write_text(shipped)
    status, said = sambung("undo", "queues", "4")
    assert (status, queues.read_text()) == (1, shipped)
    assert "config/centre/queues.yaml:1: licensing.name: missing" in said
    assert "nothing was changed" in said
    for wrong in (("undo", "../sambung", "1"), ("undo", "queues", "99"), ("history", "nobody")):
        assert sambung(*wrong)[0] == 1
