"""One event in, its consequences out: the only place where the line changes.

Deterministic, without I/O. What comes late, twice or from nowhere changes nothing and raises nothing.
"""

from __future__ import annotations

from acd.effects import CancelOffer, Effect, Moved, Withdrawal
from acd.events import (
    AgentSignedIn,
    AgentSignedOut,
    Arrived,
    Configured,
    Connected,
    Dismissed,
    Ended,
    Event,
    Failed,
    Held,
    IntentSet,
    MenuMoved,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    PriorityChanged,
    Queued,
    ReachChanged,
    Requeued,
    Resumed,
    Tick,
    WrapUpDone,
)
from acd.model import Outcome, Party, Phase
from acd.records import Agent, Contact, ladder
from acd.state import State
from acd.transitions import (
    FAULTS,
    accept,
    agent_moved,
    close,
    drop,
    give_back,
    offer,
    replace,
    set_intent,
    sign_out,
    talk,
    wait,
    withdraw_all,
    wrap_up,
)
from core.ids import AgentId, InteractionId, OfferId

LIMIT = 256
"""Timers and searches a step; what is left makes ``next_wake`` due at once."""

_BEFORE_AGENT = (Phase.IN_MENU, Phase.WITH_BOT, Phase.WAITING, Phase.OFFERED)
_WITH_AGENT = (Phase.TALKING, Phase.HELD)
_TAKEN = (Phase.CONNECTING, *_WITH_AGENT, Phase.WRAPPING)


def step(state: State, event: Event, now: int) -> list[Effect]:
    """Take ``event`` at ``now`` (milliseconds UTC; never earlier than before) and return what follows.

    Timers go first: what is due at ``now`` has happened, so an accept in the millisecond of expiry is late.
    """
    state.now = max(state.now, now)
    out: list[Effect] = []
    left = _expire(state, out)
    _take(state, event, out)
    if not state.line.settled:
        _match(state, out, left)
    return out


def _expire(s: State, out: list[Effect]) -> int:
    """Let timers act in order, each to its end; return how much of the step is left."""
    left = LIMIT if s.line.settled else _match(s, out, LIMIT)
    while left and (c := s.pop_timer()) is not None:
        match c.phase:
            case Phase.WAITING:
                s.line.take(c)
                replace(s, c)
            case Phase.OFFERED:
                _ring_no_answer(s, c, out)
            case Phase.CONNECTING:
                _device_failed(s, c, out, "connect_timeout")
            case _:
                close(s, c, out, Outcome.HANDLED, "wrap_up_over", Party.SYSTEM)
        left = _match(s, out, left - 1)
    return left


def _match(s: State, out: list[Effect], left: int) -> int:
    """Bring agents and contacts together; return how many more searches the step may do.

    Agents first: a contact must not take an agent that is owed to one who came before.
    """
    line = s.line
    while left and not line.settled:
        agent = line.next_agent()
        if agent is not None:
            found = line.best_contact(agent)
            if found is None:
                line.rest(agent)
        else:
            c = line.next_contact()
            if c is None:
                break
            found = line.best_agent(c)
        if found is not None:
            offer(s, found, out)
        left -= 1
    return left


def _take(s: State, event: Event, out: list[Effect]) -> None:
    match event:
        case Tick():
            pass
        case Arrived():
            _arrived(s, event, out)
        case MenuMoved(id=id_) | Queued(id=id_) | PriorityChanged(id=id_) | Requeued(id=id_):
            _with(s, id_, event, out)
        case Connected(id=id_) | Held(id=id_) | Resumed(id=id_) | WrapUpDone(id=id_):
            _with(s, id_, event, out)
        case Ended(id=id_) | Dismissed(id=id_) | Failed(id=id_):
            _with(s, id_, event, out)
        case OfferAccepted(offer=number) | OfferRejected(offer=number) | OfferFailed(offer=number):
            _offered(s, number, event, out)
        case AgentSignedIn(agent=id_) | AgentSignedOut(agent=id_):
            _agent(s, id_, event, out)
        case IntentSet(agent=id_) | ReachChanged(agent=id_):
            _agent(s, id_, event, out)
        case Configured():
            _configured(s, event, out)


# --- contacts ----------------------------------------------------------------------------------------------


