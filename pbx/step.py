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
    RingFailed,
    Stage,
    tell,
)
from pbx.effects import Action, Arm, Drop, Forget, HangUp
from pbx.ports import Menu


def step(call: Call, happening: Happening, flow: Menu) -> list[Action]:
    """Return what to do about ``happening``, and change ``call`` accordingly."""
    match call.stage, happening:
        case Stage.OVER, _:
            return _after(call, happening)
        case _, CustomerLeft(cause):
            return _customer_left(call, cause)
        case _, line.Release():
            return _release(call)
        case _, CustomerCame() | CustomerStayed():
            return menu_stage.begin(call, happening, flow)
        case Stage.MENU, (
            menu.Began() | menu.Recovered() | menu.Played() | menu.Key() | menu.TimedOut() as given
        ):
            return menu_stage.menu_step(call, given, flow)
        case _, line.Wait():
            return menu_stage.wait(call)
        case _, line.SendOffer() as offer:
            return talk_stage.ring(call, offer)
        case _, line.CancelOffer(offer=offer):
            return talk_stage.stop_ringing(call, offer)
        case _, line.Connect(offer=offer):
            return talk_stage.join(call, offer)
        case _, AgentAnswered() | AgentLeft() | RingFailed() | Joined() | JoinFailed():
            return talk_stage.agent_happening(call, happening)
        case _:
            return []


def _customer_left(call: Call, cause: str) -> list[Action]:
    call.gone = True
    return tell(Ended(id=call.id, by=Party.CUSTOMER, cause=cause))


def _release(call: Call) -> list[Action]:
    """End what is left. Legs before the bridge: the other way round the cause of ending is overwritten."""
    call.stage = Stage.OVER
    actions: list[Action] = [Arm(None), *talk_stage.forget_agent(call)]
    if not call.gone:
        actions.append(HangUp(call.leg))
    if call.bridge:
        actions.append(Drop(call.bridge))
        call.bridge = None
    return [*actions, Forget(call.id)]


def _after(call: Call, happening: Happening) -> list[Action]:
    match happening:
        case AgentAnswered(leg=leg):
            return [HangUp(leg)]
        case line.SendOffer(offer=offer):
            return tell(OfferFailed(offer=offer, fault=DeviceFault.ERROR))
        case _:
            return []
