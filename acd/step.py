"""One event in, its consequences out: the only place where the line changes.

Deterministic, without I/O. What comes late, twice or from nowhere changes nothing and raises nothing. What an event
does is in ``joining`` (before an agent), ``handling`` (with one), ``staff`` (agents, offers) and ``rules``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

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
    QueueHours,
    QueueStateSet,
    ReachChanged,
    RecordingPaused,
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
from acd.model import Kind, Outcome, Party, Phase
from acd.records import Contact, WrapUp
from acd.state import State
from acd.transitions import drop, offer, step_back, talk

LIMIT = 256
"""Timers and searches a step; what is left makes ``next_wake`` due at once."""


def step(state: State, event: Event, now: int) -> list[Effect]:
    """Take ``event`` at ``now`` (milliseconds UTC; never earlier than before) and return what follows.

    Timers go first: what is due at ``now`` has happened, so an accept in the millisecond of expiry is late.
    """
    if now > state.now:
        state.now = now
    out: list[Effect] = []
    due, timers, left = state.line.due, state.timers, LIMIT
    if due.slots or due.contacts or (timers and timers[0][0] <= state.now):
        left = _expire(state, out)
    if (contact_event := _OF_A_CONTACT.get(type(event))) is not None:
        phases, take = contact_event
        c = state.contacts.get(event.id)  # type: ignore[union-attr]  # every event in that table has one
        if c is not None and c.phase in phases:
            take(state, c, event, out)
    else:
        _OTHER[type(event)](state, event, out)
    due = state.line.due  # new rules bring a new one
    if due.slots or due.contacts:
        _match(state, out, left)
    return out


def _expire(s: State, out: list[Effect]) -> int:
    """Let timers act in order, each to its end; return how much of the step is left."""
    left = _match(s, out, LIMIT)
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
    while left and (due.slots or due.contacts):
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


# --- what an event does ------------------------------------------------------------------------------------


def _menu_moved(s: State, c: Contact, event: MenuMoved, out: list[Effect]) -> None:
    # The menu goes on beside a caller in line.
    c.place = event.place


def _unqueued(s: State, c: Contact, event: Unqueued, out: list[Effect]) -> None:
    if c.kind is Kind.INBOUND:
        step_back(s, c, out, event.cause or "unqueued")


def _dismissed(s: State, c: Contact, event: Dismissed, out: list[Effect]) -> None:
    drop(s, c, out, event.outcome, event.cause, Party.SYSTEM)


def _held(s: State, c: Contact, event: Held, out: list[Effect]) -> None:
    talk(s, c, Phase.HELD, out, "held", Party.AGENT)


def _resumed(s: State, c: Contact, event: Resumed, out: list[Effect]) -> None:
    talk(s, c, Phase.TALKING, out, "resumed", Party.AGENT)


def _failed(s: State, c: Contact, event: Failed, out: list[Effect]) -> None:
    drop(s, c, out, Outcome.FAILED, event.cause, Party.SYSTEM)


def _tick(s: State, event: Tick, out: list[Effect]) -> None:
    pass


_MENU: Final = (Phase.IN_MENU, Phase.WITH_BOT)
_TALKS: Final = (Phase.TALKING, Phase.HELD)
_BEFORE_AGENT: Final = (*_MENU, Phase.WAITING, Phase.OFFERED, Phase.PARKED)
_TO_BE_REACHED: Final = (Phase.WAITING, Phase.OFFERED, Phase.CONNECTING, *_TALKS)
_UNLESS_OVER: Final = (*_BEFORE_AGENT, Phase.CONNECTING, *_TALKS)

_OF_A_CONTACT: Final[dict[type[Event], tuple[tuple[Phase, ...], Callable[..., None]]]] = {
    MenuMoved: (_BEFORE_AGENT, _menu_moved),
    Queued: ((*_MENU, Phase.WAITING), joining.queued),
    Unqueued: ((Phase.WAITING, Phase.OFFERED), _unqueued),
    PriorityChanged: ((Phase.WAITING, Phase.OFFERED, Phase.CONNECTING), joining.priority_changed),
    Dismissed: (_BEFORE_AGENT, _dismissed),
    Connected: ((Phase.CONNECTING,), handling.connected),
    Held: ((Phase.TALKING,), _held),
    Resumed: ((Phase.HELD,), _resumed),
    Requeued: (_TALKS, handling.requeued),
    TransferCompleted: (_TALKS, handling.transfer_completed),
    TakenOver: (_TALKS, handling.taken_over),
    Parked: (_TALKS, handling.parked),
    Retrieved: ((Phase.PARKED,), handling.retrieved),
    Attempted: (_TO_BE_REACHED, handling.attempted),
    Ended: (_UNLESS_OVER, handling.ended),
    Failed: (_UNLESS_OVER, _failed),
}
"""Events of one contact: the phases in which each does something, and what. In any other it is late, and nothing."""

_OTHER: Final[dict[type[Event], Callable[..., None]]] = {
    Tick: _tick,
    Arrived: joining.arrived,
    OfferAccepted: staff.offer_event,
    OfferRejected: staff.offer_event,
    OfferFailed: staff.offer_event,
    AgentSignedIn: staff.agent_event,
    AgentSignedOut: staff.agent_event,
    IntentSet: staff.agent_event,
    ReachChanged: staff.agent_event,
    Configured: rules.configured,
    QueueStateSet: rules.queue_state_set,
    QueueHours: rules.queue_hours,
    WrapUpDone: handling.wrap_up_done,
    WrapUpExtended: wrapups.extended,
    Disposed: handling.noted,
    Surveyed: handling.noted,
    RecordingPaused: handling.noted,
}
