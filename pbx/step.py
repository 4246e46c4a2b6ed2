"""What a call does next: one match over (stage, happening), returning actions as data.

The line (acd) decides who talks to whom and keeps the phase; a call knows only its legs, bridge and menu.
Every happening may come late, twice, or before the reply to the request that caused it.
"""

from __future__ import annotations

from acd import effects as line
from acd.events import Ended, OfferFailed
from acd.model import DeviceFault, Party
from ivr import effects as menu
from pbx import menu_stage, talk_stage
from pbx.call import (
    AgentAnswered,
    AgentLeft,
    Call,
    CustomerCame,
    CustomerLeft,
    CustomerStayed,
    Happening,
    Joined,
    JoinFailed,
    OutsideDown,
    Outstayed,
    RingFailed,
    Stage,
    tell,
)
from pbx.dial_stage import dial_step
from pbx.effects import Action, Arm, Bound, Drop, Forget, HangUp
from pbx.outside_stage import outside_step
from pbx.ports import Menu
from pbx.talk_step import talk_step

_MENU_INPUT = (
    menu.Began | menu.Recovered | menu.Played | menu.Key | menu.TimedOut | menu.Promised | menu.Recorded
)


def step(call: Call, happening: Happening, flow: Menu) -> list[Action]:
    """Return what to do about ``happening``, and change ``call`` accordingly.

    Raises ``Refused`` or ``Gone`` for what is asked at the desk and cannot be.
    """
    found = outside_step(call, happening)
    if found is not None:
        return found
    if isinstance(happening, OutsideDown) and call.stage is not Stage.DIAL and happening.leg == call.leg:
        happening = CustomerLeft()
    found = dial_step(call, call.dial, happening, flow) if call.dial else None
    if found is None:
        found = talk_step(call, happening)
    return _of_one_leg(call, happening, flow) if found is None else found


def _of_one_leg(call: Call, happening: Happening, flow: Menu) -> list[Action]:
    """Take what is no matter of a conversation or of a call that we make."""
    match call.stage, happening:
        case Stage.OVER, _:
            return _after(call, happening)
        case _, CustomerLeft(cause):
            return _customer_left(call, cause)
        case _, line.Release(taken=taken):
            return _release(call, flow, taken=taken)
        case _, CustomerCame() | CustomerStayed():
            return menu_stage.begin(call, happening, flow)
        case ((Stage.MENU | Stage.LINE | Stage.AFTER), given) if isinstance(given, _MENU_INPUT):
            return menu_stage.menu_step(call, given, flow)
        case Stage.AFTER, Outstayed():
            return menu_stage.finish(call)
        case _, Outstayed() if call.gone and call.message:
            return menu_stage.message_lost(call, flow)
        case ((Stage.LINE | Stage.TALK), line.Wait()):
            return [*talk_stage.part(call), *menu_stage.wait(call, flow)]
        case ((Stage.LINE | Stage.TALK), line.Leave(why=why)):
            return menu_stage.leave(call, why, flow)
        case _, line.SendOffer() as offer:
            return talk_stage.ring(call, offer)
        case _, line.CancelOffer(offer=offer):
            return talk_stage.stop_ringing(call, offer)
        case _, line.Connect(offer=offer):
            return [*menu_stage.serve(call, flow), *talk_stage.join(call, offer)]
        case _, AgentAnswered() | AgentLeft() | RingFailed() | Joined() | JoinFailed():
            return talk_stage.agent_happening(call, happening)
        case _:
            return []


def _customer_left(call: Call, cause: str) -> list[Action]:
    call.gone = True
    if call.message:
        # How long it is says whether the caller has left one or given up.
        return [Bound(menu_stage.RECORDED_MS)]
    told = tell(Ended(id=call.id, by=Party.CUSTOMER, cause=cause))
    # After a promise the line may not be done with the call yet; of one that is closed it takes no notice.
    return [*told, *menu_stage.finish(call)] if call.stage is Stage.AFTER else told


def _release(call: Call, flow: Menu, *, taken: bool) -> list[Action]:
    """End what is left, unless the menu has something to say to the caller yet.

    Legs before the bridge: the other way round the cause of ending is overwritten.
    """
    if call.stage is Stage.AFTER:
        return talk_stage.forget_agent(call)
    bridge, call.bridge = call.bridge, None
    dropped: list[Action] = [Drop(bridge)] if bridge else []
    agent = [*talk_stage.end_talk(call), *talk_stage.forget_agent(call)]
    if call.joined and not call.gone and call.session is not None:
        actions = menu_stage.after(call, flow)
        if call.stage is not Stage.OVER:
            return [*agent, *dropped, *actions]
    if taken and menu_stage.listens(call):
        return [*agent, *dropped, *menu_stage.taken_along(call, flow)]
    call.stage = Stage.OVER
    end: list[Action] = [] if call.gone else [HangUp(call.leg)]
    return [Arm(None), *agent, *end, *dropped, Forget(call.id)]


def _after(call: Call, happening: Happening) -> list[Action]:
    match happening:
        case AgentAnswered(leg=leg):
            return [HangUp(leg)]
        case line.SendOffer(offer=offer):
            return tell(OfferFailed(offer=offer, fault=DeviceFault.ERROR))
        case _:
            return []
