"""The wait estimate on simulated days, beside what others announce; and what an estimate costs.

The days are acd/simulate.py's: the real line decides over the ministry's volumes in a busy month. What the estimate
knows of durations it has learned from the day before. A contact is asked for in the minute after its first five
seconds and then every two minutes. Only customers who never give up are scored (every fourth): those who leave would
hide the long waits.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from acd.effects import Moved
from acd.estimate import RUNS, Simulation, announced, estimate
from acd.estimate_learned import NOTHING
from acd.estimate_learner import Learner
from acd.estimate_look import Looking, look
from acd.estimate_score import Score, Told, score
from acd.model import (
    AgentRule,
    Channel,
    ChannelRule,
    LineRules,
    Phase,
    Profile,
    QueueRule,
    Row,
)
from acd.simulate import Demand, Moment, Plan, Spread, Twin
from acd.state import State
from acd.step import step
from core.ids import AgentId, InteractionId, ProfileId, QueueId
from sambung.bench.acd_load import Traffic, crowded
from sambung.bench.table import Figure
from sambung.collector import settle

OPENS: Final = 1_790_000_000_000
_ASK_MS: Final = 5_000
_AGAIN_MS: Final = 120_000
_LEARN_MS: Final = 120_000
_TOGETHER_MS: Final = 60_000
"""Who is due in the same minute is asked for at once."""
_MAIN: Final = QueueId("main")
_SHAPE: Final = (0.75, 1.05, 1.25, 1.15, 0.85, 1.0, 1.2, 1.05, 0.7)
"""The day's hours against their mean."""


class Group(NamedTuple):
    """A channel of the ministry: agents, volume and handling time (mean of a busy month)."""

    channel: Channel
    agents: int
    per_hour: float
    talk_s: float
    patience_s: float


MINISTRY: Final = (
    Group(Channel.VOICE, 10, 48.7, 560, 240),
    Group(Channel.WHATSAPP, 28, 175.0, 960, 1_500),
    Group(Channel.EMAIL, 7, 53.0, 750, 14_400),
    Group(Channel.VIDEO, 6, 17.5, 960, 600),
)
_COSTS: Final = {Channel.VOICE: 100, Channel.VIDEO: 100, Channel.WHATSAPP: 50, Channel.EMAIL: 50}

_SECOND: Final = {
    Channel.VOICE: (Row(_MAIN, Channel.WHATSAPP, 2, 20_000), Row(_MAIN, Channel.EMAIL, 3, 60_000)),
    Channel.WHATSAPP: (Row(_MAIN, Channel.EMAIL, 2, 30_000), Row(_MAIN, Channel.VOICE, 1, 30_000)),
    Channel.EMAIL: (Row(_MAIN, Channel.WHATSAPP, 2, 30_000),),
    Channel.VIDEO: (Row(_MAIN, Channel.VOICE, 2, 15_000),),
}
"""In blended groups: what each takes beside its own."""


def plan(*, blended: bool, patient: float = 0.25) -> Plan:
    """Return a day of dedicated or of blended groups."""
    rules = LineRules(
        channels=tuple(ChannelRule(channel, cost) for channel, cost in _COSTS.items()),
        queues=(QueueRule(_MAIN),),
        profiles=tuple(
            Profile(ProfileId(g.channel), (Row(_MAIN, g.channel), *(_SECOND[g.channel] if blended else ())))
            for g in MINISTRY
        ),
        agents=tuple(
            AgentRule(AgentId(f"{g.channel}{n}"), ProfileId(g.channel))
            for g in MINISTRY
            for n in range(g.agents)
        ),
    )
    demands = tuple(
        Demand(
            _MAIN,
            g.channel,
            tuple(g.per_hour * share for share in _SHAPE),
            Spread(g.talk_s * 1e3),
            g.patience_s * 1e3,
        )
        for g in MINISTRY
    )
    return Plan(rules, demands, OPENS, patient=patient)


# --- what others announce ----------------------------------------------------------------------------------


class MovingAverage:
    """app_queue's: a quarter new and three quarters old at every answer, less what was waited already."""

    def __init__(self) -> None:
        self._hold_ms: dict[Channel, float] = {}

    def answered(self, channel: Channel, waited_ms: int) -> None:
        """Take the wait of an answered contact in."""
        self._hold_ms[channel] = (3 * self._hold_ms.get(channel, 0.0) + waited_ms) / 4

    def predict(self, channel: Channel, waited_ms: int) -> int:
        """Return how long a contact that waited so long will still wait."""
        return max(round(self._hold_ms.get(channel, 0.0)) - waited_ms, 0)


