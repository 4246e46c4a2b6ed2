"""One `up` a home, and what it leaves for `status`."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Refused
from sambung import processes
from sambung.processes import Process, Report

REPORT = Report(4711, 1_700_000_000_000, (Process("control", "ready", 4712, 1, 2, "taking calls"),))


def test_a_report_is_read_back_while_its_writer_lives(tmp_path: Path) -> None:
    with processes.hold(tmp_path):
        assert processes.read(tmp_path) is None
        processes.write(tmp_path, REPORT)
        assert processes.read(tmp_path) == REPORT
    assert processes.read(tmp_path) is None


def test_a_report_left_by_a_killed_writer_is_not_believed(tmp_path: Path) -> None:
    with processes.hold(tmp_path):
        processes.write(tmp_path, REPORT)
        left = (tmp_path / "run/processes.json").read_bytes()
    (tmp_path / "run/processes.json").write_bytes(left)
    assert processes.read(tmp_path) is None


def test_nothing_was_ever_started_there(tmp_path: Path) -> None:
    assert processes.read(tmp_path / "nowhere") is None


def test_a_second_holder_is_refused_and_a_later_one_is_not(tmp_path: Path) -> None:
    with processes.hold(tmp_path), pytest.raises(Refused, match="already runs on"), processes.hold(tmp_path):
        pass
    with processes.hold(tmp_path):
        pass
