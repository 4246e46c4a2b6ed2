"""The line at one moment, arranged for simulating it many times: who waits, who may take whom, who is busy.

Contacts and agents are numbers here, and all times are milliseconds from that moment on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from acd.estimate_learned import (
    FOREVER,
    MISSED,
    NEVER,
    NOTHING,
    PAUSE,
    UNSEEN,
    Durations,
    LaneKey,
    Learned,
    Left,
)
from acd.model import Channel, Phase
from acd.records import Agent, Contact, Shelf, WrapUp
from acd.state import State
from acd.tables import FULL, POINT_MS
from core.ids import AgentId, InteractionId, OfferId, ProfileId, SkillId

MOST: Final = 400
"""So many waiting contacts a queue are simulated; who is behind them is reckoned from the last of them."""

_NOBODY: Final = -1
_STRIDE: Final = 7_919
"""A prime that no table is as long as."""
_Team: TypeAlias = tuple[ProfileId, tuple[tuple[SkillId, int], ...], frozenset[Channel]]


class Since(NamedTuple):
    """What the line itself does not remember."""

    talking: Mapping[OfferId, int]
    """When each conversation began: ``Contact.since`` starts anew with every hold."""
    had: Mapping[AgentId, Collection[str]]
    """For which reasons each agent was away since signing in."""


class Choice(NamedTuple):
    """A contact that the agents of a team may take, by one row of their profile. Sorted: who goes first."""

    rank: int
    score: int
    number: int
    """Of the contact in ``View.waiting``."""
    opens: int
    """From when on: delays and skills asked for."""
    kind: int
    cost: int
    late_in: int
    """When agents begin to keep themselves free for it."""
    kept: bool
    """Whether it is kept for or from somebody."""


@dataclass(slots=True)
class Waiting:
    """A contact in line, or the place behind the last one (``id`` is None), which takes nobody's time."""

    id: InteractionId | None
    lane: int
    score: int
    patience: Left
    late_in: int
    keeper: int = -1
    """The agent it is kept for, until ``kept``."""
    kept: int = 0
    excluded: Mapping[int, int] = field(default_factory=dict)
    """Until when it is kept from which agents."""

    def kept_from(self, agent: int) -> int:
        """Return until when the agent may not have it."""
        until = self.excluded.get(agent, 0)
        return until if self.keeper in (_NOBODY, agent) else max(until, self.kept)


@dataclass(slots=True)
class Job:
    """Work in progress: ``agent`` gets room back when ``talk`` and then ``wrap_up`` are over."""

    agent: int
    channel: int
    ring: Left | None
    """None when they talk already."""
    talk: Left | None
    """None when the agent wraps up already."""
    wrap_up: Left


@dataclass(slots=True)
class LaneFacts:
    """What contacts of a queue on a channel are like."""

    key: LaneKey
    kind: int
    cost: int
    channel: int
    service: Durations
    wrap_up: Durations
    work: Sequence[int]
    """Both together, in any order."""
    patience: Durations
    per_ms: float
    bonus: int
    """How much the queue's priority takes off the score."""


@dataclass(slots=True)
class View:
    """See above. ``used`` has each agent's load as each kind of contact sees it, agent by agent."""

    now: int
    learned: Learned
    lanes: list[LaneFacts] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    beyond: dict[InteractionId, tuple[InteractionId, float]] = field(default_factory=dict)
    """Contacts that are not simulated: like which one, and how many times its place."""
    kinds: int = 1
    loads: list[tuple[int, ...]] = field(default_factory=list)
    """By channel: what a contact adds to the load that each kind sees."""
    used: list[int] = field(default_factory=list)
    teams: list[list[Choice]] = field(default_factory=list)
    team_of: list[int] = field(default_factory=list)
    overtaking: list[dict[int, int]] = field(default_factory=list)
    """By team: lanes, and the ranks by which who comes later may go before somebody who waits."""
    sizes: list[list[tuple[int, int]]] = field(default_factory=list)
    """By team: kinds and costs of all it may take."""
    looking: list[int] = field(default_factory=list)
    """Agents with room for somebody who waits."""
    jobs: list[Job] = field(default_factory=list)
    away: list[tuple[int, Left]] = field(default_factory=list)
    """Agents who are not ready, and how long they may still be."""
    ring: Sequence[int] = ()
    """How long agents take to answer."""
    pauses: list[Sequence[tuple[float, Durations]]] = field(default_factory=list)
    """By agent, the reasons for a pause after a contact: how often, and how long."""
    missed: Durations = PAUSE
    """How long an agent is away who did not answer."""


def look(
    state: State,
    now: int,
    learned: Learned = NOTHING,
    since: Since | None = None,
    ends: Collection[LaneKey] = (),
) -> View:
    """Return the line as it is at ``now``, with a place behind the last contact of each of ``ends``."""
    return _Look(state, _view(state, max(now, state.now), learned), since or Since({}, {}), ends).view


