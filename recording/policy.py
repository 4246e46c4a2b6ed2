"""What makes a recording good. Pure: measured facts in, problems out.

Levels are RMS in dBFS: 0 is a full-scale square wave, about -20 a clear voice, below -60 a leg on which
nobody is heard (the smallest step of A-law is near -72).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

TOLERANCE: Final = 0.01
TOLERANCE_MS: Final = 500
"""A recording may differ from its call by one per cent or by this, whichever is more."""

LEGS_MS: Final = 100
"""Two legs are written on one clock; so far apart they would be out of step for a listener."""

FLOOR_DB: Final = -100.0
SILENT_DB: Final = -60.0
TALK_MS: Final = 3_000
"""In a talk shorter than this a silent side proves nothing."""

UNSURE_CAUSES: Final = frozenset(
    {
        "unknown_restart",
        "asterisk_restarted",
        "fallback_answered",
        "fallback_abandoned",
        "fallback_nobody",
    }
)
"""Causes of an end that was noticed later than it happened (pbx.recover, sambung.link)."""


class Problem(StrEnum):
    """What is wrong with a recording."""

    NO_CUSTOMER = "no_customer"
    NO_AGENT = "no_agent"
    """The file of that leg is not there."""
    CUSTOMER_UNREADABLE = "customer_unreadable"
    AGENT_UNREADABLE = "agent_unreadable"
    """The file is not a WAV file with sound in it. It is kept."""
    LENGTH = "length"
    """Longer or shorter than the call."""
    LEGS_DIFFER = "legs_differ"
    CUSTOMER_SILENT = "customer_silent"
    AGENT_SILENT = "agent_silent"
    """Nothing is heard on that leg all through the talk."""
    CUT_OFF = "cut_off"
    """Asterisk ended before it could close the file; all that was written is there. Not a fault by itself."""


NOTES: Final = frozenset({Problem.CUT_OFF})
"""What is told but needs nobody."""


@dataclass(frozen=True, slots=True)
class Call:
    """The call that a recording is of, as the journal has it."""

    started_at: int
    ended_at: int
    """When the customer's leg ended."""
    exact: bool = True
    """Whether ``ended_at`` is when that happened, not when it was noticed."""
    talks: tuple[tuple[int, int], ...] = ()
    """When customer and agent were connected, from and to."""

    @property
    def ms(self) -> int:
        """How long it was."""
        return self.ended_at - self.started_at


@dataclass(frozen=True, slots=True)
class LegMeasure:
    """One leg's sound."""

    length_ms: int
    level_db: float
    """Over the whole length; ``FLOOR_DB`` is digital silence."""
    seconds: tuple[float, ...]
    """The level of each second; the last may be shorter."""
    closed: bool = True
    """Whether the file's header says how long it is."""


class Flaw(StrEnum):
    """Why a leg has no measure."""

    MISSING = "missing"
    UNREADABLE = "unreadable"


Leg = LegMeasure | Flaw


def judge(call: Call | None, customer: Leg, agent: Leg) -> tuple[Problem, ...]:
    """Return what is wrong. ``call`` is None for a recording that no journal entry belongs to."""
    problems = [
        *_flaw(customer, Problem.NO_CUSTOMER, Problem.CUSTOMER_UNREADABLE),
        *_flaw(agent, Problem.NO_AGENT, Problem.AGENT_UNREADABLE),
    ]
    legs = [leg for leg in (customer, agent) if isinstance(leg, LegMeasure)]
    cut_off = any(not leg.closed for leg in legs)
    if cut_off:
        problems.append(Problem.CUT_OFF)
    # After a crash the last buffer of either file is lost, and nobody saw the call's end.
    elif len(legs) == 2 and abs(legs[0].length_ms - legs[1].length_ms) > LEGS_MS:
        problems.append(Problem.LEGS_DIFFER)
    if call is None:
        return tuple(problems)
    if call.exact and not cut_off and any(_differs(leg.length_ms, call.ms) for leg in legs):
        problems.append(Problem.LENGTH)
    if _silent(customer, call):
        problems.append(Problem.CUSTOMER_SILENT)
    if _silent(agent, call):
        problems.append(Problem.AGENT_SILENT)
    return tuple(problems)


def is_alarm(problems: Sequence[Problem]) -> bool:
    """Whether a person has to look at it."""
    return any(problem not in NOTES for problem in problems)


def _flaw(leg: Leg, missing: Problem, unreadable: Problem) -> tuple[Problem, ...]:
    match leg:
        case Flaw.MISSING:
            return (missing,)
        case Flaw.UNREADABLE:
            return (unreadable,)
        case _:
            return ()


def _differs(length_ms: int, call_ms: int) -> bool:
    return abs(length_ms - call_ms) > max(TOLERANCE_MS, TOLERANCE * call_ms)


def _silent(leg: Leg, call: Call) -> bool:
    if not isinstance(leg, LegMeasure):
        return False
    levels: list[float] = []
    for start, end in call.talks:
        if end - start >= TALK_MS:
            # Whole seconds inside the talk: the one before still has music or ringing in it.
            first, last = math.ceil((start - call.started_at) / 1000), (end - call.started_at) // 1000
            levels += leg.seconds[first:last]
    return bool(levels) and max(levels) < SILENT_DB
