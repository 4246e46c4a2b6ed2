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

from core.errors import Refused
from core.ids import InteractionId

AppointmentId = NewType("AppointmentId", str)
"""32 hexadecimal digits, by chance."""

_VERSION: Final = b"\x01"
_ID: Final = 16
_PROOF: Final = 16
"""Bytes. With the version they are a multiple of three: every bit of the text counts."""

SHORTEST_MS: Final = 5 * 60_000
LONGEST_MS: Final = 4 * 3_600_000
GRACE_MS: Final = 2 * 3_600_000
"""An appointment's length, and the time before and after it, at most."""

_AHEAD_MS: Final = 366 * 86_400_000

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{44}")


class Validity(StrEnum):
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


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody of the centre wants to agree with a visitor."""

    topic: str
    begins_at: int
    language: str
    length_ms: int | None = None
    before_ms: int | None = None
    after_ms: int | None = None
    """None: as the centre's rules say."""
    name: str = ""
    note: str = ""


class NotAgreed(Refused):
    """There can be no such appointment; ``key`` is what of the wish is wrong."""

    def __init__(self, message: str, key: str) -> None:
        super().__init__(message)
        self.key = key


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


def agreed(wish: Wish, rules: AppointmentRules, id_: AppointmentId, now: int, by: str) -> Appointment:
    """Return the appointment that is wished for. Raises NotAgreed for one that is over, too far away or too long."""
    length, before, after = (
        usual if wished is None else wished
        for wished, usual in (
            (wish.length_ms, rules.length_ms),
            (wish.before_ms, rules.before_ms),
            (wish.after_ms, rules.after_ms),
        )
    )
    if not SHORTEST_MS <= length <= LONGEST_MS:
        raise NotAgreed("an appointment takes 5 minutes to 4 hours", "length_ms")
    for key, grace in (("before_ms", before), ("after_ms", after)):
        if not 0 <= grace <= GRACE_MS:
            raise NotAgreed("at most 2 hours before and after an appointment", key)
    ends = wish.begins_at + length
    if ends <= now:
        raise NotAgreed("this time is over", "begins_at")
    if wish.begins_at > now + _AHEAD_MS:
        raise NotAgreed("at most a year from now", "begins_at")
    return Appointment(
        id=id_,
        topic=wish.topic,
        language=wish.language,
        begins_at=wish.begins_at,
        ends_at=ends,
        opens_at=wish.begins_at - before,
        closes_at=ends + after,
        made_at=now,
        made_by=by,
        name=wish.name.strip(),
        note=wish.note.strip(),
    )


def validity(appointment: Appointment, now: int, *, live: bool) -> Validity:
    """Return how an appointment stands at ``now``; ``live``: its visit goes on."""
    if live:
        return Validity.RUNNING
    if appointment.cancelled_at is not None:
        return Validity.CANCELLED
    if appointment.served:
        return Validity.USED
    if now < appointment.opens_at:
        return Validity.EARLY
    return Validity.OPEN if now < appointment.closes_at else Validity.LATE


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
