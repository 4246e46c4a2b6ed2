"""A colleague is asked about a call: who hears whom at every turn, and how it can end."""

from __future__ import annotations

import pytest

from acd import effects as line
from acd.events import (
    Arrived,
    Connected,
    Ended,
    Held,
    OfferFailed,
    OfferRejected,
    Queued,
    Requeued,
    Resumed,
    TransferCompleted,
)
from acd.model import DeviceFault, Kind, Party
from core.errors import Refused
from core.ids import InteractionId, OfferId, QueueId
from pbx import commands as ask
from pbx.call import AgentLeft, NotTaken, Stage
from pbx.effects import Drop, HangUp, Seat
from pbx.model import LINE_BRIDGE, agent_leg, talk_bridge
from tests.unit.pbx.calls import ID, LEG
from tests.unit.pbx.talks import (
    ASKER,
    ASKER_LEG,
    CONSULT,
    FIRST,
    HELPER,
    HELPER_LEG,
    NOW,
    QUEUE,
    SECOND,
    Talk,
)

RELEASED = line.Release(id=CONSULT)
HANDOVER = line.Handover(id=ID, offer=SECOND, agent=HELPER, before=ASKER, consult=CONSULT)
ASKED = ask.Consult(ID, ASKER, ask.ToAgent(HELPER), CONSULT)
TALKING = {LEG: {ASKER_LEG}, ASKER_LEG: {LEG}}


def test_asking_holds_the_customer_and_stands_the_consultation_in_line() -> None:
    talk = Talk()
    talk.consult(answered=False)
    arrived, queued = (e for e in talk.told if isinstance(e, Arrived | Queued) and e.id == CONSULT)
    assert isinstance(arrived, Arrived)
    assert (arrived.kind, arrived.parent, arrived.leg, arrived.at) == (Kind.CONSULT, ID, ASKER_LEG, NOW)
    assert isinstance(queued, Queued)
    assert (queued.queue, queued.preferred, queued.strict) == (QUEUE, HELPER, True)
    assert Held(id=ID) in talk.told
    assert talk.wire.music(LEG)
    assert talk.ask(ASKED) == []
    with pytest.raises(Refused, match="already"):
        talk.ask(ask.Consult(ID, ASKER, ask.ToAgent(HELPER), InteractionId("d" * 32)))


def test_a_consultation_that_the_line_does_not_take_brings_the_customer_back() -> None:
    talk = Talk()
    talk.consult(answered=False)
    talk.give(NotTaken())
    assert talk.call.consult is None
    assert talk.hears(LEG) == {ASKER_LEG}


@pytest.mark.parametrize("how", ["answered", "over", "taken back", "transferred"])
def test_the_agent_hears_ringing_until_somebody_is_seated(how: str) -> None:
    talk = Talk()
    talk.consult(answered=False)
    assert talk.wire.tones == {f"ring-{talk_bridge(ASKER_LEG)}"}
    if how == "answered":
        talk.offered(SECOND, HELPER, CONSULT)
    elif how == "over":
        talk.give(RELEASED)
    elif how == "taken back":
        talk.ask(ask.Toggle(ID, ASKER))
    else:
        talk.leave(ASKER_LEG)
        talk.give(line.Wait(id=ID, queue=QUEUE))
    assert talk.wire.tones == set()


def test_a_queue_may_be_asked() -> None:
    talk = Talk()
    talk.ask(ask.Consult(ID, ASKER, ask.ToQueue(QueueId("legal")), CONSULT))
    assert Queued(id=CONSULT, queue=QueueId("legal")) in talk.told


def test_both_talk_in_private_in_turns_and_in_conference() -> None:
    talk = Talk()
    talk.consult()
    assert talk.hears(ASKER_LEG) == {HELPER_LEG}
    assert talk.hears(HELPER_LEG) == {ASKER_LEG}
    assert talk.wire.music(LEG)
    assert talk.last() == Connected(id=CONSULT)
    talk.ask(ask.Toggle(ID, ASKER))
    assert talk.hears(ASKER_LEG) == {LEG}
    assert talk.wire.music(HELPER_LEG)
    assert talk.told[-2:] == [Resumed(id=ID), Held(id=CONSULT)]
    talk.ask(ask.Confer(ID, ASKER))
    legs = {LEG, ASKER_LEG, HELPER_LEG}
    assert all(talk.hears(leg) == legs - {leg} for leg in legs)
    assert talk.last() == Resumed(id=CONSULT)
    talk.ask(ask.Hold(ID, ASKER))
    assert talk.hears(ASKER_LEG) == {HELPER_LEG}
    talk.ask(ask.Resume(ID, ASKER))
    assert talk.wire.music(HELPER_LEG)


def test_nobody_is_let_in_before_the_other_is_out() -> None:
    talk = Talk()
    talk.consult()
    (seat,) = (action for action in talk.ask(ask.Toggle(ID, ASKER)) if isinstance(action, Seat))
    assert (seat.music, seat.talk) == ((HELPER_LEG,), (LEG,))