def _arrived(s: State, event: Arrived, out: list[Effect]) -> None:
    if event.id in s.contacts or event.id in s.closed:
        return
    s.arrivals += 1
    c = Contact(event.id, s.arrivals, event.channel, event.at)
    c.kind, c.parent = event.kind, event.parent
    c.leg, c.caller, c.dialled = event.leg, _encodable(event.caller), _encodable(event.dialled)
    c.since = s.now
    s.contacts[c.id] = c
    out.append(Moved(c.id, Phase.IN_MENU, "arrived", Party.CUSTOMER))


def _encodable(text: str) -> str:
    """Return what the journal gives back for ``text``: half a surrogate pair does not survive writing."""
    return text.encode("utf-8", "replace").decode()


def _with(s: State, interaction: InteractionId, event: Event, out: list[Effect]) -> None:
    c = s.contacts.get(interaction)
    if c is None:
        return
    match event, c.phase:
        case MenuMoved(), Phase.IN_MENU | Phase.WITH_BOT:
            c.place = event.place
        case Queued(), Phase.IN_MENU | Phase.WITH_BOT | Phase.WAITING:
            _queued(s, c, event, out)
        case PriorityChanged(), Phase.WAITING | Phase.OFFERED | Phase.CONNECTING:
            _priority_changed(s, c, event.priority)
        case Connected(), Phase.CONNECTING:
            c.taker.failures = 0
            talk(s, c, Phase.TALKING, out, "connected", Party.SYSTEM)
        case Held(), Phase.TALKING:
            talk(s, c, Phase.HELD, out, "held", Party.AGENT)
        case Resumed(), Phase.HELD:
            talk(s, c, Phase.TALKING, out, "resumed", Party.AGENT)
        case Requeued(), Phase.TALKING | Phase.HELD:
            _requeued(s, c, event, out)
        case WrapUpDone(), Phase.WRAPPING:
            close(s, c, out, Outcome.HANDLED, "wrap_up_done", Party.AGENT)
        case Ended(), _:
            _ended(s, c, event, out)
        case Dismissed(), phase if phase in _BEFORE_AGENT:
            drop(s, c, out, event.outcome, event.cause, Party.SYSTEM)
        case Failed(), phase if phase is not Phase.WRAPPING:
            drop(s, c, out, Outcome.FAILED, event.cause, Party.SYSTEM)
        case _:
            pass


def _queued(s: State, c: Contact, event: Queued, out: list[Effect]) -> None:
    waiting = c.phase is Phase.WAITING
    if waiting and c.queue == event.queue:
        return
    if not s.line.tables.has_queue(event.queue):
        # A contact nobody can ever be given must not wait for ever.
        drop(s, c, out, Outcome.FAILED, "unknown_queue", Party.SYSTEM)
        return
    if waiting:
        s.line.take(c)
    # The rules' own copy of the name, or each contact would keep one.
    c.queue, c.queued_at = s.line.tables.queue(event.queue).id, s.now
    c.ladder = ladder(event.needs, event.relax)
    c.priority, c.language = event.priority, event.language
    c.preferred, c.grace_until = event.preferred, s.now + event.grace_ms
    wait(s, c, out, "queued", Party.SYSTEM)


def _priority_changed(s: State, c: Contact, priority: int) -> None:
    if c.priority == priority:
        return
    if c.phase is not Phase.WAITING:
        c.priority = priority
        return
    s.line.take(c)
    c.priority = priority
    replace(s, c)


def _requeued(s: State, c: Contact, event: Requeued, out: list[Effect]) -> None:
    if not s.line.tables.has_queue(event.queue):
        return
    c.queue, c.queued_at = event.queue, s.now
    c.ladder = ladder(event.needs, event.relax)
    c.preferred = None
    give_back(s, c, out, "transferred", Party.AGENT, Withdrawal.TRANSFERRED, exclude=True, worked=True)


def _ended(s: State, c: Contact, event: Ended, out: list[Effect]) -> None:
    match c.phase, event.by:
        case Phase.WRAPPING, _:
            pass
        case ((Phase.TALKING | Phase.HELD), by):
            wrap_up(s, c, out, event.cause or "ended", by)
        case Phase.CONNECTING, Party.AGENT:
            _device_failed(s, c, out, event.cause or "agent_left")
        case _, Party.AGENT:
            # The leg of an agent who no longer has the contact.
            pass
        case _, by:
            drop(s, c, out, Outcome.ABANDONED, event.cause or "ended", by)


# --- offers ------------------------------------------------------------------------------------------------


