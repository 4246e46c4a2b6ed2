"""Who may do what: the one authoriser, for requests and for the stream. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from core.ids import AgentId
from desk.model import Topic
from workforce.accounts import Role


class Right(StrEnum):
    """A kind of doing, given to roles and never to single people."""

    SELF = "self"
    """One's own account and sessions, and what everybody sees."""
    WORK = "work"
    """Take contacts. Needs a place in the line (``User.agent``) too."""
    WATCH = "watch"
    """See every agent, live."""
    CONTACTS = "contacts"
    """See every live contact."""
    REVIEW = "review"
    """Read what is written down of any contact, and why it went where it went."""
    LISTEN = "listen"
    """Hear a call unheard."""
    STEP_IN = "step_in"
    """Be heard in a call, or take it over."""
    INVITE = "invite"
    """Make appointments for video calls."""
    HEAR = "hear"
    """Hear messages that callers left: agents those in their own queues."""
    ANSWER = "answer"
    """Finish such a message, or put it back."""
    LEAD = "lead"
    """Move waiting contacts, change agents' intent, send notes."""
    RULE = "rule"
    """Change queues, end what is stuck, close the centre."""
    SHOW = "show"
    """The wallboard's figures."""
    ADMINISTER = "administer"
    """Accounts, and the record of what everybody did."""


_EVERYBODY: Final = frozenset(Role)
_LEADING: Final = frozenset({Role.LEADER, Role.SUPERVISOR})

HOLDERS: Final[Mapping[Right, frozenset[Role]]] = {
    Right.SELF: _EVERYBODY,
    Right.SHOW: _EVERYBODY,
    Right.WORK: _LEADING | {Role.AGENT},
    Right.WATCH: _LEADING | {Role.ADMIN, Role.QA},
    Right.CONTACTS: _LEADING,
    Right.REVIEW: _LEADING | {Role.QA},
    Right.LISTEN: _LEADING | {Role.QA},
    Right.STEP_IN: _LEADING,
    Right.INVITE: _LEADING | {Role.AGENT},
    Right.HEAR: _LEADING | {Role.AGENT, Role.QA},
    Right.ANSWER: _LEADING | {Role.AGENT},
    Right.LEAD: _LEADING,
    Right.RULE: frozenset({Role.SUPERVISOR}),
    Right.ADMINISTER: frozenset({Role.ADMIN}),
}
"""Which roles have a right."""

TOPICS: Final[Mapping[Topic, Right]] = {
    Topic.DESK: Right.WORK,
    Topic.CENTRE: Right.SELF,
    Topic.QUEUES: Right.SELF,
    Topic.COLLEAGUES: Right.WORK,
    Topic.AGENTS: Right.WATCH,
    Topic.CONTACTS: Right.CONTACTS,
    Topic.WALLBOARD: Right.SHOW,
}
"""What a stream's topic needs."""


class Own(StrEnum):
    """How a right depends on whose contact it is."""

    ANY = "any"
    """It does not."""
    MUST = "must"
    """Only one's own: the right is needed, and to have the contact now."""
    MAY = "may"
    """One's own too: the right, or to work and to have had the contact."""
    NOW = "now"
    """One's own too, as long as one has it: the right, or to work and to be offered or have the contact."""


class Who(NamedTuple):
    """Somebody who asks: a person signed in, a machine, or the screen on the wall (``role`` None)."""

    user: str
    role: Role | None
    agent: AgentId | None = None
    session: str = ""


WALL: Final = Who(user="wallboard", role=None)
"""Whoever shows the wallboard's fixed token."""


class Denial(StrEnum):
    """Why not."""

    ROLE = "forbidden"
    NO_AGENT = "no_agent"
    """The account has no place in the line."""
    NOT_YOURS = "not_yours"


def may(who: Who, right: Right) -> bool:
    """Whether somebody has a right at all."""
    if who.role is None:
        return right is Right.SHOW
    return who.role in HOLDERS[right] and (right is not Right.WORK or who.agent is not None)


def rights(who: Who) -> tuple[Right, ...]:
    """Return every right somebody has, in the order in which they are defined."""
    return tuple(right for right in Right if may(who, right))


def topics(who: Who) -> tuple[Topic, ...]:
    """Return every topic somebody may have."""
    return tuple(topic for topic in Topic if may(who, TOPICS[topic]))


def denied(who: Who, right: Right, own: Own = Own.ANY, *, has: bool = False) -> Denial | None:
    """Return why somebody may not, or None if it is allowed.

    ``has``: whether this person has the contact in question (``Own.MUST``, ``Own.NOW``), or ever had it
    (``Own.MAY``).
    """
    if own in (Own.MAY, Own.NOW) and has and may(who, Right.WORK):
        return None
    if not may(who, right):
        lacks_agent = right is Right.WORK and who.role in HOLDERS[right]
        return Denial.NO_AGENT if lacks_agent else Denial.ROLE
    return Denial.NOT_YOURS if own is Own.MUST and not has else None
