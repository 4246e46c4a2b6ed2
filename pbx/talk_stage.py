"""A call and its agents: ringing, joining, who hears whom, parting.

One bridge a conversation. Whoever is not meant to hear stands among the waiting and hears music, so no arrangement
needs a second bridge and a snapshot of Asterisk says which arrangement there is.
"""

from __future__ import annotations

from acd import effects as line
from acd.events import (
    Connected,
    Ended,
    Event,
    Failed,
    Held,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    Requeued,
    Resumed,
)
from acd.model import DeviceFault, Party
from core.ids import AgentId, BridgeId, LegId, OfferId, QueueId
from pbx import monitor_stage
from pbx.call import (
    AgentAnswered,
    AgentLeft,
    Call,
    Joined,
    JoinFailed,
    RingFailed,
    Ringing,
    Seated,
    SeatFailed,
    Stage,
    tell,
)
from pbx.effects import Action, HangUp, Join, MuteRecording, Ring, RingTone, Seat, Stop, Tell
from pbx.model import Seating, agent_leg, talk_bridge

# Q.850: 17 user busy, 21 call rejected. Phones send 486 (17) as well as 603 (21) for the reject button.
_DECLINED = frozenset((17, 21))

WITH_CUSTOMER = (Seating.TOGETHER, Seating.ASIDE, Seating.CONFERENCE)
WITH_COLLEAGUE = (Seating.PRIVATE, Seating.CONFERENCE)

STRICT_MS = 30_000
"""How long a contact waits for the one agent it was sent to."""


# --- offers ------------------------------------------------------------------------------------------------


def ring(call: Call, offer: line.SendOffer) -> list[Action]:
    """Ring the agent of an offer, and nobody else."""
    actions = forget_agent(call)
    call.parked = False
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
    if agent is None:
        return []
    call.muted.discard(agent.leg)
    call.seats.pop(agent.leg, None)
    return [HangUp(agent.leg)]


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
        case AgentAnswered() | RingFailed():
            return answered_or_not(agent, happening)
        case AgentLeft(cause=cause):
            call.agent = None
            call.seats.pop(agent.leg, None)
            if not agent.answered:
                return tell(missed(agent.offer, cause))
            return tell(Ended(id=call.id, by=Party.AGENT, cause="hung_up"))
        case Joined():
            held, call.joined, call.seating, call.held = call.held, True, Seating.TOGETHER, False
            call.seats = {call.leg: True, agent.leg: True}
            told = (Connected(id=call.id), Resumed(id=call.id)) if held else (Connected(id=call.id),)
            return [Tell(told), *monitor_stage.follow(call)]
        case JoinFailed():
            return tell(Failed(id=call.id, cause="join_failed"))


def answered_or_not(agent: Ringing, happening: AgentAnswered | RingFailed) -> list[Action]:
    """Report that a rung agent answered, or could not be rung."""
    if isinstance(happening, RingFailed):
        return tell(OfferFailed(offer=agent.offer, fault=happening.fault))
    if agent.answered:
        return []
    agent.answered = True
    return tell(OfferAccepted(offer=agent.offer))


def missed(offer: OfferId, cause: int) -> Event:
    """Return whose doing it was that a ringing phone ended with ``cause`` (Q.850)."""
    if cause in _DECLINED:
        return OfferRejected(offer=offer)
    return OfferFailed(offer=offer, fault=DeviceFault.UNREACHABLE)


# --- who hears whom ----------------------------------------------------------------------------------------


def arrange(call: Call, seating: Seating, *, again: bool = False) -> list[Action]:
    """Move those who do not sit as ``seating`` says. Music first: nobody may hear a word that is not for them."""
    if call.bridge is None:
        return []
    quiet = _quiet(call)
    before, call.seating = call.seating, seating
    wanted = _wanted(call, seating)
    moving = [leg for leg, talks in wanted.items() if call.seats.get(leg) is not talks]
    call.seats.update(wanted)
    music = tuple(leg for leg in moving if not wanted[leg])
    talk = tuple(leg for leg in moving if wanted[leg])
    moves = [Seat(call.bridge, music, talk, seating, before, again)] if moving else seated(call)
    return [*quiet, *moves]


