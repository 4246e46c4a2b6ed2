"""The state as bytes and back. Only facts are kept; masks, pools and timers are built from them again."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from acd.model import Channel, Kind, LineRules, Phase, QueueState
from acd.records import Agent, Contact, Ladder, Shelf, WrapUp
from acd.state import Return, State
from acd.views import QueueStatus
from core.errors import Refused
from core.ids import AgentId, InteractionId, LegId, OfferId, ProfileId, QueueId, SkillId

VERSION: Final = "5"
"""To be raised whenever these records, or what they mean to ``step``, change."""


class _WrapUp(msgspec.Struct, array_like=True, frozen=True):
    id: InteractionId
    channel: Channel
    queue: QueueId
    until: int
    extended: int
    timer: int
    timer_at: int


class _Agent(msgspec.Struct, array_like=True, frozen=True):
    id: AgentId
    named: bool
    profile: ProfileId
    skills: dict[SkillId, int]
    signed_in: bool
    ready: bool
    reason: str
    reach: tuple[Channel, ...]
    work: tuple[InteractionId, ...]
    wrap_ups: tuple[_WrapUp, ...]
    since: int
    intent_since: int
    failures: int
    owed: tuple[int, InteractionId] | None
    """Rank and contact for which the agent drains."""


class _Contact(msgspec.Struct, array_like=True, frozen=True):
    id: InteractionId
    number: int
    channel: Channel
    arrived_at: int
    origin: int
    kind: Kind
    parent: InteractionId
    consults: tuple[InteractionId, ...]
    leg: LegId
    caller: str
    dialled: str
    language: str
    place: str
    phase: Phase
    since: int
    queue: QueueId
    queued_at: int
    overflowed: tuple[QueueId, ...]
    waits_since: int
    unserved_since: int
    ladder: Ladder
    priority: int
    preferred: AgentId | None
    grace_until: int
    strict: bool
    reopens: bool
    excluded: tuple[tuple[int, int], ...]
    score: int
    step: int
    stage: int
    late: bool
    held: int
    shelf: Shelf
    agent: int
    """The slot of who is offered it, has it or wraps it up, or -1."""
    offer: OfferId
    parker: AgentId | None
    until: int
    timer: int
    timer_at: int


class _Body(msgspec.Struct, array_like=True, frozen=True):
    now: int
    rules: LineRules
    agents: tuple[_Agent, ...]
    contacts: tuple[_Contact, ...]
    lost: tuple[tuple[OfferId, InteractionId, AgentId], ...]
    closed: tuple[InteractionId, ...]
    queue_status: dict[QueueId, QueueStatus]
    shut: tuple[QueueId, ...]
    returns: tuple[tuple[Channel, str, Return], ...]
    last_agents: dict[str, AgentId]
    arrivals: int
    offered: int
    tokens: int
    due_agents: tuple[int, ...]
    due_contacts: tuple[InteractionId, ...]


_DECODER: Final = msgspec.msgpack.Decoder(_Body)
_SAME: Final = tuple(f for f in _Contact.__struct_fields__ if f not in ("excluded", "agent"))
"""Fields of a contact that are kept as they are."""
_ALIKE: Final = ("queue", "ladder", "dialled", "language")
"""Fields in which most contacts are alike."""


def dump(state: State) -> bytes:
    """Return ``state`` as bytes for ``load`` of the same VERSION."""
    due_agents, due_contacts = state.line.due.listed()
    body = _Body(
        now=state.now,
        rules=state.rules,
        agents=tuple(_agent(a) for a in state.line.agents),
        contacts=tuple(_contact(c) for c in state.contacts.values()),
        lost=tuple((number, *what) for number, what in state.lost.items()),
        closed=tuple(state.closed),
        queue_status=state.queue_status,
        shut=tuple(sorted(state.shut)),
        returns=tuple((*key, place) for key, place in state.returns.items()),
        last_agents=state.last_agents,
        arrivals=state.arrivals,
        offered=state.offered,
        tokens=state.tokens,
        due_agents=due_agents,
        due_contacts=tuple(c.id for c in due_contacts),
    )
    return msgspec.msgpack.encode(body)


def load(data: bytes) -> State:
    """Return the state that was dumped. Raises Refused for bytes of another making."""
    try:
        body = _DECODER.decode(data)
    except msgspec.MsgspecError as error:
        raise Refused(f"not a snapshot of version {VERSION}: {error}") from error
    state = State()
    state.now, state.rules = body.now, body.rules
    state.arrivals, state.offered = body.arrivals, body.offered
    state.lost = {number: (interaction, agent) for number, interaction, agent in body.lost}
    state.closed = dict.fromkeys(body.closed)
    state.queue_status, state.shut = body.queue_status, set(body.shut)
    state.returns = {(channel, caller): place for channel, caller, place in body.returns}
    state.last_agents = body.last_agents
    shared: dict[object, Any] = {}
    for kept in body.contacts:
        c = state.contacts[kept.id] = _restored(kept, shared)
        if c.kind is Kind.CALLBACK and c.queue:
            state.callbacks.setdefault(c.caller, {})[c.id] = c
    for record in body.agents:
        _restore_agent(state, record)
    for kept in body.contacts:
        if kept.agent >= 0:
            state.contacts[kept.id].agent = state.line.agents[kept.agent]
    _restore_line(state, body)
    state.restore_timers(body.tokens)
    return state


def _agent(a: Agent) -> _Agent:
    return _Agent(
        id=a.id,
        named=a.named,
        profile=a.profile,
        skills=a.skills,
        signed_in=a.signed_in,
        ready=a.ready,
        reason=a.reason,
        reach=tuple(c for c in Channel if c in a.reach),
        work=tuple(a.work),
        wrap_ups=tuple(
            _WrapUp(w.id, w.channel, w.queue, w.until, w.extended, w.timer, w.timer_at)
            for w in a.wrap_ups.values()
        ),
        since=a.since,
        intent_since=a.intent_since,
        failures=a.failures,
        owed=None if a.owed is None or a.owed_to is None else (a.owed[0], a.owed_to.id),
    )


def _contact(c: Contact) -> _Contact:
    same = {field: getattr(c, field) for field in _SAME}
    agent = -1 if c.agent is None else c.agent.slot
    return _Contact(**same, excluded=tuple(c.excluded.items()), agent=agent)


def _restored(kept: _Contact, shared: dict[object, Any]) -> Contact:
    c = Contact(kept.id, kept.number, kept.channel, kept.arrived_at)
    for field in _SAME:
        setattr(c, field, getattr(kept, field))
    # Thousands ask for the same: without this each would keep a copy of its own.
    for field in _ALIKE:
        value = getattr(kept, field)
        setattr(c, field, shared.setdefault(value, value))
    if kept.excluded:
        c.excluded = dict(kept.excluded)
    return c


def _restore_agent(state: State, record: _Agent) -> None:
    agent = state.line.add_agent(record.id)
    agent.named, agent.profile, agent.skills = record.named, record.profile, record.skills
    agent.signed_in, agent.ready, agent.reason = record.signed_in, record.ready, record.reason
    state.present |= agent.signed_in << agent.slot
    agent.reach = set(record.reach)
    agent.since, agent.failures = record.since, record.failures
    agent.intent_since = record.intent_since
    for interaction in record.work:
        c = agent.work[interaction] = state.contacts[interaction]
        state.offers[c.offer] = c
    for kept in record.wrap_ups:
        wrap_up = agent.wrap_ups[kept.id] = WrapUp(kept.id, kept.channel, kept.queue, agent, kept.until)
        wrap_up.extended, wrap_up.timer, wrap_up.timer_at = kept.extended, kept.timer, kept.timer_at


def _restore_line(state: State, body: _Body) -> None:
    line = state.line
    line.paused = {q for q, status in body.queue_status.items() if status.state is QueueState.PAUSED}
    line.configure(body.rules)
    for c in state.contacts.values():
        if c.phase is Phase.WAITING:
            line.restore(c)
    for agent in line.agents:
        line.due.rest(agent)
    for agent, record in zip(line.agents, body.agents, strict=True):
        if record.owed is not None:
            rank, interaction = record.owed
            line.restore_drain(agent, rank, state.contacts[interaction])
    for slot in body.due_agents:
        line.due.mark_agent(line.agents[slot])
    for interaction in body.due_contacts:
        line.due.mark_contact(state.contacts[interaction])
