"""One event in, its consequences out: the only place where the line changes.

Deterministic, without I/O. What comes late, twice or from nowhere changes nothing and raises nothing. What an event
does is in ``joining`` (before an agent), ``handling`` (with one), ``staff`` (agents, offers) and ``rules``.
"""

from __future__ import annotations

from acd import handling, joining, rules, staff, wrapups
from acd.effects import Effect
from acd.events import (
    AgentSignedIn,
    AgentSignedOut,
    Arrived,
    Attempted,
    Configured,
    Connected,
    Dismissed,
    Disposed,
    Ended,
    Event,
    Failed,
    Held,
    IntentSet,
    MenuMoved,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    Parked,
    PriorityChanged,
    Queued,
    QueueStateSet,
    ReachChanged,
    Requeued,
    Resumed,
    Retrieved,
    Surveyed,
    TakenOver,
    Tick,
    TransferCompleted,
    Unqueued,
    WrapUpDone,
    WrapUpExtended,
)
from acd.model import Outcome, Party, Phase
from acd.records import Contact, WrapUp
from acd.state import State
from acd.transitions import drop, offer, step_back, talk

LIMIT = 256
"""Timers and searches a step; what is left makes ``next_wake`` due at once."""

_BEFORE_AGENT = (Phase.IN_MENU, Phase.WITH_BOT, Phase.WAITING, Phase.OFFERED, Phase.PARKED)
_TO_BE_REACHED = (Phase.WAITING, Phase.OFFERED, Phase.CONNECTING, Phase.TALKING, Phase.HELD)


def step(state: State, event: Event, now: int) -> list[Effect]:
    """Take ``event`` at ``now`` (milliseconds UTC; never earlier than before) and return what follows.

    Timers go first: what is due at ``now`` has happened, so an accept in the millisecond of expiry is late.
    """
    state.now = max(state.now, now)
    out: list[Effect] = []
    left = _expire(state, out)
    _take(state, event, out)
    if not state.line.due.settled:
        _match(state, out, left)
    return out


def _expire(s: State, out: list[Effect]) -> int:
    """Let timers act in order, each to its end; return how much of the step is left."""
    left = LIMIT if s.line.due.settled else _match(s, out, LIMIT)
    while left and (timed := s.pop_timer()) is not None:
        if isinstance(timed, WrapUp):
            handling.end_wrap_up(s, timed, out, "wrap_up_over", Party.SYSTEM)
        else:
            _due(s, timed, out)
        left = _match(s, out, left - 1)
    return left


def _due(s: State, c: Contact, out: list[Effect]) -> None:
    match c.phase:
        case Phase.WAITING:
            joining.due_in_line(s, c, out)
        case Phase.OFFERED:
            staff.ring_no_answer(s, c, out)
        case Phase.CONNECTING:
            staff.device_failed(s, c, out, "connect_timeout")
        case _:
            handling.aside_over(s, c, out)


def _match(s: State, out: list[Effect], left: int) -> int:
    """Bring agents and contacts together; return how many more searches the step may do.

    Agents first: a contact must not take an agent that is owed to one who came before.
    """
    line, due = s.line, s.line.due
    while left and not due.settled:
        agent = due.next_agent()
        if agent is not None:
            found = line.best_contact(agent)
            if found is None:
                due.rest(agent)
        else:
            c = due.next_contact()
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
            joining.arrived(s, event, out)
        case OfferAccepted() | OfferRejected() | OfferFailed():
            staff.offer_event(s, event, out)
        case AgentSignedIn() | AgentSignedOut() | IntentSet() | ReachChanged():
            staff.agent_event(s, event, out)
        case Configured():
            rules.configured(s, event, out)
        case QueueStateSet():
            rules.queue_state_set(s, event, out)
        case WrapUpDone():
            handling.wrap_up_done(s, event, out)
        case WrapUpExtended():
            if (found := wrapups.find(s, event.id, event.agent)) is not None:
                wrapups.extend(s, found, out)
        case Disposed() | Surveyed():
            handling.noted(s, event, out)
        case _:
            c = s.contacts.get(event.id)
            if c is not None and not _before_agent(s, c, event, out):
                _with_agent(s, c, event, out)


def _before_agent(s: State, c: Contact, event: Event, out: list[Effect]) -> bool:
    """Take an event of a contact that no agent has; return whether it was one."""
    match event, c.phase:
        case MenuMoved(), phase if phase in _BEFORE_AGENT:
            # The menu goes on beside a caller in line.
            c.place = event.place
        case Queued(), Phase.IN_MENU | Phase.WITH_BOT | Phase.WAITING:
            joining.queued(s, c, event, out)
        case Unqueued(), Phase.WAITING | Phase.OFFERED:
            step_back(s, c, out, event.cause or "unqueued")
        case PriorityChanged(), Phase.WAITING | Phase.OFFERED | Phase.CONNECTING:
            joining.priority_changed(s, c, event.priority)
        case Retrieved(), Phase.PARKED:
            handling.retrieved(s, c, event, out)
        case Dismissed(), phase if phase in _BEFORE_AGENT:
            drop(s, c, out, event.outcome, event.cause, Party.SYSTEM)
        case _:
            return False
    return True


def _with_agent(s: State, c: Contact, event: Event, out: list[Effect]) -> None:
    match event, c.phase:
        case Connected(), Phase.CONNECTING:
            handling.connected(s, c, out)
        case Held(), Phase.TALKING:
            talk(s, c, Phase.HELD, out, "held", Party.AGENT)
        case Resumed(), Phase.HELD:
            talk(s, c, Phase.TALKING, out, "resumed", Party.AGENT)
        case Requeued(), Phase.TALKING | Phase.HELD:
            handling.requeued(s, c, event, out)
        case TransferCompleted(), Phase.TALKING | Phase.HELD:
            handling.transfer_completed(s, c, event, out)
        case TakenOver(), Phase.TALKING | Phase.HELD:
            handling.taken_over(s, c, event, out)
        case Parked(), Phase.TALKING | Phase.HELD:
            handling.parked(s, c, event, out)
        case Attempted(), phase if phase in _TO_BE_REACHED:
            handling.attempted(s, c, event, out)
        case Ended(), _:
            handling.ended(s, c, event, out)
        case Failed(), phase if phase is not Phase.WRAPPING:
            drop(s, c, out, Outcome.FAILED, event.cause, Party.SYSTEM)
        case _:
            pass