def ring_back(call: Call) -> list[Action]:
    """Let the agent, who is alone, hear that somebody is being rung. Whoever is seated next does not."""
    if call.bridge is None:
        return []
    call.ringing = True
    return [RingTone(call.bridge, _tone(call.bridge))]


def _quiet(call: Call) -> list[Action]:
    if call.bridge is None or not call.ringing:
        return []
    call.ringing = False
    return [Stop(_tone(call.bridge))]


def _tone(bridge: BridgeId) -> str:
    return f"ring-{bridge}"


def _wanted(call: Call, seating: Seating) -> dict[LegId, bool]:
    wanted: dict[LegId, bool] = {}
    if call.agent:
        wanted[call.agent.leg] = True
    if not call.gone:
        wanted[call.leg] = seating in WITH_CUSTOMER
        call.music = not wanted[call.leg]
    other = call.consult.other if call.consult else None
    if other and other.answered:
        wanted[other.leg] = seating in WITH_COLLEAGUE
    return wanted


def seat_happening(call: Call, happening: Seated | SeatFailed) -> list[Action]:
    """Take what came of moving legs: tell the line, or put right what failed, once."""
    if isinstance(happening, Seated):
        return seated(call) if happening.seating is call.seating else []
    for leg in happening.legs:
        call.seats.pop(leg, None)
    if call.stage is not Stage.TALK or happening.seating is not call.seating:
        return []
    if happening.again:
        return tell(Failed(id=call.id, cause="seating_failed"))
    return arrange(call, happening.before, again=True)


def seated(call: Call) -> list[Action]:
    """Tell the line who is on hold, if that is news."""
    events: list[Event] = []
    if call.stage is not Stage.TALK or not call.joined or (call.consult and call.consult.leaving):
        return []
    held = call.seating not in WITH_CUSTOMER
    if held is not call.held and not call.gone:
        call.held = held
        events.append(Held(id=call.id) if held else Resumed(id=call.id))
    consult = call.consult
    if consult is None or consult.number or consult.other is None:
        return [Tell(tuple(events))] if events else []
    if consult.other.answered and call.seats.get(consult.other.leg) is not None:
        if not consult.joined and call.seating in WITH_COLLEAGUE:
            consult.joined = True
            events.append(Connected(id=consult.id))
        aside = call.seating not in WITH_COLLEAGUE
        if consult.joined and aside is not consult.held:
            consult.held = aside
            events.append(Held(id=consult.id) if aside else Resumed(id=consult.id))
    return [Tell(tuple(events))] if events else []


# --- parting -----------------------------------------------------------------------------------------------


def end_talk(call: Call) -> list[Action]:
    """The conversation is over: only the customer may stay."""
    return [*resume_recording(call), *part_with_colleague(call), *monitor_stage.end_all(call)]


def part(call: Call) -> list[Action]:
    """End what belongs to the conversation alone: the customer goes on without this agent."""
    call.parked = False
    if call.stage is not Stage.TALK:
        return []
    actions = [*resume_recording(call), *part_with_colleague(call)]
    call.joined, call.held, call.seating = False, False, Seating.TOGETHER
    call.seats.clear()
    call.muted.clear()
    call.ringing = False
    return [*actions, *monitor_stage.lose(call)]


def part_with_colleague(call: Call) -> list[Action]:
    """Let go of a colleague: the line ends a consultation with the conversation that it was about."""
    consult, call.consult = call.consult, None
    if consult is None or consult.other is None:
        return []
    call.seats.pop(consult.other.leg, None)
    return [HangUp(consult.other.leg)]


def resume_recording(call: Call) -> list[Action]:
    """Record sound again: a pause is for one agent and one conversation."""
    return [MuteRecording(call.leg, False)] if call.paused and not call.gone else []


def send_on(call: Call, queue: QueueId, agent: AgentId | None) -> Event:
    """Return what the line is told when the customer goes to ``agent`` alone, or to a queue.

    What is asked of whoever comes is left to the line, which keeps the customer's language and priority.
    """
    if agent is None:
        return Requeued(id=call.id, queue=queue)
    return Requeued(id=call.id, queue=queue, preferred=agent, grace_ms=STRICT_MS, strict=True)
