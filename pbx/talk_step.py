"""What happens to a conversation: one match over what the desk, the line, the legs and Asterisk's answers say.

``step`` asks here first. None means that it is no matter of conversations.
"""

from __future__ import annotations

from typing import Final

from acd import effects as line
from acd.events import Ended, OfferFailed, RecordingPaused
from acd.model import DeviceFault, Party
from core.errors import Gone
from core.ids import AgentId
from pbx import consult_stage, monitor_stage, outside_stage, talk_stage
from pbx.call import (
    AgentAnswered,
    AgentLeft,
    Asked,
    Call,
    CustomerLeft,
    Happening,
    LegDown,
    LegUp,
    Muted,
    NotTaken,
    RecordingMuted,
    RingFailed,
    Ringing,
    Seated,
    SeatFailed,
    Stage,
    tell,
)
from pbx.command_step import command
from pbx.effects import Action, Drop, HangUp, Hold
from pbx.model import agent_leg

FROM_LINE: Final = (
    line.SendOffer,
    line.CancelOffer,
    line.Connect,
    line.Wait,
    line.Leave,
    line.Release,
    line.Handover,
    line.Park,
)
"""The line's effects that a call has a part in."""


def talk_step(call: Call, happening: Happening) -> list[Action] | None:
    """Return what to do about ``happening``, or None if it is for others to say."""
    match happening:
        case Asked():
            if call.stage is Stage.OVER:
                raise Gone("This call is over.")
            return command(call, happening)
        case LegUp(leg=leg) if call.stage is Stage.OVER:
            return [HangUp(leg)]
        case LegDown(leg=leg) if call.agent and call.agent.leg == leg:
            # A supervisor who took the call over is its agent.
            left = AgentLeft(call.agent.offer)
            found = _leg(call, left)
            return talk_stage.agent_happening(call, left) if found is None else found
        case LegUp() | LegDown():
            return monitor_stage.leg_happening(call, happening)
        case Seated() | SeatFailed():
            return talk_stage.seat_happening(call, happening)
        case Muted() | RecordingMuted() | NotTaken():
            return _answer(call, happening)
        case CustomerLeft():
            consult_stage.customer_out(call)
            return None
        case AgentAnswered() | AgentLeft() | RingFailed():
            return _leg(call, happening)
        case _ if isinstance(happening, FROM_LINE):
            return _line(call, happening)
        case _:
            return None


def _answer(call: Call, happening: Muted | RecordingMuted | NotTaken) -> list[Action]:
    match happening:
        case Muted(leg=leg, on=True):
            call.muted.add(leg)
        case Muted(leg=leg):
            call.muted.discard(leg)
        case RecordingMuted(on=on, reason=reason, by=by):
            call.paused = on
            return tell(RecordingPaused(id=call.id, on=on, reason=reason, agent=by or AgentId("")))
        case NotTaken():
            return consult_stage.not_taken(call)
    return []


def _leg(call: Call, happening: AgentAnswered | AgentLeft | RingFailed) -> list[Action] | None:
    """Take what a colleague's leg did, and the end of an agent's leg when there is a colleague."""
    consult, agent = call.consult, call.agent
    if consult is None or call.stage is Stage.OVER:
        return None
    if consult.other and consult.other.offer == happening.offer:
        return consult_stage.colleague_happening(call, happening)
    if isinstance(happening, AgentLeft) and agent and agent.offer == happening.offer and agent.answered:
        return consult_stage.agent_left(call)
    return None


def _line(call: Call, happening: object) -> list[Action] | None:
    consult = call.consult
    match happening:
        case line.Handover() if call.stage is Stage.TALK:
            return _handover(call, happening)
        case line.Park() if call.stage is Stage.TALK:
            return _park(call)
        case line.Handover() | line.Park():
            return []
        case line.Release(id=id_) if id_ == call.id and consult and call.stage is Stage.TALK:
            if consult.number and consult.leaving:
                return outside_stage.released(call)
            # Both have heard each other: what they say to each other is not cut off by the customer's end.
            both = consult.joined and consult.other and call.agent
            return consult_stage.colleagues(call) if both else None
        case line.Release(id=id_) if id_ == call.id and call.stage is Stage.COLLEAGUES:
            return []
        case (
            line.SendOffer(id=id_)
            | line.CancelOffer(id=id_)
            | line.Connect(id=id_)
            | line.Wait(id=id_)
            | line.Leave(id=id_)
            | line.Release(id=id_)
        ) if id_ != call.id:
            if call.stage is Stage.OVER or consult is None or consult.id != id_:
                return _no_consult(call, happening)
            return _consult(call, happening)
        case _:
            return None


def _handover(call: Call, handover: line.Handover) -> list[Action]:
    if handover.consult is not None:
        return consult_stage.hand_over(call, handover)
    taker, ends = monitor_stage.successor(call, Ringing(handover.offer, handover.agent, call.leg))
    actions = talk_stage.part_with_colleague(call)
    if taker is None:
        return [*actions, *consult_stage.lost(call, call.queue)]
    return [*actions, *consult_stage.succeed(call, taker), *ends]


def _park(call: Call) -> list[Action]:
    """Music for the customer before the agent's leg ends: nobody hears silence."""
    actions = talk_stage.part(call)
    hold: list[Action] = [] if call.music else [Hold(call.leg)]
    call.stage, call.parked, call.music = Stage.LINE, True, True
    actions = [*hold, *actions, *talk_stage.forget_agent(call)]
    bridge, call.bridge = call.bridge, None
    return [*actions, Drop(bridge)] if bridge else actions


def _consult(call: Call, happening: object) -> list[Action]:
    match happening:
        case line.SendOffer():
            return consult_stage.ring(call, happening)
        case line.CancelOffer(offer=offer):
            return consult_stage.stop_ringing(call, offer)
        case line.Connect(offer=offer):
            return consult_stage.join(call, offer)
        case line.Leave() | line.Release():
            return consult_stage.released(call)
        case _:
            return []


def _no_consult(call: Call, happening: object) -> list[Action]:
    """Take what the line says of a consultation that this call no longer has."""
    match happening:
        case line.SendOffer(offer=offer):
            return tell(OfferFailed(offer=offer, fault=DeviceFault.ERROR))
        case line.CancelOffer(offer=offer):
            return [HangUp(agent_leg(offer, call.generation))]
        case line.Connect(id=id_):
            return tell(Ended(id=id_, by=Party.CUSTOMER, cause="asker_left"))
        case _:
            return []
