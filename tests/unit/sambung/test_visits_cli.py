"""``sambung visits``, on a database of its own."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.errors import Refused
from sambung.cli import main
from sambung.visits_cli import begins_at

JAKARTA = ZoneInfo("Asia/Jakarta")


def run(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = main(["visits", *words, "--home", str(home), "--set", "demo.always_open=true"])
    said = capsys.readouterr()
    return status, said.out + said.err


def test_somebody_is_invited_listed_and_uninvited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    what = ("invite", "--topic", "kbli", "--at", "2099-01-01 10:00")
    status, said = run(tmp_path, capsys, *what)
    assert (status, said) == (1, "sambung: at most a year from now\n")
    status, said = run(tmp_path, capsys, "invite", "--topic", "nonsense", "--at", "2099-01-01 10:00")
    assert (status, "no topic 'nonsense'; there are: kbli, " in said) == (1, True)

    soon = in_a_month()
    status, said = run(
        tmp_path, capsys, *what[:-1], soon, "--name", "Sari", "--note", "NIB 9120", "--minutes", "20"
    )
    assert status == 0, said
    found = re.search(r"Appointment ([0-9a-f]{8}): .*\n(http\S+/panggilanvideo\?janji=[\w-]{44})\n", said)
    assert found, said
    status, said = run(tmp_path, capsys)
    assert re.search(rf"{found[1]} early +{soon} kbli +console +Sari", said), said

    assert run(tmp_path, capsys, "cancel", "0000")[0] == 1
    status, said = run(tmp_path, capsys, "cancel", found[1])
    assert status == 0, said
    assert re.search(rf"{found[1]} cancelled", run(tmp_path, capsys)[1])


def in_a_month() -> str:
    return f"{datetime.now(JAKARTA) + timedelta(days=30):%Y-%m-%d %H:%M}"


def test_a_moment_is_in_the_time_of_the_centre() -> None:
    assert begins_at("2026-11-27 00:10", JAKARTA) == begins_at("2026-11-26 17.10", ZoneInfo("UTC"))


@pytest.mark.parametrize(
    "text", ["", "10:00", "2026-13-01 10:00", "2026-11-27 24:01", "2026-11-27T10:00", "x" * 99]
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="--at"):
        begins_at(text, JAKARTA)
