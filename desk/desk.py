"""All that requests are served from, in one value; assembled by the application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from acd.engine import Engine
from core.clock import Clock
from desk.appointment_ports import Appointments
from desk.customer_ports import Customers
from desk.directory import Directory
from desk.feed import Feed
from desk.gate import Entry, Gate
from desk.passwords import Passwords
from desk.policy import Who
from desk.ports import Accounts, Audit, Calls, Closure, Devices, History, Offers, TryOut
from desk.presence import Presence
from desk.repeats import Repeats
from desk.ring import Ring
from desk.routes import Route
from desk.stream import Streams
from desk.views import Views
from desk.voicemail_ports import Box


@dataclass(frozen=True, slots=True)
class Outside:
    """What is filled by other folders."""

    accounts: Accounts
    audit: Audit
    calls: Calls
    offers: Offers
    devices: Devices
    closure: Closure
    history: History
    customers: Customers
    voicemails: Box
    try_out: TryOut
    appointments: Appointments


@dataclass(frozen=True, slots=True)
class Live:
    """What screens are shown."""

    engine: Engine
    directory: Directory
    views: Views
    ring: Ring
    feed: Feed
    presence: Presence
    streams: Streams


@dataclass(frozen=True, slots=True)
class Desk:
    """The interface's parts."""

    live: Live
    outside: Outside
    gate: Gate
    passwords: Passwords
    repeats: Repeats
    clock: Clock
    wall_token: str
    """What the wallboard's screen shows instead of signing in."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, read and allowed."""

    route: Route
    who: Who
    entry: Entry | None
    """None for the wall, and before somebody is signed in."""
    values: Mapping[str, str]
    """From the path."""
    query: Mapping[str, str]
    body: Any
    """Of the route's type."""
    key: str = ""
    """The Idempotency-Key: ids of what is made are made from it, so that it is made once."""
    address: str = ""
    device: str = ""


class Reply(NamedTuple):
    """An answer with a cookie to set, or with an empty one to remove."""

    value: Any
    cookie: str


class Blob(NamedTuple):
    """An answer that is no JSON."""

    content: bytes
    kind: str
    """Its media type."""


class File(NamedTuple):
    """An answer that is a file, or the part of it that was asked for."""

    path: Path
    kind: str
    """Its media type."""


class Handler(Protocol):
    """Does what a route says and returns the answer, a ``Reply``, a ``Blob`` or a ``File``. Raises SambungError."""

    async def __call__(self, ask: Ask) -> Any:
        """Do it."""
        ...