def by_position(state: State, id_: InteractionId, handling_ms: float) -> int | None:
    """Return position x handling time / (agents x concurrency), over the agents whose row is open by now."""
    c = state.contacts[id_]
    agents = [
        a for a in state.line.agents if c.lane.agents[c.stage] >> a.slot & 1 and a.signed_in and a.ready
    ]
    places = len(agents) * (100 // _COSTS[c.channel])
    if not places:
        return None
    line = [state.contacts[other] for other in state.waiting(c.queue)]
    position = 1 + sum(other.channel is c.channel and other.key < c.key for other in line)
    return round(position * handling_ms / places)


# --- a day -------------------------------------------------------------------------------------------------


class _Quote(NamedTuple):
    """What was announced: rounded up and never rising, whoever predicted it."""

    at: int
    ours: int | None
    average: int | None
    position: int | None


_NOTHING_SAID: Final = _Quote(0, None, None, None)


@dataclass(slots=True)
class DayResult:
    """Predictions and truths of a day, by who predicted, and what the estimates cost."""

    ours: list[Told] = field(default_factory=list)
    average: list[Told] = field(default_factory=list)
    position: list[Told] = field(default_factory=list)
    by_channel: dict[Channel, list[Told]] = field(default_factory=dict)
    unknown: int = 0
    cost_ms: list[float] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)

    def add(self, other: DayResult) -> None:
        """Take another day in."""
        self.ours += other.ours
        self.average += other.average
        self.position += other.position
        for channel, told in other.by_channel.items():
            self.by_channel.setdefault(channel, []).extend(told)
        self.unknown += other.unknown
        self.cost_ms += other.cost_ms
        self.waiting += other.waiting


