"""A centre at work without the rest of it: agents, customers and the clock, as the line sees them.

Twenty queues on four channels, profiles with ranks and delays, skills and levels that differ from agent to agent,
needs that relax in steps, preferred agents, rejections, missed offers, breaks, devices that come and go.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

from acd.effects import AgentMoved, Connect, Effect, Moved, SendOffer, StartWrapUp
from acd.events import (
    AgentSignedIn,
    Arrived,
    Configured,
    Connected,
    Ended,
    Event,
    IntentSet,
    OfferAccepted,
    OfferRejected,
    PriorityChanged,
    Queued,
    ReachChanged,
    Tick,
    WrapUpDone,
)
from acd.model import (
    AgentRule,
    Channel,
    ChannelRule,
    LineRules,
    Need,
    Party,
    Phase,
    Profile,
    QueueRule,
    Relax,
    Row,
)
from acd.state import State
from core.ids import AgentId, InteractionId, ProfileId, QueueId, SkillId

START: Final = 1_790_000_000_000
CHANNELS: Final = (Channel.VOICE, Channel.WHATSAPP, Channel.EMAIL, Channel.CHAT)
_QUEUES: Final = tuple(QueueId(f"queue{n}") for n in range(20))
_SKILLS: Final = tuple(SkillId(f"skill{n}") for n in range(12))
_PROFILES: Final = 40
_FILL_MS: Final = 600_000
"""Into an empty line come as many contacts in this time as it shall hold."""
_TALK_MS: Final = 180_000


def rules(agents: int) -> LineRules:
    """Return rules for so many agents, the same ones every time."""
    rng = random.Random(agents)  # noqa: S311 -- a workload
    return LineRules(
        channels=tuple(ChannelRule(c, 100 if c is Channel.VOICE else 50) for c in CHANNELS),
        queues=tuple(QueueRule(q, wrap_up_ms=15_000, priority=n % 3) for n, q in enumerate(_QUEUES)),
        profiles=tuple(_profile(rng, n) for n in range(_PROFILES)),
        agents=tuple(
            AgentRule(
                AgentId(f"a{n}"),
                ProfileId(f"profile{rng.randrange(_PROFILES)}"),
                {skill: rng.randint(1, 5) for skill in rng.sample(_SKILLS, 5)},
            )
            for n in range(agents)
        ),
    )


def _profile(rng: random.Random, number: int) -> Profile:
    rows = []
    for place, queue in enumerate(rng.sample(_QUEUES, 5)):
        rank, delay_ms = (1, 0) if place < 3 else (2, rng.choice((0, 30_000, 120_000)))
        rows += [Row(queue, channel, rank, delay_ms) for channel in CHANNELS]
    return Profile(ProfileId(f"profile{number}"), tuple(rows))


@dataclass(frozen=True, slots=True)
class Pace:
    """How contacts come: one each ``spacing_ms`` on average while fewer than ``full`` wait."""

    spacing_ms: float
    full: int


def crowded(waiting: int) -> Pace:
    """Keep so many waiting."""
    return Pace(_FILL_MS / waiting, waiting)


def quiet(agents: int) -> Pace:
    """Keep about a third of the agents' time taken."""
    return Pace(3 * _TALK_MS / agents, agents)