@pytest.mark.parametrize("between", [(), (ask.Toggle(ID, ASKER),), (ask.Confer(ID, ASKER),)])
@pytest.mark.parametrize("by_phone", [False, True])
def test_completing_leaves_customer_and_colleague(between: tuple[ask.Command, ...], by_phone: bool) -> None:
    talk = Talk()
    talk.consult()
    for command in between:
        talk.ask(command)
    if by_phone:
        talk.leave(ASKER_LEG)
    else:
        talk.ask(ask.Complete(ID, ASKER))
    assert talk.last() == TransferCompleted(id=ID, consult=CONSULT)
    actions = talk.give(HANDOVER)
    assert talk.hears(LEG) == {HELPER_LEG}
    assert set(talk.wire.where) == {LEG, HELPER_LEG}
    seats = [n for n, action in enumerate(actions) if isinstance(action, Seat)]
    ends = [n for n, action in enumerate(actions) if isinstance(action, HangUp)]
    assert max(seats, default=-1) < min(ends, default=99)
    told = list(talk.told)
    talk.ask(ask.Hold(ID, HELPER))
    assert talk.told[len(told) :] == [Held(id=ID)]
    talk.give(line.Release(id=ID))
    assert talk.wire.where == {}


def test_after_a_handover_the_end_of_the_colleague_is_the_agents() -> None:
    talk = Talk()
    talk.consult()
    talk.ask(ask.Complete(ID, ASKER))
    talk.give(HANDOVER)
    talk.leave(HELPER_LEG)
    assert talk.last() == Ended(id=ID, by=Party.AGENT, cause="hung_up")


def test_a_colleague_who_leaves_before_the_handover_sends_the_customer_back_to_the_line() -> None:
    talk = Talk()
    talk.consult()
    talk.ask(ask.Complete(ID, ASKER))
    talk.leave(HELPER_LEG)
    talk.give(HANDOVER)
    assert talk.last() == Requeued(id=ID, queue=QUEUE)
    talk.give(line.CancelOffer(offer=SECOND, id=ID, agent=HELPER, why=line.Withdrawal.TRANSFERRED))
    talk.give(line.Wait(id=ID, queue=QUEUE))
    assert talk.wire.where == {LEG: LINE_BRIDGE}


@pytest.mark.parametrize("between", [(), (ask.Toggle(ID, ASKER),), (ask.Confer(ID, ASKER),)])
@pytest.mark.parametrize("by_phone", [False, True])
def test_without_the_colleague_agent_and_customer_go_on(
    between: tuple[ask.Command, ...], by_phone: bool
) -> None:
    talk = Talk()
    talk.consult()
    for command in between:
        talk.ask(command)
    if by_phone:
        talk.leave(HELPER_LEG)
    else:
        talk.ask(ask.EndConsult(ID, ASKER))
    assert Ended(id=CONSULT, by=Party.AGENT if by_phone else Party.CUSTOMER) in [
        Ended(id=e.id, by=e.by) for e in talk.told if isinstance(e, Ended)
    ]
    talk.give(RELEASED)
    assert {leg: talk.hears(leg) for leg in talk.wire.where} == TALKING
    assert [e for e in talk.told if isinstance(e, Held | Resumed) and e.id == ID][-1] == Resumed(id=ID)


@pytest.mark.parametrize(
    ("cause", "event"),
    [(21, OfferRejected(offer=SECOND)), (20, OfferFailed(offer=SECOND, fault=DeviceFault.UNREACHABLE))],
)
def test_who_declines_is_reported_and_the_customer_comes_back_by_itself(cause: int, event: object) -> None:
    talk = Talk()
    talk.consult(answered=False)
    talk.ring(SECOND, HELPER, CONSULT)
    talk.give(AgentLeft(SECOND, cause))
    assert talk.last() == event
    del talk.wire.where[HELPER_LEG]
    talk.give(RELEASED)
    assert {leg: talk.hears(leg) for leg in talk.wire.where} == TALKING
    assert talk.last() == Resumed(id=ID)


def test_who_does_not_answer_is_no_longer_rung_and_the_customer_comes_back() -> None:
    talk = Talk()
    talk.consult(answered=False)
    talk.ring(SECOND, HELPER, CONSULT)
    talk.give(line.CancelOffer(offer=SECOND, id=CONSULT, agent=HELPER, why=line.Withdrawal.EXPIRED))
    talk.give(RELEASED)
    assert {leg: talk.hears(leg) for leg in talk.wire.where} == TALKING