def _offered(s: State, number: OfferId, event: Event, out: list[Effect]) -> None:
    c = s.offers.get(number)
    if c is not None and c.phase is Phase.OFFERED and s.now >= c.until:
        # Its timer is among those the step had no room for.
        _ring_no_answer(s, c, out)
        c = None
    match event:
        case OfferAccepted() if c is None:
            _too_late(s, number, out)
        case OfferAccepted() if c is not None and c.phase is Phase.OFFERED:
            accept(s, c, out)
        case OfferRejected() if c is not None and c.phase is Phase.OFFERED:
            give_back(s, c, out, "rejected", Party.AGENT, Withdrawal.REJECTED, exclude=True)
        case OfferFailed() if c is not None and c.phase in (Phase.OFFERED, Phase.CONNECTING):
            _device_failed(s, c, out, f"device_{event.fault}")
        case _:
            pass


def _too_late(s: State, number: OfferId, out: list[Effect]) -> None:
    if number not in s.lost:
        return
    interaction, agent = s.lost[number]
    c = s.contacts.get(interaction)
    taken_by = c.agent.id if c is not None and c.agent is not None and c.phase in _TAKEN else None
    out.append(CancelOffer(number, interaction, agent, Withdrawal.LATE, taken_by))


def _ring_no_answer(s: State, c: Contact, out: list[Effect]) -> None:
    """The device rang and nobody came: an agent who is not there gets nothing more."""
    agent = c.taker
    give_back(s, c, out, "expired", Party.SYSTEM, Withdrawal.EXPIRED, exclude=True)
    # An offer whose device went away is rescinded at once, so an expired one did ring.
    set_intent(s, agent, out, False, "rona", Party.SYSTEM)


def _device_failed(s: State, c: Contact, out: list[Effect], cause: str) -> None:
    """No fault of the agent's; only a device that fails again and again takes the agent out."""
    agent = c.taker
    agent.failures += 1
    give_back(s, c, out, cause, Party.SYSTEM, Withdrawal.FAILED, exclude=True)
    if agent.failures >= FAULTS:
        agent.failures = 0
        set_intent(s, agent, out, False, "device", Party.SYSTEM)


# --- agents ------------------------------------------------------------------------------------------------


def _agent(s: State, agent_id: AgentId, event: Event, out: list[Effect]) -> None:
    agent = s.line.by_id.get(agent_id)
    if agent is None or not agent.named:
        return
    match event:
        case AgentSignedIn() if not agent.signed_in:
            agent.signed_in, agent.ready, agent.reason = True, False, ""
            agent.since, agent.intent_since, agent.failures = s.now, s.now, 0
            agent_moved(agent, out, Party.AGENT)
        case AgentSignedOut() if agent.signed_in:
            sign_out(s, agent, out, "", Party.AGENT)
        case IntentSet() if agent.signed_in:
            agent.failures = 0
            set_intent(s, agent, out, event.ready, event.reason, event.actor)
        case ReachChanged():
            _reach_changed(s, agent, event, out)
        case _:
            pass


def _reach_changed(s: State, agent: Agent, event: ReachChanged, out: list[Effect]) -> None:
    if (event.channel in agent.reach) == event.ok:
        return
    if event.ok:
        agent.reach.add(event.channel)
        agent.failures = 0
    else:
        agent.reach.discard(event.channel)
    s.line.reach_changed(agent, event.channel)
    agent_moved(agent, out, Party.SYSTEM)
    if not event.ok:
        withdraw_all(s, agent, out, "device_gone", reached=False)


# --- rules -------------------------------------------------------------------------------------------------


def _configured(s: State, event: Configured, out: list[Effect]) -> None:
    if event.rules == s.rules:
        return
    named = {rule.id: rule for rule in event.rules.agents}
    for agent in s.line.agents:
        agent.named = agent.id in named
        if not agent.named and agent.signed_in:
            sign_out(s, agent, out, "removed", Party.SYSTEM)
    for rule in named.values():
        agent = s.line.by_id.get(rule.id) or s.line.add_agent(rule.id)
        agent.named, agent.profile, agent.skills = True, rule.profile, dict(rule.skills)
    s.rules = event.rules
    waiting = [c for c in s.contacts.values() if c.phase is Phase.WAITING]
    s.line.configure(event.rules)
    for c in waiting:
        s.set_timer(c, s.line.put(c, s.now))
