"""A supervisor in a call: listening, whispering to the agent, talking to all, and taking the call over.

The supervisor's leg meets a spying leg on the agent's in a bridge of its own, a booth; only a supervisor who talks
to all is in the conversation's bridge. The supervisor follows the call to its next agent.
"""

from __future__ import annotations

from acd.events import TakenOver
from core.errors import Refused
from core.ids import LegId
from pbx import commands as ask
from pbx.call import Call, LegDown, LegUp, Ringing, Stage, Watch, tell
from pbx.commands import Monitoring
from pbx.effects import Action, Drop, Enter, HangUp, RingWatcher, Spy
from pbx.model import booth, spy_leg, watch_leg


def monitor(call: Call, want: ask.Monitor, at: int) -> list[Action]:
    """Let a supervisor into the call, change how, or let the supervisor out."""
    watch = call.watches.get(want.supervisor)
    if want.mode is None:
        return end(call, watch) if watch else []
    if call.stage is not Stage.TALK or not call.joined:
        raise Refused("Nobody talks in this call now: choose one in which an agent talks.")
    if any(part.agent == want.supervisor for part in parties(call)):
        raise Refused("You talk in this call already: monitoring is for calls of others.")
    if watch is None:
        leg = watch_leg(call.id, want.supervisor, call.generation, at)
        call.watches[want.supervisor] = Watch(want.supervisor, leg, want.mode)
        return [RingWatcher(want.supervisor, leg, call.leg)]
    if watch.mode is want.mode:
        return []
    watch.mode = want.mode
    return _place(call, watch)


def take_over(call: Call, want: ask.TakeOver) -> list[Action]:
    """Have the line give the call to the supervisor."""
    watch = call.watches.get(want.supervisor)
    if watch is None or not watch.up:
        raise Refused("Listen to the call first, and answer your telephone: then it can be taken over.")
    if call.stage is not Stage.TALK or not call.joined:
        raise Refused("Nobody talks in this call now: it is taken over from an agent who does.")
    return tell(TakenOver(id=call.id, agent=want.supervisor))


def successor(call: Call, offer: Ringing) -> tuple[Ringing | None, list[Action]]:
    """Return the supervisor who took the call over, as its agent, and what ends the booth."""
    watch = call.watches.pop(offer.agent, None)
    if watch is None or not watch.up:
        return None, []
    call.seats.pop(watch.leg, None)
    return Ringing(offer.offer, offer.agent, watch.leg, answered=True), _leave_booth(watch)


def leg_happening(call: Call, happening: LegUp | LegDown) -> list[Action]:
    """Take what a supervisor's leg, or one that spies for it, did."""
    leg = happening.leg
    for watch in call.watches.values():
        if watch.leg == leg:
            if isinstance(happening, LegDown):
                return end(call, watch)
            if watch.up:
                return []
            watch.up = True
            return _place(call, watch)
        if watch.spy == leg:
            if isinstance(happening, LegUp):
                return [Enter(leg, booth(watch.leg))]
            watch.spy = None
            return []
    return [HangUp(leg)] if isinstance(happening, LegUp) else []


def follow(call: Call) -> list[Action]:
    """Let every supervisor hear the agent who has the call now."""
    return [action for watch in call.watches.values() if watch.up for action in _place(call, watch)]


def lose(call: Call) -> list[Action]:
    """The agent is gone. Whoever talked to all must not talk to the next agent's customer unasked."""
    actions: list[Action] = []
    for watch in call.watches.values():
        call.seats.pop(watch.leg, None)
        if watch.mode is Monitoring.BARGE:
            watch.mode = Monitoring.LISTEN
        actions += _end_spy(watch)
    return actions


def end(call: Call, watch: Watch) -> list[Action]:
    """Let one supervisor out."""
    call.watches.pop(watch.agent, None)
    call.seats.pop(watch.leg, None)
    return [HangUp(watch.leg), *_leave_booth(watch)]


def end_all(call: Call) -> list[Action]:
    """Let every supervisor out."""
    return [action for watch in list(call.watches.values()) for action in end(call, watch)]


def parties(call: Call) -> list[Ringing]:
    """Return the agent and the colleague, as far as there are any."""
    other = call.consult.other if call.consult else None
    return [part for part in (call.agent, other) if part]


def _place(call: Call, watch: Watch) -> list[Action]:
    """Bring a supervisor whose phone is up to where the mode belongs."""
    if not watch.up or call.agent is None or call.bridge is None:
        return []
    ends = _end_spy(watch)
    if watch.mode is Monitoring.BARGE:
        call.seats[watch.leg] = True
        return [*ends, Enter(watch.leg, call.bridge)]
    call.seats.pop(watch.leg, None)
    watch.turn += 1
    whisper = watch.mode is Monitoring.WHISPER
    watch.spy = spy_leg(watch.leg, watch.turn, whisper)
    return [*ends, Spy(watch.leg, watch.spy, call.agent.leg, booth(watch.leg), whisper)]


def _end_spy(watch: Watch) -> list[Action]:
    spy, watch.spy = watch.spy, None
    return [HangUp(spy)] if spy else []


def _leave_booth(watch: Watch) -> list[Action]:
    return [*_end_spy(watch), *([Drop(booth(watch.leg))] if watch.turn else [])]


def is_watching(call: Call, leg: LegId) -> bool:
    """Whether ``leg`` is a supervisor's, or spies for one."""
    return any(leg in (watch.leg, watch.spy) for watch in call.watches.values())