def test_of_a_queue_the_next_is_rung_when_the_first_declines() -> None:
    talk = Talk()
    talk.ask(ask.Consult(ID, ASKER, ask.ToQueue(QUEUE), CONSULT))
    talk.ring(SECOND, HELPER, CONSULT)
    talk.give(AgentLeft(SECOND, 21))
    talk.give(line.CancelOffer(offer=SECOND, id=CONSULT, agent=HELPER, why=line.Withdrawal.REJECTED))
    talk.give(line.Wait(id=CONSULT, queue=QUEUE))
    third = OfferId(9)
    talk.offered(third, HELPER, CONSULT)
    assert talk.hears(ASKER_LEG) == {agent_leg(third, "j")}


def test_the_customer_may_be_taken_back_while_the_colleague_is_rung() -> None:
    talk = Talk()
    talk.consult(answered=False)
    talk.ask(ask.Toggle(ID, ASKER))
    assert talk.hears(LEG) == {ASKER_LEG}
    with pytest.raises(Refused, match="answered"):
        talk.ask(ask.Complete(ID, ASKER))
    talk.offered(SECOND, HELPER, CONSULT)
    assert talk.hears(ASKER_LEG) == {HELPER_LEG}
    assert talk.wire.music(LEG)


def test_an_agent_who_hangs_up_while_the_colleague_is_rung_sends_the_customer_there() -> None:
    talk = Talk()
    talk.consult(answered=False)
    talk.leave(ASKER_LEG)
    requeued = talk.last()
    assert isinstance(requeued, Requeued)
    assert (requeued.preferred, requeued.strict) == (HELPER, True)
    talk.give(line.CancelOffer(offer=FIRST, id=ID, agent=ASKER, why=line.Withdrawal.TRANSFERRED))
    talk.give(line.Wait(id=ID, queue=QUEUE))
    assert talk.wire.where == {LEG: LINE_BRIDGE}
    assert talk.call.consult is None


@pytest.mark.parametrize("line_ends_consult_first", [False, True])
@pytest.mark.parametrize("first", [ASKER_LEG, HELPER_LEG])
def test_without_the_customer_agent_and_colleague_go_on_until_one_ends(
    first: str, line_ends_consult_first: bool
) -> None:
    talk = Talk()
    talk.consult()
    talk.leave(LEG)
    assert talk.last() == Ended(id=ID, by=Party.CUSTOMER, cause="hung_up")
    for over in (
        (RELEASED, line.Release(id=ID)) if line_ends_consult_first else (line.Release(id=ID), RELEASED)
    ):
        talk.give(over)
    assert talk.hears(ASKER_LEG) == {HELPER_LEG}
    told = list(talk.told)
    done = len(talk.done)
    talk.leave(first)  # type: ignore[arg-type]
    assert talk.wire.where == {}
    assert Drop(talk_bridge(ASKER_LEG)) in talk.done[done:]
    assert talk.told == told
    assert talk.call.stage is Stage.OVER


def test_without_the_customer_the_agent_may_end_it_at_the_desk() -> None:
    talk = Talk()
    talk.consult()
    talk.ask(ask.HangUp(ID, ASKER))
    talk.give(RELEASED)
    talk.give(line.Release(id=ID))
    assert set(talk.wire.where) == {ASKER_LEG, HELPER_LEG}
    talk.ask(ask.EndConsult(ID, ASKER))
    assert talk.wire.where == {}


def test_a_customer_who_leaves_while_the_colleague_is_rung_ends_all_of_it() -> None:
    talk = Talk()
    talk.consult(answered=False)
    talk.ring(SECOND, HELPER, CONSULT)
    talk.leave(LEG)
    talk.give(line.Release(id=ID))
    assert talk.wire.where == {}


def test_what_the_line_says_of_a_consultation_that_is_over_changes_nothing() -> None:
    talk = Talk()
    talk.ring(SECOND, HELPER, CONSULT)
    assert talk.last() == OfferFailed(offer=SECOND, fault=DeviceFault.ERROR)
    told = len(talk.told)
    assert talk.give(line.CancelOffer(offer=SECOND, id=CONSULT, agent=HELPER, why=line.Withdrawal.LATE)) == [
        HangUp(HELPER_LEG)
    ]
    talk.give(line.Wait(id=CONSULT, queue=QUEUE))
    talk.give(RELEASED)
    assert talk.told[told:] == []
    assert talk.hears(LEG) == {ASKER_LEG}


def test_a_transfer_or_parking_waits_until_the_consultation_is_settled() -> None:
    talk = Talk()
    talk.consult()
    for command in (ask.Transfer(ID, ASKER, ask.ToQueue(QUEUE)), ask.Park(ID, ASKER, 60_000)):
        with pytest.raises(Refused, match="consultation"):
            talk.ask(command)
    for other in (ask.Toggle(ID, HELPER), ask.Hold(ID, HELPER)):
        with pytest.raises(Refused, match="not yours"):
            talk.ask(other)
    talk.ask(ask.Mute(ID, HELPER, True))
    assert talk.hears(ASKER_LEG) == set()
