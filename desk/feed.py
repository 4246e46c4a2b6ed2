"""From what the line did to what screens see: marks what may have changed, looks again, publishes what differs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from acd.effects import AgentMoved, CancelOffer, Effect, Moved, Noted, QueueMoved, Receipt, Withdrawal
from acd.engine import Engine
from acd.events import Configured, Disposed
from acd.model import Kind, Phase
from acd.ports import Entry
from core.clock import Clock
from core.ids import AgentId, InteractionId, QueueId
from desk.model import Contact, Notice, Topic
from desk.ring import ALL, Ring
from desk.room import Room
from desk.views import Views

FIGURES_S: Final = 1.0
"""Figures change at most once in so long."""

_WHY: Final = {
    Withdrawal.EXPIRED: "expired",
    Withdrawal.REJECTED: "rejected",
    Withdrawal.RESCINDED: "rescinded",
    Withdrawal.FAILED: "failed",
    Withdrawal.CANCELLED: "cancelled",
    Withdrawal.LATE: "taken",
}


class Feed:
    """A watcher of the line (``acd.ports.Watcher``). ``start`` it once the line has its state, then ``run`` it."""

    def __init__(self, engine: Engine, views: Views, room: Room, ring: Ring, clock: Clock) -> None:
        self._engine = engine
        self._views = views
        self._room = room
        self._ring = ring
        self._clock = clock
        self._contacts: set[InteractionId] = set()
        self._agents: set[AgentId] = set()
        self._desks: dict[AgentId, dict[str, Contact]] = {}
        self._on_desks: dict[str, set[AgentId]] = {}
        self._holders: dict[InteractionId, AgentId] = {}
        self._figures = True
        self._scheduled = False
        self.on_agents: Callable[[frozenset[AgentId]], None] = lambda agents: None
        """Called with agents of whom something may have changed."""

        self.on_seen: Callable[[], None] = lambda: None
        """Called after anything was journalled."""

    def start(self) -> None:
        """Publish everything as it is."""
        state = self._engine.state
        for contact in state.live():
            self._contacts.add(contact.id)
            if contact.phase is Phase.PARKED:
                self._room.park(contact.id, contact.agent)
        self._agents.update(agent.id for agent in state.agents())
        self._flush()
        self._refresh()

    async def run(self, midnight: Callable[[int], int]) -> None:
        """Publish figures until cancelled. ``midnight`` returns when the day of a moment began."""
        today = midnight(self._clock.now_ms())
        while True:
            await asyncio.sleep(FIGURES_S)
            now = self._clock.now_ms()
            if midnight(now) != today:
                today = midnight(now)
                self._room.tally.new_day(today)
                self._figures = True
            if self._room.tally.age(now) or self._figures or self._anybody_waits():
                self._refresh()

    # --- what may have changed -----------------------------------------------------------------------------

    def saw(self, entries: Sequence[Entry]) -> None:
        """Take what was journalled."""
        for entry in entries:
            match entry.event:
                case Disposed(id=id_, category=category) if self._engine.state.interaction(id_) is not None:
                    self._room.disposed(id_, category)
                case Configured():
                    self._agents.update(agent.id for agent in self._engine.state.agents())
                case _:
                    pass
            for effect in entry.effects:
                self._take(effect, entry.at)
        self._schedule()
        self.on_seen()

    def touch(self, *, contact: InteractionId | None = None, agent: AgentId | None = None) -> None:
        """Look again at a contact or an agent of whom something outside the line changed."""
        if contact is not None:
            self._contacts.add(contact)
        if agent is not None:
            self._agents.add(agent)
        self._schedule()

    def touch_everybody(self) -> None:
        """Look again at every agent, queue and figure: the centre's words changed."""
        self._agents.update(agent.id for agent in self._engine.state.agents())
        self._figures = True
        self._schedule()

    def touch_room(self) -> None:
        """Look again at links, closure and figures, with the next figures."""
        self._figures = True

    def publish_figures(self) -> None:
        """Look again at queues and figures at once: something changed in them that changes seldom."""
        self._refresh()

    def note(self, notice: Notice, queues: frozenset[QueueId]) -> None:
        """Tell every screen, or the desks of some queues."""
        if not queues:
            self._ring.tell(Topic.CENTRE, ALL, notice)
        for agent, member in self._views.directory.agents.items():
            if queues & set(member.queues):
                self._ring.tell(Topic.DESK, agent, notice)

    def alarm(self, notice: Notice) -> None:
        """Tell the screens of those who watch the agents."""
        self._ring.tell(Topic.AGENTS, ALL, notice)

    def _take(self, effect: Effect, at: int) -> None:
        match effect:
            case Moved():
                self._moved(effect, at)
            case AgentMoved(agent=agent):
                self._agents.add(agent)
                self._figures = True
                return
            case QueueMoved():
                self._figures = True
                return
            case Receipt(id=id_, winner=winner):
                standing = self._room.tally.standing(id_)
                self._room.explained(effect, at - standing.since if standing else 0)
                self._agents.add(winner)
            case CancelOffer(id=id_, offer=offer, agent=agent, why=why, taken_by=taken_by):
                if why in _WHY:
                    notice = Notice("offer_over", id_, offer, _WHY[why], taken_by)
                    self._ring.tell(Topic.DESK, agent, notice)
            case Noted(id=id_):
                self._contacts.add(id_)
            case _:
                pass
        self._contacts.add(effect.id)
        involved = (getattr(effect, name, None) for name in ("agent", "before"))
        self._agents.update(agent for agent in involved if agent)

    def _moved(self, moved: Moved, at: int) -> None:
        self._figures = True
        view = self._engine.state.interaction(moved.id)
        if moved.phase is Phase.PARKED:
            self._room.park(moved.id, moved.agent or self._holders.get(moved.id))
        elif moved.phase in (Phase.OFFERED, Phase.WAITING, Phase.TALKING, Phase.CLOSED):
            self._room.park(moved.id, None)
        if moved.phase is not Phase.OFFERED:
            self._room.settled(moved.id)
        if moved.phase is Phase.CLOSED:
            self._room.closed(moved.id)
        standing = self._room.tally.standing(moved.id)
        if view is not None and view.kind not in (Kind.CONSULT, Kind.OUTBOUND):
            self._room.tally.see(moved, view.channel, at)
        elif standing is not None:
            self._room.tally.see(moved, standing.channel, at)
        if (holder := self._holders.get(moved.id)) is not None:
            self._agents.add(holder)
        if moved.agent is not None:
            self._holders[moved.id] = moved.agent
        if moved.phase in (Phase.WAITING, Phase.CLOSED):
            self._holders.pop(moved.id, None)

    # --- looking again -------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._scheduled = False
        contacts, self._contacts = self._contacts, set()
        for id_ in contacts:
            self._agents |= self._on_desks.get(id_, set())
            contact = self._views.contact(id_)
            self._ring.put(Topic.CONTACTS, ALL, id_, contact)
            if contact is not None and contact.parent is not None:
                self._agents |= self._on_desks.get(contact.parent, set())
        agents, self._agents = self._agents, set()
        for agent in agents:
            self._look_at(agent)
        if agents:
            self.on_agents(frozenset(agents))

    def _look_at(self, agent: AgentId) -> None:
        view = self._views.agent(agent)
        self._ring.put(Topic.AGENTS, ALL, agent, view)
        self._ring.put(Topic.COLLEAGUES, ALL, agent, self._views.colleague(agent))
        self._ring.put(Topic.DESK, agent, "me", view)
        before = self._desks.get(agent, {})
        desk = self._views.desk(agent, before)
        for gone in before.keys() - desk.keys():
            self._ring.put(Topic.DESK, agent, gone, None)
            self._off_desk(gone, agent)
        for key, contact in desk.items():
            self._ring.put(Topic.DESK, agent, key, contact)
            self._on_desks.setdefault(key, set()).add(agent)
        self._desks[agent] = desk

    def _off_desk(self, key: str, agent: AgentId) -> None:
        agents = self._on_desks.get(key, set())
        agents.discard(agent)
        if not agents:
            self._on_desks.pop(key, None)

    def _refresh(self) -> None:
        self._figures = False
        for queue in self._views.queues():
            self._ring.put(Topic.QUEUES, ALL, queue.id, queue)
        self._ring.put(Topic.WALLBOARD, ALL, "wallboard", self._views.wallboard())
        self._ring.put(Topic.CENTRE, ALL, "centre", self._views.centre())

    def _anybody_waits(self) -> bool:
        """Health depends on the time while somebody waits."""
        return self._room.tally.anybody_waits
