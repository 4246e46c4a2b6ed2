"""What the desk and visitors' pages need of appointments."""

from __future__ import annotations

from typing import Protocol

from acd.engine import Engine
from acd.model import Phase
from video.appointment import Appointment, AppointmentBook, AppointmentId, Validity, Wish, validity


class Appointments(Protocol):
    """Makes appointments and the links to them."""

    @property
    def book(self) -> AppointmentBook:
        """Where they are kept."""
        ...

    @property
    def priority(self) -> int:
        """Points in line of who has one."""
        ...

    async def make(self, wish: Wish, by: str) -> Appointment:
        """Agree and write down. Raises ``video.appointment.NotAgreed``, or Refused where there are no video calls."""
        ...

    def link(self, id_: AppointmentId) -> str:
        """Return the address for the visitor."""
        ...

    def named(self, token: str) -> AppointmentId | None:
        """Return which appointment a link's token is for, or None for one that we did not make."""
        ...


def validity_now(engine: Engine, appointment: Appointment, now: int) -> Validity:
    """Return how an appointment stands, by whether its visitor is in line or in the call."""
    contact = None if appointment.visit is None else engine.state.interaction(appointment.visit)
    return validity(appointment, now, live=contact is not None and contact.phase is not Phase.WRAPPING)
