"""Bring the line and Asterisk into agreement after either was away. Pure: a snapshot in, a plan out.

Nothing that happened meanwhile is replayed by Asterisk, so every known call is driven to agree with what is
there: what is gone is reported, what is unknown is adopted or ended, what goes on is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from acd.events import Ended, Event, Failed
from acd.model import Kind, Party, Phase
from core.ids import BridgeId, InteractionId, LegId, parse_interaction_id
from ivr.model import load
from pbx import recover_talk
from pbx.call import AgentAnswered, AgentLeft, Call, CustomerStayed, Happening, Ringing, Stage
from pbx.dial_model import is_outside_leg
from pbx.dial_recover import DIALLED, Found, resume
from pbx.effects import Action, Drop, HangUp
from pbx.model import LINE_BRIDGE, Bridge, Leg, agent_leg, is_agent_leg, is_media_leg, is_ours, is_watch
from pbx.outbound_model import CallbackRules
from pbx.ports import Interaction


@dataclass(frozen=True, slots=True)
class Wire:
    """What Asterisk has now."""

    legs: dict[LegId, Leg]
    bridges: tuple[Bridge, ...]
    started_at: int
    """When Asterisk started, in milliseconds UTC (whole seconds)."""

    def bridge_of(self, leg: LegId) -> BridgeId | None:
        """Return the bridge that ``leg`` is in."""
        return next((bridge.id for bridge in self.bridges if leg in bridge.channels), None)

    def holds(self, leg: LegId) -> bool:
        """Whether ``leg`` is there and in an application of ours to steer."""
        return leg in self.legs and self.legs[leg].dialplan.app_name == "Stasis"


@dataclass(slots=True)
class Plan:
    """What to do, in this order."""

    calls: list[tuple[Call, tuple[Happening, ...]]] = field(default_factory=list)
    """Calls that go on, and what each has to be told."""
    events: list[Event] = field(default_factory=list)
    """What the line has to be told of calls that do not."""
    strays: list[Action] = field(default_factory=list)
    """Legs and bridges that belong to nobody: legs first."""
    unknown: list[tuple[InteractionId, Leg]] = field(default_factory=list)
    """Customers' legs that the line does not have: new, or over since."""


def plan(
    live: Iterable[Interaction],
    wire: Wire,
    generation: str,
    rules: CallbackRules | None = None,
    now: int = 0,
) -> Plan:
    """Compare the line's voice contacts with the wire. ``now`` is in milliseconds UTC."""
    out = Plan()
    claimed: set[LegId] = set()
    bridges: set[BridgeId] = set()
    contacts = list(live)
    consults = [contact for contact in contacts if contact.kind is Kind.CONSULT]
    for contact in contacts:
        if contact.phase is Phase.WRAPPING or contact.kind is Kind.CONSULT:
            continue
        asked = [consult for consult in consults if consult.parent == contact.id]
        if contact.kind in DIALLED:
            found = resume(contact, wire.legs, generation, rules or CallbackRules(), now)
            out.events += found.events
            out.strays += found.actions
            if found.goes_on:
                out.calls.append((found.call, _resume_dialled(found, contact, asked, wire)))
                _claim(found.call, claimed, bridges)
                claimed |= {found.leg} if found.leg else set()
            continue
        if not wire.holds(contact.leg):
            out.events.append(_lost(contact, wire))
            continue
        call, happenings = _resume(contact, asked, wire, generation)
        out.calls.append((call, happenings))
        _claim(call, claimed, bridges)
    for call in recover_talk.leftovers(wire, claimed, generation, arrived_id):
        out.calls.append((call, ()))
        _claim(call, claimed, bridges)
    resumed = {call.consult.id for call, _ in out.calls if call.consult}
    out.events += [recover_talk.orphan(consult) for consult in consults if consult.id not in resumed]
    _sort_out_the_rest(out, wire, claimed, bridges)
    return out


def _claim(call: Call, claimed: set[LegId], bridges: set[BridgeId]) -> None:
    ours = recover_talk.claim(call)
    claimed |= ours.legs
    bridges |= ours.bridges


