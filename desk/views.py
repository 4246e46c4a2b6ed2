"""Live views made from the line's state when asked: what is shown is what is routed on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from acd.engine import Engine
from acd.model import Channel, Phase, QueueState
from acd.views import AgentView, InteractionView, QueueView, WrapUpView
from core.ids import AgentId, InteractionId, OfferId, QueueId
from desk import model as m
from desk.directory import Directory, Member
from desk.ports import Calls, Closure, Devices
from desk.room import Room

_NOBODY: Final = Member("", {}, (), frozenset())
_SHOWN: Final = 4
_ENDS: Final = 8
_LONG: Final = 12

_WITH_AGENT: Final = (Phase.OFFERED, Phase.CONNECTING, Phase.TALKING, Phase.HELD)
_RANK: Final = (m.AgentState.TALKING, m.AgentState.HELD, m.AgentState.OFFERED, m.AgentState.WRAPPING)
_STATES: Final[Mapping[Phase, m.AgentState]] = {
    Phase.OFFERED: m.AgentState.OFFERED,
    Phase.CONNECTING: m.AgentState.OFFERED,
    Phase.TALKING: m.AgentState.TALKING,
    Phase.HELD: m.AgentState.HELD,
}


class Views:
    """Reads the line, the calls and the devices; changes nothing."""

    def __init__(
        self,
        engine: Engine,
        directory: Directory,
        calls: Calls,
        devices: Devices,
        closure: Closure,
        room: Room,
    ) -> None:
        self._engine = engine
        self._directory = directory
        self._calls = calls
        self._devices = devices
        self._closure = closure
        self._room = room
        self.desks: set[AgentId] = set()
        """Agents with a desk connected; kept by whoever knows."""
        self.visitor: Callable[[InteractionId], tuple[int | None, m.Label | None]] = lambda id_: (None, None)
        """Returns when the appointment begins by which a visitor came."""
        self.pending: dict[AgentId, str] = {}
        """Agents who go not-ready for a reason once their open offer is settled."""

        self.voicemails: Mapping[QueueId, m.Voicemails] | None = None
        """Messages that callers left, of queues that have any; None until somebody looked."""

    @property
    def directory(self) -> Directory:
        """The centre's words."""
        return self._directory

    # --- contacts ------------------------------------------------------------------------------------------

    def contact(self, id_: InteractionId) -> m.Contact | None:
        """Return a live contact."""
        view = self._engine.state.interaction(id_)
        return None if view is None else self._contact(view)

    def contacts(self) -> Iterable[m.Contact]:
        """Yield every live contact in order of arrival."""
        return map(self._contact, self._engine.state.live())

    def desk(self, agent: AgentId, before: Mapping[str, m.Contact]) -> dict[str, m.Contact]:
        """Return what stands on an agent's desk. ``before`` has the contacts that closed while wrapped up."""
        view = self._engine.state.agent(agent)
        if view is None:
            return {}
        live = (self.contact(id_) for id_ in view.work)
        found: dict[str, m.Contact] = {contact.id: contact for contact in live if contact is not None}
        for wrap in view.wrap_ups:
            contact = self.contact(wrap.id) or before.get(wrap.id)
            if contact is not None:
                found[wrap.id] = _wrapping(contact, agent, wrap)
        for parked in self._room.parked_by(agent):
            if (contact := self.contact(parked)) is not None:
                found.setdefault(parked, contact)
        return found

    def _contact(self, view: InteractionView) -> m.Contact:
        offered = view.phase is Phase.OFFERED and view.offer is not None and view.until is not None
        waiting = view.phase is Phase.WAITING
        appointment_at, about = self.visitor(view.id)
        return m.Contact(
            id=view.id,
            channel=view.channel,
            kind=view.kind,
            phase=view.phase,
            since=view.since,
            arrived_at=view.arrived_at,
            queue=view.queue,
            agent=view.agent,
            priority=view.priority,
            # A visitor by video gave a name to be called by; it is no address that could be used elsewhere.
            caller=(view.caller if view.channel is Channel.VIDEO else masked(view.caller)) or None,
            language=view.language or None,
            parent=view.parent,
            offer=self._offer(view) if offered else None,
            consults=view.consults,
            score=view.score if waiting else None,
            needs=dict(view.needs),
            until=view.until if view.phase is Phase.PARKED else None,
            call=self._calls.view(view.id) if view.phase not in (Phase.WRAPPING, Phase.CLOSED) else None,
            category=self._room.category(view.id),
            menu=view.place or None,
            appointment_at=appointment_at,
            about=about,
        )

    def _offer(self, view: InteractionView) -> m.OfferLive:
        offer = OfferId(view.offer or 0)
        return m.OfferLive(offer, view.until or 0, view.since, self._room.why(view.id, offer))

    # --- agents --------------------------------------------------------------------------------------------

    def agent(self, agent: AgentId) -> m.Agent | None:
        """Return an agent for those who lead."""
        view = self._engine.state.agent(agent)
        if view is None:
            return None
        member = self._directory.agents.get(agent, _NOBODY)
        state, since = self._state(view)
        limit = self._directory.reasons.get(view.reason)
        idle = state is m.AgentState.NOT_READY
        return m.Agent(
            id=view.id,
            name=member.name,
            state=state,
            since=since,
            signed_in=view.signed_in,
            ready=view.ready,
            reason=view.reason or None,
            reason_until=view.intent_since + limit if idle and limit is not None else None,
            next_not_ready=self.pending.get(agent),
            reach=tuple(Channel(channel) for channel in view.reach),
            load=view.load,
            offered_load=self._offered(view),
            work=view.work,
            queues=member.queues,
            desk=agent in self.desks,
            phones=self._devices.phones(agent),
        )

    def agents(self) -> Iterable[m.Agent]:
        """Yield every agent."""
        return (a for view in self._engine.state.agents() if (a := self.agent(view.id)) is not None)

    def colleague(self, agent: AgentId) -> m.Colleague | None:
        """Return an agent for those who hand over a contact; None for one who is signed out."""
        view = self._engine.state.agent(agent)
        if view is None or not view.signed_in:
            return None
        member = self._directory.agents.get(agent, _NOBODY)
        state, _ = self._state(view)
        reach = tuple(Channel(channel) for channel in view.reach)
        return m.Colleague(agent, member.name, state, view.load, reach, member.queues, dict(member.skills))

    def colleagues(self) -> Iterable[m.Colleague]:
        """Yield every agent who is signed in."""
        return (c for view in self._engine.state.agents() if (c := self.colleague(view.id)) is not None)

    def _state(self, view: AgentView) -> tuple[m.AgentState, int]:
        found = {m.AgentState.WRAPPING: view.since} if view.wrap_ups else {}
        for id_ in view.work:
            contact = self._engine.state.interaction(id_)
            state = None if contact is None else _STATES.get(contact.phase)
            if contact is not None and state is not None:
                found[state] = min(contact.since, found.get(state, contact.since))
        for state in _RANK:
            if state in found:
                return state, found[state]
        if not view.signed_in:
            return m.AgentState.SIGNED_OUT, view.intent_since
        return (m.AgentState.READY if view.ready else m.AgentState.NOT_READY), max(
            view.intent_since, view.since
        )

    def _offered(self, view: AgentView) -> int:
        cost = {rule.channel: rule.cost for rule in self._engine.state.rules.channels}
        found = (self._engine.state.interaction(id_) for id_ in view.work)
        return sum(cost.get(c.channel, 0) for c in found if c is not None and c.phase is Phase.OFFERED)

    # --- the room ------------------------------------------------------------------------------------------

    def queues(self) -> Iterable[m.Queue]:
        """Yield every queue, with figures and crew, in one pass over agents and contacts."""
        crew = self._crew()
        return [self._queue(view, crew) for view in self._engine.state.queues()]

    def _queue(self, view: QueueView, crew: Mapping[tuple[QueueId, str], int]) -> m.Queue:
        half, today = self._room.half_hour(view.id), self._room.today(view.id)
        longest = min((c.longest_since for c in view.channels if c.longest_since), default=None)
        return m.Queue(
            id=view.id,
            name=dict(self._directory.queues.get(view.id, {})),
            state=view.state,
            reason=view.reason or None,
            by=view.by or None,
            waiting=sum(c.waiting + c.offered for c in view.channels),
            by_channel={c.channel: c.waiting + c.offered for c in view.channels},
            longest_since=longest,
            predicted_ms=self._room.predicted(view.id),
            ready=crew.get((view.id, "ready"), 0),
            working=crew.get((view.id, "working"), 0),
            signed_in=crew.get((view.id, "signed_in"), 0),
            half_hour=half,
            today=today,
            health=self._room.health(
                half, longest, [c.channel for c in view.channels], paused=view.state is QueueState.PAUSED
            ),
            voicemails=None if self.voicemails is None else self.voicemails.get(view.id, m.Voicemails()),
        )

    def _crew(self) -> Counter[tuple[QueueId, str]]:
        crew: Counter[tuple[QueueId, str]] = Counter()
        for view in self._engine.state.agents():
            if not view.signed_in:
                continue
            working = bool(view.work or view.wrap_ups)
            for queue in self._directory.agents.get(view.id, _NOBODY).queues:
                crew[queue, "signed_in"] += 1
                crew[queue, "working"] += working
                crew[queue, "ready"] += view.ready and view.load < 100 and bool(view.reach)
        return crew

    def wallboard(self) -> m.Wallboard:
        """Return the room's figures."""
        states = Counter(self._state(view)[0] for view in self._engine.state.agents() if view.signed_in)
        crew = m.Crew(
            talking=states[m.AgentState.TALKING] + states[m.AgentState.HELD] + states[m.AgentState.OFFERED],
            ready=states[m.AgentState.READY],
            wrapping=states[m.AgentState.WRAPPING],
            not_ready=states[m.AgentState.NOT_READY],
            signed_in=states.total(),
        )
        return self._room.wallboard(self._engine.state.queues(), crew, self.centre())

    def centre(self) -> m.Centre:
        """Return the centre as a whole."""
        closed, reason, by, since = self._closure.state
        links = self._devices.links()
        return m.Centre(
            closed=closed,
            reason=reason or None,
            by=by or None,
            since=since or None,
            links=links,
            degraded=any(not link.up for link in links),
        )


def _wrapping(contact: m.Contact, agent: AgentId, wrap: WrapUpView) -> m.Contact:
    return msgspec.structs.replace(
        contact,
        phase=Phase.WRAPPING,
        agent=agent,
        queue=wrap.queue,
        until=wrap.until,
        extensions=wrap.extensions_left,
        offer=None,
        call=None,
        score=None,
    )


def masked(address: str) -> str:
    """Return a number or address with its middle hidden: ``0812••••3391``; what is short is hidden whole."""
    if "@" in address:
        name, _, domain = address.rpartition("@")
        return f"{name[:1]}•••@{domain}"
    if len(address) < _ENDS:
        return "•" * len(address)
    if len(address) < _LONG:
        return f"{address[:2]}••••{address[-2:]}"
    return f"{address[:_SHOWN]}••••{address[-_SHOWN:]}"