class _Day:
    """Plays a day, asks for estimates and keeps them until the truth is known."""

    def __init__(self, day: Plan, seed: int, learner: Learner, runs: int) -> None:
        self.twin = Twin(day, random.Random(seed))  # noqa: S311 -- a workload
        self.result = DayResult()
        self._chance = random.Random(seed + 1).random  # noqa: S311 -- a simulation
        self._learner = learner
        self._runs = runs
        self._average = MovingAverage()
        self._talk = {g.channel: g.talk_s * 1e3 + 45_000 for g in MINISTRY}
        self._learned, self._learned_at = NOTHING, 0
        self._open: dict[InteractionId, list[_Quote]] = {}
        self._due: dict[int, list[InteractionId]] = {}

    def play(self) -> DayResult:
        for moment in self.twin.play():
            self._learner.see(self.twin.state, moment.effects)
            if moment.effects:
                self._follow(moment)
            elif moment.at in self._due:
                self._ask(self._due.pop(moment.at))
        return self.result

    def _follow(self, moment: Moment) -> None:
        for effect in moment.effects:
            match effect:
                case Moved(phase=Phase.WAITING, cause="queued"):
                    self._remind(effect.id, moment.at + _ASK_MS)
                case Moved(phase=Phase.TALKING, cause="connected"):
                    self._answered(effect.id, moment.at)
                case Moved(phase=Phase.CLOSED):
                    self._open.pop(effect.id, None)
                case _:
                    pass

    def _remind(self, id_: InteractionId, at: int) -> None:
        if id_ in self.twin.patient:
            at = -(-at // _TOGETHER_MS) * _TOGETHER_MS
            if at not in self._due:
                self.twin.remind(at)
            self._due.setdefault(at, []).append(id_)

    def _ask(self, ids: Sequence[InteractionId]) -> None:
        state = self.twin.state
        now = state.now
        waits = [id_ for id_ in ids if (c := state.contacts.get(id_)) and c.phase is Phase.WAITING]
        if not waits:
            return
        if now - self._learned_at > _LEARN_MS:
            self._learned, self._learned_at = self._learner.learned(now), now
        began = time.thread_time()
        view = look(state, now, self._learned, self._learner.since())
        found = estimate(view, self._chance, self._runs)
        self.result.cost_ms.append((time.thread_time() - began) * 1e3)
        self.result.waiting.append(len(view.waiting))
        for id_ in waits:
            c = state.contacts[id_]
            waited = now - c.queued_at
            quotes = self._open.setdefault(id_, [])
            before = quotes[-1] if quotes else _NOTHING_SAID
            quotes.append(
                _Quote(
                    now,
                    announced(found[id_].p80_ms, before.ours),
                    announced(self._average.predict(c.channel, waited), before.average),
                    announced(by_position(state, id_, self._talk[c.channel]), before.position),
                )
            )
            self._remind(id_, now + _AGAIN_MS)

    def _answered(self, id_: InteractionId, at: int) -> None:
        c = self.twin.state.contacts.get(id_)
        if c is None:
            return
        self._average.answered(c.channel, at - c.queued_at)
        result = self.result
        for quote in self._open.pop(id_, ()):
            if quote.ours is None or quote.average is None or quote.position is None:
                result.unknown += 1
                continue
            waited = at - quote.at
            result.ours.append(Told(quote.ours, waited))
            result.by_channel.setdefault(c.channel, []).append(Told(quote.ours, waited))
            result.average.append(Told(quote.average, waited))
            result.position.append(Told(quote.position, waited))


def days(*, blended: bool, seeds: Sequence[int], runs: int, hours: int = 9) -> DayResult:
    """Play a day to learn from and then one day a seed; return all predictions of the latter."""
    day = plan(blended=blended)._replace(hours=hours)
    learner = Learner()
    for moment in (twin := Twin(day, random.Random(169))).play():  # noqa: S311 -- a workload
        learner.see(twin.state, moment.effects)
    total = DayResult()
    for seed in seeds:
        total.add(_Day(day, seed, learner, runs).play())
    return total


# --- the suite ---------------------------------------------------------------------------------------------


_SEEDS: Final = (1, 2, 3, 4, 5)
_RUNS: Final = 100
_LARGE: Final = 1_000
_CROWD: Final = 50
"""So many wait when an estimate's cost is measured."""


def run(quick: bool) -> list[Figure]:
    """Measure and return the figures of the suite."""
    thresholds = gc.get_threshold()
    try:
        return _measured(quick)
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _measured(quick: bool) -> list[Figure]:
    figures: list[Figure] = []
    for blended, groups in ((False, "dedicated groups"), (True, "blended groups")):
        result = days(
            blended=blended,
            seeds=_SEEDS[:1] if quick else _SEEDS,
            runs=25 if quick else _RUNS,
            hours=6 if quick else 9,
        )
        figures += _quality(result, groups)
        figures += _cost(blended, groups)
    return figures + _large()


def _quality(result: DayResult, groups: str) -> list[Figure]:
    ours, average, position = score(result.ours), score(result.average), score(result.position)
    covered = (ours.coverage or 0.0) * 100
    name = f"wait: announcements kept, {groups}"
    figures = [
        Figure(f"{name} (not too few)", covered, "%", goal=75, on="value", better="more"),
        Figure(f"{name} (not too many)", covered, "%", goal=92, on="value"),
    ]
    for peer, theirs in (("moving average", average), ("position formula", position)):
        name = f"wait: loss of the P80, {groups}"
        figures.append(Figure(name, _seconds(ours), "s", peer, _seconds(theirs), goal=1.0))
        theirs_covered = (theirs.coverage or 0.0) * 100
        figures.append(Figure(f"wait: announcements kept, {groups}", covered, "%", peer, theirs_covered))
    return figures


def _seconds(one: Score) -> float:
    return float("nan") if one.pinball_ms is None else one.pinball_ms / 1e3


def _cost(blended: bool, groups: str) -> list[Figure]:
    """Time an estimate for everybody, on the first moment of a day at which 50 wait."""
    day = plan(blended=blended)
    learner = Learner()
    twin = Twin(day, random.Random(7))  # noqa: S311 -- a workload
    for moment in twin.play():
        learner.see(twin.state, moment.effects)
        if sum(1 for c in twin.state.contacts.values() if c.phase is Phase.WAITING) >= _CROWD:
            break
    return _pieces(f"{_CROWD} waiting, {groups}", twin.state, learner, 250)


def _large() -> list[Figure]:
    """Time an estimate in a large centre, where skills differ from agent to agent and a thousand wait."""
    traffic, learner = Traffic(_LARGE, crowded(10 * _LARGE)), Learner()
    while traffic.waiting < _LARGE:
        at, event = traffic.next()
        effects = step(traffic.state, event, at)
        learner.see(traffic.state, effects)
        traffic.follow(effects)
    return _pieces(f"{_LARGE:,} waiting, {_LARGE:,} agents, 20 runs", traffic.state, learner, None, 20)


def _pieces(name: str, state: State, learner: Learner, goal: float | None, runs: int = RUNS) -> list[Figure]:
    settle()  # as control does; the collector has its own time there
    spent: list[float] = []
    looking = Looking(state, state.now, learner.learned(state.now), learner.since())
    _time(looking.pieces(), spent)
    simulation = Simulation(looking.view, random.Random(1).random)  # noqa: S311 -- a simulation
    for _ in range(runs):
        _time(simulation.pieces(), spent)
    return [
        Figure(f"wait: estimate of {name}", sum(spent) * 1e3, "ms", goal=goal, on="value"),
        Figure(f"wait: longest piece of it, {name}", max(spent) * 1e3, "ms", goal=5, on="value"),
    ]


def _time(work: Iterator[None], spent: list[float]) -> None:
    began = time.thread_time()
    for _ in work:
        spent.append(time.thread_time() - began)
        began = time.thread_time()
    spent.append(time.thread_time() - began)
