"""What becomes of an offer, and of the contact after it, one rule at a time."""

from __future__ import annotations

import pytest

from acd.effects import (
    AgentMoved,
    CancelOffer,
    Connect,
    Effect,
    Moved,
    Release,
    SendOffer,
    StartWrapUp,
    Withdrawal,
)
from acd.events import (
    AgentSignedOut,
    Arrived,
    Connected,
    Dismissed,
    Ended,
    Event,
    Failed,
    Held,
    IntentSet,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    ReachChanged,
    Requeued,
    Resumed,
    WrapUpDone,
)
from acd.model import Channel, DeviceFault, Need, Outcome, Party, Phase, QueueRule, Relax
from acd.step import LIMIT
from core.ids import AgentId, QueueId, SkillId
from tests.unit.acd.world import World, agent, iid, moves, offers, only, rules

A1, A2 = AgentId("a1"), AgentId("a2")


@pytest.fixture
def world() -> World:
    """Two agents, a1 being asked first; a contact rings 20 s, wraps up 30 s, and who missed it is left out 60 s."""
    made = World(rules(agent("a1"), agent("a2")))
    made.sign_in("a1")
    made.after(1)
    made.sign_in("a2")
    return made


def alone() -> World:
    made = World(rules(agent("a1")))
    made.sign_in("a1")
    return made


def intent(world: World, who: AgentId = A1) -> tuple[bool, str]:
    found = world.state.agent(who)
    assert found is not None
    return found.ready, found.reason


def taken_back(effects: list[Effect]) -> list[tuple[str, Withdrawal]]:
    return [(e.agent, e.why) for e in only(CancelOffer, effects)]


def closing(effects: list[Effect]) -> Moved:
    (found,) = [e for e in only(Moved, effects) if e.phase is Phase.CLOSED]
    return found


# --- nobody takes it ---------------------------------------------------------------------------------------


def test_who_lets_it_ring_is_not_ready_and_the_next_agent_is_asked(world: World) -> None:
    world.queue(1, at=-30)
    score = world.view(1).arrived_at
    assert world.after(19.9) == []
    effects = world.after(0.1)
    assert taken_back(effects) == [("a1", Withdrawal.EXPIRED)]
    assert intent(world) == (False, "rona")
    assert offers(effects) == [(1, "a2")]
    assert world.view(1).arrived_at == score


def test_who_missed_it_is_left_out_for_the_queue_s_time() -> None:
    world = alone()
    world.queue(1, at=-30)
    world.after(20)
    assert offers(world.do(IntentSet(A1, True))) == []
    world.queue(2, at=0)  # another contact is not concerned
    assert world.holder(2) == "a1"
    world.do(OfferRejected(world.offer(2)))
    assert offers(world.after(59.9)) == []
    effects = world.after(0.1)
    assert offers(effects) == [(1, "a1")]  # with its score of before


def test_who_rejects_stays_ready_and_is_left_out(world: World) -> None:
    world.queue(1)
    effects = world.do(OfferRejected(world.offer(1)))
    assert taken_back(effects) == [("a1", Withdrawal.REJECTED)]
    assert offers(effects) == [(1, "a2")]
    assert intent(world) == (True, "")


def test_a_device_that_fails_three_times_in_a_row_takes_its_agent_out() -> None:
    world = alone()
    for number in (1, 2, 3):
        assert intent(world) == (True, "")
        world.queue(number)
        effects = world.do(OfferFailed(world.offer(number), DeviceFault.BUSY))
        assert taken_back(effects) == [("a1", Withdrawal.FAILED)]
    assert intent(world) == (False, "device")


def test_a_contact_that_connects_makes_good_for_the_failures_before() -> None:
    world = alone()
    for number in (1, 2):
        world.queue(number)
        world.do(OfferFailed(world.offer(number), DeviceFault.ERROR))
    world.queue(3)
    world.talk(3)
    world.finish(3)
    world.do(WrapUpDone(iid(3)))
    world.queue(4)
    world.do(OfferFailed(world.offer(4), DeviceFault.ERROR))
    assert intent(world) == (True, "")


def test_a_device_that_goes_away_while_it_rings_is_nobody_s_fault(world: World) -> None:
    world.queue(1)
    effects = world.do(ReachChanged(A1, Channel.VOICE, False))
    assert taken_back(effects) == [("a1", Withdrawal.RESCINDED)]
    assert offers(effects) == [(1, "a2")]
    assert intent(world) == (True, "")


def test_a_device_that_comes_back_may_ring_again_at_once() -> None:
    world = alone()
    world.queue(1)
    world.do(ReachChanged(A1, Channel.VOICE, False))
    assert offers(world.do(ReachChanged(A1, Channel.VOICE, True))) == [(1, "a1")]


@pytest.mark.parametrize("event", [IntentSet(A1, False, "break"), AgentSignedOut(A1)])
def test_who_leaves_while_it_rings_is_let_go(world: World, event: Event) -> None:
    world.queue(1)
    effects = world.do(event)
    assert taken_back(effects) == [("a1", Withdrawal.RESCINDED)]
    assert offers(effects) == [(1, "a2")]


