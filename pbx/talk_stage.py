"""A call and its agents: ringing, joining, parting."""

from __future__ import annotations

from acd import effects as line
from acd.events import Connected, Ended, Failed, OfferAccepted, OfferFailed, OfferRejected
from acd.model import DeviceFault, Party
from core.ids import OfferId
from pbx.call import AgentAnswered, AgentLeft, Call, Joined, JoinFailed, RingFailed, Ringing, Stage, tell
from pbx.effects import Action, HangUp, Join, Ring
from pbx.model import agent_leg, talk_bridge

# Q.850: 17 user busy, 21 call rejected. Phones send 486 (17) as well as 603 (21) for the reject button.
_DECLINED = frozenset((17, 21))


def ring(call: Call, offer: line.SendOffer) -> list[Action]:
    """Ring the agent of an offer, and nobody else."""
    actions = forget_agent(call)
    call.agent = Ringing(offer.offer, offer.agent, agent_leg(offer.offer, call.generation))
    return [*actions, Ring(offer.offer, offer.agent, call.agent.leg, call.leg)]


def stop_ringing(call: Call, offer: OfferId) -> list[Action]:
    """End the leg of an offer, whether or not it is the call's own."""
    if call.agent and call.agent.offer == offer:
        return forget_agent(call)
    return [HangUp(agent_leg(offer, call.generation))]


def forget_agent(call: Call) -> list[Action]:
    """End whatever leg an agent has in the call."""
    agent, call.agent = call.agent, None
    return [HangUp(agent.leg)] if agent else []


def join(call: Call, offer: OfferId) -> list[Action]:
    """Let caller and agent hear each other."""
    if call.agent is None or call.agent.offer != offer:
        # The agent's leg broke between its answer and the line's decision.
        return tell(Ended(id=call.id, by=Party.AGENT, cause="left_before_connect"))
    call.stage = Stage.TALK
    call.bridge = talk_bridge(call.agent.leg)
    return [Join(offer, call.bridge, call.leg, call.agent.leg)]


def agent_happening(
    call: Call, happening: AgentAnswered | AgentLeft | RingFailed | Joined | JoinFailed
) -> list[Action]:
    """Take what the agent's leg did."""
    agent = call.agent
    if agent is None or agent.offer != happening.offer:
        return [HangUp(happening.leg)] if isinstance(happening, AgentAnswered) else []
    match happening:
        case AgentAnswered(offer=offer):
            if agent.answered:
                return []
            agent.answered = True
            return tell(OfferAccepted(offer=offer))
        case AgentLeft(offer=offer, cause=cause):
            call.agent = None
            if agent.answered:
                return tell(Ended(id=call.id, by=Party.AGENT, cause="hung_up"))
            if cause in _DECLINED:
                return tell(OfferRejected(offer=offer))
            return tell(OfferFailed(offer=offer, fault=DeviceFault.UNREACHABLE))
        case RingFailed(offer=offer, fault=fault):
            call.agent = None
            return tell(OfferFailed(offer=offer, fault=fault))
        case Joined():
            return tell(Connected(id=call.id))
        case JoinFailed():
            return tell(Failed(id=call.id, cause="join_failed"))
