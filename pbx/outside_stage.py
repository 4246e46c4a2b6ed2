"""A telephone outside joins a call: an agent asks somebody there, or passes the customer on. Pure.

For the line it is no contact: it is on the account of the agent's call. The customer hears music until somebody has
answered; who passes a customer on stays in the call until then, so nobody is passed on to a number that is busy.
"""

from __future__ import annotations

from acd.events import Ended
from acd.model import Party
from core.errors import Refused
from core.ids import AgentId, InteractionId, OfferId, QueueId
from pbx import monitor_stage, talk_stage
from pbx.call import (
    Asked,
    Call,
    Consult,
    CustomerLeft,
    DialDenied,
    Dialled,
    Happening,
    LegDown,
    LegUp,
    OutsideDown,
    OutsideUp,
    Ringing,
    Stage,
    tell,
)
from pbx.dial_model import outside_leg
from pbx.effects import Action, Arm, DialOut, Drop, Forget, HangUp
from pbx.model import Seating
from pbx.talk_stage import arrange


def begin(
    call: Call, id_: InteractionId, number: str, at: int, queue: QueueId, *, pass_on: bool
) -> list[Action]:
    """Hold the customer and ring a telephone outside; the rules have their say when it is dialled."""
    if call.agent is None:
        raise Refused("This call has no agent: a telephone outside is rung on an agent's account.")
    leg = outside_leg(call.id, call.generation, at)
    rung = Ringing(OfferId(0), AgentId(""), leg)
    call.consult = Consult(id_, queue, other=rung, number=True, pass_on=pass_on)
    dial = DialOut(leg, call.id, call.agent.agent, number, customer=False)
    return [*arrange(call, Seating.HELD), dial, *talk_stage.ring_back(call)]


def outside_step(call: Call, happening: Happening) -> list[Action] | None:
    """Return what to do about a telephone outside that is in the call beside its customer, or None."""
    match happening:
        case OutsideUp(leg=leg) | OutsideDown(leg=leg) | Dialled(leg=leg) | DialDenied(leg=leg):
            consult = call.consult
            if consult is None or not consult.number or consult.other is None or consult.other.leg != leg:
                return None
            return _outside(call, consult, happening)
        case Asked() | LegUp() | LegDown():
            return None
        case CustomerLeft() if call.stage is Stage.OUTSIDE:
            call.gone = True
            return finish(call)
        case _:
            return [] if call.stage is Stage.OUTSIDE else None


def _outside(call: Call, consult: Consult, happening: Happening) -> list[Action]:
    assert consult.other is not None
    match happening:
        case OutsideUp() if not consult.other.answered:
            consult.other.answered = consult.joined = True
            return pass_on(call) if consult.pass_on else arrange(call, Seating.PRIVATE)
        case OutsideDown() | DialDenied() if call.stage in (Stage.OUTSIDE, Stage.COLLEAGUES):
            return finish(call)
        case OutsideDown() | DialDenied():
            # The customer comes back by itself; whoever passed it on is still there.
            call.seats.pop(consult.other.leg, None)
            call.consult = None
            return arrange(call, Seating.TOGETHER) if call.stage is Stage.TALK and not call.gone else []
        case _:
            return []


def pass_on(call: Call) -> list[Action]:
    """Leave the customer to the telephone outside. Seat first: the customer hears no break."""
    assert call.consult is not None
    call.consult.leaving = True
    ended = tell(Ended(id=call.id, by=Party.AGENT, cause="passed_on_outside"))
    return [*arrange(call, Seating.CONFERENCE), *ended]


def agent_left(call: Call) -> list[Action]:
    """The agent hung up: the customer goes to whoever answered outside, or else back to the line."""
    consult = call.consult
    assert consult is not None
    if consult.joined:
        return pass_on(call)
    return [*talk_stage.part_with_colleague(call), *tell(talk_stage.send_on(call, consult.queue, None))]


def released(call: Call) -> list[Action]:
    """The line is done with the call: customer and telephone outside go on."""
    if call.gone:
        return finish(call)
    call.stage = Stage.OUTSIDE
    actions = [*talk_stage.resume_recording(call), *monitor_stage.end_all(call)]
    return [*actions, *talk_stage.forget_agent(call)]


def finish(call: Call) -> list[Action]:
    """One of the last two has left: so does the other."""
    call.stage = Stage.OVER
    other = call.consult.other if call.consult else None
    legs = [part.leg for part in (call.agent, other) if part]
    call.agent = call.consult = None
    actions: list[Action] = [HangUp(leg) for leg in (*legs, *(() if call.gone else (call.leg,)))]
    bridge, call.bridge = call.bridge, None
    return [Arm(None), *actions, *([Drop(bridge)] if bridge else []), Forget(call.id)]
