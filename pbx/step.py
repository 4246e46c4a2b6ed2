"""What a call does next: one match over (stage, happening), returning actions as data.

The line (acd) decides who talks to whom and keeps the phase; a call knows only its legs, bridge and menu.
Every happening may come late, twice, or before the reply to the request that caused it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from acd import effects as line
from acd.model import (
    Arrived,
    Channel,
    Connected,
    DeviceFault,
    Dismissed,
    Ended,
    Event,
    Failed,
    MenuMoved,
    Need,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    Outcome,
    Party,
    Queued,
)
from core.ids import AgentId, BridgeId, InteractionId, LegId, OfferId
from ivr import effects as menu
from ivr.model import Session, dump
from pbx.effects import Action, Arm, Drop, Forget, HangUp, Hold, Join, Play, Ring, Stop, Tell
from pbx.model import agent_leg, talk_bridge
from pbx.ports import Menu


class Stage(StrEnum):
    """Who has the caller's ear."""

    MENU = "menu"
    LINE = "line"
    TALK = "talk"
    OVER = "over"


@dataclass(slots=True)
class Ringing:
    """An agent's leg, ringing or in the conversation."""

    offer: OfferId
    agent: AgentId
    leg: LegId
    answered: bool = False


@dataclass(slots=True)
class Call:
    """A caller on the wire. Changed in place by ``step`` and by nothing else."""

    id: InteractionId
    leg: LegId
    generation: str
    """Keeps the ids of agents' legs apart between journals."""
    stage: Stage = Stage.MENU
    session: Session | None = None
    playback: str | None = None
    gone: bool = False
    """The caller's leg has ended; asking Asterisk to end it would be a request for nothing."""
    agent: Ringing | None = None
    bridge: BridgeId | None = None


# --- happenings --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CustomerCame:
    """The caller's leg entered the application."""

    at: int
    caller: str
    dialled: str


@dataclass(frozen=True, slots=True)
class CustomerStayed:
    """The caller's leg is still there after a restart, in the menu at ``session``."""

    session: Session


@dataclass(frozen=True, slots=True)
class CustomerLeft:
    """The caller's leg is gone."""

    cause: str = "hung_up"


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """The leg that rang an agent is up and in the application."""

    offer: OfferId
    leg: LegId


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The leg that rang an agent is gone. ``cause`` is Q.850; 0 when unknown."""

    offer: OfferId
    cause: int = 0


@dataclass(frozen=True, slots=True)
class RingFailed:
    """Asterisk would not ring the agent."""

    offer: OfferId
    fault: DeviceFault


@dataclass(frozen=True, slots=True)
class Joined:
    """Customer and agent hear each other."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class JoinFailed:
    """They could not be joined."""

    offer: OfferId


Happening: TypeAlias = (
    CustomerCame
    | CustomerStayed
    | CustomerLeft
    | AgentAnswered
    | AgentLeft
    | RingFailed
    | Joined
    | JoinFailed
    | menu.Input
    | line.SendOffer
    | line.CancelOffer
    | line.Connect
    | line.Wait
    | line.Release
)

# Q.850: 17 user busy, 21 call rejected. Phones send 486 (17) as well as 603 (21) for the reject button.
_DECLINED = frozenset((17, 21))


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
            return _begin(call, happening, flow)
        case Stage.MENU, (
            menu.Began() | menu.Recovered() | menu.Played() | menu.Key() | menu.TimedOut() as given
        ):
            return _menu(call, given, flow)
        case _, line.Wait():
            return _wait(call)
        case _, line.SendOffer() as offer:
            return _ring(call, offer)
        case _, line.CancelOffer(offer=offer):
            return _stop_ringing(call, offer)
        case _, line.Connect(offer=offer):
            return _join(call, offer)
        case _, AgentAnswered() | AgentLeft() | RingFailed() | Joined() | JoinFailed():
            return _agent(call, happening)
        case _:
            return []


def _begin(call: Call, came: CustomerCame | CustomerStayed, flow: Menu) -> list[Action]:
    if isinstance(came, CustomerStayed):
        call.session = came.session
        return _menu(call, menu.Recovered(), flow)
    call.session = Session()
    arrived = Arrived(
        id=call.id,
        channel=Channel.VOICE,
        at=came.at,
        leg=call.leg,
        caller=came.caller,
        dialled=came.dialled,
    )
    return _together([Tell((arrived,)), *_menu(call, menu.Began(), flow)])


