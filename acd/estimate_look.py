"""Reads the line for ``estimate_view.View``. Nothing of the line is changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

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
from acd.estimate_view import NOBODY, Choice, Job, LaneFacts, Since, View, Waiting
from acd.model import Channel, Phase
from acd.records import Agent, Asked, Contact, Shelf, WrapUp
from acd.state import State
from acd.tables import FULL, POINT_MS
from core.ids import ProfileId, SkillId

MOST: Final = 300
"""So many waiting contacts are simulated, as many of each queue; who is behind them is reckoned from the last."""

_AGENTS_A_PIECE: Final = 100
_STRIDE: Final = 7_919
"""A prime that no table is as long as."""
_Team: TypeAlias = tuple[ProfileId, frozenset[Channel]]


def look(
    state: State,
    now: int,
    learned: Learned = NOTHING,
    since: Since | None = None,
    ends: Collection[LaneKey] = (),
) -> View:
    """Return the line as it is at ``now``, with a place behind the last contact of each of ``ends``."""
    looking = Looking(state, now, learned, since, ends)
    for _ in looking.pieces():
        pass
    return looking.view


def _view(state: State, now: int, learned: Learned) -> View:
    missed = learned.pauses.get(MISSED)
    return View(
        now=now,
        learned=learned,
        kinds=len(state.line.tables.kinds),
        ring=learned.answer.table,
        missed=missed.length if missed else PAUSE,
    )


class Looking:
    """Builds ``view`` piece by piece: in a large centre the whole takes longer than a shell may do one thing.

    What happens between two pieces makes it a little out of date, as time does. Agents who may take nobody that
    waits are left out.
    """

    def __init__(
        self,
        state: State,
        now: int,
        learned: Learned = NOTHING,
        since: Since | None = None,
        ends: Collection[LaneKey] = (),
    ) -> None:
        self.view = _view(state, max(now, state.now), learned)
        self._state = state
        self._now = self.view.now
        self._learned = learned
        self._since = since or Since({}, {})
        self._ends = ends
        self._lanes: dict[LaneKey, int] = {}
        self._channels: dict[Channel, int] = {}
        self._contacts: list[Contact | None] = []
        self._agents: dict[int, int] = {}
        """By slot: the agent's number."""
        self._skilled: dict[Asked, int] = {}

    def pieces(self) -> Iterator[None]:
        """Do a part of the work each time."""
        self._wait(self._ends)
        if not self.view.waiting:
            return
        yield
        yield from self._gather()
        self._keep()
        yield
        yield from self._hope()
        yield from self._overtake()
        yield from self._work()

    # --- who waits -----------------------------------------------------------------------------------------

    def _wait(self, ends: Iterable[LaneKey]) -> None:
        state, view = self._state, self.view
        most = MOST // max(sum(state.line.length(rule.id) > 0 for rule in state.rules.queues), 1)
        for rule in state.rules.queues:
            line = list(state.line.waiting(rule.id))
            for c in line[:most]:
                self._stand(c)
            for place, c in enumerate(line[most:], most + 1):
                view.beyond[c.id] = line[most - 1].id, place / most
        for key in ends:
            lane = self._lane(key)
            score = self._now - view.lanes[lane].bonus
            view.waiting.append(Waiting(None, lane, score, Left((0,), 0, 1, 1), FOREVER))
            self._contacts.append(None)

    def _stand(self, c: Contact) -> None:
        now = self._now
        lane = self._lane((c.queue, c.channel))
        age = now - c.queued_at
        late = self._state.rules.drain_ms - age if c.lane.heavy else FOREVER
        patience = self.view.lanes[lane].patience.left(age)
        if (limit := self._state.line.patience_ms(c)) is not None:
            patience = _never_longer(patience, max(limit - age, 0))
        self.view.waiting.append(Waiting(c.id, lane, c.score, patience, late))
        self._contacts.append(c)

    def _lane(self, key: LaneKey) -> int:
        found = self._lanes.get(key)
        if found is not None:
            return found
        queue, channel = key
        tables, learned = self._state.line.tables, self._learned
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
        self._lanes[key] = len(self.view.lanes) - 1
        return self._lanes[key]

    def _channel(self, channel: Channel) -> int:
        if channel not in self._channels:
            tables = self._state.line.tables
            cost = tables.cost(channel)
            self.view.loads.append(tuple(0 if channel in k.interrupts else cost for k in tables.kinds))
            self._channels[channel] = len(self._channels)
        return self._channels[channel]

    # --- who may take them ---------------------------------------------------------------------------------

    def _gather(self) -> Iterator[None]:
        teams: dict[_Team, int] = {}
        lanes = (self.view.lanes[waiting.lane] for waiting in self.view.waiting)
        asked = {(lane.kind, lane.cost) for lane in lanes}
        for agent in self._state.line.agents:
            if not (agent.named and agent.signed_in):
                continue
            key = (agent.profile, frozenset(agent.reach))
            if key not in teams:
                teams[key] = self._team(agent)
                yield
            if teams[key] < 0:
                continue
            number = self._agents[agent.slot] = len(self.view.team_of)
            self.view.team_of.append(teams[key])
            self.view.bits.append(1 << agent.slot)
            self.view.used += agent.used
            self.view.pauses.append(self._pauses(self._since.had.get(agent.id, ())))
            if any(agent.used[kind] + cost <= FULL for kind, cost in asked):
                self.view.looking.append(number)
            if not agent.ready:
                pause = self._learned.pauses.get(agent.reason)
                left = (pause.length if pause else PAUSE).left(self._now - agent.intent_since)
                self.view.away.append((number, left))

    def _pauses(self, had: Collection[str]) -> Sequence[tuple[float, Durations]]:
        shares = ((p.again if why in had else p.share, p.length) for why, p in self._learned.pauses.items())
        return [pause for pause in shares if pause[0]]

    def _team(self, agent: Agent) -> int:
        rows = self._rows(agent)
        choices: list[Choice] = []
        for number, waiting in enumerate(self.view.waiting):
            c = self._contacts[number]
            key = self.view.lanes[waiting.lane].key
            for rank, delay in rows.get(key, ()):
                # A place at the end asks for no skill.
                opens = [(delay, -1)] if c is None else self._opens(c, delay)
                choices += (self._choice(rank, number, *when) for when in opens)
        if not choices:
            return -1
        choices.sort()
        self.view.teams.append(choices)
        self.view.sizes.append(sorted({(choice.kind, choice.cost) for choice in choices}))
        return len(self.view.teams) - 1

    def _choice(self, rank: int, number: int, opens: int, able: int) -> Choice:
        waiting, c = self.view.waiting[number], self._contacts[number]
        lane = self.view.lanes[waiting.lane]
        kept = c is not None and (c.held >= 0 or bool(c.excluded))
        return Choice(rank, waiting.score, number, opens, able, lane.kind, lane.cost, waiting.late_in, kept)

    def _rows(self, agent: Agent) -> dict[LaneKey, list[tuple[int, int]]]:
        rows: dict[LaneKey, list[tuple[int, int]]] = {}
        for rank, lanes in self._state.line.tables.profiles.get(agent.profile, ()):
            for lane, index in lanes:
                if lane.channel in agent.reach:
                    rows.setdefault((lane.queue, lane.channel), []).append((rank, lane.delays[index]))
        return rows

    def _opens(self, c: Contact, delay: int) -> list[tuple[int, int]]:
        """Return from when on whom a row lets have the contact: once for each step of what is asked for."""
        if c.shelf is Shelf.PAUSED:
            return []
        begins = c.queued_at - self._now
        return [
            (max(0, begins + max(after, delay)), self._able(asked)) for after, asked in c.ladder[c.step :]
        ]

    def _hope(self) -> Iterator[None]:
        """Count those whom somebody may take: the others would be waited for until the horizon."""
        crews = [0] * len(self.view.teams)
        for team, bit in zip(self.view.team_of, self.view.bits, strict=True):
            crews[team] |= bit
        hopeful: set[int] = set()
        for crew, choices in zip(crews, self.view.teams, strict=True):
            hopeful |= {c.number for c in choices if c.able & crew}
            yield
        self.view.hopeful = len(hopeful)

    def _able(self, asked: Asked) -> int:
        if asked not in self._skilled:
            able = -1
            for skill, level in asked:
                able &= self._at_least(skill, level)
            self._skilled[asked] = able
        return self._skilled[asked]

    def _at_least(self, skill: SkillId, level: int) -> int:
        key = ((skill, level),)
        if key not in self._skilled:
            bits = (1 << a.slot for a in self._state.line.agents if a.skills.get(skill, 0) >= level)
            self._skilled[key] = sum(bits)
        return self._skilled[key]

    def _keep(self) -> None:
        now = self._now
        for waiting, c in zip(self.view.waiting, self._contacts, strict=True):
            if c is None:
                continue
            if c.held >= 0:
                waiting.keeper, waiting.kept = self._agents.get(c.held, NOBODY), c.grace_until - now
            if c.excluded:
                waiting.excluded = {
                    self._agents[slot]: until - now
                    for slot, until in c.excluded.items()
                    if slot in self._agents and until > now
                }

    def _overtake(self) -> Iterator[None]:
        """Find the lanes whose future contacts may go before somebody who waits now."""
        view, tables = self.view, self._state.line.tables
        ranks: list[dict[LaneKey, int]] = [{} for _ in view.teams]
        for agent in self._state.line.agents:
            number = self._agents.get(agent.slot)
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
                if not self._learned.per_ms.get((queue, channel)):
                    continue
                soonest = (rank, view.now - POINT_MS * tables.queue(queue).priority)
                if soonest < last or tables.cost(channel) < heaviest:
                    over[self._lane((queue, channel))] = rank
            view.overtaking.append(over)
            yield

    # --- what they are busy with ---------------------------------------------------------------------------

    def _work(self) -> Iterator[None]:
        for agent in self._state.line.agents:
            number = self._agents.get(agent.slot)
            if agent.slot % _AGENTS_A_PIECE == 0:
                yield
            if number is not None:
                self.view.jobs += (self._job(number, c) for c in agent.work.values())
                self.view.jobs += (self._last(number, wrap_up) for wrap_up in agent.wrap_ups.values())

    def _job(self, number: int, c: Contact) -> Job:
        now = self._now
        lane = self.view.lanes[self._lane((c.queue, c.channel))]
        ring = self._learned.answer.left(now - c.since) if c.phase is Phase.OFFERED else None
        began = self._since.talking.get(c.offer, c.since)
        talked = now - began if c.phase in (Phase.TALKING, Phase.HELD) else 0
        return Job(number, lane.channel, ring, lane.service.left(talked), lane.wrap_up.left(0))

    def _last(self, number: int, wrap_up: WrapUp) -> Job:
        lane = self.view.lanes[self._lane((wrap_up.queue, wrap_up.channel))]
        rule = self._state.line.tables.queue(wrap_up.queue)
        until = max(wrap_up.until - self._now, 0)
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
