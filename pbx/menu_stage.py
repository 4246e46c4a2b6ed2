"""A call in the menu or in line: what the interpreter wants, on the wire."""

from __future__ import annotations

from acd.events import Arrived, Dismissed, MenuMoved, Queued
from acd.model import Channel, Need, Outcome
from ivr import effects as menu
from ivr.model import Session, dump
from pbx.call import Call, CustomerCame, CustomerStayed, Stage, together
from pbx.effects import Action, Arm, Drop, Hold, Play, Stop, Tell
from pbx.ports import Menu


def begin(call: Call, came: CustomerCame | CustomerStayed, flow: Menu) -> list[Action]:
    """Begin the menu, or go on with it after a restart."""
    if isinstance(came, CustomerStayed):
        call.session = came.session
        return menu_step(call, menu.Recovered(), flow)
    call.session = Session()
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
    call.session, effects = flow.step(call.session, given)
    actions: list[Action] = []
    for effect in effects:
        actions += _from_menu(call, effect)
    return together(actions)


def _from_menu(call: Call, effect: menu.Effect) -> list[Action]:
    match effect:
        case menu.Say(token=token, prompts=prompts):
            call.playback = f"say-{call.id}-{token}"
            return [Play(call.leg, call.playback, token, prompts)]
        case menu.Hush():
            return _hush(call)
        case menu.Listen(token=token, ms=ms):
            return [Arm(token, ms)]
        case menu.Remember():
            assert call.session is not None
            return [Tell((MenuMoved(id=call.id, place=dump(call.session)),))]
        case menu.JoinQueue() as join:
            needs = tuple(Need(skill, level) for skill, level in join.needs)
            queued = Queued(
                id=call.id, queue=join.queue, needs=needs, priority=join.priority, language=join.language
            )
            return [*_leave_menu(call), Tell((queued,))]
        case menu.HangUp(outcome=outcome, cause=cause):
            dismissed = Dismissed(id=call.id, outcome=Outcome(outcome), cause=cause)
            return [*_leave_menu(call), Tell((dismissed,))]
        case _:
            # No flow that the parser accepts asks for the rest before a call keeps its session in line.
            return []


def _leave_menu(call: Call) -> list[Action]:
    call.stage = Stage.LINE
    call.session = None
    return [*_hush(call), Arm(None)]


def _hush(call: Call) -> list[Action]:
    playback, call.playback = call.playback, None
    return [Stop(playback)] if playback else []


def wait(call: Call) -> list[Action]:
    """Music; out of the conversation's bridge if an agent was lost before they heard each other."""
    call.stage = Stage.LINE
    actions: list[Action] = [Hold(call.leg)]
    if call.bridge:
        actions.append(Drop(call.bridge))
        call.bridge = None
    return actions
