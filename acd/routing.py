"""Who is offered what: bit masks for who may, sorted lists for who is first.

A set of agents is an integer with the bits of their slots. Nothing is cached that an event could leave stale:
each mask follows one fact.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop

from acd.due import Due
from acd.effects import Rule
from acd.model import Channel, Kind, LineRules
from acd.pools import Pools, bits, by_room
from acd.records import Agent, Contact, Entry, Found, Funnel, Place, Shelf, step_at
from acd.skills import Skills
from acd.tables import FULL, POINT_MS, SHUT, Tables
from core.ids import AgentId, QueueId


class Line:
    """The waiting contacts and the agents, indexed for each other."""

    def __init__(self) -> None:
        self.agents: list[Agent] = []
        """By slot."""
        self.by_id: dict[AgentId, Agent] = {}
        self.paused: set[QueueId] = set()
        """Queues that offer nothing."""
        self.tables = Tables(LineRules((), (), (), ()))
        self._reset()

    def _reset(self) -> None:
        self._pools = Pools()
        self._queues: dict[QueueId, list[Entry]] = {}
        self._held: dict[int, list[Entry]] = {}
        """By slot of the preferred agent: the contacts kept for a while."""
        self._directed: dict[int, list[Entry]] = {}
        """By slot: the contacts for that agent alone."""
        self._room = [0] * len(self.tables.kinds)
        self._reach = dict.fromkeys(Channel, 0)
        self.skills = Skills()
        self._bench: list[Place] = []
        """Keys of the agents with room for anything, sorted."""
        self._drains: dict[int, int] = {}
        """By arrival number of an overdue contact: the agents known to drain for it."""
        self.due = Due(self.agents)

    # --- rules ---------------------------------------------------------------------------------------------

    def configure(self, rules: LineRules) -> None:
        """Index everything anew under ``rules``, every agent being due.

        The line is empty afterwards: put the contacts back.
        """
        self.tables = Tables(rules)
        self._reset()
        for agent in self.agents:
            agent.fits, agent.place, agent.owed, agent.owed_to = 0, (), None, None
            bit = 1 << agent.slot
            if agent.named:
                self.skills.add(agent)
                for lane in self.tables.lanes.values():
                    for stage, rank in enumerate(lane.ranks.get(agent.profile, ())):
                        if rank != SHUT:
                            lane.agents[stage] |= bit
            for channel in agent.reach:
                self._reach[channel] |= bit
            self.recount(agent)

    # --- agents --------------------------------------------------------------------------------------------

    def add_agent(self, agent_id: AgentId) -> Agent:
        """Give an agent the next slot; it counts from the next ``configure`` on."""
        agent = Agent(len(self.agents), agent_id)
        agent.used = [0] * len(self.tables.kinds)
        self.agents.append(agent)
        self.by_id[agent_id] = agent
        return agent

    def recount(self, agent: Agent) -> None:
        """Derive the agent's load from its work."""
        tables = self.tables
        channels = [*(c.channel for c in agent.work.values()), *(w.channel for w in agent.wrap_ups.values())]
        agent.load = sum(map(tables.cost, channels))
        agent.used = [
            sum(tables.cost(channel) for channel in channels if channel not in kind.interrupts)
            for kind in tables.kinds
        ]
        self.changed(agent)

    def changed(self, agent: Agent, *, due: bool = True) -> None:
        """Follow a change of intent or load. A due agent looks for a contact before the step ends."""
        fits = self._fits(agent)
        flipped = fits ^ agent.fits
        if flipped:
            bit = 1 << agent.slot
            for kind in bits(flipped):
                self._room[kind] ^= bit
            agent.fits = fits
        place = agent.key if fits else ()
        if place != agent.place:
            if agent.place:
                del self._bench[bisect_left(self._bench, agent.place)]
            if place:
                insort(self._bench, place)
            agent.place = place
        if not place and agent.slot not in self._directed:
            self._forget_drain(agent)
            self.due.rest(agent)
        elif due or agent.slot in self.due.slots:
            self._forget_drain(agent)
            self.due.mark_agent(agent)

    def _fits(self, agent: Agent) -> int:
        if not (agent.named and agent.signed_in and agent.ready):
            return 0
        fits = 0
        for index, kind in enumerate(self.tables.kinds):
            if agent.used[index] + kind.cost <= FULL:
                fits |= 1 << index
        return fits

    def reach_changed(self, agent: Agent, channel: Channel) -> None:
        """Follow a change of one channel's reach."""
        self._reach[channel] ^= 1 << agent.slot
        self.changed(agent)

    # --- contacts ------------------------------------------------------------------------------------------

    def put(self, c: Contact, now: int) -> int | None:
        """Stand a contact in line by its age; return when that has to be looked at again."""
        change = self._place(c, now)
        self.restore(c)
        return change

    def restore(self, c: Contact) -> None:
        """Stand a contact where its placement says."""
        c.lane = self.tables.lane(c.queue, c.channel)
        entry = c.score, c.number, c
        if c.shelf is Shelf.DIRECTED:
            insort(self._directed.setdefault(c.held, []), entry)
            return
        c.lane.length += 1
        insort(self._queues.setdefault(c.queue, []), entry)
        if c.shelf is Shelf.KEPT:
            insort(self._held.setdefault(c.held, []), entry)
        elif c.shelf is Shelf.POOL:
            self._pools.add(c)

    def take(self, c: Contact) -> None:
        """Take a contact out of the line. Agents who drained for it look again."""
        self.due.forget(c)
        if c.shelf is Shelf.DIRECTED:
            _remove(self._directed, c.held, c)
            return
        c.lane.length -= 1
        _remove(self._queues, c.queue, c)
        if c.shelf is Shelf.KEPT:
            _remove(self._held, c.held, c)
        elif c.shelf is Shelf.POOL:
            self._pools.remove(c)
        for slot in bits(self._drains.pop(c.number, 0)):
            agent = self.agents[slot]
            agent.owed = agent.owed_to = None
            if agent.place:
                self.due.mark_agent(agent)

    def _place(self, c: Contact, now: int) -> int | None:
        """Set score, step, stage, late, held and shelf; return the next moment at which one of them changes."""
        tables = self.tables
        c.lane = lane = tables.lane(c.queue, c.channel)
        rule = tables.queue(c.queue)
        c.score = c.origin - POINT_MS * (rule.priority + c.priority)
        age = now - c.queued_at
        c.step, c.stage = step_at(c.ladder, age), lane.stage(age)
        c.late = lane.heavy and age >= tables.rules.drain_ms
        if c.excluded:
            c.excluded = {slot: until for slot, until in c.excluded.items() if until > now}
        moments = [*c.excluded.values()]
        self._shelve(c, now)
        if c.shelf is Shelf.DIRECTED:
            return min([c.grace_until, *moments])
        if rule.max_wait_ms > 0 and (limit := self.patience_ms(c)) is not None:
            moments.append(c.queued_at + limit)
        if c.step + 1 < len(c.ladder):
            moments.append(c.queued_at + c.ladder[c.step + 1][0])
        if c.stage < len(lane.delays):
            moments.append(c.queued_at + lane.delays[c.stage])
        if lane.heavy and not c.late:
            moments.append(c.queued_at + tables.rules.drain_ms)
        if c.grace_until > now:
            moments.append(c.grace_until)
        return min(moments, default=None)

    def _shelve(self, c: Contact, now: int) -> None:
        if c.strict and c.preferred is not None:
            c.shelf, c.held = Shelf.DIRECTED, self.by_id[c.preferred].slot
        elif c.queue in self.paused:
            c.shelf, c.held = Shelf.PAUSED, -1
        else:
            c.held = self._keeper(c, now)
            c.shelf = Shelf.POOL if c.held < 0 else Shelf.KEPT

    def patience_ms(self, c: Contact) -> int | None:
        """Return how long the contact may wait in its queue, or None for ever."""
        if c.kind is not Kind.INBOUND or c.strict or c.queue in c.overflowed:
            return None
        return self.tables.queue(c.queue).max_wait_ms or None

    def _keeper(self, c: Contact, now: int) -> int:
        """Return the slot of the preferred agent while the contact waits for nobody else, or -1."""
        if c.preferred is None or c.grace_until <= now:
            return -1
        agent = self.by_id.get(c.preferred)
        if agent is None or not agent.signed_in or agent.slot in c.excluded:
            return -1
        return agent.slot if self.funnel(c).skilled >> agent.slot & 1 else -1

    def kept_for(self, agent: Agent) -> list[Contact]:
        """Return the contacts that are kept for this agent for a while."""
        return [entry[2] for entry in self._held.get(agent.slot, ())]

    def directed_to(self, agent: Agent) -> list[Contact]:
        """Return the contacts that are for this agent alone."""
        return [entry[2] for entry in self._directed.get(agent.slot, ())]

    def position(self, c: Contact) -> int:
        """Return the contact's place from 1: in its queue, or among those for its agent alone."""
        line = self._directed[c.held] if c.shelf is Shelf.DIRECTED else self._queues[c.queue]
        return bisect_left(line, c.key) + 1

    def length(self, queue: QueueId) -> int:
        """Return how many wait in a queue."""
        return len(self._queues.get(queue, ()))

    def waiting(self, queue: QueueId) -> Iterable[Contact]:
        """Return the contacts of a queue, first to last, without those for one agent alone."""
        return [entry[2] for entry in self._queues.get(queue, ())]

    # --- the contact searches ------------------------------------------------------------------------------

    def funnel(self, c: Contact) -> Funnel:
        """Return who may have the contact, narrowed down condition by condition."""
        lane = c.lane
        in_queue = lane.agents[c.stage]
        skilled = in_queue & self.skills.able(c.asks)
        reachable = skilled & self._reach[c.channel]
        room = reachable & self._room[lane.kind]
        free = room
        for slot in c.excluded:
            free &= ~(1 << slot)
        return Funnel(in_queue, skilled, reachable, room, free)

    def best_agent(self, c: Contact) -> Found | None:
        """Return the agent for a waiting contact, if there is one now."""
        if c.shelf is Shelf.DIRECTED:
            return self._direct(c, self.agents[c.held])
        if c.shelf is Shelf.PAUSED:
            return None
        funnel = self.funnel(c)
        mask = funnel.not_excluded
        if c.held >= 0:
            mask &= 1 << c.held
        if not mask:
            return None
        favourite = self.by_id.get(c.preferred) if c.preferred is not None else None
        if favourite is not None and not (mask >> favourite.slot & 1 and not self._drained(favourite, c)):
            favourite = None
        others = (a for a in self._in_order(mask) if a is not favourite and not self._drained(a, c))
        first = favourite or next(others, None)
        if first is None:
            return None
        second = next(others, None)
        rule = Rule.PREFERRED if favourite else Rule.CONTACT_SEARCHED
        return Found(c, first, rule, second.id if second else None, funnel)

    def _in_order(self, mask: int) -> Iterator[Agent]:
        # A walk meets a member about every len/count places; picking the members costs count each.
        if mask.bit_count() ** 2 < len(self._bench):
            places = [self.agents[slot].place for slot in bits(mask)]
            heapify(places)
            while places:
                yield self.agents[heappop(places)[2]]
        else:
            for place in self._bench:
                if mask >> place[2] & 1:
                    yield self.agents[place[2]]

    def _direct(self, c: Contact, agent: Agent) -> Found | None:
        """Return the agent a contact is directed to, if the agent can have it: ready or not, wrapping up or not."""
        if c.channel not in agent.reach or agent.slot in c.excluded or not self.bears(agent, c.channel):
            return None
        mask = 1 << agent.slot
        return Found(c, agent, Rule.DIRECTED, None, Funnel(mask, mask, mask, mask, mask))

    def bears(self, agent: Agent, channel: Channel) -> bool:
        """Whether an agent who is there has room beside what is talking; wrap-ups do not count."""
        cost, interrupts = self.tables.kinds[self.tables.kind(channel)]
        live = (c.channel for c in agent.work.values() if c.channel not in interrupts)
        return agent.named and agent.signed_in and sum(map(self.tables.cost, live)) + cost <= FULL

    # --- the agent pulls -----------------------------------------------------------------------------------

    def best_contact(self, agent: Agent) -> Found | None:
        """Return the contact for an agent who is due, if there is one now."""
        for _, _, directed in self._directed.get(agent.slot, ()):
            if (found := self._direct(directed, agent)) is not None:
                return found
        if not agent.place:
            return None
        pools = self._pools
        allowed = pools.filled and pools.filled & ~pools.beyond(agent)
        kept = self._kept(agent)
        if not allowed and kept is None:
            return None
        for rank, rows in self.tables.profiles.get(agent.profile, ()):
            fitting, unfit = by_room(agent, rows)
            first, second = pools.first_two(fitting, allowed, agent.slot)
            if kept is not None and kept[0] == rank and (first is None or kept[1] < first):
                first, second = kept[1], first
            overdue, _ = pools.first_two(unfit, allowed & pools.late, agent.slot)
            if overdue is not None and (first is None or overdue < first):
                self._drain(agent, rank, overdue)
                return None
            if first is not None:
                c = first[2]
                rule = Rule.PREFERRED if c.preferred == agent.id else Rule.AGENT_PULLED
                return Found(c, agent, rule, second[2].id if second else None, self.funnel(c))
        return None

    def _kept(self, agent: Agent) -> tuple[int, Entry] | None:
        """Return the first contact kept for the agent that fits, with its rank."""
        best: tuple[int, Entry] | None = None
        for entry in self._held.get(agent.slot, ()):
            c = entry[2]
            if c.channel not in agent.reach or not agent.fits >> c.lane.kind & 1 or agent.slot in c.excluded:
                continue
            rank = self.rank(agent, c)
            if best is None or (rank, entry) < best:
                best = rank, entry
        return best

    def rank(self, agent: Agent, c: Contact) -> int:
        """Return the best rank of the rows by which the agent may take it; 0 if it is for the agent alone."""
        if c.shelf is Shelf.DIRECTED:
            return 0
        return c.lane.ranks[agent.profile][c.stage]

    # --- draining: a contact must not wait behind endless smaller ones -------------------------------------

    def _drained(self, agent: Agent, c: Contact) -> bool:
        """Whether the agent drains for an overdue contact that goes before ``c`` and does not fit yet."""
        pools = self._pools
        if not agent.load or not pools.late & pools.filled:
            return False
        rank = self.rank(agent, c)
        place = rank, c.score, c.number
        if agent.owed is not None and agent.owed < place:
            return True
        allowed = pools.filled & pools.late & ~pools.beyond(agent)
        for number, rows in self.tables.profiles[agent.profile]:
            if number > rank:
                break
            _, unfit = by_room(agent, rows)
            overdue, _ = pools.first_two(unfit, allowed, agent.slot)
            if overdue is not None and (number, *overdue[:2]) < place:
                self._drain(agent, number, overdue)
                return True
        return False

    def _drain(self, agent: Agent, rank: int, overdue: Entry) -> None:
        self._forget_drain(agent)
        score, number, c = overdue
        agent.owed, agent.owed_to = (rank, score, number), c
        self._drains[number] = self._drains.get(number, 0) | 1 << agent.slot

    def _forget_drain(self, agent: Agent) -> None:
        if agent.owed is not None:
            number = agent.owed[2]
            left = self._drains[number] & ~(1 << agent.slot)
            if left:
                self._drains[number] = left
            else:
                del self._drains[number]
            agent.owed = agent.owed_to = None

    def restore_drain(self, agent: Agent, rank: int, c: Contact) -> None:
        """Set again what a snapshot kept: for whom the agent drains."""
        self._drain(agent, rank, (c.score, c.number, c))


def _remove(lines: dict[QueueId, list[Entry]] | dict[int, list[Entry]], key: object, c: Contact) -> None:
    line = lines[key]  # type: ignore[index]
    del line[bisect_left(line, c.key)]
    if not line:
        del lines[key]  # type: ignore[arg-type]
