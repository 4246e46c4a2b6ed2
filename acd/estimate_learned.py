"""What the centre knows of durations: how long contacts take, agents ring and pause, and customers wait.

A distribution is a sorted table of what was seen; a draw picks one of it. Durations are milliseconds.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from statistics import NormalDist
from typing import Final, NamedTuple, TypeAlias

from acd.model import Channel
from core.ids import QueueId

FOREVER: Final = 1 << 50
"""A duration that does not end."""

MISSED: Final = "rona"
"""The reason of an agent who did not answer: it comes with an offer, not after a contact."""

_PRIOR_POINTS: Final = 20
"""So many seen durations outweigh what was assumed before anything was seen."""
_TAIL: Final = 0.25
"""What already lasts longer than anything seen goes on for this share of its age, on average."""

LaneKey: TypeAlias = tuple[QueueId, Channel]


class Left(NamedTuple):
    """What may be left of something that has lasted ``elapsed``: a part of a table, ready to be drawn from."""

    table: Sequence[int]
    first: int
    size: int
    elapsed: int

    def draw(self, luck: float) -> float:
        """Return what is left, given ``luck`` from 0 up to 1."""
        if self.size:
            return self.table[self.first + int(luck * self.size)] - self.elapsed
        return -math.log1p(-luck) * _TAIL * self.elapsed


class Durations:
    """A distribution, as a sorted table."""

    __slots__ = ("table",)

    def __init__(self, seen: Iterable[int]) -> None:
        self.table = sorted(seen)
        """Never empty: what nothing is known of takes no time."""
        if not self.table:
            self.table = [0]

    def left(self, elapsed: int) -> Left:
        """Return what may be left after ``elapsed``."""
        first = bisect_right(self.table, elapsed) if elapsed > 0 else 0
        return Left(self.table, first, len(self.table) - first, max(elapsed, 0))

    def with_prior(self, prior: Durations) -> Durations:
        """Return the distribution with as much of ``prior`` as what was seen is short of 20 values."""
        missing = _PRIOR_POINTS - len(self.table)
        if missing <= 0:
            return self
        step = len(prior.table) / missing
        return Durations([*self.table, *(prior.table[int((n + 0.5) * step)] for n in range(missing))])

    @property
    def mean(self) -> float:
        """The mean of the table."""
        return sum(self.table) / len(self.table)


def assumed(mean_ms: float, cv: float = 0.7) -> Durations:
    """Return a log-normal distribution; handling times have a coefficient of variation of about 0.7."""
    sigma = math.sqrt(math.log1p(cv * cv))
    normal = NormalDist(math.log(max(mean_ms, 1.0)) - sigma * sigma / 2, sigma)
    return Durations(round(math.exp(normal.inv_cdf((n + 0.5) / 40))) for n in range(40))


def patience(waits: Iterable[tuple[int, bool]]) -> Durations:
    """Return how long customers wait before they give up, from (wait, gave up) of each.

    Who was answered would have waited longer, nobody knows how much: the estimate is Kaplan and Meier's.
    """
    table: list[int] = []
    waits = sorted(waits)
    at_risk, survived = len(waits), 1.0
    for wait, same in groupby(waits, key=lambda pair: pair[0]):
        gone = [gave_up for _, gave_up in same]
        survived *= 1 - sum(gone) / at_risk
        at_risk -= len(gone)
        table += [wait] * (round((1 - survived) * 100) - len(table))
    return Durations([*table, *[FOREVER] * (100 - len(table))])


class Pause(NamedTuple):
    """A reason for being not ready, and how often it comes after a contact, as a share."""

    share: float
    """Of agents who were not away for this reason since they signed in."""
    again: float
    """Of those who were: nobody has lunch twice."""
    length: Durations


class Learned(NamedTuple):
    """Everything an estimate is drawn from."""

    service: Mapping[LaneKey, Durations]
    """From the answer to the end of the conversation, holds included."""
    wrap_up: Mapping[LaneKey, Durations]
    patience: Mapping[LaneKey, Durations]
    per_ms: Mapping[LaneKey, float]
    """How many contacts join a millisecond."""
    answer: Durations
    """From the offer to the conversation."""
    missed: float
    """The share of offers that come back: declined, not answered, or failing."""
    pauses: Mapping[str, Pause]
    """By reason."""


NOTHING: Final = Learned({}, {}, {}, {}, Durations([5_000]), 0.0, {})
"""Before anything is known: an agent takes five seconds to answer."""

PAUSE: Final = Durations([600_000])
"""How long an agent is not ready for a reason of which nothing is known."""

UNSEEN: Final = assumed(600_000)
"""The handling time of a lane of which nothing is known."""
NEVER: Final = Durations([FOREVER])
"""The patience of those of whom nobody ever gave up."""
