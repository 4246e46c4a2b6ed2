from __future__ import annotations

import pytest

from acd.model import Kind
from core.ids import AgentId, InteractionId, LegId, OfferId, QueueId
from pbx.call import Call, Consult, Ringing, Stage, Watch
from pbx.commands import Monitoring
from pbx.dial_model import Dialling, outside_leg
from pbx.model import Dialplan, Leg, agent_leg, media_leg, watch_leg
from pbx.outbound_model import CallbackRules, First
from pbx.sweep import Belief, Findings, Judge, alive, named

ID = InteractionId("a" * 32)
CUSTOMER = LegId("1700000000.1")
AGENT = agent_leg(OfferId(3), "j")
OTHER = agent_leg(OfferId(4), "j")
TELEPHONE = outside_leg(ID, "j", 5)
BOSS = watch_leg(ID, AgentId("ag103"), "j", 1)
NOTHING = Findings(frozenset(), ())


def belief(*legs: LegId, more: tuple[LegId, ...] = ()) -> Belief:
    return Belief(frozenset(legs), frozenset((*legs, *more)))


def caller(identity: str = ID) -> Leg:
    return Leg(
        CUSTOMER, "PJSIP/trunk169-1", "Up", dialplan=Dialplan("169", "Stasis", f"sambung,arrived,{identity}")
    )


def test_a_leg_is_gone_when_two_sweeps_in_a_row_miss_it() -> None:
    judge, held = Judge(), belief(CUSTOMER, AGENT)
    assert judge.compare(held, [caller()], held) == NOTHING
    assert judge.compare(held, [caller()], held) == Findings(frozenset({AGENT}), ())


def test_a_leg_that_is_seen_in_between_is_not_gone() -> None:
    judge, held = Judge(), belief(CUSTOMER)
    for legs in ([], [caller()], [], [caller()]):
        assert judge.compare(held, legs, held) == NOTHING


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # It began while Asterisk was asked; it ended and was heard; something is being done for its call.
        (belief(CUSTOMER), belief(CUSTOMER, AGENT)),
        (belief(CUSTOMER, AGENT), belief(CUSTOMER)),
        (belief(CUSTOMER, more=(AGENT,)), belief(CUSTOMER, more=(AGENT,))),
    ],
)
def test_what_is_on_its_way_is_left_alone(before: Belief, after: Belief) -> None:
    judge = Judge()
    for _ in range(3):
        assert judge.compare(before, [caller()], after) == NOTHING


def test_a_suspicion_does_not_outlive_a_sweep_that_had_none() -> None:
    judge, held, busy = Judge(), belief(AGENT), belief(more=(AGENT,))
    for one in (held, busy, held, busy):
        assert judge.compare(one, [], one) == NOTHING
    judge = Judge()
    assert judge.compare(held, [], held) == NOTHING
    judge.forget()
    assert judge.compare(held, [], held) == NOTHING


@pytest.mark.parametrize(
    "leg", [Leg(AGENT), Leg(BOSS), Leg(media_leg(TELEPHONE)), Leg(TELEPHONE, state="Ring"), caller()]
)
def test_what_nobody_knows_is_found_in_the_second_sweep(leg: Leg) -> None:
    judge = Judge()
    assert judge.compare(belief(), [leg], belief()) == NOTHING
    assert judge.compare(belief(), [leg], belief()) == Findings(frozenset(), (leg,))


@pytest.mark.parametrize("known", [(belief(more=(AGENT,)), belief()), (belief(), belief(more=(AGENT,)))])
def test_what_somebody_knew_before_or_knows_now_is_not_unknown(known: tuple[Belief, Belief]) -> None:
    judge = Judge()
    for _ in range(3):
        assert judge.compare(known[0], [Leg(AGENT)], known[1]) == NOTHING


@pytest.mark.parametrize(
    "leg",
    [
        Leg(LegId("1700000000.9"), dialplan=Dialplan("169", "Queue", "fallback")),
        Leg(LegId("1700000000.9"), dialplan=Dialplan("", "Stasis", "another,arrived," + ID[:5])),
        Leg(TELEPHONE, state="Up", dialplan=Dialplan("", "Queue", "fallback")),
    ],
)
def test_what_is_not_ours_is_not_touched(leg: Leg) -> None:
    judge = Judge()
    for _ in range(3):
        assert judge.compare(belief(), [leg], belief()) == NOTHING


def talking() -> Call:
    call = Call(ID, CUSTOMER, "j", stage=Stage.TALK)
    call.agent = Ringing(OfferId(3), AgentId("ag101"), AGENT, answered=True)
    return call


def test_a_conversation_holds_everybodys_legs() -> None:
    call = talking()
    call.consult = Consult(InteractionId("b" * 32), QueueId("licensing"))
    assert alive(call) == named(call) == {CUSTOMER, AGENT}
    call.consult.other = Ringing(OfferId(4), AgentId("ag102"), OTHER)
    call.watches[AgentId("ag103")] = Watch(AgentId("ag103"), BOSS, Monitoring.LISTEN)
    assert alive(call) == named(call) == {CUSTOMER, AGENT, OTHER, BOSS}


def test_a_leg_whose_end_was_heard_is_not_missed() -> None:
    call = talking()
    call.gone = True
    assert alive(call) == {AGENT}
    assert named(call) == {CUSTOMER, AGENT}
    call.stage = Stage.OVER
    assert alive(call) == frozenset()


def test_an_agent_who_is_kept_free_for_a_customer_has_no_leg_yet() -> None:
    call = Call(ID, LegId(""), "j", stage=Stage.DIAL)
    call.agent = Ringing(OfferId(3), AgentId("ag101"), AGENT)
    call.dial = Dialling("0812", Kind.CALLBACK, CallbackRules(first=First.CUSTOMER), leg=TELEPHONE)
    assert alive(call) == {TELEPHONE}
    assert named(call) == {AGENT, TELEPHONE}
    call.dial.confirmed = True
    assert alive(call) == {AGENT, TELEPHONE}
    call.dial = Dialling("0812", Kind.CALLBACK, CallbackRules(first=First.AGENT))
    assert alive(call) == {AGENT}