def test_going_not_ready_leaves_live_work_alone(world: World) -> None:
    world.queue(1)
    world.talk(1)
    world.do(IntentSet(A1, False, "break"))
    assert (world.view(1).phase, world.holder(1)) == ("talking", "a1")


# --- too late ----------------------------------------------------------------------------------------------


def test_an_accept_in_the_millisecond_of_expiry_is_late(world: World) -> None:
    world.queue(1)
    number = world.offer(1)
    world.now += 20_000
    effects = world.do(OfferAccepted(number))
    assert only(Connect, effects) == []
    assert world.holder(1) == "a2"


def test_an_accept_is_late_even_if_its_step_had_other_timers_enough_to_do() -> None:
    world = alone()
    world.queue(1)
    unable = (Need(SkillId("legal"), 3),)
    for number in range(2, LIMIT + 20):
        world.queue(number, needs=unable, relax=(Relax(10_000, (Need(SkillId("legal")),)),))
    world.now += 20_000
    effects = world.do(OfferAccepted(world.offer(1)))
    assert taken_back(effects) == [("a1", Withdrawal.EXPIRED), ("a1", Withdrawal.LATE)]
    assert world.state.next_wake() == world.now  # for the timers that are left


def test_an_accept_in_the_millisecond_before_is_in_time(world: World) -> None:
    world.queue(1)
    world.now += 19_999
    assert [c.agent for c in only(Connect, world.do(OfferAccepted(world.offer(1))))] == ["a1"]


def test_who_comes_late_is_told_who_has_it(world: World) -> None:
    world.queue(1)
    number = world.offer(1)
    world.after(20)
    still_ringing = world.do(OfferAccepted(number))
    world.talk(1)
    taken = world.do(OfferAccepted(number))
    assert still_ringing == [CancelOffer(number, iid(1), A1, Withdrawal.LATE)]
    assert taken == [CancelOffer(number, iid(1), A1, Withdrawal.LATE, taken_by=A2)]


def test_accepting_twice_connects_once(world: World) -> None:
    world.queue(1)
    number = world.offer(1)
    assert len(only(Connect, world.do(OfferAccepted(number), OfferAccepted(number)))) == 1


# --- connecting --------------------------------------------------------------------------------------------


def test_an_agent_who_breaks_off_while_connecting_leaves_the_caller_in_place(world: World) -> None:
    world.queue(1, at=-50)
    world.do(OfferAccepted(world.offer(1)), IntentSet(A2, False, "break"))
    world.queue(2, at=-40)
    effects = world.do(Ended(iid(1), Party.AGENT))
    assert moves(effects)[0] == "1 waiting"
    assert offers(effects) == [(2, "a1")]  # a1 is free for others
    assert offers(world.do(IntentSet(A2, True))) == [(1, "a2")]


def test_connecting_takes_ten_seconds_at_most(world: World) -> None:
    world.queue(1)
    number = world.offer(1)
    world.do(OfferAccepted(number))
    assert world.after(9.9) == []
    effects = world.after(0.1)
    assert effects[0] == CancelOffer(number, iid(1), A1, Withdrawal.FAILED)
    assert offers(effects) == [(1, "a2")]


def test_connected_is_without_limit(world: World) -> None:
    world.queue(1)
    world.talk(1)
    assert world.after(86_400) == []
    assert world.view(1).phase == "talking"


def test_hold_and_back(world: World) -> None:
    world.queue(1)
    world.talk(1)
    assert moves(world.do(Held(iid(1)), Held(iid(1)), Resumed(iid(1)))) == ["1 held", "1 talking"]


# --- the end -----------------------------------------------------------------------------------------------


def bring_to(world: World, phase: Phase) -> None:
    """Bring the contact 1 into a phase; nobody but a1 may have it."""
    if phase is Phase.IN_MENU:
        world.do(Arrived(iid(1), Channel.VOICE, world.now))
        return
    world.do(IntentSet(A1, phase is not Phase.WAITING), IntentSet(A2, False))
    world.queue(1)
    if phase in (Phase.WAITING, Phase.OFFERED):
        return
    world.do(OfferAccepted(world.offer(1)))
    steps: dict[Phase, list[Event]] = {
        Phase.CONNECTING: [],
        Phase.TALKING: [Connected(iid(1))],
        Phase.HELD: [Connected(iid(1)), Held(iid(1))],
        Phase.WRAPPING: [Connected(iid(1)), Ended(iid(1), Party.AGENT)],
    }
    world.do(*steps[phase])


BEFORE = [Phase.IN_MENU, Phase.WAITING, Phase.OFFERED, Phase.CONNECTING]
AFTER = [Phase.TALKING, Phase.HELD]


