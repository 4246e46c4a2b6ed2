"""How long each waiting contact will still wait: the line as it is, played to its end a few hundred times.

One run draws what is left of every conversation, who gives up, who takes a pause and who comes later but goes first,
and lets the agents pull as the line would (ranks, delays, skills, room, draining). The waits of a contact over all
runs are its distribution; callers are told the P80. Chance is an argument: the same draws give the same answer.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple, TypeAlias

from acd.estimate_learned import Durations, LaneKey
from acd.estimate_view import Choice, LaneFacts, View
from acd.tables import FULL
from core.ids import InteractionId

RUNS: Final = 200
"""Runs an estimate; with so many the P80 of the same moment varies by a few per cent."""

HORIZON_MS: Final = 4 * 3_600_000
"""Who is not served by then has an unknown wait."""

_MINUTE: Final = 60_000
_COARSE_FROM: Final = 10
"""Beyond so many minutes announcements go by five."""

_LET_PASS: Final = 1 / 3

Chance: TypeAlias = Callable[[], float]
"""Returns the next of a series of numbers from 0 up to 1."""


class Estimate(NamedTuple):
    """How long a contact will wait from now on until it talks to an agent; None is unknown."""

    p50_ms: int | None
    p80_ms: int | None


UNKNOWN: Final = Estimate(None, None)


def announced(p80_ms: int | None, before_ms: int | None = None) -> int | None:
    """Return what to tell a caller: in whole minutes, and never more than what was told ``before_ms``.

    It is rounded up unless a third of a step is missing at most: 3 min 20 s is about three minutes. None means that
    nothing can be said.
    """
    if p80_ms is None:
        return before_ms
    step = _MINUTE if p80_ms <= _COARSE_FROM * _MINUTE else 5 * _MINUTE
    said = max(math.ceil(p80_ms / step - _LET_PASS), 1) * step
    return said if before_ms is None else min(said, before_ms)


class Simulation:
    """Runs a view as often as asked; in a large centre one ``run`` is long, and a shell does it in pieces."""

    def __init__(self, view: View, chance: Chance) -> None:
        self._view = view
        self._chance = chance
        self._waits: list[list[float]] = [[] for _ in view.waiting]
        self.runs = 0

    def run(self) -> None:
        """Play the line to its end once."""
        for _ in self.pieces():
            pass

    def pieces(self) -> Iterator[None]:
        """Play the line to its end once, a part of it each time."""
        run = _Run(self._view, self._chance)
        yield from run.pieces()
        self.runs += 1
        for wait, waits in zip(run.waits, self._waits, strict=True):
            waits.append(wait)

    def contacts(self) -> dict[InteractionId, Estimate]:
        """Return the estimate of every contact that waits."""
        waiting = self._view.waiting
        found = {w.id: _estimate(waits) for w, waits in zip(waiting, self._waits, strict=True) if w.id}
        for beyond, (like, times) in self._view.beyond.items():
            p50, p80 = found.get(like, UNKNOWN)
            found[beyond] = Estimate(
                None if p50 is None else round(p50 * times), None if p80 is None else round(p80 * times)
            )
        return found

    def ends(self) -> dict[LaneKey, Estimate]:
        """Return how long who comes now would wait, by the lanes the view was made with."""
        view = self._view
        return {
            view.lanes[w.lane].key: _estimate(waits)
            for w, waits in zip(view.waiting, self._waits, strict=True)
            if w.id is None
        }


def estimate(view: View, chance: Chance, runs: int = RUNS) -> dict[InteractionId, Estimate]:
    """Return the estimate of every contact that waits, all at once."""
    simulation = Simulation(view, chance)
    for _ in range(runs if view.waiting else 0):
        simulation.run()
    return simulation.contacts()


def _estimate(waits: list[float]) -> Estimate:
    if not waits:
        return UNKNOWN
    ordered = sorted(waits)
    # The k-th of n draws is exceeded by the next one with probability 1 - k / (n + 1).
    ranks = (math.ceil(share * (len(ordered) + 1)) for share in (0.5, 0.8))
    p50, p80 = (ordered[min(rank, len(ordered)) - 1] for rank in ranks)
    return Estimate(
        round(p50) if p50 < HORIZON_MS else None,
        round(p80) if p80 < HORIZON_MS else None,
    )


_EVENTS_A_PIECE: Final = 50
_WAKE: Final = -1
"""Instead of a channel: an agent looks again."""


class _Run:
    """One future. Times are milliseconds from the view's moment on."""

    def __init__(self, view: View, chance: Chance) -> None:
        self._view = view
        self._chance = chance
        self._used = list(view.used)
        self._taken = [False] * len(view.waiting)
        self.waits = [math.inf] * len(view.waiting)
        """Of each contact; infinite for one that nobody came for."""
        self._left = view.hopeful
        self._leaves = [w.patience.draw(chance()) for w in view.waiting]
        self._first = [0] * len(view.teams)
        """By team: where the choices begin that are not taken."""
        self._back = [0.0] * len(view.team_of)
        """By agent: when the pause is over."""
        self._idle: dict[int, None] = {}
        """Agents who had room and found nobody, perhaps before they took somebody who came later."""
        self._later: dict[int, deque[float]] = {}
        """By lane: when those came who came later and wait."""
        self._heap: list[tuple[float, int, int]] = []
        """When, which agent, and the channel of which contact ends, or ``_WAKE``; arrivals have -1 - lane."""
        self._plan()

    def _plan(self) -> None:
        view, chance, heap = self._view, self._chance, self._heap
        for agent, away in view.away:
            self._back[agent] = away.draw(chance())
        for job in view.jobs:
            end = job.wrap_up.draw(chance())
            if job.talk is not None:
                end += job.talk.draw(chance())
            if job.ring is not None:
                end += job.ring.draw(chance())
            heap.append((end, job.agent, job.channel))
        heap += ((self._back[agent], agent, _WAKE) for agent in view.looking)
        for lane in sorted({lane for over in view.overtaking for lane in over}):
            heap.append((self._next_arrival(lane), -1 - lane, _WAKE))
        heapify(heap)

    def pieces(self) -> Iterator[None]:
        """Play some events each time; ``waits`` is whole at the end."""
        events = 0
        while self._heap and self._left and self._heap[0][0] <= HORIZON_MS:
            self._happen(*heappop(self._heap))
            events += 1
            if events % _EVENTS_A_PIECE == 0:
                yield

    def _happen(self, at: float, agent: int, channel: int) -> None:
        if agent < 0:
            self._arrive(-1 - agent, at)
            return
        if channel != _WAKE:
            for kind, load in enumerate(self._view.loads[channel], agent * self._view.kinds):
                self._used[kind] -= load
            self._pause(agent, at)
        while self._back[agent] <= at and self._pull(agent, at):
            self._idle.pop(agent, None)

    # --- an agent pulls ------------------------------------------------------------------------------------

    def _pull(self, agent: int, at: float) -> bool:
        """Let an agent look once; return whether it took something and may look again."""
        view = self._view
        seat = agent * view.kinds
        if not any(self._used[seat + kind] + cost <= FULL for kind, cost in view.sizes[view.team_of[agent]]):
            return False
        choice = self._choose(agent, at)
        later = self._overtaker(agent, choice) if self._later else None
        if later is not None:
            self._later[later].popleft()
            self._take(agent, view.lanes[later], at)
        elif choice is not None:
            self._serve(agent, choice.number, at)
        if later is None and choice is None:
            self._idle[agent] = None
            return False
        return True

    def _choose(self, agent: int, at: float) -> Choice | None:
        view, taken, used = self._view, self._taken, self._used
        team = view.team_of[agent]
        choices = view.teams[team]
        first = self._first[team]
        while first < len(choices) and taken[choices[first].number]:
            first += 1
        self._first[team] = first
        seat, bit, wake = agent * view.kinds, view.bits[agent], math.inf
        found = None
        for index in range(first, len(choices)):
            choice = choices[index]
            _, _, number, opens, able, kind, cost, late_in, kept = choice
            if taken[number] or not able & bit:
                continue
            if kept:
                opens = max(opens, view.waiting[number].kept_from(agent))
            if opens > at:
                wake = min(wake, opens)
            elif used[seat + kind] + cost <= FULL:
                if self._leaves[number] > at:
                    found = choice
                    break
                # It has left; had it stayed, it would be its turn now.
                self._turn(number, at)
            elif late_in <= at < self._leaves[number]:
                break
        if found is None and wake < math.inf:
            heappush(self._heap, (wake, agent, _WAKE))
        return found

    def _turn(self, number: int, at: float) -> float:
        """It is a contact's turn; what it waits from here on is the agent's way to the telephone."""
        ring = self._view.ring
        self._taken[number] = True
        self._left -= 1
        answered = self.waits[number] = at + ring[int(self._chance() * len(ring))]
        return answered

    def _serve(self, agent: int, number: int, at: float) -> None:
        missed = self._view.learned.missed
        if missed and self._chance() < missed:
            self._away(agent, at, self._view.missed)
        else:
            answered = self._turn(number, at)
            self._take(agent, self._view.lanes[self._view.waiting[number].lane], answered)

    def _take(self, agent: int, lane: LaneFacts, at: float) -> None:
        used, work = self._used, lane.work
        for kind, load in enumerate(self._view.loads[lane.channel], agent * self._view.kinds):
            used[kind] += load
        heappush(self._heap, (at + work[int(self._chance() * len(work))], agent, lane.channel))

    def _pause(self, agent: int, at: float) -> None:
        luck = self._chance()
        for share, length in self._view.pauses[agent]:
            if luck < share:
                self._away(agent, at, length)
                return
            luck -= share

    def _away(self, agent: int, at: float, length: Durations) -> None:
        self._back[agent] = at + length.table[int(self._chance() * len(length.table))]
        heappush(self._heap, (self._back[agent], agent, _WAKE))

    # --- those who come later ------------------------------------------------------------------------------

    def _next_arrival(self, lane: int) -> float:
        return -math.log1p(-self._chance()) / self._view.lanes[lane].per_ms

    def _arrive(self, lane: int, at: float) -> None:
        heappush(self._heap, (at + self._next_arrival(lane), -1 - lane, _WAKE))
        view = self._view
        facts = view.lanes[lane]
        for agent in self._idle:
            room = self._used[agent * view.kinds + facts.kind] + facts.cost <= FULL
            if room and self._back[agent] <= at and lane in view.overtaking[view.team_of[agent]]:
                self._take(agent, facts, at)
                return
        self._later.setdefault(lane, deque()).append(at)

    def _overtaker(self, agent: int, choice: Choice | None) -> int | None:
        """Return the lane of who came later and goes before ``choice``, if there is room."""
        view = self._view
        best = None if choice is None else (choice.rank, choice.score)
        found = None
        for lane, rank in view.overtaking[view.team_of[agent]].items():
            facts = view.lanes[lane]
            if not self._later.get(lane) or self._used[agent * view.kinds + facts.kind] + facts.cost > FULL:
                continue
            place = (rank, round(view.now + self._later[lane][0] - facts.bonus))
            if best is None or place < best:
                best, found = place, lane
        return found