def _lost(contact: Interaction, wire: Wire) -> Event:
    if contact.arrived_at < wire.started_at:
        return Failed(id=contact.id, cause="asterisk_restarted")
    return Ended(id=contact.id, by=Party.CUSTOMER, cause="unknown_restart")


def _resume(
    contact: Interaction, asked: Sequence[Interaction], wire: Wire, generation: str
) -> tuple[Call, tuple[Happening, ...]]:
    call = Call(contact.id, contact.leg, generation, at=contact.arrived_at)
    call.music = wire.bridge_of(contact.leg) == LINE_BRIDGE
    match contact.phase:
        case Phase.IN_MENU | Phase.WITH_BOT:
            return call, (CustomerStayed(load(contact.place)),)
        case Phase.WAITING:
            call.stage = Stage.LINE
            return call, (CustomerStayed(load(contact.place)),)
        case Phase.OFFERED:
            call.stage = Stage.LINE
            return call, (CustomerStayed(load(contact.place)), *_ringing(call, contact, wire))
        case Phase.PARKED:
            call.session = load(contact.place)
            return call, recover_talk.parked(call, contact)
        case _:
            call.session = load(contact.place)
            happenings = recover_talk.talking(call, contact, asked, wire)
            return call, (*happenings, *recover_talk.watches(call, wire))


def _resume_dialled(
    found: Found, contact: Interaction, asked: Sequence[Interaction], wire: Wire
) -> tuple[Happening, ...]:
    call = found.call
    call.music = bool(call.leg) and wire.bridge_of(call.leg) == LINE_BRIDGE
    if contact.phase is Phase.PARKED:
        return recover_talk.parked(call, contact)
    if contact.phase in (Phase.TALKING, Phase.HELD):
        return (*recover_talk.talking(call, contact, asked, wire), *recover_talk.watches(call, wire))
    return found.happenings


def _ringing(call: Call, contact: Interaction, wire: Wire) -> tuple[Happening, ...]:
    if contact.offer is None or contact.agent is None:
        return ()
    leg = agent_leg(contact.offer, call.generation)
    call.agent = Ringing(contact.offer, contact.agent, leg)
    if leg not in wire.legs:
        return (AgentLeft(contact.offer),)
    if wire.legs[leg].state == "Up":
        return (AgentAnswered(contact.offer, leg),)
    return ()


def _sort_out_the_rest(out: Plan, wire: Wire, claimed: set[LegId], bridges: set[BridgeId]) -> None:
    for leg in wire.legs.values():
        if leg.id in claimed:
            continue
        if is_stray(leg):
            out.strays.append(HangUp(leg.id))
        elif (arrived := arrived_id(leg)) is not None:
            out.unknown.append((arrived, leg))
    out.strays += [
        Drop(bridge.id) for bridge in wire.bridges if is_ours(bridge.id) and bridge.id not in bridges
    ]


def is_stray(leg: Leg) -> bool:
    """Whether ``leg`` is to be ended if no call has it: we made it, and it is not with somebody else."""
    if is_outside_leg(leg.id):
        # One that answered while control was away is with the fallback queue.
        return leg.state != "Up" or leg.dialplan.app_name == "Stasis"
    return is_agent_leg(leg.id) or is_watch(leg.id) or is_media_leg(leg.id)


def arrived_id(leg: Leg) -> InteractionId | None:
    """Return the interaction that the dialplan gave to a customer's leg, if it is in our application."""
    return customer_id(stasis_arguments(leg))


def stasis_arguments(leg: Leg) -> Sequence[str]:
    """Return the arguments with which a leg is in our application; none if it is elsewhere."""
    return leg.dialplan.app_data.split(",")[1:] if leg.dialplan.app_name == "Stasis" else ()


def customer_id(args: Sequence[str]) -> InteractionId | None:
    """Return the interaction in the arguments ``arrived,<id>,<dialled>`` of Stasis()."""
    return parse_interaction_id(args[1]) if len(args) >= 2 and args[0] == "arrived" else None


def dialled(args: Sequence[str]) -> str:
    """Return the number in the arguments ``arrived,<id>,<dialled>`` of Stasis(); empty if there is none."""
    return args[2] if len(args) >= 3 and args[0] == "arrived" else ""
