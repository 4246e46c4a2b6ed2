"""A call and its menu: before the line, in line, and after the line is done with it.

The caller stands in the bridge of the waiting, with music. What is played to its leg there interrupts the music,
which returns by itself: also when control dies meanwhile. Such a leg cannot be moved before the playback ends,
so whatever moves it stops the playback first.
"""

from __future__ import annotations

from typing import Final

from acd.events import Arrived, Dismissed, Ended, Event, MenuMoved, Queued, Surveyed, Unqueued
from acd.model import Channel, Kind, Need, Outcome, Party, Relax
from core.ids import InteractionId, derived_interaction_id
from ivr import effects as menu
from ivr.model import Needs, Session, dump
from pbx.call import Call, CustomerCame, CustomerStayed, Message, Stage, together
from pbx.effects import (
    Action,
    Arm,
    Bound,
    Drop,
    Forget,
    HangUp,
    Hold,
    KeepMessage,
    Play,
    Pledge,
    Predict,
    RecordMessage,
    Stop,
    Tell,
    Unhold,
)
from pbx.model import message_name
from pbx.ports import Menu

RECORDED_MS: Final = 3_000
"""How long Asterisk may take to say how a message ended, once its caller has hung up."""

AFTER_MS: Final = 180_000
"""How long a caller may go on pressing keys once the line is done with the call."""

GOODBYE_MS: Final = 20_000
"""How long a word of goodbye may take, if Asterisk does not say that it has ended."""


def callback_id(parent: InteractionId) -> InteractionId:
    """Return the id of the callback promised in ``parent``: always the same, so that there is never a second."""
    return derived_interaction_id(parent, "callback")


# --- what happens ------------------------------------------------------------------------------------------


def begin(call: Call, came: CustomerCame | CustomerStayed, flow: Menu) -> list[Action]:
    """Begin the menu, or go on with it after a restart."""
    if isinstance(came, CustomerStayed):
        call.session = came.session
        if call.stage is Stage.LINE:
            actions = wait(call, flow, restart=True)
            if call.playback is None:
                # What was being said may not have ended yet: whoever moves the caller must stop it.
                call.playback = _playback(call, came.session.token)
            return actions
        return menu_step(call, menu.Recovered(), flow)
    call.session = Session()
    call.at = came.at
    arrived = Arrived(
        id=call.id,
        channel=Channel.VOICE,
        at=came.at,
        leg=call.leg,
        caller=came.caller,
        dialled=came.dialled,
    )
    return together([Tell((arrived,)), *menu_step(call, menu.Began(), flow)])


def menu_step(call: Call, given: menu.Input, flow: Menu) -> list[Action]:
    """Walk the menu one input further."""
    if call.session is None:
        return []
    match given:
        case menu.Played(token=token) if call.playback == _playback(call, token):
            call.playback = None
        case menu.Promised(kept=False) if call.stage is Stage.AFTER:
            call.stage, call.promised = Stage.MENU, False
        case menu.Recorded(token=token, ms=ms) if call.message and call.message.token == token:
            return _message_ended(call, given, ms, flow)
        case _:
            pass
    return _walk(call, given, flow)


def _walk(call: Call, given: menu.Input, flow: Menu) -> list[Action]:
    assert call.session is not None
    call.session, effects = flow.step(call.session, given)
    actions: list[Action] = []
    for effect in effects:
        actions += _from_menu(call, effect)
    return together(actions)


def _message_ended(call: Call, given: menu.Input, ms: int, flow: Menu) -> list[Action]:
    """Keep a message that is long enough. Whoever hung up after one has left it, and gave nothing up."""
    assert call.message is not None
    message, call.message = call.message, None
    kept = ms >= message.least_ms
    keep = KeepMessage(call.id, message.name, ms if kept else None)
    if not call.gone:
        return [keep, *_walk(call, given, flow)]
    left: Event = Ended(id=call.id, by=Party.CUSTOMER, cause="hung_up")
    if kept:
        left = Dismissed(id=call.id, outcome=Outcome.VOICEMAIL, cause="message_left")
    return [keep, Tell((left,))]


def message_lost(call: Call, flow: Menu) -> list[Action]:
    """Asterisk does not say how the message of a caller who hung up has ended."""
    assert call.message is not None
    return _message_ended(call, menu.Recorded(call.message.token, 0), 0, flow)


def wait(call: Call, flow: Menu, *, restart: bool = False) -> list[Action]:
    """The caller stands in line; out of the conversation's bridge if an agent was lost."""
    call.stage, call.joined = Stage.LINE, False
    actions = menu_step(call, menu.Waiting(restart), flow)
    if not call.music and not any(isinstance(action, Play | Hold) for action in actions):
        # Nobody waits in silence, whatever the flow says, or when there is none any more.
        actions = [*_music(call), *actions]
    if call.bridge:
        actions.append(Drop(call.bridge))
        call.bridge = None
    return actions


def leave(call: Call, why: str, flow: Menu) -> list[Action]:
    """The line has no place for the caller (any more); the flow says what happens now."""
    call.stage = Stage.MENU
    if call.session is None:
        return [Tell((Dismissed(id=call.id, outcome=Outcome.OVERFLOWED, cause=why),))]
    return [*_no_music(call), *menu_step(call, menu.Left(why), flow)]


def serve(call: Call, flow: Menu) -> list[Action]:
    """An agent has the caller: the menu falls silent before the legs are joined."""
    actions = [*menu_step(call, menu.Served(), flow), *_hush(call)]
    call.music = False
    if call.promised:
        # The agent was faster than the promise: the customer must not be called as well.
        call.promised = False
        kept = Dismissed(id=callback_id(call.id), outcome=Outcome.DEFLECTED, cause="served_meanwhile")
        actions.append(Tell((kept,)))
    return actions