@dataclass(slots=True)
class Traffic:
    """What happens next, given what the line decided. The same agents and pace give the same history."""

    agents: int
    pace: Pace
    state: State = field(default_factory=State)
    now: int = START
    waiting: int = 0
    _count: int = 0
    _rng: random.Random = field(default_factory=lambda: random.Random(169))  # noqa: S311 -- a workload
    _planned: list[tuple[int, int, Event]] = field(default_factory=list)
    _plans: int = 0
    _arrival: int = START

    def __post_init__(self) -> None:
        for event in self._opening():
            self._plan(0, event)

    def _opening(self) -> Iterator[Event]:
        line = rules(self.agents)
        yield Configured(line)
        for agent in line.agents:
            yield from (ReachChanged(agent.id, channel, True) for channel in CHANNELS)
            yield AgentSignedIn(agent.id)
            yield IntentSet(agent.id, True)

    def next(self) -> tuple[int, Event]:
        """Return when and what the next event is; the caller steps it and says what followed."""
        wake = self.state.next_wake()
        planned = self._planned[0][0] if self._planned else None
        arrival = max(self._arrival, self.now) if self.waiting < self.pace.full else None
        at = min(moment for moment in (wake, planned, arrival) if moment is not None)
        self.now = max(self.now, at)
        if wake == at:
            return self.now, Tick()
        if planned == at:
            return self.now, heappop(self._planned)[2]
        return self.now, self._arrives()

    def follow(self, effects: Sequence[Effect]) -> None:
        """Plan what people and devices do after ``effects``."""
        chance = self._rng.random
        for effect in effects:
            match effect:
                case SendOffer():
                    self._answer(effect, chance())
                case Connect():
                    self._plan(200, Connected(effect.id))
                case StartWrapUp() if chance() < 0.7:
                    self._plan(15_000 * chance(), WrapUpDone(effect.id))
                case AgentMoved(ready=False, signed_in=True, reason=reason) if reason:
                    self._plan(60_000, IntentSet(effect.agent, True))
                case Moved():
                    self._moved(effect)
                case _:
                    pass

    def _answer(self, offer: SendOffer, luck: float) -> None:
        answer_ms = 2_000 + 5_000 * self._rng.random()
        if luck < 0.92:
            self._plan(answer_ms, OfferAccepted(offer.offer))
        elif luck < 0.97:
            self._plan(answer_ms, OfferRejected(offer.offer))

    def _moved(self, moved: Moved) -> None:
        self.waiting += (moved.phase is Phase.WAITING) - (moved.phase is Phase.OFFERED)
        self.waiting -= moved.abandoned_in is Phase.WAITING
        match moved.phase, moved.cause:
            case Phase.TALKING, "connected":
                self._plan(_TALK_MS * self._rng.lognormvariate(-0.2, 0.7), Ended(moved.id, Party.CUSTOMER))
            case Phase.CLOSED, _ if moved.agent is not None:
                self._now_and_then(moved.agent)
            case _:
                pass

    def _now_and_then(self, agent: AgentId) -> None:
        luck = self._rng.random()
        if luck < 0.02:
            self._plan(0, IntentSet(agent, False, "break"))
        elif luck < 0.04:
            self._plan(0, ReachChanged(agent, Channel.VOICE, False))
            self._plan(5_000, ReachChanged(agent, Channel.VOICE, True))
        elif luck < 0.07 and self._count:
            self._plan(0, PriorityChanged(self._recent(), self._rng.randint(0, 2)))
        elif luck < 0.10 and self._count:
            self._plan(0, Ended(self._recent(), Party.CUSTOMER))

    def _recent(self) -> InteractionId:
        return _name(max(1, self._count - self._rng.randrange(self.pace.full + 1)))

    def _arrives(self) -> Event:
        self._count += 1
        rng, name = self._rng, _name(self._count)
        self._arrival = self.now + round(rng.expovariate(1 / self.pace.spacing_ms))
        needs = tuple(Need(skill, rng.randint(1, 3)) for skill in rng.sample(_SKILLS, rng.randint(1, 2)))
        preferred = AgentId(f"a{rng.randrange(self.agents)}") if rng.random() < 0.05 else None
        queued = Queued(
            name, rng.choice(_QUEUES), needs, _relaxed(needs), preferred=preferred, grace_ms=20_000
        )
        self._plan(0, queued)
        return Arrived(name, rng.choice(CHANNELS), self.now, caller=f"+6281{self._count:08d}", dialled="169")

    def _plan(self, after_ms: float, event: Event) -> None:
        self._plans += 1
        heappush(self._planned, (self.now + round(after_ms), self._plans, event))


def _relaxed(needs: Sequence[Need]) -> tuple[Relax, ...]:
    """Return steps spread over as long as contacts wait: lower levels, then one skill less, then any level."""
    lower = tuple(Need(need.skill, max(1, need.level - 1)) for need in needs)
    return Relax(60_000, lower), Relax(240_000, lower[:1]), Relax(900_000, (Need(needs[0].skill),))


def _name(number: int) -> InteractionId:
    return InteractionId(f"{number:032x}")
