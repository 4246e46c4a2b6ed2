"""Find the calls that we make again after an absence, and drive each to agree with the wire. Pure.

What is not known to ring was rung once all the same, if an agent had the contact: it counts as a try that reached
nobody, for ringing a customer twice is worse than ringing later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from acd import effects as line
from acd.events import Ended, Event
from acd.model import Kind, Party, Phase
from core.ids import LegId
from ivr.model import Session, load
from pbx.call import (
    AgentAnswered,
    AgentLeft,
    Call,
    CustomerStayed,
    Happening,
    OutsideDown,
    OutsideUp,
    Ringing,
    Stage,
)
from pbx.dial_model import Dialling, outside_leg, outside_of, ringing_sound
from pbx.effects import Action, Follow
from pbx.model import Leg, agent_leg
from pbx.outbound_model import CallbackRules
from pbx.ports import Interaction

DIALLED = (Kind.CALLBACK, Kind.OUTBOUND)
"""The kinds of contacts whose customer we call."""


def to_dial(contact: Interaction, generation: str, rules: CallbackRules) -> Call:
    """Return the call of a contact whose customer is to be called."""
    dial = Dialling(contact.caller, contact.kind, rules)
    return Call(
        contact.id,
        LegId(""),
        generation,
        stage=Stage.DIAL,
        at=contact.arrived_at,
        session=Session(),
        dial=dial,
    )


@dataclass(slots=True)
class Found:
    """What there is of a call that we make. Without ``leg`` there is no customer on the line."""

    call: Call
    leg: LegId | None = None
    happenings: tuple[Happening, ...] = ()
    events: tuple[Event, ...] = ()
    actions: tuple[Action, ...] = ()
    goes_on: bool = True


def resume(
    contact: Interaction, legs: Mapping[LegId, Leg], generation: str, rules: CallbackRules, now: int
) -> Found:
    """Compare one such contact with the wire. Of one that talks or is parked, the legs alone are found."""
    call = to_dial(contact, generation, rules)
    assert call.dial is not None
    if contact.phase is Phase.CONNECTING:
        return _connecting(call, call.dial, contact, legs, now)
    up = next((leg.id for leg in legs.values() if _is_up(leg) and _of(leg, contact, generation)), None)
    if up is not None:
        return _on_the_line(call, call.dial, contact, legs, up)
    if contact.phase in (Phase.TALKING, Phase.HELD):
        lost = Ended(id=contact.id, by=Party.CUSTOMER, cause="unknown_restart")
        return Found(call, events=(lost,), goes_on=False)
    if contact.phase is Phase.OFFERED:
        return Found(call, happenings=_offered(call, call.dial, contact, legs))
    # Nothing is to be done for it before the next offer.
    return Found(call, goes_on=False)


def _on_the_line(
    call: Call, dial: Dialling, contact: Interaction, legs: Mapping[LegId, Leg], up: LegId
) -> Found:
    call.leg = dial.leg = up
    dial.confirmed, call.session = True, load(contact.place)
    if contact.phase in (Phase.TALKING, Phase.HELD, Phase.PARKED):
        return Found(call, up)
    call.stage = Stage.LINE
    ringing = _ringing(call, contact, legs) if contact.phase is Phase.OFFERED else ()
    return Found(call, up, (CustomerStayed(load(contact.place)), *ringing))


def _offered(
    call: Call, dial: Dialling, contact: Interaction, legs: Mapping[LegId, Leg]
) -> tuple[Happening, ...]:
    if not dial.customer_first or contact.offer is None or contact.agent is None:
        return _ringing(call, contact, legs)
    return (line.SendOffer(contact.offer, contact.id, contact.agent, until=0, kind=contact.kind),)


def _connecting(
    call: Call, dial: Dialling, contact: Interaction, legs: Mapping[LegId, Leg], now: int
) -> Found:
    if contact.offer is None or contact.agent is None:
        return Found(call, goes_on=False)
    leg, own = (
        outside_leg(contact.id, call.generation, contact.offer),
        agent_leg(contact.offer, call.generation),
    )
    answered = own in legs and legs[own].state == "Up"
    call.agent, dial.leg = Ringing(contact.offer, contact.agent, own, answered=answered), leg
    follow = (Follow(leg, contact.id),)
    if dial.customer_first and own in legs and leg in legs:
        # The customer has said yes; only the agent is still missing.
        call.leg, dial.confirmed = leg, True
        return Found(call, leg, (AgentAnswered(contact.offer, own),) if answered else (), actions=follow)
    if not dial.customer_first and not answered:
        return Found(call, leg, (AgentLeft(contact.offer),))
    if not dial.customer_first:
        # What the agent hears does not end by itself, and a leg that is played to cannot be joined.
        call.playback = ringing_sound(leg)
    if leg not in legs:
        return Found(call, happenings=(OutsideDown(leg, 0, now),))
    return Found(call, leg, (OutsideUp(leg),) if _is_up(legs[leg]) else (), actions=follow)


def _ringing(call: Call, contact: Interaction, legs: Mapping[LegId, Leg]) -> tuple[Happening, ...]:
    if contact.offer is None or contact.agent is None:
        return ()
    leg = agent_leg(contact.offer, call.generation)
    call.agent = Ringing(contact.offer, contact.agent, leg)
    if leg not in legs:
        return (AgentLeft(contact.offer),)
    return (AgentAnswered(contact.offer, leg),) if legs[leg].state == "Up" else ()


def _is_up(leg: Leg) -> bool:
    return leg.state == "Up" and leg.dialplan.app_name == "Stasis"


def _of(leg: Leg, contact: Interaction, generation: str) -> bool:
    return outside_of(leg.id, generation) == contact.id
