"""Appointments for video calls, as staff make, see and cancel them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from core.ids import InteractionId
from desk import bodies as b
from desk.appointment_model import AppointmentInfo, NewAppointment
from desk.appointment_ports import validity_now
from desk.desk import Ask, Desk, Handler
from desk.errors import Answered, invalid, unknown
from desk.policy import Right, may
from video.appointment import Appointment, AppointmentId, NotAgreed, Validity, Wish

_LIMIT: Final = 50
_DAY_MS: Final = 86_400_000
_DONE: Final[Mapping[Validity, str]] = {
    Validity.RUNNING: "its visitor is here",
    Validity.USED: "its visitor was here",
    Validity.LATE: "its time is over",
}


class AppointmentRoutes:
    """Whoever does not lead sees and cancels only what that person made."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._appointments = desk.outside.appointments

    def handlers(self) -> Mapping[str, Handler]:
        """Return what serves each route, by its name."""
        return {
            "appointment-make": self._make,
            "appointments": self._all,
            "appointment-cancel": self._cancel,
            "contact-appointment": self._of_contact,
        }

    async def _make(self, ask: Ask) -> AppointmentInfo:
        body: NewAppointment = ask.body
        wish = Wish(**msgspec.structs.asdict(body))
        try:
            return self._info(await self._appointments.make(wish, ask.who.user))
        except NotAgreed as error:
            raise invalid(str(error), error.key) from None

    async def _all(self, ask: Ask) -> Sequence[AppointmentInfo]:
        since = self._desk.clock.now_ms() - _DAY_MS
        by = None if may(ask.who, Right.LEAD) else ask.who.user
        limit = int(ask.query.get("limit", _LIMIT))
        return [self._info(each) for each in await self._appointments.book.all(since, by, limit)]

    async def _cancel(self, ask: Ask) -> b.Done:
        book, now = self._appointments.book, self._desk.clock.now_ms()
        found = await book.find(AppointmentId(ask.values["appointment"]))
        if found is None or (found.made_by != ask.who.user and not may(ask.who, Right.LEAD)):
            # Somebody else's and none at all look alike.
            raise unknown("appointment")
        if (why := _DONE.get(validity_now(self._desk.live.engine, found, now))) is not None:
            raise Answered(409, "conflict", f"this appointment cannot be cancelled any more: {why}")
        await book.cancel(found.id, ask.who.user, now)
        return b.Done()

    async def _of_contact(self, ask: Ask) -> AppointmentInfo:
        found = await self._appointments.book.of_visit(InteractionId(ask.values["id"]))
        if found is None:
            raise unknown("appointment")
        return self._info(found)

    def _info(self, it: Appointment) -> AppointmentInfo:
        return AppointmentInfo(
            id=it.id,
            link=self._appointments.link(it.id),
            validity=validity_now(self._desk.live.engine, it, self._desk.clock.now_ms()),
            topic=it.topic,
            language=it.language,
            begins_at=it.begins_at,
            ends_at=it.ends_at,
            opens_at=it.opens_at,
            closes_at=it.closes_at,
            name=it.name,
            note=it.note,
            made_at=it.made_at,
            made_by=it.made_by,
            cancelled_at=it.cancelled_at,
            cancelled_by=it.cancelled_by,
            visit=it.visit,
        )
