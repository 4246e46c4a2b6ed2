"""Appointments for a video call: when one is good, and the signed link that leads to it. Pure.

A link has a token of 44 characters: a version, the appointment's random id, and the beginning of an HMAC over both. It
says nothing of the visitor, and nobody who lacks the installation's secret can make one. What was agreed stands in the
database (``AppointmentBook``), so an appointment can be listed, cancelled and used up.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType, Protocol

import msgspec

from core.ids import InteractionId

AppointmentId = NewType("AppointmentId", str)
"""32 hexadecimal digits, by chance."""

_VERSION: Final = b"\x01"
_ID: Final = 16
_PROOF: Final = 16
"""Bytes. With the version they are a multiple of three: every bit of the text counts."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{44}")


class Standing(StrEnum):
    """What an appointment is good for now."""

    EARLY = "early"
    OPEN = "open"
    """Its visitor may come."""
    RUNNING = "running"
    """Its visitor is in line or in the call."""
    LATE = "late"
    USED = "used"
    """The visitor was there, and the visit is over."""
    CANCELLED = "cancelled"


class Appointment(msgspec.Struct, frozen=True):
    """Who may come when, and what for. Times: milliseconds since 1970 UTC."""

    id: AppointmentId
    topic: str
    """A topic's id (``config/centre/video.yaml``)."""
    language: str
    begins_at: int
    ends_at: int
    opens_at: int
    """From then on the visitor may come, and goes ahead in line."""
    closes_at: int
    """From then on the link is worth nothing."""
    made_at: int
    made_by: str
    """An account's name, or ``console``."""
    name: str = ""
    """The visitor's. Personal data: never logged."""
    note: str = ""
    """For the agent: a case number, what it is about. Personal data: never logged."""
    cancelled_at: int | None = None
    cancelled_by: str = ""
    visit: InteractionId | None = None
    """The visit in which it was last used."""
    served: bool = False
    """Whether that visit came to an agent or to a promised call: only then the appointment is used up. Who was cut off
    while waiting may come again."""


@dataclass(frozen=True, slots=True)
class AppointmentRules:
    """What the centre says of appointments (``video.yaml``)."""

    priority: int = 20
    """Points in line; each goes ahead of 60 s of waiting."""
    length_ms: int = 30 * 60_000
    before_ms: int = 10 * 60_000
    """So long before the begin a visitor may come."""
    after_ms: int = 15 * 60_000
    """So long after the end a visitor may still come."""


class AppointmentBook(Protocol):
    """Keeps appointments."""

    async def add(self, appointment: Appointment) -> None:
        """Write down a new one."""
        ...

    async def find(self, id_: AppointmentId) -> Appointment | None:
        """Return an appointment."""
        ...

    async def of_visit(self, visit: InteractionId) -> Appointment | None:
        """Return by which appointment a visitor came."""
        ...

    async def all(self, since: int, by: str | None, limit: int) -> Sequence[Appointment]:
        """Return those that close at ``since`` or later, the first first; ``by`` who made them, or None for all."""
        ...

    async def take(self, id_: AppointmentId, visit: InteractionId) -> bool:
        """Note that its visitor comes with this visit; return False if it was cancelled."""
        ...

    async def cancel(self, id_: AppointmentId, by: str, at: int) -> None:
        """Cancel it, unless it is cancelled already."""
        ...


def standing(appointment: Appointment, now: int, *, live: bool) -> Standing:
    """Return how an appointment stands at ``now``; ``live``: its visit goes on."""
    if live:
        return Standing.RUNNING
    if appointment.cancelled_at is not None:
        return Standing.CANCELLED
    if appointment.served:
        return Standing.USED
    if now < appointment.opens_at:
        return Standing.EARLY
    return Standing.OPEN if now < appointment.closes_at else Standing.LATE


def key_of(secret: str) -> bytes:
    """Return the key of an installation's links. ``secret`` is the installation's."""
    return hmac.digest(secret.encode(), b"appointments", "sha256")


def token_of(key: bytes, id_: AppointmentId) -> str:
    """Return what the link to an appointment bears."""
    named = _VERSION + bytes.fromhex(id_)
    return base64.urlsafe_b64encode(named + _proof(key, named)).decode()


def appointment_of(key: bytes, token: str) -> AppointmentId | None:
    """Return which appointment a token is for, or None: one that is forged, cut off or of another kind."""
    if not _TOKEN.fullmatch(token):
        return None
    raw = base64.urlsafe_b64decode(token)
    named, proof = raw[: 1 + _ID], raw[1 + _ID :]
    if not hmac.compare_digest(proof, _proof(key, named)) or named[:1] != _VERSION:
        return None
    return AppointmentId(named[1:].hex())


def _proof(key: bytes, named: bytes) -> bytes:
    return hmac.digest(key, named, "sha256")[:_PROOF]
