"""What calls need of the database, put together: the way to telephones outside, and voicemail."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from core.clock import Clock
from desk.model import Notice
from pbx.ari import Ari
from pbx.dial_out import Day, DialRow, Outside
from pbx.outbound import for_trunk
from pbx.outbound_model import CallbackRules, OutboundRules
from pbx.voicemail import Messages
from pbx.wire import APP
from sambung.centre import Centre
from sambung.settings import Settings
from store.database import Database, parse
from store.desk_record import SqlRecord
from store.dials import SqlDials
from store.voicemails import SqlVoicemails
from workforce.accounts import Act


class Calendar:
    """The centre's day as it is now: the files may be read again meanwhile."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre

    def use(self, centre: Centre) -> None:
        """Go by the zone and the business hours of ``centre`` from here on."""
        self._centre = centre

    def day(self) -> Day:
        """Return what calls to the outside ask of it."""
        return Day(self._midnight, self._is_open)

    def _midnight(self, now: int) -> int:
        local = datetime.fromtimestamp(now / 1000, self._centre.zone)
        return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)

    def _is_open(self, hours: str, now: int) -> bool:
        # The check lets no other hours through.
        return hours in self._centre.hours and self._centre.surroundings(now).is_open(hours)


class Lines(NamedTuple):
    """What calls are given beside the line."""

    outside: Outside
    messages: Messages
    calendar: Calendar


def outbound_rules(settings: Settings) -> OutboundRules:
    """Return the rules of outgoing calls, with what the trunk adds to them."""
    return for_trunk(settings.outbound, settings.asterisk.trunk.numbers)


def callback_rules(settings: Settings, centre: Centre) -> CallbackRules:
    """Return how callbacks are made, in the centre's languages."""
    return replace(settings.callback, languages=tuple(centre.languages))


@asynccontextmanager
async def open_lines(settings: Settings, centre: Centre, ari: Ari, clock: Clock) -> AsyncIterator[Lines]:
    """Open what is remembered of dials and messages, while the block lasts. The tables are there already."""
    database = Database(parse(settings.database))
    calendar = Calendar(centre)
    recorded, prompts = settings.messages, settings.asterisk.prompts
    try:
        yield Lines(
            Outside(ari, APP, SqlDials(database), outbound_rules(settings), clock, calendar.day()),
            Messages(ari, SqlVoicemails(database), recorded, prompts, clock),
            calendar,
        )
    finally:
        await database.close()


def off_hours_alarm(
    record: SqlRecord, tell: Callable[[Notice], None]
) -> Callable[[DialRow], Awaitable[None]]:
    """Return what tells supervisors of a call that leaves outside business hours: at once, and in the audit."""

    async def alarm(row: DialRow) -> None:
        tell(Notice("call_out_of_hours", row.interaction, by=row.agent, urgent=True))
        await record.note(Act(row.at, row.agent, "agent", "call-out-of-hours", row.interaction, 200))

    return alarm
