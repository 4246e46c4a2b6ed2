"""A call about which a colleague is asked: ringing the colleague, who hears whom meanwhile, and how it ends.

The consultation is an interaction of its own, offered by the line like any other; its legs live in the call that it
is about, and the asking agent's leg is used for both.
"""

from __future__ import annotations

from acd import effects as line
from acd.events import Arrived, Ended, Failed, Queued, TransferCompleted
from acd.model import Channel, Kind, Party
from core.errors import Refused
from core.ids import OfferId, QueueId
from pbx import commands as ask
from pbx import monitor_stage, outside_stage, talk_stage
from pbx.call import AgentAnswered, AgentLeft, Call, Consult, RingFailed, Ringing, Stage, tell
from pbx.effects import Action, HangUp, Ring, Tell
from pbx.model import Seating, agent_leg
from pbx.talk_stage import STRICT_MS, arrange

# --- what the agent asks for -------------------------------------------------------------------------------


def begin(call: Call, want: ask.Consult, at: int, queue: QueueId) -> list[Action]:
    """Put the customer on hold and stand the consultation in line."""
    if call.consult and call.consult.id == want.consult:
        return []
    if call.consult:
        raise Refused("A colleague is being asked already: end that consultation first.")
    match want.to:
        case ask.ToAgent(agent):
            call.consult = Consult(want.consult, queue, agent)
            place = Queued(id=want.consult, queue=queue, preferred=agent, grace_ms=STRICT_MS, strict=True)
        case ask.ToQueue(wanted):
            call.consult = Consult(want.consult, wanted)
            place = Queued(id=want.consult, queue=wanted)
        case ask.ToNumber(number):
            return outside_stage.begin(call, want.consult, number, at, queue, pass_on=False)
    assert call.agent is not None
    arrived = Arrived(
        id=want.consult,
        channel=Channel.VOICE,
        at=at,
        leg=call.agent.leg,
        kind=Kind.CONSULT,
        parent=call.id,
    )
    return [*arrange(call, Seating.HELD), *talk_stage.ring_back(call), Tell((arrived, place))]


def toggle(call: Call) -> list[Action]:
    """Let the agent talk to the other one."""
    consult = _consult(call)
    if not consult.joined:
        return arrange(call, Seating.HELD if call.seating is Seating.TOGETHER else Seating.TOGETHER)
    return arrange(call, Seating.ASIDE if call.seating is Seating.PRIVATE else Seating.PRIVATE)


def confer(call: Call) -> list[Action]:
    """Let all three hear one another."""
    _answered(call)
    return arrange(call, Seating.CONFERENCE)


def complete(call: Call) -> list[Action]:
    """Leave the customer to the colleague; the legs move once the line has said so."""
    consult = _answered(call)
    if consult.number:
        return outside_stage.pass_on(call)
    consult.leaving = True
    return tell(TransferCompleted(id=call.id, consult=consult.id))


def end(call: Call) -> list[Action]:
    """Let the colleague go; agent and customer go on."""
    consult = _consult(call)
    told = [] if consult.number else tell(Ended(id=consult.id, by=Party.CUSTOMER, cause="ended_by_agent"))
    if call.stage is Stage.COLLEAGUES:
        return outside_stage.finish(call)
    return [*told, *_come_back(call)]


def _consult(call: Call) -> Consult:
    if call.consult is None:
        raise Refused("No colleague is being asked about this call: begin a consultation first.")
    return call.consult


def _answered(call: Call) -> Consult:
    consult = _consult(call)
    if not consult.joined:
        raise Refused("The colleague has not answered yet: wait, or end the consultation.")
    return consult


# --- what the line says ------------------------------------------------------------------------------------


def ring(call: Call, offer: line.SendOffer) -> list[Action]:
    """Ring the colleague of an offer, in place of one who was rung before."""
    consult = call.consult
    assert consult is not None
    before, leg = consult.other, agent_leg(offer.offer, call.generation)
    consult.other = Ringing(offer.offer, offer.agent, leg)
    # The colleague's phone shows the customer's number, not the number of whoever asks.
    rung = Ring(offer.offer, offer.agent, leg, call.leg)
    return [HangUp(before.leg), rung] if before else [rung]


def stop_ringing(call: Call, offer: OfferId) -> list[Action]:
    """End the leg of a colleague whose offer is over; whoever the line finds next is rung."""
    if call.consult and call.consult.other and call.consult.other.offer == offer:
        call.seats.pop(call.consult.other.leg, None)
        call.consult.other = None
    return [HangUp(agent_leg(offer, call.generation))]


