"""`sambung ivr`: the shipped menu drawn, and walked by what is typed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from sambung.cli import main

OPEN, CLOSED = "2026-11-25 10:00", "2026-12-23 19:30"


def walked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, at: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert main(["ivr", "try", "--dialled", "169", "--at", at]) == 0
    return capsys.readouterr().out


def test_a_call_in_hours_is_walked_to_a_promised_callback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = walked(monkeypatch, capsys, "2\n1\n\n\n1\n1\n\n", OPEN)
    assert "(joins the line licensing: language en, asks language-en 1, priority 0)" in said
    assert "You are in line at number three The expected wait is up to four minutes." in said
    assert "You are in line at number two The expected wait is up to three minutes." in said
    assert "(a callback to 081234567890, in the line licensing)" in said
    assert said.rstrip().endswith("End: callback, at callback.")


def test_a_business_number_is_read_back_and_corrected(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = walked(monkeypatch, capsys, "1\n3\n1234567890123\n2\n9120001234567\n1\nquit\n", OPEN)
    assert "Anda memasukkan satu dua tiga empat lima enam tujuh delapan sembilan nol satu dua tiga" in said
    assert "(joins the line technical: language id, asks oss-technical 1, priority 0)" in said
    assert said.rstrip().endswith("Variables: nib = 9120001234567")


def test_whoever_calls_at_night_hears_when_the_office_opens_and_leaves_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = walked(monkeypatch, capsys, "2\n\n", CLOSED)
    # Christmas Eve is joint leave, Christmas a holiday: the next working day is Monday.
    assert "Kami buka kembali hari Senin pukul delapan" in said
    assert "We open again on Monday at eight a m" in said
    assert said.rstrip().endswith("End: voicemail, at voicemail.")


def test_a_survey_is_asked_after_a_licensing_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = walked(monkeypatch, capsys, "1\n1\nagent\nover\n5\n10\n", OPEN)
    assert "(answers csat: 5)" in said
    assert "(answers nps: 10)" in said
    assert said.rstrip().endswith("End: handled, at thanks.")


def test_what_makes_no_sense_where_the_caller_is_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = walked(monkeypatch, capsys, "agent\nhello\nquit\n", OPEN)
    assert "? agent: not now" in said
    assert "? hello: not now" in said
    assert "End: you hung up." in said


def test_the_emergency_switch_is_heard_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ivr", "try", "--at", OPEN, "--closed", "technical"]) == 0
    said = capsys.readouterr().out
    assert "layanan kami sedang ditutup sementara. Sistem kami sedang dalam perbaikan." in said
    assert "Our system is under repair." in said
    assert said.rstrip().endswith("End: deflected, at emergency.")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["try", "--at", "teatime"], "write it as"),
        (["try", "nope"], "unknown menu"),
        (["draw", "nope"], "unknown menu"),
    ],
)
def test_what_cannot_be_done_is_said(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert main(["ivr", *arguments]) == 1
    assert says in capsys.readouterr().err


def test_the_shipped_menu_is_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["ivr", "draw"]) == 0
    drawn = capsys.readouterr().out
    assert "licensing  [queue]  licensing" in drawn
    assert "after the conversation → survey  [survey]  csat 1-5, nps 0-10" in drawn
    assert main(["ivr", "draw", "--dot"]) == 0
    assert capsys.readouterr().out.startswith('digraph "main"')
    file = tmp_path / "menu.svg"
    assert main(["ivr", "draw", "--svg", str(file)]) == 0
    assert file.read_text(encoding="utf-8").startswith("<svg ")
    assert main(["ivr", "draw", "--svg", str(tmp_path / "no" / "menu.svg")]) == 1
