"""The rules in force, arranged for looking up."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple, TypeAlias

from acd.model import Channel, ChannelRule, LineRules, QueueRule
from core.ids import ProfileId, QueueId

FULL = 100
"""What an agent can carry."""

SHUT = 1 << 62
"""The rank of a row whose delay is not over."""

POINT_MS = 60_000
"""How far one point of priority moves a contact forward."""


class Kind(NamedTuple):
    """Channels alike in what they cost and in what they may interrupt."""

    cost: int
    interrupts: frozenset[Channel]


class Lane:
    """A queue on a channel: who may take from it at which age, and which pools belong to it."""

    __slots__ = ("agents", "channel", "delays", "heads", "heavy", "kind", "length", "pools", "queue", "ranks")

    def __init__(
        self, queue: QueueId, channel: Channel, kind: int, heavy: bool, delays: tuple[int, ...]
    ) -> None:
        self.queue = queue
        self.channel = channel
        self.kind = kind
        self.heavy = heavy
        """Whether something cheaper could take the room this lane's contacts wait for."""
        self.length = 0
        """How many wait in it, but for those who wait for one agent alone."""
        self.delays = delays
        """Ages at which further profile rows open, rising. A contact's stage is how many it has passed."""
        self.agents = [0] * (len(delays) + 1)
        """By stage: the agents whose row is open."""
        self.pools = [0] * len(delays)
        """By delay: the pools old enough for rows of that delay."""
        self.heads: list[tuple[int, int, int]] = []
        """Score, arrival number and pool number of the first contact of each filled pool, sorted."""
        self.ranks: dict[ProfileId, list[int]] = {}
        """By profile and stage: the best rank of its open rows, or ``SHUT``."""

    def stage(self, age: int) -> int:
        """Return how many delays ``age`` has passed."""
        return bisect_right(self.delays, age)


Rows: TypeAlias = tuple[tuple[Lane, int], ...]
"""Rows of a profile: lanes, each with the index of the row's delay."""


class Rank(NamedTuple):
    """Rows of a profile that are tried together."""

    rank: int
    rows: Rows


class Tables:
    """``LineRules`` by key. Channels and queues the rules do not name get the defaults."""

    def __init__(self, rules: LineRules) -> None:
        self.rules = rules
        self._queues = {q.id: q for q in rules.queues}
        self._channels = {c: ChannelRule(c, FULL) for c in Channel} | {r.channel: r for r in rules.channels}
        kinds = {c: self._kind(c) for c in Channel}
        self.kinds = tuple(dict.fromkeys(kinds.values()))
        self._kind_of = {c: self.kinds.index(kind) for c, kind in kinds.items()}
        self._cheapest = min((r.cost for r in rules.channels), default=FULL)
        self.lanes: dict[tuple[QueueId, Channel], Lane] = {}
        self.profiles: dict[ProfileId, tuple[Rank, ...]] = {}
        self._compile_profiles()

    def _kind(self, channel: Channel) -> Kind:
        others = ((c, rule) for c, rule in self._channels.items() if c is not channel)
        interrupts = frozenset(c for c, rule in others if channel in rule.interrupted_by)
        return Kind(self._channels[channel].cost, interrupts)

    def _compile_profiles(self) -> None:
        delays: dict[tuple[QueueId, Channel], set[int]] = {}
        for profile in self.rules.profiles:
            for row in profile.rows:
                delays.setdefault((row.queue, row.channel), set()).add(max(row.delay_ms, 0))
        for (queue, channel), ages in delays.items():
            self.lanes[queue, channel] = self._lane(queue, channel, tuple(sorted(ages)))
        for profile in self.rules.profiles:
            ranks: dict[int, list[tuple[Lane, int]]] = {}
            for row in profile.rows:
                lane = self.lanes[row.queue, row.channel]
                index = lane.delays.index(max(row.delay_ms, 0))
                ranks.setdefault(row.rank, []).append((lane, index))
                best = lane.ranks.setdefault(profile.id, [SHUT] * (len(lane.delays) + 1))
                for stage in range(index + 1, len(best)):
                    best[stage] = min(best[stage], row.rank)
            self.profiles[profile.id] = tuple(Rank(r, tuple(ranks[r])) for r in sorted(ranks))

    def _lane(self, queue: QueueId, channel: Channel, delays: tuple[int, ...]) -> Lane:
        return Lane(queue, channel, self._kind_of[channel], self.cost(channel) > self._cheapest, delays)

    def lane(self, queue: QueueId, channel: Channel) -> Lane:
        """Return the lane, even if no profile serves it."""
        lane = self.lanes.get((queue, channel))
        if lane is None:
            lane = self.lanes[queue, channel] = self._lane(queue, channel, ())
        return lane

    def has_queue(self, queue: QueueId) -> bool:
        """Whether the rules name ``queue``."""
        return queue in self._queues

    def queue(self, queue: QueueId) -> QueueRule:
        """Return the queue's rule; a queue that is no longer named keeps its contacts under the defaults."""
        return self._queues.get(queue) or QueueRule(queue)

    def kind(self, channel: Channel) -> int:
        """Return the index in ``kinds`` of contacts on ``channel``."""
        return self._kind_of[channel]

    def cost(self, channel: Channel) -> int:
        """Return what a contact on ``channel`` takes of an agent's 100."""
        return self._channels[channel].cost
