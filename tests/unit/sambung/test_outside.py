"""Who hears of a call that leaves outside business hours, and by which calendar it does."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from core.ids import AgentId, InteractionId, LegId
from desk.model import Notice
from pbx.dial_out import DialRow
from pbx.outbound_model import Number
from sambung.centre import load_centre
from sambung.outside import Calendar, off_hours_alarm
from store.desk_record import SqlRecord
from tests.unit.sambung.mistakes import SHIPPED, Mistake, change, copy, found
from workforce.accounts import Act

CALL = InteractionId("c" * 32)
EVENING = 1_795_608_000_000
"""2026-11-25, a Wednesday, 19:00 in Jakarta."""


class Record:
    """The audit."""

    def __init__(self) -> None:
        self.acts: list[Act] = []

    async def note(self, act: Act) -> None:
        self.acts.append(act)


async def test_a_call_out_of_hours_is_on_the_screens_at_once_and_in_the_audit() -> None:
    record, told = Record(), list[Notice]()
    alarm = off_hours_alarm(cast(SqlRecord, record), told.append)
    await alarm(DialRow(LegId("out"), CALL, AgentId("ag101"), 7, Number("+628123456789"), off_hours=True))
    assert told == [Notice("call_out_of_hours", CALL, by="ag101", urgent=True)]
    assert [(act.action, act.target) for act in record.acts] == [("call-out-of-hours", CALL)]


def test_the_alarm_goes_by_the_calendar_that_was_read_last(tmp_path: Path) -> None:
    config = copy(tmp_path)
    calendar = Calendar(load_centre(config / "centre"))
    day = calendar.day()
    assert not day.is_open("office", EVENING)
    assert day.is_open("office", EVENING - 8 * 3_600_000)
    change(config, Mistake("centre/hours.yaml", "mon-fri: 08:00-17:00", "mon-fri: 08:00-20:00", "", ""))
    change(config, Mistake("centre/centre.yaml", "zone: Asia/Jakarta", "zone: Asia/Jayapura", "", ""))
    midnight = day.midnight(EVENING)
    calendar.use(load_centre(config / "centre"))
    # It is 21:00 in Jayapura, two hours ahead.
    assert not day.is_open("office", EVENING)
    assert day.is_open("office", EVENING - 2 * 3_600_000)
    assert day.midnight(EVENING) == midnight - 2 * 3_600_000


def test_hours_that_nobody_knows_count_as_closed() -> None:
    """A false alarm is heard and mended; an alarm that never comes is not."""
    calendar = Calendar(load_centre(SHIPPED / "centre", always_open=True))
    assert not calendar.day().is_open("offise", EVENING)


def test_hours_of_the_alarm_that_are_not_there_are_refused_where_they_are_named(tmp_path: Path) -> None:
    config = copy(tmp_path)
    mistake = Mistake("sambung.toml", 'hours = "office"', 'hours = "offise"', "outbound.hours", "")
    line = change(config, mistake)
    (problem,) = found(config)
    assert (problem.file, problem.line, problem.key) == (str(config / "sambung.toml"), line, "outbound.hours")
    assert 'did you mean "office"?' in problem.message
    assert found(config, overrides={"outbound.hours": "walkin"}) == []