@pytest.mark.parametrize("phase", BEFORE)
def test_a_customer_who_leaves_before_talking_abandoned_in_that_phase(world: World, phase: Phase) -> None:
    bring_to(world, phase)
    assert world.view(1).phase is phase
    effects = world.do(Ended(iid(1), Party.CUSTOMER, "hung_up"))
    end = closing(effects)
    assert (end.outcome, end.abandoned_in) == (Outcome.ABANDONED, phase)
    assert effects[-1] == Release(iid(1))
    assert (len(taken_back(effects)) == 1) == (phase is Phase.OFFERED)
    assert world.load("a1") == 0


@pytest.mark.parametrize("by", [Party.CUSTOMER, Party.AGENT])
@pytest.mark.parametrize("phase", AFTER)
def test_whoever_ends_a_talk_the_wrap_up_begins(world: World, phase: Phase, by: Party) -> None:
    bring_to(world, phase)
    effects = world.do(Ended(iid(1), by))
    assert moves(effects) == ["1 wrapping"]
    assert effects[1:] == [Release(iid(1)), StartWrapUp(iid(1), A1, world.now + 30_000)]
    assert world.load("a1") == 100


def test_the_wrap_up_ends_when_the_agent_says_so(world: World) -> None:
    bring_to(world, Phase.WRAPPING)
    assert closing(world.do(WrapUpDone(iid(1)))).outcome is Outcome.HANDLED
    assert world.load("a1") == 0


def test_the_wrap_up_ends_by_itself(world: World) -> None:
    bring_to(world, Phase.WRAPPING)
    assert world.after(29.9) == []
    end = closing(world.after(0.1))
    assert (end.outcome, end.cause, end.agent) == (Outcome.HANDLED, "wrap_up_over", A1)


def test_without_a_wrap_up_the_agent_is_free_at_once() -> None:
    world = World(rules(agent("a1"), queues=(QueueRule(QueueId("oss"), wrap_up_ms=0),)))
    world.sign_in("a1")
    world.queue(1)
    world.queue(2)
    world.talk(1)
    effects = world.finish(1)
    assert closing(effects).outcome is Outcome.HANDLED
    assert only(StartWrapUp, effects) == []
    assert offers(effects) == [(2, "a1")]


@pytest.mark.parametrize("phase", [*BEFORE, *AFTER])
def test_a_contact_the_machinery_lost_has_failed(world: World, phase: Phase) -> None:
    bring_to(world, phase)
    effects = world.do(Failed(iid(1), "asterisk_restarted"))
    end = closing(effects)
    assert (end.outcome, end.abandoned_in, end.cause) == (Outcome.FAILED, None, "asterisk_restarted")
    assert effects[-1] == Release(iid(1))
    assert world.load("a1") == 0


def test_what_is_being_wrapped_up_cannot_be_lost_any_more(world: World) -> None:
    bring_to(world, Phase.WRAPPING)
    assert world.do(Failed(iid(1)), Ended(iid(1), Party.CUSTOMER)) == []
    assert world.view(1).phase == "wrapping"


@pytest.mark.parametrize("phase", [Phase.IN_MENU, Phase.WAITING, Phase.OFFERED])
def test_the_centre_may_end_what_no_agent_has(world: World, phase: Phase) -> None:
    bring_to(world, phase)
    assert closing(world.do(Dismissed(iid(1), Outcome.DEFLECTED, "served"))).outcome is Outcome.DEFLECTED
    assert world.state.interaction(iid(1)) is None


@pytest.mark.parametrize("phase", [Phase.CONNECTING, *AFTER, Phase.WRAPPING])
def test_but_not_what_an_agent_has(world: World, phase: Phase) -> None:
    bring_to(world, phase)
    assert world.do(Dismissed(iid(1), Outcome.DEFLECTED)) == []


def test_a_transfer_keeps_the_place_and_leaves_the_agent_out(world: World) -> None:
    world.queue(1, at=-300)
    world.talk(1)
    world.do(IntentSet(A2, False, "break"))
    world.queue(2, "tax", at=-100)
    effects = world.do(Requeued(iid(1), QueueId("tax")))
    assert taken_back(effects) == [("a1", Withdrawal.TRANSFERRED)]
    assert only(StartWrapUp, effects) == [StartWrapUp(iid(1), A1, world.now + 30_000)]
    assert offers(world.do(WrapUpDone(iid(1), A1))) == [(2, "a1")]
    assert offers(world.do(IntentSet(A2, True))) == [(1, "a2")]
    assert world.view(1).queue == "tax"


def test_an_offer_says_until_when_it_rings(world: World) -> None:
    (sent,) = only(SendOffer, world.queue(1))
    assert sent == SendOffer(world.offer(1), iid(1), A1, world.now + 20_000)


def test_the_reason_of_a_missed_offer_comes_from_the_system(world: World) -> None:
    world.queue(1)
    (moved,) = only(AgentMoved, world.after(20))
    assert (moved.agent, moved.ready, moved.reason, moved.actor) == (A1, False, "rona", Party.SYSTEM)
