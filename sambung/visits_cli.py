"""``sambung visits``: appointments for video calls, from the command line. Works while nothing runs, too."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from core.clock import Clock, SystemClock
from core.errors import Gone, Refused
from pbx.secrets import load
from sambung.appointments import CONSOLE, AppointmentDesk, Links
from sambung.centre import Centre
from sambung.settings import Settings
from store.appointments import SqlAppointments
from store.database import Database, parse
from store.desk_record import SqlRecord
from store.migrate import upgrade
from video.appointment import Appointment, AppointmentId, Validity, Wish, validity
from workforce.accounts import Act

_AT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{1,2}[:.][0-9]{2}")
_ID: Final = re.compile(r"[0-9a-f]{8,32}")
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_LISTED: Final = 200


async def visits(settings: Settings, centre: Centre, arguments: argparse.Namespace) -> int:
    """Do one action and return the exit status. Raises Refused or Gone with what is wrong."""
    database = Database(parse(settings.database))
    links = Links(load(settings.home).agents, settings.web.address)
    try:
        await upgrade(database.engine)
        await Appointing(database, links, centre, SystemClock()).run(arguments)
    finally:
        await database.close()
    return 0


class Appointing:
    """Makes, lists and cancels appointments; each change is in the audit."""

    def __init__(self, database: Database, links: Links, centre: Centre, clock: Clock) -> None:
        self._book = SqlAppointments(database)
        self._record = SqlRecord(database)
        self._links = links
        self._centre = centre
        self._clock = clock

    async def run(self, given: argparse.Namespace) -> None:
        """Do what the command line says."""
        match given.action:
            case "invite":
                await self._invite(given)
            case "cancel":
                await self._cancel(given.id or "")
            case _:
                since = self._clock.now_ms() - _DAY_MS
                _print(self._table(await self._book.all(since, None, _LISTED)))

    async def _invite(self, given: argparse.Namespace) -> None:
        wish = Wish(
            topic=given.topic,
            begins_at=begins_at(given.at, self._centre.zone),
            language=given.language,
            length_ms=None if given.minutes is None else given.minutes * _MINUTE_MS,
            before_ms=None if given.before is None else given.before * _MINUTE_MS,
            after_ms=None if given.after is None else given.after * _MINUTE_MS,
            name=given.name[:80],
            note=given.note[:500],
        )
        desk = AppointmentDesk(self._book, self._links, lambda: self._centre, self._clock)
        made = await desk.make(wish, CONSOLE)
        await self._audit("appointment-make", made)
        opens, closes = self._local(made.opens_at), self._local(made.closes_at)
        _print(
            [
                f"Appointment {made.id[:8]}: {self._local(made.begins_at)}. "
                f"The link is good from {opens} to {closes}, {self._centre.zone}.",
                desk.link(made.id),
            ]
        )

    async def _cancel(self, start: str) -> None:
        if not _ID.fullmatch(start):
            raise Refused("which one? `sambung visits cancel ID`; `sambung visits` lists them")
        known = await self._book.all(self._clock.now_ms(), None, _LISTED)
        found = [each for each in known if each.id.startswith(start)]
        if len(found) != 1:
            raise Gone(f"no appointment to come begins with {start}; `sambung visits` lists them")
        if found[0].served:
            raise Refused("its visitor was here already")
        await self._book.cancel(AppointmentId(found[0].id), CONSOLE, self._clock.now_ms())
        await self._audit("appointment-cancel", found[0])
        _print([f"Appointment {found[0].id[:8]} is cancelled; its link leads nowhere any more."])

    async def _audit(self, action: str, about: Appointment) -> None:
        act = Act(self._clock.now_ms(), CONSOLE, "", action, about.id, 200)
        await self._record.note(act)

    def _table(self, found: Sequence[Appointment]) -> Iterator[str]:
        yield f"{'id':8} {'state':9} {'begins':16} {'topic':24} {'made by':12} name"
        for one in found:
            # What is live only the running centre knows.
            state = validity(one, self._clock.now_ms(), live=False)
            word = "came" if one.visit and state is Validity.OPEN else state.value
            begins = self._local(one.begins_at)
            yield f"{one.id[:8]:8} {word:9} {begins:16} {one.topic:24} {one.made_by:12} {one.name}"

    def _local(self, at: int) -> str:
        return f"{datetime.fromtimestamp(at / 1_000, self._centre.zone):%Y-%m-%d %H:%M}"


def begins_at(text: str, zone: ZoneInfo) -> int:
    """Return a moment written ``2026-11-27 10:00`` in the centre's time, in milliseconds UTC. Raises Refused."""
    try:
        if _AT.fullmatch(text):
            local = datetime.strptime(text.replace(".", ":"), "%Y-%m-%d %H:%M").replace(tzinfo=zone)
            return int(local.timestamp() * 1_000)
    except (ValueError, OverflowError):
        pass
    raise Refused('--at "2026-11-27 10:00", in the time of the centre')


def _print(lines: Iterable[str]) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
