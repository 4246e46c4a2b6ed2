"""A call that we make: a callback, or an agent's own call. Who is rung first, what a try comes to. Pure.

The line offers it like any other contact; only the customer's leg is missing. It is rung once an agent has the
contact, under an id made from the offer, so that one offer rings once, whatever dies meanwhile. With the customer on
the line it is a call like any other: if the agent is lost, the customer waits with music at the old place.
"""

from __future__ import annotations

from typing import Final

from acd import effects as line
from acd.events import Attempted, Ended, OfferAccepted
from acd.model import Kind, Party
from core.errors import Refused
from core.ids import LegId
from ivr import effects as menu
from pbx import menu_stage, talk_stage
from pbx.call import (
    AgentAnswered,
    AgentLeft,
    Call,
    DialDenied,
    Dialled,
    Happening,
    OutsideDown,
    OutsideUp,
    RingFailed,
    Ringing,
    Stage,
    tell,
)
from pbx.dial_model import Dialling, outside_leg, ringing_sound
from pbx.effects import Action, Arm, DialOut, Drop, Forget, HangUp, Hold, Join, Play, Ring, RingBack, Stop
from pbx.model import agent_leg, talk_bridge
from pbx.outbound_model import Denial
from pbx.ports import Menu

RING_AGENT_MS: Final = 20_000
"""Customer first: how long the agent who accepted is rung."""

YES: Final = "1"
"""The key by which a person says: I am here."""

_OTHER_DAY: Final = (Denial.AGENT_CAP, Denial.DAY_CAP, Denial.AT_ONCE)
"""Denials that pass with time; the others are the number's."""

_CAUSES: Final = {17: "busy", 18: "no_answer", 19: "no_answer", 21: "declined", 1: "no_such_number"}
"""Q.850. What else there is counts as ``unreachable``; a number nobody has is not tried again."""


def dial_step(call: Call, dial: Dialling, happening: Happening, flow: Menu) -> list[Action] | None:
    """Return what to do about ``happening`` while the customer is not in the conversation yet; None if others say."""
    if call.stage is not Stage.DIAL:
        return _on_the_line(call, happening)
    match happening:
        case line.SendOffer():
            return _offered(call, dial, happening)
        case line.Connect(offer=offer):
            return _connect(call, dial, happening) if _has(call, offer) else _lost_agent(call)
        case line.CancelOffer(offer=offer):
            ringing = [] if call.leg else _hang_up(dial)
            return [*ringing, *talk_stage.stop_ringing(call, offer)]
        case line.Wait():
            return _waiting(call, dial, flow)
        case line.Release():
            return _release(call, dial)
        case line.Leave() | line.Park() | line.Handover():
            return []
        case _:
            return _on_the_wire(call, dial, happening)


def _on_the_line(call: Call, happening: Happening) -> list[Action] | None:
    """Take what a leg outside does once the customer is in the call, or the call is over."""
    match happening:
        case OutsideUp(leg=leg) | Dialled(leg=leg) if call.stage is Stage.OVER:
            return [HangUp(leg)]
        case OutsideUp(leg=leg) | Dialled(leg=leg) if leg == call.leg:
            return []
        case _:
            return None


def _on_the_wire(call: Call, dial: Dialling, happening: Happening) -> list[Action]:
    match happening:
        case Dialled(leg=leg, tries=tries):
            dial.tries = tries
            return [] if leg in (dial.leg, call.leg) else [HangUp(leg)]
        case DialDenied(leg=leg, denial=denial, at=at) if leg == dial.leg:
            return _denied(call, dial, denial, at)
        case OutsideUp(leg=leg):
            return _answered(call, dial) if leg == dial.leg else [HangUp(leg)]
        case OutsideDown(leg=leg, cause=cause, at=at):
            return _gone(call, dial, leg, cause, at)
        case AgentAnswered() | AgentLeft() | RingFailed():
            return _agent(call, dial, happening)
        case menu.Key(digit=digit) if digit == YES and dial.leg == call.leg and not dial.confirmed:
            return _confirmed(call, dial)
        case menu.Played(token=token) if token == dial.token and not dial.confirmed:
            call.playback = None
            dial.token += 1
            return [Arm(dial.token, dial.rules.confirm_ms)]
        case menu.TimedOut(token=token) if token == dial.token:
            return _time_is_up(call, dial)
        case _:
            return []


# --- the agent ---------------------------------------------------------------------------------------------


def _offered(call: Call, dial: Dialling, offer: line.SendOffer) -> list[Action]:
    if not dial.customer_first:
        return talk_stage.ring(call, offer)
    # The agent is kept free for the customer, who is rung first.
    actions = talk_stage.forget_agent(call)
    call.agent = Ringing(offer.offer, offer.agent, agent_leg(offer.offer, call.generation))
    return [*actions, *tell(OfferAccepted(offer=offer.offer))]


def _has(call: Call, offer: int) -> bool:
    return call.agent is not None and call.agent.offer == offer


def _lost_agent(call: Call) -> list[Action]:
    return tell(Ended(id=call.id, by=Party.AGENT, cause="left_before_connect"))


def _agent(call: Call, dial: Dialling, happening: AgentAnswered | AgentLeft | RingFailed) -> list[Action]:
    if not dial.confirmed:
        # Agent first: the customer is not there yet. An agent who hangs up meanwhile ends the ringing outside.
        left = isinstance(happening, AgentLeft) and _has(call, happening.offer)
        return [*(_hang_up(dial) if left else []), *talk_stage.agent_happening(call, happening)]
    agent = call.agent
    if agent is None or agent.offer != happening.offer:
        return [HangUp(happening.leg)] if isinstance(happening, AgentAnswered) else []
    if isinstance(happening, AgentAnswered):
        agent.answered = True
        return [Arm(None), *_join(call)]
    call.agent = None
    return [Arm(None), *tell(Ended(id=call.id, by=Party.AGENT, cause="no_answer"))]


