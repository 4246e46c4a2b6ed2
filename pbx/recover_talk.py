"""Find conversations again after an absence: who hears whom, who is asked, who listens. Pure.

The journal says who has the call and who is asked; where legs are says who hears whom. Where the two differ the sound
is right and the line is told; what makes no sense ends with customer and agent together, or with the customer in line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acd import effects as line
from acd.events import Ended, Event
from acd.model import Party, Phase
from core.ids import AgentId, BridgeId, InteractionId, LegId, OfferId, QueueId
from pbx.call import (
    AgentAnswered,
    AgentLeft,
    Call,
    Consult,
    Happening,
    Joined,
    LegUp,
    Ringing,
    Seated,
    SeatFailed,
    Stage,
    Watch,
)
from pbx.commands import Monitoring
from pbx.dial_model import is_outside_leg, outside_of
from pbx.model import (
    LINE_BRIDGE,
    MUTED,
    PAUSED,
    Bridge,
    Leg,
    Seating,
    agent_leg,
    booth,
    is_agent_leg,
    is_talk_bridge,
    offer_of,
    spies_for,
    talk_bridge,
    watched_by,
)
from pbx.phones import WEB
from pbx.ports import Interaction

if TYPE_CHECKING:
    from pbx.recover import Wire

_WITH_AGENT = (Phase.TALKING, Phase.HELD)


@dataclass(frozen=True, slots=True)
class Claim:
    """What on the wire belongs to a call."""

    legs: frozenset[LegId]
    bridges: frozenset[BridgeId]


def parked(call: Call, contact: Interaction) -> tuple[Happening, ...]:
    """Go on with a parked call."""
    if call.music:
        call.stage, call.parked = Stage.LINE, True
        return ()
    call.stage = Stage.TALK
    return (line.Park(id=contact.id, until=0),)


def talking(
    call: Call, contact: Interaction, consults: Iterable[Interaction], wire: Wire
) -> tuple[Happening, ...]:
    """Go on with a conversation: the agent, then the colleague, then who hears whom."""
    if contact.offer is None or contact.agent is None:
        return ()
    call.stage, call.queue = Stage.TALK, contact.queue
    call.joined, call.held = contact.phase in _WITH_AGENT, contact.phase is Phase.HELD
    call.paused = bool(wire.legs[call.leg].channelvars.get(PAUSED))
    leg = _agents_leg(call, contact.offer, contact.agent, wire)
    call.agent = Ringing(contact.offer, contact.agent, leg, answered=True)
    happenings: list[Happening] = []
    for consult in consults:
        happenings += _consult(call, consult, wire)
    if call.consult is None:
        call.consult = _telephone(call, wire)
    call.bridge = _bridge(call, leg, wire)
    _remember(call, wire)
    # What the agent hears of ringing is not known; stopping what is not there does no harm.
    call.ringing = True
    if leg not in wire.legs:
        return (*happenings, AgentLeft(contact.offer))
    if not call.joined and call.seats.get(leg) and call.seats.get(call.leg):
        return (*happenings, Joined(contact.offer))
    if not call.joined or not call.seats.get(leg):
        return (*happenings, line.Connect(offer=contact.offer, id=contact.id, agent=contact.agent))
    return (*_seats(call, half_done=_others(call, wire)), *happenings)


def _agents_leg(call: Call, offer: OfferId, agent: AgentId, wire: Wire) -> LegId:
    """Return the leg that was rung for the offer, or the supervisor's leg of whoever took the call over."""
    leg = agent_leg(offer, call.generation)
    watching = (other for other in wire.legs if watched_by(other, call.generation) == (call.id, agent))
    return leg if leg in wire.legs else next(watching, leg)


def _bridge(call: Call, leg: LegId, wire: Wire) -> BridgeId:
    """Return the conversation's bridge, which keeps the name of its first agent's leg."""
    for part in (leg, call.leg):
        bridge = wire.bridge_of(part)
        if bridge is not None and is_talk_bridge(bridge):
            return bridge
    return talk_bridge(leg)