def _menu(call: Call, given: menu.Input, flow: Menu) -> list[Action]:
    if call.session is None:
        return []
    call.session, effects = flow.step(call.session, given)
    actions: list[Action] = []
    for effect in effects:
        actions += _from_menu(call, effect)
    return _together(actions)


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


def _leave_menu(call: Call) -> list[Action]:
    call.stage = Stage.LINE
    call.session = None
    return [*_hush(call), Arm(None)]


def _hush(call: Call) -> list[Action]:
    playback, call.playback = call.playback, None
    return [Stop(playback)] if playback else []


def _wait(call: Call) -> list[Action]:
    """Music; out of the conversation's bridge if an agent was lost before they heard each other."""
    call.stage = Stage.LINE
    actions: list[Action] = [Hold(call.leg)]
    if call.bridge:
        actions.append(Drop(call.bridge))
        call.bridge = None
    return actions


def _ring(call: Call, offer: line.SendOffer) -> list[Action]:
    actions = _forget_agent(call)
    call.agent = Ringing(offer.offer, offer.agent, agent_leg(offer.offer, call.generation))
    return [*actions, Ring(offer.offer, offer.agent, call.agent.leg, call.leg)]


def _stop_ringing(call: Call, offer: OfferId) -> list[Action]:
    if call.agent and call.agent.offer == offer:
        return _forget_agent(call)
    return [HangUp(agent_leg(offer, call.generation))]


def _forget_agent(call: Call) -> list[Action]:
    agent, call.agent = call.agent, None
    return [HangUp(agent.leg)] if agent else []


def _join(call: Call, offer: OfferId) -> list[Action]:
    if call.agent is None or call.agent.offer != offer:
        # The agent's leg broke between its answer and the line's decision.
        return _tell(Ended(id=call.id, by=Party.AGENT, cause="left_before_connect"))
    call.stage = Stage.TALK
    call.bridge = talk_bridge(call.agent.leg)
    return [Join(offer, call.bridge, call.leg, call.agent.leg)]


def _agent(
    call: Call, happening: AgentAnswered | AgentLeft | RingFailed | Joined | JoinFailed
) -> list[Action]:
    agent = call.agent
    if agent is None or agent.offer != happening.offer:
        return [HangUp(happening.leg)] if isinstance(happening, AgentAnswered) else []
    match happening:
        case AgentAnswered(offer=offer):
            if agent.answered:
                return []
            agent.answered = True
            return _tell(OfferAccepted(offer=offer))
        case AgentLeft(offer=offer, cause=cause):
            call.agent = None
            if agent.answered:
                return _tell(Ended(id=call.id, by=Party.AGENT, cause="hung_up"))
            if cause in _DECLINED:
                return _tell(OfferRejected(offer=offer))
            return _tell(OfferFailed(offer=offer, fault=DeviceFault.UNREACHABLE))
        case RingFailed(offer=offer, fault=fault):
            call.agent = None
            return _tell(OfferFailed(offer=offer, fault=fault))
        case Joined():
            return _tell(Connected(id=call.id))
        case JoinFailed():
            return _tell(Failed(id=call.id, cause="join_failed"))


def _customer_left(call: Call, cause: str) -> list[Action]:
    call.gone = True
    return _tell(Ended(id=call.id, by=Party.CUSTOMER, cause=cause))


def _release(call: Call) -> list[Action]:
    """End what is left. Legs before the bridge: the other way round the cause of ending is overwritten."""
    call.stage = Stage.OVER
    actions: list[Action] = [Arm(None), *_forget_agent(call)]
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
            return _tell(OfferFailed(offer=offer, fault=DeviceFault.ERROR))
        case _:
            return []


def _tell(event: Event) -> list[Action]:
    return [Tell((event,))]


def _together(actions: list[Action]) -> list[Action]:
    """Put all that is told into one report, last, so that one append carries it and sound starts first."""
    events = tuple(event for action in actions if isinstance(action, Tell) for event in action.events)
    rest: list[Action] = [action for action in actions if not isinstance(action, Tell)]
    return [*rest, Tell(events)] if events else rest