def after(call: Call, flow: Menu) -> list[Action]:
    """The conversation is over and the caller is still there: the survey, or the end."""
    call.stage = Stage.AFTER
    actions = menu_step(call, menu.Over(), flow)
    if call.stage is not Stage.OVER and not actions:
        return finish(call)
    return actions if call.stage is Stage.OVER else [Bound(AFTER_MS), *actions]


def listens(call: Call) -> bool:
    """Whether the caller is on the line with the menu, and not leaving a message."""
    here = call.stage in (Stage.MENU, Stage.LINE) and not call.gone
    return here and call.session is not None and call.message is None


def taken_along(call: Call, flow: Menu) -> list[Action]:
    """The caller goes on by another channel: a word of goodbye, then the end."""
    call.stage = Stage.AFTER
    quiet = [*_no_music(call), Arm(None)]
    actions = menu_step(call, menu.TakenAlong(), flow)
    return [*quiet, Bound(GOODBYE_MS), *actions] if call.playback else [*quiet, *finish(call)]


def finish(call: Call) -> list[Action]:
    """End the caller's leg; the line has no more to do with it."""
    call.stage = Stage.OVER
    agent, call.agent = call.agent, None
    legs = ([agent.leg] if agent else []) + ([] if call.gone else [call.leg])
    return [Arm(None), *(HangUp(leg) for leg in legs), Forget(call.id)]


# --- what the menu wants -----------------------------------------------------------------------------------


def _from_menu(call: Call, effect: menu.Effect) -> list[Action]:
    match effect:
        case menu.Say(token=token, prompts=prompts):
            call.playback = _playback(call, token)
            return [Play(call.leg, call.playback, token, prompts)]
        case menu.Hush():
            return _hush(call)
        case menu.Listen(token=token, ms=ms):
            return [Arm(token, ms)]
        case menu.Music():
            return _music(call)
        case menu.Remember():
            assert call.session is not None
            return [Tell((MenuMoved(id=call.id, place=dump(call.session)),))]
        case menu.Announced(queue=queue, position=position, wait_ms=wait_ms):
            return [Predict(call.id, queue, position, wait_ms)]
        case menu.Answer(question=question, score=score):
            return [Tell((Surveyed(id=call.id, question=question, score=score),))]
        case _:
            return _moved_on(call, effect)


def _moved_on(call: Call, effect: menu.Effect) -> list[Action]:
    """Take an effect that moves the call into the line, out of it, or to its end."""
    match effect:
        case menu.JoinQueue():
            call.stage = Stage.LINE
            return [*_hush(call), Arm(None), Tell((_queued(call.id, effect),))]
        case menu.LeaveQueue(cause=cause):
            call.stage = Stage.MENU
            return [*_no_music(call), Tell((Unqueued(id=call.id, cause=cause),))]
        case menu.Promise():
            return [*_no_music(call), *_promise(call, effect)]
        case menu.Record() as record:
            assert call.session is not None
            name = message_name(call.id, record.token)
            call.message = Message(name, record.token, record.least_ms)
            message = RecordMessage(
                call.leg,
                call.id,
                name,
                record.token,
                record.queue,
                call.session.language,
                record.max_ms,
                record.silence_ms,
                record.begun,
            )
            return [*_no_music(call), message]
        case menu.Settle(outcome=outcome, cause=cause):
            call.stage = Stage.AFTER
            return [*_no_music(call), Tell((_dismissed(call, outcome, cause),)), Bound(AFTER_MS)]
        case menu.HangUp() if call.stage is Stage.AFTER:
            return [*_hush(call), *finish(call)]
        case menu.HangUp(outcome=outcome, cause=cause):
            # What is left on the wire ends with the line's Release.
            return [*_hush(call), Arm(None), Tell((_dismissed(call, outcome, cause),))]
        case _:
            return []


def _promise(call: Call, promise: menu.Promise) -> list[Action]:
    """Close the call and put the callback in line, in one append: neither both nor none of them can be lost."""
    call.stage, call.promised = Stage.AFTER, True
    promised = callback_id(call.id)
    events: tuple[Event, ...] = (
        _dismissed(call, Outcome.CALLBACK, "callback_promised"),
        Arrived(
            id=promised,
            channel=Channel.VOICE,
            at=call.at,
            caller=promise.number,
            kind=Kind.CALLBACK,
            parent=call.id,
        ),
        _queued(promised, promise),
    )
    kept, broken = (menu.Promised(promise.token, kept) for kept in (True, False))
    return [Arm(None), Pledge(events, kept, broken), Bound(AFTER_MS)]


def _queued(id_: InteractionId, place: menu.JoinQueue | menu.Promise) -> Queued:
    return Queued(
        id=id_,
        queue=place.queue,
        needs=_needs(place.needs),
        relax=tuple(Relax(after, _needs(needs)) for after, needs in place.relax),
        priority=place.priority,
        language=place.language,
    )


def _needs(asked: Needs) -> tuple[Need, ...]:
    return tuple(Need(skill, level) for skill, level in asked)


def _dismissed(call: Call, outcome: str, cause: str) -> Dismissed:
    return Dismissed(id=call.id, outcome=Outcome(outcome), cause=cause)


def _music(call: Call) -> list[Action]:
    if call.music:
        return []
    call.music = True
    return [Hold(call.leg)]


def _no_music(call: Call) -> list[Action]:
    if not call.music:
        return _hush(call)
    call.music = False
    return [*_hush(call), Unhold(call.leg)]


def _hush(call: Call) -> list[Action]:
    playback, call.playback = call.playback, None
    return [Stop(playback)] if playback else []


def _playback(call: Call, token: int) -> str:
    return f"say-{call.id}-{token}"
