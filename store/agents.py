"""An agent's day from the changes of its facts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from core.ids import AgentId
from store.views import AgentDay


class Activity(NamedTuple):
    """An agent's facts from ``at`` on."""

    at: int
    signed_in: bool
    ready: bool
    reason: str
    reach: tuple[str, ...]


class Work(NamedTuple):
    """What an agent did."""

    answered: int = 0
    not_taken: int = 0
    talk_ms: int = 0
    hold_ms: int = 0
    wrap_ms: int = 0
    consult_ms: int = 0


def day(agent: AgentId, changes: Sequence[Activity], work: Work, since: int, now: int) -> AgentDay:
    """Add up the time from ``since`` to ``now``. The first of ``changes`` may lie before ``since``."""
    nothing = Activity(since, False, False, "", ())
    signed_in_ms = ready_ms = 0
    for facts, following in pairwise([*changes, nothing._replace(at=now)]):
        span = following.at - max(facts.at, since)
        signed_in_ms += span if facts.signed_in else 0
        ready_ms += span if facts.signed_in and facts.ready else 0
    last = changes[-1] if changes else nothing
    return AgentDay(
        agent=agent,
        signed_in=last.signed_in,
        ready=last.ready,
        reason=last.reason,
        reach=last.reach,
        since=last.at,
        signed_in_ms=signed_in_ms,
        ready_ms=ready_ms,
        **work._asdict(),
    )
