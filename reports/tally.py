"""The day's figures, kept up to date by what the line does: no query, however busy the day."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from acd.effects import Moved
from acd.model import Channel, Outcome, Phase
from core.ids import InteractionId, QueueId
from reports.definitions import Counts, End, Stay, counted

HALF_HOUR_MS: Final = 1_800_000

TOGETHER_MS: Final = 10_000
"""Stays that ended within so long of the first of them are let go of with it: a busy hour needs no more memory."""


class Standing(NamedTuple):
    """A contact that is in a queue and was not answered yet."""

    queue: QueueId
    channel: Channel
    since: int


class _Span(NamedTuple):
    """What ended in a few seconds."""

    at: int
    """When the first of it did."""
    counts: dict[tuple[str, str], Counts]


class Tally:
    """Counts by queue and channel, of today and of the last half hour."""

    def __init__(self, thresholds: Mapping[Channel, int], midnight: int) -> None:
        """``midnight`` is when today began (milliseconds UTC)."""
        self._thresholds = thresholds
        self._midnight = midnight
        self._today: dict[tuple[str, str], Counts] = {}
        self._half: dict[tuple[str, str], Counts] = {}
        self._recent: deque[_Span] = deque()
        self._standing: dict[InteractionId, Standing] = {}

    def begin(self, stays: Iterable[Stay], standing: Mapping[InteractionId, Standing]) -> None:
        """Start from what is written down: today's stays in the order of their ends, and who stands in line."""
        self._standing.update(standing)
        for stay in stays:
            self.count(stay)

    def new_day(self, midnight: int) -> None:
        """Begin today anew."""
        self._midnight = midnight
        self._today.clear()

    def see(self, moved: Moved, channel: Channel, at: int) -> bool:
        """Take a transition; return whether a figure changed."""
        before = self._standing.get(moved.id)
        match moved.phase:
            case Phase.WAITING:
                queue = moved.queue or QueueId("")
                if before is not None and before.queue == queue:
                    return False
                self._standing[moved.id] = Standing(queue, channel, at)
                return before is not None and self._over(before, End.FLOWED_OUT, at)
            case Phase.TALKING | Phase.HELD:
                return self._settle(moved.id, End.ANSWERED, at)
            case Phase.CLOSED:
                gave_up = moved.outcome is Outcome.ABANDONED
                return self._settle(moved.id, End.ABANDONED if gave_up else End.FLOWED_OUT, at)
        return False

    def count(self, stay: Stay) -> None:
        """Add a stay."""
        one = counted(stay, self._thresholds.get(Channel(stay.channel), 0))
        key = stay.queue, stay.channel
        if stay.at >= self._midnight:
            self._today[key] = self._today.get(key, Counts()).plus(one)
        if not self._recent or stay.at >= self._recent[-1].at + TOGETHER_MS:
            self._recent.append(_Span(stay.at, {}))
        for counts in (self._recent[-1].counts, self._half):
            counts[key] = counts.get(key, Counts()).plus(one)

    def age(self, now: int) -> bool:
        """Let go of what is older than half an hour; return whether there was any."""
        gone = False
        while self._recent and self._recent[0].at <= now - HALF_HOUR_MS:
            for key, old in self._recent.popleft().counts.items():
                self._half[key] = Counts(*(a - b for a, b in zip(self._half[key], old, strict=True)))
            gone = True
        return gone

    def today(self, *, queue: str | None = None, channel: str | None = None) -> Counts:
        """Return today's counts of a queue, a channel, both or all."""
        return _sum(self._today, queue, channel)

    def half_hour(self, *, queue: str | None = None, channel: str | None = None) -> Counts:
        """Return the last half hour's."""
        return _sum(self._half, queue, channel)

    @property
    def anybody_waits(self) -> bool:
        """Whether anybody is in a queue and was not answered yet."""
        return bool(self._standing)

    def standing(self, id_: InteractionId) -> Standing | None:
        """Return a contact's stay in line, if it was not answered yet."""
        return self._standing.get(id_)

    def _settle(self, id_: InteractionId, end: End, at: int) -> bool:
        standing = self._standing.pop(id_, None)
        return standing is not None and self._over(standing, end, at)

    def _over(self, standing: Standing, end: End, at: int) -> bool:
        self.count(Stay(at, standing.queue, standing.channel, end, max(at - standing.since, 0)))
        return True


def _sum(counts: Mapping[tuple[str, str], Counts], queue: str | None, channel: str | None) -> Counts:
    total = Counts()
    for (q, c), one in counts.items():
        if queue in (None, q) and channel in (None, c):
            total = total.plus(one)
    return total
