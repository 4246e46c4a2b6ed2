"""Who hears of a call that leaves outside business hours."""

from __future__ import annotations

from typing import cast

from core.ids import AgentId, InteractionId, LegId
from desk.model import Notice
from pbx.dial_out import DialRow
from pbx.outbound_model import Number
from sambung.outside import off_hours_alarm
from store.desk_record import SqlRecord
from workforce.accounts import Act

CALL = InteractionId("c" * 32)


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
