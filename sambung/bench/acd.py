"""The line alone: what a step costs beside a naive scan, what the state weighs, how fast a journal folds.

Steps are timed in processor time of the thread, so what else the machine does is not counted; the interpreter's own
collections are, as far as control lets them happen in a step (sambung/collector.py). The naive scan decides on the
same events from the same state, as far as its time goes.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from acd.effects import Effect, SendOffer
from acd.events import Event
from acd.records import ladder
from acd.snapshot import dump, load
from acd.state import State
from acd.step import step
from sambung.bench import acd_journal
from sambung.bench.acd_load import Traffic, crowded, quiet
from sambung.bench.acd_naive import make_naive
from sambung.bench.table import Figure
from sambung.collector import settle
from store.wire import decode_event, encode

PEER: Final = "naive scan"
GOAL_AT: Final = (1_000, 10_000)
"""Agents and waiting contacts for which the goals are set."""


class Plan(NamedTuple):
    """How much is measured."""

    sizes: tuple[tuple[int, int], ...]
    events: int
    """Steps timed at each size."""
    naive_s: float
    """How long the naive scan may take at each size."""
    day: int
    """Events in the journal that is folded."""
    engine: acd_journal.Plan


FULL: Final = Plan(
    ((100, 1_000), GOAL_AT, (5_000, 50_000)), 40_000, 8.0, 200_000, acd_journal.Plan(5_000, 500)
)
QUICK: Final = Plan(((100, 1_000), GOAL_AT), 8_000, 1.0, 40_000, acd_journal.Plan(500, 100))


Line: TypeAlias = tuple[int, str]
"""A journalled event and when it was taken, as the database has them."""


class Steps(NamedTuple):
    """Timed steps and the offers that came of them."""

    spent_ns: list[int]
    offers: list[tuple[int, str, str]]
    """Number, contact and agent."""

    @property
    def per_s(self) -> float:
        """Events a second."""
        return len(self.spent_ns) / sum(self.spent_ns) * 1e9

    def percentile_ms(self, share: float) -> float:
        """Return what ``share`` of the steps took at most; 1 is the longest."""
        ordered = sorted(self.spent_ns)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] / 1e6


def run(quick: bool) -> list[Figure]:
    """Measure and return the figures of the suite."""
    plan = QUICK if quick else FULL
    thresholds = gc.get_threshold()
    try:
        return _measured(plan)
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _measured(plan: Plan) -> list[Figure]:
    figures: list[Figure] = []
    snapshot = b""
    for size in plan.sizes:
        traffic, journal = _filled(*size)
        body = dump(traffic.state)
        figures += _routing(size, *_beside_naive(traffic, body, plan))
        if size == GOAL_AT:
            snapshot = body
            figures.append(_weight(size, journal))
    figures.append(_fold(plan.day))
    return figures + acd_journal.run(plan.engine, snapshot)


# --- a step ------------------------------------------------------------------------------------------------


def _filled(agents: int, waiting: int) -> tuple[Traffic, list[Line]]:
    """Return a line with so many waiting, and the journal of how they came."""
    traffic = Traffic(agents, crowded(waiting))
    journal: list[Line] = []
    while traffic.waiting < waiting:
        _go_on(traffic, journal)
    return traffic, journal


def _go_on(traffic: Traffic, journal: list[Line]) -> None:
    at, event = traffic.next()
    traffic.follow(step(traffic.state, event, at))
    journal.append((at, encode(event)))


def _beside_naive(traffic: Traffic, body: bytes, plan: Plan) -> tuple[Steps, Steps, float]:
    """Return the line's steps, the naive scan's from the same state on, and a collection's time in ms."""
    journal: list[Line] = []
    ours = Steps([], [])
    settle()
    for _ in range(plan.events):
        at, event = traffic.next()
        # As text, or the events kept here would be the collector's work.
        journal.append((at, encode(event)))
        traffic.follow(_timed(traffic.state, at, event, ours))
    before = time.thread_time_ns()
    gc.collect()
    pause_ms = (time.thread_time_ns() - before) / 1e6
    naive = _naive(load(body), journal, plan.naive_s)
    if naive.offers != ours.offers[: len(naive.offers)]:
        raise AssertionError("the naive scan decides otherwise: the two cannot be compared")
    return ours, naive, pause_ms


def _naive(state: State, journal: Iterable[Line], seconds: float) -> Steps:
    make_naive(state)
    steps = Steps([], [])
    deadline = time.monotonic() + seconds
    for at, body in journal:
        _timed(state, at, decode_event(body), steps)
        if time.monotonic() > deadline:
            break
    return steps


def _timed(state: State, at: int, event: Event, steps: Steps) -> Sequence[Effect]:
    before = time.thread_time_ns()
    effects = step(state, event, at)
    steps.spent_ns.append(time.thread_time_ns() - before)
    steps.offers.extend((e.offer, e.id, e.agent) for e in effects if isinstance(e, SendOffer))
    return effects


def _routing(size: tuple[int, int], ours: Steps, naive: Steps, pause_ms: float) -> list[Figure]:
    at = f"at {size[0]:,} agents, {size[1]:,} waiting"
    goals = (25_000, None, 0.4, 5.0) if size == GOAL_AT else (None,) * 4
    rate = Figure(
        f"acd: steps {at}", ours.per_s, "events/s", PEER, naive.per_s, goals[0], on="value", better="more"
    )
    times = [
        Figure(
            f"acd: {name} {at}",
            ours.percentile_ms(share),
            "ms",
            PEER,
            naive.percentile_ms(share),
            goal,
            on="value",
        )
        for (name, share), goal in zip(
            (("step p50", 0.5), ("step p99", 0.99), ("longest step", 1.0)), goals[1:], strict=True
        )
    ]
    return [rate, *times, Figure(f"acd: collection between steps {at}", pause_ms, "ms")]


# --- the state ---------------------------------------------------------------------------------------------


def _weight(size: tuple[int, int], journal: Sequence[Line]) -> Figure:
    """Measure what the interpreter hands out for a state that came by its journal, indexes and all."""
    ladder.cache_clear()  # what contacts share belongs to what they weigh
    gc.collect()
    tracemalloc.start()
    state = _folded(journal)
    gc.collect()
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    del state
    name = f"acd: state of {size[0]:,} agents, {size[1]:,} waiting"
    return Figure(name, megabytes, "MB", goal=20, on="value")


def _fold(events: int) -> Figure:
    traffic = Traffic(GOAL_AT[0], quiet(GOAL_AT[0]))
    journal: list[Line] = []
    while len(journal) < events:
        _go_on(traffic, journal)
    before = time.thread_time_ns()
    state = _folded(journal)
    spent_s = (time.thread_time_ns() - before) / 1e9
    if dump(state) != dump(traffic.state):
        raise AssertionError("the journal folds to another state")
    name = f"acd: fold of a quiet day, {GOAL_AT[0]:,} agents"
    return Figure(name, events / spent_s, "events/s", goal=150_000, on="value", better="more")


def _folded(journal: Sequence[Line]) -> State:
    state = State()
    for at, body in journal:
        step(state, decode_event(body), at)
    return state
