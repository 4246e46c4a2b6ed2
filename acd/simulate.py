"""The line's double: a day of customers and agents who are not there, decided by the real ``step``.

For asking what would be: more agents, blended groups, another priority. Chance is an argument; the same plan and the
same draws give the same day.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from acd.effects import AgentMoved, Connect, Effect, Moved, SendOffer, StartWrapUp
from acd.events import (
    AgentSignedIn,
    AgentSignedOut,
    Arrived,
    Configured,
    Connected,
    Ended,
    Event,
    IntentSet,
    OfferAccepted,
    Queued,
    ReachChanged,
    Tick,
    WrapUpDone,
)
from acd.model import Channel, LineRules, Outcome, Party, Phase
from acd.state import State
from acd.step import step
from core.ids import AgentId, InteractionId, QueueId

if TYPE_CHECKING:
    from random import Random

HOUR_MS: Final = 3_600_000
_BEFORE_TALK: Final = (Phase.IN_MENU, Phase.WAITING, Phase.OFFERED)
_CONNECT_MS: Final = 300


class Spread(NamedTuple):
    """A log-normal duration. ``cv`` is the standard deviation as a share of the mean."""

    mean_ms: float
    cv: float = 0.7

    def draw(self, chance: Random) -> int:
        """Return one duration."""
        sigma = math.sqrt(math.log1p(self.cv * self.cv))
        return round(chance.lognormvariate(math.log(self.mean_ms) - sigma * sigma / 2, sigma))


class Demand(NamedTuple):
    """Customers of one queue on one channel."""

    queue: QueueId
    channel: Channel
    per_hour: tuple[float, ...]
    """Hour by hour from the opening on."""
    talk: Spread
    patience_ms: float
    """The mean, exponential."""


class Plan(NamedTuple):
    """A day. Agents come within a quarter of an hour before the opening and go at its end."""

    rules: LineRules
    demands: tuple[Demand, ...]
    opens: int
    """Milliseconds since 1970 UTC."""
    hours: int = 9
    answer: Spread = Spread(4_000, 0.4)
    wrap_up: Spread = Spread(25_000, 0.5)
    missed: float = 0.01
    """The share of offers that nobody answers."""
    pause: float = 0.03
    """The share of contacts after which the agent takes a short pause."""
    pause_ms: Spread = Spread(300_000, 0.5)
    lunch_ms: int = HOUR_MS
    patient: float = 0.0
    """The share of customers who never give up."""


class Moment(NamedTuple):
    """What the line did at ``at``. ``effects`` is empty when somebody asked to be reminded."""

    at: int
    effects: Sequence[Effect]


class _GiveUp(NamedTuple):
    id: InteractionId


class _Pause(NamedTuple):
    agent: AgentId
    reason: str
    length: int


class _Remind(NamedTuple):
    pass


_Act: TypeAlias = Event | _GiveUp | _Pause | _Remind


class Twin:
    """One day. Iterate over ``play``; ``state`` is the line after each moment."""

    def __init__(self, plan: Plan, chance: Random) -> None:
        self.state = State()
        self.patient: set[InteractionId] = set()
        """Contacts who never give up."""
        self.arrived = 0
        self.outcomes: dict[Outcome, int] = {}
        self._plan = plan
        self._chance = chance
        self._acts: list[tuple[int, int, _Act]] = []
        self._count = 0
        self._talks: dict[InteractionId, int] = {}
        self._ends = plan.opens + plan.hours * HOUR_MS
        self._staff()
        self._customers()
        heapify(self._acts)

    def remind(self, at: int) -> None:
        """Have ``play`` yield at ``at`` too, after what is due by then."""
        self._at(at, _Remind())

    def play(self) -> Iterator[Moment]:
        """Let the day pass, until nobody is left."""
        while (moment := self._next()) is not None:
            yield moment

    def _next(self) -> Moment | None:
        wake = self.state.next_wake()
        planned = self._acts[0][0] if self._acts else None
        if wake is None and planned is None:
            return None
        if planned is None or (wake is not None and wake <= planned):
            return self._step(Tick(), wake if wake is not None else self.state.now)
        at, _, act = heappop(self._acts)
        at = max(at, self.state.now)
        match act:
            case _Remind():
                return Moment(at, ())
            case _GiveUp(id_):
                found = self.state.interaction(id_)
                waits = found is not None and found.phase in _BEFORE_TALK
                return self._step(Ended(id_, Party.CUSTOMER, "gave_up") if waits else Tick(), at)
            case _Pause(agent, reason, length):
                self._at(at + length, IntentSet(agent, True))
                return self._step(IntentSet(agent, False, reason), at)
            case _:
                return self._step(act, at)

    def _step(self, event: Event, at: int) -> Moment:
        effects = step(self.state, event, at)
        for effect in effects:
            self._follow(effect, at)
        return Moment(at, effects)

    def _at(self, at: int, act: _Act) -> None:
        self._count += 1
        heappush(self._acts, (at, self._count, act))

    # --- who comes -----------------------------------------------------------------------------------------

    def _staff(self) -> None:
        plan, chance = self._plan, self._chance
        channels = sorted({demand.channel for demand in plan.demands})
        self._at(plan.opens - HOUR_MS, Configured(plan.rules))
        for number, rule in enumerate(plan.rules.agents):
            comes = plan.opens - chance.randrange(900_000)
            for channel in channels:
                self._at(comes, ReachChanged(rule.id, channel, True))
            self._at(comes, AgentSignedIn(rule.id))
            self._at(comes, IntentSet(rule.id, True))
            if plan.lunch_ms:
                # In four shifts, so that the house is never empty.
                begins = plan.opens + 3 * HOUR_MS + number % 4 * plan.lunch_ms // 2
                self._at(begins, _Pause(rule.id, "lunch", plan.lunch_ms))
            self._at(self._ends + 2 * HOUR_MS, AgentSignedOut(rule.id))

    def _customers(self) -> None:
        for demand in self._plan.demands:
            for hour, rate in enumerate(demand.per_hour[: self._plan.hours]):
                self._hour(demand, self._plan.opens + hour * HOUR_MS, rate)

    def _hour(self, demand: Demand, begins: int, rate: float) -> None:
        at = float(begins)
        while rate > 0:
            at += self._chance.expovariate(rate / HOUR_MS)
            if at >= begins + HOUR_MS:
                return
            self._customer(demand, round(at))

    def _customer(self, demand: Demand, at: int) -> None:
        self.arrived += 1
        id_ = InteractionId(f"{self.arrived:032x}")
        self._at(at, Arrived(id_, demand.channel, at))
        self._at(at, Queued(id_, demand.queue))
        self._talks[id_] = demand.talk.draw(self._chance)
        patience = self._chance.expovariate(1 / demand.patience_ms)
        if self._chance.random() < self._plan.patient:
            self.patient.add(id_)
        else:
            self._at(at + round(patience), _GiveUp(id_))

    # --- what people and devices do ------------------------------------------------------------------------

    def _follow(self, effect: Effect, at: int) -> None:
        plan, chance = self._plan, self._chance
        match effect:
            case SendOffer() if chance.random() >= plan.missed:
                self._at(at + plan.answer.draw(chance), OfferAccepted(effect.offer))
            case Connect():
                self._at(at + _CONNECT_MS, Connected(effect.id))
            case StartWrapUp():
                self._at(at + plan.wrap_up.draw(chance), WrapUpDone(effect.id, effect.agent))
            case AgentMoved(signed_in=True, ready=False, reason="rona"):
                self._at(at + 60_000, IntentSet(effect.agent, True))
            case Moved(phase=Phase.TALKING, cause="connected"):
                self._at(at + self._talks.pop(effect.id), Ended(effect.id, Party.CUSTOMER))
            case Moved(phase=Phase.CLOSED):
                self._closed(effect, at)
            case _:
                pass

    def _closed(self, moved: Moved, at: int) -> None:
        if moved.outcome is not None:
            self.outcomes[moved.outcome] = self.outcomes.get(moved.outcome, 0) + 1
        self._talks.pop(moved.id, None)
        agent = None if moved.agent is None else self.state.agent(moved.agent)
        if agent is None or agent.work or not agent.ready or at > self._ends:
            return
        if self._chance.random() < self._plan.pause:
            self._at(at, _Pause(agent.id, "break", self._plan.pause_ms.draw(self._chance)))