def _view(state: State, now: int, learned: Learned) -> View:
    missed = learned.pauses.get(MISSED)
    return View(
        now=now,
        learned=learned,
        kinds=len(state.line.tables.kinds),
        ring=learned.answer.table,
        missed=missed.length if missed else PAUSE,
    )


class _Look:
    """Builds a view. Agents who may take nobody that waits are left out."""

    def __init__(self, state: State, view: View, since: Since, ends: Collection[LaneKey]) -> None:
        self.state = state
        self.learned = view.learned
        self.since = since
        self.view = view
        self.now = view.now
        self.lanes: dict[LaneKey, int] = {}
        self.channels: dict[Channel, int] = {}
        self.contacts: list[Contact | None] = []
        self.agents: dict[int, int] = {}
        self._wait(ends)
        if self.view.waiting:
            self._gather()
            self._keep()
            self._overtake()
            self._work()

    # --- who waits -----------------------------------------------------------------------------------------

    def _wait(self, ends: Iterable[LaneKey]) -> None:
        state, view = self.state, self.view
        for rule in state.rules.queues:
            line = list(state.line.waiting(rule.id))
            for c in line[:MOST]:
                self._stand(c)
            for place, c in enumerate(line[MOST:], MOST + 1):
                view.beyond[c.id] = line[MOST - 1].id, place / MOST
        for key in ends:
            lane = self._lane(key)
            score = self.now - view.lanes[lane].bonus
            view.waiting.append(Waiting(None, lane, score, Left((0,), 0, 1, 1), FOREVER))
            self.contacts.append(None)

    def _stand(self, c: Contact) -> None:
        now = self.now
        lane = self._lane((c.queue, c.channel))
        age = now - c.queued_at
        late = self.state.rules.drain_ms - age if c.lane.heavy else FOREVER
        patience = self.view.lanes[lane].patience.left(age)
        if (limit := self.state.line.patience_ms(c)) is not None:
            patience = _never_longer(patience, max(limit - age, 0))
        self.view.waiting.append(Waiting(c.id, lane, c.score, patience, late))
        self.contacts.append(c)

    def _lane(self, key: LaneKey) -> int:
        found = self.lanes.get(key)
        if found is not None:
            return found
        queue, channel = key
        tables, learned = self.state.line.tables, self.learned
        lane = tables.lane(queue, channel)
        rule = tables.queue(queue)
        service = learned.service.get(key, UNSEEN)
        wrap_up = learned.wrap_up.get(key, Durations([rule.wrap_up_ms]))
        self.view.lanes.append(
            LaneFacts(
                key=key,
                kind=lane.kind,
                cost=tables.cost(channel),
                channel=self._channel(channel),
                service=service,
                wrap_up=wrap_up,
                work=_together(service.table, wrap_up.table),
                patience=learned.patience.get(key, NEVER),
                per_ms=learned.per_ms.get(key, 0.0),
                bonus=POINT_MS * rule.priority,
            )
        )
        self.lanes[key] = len(self.view.lanes) - 1
        return self.lanes[key]

    def _channel(self, channel: Channel) -> int:
        if channel not in self.channels:
            tables = self.state.line.tables
            cost = tables.cost(channel)
            self.view.loads.append(tuple(0 if channel in k.interrupts else cost for k in tables.kinds))
            self.channels[channel] = len(self.channels)
        return self.channels[channel]

    # --- who may take them ---------------------------------------------------------------------------------

    def _gather(self) -> None:
        teams: dict[_Team, int] = {}
        lanes = (self.view.lanes[waiting.lane] for waiting in self.view.waiting)
        asked = {(lane.kind, lane.cost) for lane in lanes}
        for agent in self.state.line.agents:
            if not (agent.named and agent.signed_in):
                continue
            key = (agent.profile, tuple(sorted(agent.skills.items())), frozenset(agent.reach))
            if key not in teams:
                teams[key] = self._team(agent)
            if teams[key] < 0:
                continue
            number = self.agents[agent.slot] = len(self.view.team_of)
            self.view.team_of.append(teams[key])
            self.view.used += agent.used
            self.view.pauses.append(self._pauses(self.since.had.get(agent.id, ())))
            if any(agent.used[kind] + cost <= FULL for kind, cost in asked):
                self.view.looking.append(number)
            if not agent.ready:
                pause = self.learned.pauses.get(agent.reason)
                left = (pause.length if pause else PAUSE).left(self.now - agent.intent_since)
                self.view.away.append((number, left))

    def _pauses(self, had: Collection[str]) -> Sequence[tuple[float, Durations]]:
        shares = ((p.again if why in had else p.share, p.length) for why, p in self.learned.pauses.items())
        return [pause for pause in shares if pause[0]]

    def _team(self, agent: Agent) -> int:
        rows = self._rows(agent)
        choices = []
        for number, waiting in enumerate(self.view.waiting):
            c = self.contacts[number]
            key = self.view.lanes[waiting.lane].key
            for rank, delay in rows.get(key, ()):
                # A place at the end asks for no skill.
                opens = delay if c is None else self._opens(c, agent, delay)
                choices.append(self._choice(rank, number, opens))
        choices = sorted(choice for choice in choices if choice.opens < FOREVER)
        if not choices:
            return -1
        self.view.teams.append(choices)
        self.view.sizes.append(sorted({(choice.kind, choice.cost) for choice in choices}))
        return len(self.view.teams) - 1

    def _choice(self, rank: int, number: int, opens: int) -> Choice:
        waiting, c = self.view.waiting[number], self.contacts[number]
        lane = self.view.lanes[waiting.lane]
        kept = c is not None and (c.held >= 0 or bool(c.excluded))
        return Choice(rank, waiting.score, number, opens, lane.kind, lane.cost, waiting.late_in, kept)

    def _rows(self, agent: Agent) -> dict[LaneKey, list[tuple[int, int]]]:
        rows: dict[LaneKey, list[tuple[int, int]]] = {}
        for rank, lanes in self.state.line.tables.profiles.get(agent.profile, ()):
            for lane, index in lanes:
                if lane.channel in agent.reach:
                    rows.setdefault((lane.queue, lane.channel), []).append((rank, lane.delays[index]))
        return rows

    def _opens(self, c: Contact, agent: Agent, delay: int) -> int:
        if c.shelf is Shelf.PAUSED:
            return FOREVER
        for after, asked in c.ladder:
            if all(agent.skills.get(skill, 0) >= level for skill, level in asked):
                return max(0, c.queued_at + max(after, delay) - self.now)
        return FOREVER

    def _keep(self) -> None:
        now = self.now
        for waiting, c in zip(self.view.waiting, self.contacts, strict=True):
            if c is None:
                continue
            if c.held >= 0:
                waiting.keeper, waiting.kept = self.agents.get(c.held, _NOBODY), c.grace_until - now
            if c.excluded:
                waiting.excluded = {
                    self.agents[slot]: until - now
                    for slot, until in c.excluded.items()
                    if slot in self.agents and until > now
                }

    def _overtake(self) -> None:
        """Find the lanes whose future contacts may go before somebody who waits now."""
        view, tables = self.view, self.state.line.tables
        ranks: list[dict[LaneKey, int]] = [{} for _ in view.teams]
        for agent in self.state.line.agents:
            number = self.agents.get(agent.slot)
            if number is not None and not ranks[view.team_of[number]]:
                rows = self._rows(agent)
                ranks[view.team_of[number]] = {
                    key: min(rows[key])[0] for key in rows if min(rows[key])[1] == 0
                }
        for team, choices in enumerate(view.teams):
            last = max((c.rank, c.score) for c in choices)
            heaviest = max(view.lanes[view.waiting[c.number].lane].cost for c in choices)
            over = {}
            for (queue, channel), rank in ranks[team].items():
                if not self.learned.per_ms.get((queue, channel)):
                    continue
                soonest = (rank, view.now - POINT_MS * tables.queue(queue).priority)
                if soonest < last or tables.cost(channel) < heaviest:
                    over[self._lane((queue, channel))] = rank
            view.overtaking.append(over)

    # --- what they are busy with ---------------------------------------------------------------------------

    def _work(self) -> None:
        for agent in self.state.line.agents:
            number = self.agents.get(agent.slot)
            if number is not None:
                self.view.jobs += (self._job(number, c) for c in agent.work.values())
                self.view.jobs += (self._last(number, wrap_up) for wrap_up in agent.wrap_ups.values())

    def _job(self, number: int, c: Contact) -> Job:
        now = self.now
        lane = self.view.lanes[self._lane((c.queue, c.channel))]
        ring = self.learned.answer.left(now - c.since) if c.phase is Phase.OFFERED else None
        began = self.since.talking.get(c.offer, c.since)
        talked = now - began if c.phase in (Phase.TALKING, Phase.HELD) else 0
        return Job(number, lane.channel, ring, lane.service.left(talked), lane.wrap_up.left(0))

    def _last(self, number: int, wrap_up: WrapUp) -> Job:
        lane = self.view.lanes[self._lane((wrap_up.queue, wrap_up.channel))]
        rule = self.state.line.tables.queue(wrap_up.queue)
        until = max(wrap_up.until - self.now, 0)
        lasted = rule.wrap_up_ms + wrap_up.extended * rule.wrap_up_extra_ms - until
        return Job(number, lane.channel, None, None, _never_longer(lane.wrap_up.left(lasted), until))


def _never_longer(left: Left, most: int) -> Left:
    """Return what is left of what ends after ``most`` at the latest."""
    if not left.size:
        return Left((most,), 0, 1, 0)
    table = left.table[left.first : left.first + left.size]
    return Left([min(one - left.elapsed, most) for one in table], 0, left.size, 0)


def _together(service: Sequence[int], wrap_up: Sequence[int]) -> tuple[int, ...]:
    """Pair each with some other, so that long ones do not go together."""
    return tuple(talk + wrap_up[n * _STRIDE % len(wrap_up)] for n, talk in enumerate(service))