def _remember(call: Call, wire: Wire) -> None:
    """Take from the wire where everybody is, and who is muted."""
    other = call.consult.other if call.consult else None
    ours = [part.leg for part in (call.agent, other) if part]
    for leg in (call.leg, *ours):
        match wire.bridge_of(leg):
            case bridge if bridge == call.bridge:
                call.seats[leg] = True
            case bridge if bridge == LINE_BRIDGE:
                call.seats[leg] = False
    call.muted = {leg for leg in ours if leg in wire.legs and wire.legs[leg].channelvars.get(MUTED)}


def _seats(call: Call, *, half_done: bool) -> tuple[Happening, ...]:
    """Return what is to be told or put right. ``half_done``: whoever had the call before is still there."""
    consult = call.consult
    other = consult.other if consult and consult.joined else None
    customer = call.seats.get(call.leg)
    colleague = call.seats.get(other.leg) if other else None
    found = {
        (True, None): Seating.TOGETHER,
        (False, None): Seating.HELD,
        (False, True): Seating.PRIVATE,
        (True, False): Seating.ASIDE,
        (True, True): Seating.CONFERENCE,
    }.get((customer, colleague))  # type: ignore[arg-type]
    if not half_done and found is not None and (other is None) is (colleague is None):
        call.seating = found
        told = call.held is (customer is False) and (other is None or _told(consult, colleague))
        return () if told else (Seated(found),)
    # Somebody hears nothing: to the agent with everybody, or on hold as the line has it.
    wanted = (Seating.PRIVATE if other else Seating.HELD) if call.held else _with_customer(consult)
    call.seating = wanted
    parts = (call.leg, other.leg if other else None)
    lost = tuple(leg for leg in parts if leg and (half_done or leg not in call.seats))
    return (SeatFailed(wanted, wanted, lost, again=False),)


def _others(call: Call, wire: Wire) -> bool:
    """Whether an agent's leg that is not this agent's or colleague's is in the conversation."""
    ours = claim(call).legs
    return any(
        is_agent_leg(leg) and leg not in ours
        for bridge in wire.bridges
        if bridge.id == call.bridge
        for leg in bridge.channels
    )


def _told(consult: Consult | None, colleague: bool | None) -> bool:
    return consult is not None and (consult.number or consult.held is (colleague is False))


def _with_customer(consult: Consult | None) -> Seating:
    if consult is None or not consult.joined:
        return Seating.TOGETHER
    return Seating.ASIDE if consult.held else Seating.CONFERENCE


def _consult(call: Call, contact: Interaction, wire: Wire) -> list[Happening]:
    """Go on with a consultation."""
    queue = contact.queue or call.queue or QueueId("")
    consult = call.consult = Consult(contact.id, queue, contact.agent)
    if contact.offer is None or contact.agent is None:
        return []
    leg = agent_leg(contact.offer, call.generation)
    consult.other = Ringing(contact.offer, contact.agent, leg, contact.phase is not Phase.OFFERED)
    consult.joined, consult.held = contact.phase in _WITH_AGENT, contact.phase is Phase.HELD
    if leg not in wire.legs:
        return [AgentLeft(contact.offer)]
    if contact.phase is Phase.CONNECTING:
        return [line.Connect(offer=contact.offer, id=contact.id, agent=contact.agent)]
    if contact.phase is Phase.OFFERED and wire.legs[leg].state == "Up":
        return [AgentAnswered(contact.offer, leg)]
    return []


def _telephone(call: Call, wire: Wire) -> Consult | None:
    """Return the telephone outside that is asked, if it has answered; one that still rings is ended."""
    for leg in wire.legs.values():
        if outside_of(leg.id, call.generation) == call.id and leg.id != call.leg and wire.holds(leg.id):
            other = Ringing(OfferId(0), AgentId(""), leg.id, answered=True)
            return Consult(
                InteractionId(""), call.queue or QueueId(""), None, other, joined=True, number=True
            )
    return None


def orphan(contact: Interaction) -> Event:
    """Return what the line is told of a consultation about a call that nobody talks in."""
    return Ended(id=contact.id, by=Party.CUSTOMER, cause="unknown_restart")


# --- supervisors -------------------------------------------------------------------------------------------


