"""The people and machines that may sign in. Times are milliseconds UTC."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from core.ids import AgentId


class Role(StrEnum):
    """What somebody is here for. Everybody has exactly one."""

    AGENT = "agent"
    LEADER = "leader"
    """A team leader: an agent's work, and the team's."""
    QA = "qa"
    """Reviews finished contacts; changes nothing live."""
    SUPERVISOR = "supervisor"
    """Runs the room: everything live."""
    ADMIN = "admin"
    """Keeps accounts and settings."""


class User(msgspec.Struct, frozen=True):
    """An account. ``name`` is what is typed at sign-in."""

    name: str
    role: Role
    title: str = ""
    """The person's name as colleagues read it. Personal data: never logged."""
    agent: AgentId | None = None
    """Who this person is in the line; None for those who take no contacts."""
    language: str = "id"
    disabled: bool = False
    totp: bool = False
    """Whether a code is asked for at sign-in."""
    sso: str = ""
    """The person's subject at the identity provider; empty: no sign-in by it."""
    created_at: int = 0


class Secret(msgspec.Struct, frozen=True):
    """What proves that somebody is a user. Never leaves the sign-in."""

    password: str
    """An argon2 hash; empty: no sign-in by password."""
    totp: str = ""
    """The shared secret, base32; empty: none."""
    totp_step: int = 0
    """The last 30 s step whose code was used: it is not taken twice."""
    once: bool = False
    """Whether the password is good only for choosing another one."""


class Session(msgspec.Struct, frozen=True):
    """A signed-in browser. ``id`` may be shown; the cookie is another secret, of which a hash is kept."""

    id: str
    user: str
    created_at: int
    seen_at: int
    expires_at: int
    device: str = ""
    """The browser as it names itself, shortened."""
    address: str = ""


class Token(msgspec.Struct, frozen=True):
    """A machine's right to use the interface, in the name of ``user``."""

    id: str
    user: str
    label: str
    created_at: int
    expires_at: int


class Act(msgspec.Struct, frozen=True):
    """Something that somebody did, or was not let do."""

    at: int
    user: str
    role: str
    action: str
    target: str
    status: int
    """The answer's HTTP status: below 400, it was done."""
    detail: str = ""
    address: str = ""
    id: int = 0
    """Given by the store, in the order of writing."""