def join(call: Call, offer: OfferId) -> list[Action]:
    """Let agent and colleague hear each other; the customer, whom the agent may have taken back, hears music."""
    consult = call.consult
    assert consult is not None
    if consult.other is None or consult.other.offer != offer:
        return tell(Ended(id=consult.id, by=Party.AGENT, cause="left_before_connect"))
    return arrange(call, Seating.PRIVATE)


def not_taken(call: Call) -> list[Action]:
    """The line knows nothing of what was asked: a consultation that it does not know is none."""
    if call.consult is None:
        return []
    call.consult.leaving = False
    begun = call.consult.other or call.consult.joined or call.consult.number
    return [] if begun else _come_back(call)


def released(call: Call) -> list[Action]:
    """The consultation is over for the line: unanswered, declined, or ended by either side."""
    consult = call.consult
    if consult is None or consult.leaving or consult.outlives or call.stage is Stage.COLLEAGUES:
        return []
    return _come_back(call)


def hand_over(call: Call, handover: line.Handover) -> list[Action]:
    """The colleague has the call. Seat first and end the agent's leg afterwards: the customer hears no break."""
    consult, call.consult = call.consult, None
    taker = consult.other if consult else None
    if taker is None:
        return lost(call, consult.queue if consult else call.queue)
    return succeed(call, Ringing(handover.offer, handover.agent, taker.leg, answered=True))


def succeed(call: Call, taker: Ringing) -> list[Action]:
    """Seat the customer with ``taker`` and let whoever had the call go."""
    before, call.agent = call.agent, taker
    call.held = False
    actions = [*talk_stage.resume_recording(call), *arrange(call, Seating.TOGETHER)]
    if before:
        call.seats.pop(before.leg, None)
        call.muted.discard(before.leg)
        actions.append(HangUp(before.leg))
    return [*actions, *monitor_stage.follow(call)]


def lost(call: Call, queue: QueueId | None) -> list[Action]:
    """Whoever was to have the call is gone: the customer stands in line again, at the old score."""
    if queue is None:
        return tell(Failed(id=call.id, cause="left_before_handover"))
    return [*talk_stage.forget_agent(call), *tell(talk_stage.send_on(call, queue, None))]


# --- what legs do ------------------------------------------------------------------------------------------


def colleague_happening(call: Call, happening: AgentAnswered | AgentLeft | RingFailed) -> list[Action]:
    """Take what the colleague's leg did."""
    consult = call.consult
    assert consult is not None
    assert consult.other is not None
    other = consult.other
    if not isinstance(happening, AgentLeft):
        if isinstance(happening, RingFailed):
            consult.other = None
        return talk_stage.answered_or_not(other, happening)
    consult.other = None
    call.seats.pop(other.leg, None)
    if call.stage is Stage.COLLEAGUES:
        return outside_stage.finish(call)
    if not other.answered:
        return tell(talk_stage.missed(other.offer, happening.cause))
    if consult.leaving:
        return []
    return [*tell(Ended(id=consult.id, by=Party.AGENT, cause="hung_up")), *_come_back(call)]


def agent_left(call: Call) -> list[Action]:
    """The asking agent hung up: the colleague has the customer, or is to get the customer, if possible."""
    consult, agent = call.consult, call.agent
    assert consult is not None
    assert agent is not None
    call.agent = None
    call.seats.pop(agent.leg, None)
    if call.stage is Stage.COLLEAGUES:
        return outside_stage.finish(call)
    if consult.leaving:
        return []
    if consult.number:
        return outside_stage.agent_left(call)
    if consult.joined:
        consult.leaving = True
        return tell(TransferCompleted(id=call.id, consult=consult.id))
    return tell(talk_stage.send_on(call, consult.queue, consult.target))


def customer_out(call: Call) -> None:
    """The customer leaves: agent and colleague, if they have heard each other, go on without."""
    if call.consult and call.consult.joined and not call.consult.leaving:
        call.consult.outlives = True


def colleagues(call: Call) -> list[Action]:
    """The customer is gone and the line is done with the call: agent and colleague finish what they say."""
    call.stage = Stage.COLLEAGUES
    actions: list[Action] = [] if call.gone else [HangUp(call.leg)]
    call.gone = True
    return [*monitor_stage.end_all(call), *actions, *arrange(call, Seating.PRIVATE)]


def _come_back(call: Call) -> list[Action]:
    """The colleague is out; the customer comes back to the agent by itself."""
    consult, call.consult = call.consult, None
    actions: list[Action] = []
    if consult and consult.other:
        call.seats.pop(consult.other.leg, None)
        actions.append(HangUp(consult.other.leg))
    if call.stage is not Stage.TALK or call.gone:
        return actions
    return [*actions, *arrange(call, Seating.TOGETHER)]