def watches(call: Call, wire: Wire) -> list[Happening]:
    """Find the supervisors of a conversation again; their mode is where their legs are."""
    happenings: list[Happening] = []
    for leg in wire.legs.values():
        name = watched_by(leg.id, call.generation)
        if name is None or name.interaction != call.id or call.agent is None or leg.id == call.agent.leg:
            continue
        watch = call.watches[name.agent] = Watch(name.agent, leg.id, Monitoring.LISTEN)
        if leg.state == "Up":
            happenings += _placed(call, watch, wire)
    return happenings


def _placed(call: Call, watch: Watch, wire: Wire) -> list[Happening]:
    assert call.agent is not None
    if wire.bridge_of(watch.leg) == call.bridge:
        watch.up, watch.mode = True, Monitoring.BARGE
        call.seats[watch.leg] = True
        return []
    spies = [
        (spy, leg) for leg in wire.legs.values() if (spy := spies_for(leg.id)) and spy.watch == watch.leg
    ]
    for spy, leg in sorted(spies):
        watch.turn = spy.turn
        watch.mode = Monitoring.WHISPER if spy.whisper else Monitoring.LISTEN
        # Asterisk names it after whom it spies on: not the one who has the call now after a transfer.
        watch.spy = leg.id if leg.endpoint == call.agent.leg else None
    if watch.spy is None:
        return [LegUp(watch.leg)]
    watch.up = True
    return [LegUp(watch.spy)] if wire.bridge_of(watch.spy) != booth(watch.leg) else []


# --- what belongs to whom ----------------------------------------------------------------------------------


def claim(call: Call) -> Claim:
    """Return the legs and bridges of a call."""
    other = call.consult.other if call.consult else None
    legs = {call.leg, *(part.leg for part in (call.agent, other) if part)}
    bridges = {call.bridge} if call.bridge else set()
    for watch in call.watches.values():
        legs |= {watch.leg} | ({watch.spy} if watch.spy else set())
        bridges.add(booth(watch.leg))
    return Claim(frozenset(legs), frozenset(bridges))


def leftovers(
    wire: Wire, claimed: set[LegId], generation: str, customer: Callable[[Leg], InteractionId | None]
) -> Iterator[Call]:
    """Yield conversations that go on after the line is done with them: with a telephone outside, or of colleagues.

    ``customer`` says which contact a customer's leg is.
    """
    for bridge in wire.bridges:
        legs = [wire.legs[leg] for leg in bridge.channels if leg in wire.legs and leg not in claimed]
        if not is_talk_bridge(bridge.id):
            continue
        ours = [part for leg in legs if (part := _ours(leg, generation)) is not None]
        outside = [
            Ringing(OfferId(0), AgentId(""), leg.id, answered=True) for leg in legs if is_outside_leg(leg.id)
        ]
        caller = next(((id_, leg.id) for leg in legs if (id_ := customer(leg)) is not None), None)
        if caller and outside:
            yield _leftover(bridge, generation, None, outside[0], caller)
        elif len(ours) + len(outside) == 2 and ours and not caller:
            yield _leftover(bridge, generation, ours[0], [*ours, *outside][1], None)


def _leftover(
    bridge: Bridge,
    generation: str,
    agent: Ringing | None,
    other: Ringing,
    caller: tuple[InteractionId, LegId] | None,
) -> Call:
    id_, leg = caller or (InteractionId(bridge.id), LegId(""))
    return Call(
        id_,
        leg,
        generation,
        stage=Stage.OUTSIDE if caller else Stage.COLLEAGUES,
        gone=caller is None,
        agent=agent,
        bridge=bridge.id,
        seating=Seating.PRIVATE,
        seats=dict.fromkeys(bridge.channels, True),
        consult=Consult(InteractionId(""), QueueId(""), other=other, joined=True, number=not other.agent),
    )


def _ours(leg: Leg, generation: str) -> Ringing | None:
    offer = offer_of(leg.id, generation)
    if offer is None or not is_agent_leg(leg.id) or leg.state != "Up":
        return None
    return Ringing(offer, AgentId(leg.endpoint.removesuffix(WEB)), leg.id, answered=True)
