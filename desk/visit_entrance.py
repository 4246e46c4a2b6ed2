"""By what a visitor comes in: a topic, a place on the telephone, or an appointment."""

from __future__ import annotations

import asyncio
from typing import Final

from core.errors import Gone, TryLater
from core.ids import InteractionId
from desk.appointment_ports import validity_now
from desk.desk import Desk
from desk.errors import Answered, invalid, unknown
from desk.visit_model import Agreed, NewVisit
from desk.visit_ports import Lobby, Place, Places
from video.appointment import Appointment, Validity
from video.visit import Destination

_ADMITTED: Final = (Validity.OPEN, Validity.RUNNING)
_TELLING: Final = (Validity.EARLY, *_ADMITTED)
_WHY: Final = {
    Validity.EARLY: "it is too early for this appointment",
    Validity.LATE: "the time of this appointment is over",
    Validity.USED: "this appointment was used",
    Validity.CANCELLED: "this appointment was cancelled",
}


class Entrance:
    """Says where a visitor goes, or why not."""

    def __init__(self, desk: Desk, lobby: Lobby, places: Places) -> None:
        self._desk = desk
        self._lobby = lobby
        self._places = places
        self._appointments = desk.outside.appointments
        self.one_by_one = asyncio.Lock()
        """Held while somebody comes by an appointment: two pages with one link make one visit."""

    def destination(self, body: NewVisit, appointment: Appointment | None, address: str) -> Destination:
        """Return where a visitor goes. Raises Answered."""
        if body.code:
            place = self.place(body.code, address)
            return Destination(place.queue, place.needs, place.id)
        found = None
        if appointment is not None:
            found = self._lobby.destination(appointment.topic, body.language)
        # What was agreed may be no topic of the centre any more.
        found = found or self._lobby.destination(body.topic, body.language)
        if found is None:
            raise invalid("the centre has no such topic or language", "topic")
        return found if appointment is None else found._replace(priority=self._appointments.priority)

    def place(self, code: str, address: str) -> Place:
        """Return the place that a code stands for. Raises Answered 410 or 429."""
        try:
            return self._places.find(code, address)
        except Gone as error:
            raise Answered(410, "code", str(error), key="code") from None
        except TryLater as error:
            raise Answered(429, "codes", str(error), key="code", after_s=error.after_s) from None

    # --- appointments --------------------------------------------------------------------------------------

    async def agreed(self, token: str) -> Agreed:
        """Return what a visitor may know of an appointment. Raises Answered 404 for a link that we did not make."""
        it = await self._found(token)
        validity = validity_now(self._desk.live.engine, it, self._desk.clock.now_ms())
        telling = validity in _TELLING
        return Agreed(
            validity=validity,
            begins_at=it.begins_at,
            ends_at=it.ends_at,
            opens_at=it.opens_at,
            closes_at=it.closes_at,
            name=it.name if telling else "",
            topic=it.topic if telling else "",
            language=it.language,
        )

    async def admitted(self, token: str) -> tuple[Appointment, bool]:
        """Return the appointment of somebody who may come now, and whether its visit goes on already.

        Raises Answered: 404 for a link that we did not make, 409 before its time, 410 when it is worth nothing.
        """
        it = await self._found(token)
        validity = validity_now(self._desk.live.engine, it, self._desk.clock.now_ms())
        if validity not in _ADMITTED:
            raise _refused(validity)
        return it, validity is Validity.RUNNING

    async def taken(self, appointment: Appointment, visit: InteractionId) -> None:
        """Note that the visitor comes. Raises Answered if the appointment was cancelled at this moment."""
        if not await self._appointments.book.take(appointment.id, visit):
            raise _refused(Validity.CANCELLED)

    async def _found(self, token: str) -> Appointment:
        id_ = self._appointments.named(token)
        found = None if id_ is None else await self._appointments.book.find(id_)
        if found is None:
            # Forged, cut off, or forgotten long ago.
            raise unknown("appointment")
        return found


def _refused(validity: Validity) -> Answered:
    status = 409 if validity is Validity.EARLY else 410
    return Answered(status, f"appointment_{validity.value}", _WHY[validity], key="appointment")