# --- the customer ------------------------------------------------------------------------------------------


def _connect(call: Call, dial: Dialling, connect: line.Connect) -> list[Action]:
    """An agent has the contact: ring the customer."""
    assert call.agent is not None
    dial.leg = outside_leg(call.id, call.generation, connect.offer)
    actions: list[Action] = [DialOut(dial.leg, call.id, connect.agent, dial.number)]
    if not dial.customer_first:
        call.playback = ringing_sound(dial.leg)
        actions.append(RingBack(call.agent.leg, call.playback))
    return actions


def _answered(call: Call, dial: Dialling) -> list[Action]:
    assert dial.leg is not None
    if call.leg == dial.leg:
        return []
    call.leg = dial.leg
    if not dial.customer_first:
        dial.confirmed = True
        return _join(call) if call.agent else _alone(call)
    dial.token += 1
    call.playback = f"say-{call.id}-{dial.token}"
    ask = tuple(menu.Prompt("callback.answer", language) for language in dial.rules.languages)
    return [Play(call.leg, call.playback, dial.token, ask)]


def _confirmed(call: Call, dial: Dialling) -> list[Action]:
    """A person is there: music, and ring the agent who is kept for it."""
    dial.confirmed = True
    actions = [*_hush(call), Arm(None)]
    if call.agent is None:
        return [*actions, *_alone(call)]
    call.music = True
    dial.token += 1
    agent = call.agent
    return [
        *actions,
        Ring(agent.offer, agent.agent, agent.leg, call.leg),
        Hold(call.leg),
        Arm(dial.token, RING_AGENT_MS),
    ]


def _alone(call: Call) -> list[Action]:
    """The agent is gone, and the line says what becomes of the customer: until then, music."""
    call.stage, call.music = Stage.LINE, True
    return [Hold(call.leg)]


def _join(call: Call) -> list[Action]:
    assert call.agent is not None
    call.stage, call.music = Stage.TALK, False
    call.bridge = talk_bridge(call.agent.leg)
    return [*_hush(call), Join(call.agent.offer, call.bridge, call.leg, call.agent.leg)]


def _waiting(call: Call, dial: Dialling, flow: Menu) -> list[Action]:
    """In line again. Without the customer there is nothing to do until the next offer."""
    if not call.leg:
        return []
    dial.confirmed = True
    return [*_hush(call), *menu_stage.wait(call, flow)]


def _time_is_up(call: Call, dial: Dialling) -> list[Action]:
    if dial.confirmed:
        # The agent who accepted does not come to the telephone.
        agent, call.agent = call.agent, None
        told = tell(Ended(id=call.id, by=Party.AGENT, cause="no_answer"))
        return [*([HangUp(agent.leg)] if agent else []), *told]
    dial.cause = "machine"
    return [*_hush(call), *([HangUp(dial.leg)] if dial.leg else [])]


def _gone(call: Call, dial: Dialling, leg: LegId, cause: int, at: int) -> list[Action]:
    if leg != dial.leg:
        return []
    answered = call.leg == leg
    dial.leg, call.leg, call.music = None, LegId(""), False
    if dial.confirmed:
        call.gone = True
        return tell(Ended(id=call.id, by=Party.CUSTOMER, cause="hung_up"))
    word, dial.cause = dial.cause or ("hung_up" if answered else _CAUSES.get(cause, "unreachable")), ""
    return [*_hush(call), Arm(None), *_again(call, dial, word, at)]


def machine(call: Call, at: int) -> list[Action]:
    """The agent hears a machine where the customer should be: nobody was reached. Raises Refused in other calls."""
    dial = call.dial
    if dial is None:
        raise Refused("This customer called us: only a call that we made can have reached a machine.")
    ends: list[Action] = [*talk_stage.part(call), HangUp(call.leg)]
    bridge, call.bridge = call.bridge, None
    call.stage, call.leg, dial.leg, dial.confirmed = Stage.DIAL, LegId(""), None, False
    return [*ends, *([Drop(bridge)] if bridge else []), *_again(call, dial, "machine", at)]


def _denied(call: Call, dial: Dialling, denial: Denial | None, at: int) -> list[Action]:
    dial.leg = None
    if denial is None:
        dial.tries += 1
        return [*_hush(call), *_again(call, dial, "unreachable", at)]
    again_at = at + dial.rules.again_ms if denial in _OTHER_DAY and dial.kind is Kind.CALLBACK else None
    return [*_hush(call), *tell(Attempted(id=call.id, cause=f"denied_{denial}", again_at=again_at))]


def _again(call: Call, dial: Dialling, cause: str, at: int) -> list[Action]:
    """Report a try that reached nobody. An agent's own call is not repeated: the agent sees what came of it."""
    more = dial.kind is Kind.CALLBACK and dial.tries < dial.rules.tries and cause != "no_such_number"
    again_at = at + dial.rules.again_ms if more else None
    return tell(Attempted(id=call.id, cause=cause, again_at=again_at))


def _release(call: Call, dial: Dialling) -> list[Action]:
    call.stage = Stage.OVER
    return [Arm(None), *talk_stage.forget_agent(call), *_hang_up(dial), Forget(call.id)]


def _hang_up(dial: Dialling) -> list[Action]:
    leg, dial.leg = dial.leg, None
    return [HangUp(leg)] if leg else []


def _hush(call: Call) -> list[Action]:
    playback, call.playback = call.playback, None
    return [Stop(playback)] if playback else []
