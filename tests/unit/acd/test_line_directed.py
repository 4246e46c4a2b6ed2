"""A contact for one agent alone: rung ready or not, beside wrap-ups, and nobody else's."""

from __future__ import annotations

import pytest

from acd.effects import CancelOffer, Effect, Leave, Limit, Moved, Receipt, Rule, Withdrawal
from acd.events import (
    AgentSignedIn,
    AgentSignedOut,
    Arrived,
    Configured,
    Connected,
    Ended,
    Event,
    IntentSet,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    Queued,
    QueueStateSet,
    ReachChanged,
    Requeued,
)
from acd.explain import ELIGIBLE, explain
from acd.model import Channel, DeviceFault, Kind, Need, Outcome, Party, Phase, QueueState
from core.ids import AgentId, OfferId, QueueId, SkillId
from tests.unit.acd.world import World, agent, iid, offers, only, rules

A1, A2 = AgentId("a1"), AgentId("a2")
OSS = QueueId("oss")


@pytest.fixture
def world() -> World:
    made = World(rules(agent("a1"), agent("a2")))
    made.sign_in("a1", "a2")
    return made


def direct(
    world: World, number: int = 1, to: AgentId = A1, seconds: int = 30, kind: Kind = Kind.INBOUND
) -> list[Effect]:
    return world.do(
        Arrived(iid(number), Channel.VOICE, world.now, kind=kind),
        Queued(iid(number), OSS, preferred=to, grace_ms=seconds * 1_000, strict=True),
    )


def left(effects: list[Effect]) -> list[tuple[int, Limit]]:
    return [(int(e.id, 16), e.why) for e in only(Leave, effects)]


def intent(world: World, who: AgentId) -> tuple[bool, str]:
    found = world.state.agent(who)
    assert found is not None
    return found.ready, found.reason


def test_it_rings_who_is_not_ready_and_has_none_of_the_skills(world: World) -> None:
    world.do(IntentSet(A1, False, "break"))
    needs = (Need(SkillId("legal"), 5),)
    effects = world.do(
        Arrived(iid(1), Channel.CHAT, world.now),
        Queued(iid(1), OSS, needs, preferred=A1, grace_ms=5_000, strict=True),
    )
    assert offers(effects) == [(1, "a1")]
    (receipt,) = only(Receipt, effects)
    assert (receipt.rule, receipt.rank, receipt.not_excluded) == (Rule.DIRECTED, 0, 1)


def test_it_rings_who_wraps_up_but_not_who_talks(world: World) -> None:
    world.queue(1)
    world.talk(1)
    assert offers(direct(world, 2)) == []
    assert offers(world.finish(1)) == [(2, "a1")]
    assert world.load("a1") == 200


def test_it_goes_before_all_that_wait(world: World) -> None:
    for number in (1, 2):
        world.queue(number, at=-100)
        world.talk(number)
    world.queue(3, at=-90)
    direct(world, 4)
    world.finish(1)
    assert world.holder(4) == "a1"
    assert world.holder(3) is None


def test_it_is_no_part_of_the_queue(world: World) -> None:
    world.do(QueueStateSet(OSS, QueueState.PAUSED))
    world.queue(1)
    world.do(ReachChanged(A1, Channel.VOICE, False))
    direct(world, 2)
    assert world.state.waiting(OSS) == [iid(1)]
    assert [c.waiting for q in world.state.queues() for c in q.channels] == [1]
    assert (world.state.position(iid(1)), world.state.position(iid(2))) == (1, 1)
    assert offers(world.do(ReachChanged(A1, Channel.VOICE, True))) == [(2, "a1")]  # paused or not


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (OfferRejected(OfferId(1)), Withdrawal.REJECTED),
        (OfferFailed(OfferId(1), DeviceFault.BUSY), Withdrawal.FAILED),
        (AgentSignedOut(A1), Withdrawal.RESCINDED),
        (Configured(rules(agent("a2"))), Withdrawal.RESCINDED),
    ],
)
def test_it_leaves_the_line_when_its_agent_does_not_come(world: World, event: Event, why: Withdrawal) -> None:
    direct(world)
    effects = world.do(event)
    assert [e.why for e in only(CancelOffer, effects)] == [why]
    assert left(effects) == [(1, Limit.UNANSWERED)]
    assert offers(effects) == []
    assert world.view(1).phase is Phase.IN_MENU
    assert world.state.next_wake() is None


def test_who_is_not_ready_and_lets_it_ring_keeps_the_reason_given(world: World) -> None:
    world.do(IntentSet(A1, False, "prayer"))
    direct(world)
    assert left(world.after(20)) == [(1, Limit.UNANSWERED)]
    assert intent(world, A1) == (False, "prayer")
    direct(world, 2, A2)
    world.after(20)
    assert intent(world, A2) == (False, "rona")


def test_a_device_that_fails_takes_only_a_ready_agent_out(world: World) -> None:
    world.do(IntentSet(A1, False, "prayer"))
    for number in (1, 2, 3):
        direct(world, number)
        world.do(OfferFailed(world.offer(number), DeviceFault.ERROR))
    assert intent(world, A1) == (False, "prayer")


def test_going_not_ready_does_not_stop_it_ringing(world: World) -> None:
    direct(world)
    assert [type(e).__name__ for e in world.do(IntentSet(A1, False, "break"))] == ["AgentMoved"]
    assert world.holder(1) == "a1"


def test_a_device_that_comes_back_in_time_is_rung_again(world: World) -> None:
    direct(world)
    world.do(ReachChanged(A1, Channel.VOICE, False))
    assert world.view(1).phase is Phase.WAITING
    world.after(10)
    assert offers(world.do(ReachChanged(A1, Channel.VOICE, True))) == [(1, "a1")]


def test_it_waits_until_the_grace_is_over_and_no_longer(world: World) -> None:
    world.queue(1)
    world.talk(1)
    direct(world, 2, seconds=30)
    assert left(world.after(29.9)) == []
    assert left(world.after(0.1)) == [(2, Limit.UNANSWERED)]


@pytest.mark.parametrize("to", ["a3", "a1"])
def test_it_does_not_wait_for_who_is_unknown_or_signed_out(world: World, to: str) -> None:
    world.do(AgentSignedOut(A1))
    effects = direct(world, to=AgentId(to))
    assert left(effects) == [(1, Limit.UNANSWERED)]


@pytest.mark.parametrize("kind", [Kind.OUTBOUND, Kind.CONSULT])
def test_what_has_no_menu_is_refused_instead(world: World, kind: Kind) -> None:
    world.queue(9)
    world.talk(9)
    to = A2 if world.holder(9) == "a1" else A1
    world.do(Arrived(iid(1), Channel.VOICE, world.now, kind=kind, parent=iid(9)))
    world.do(Queued(iid(1), OSS, preferred=to, grace_ms=30_000, strict=True))
    effects = world.do(OfferRejected(world.offer(1)))
    assert [(e.outcome, e.cause) for e in only(Moved, effects)] == [(Outcome.REFUSED, "unanswered")]
    assert left(effects) == []


def test_a_callback_is_open_to_all_instead(world: World) -> None:
    direct(world, kind=Kind.CALLBACK)
    effects = world.do(OfferRejected(world.offer(1)))
    assert left(effects) == []
    assert offers(effects) == [(1, "a2")]


def test_a_transfer_to_a_colleague_who_is_not_there_is_refused(world: World) -> None:
    world.queue(1)
    world.talk(1)
    world.do(AgentSignedOut(A2))
    assert world.do(Requeued(iid(1), OSS, preferred=A2, grace_ms=20_000, strict=True)) == []
    world.do(AgentSignedIn(A2))
    effects = world.do(Requeued(iid(1), OSS, preferred=A2, grace_ms=20_000, strict=True))
    assert offers(effects) == [(1, "a2")]
    assert left(world.after(20)) == []
    assert world.view(1).phase is Phase.WAITING


def test_a_contact_goes_back_to_the_colleague_who_passed_it_on_at_once(world: World) -> None:
    world.queue(1)
    world.talk(1)
    for to in ("a2", "a1", "a2"):
        giver = world.holder(1)
        effects = world.do(Requeued(iid(1), OSS, preferred=AgentId(to), grace_ms=20_000, strict=True))
        assert offers(effects) == [(1, to)], giver
        world.do(OfferAccepted(world.offer(1)), Connected(iid(1)))
        assert world.holder(1) == to


def test_it_can_give_up(world: World) -> None:
    direct(world)
    world.do(OfferAccepted(world.offer(1)), Connected(iid(1)))
    direct(world, 2)
    effects = world.do(Ended(iid(2), Party.CUSTOMER))
    assert [e.abandoned_in for e in only(Moved, effects)] == [Phase.WAITING]


def test_the_explanation_names_the_one_and_says_why_not_the_others(world: World) -> None:
    world.queue(1)
    world.talk(1)
    direct(world, 2)
    found = explain(world.state, iid(2))
    assert found is not None
    assert found.kept_for == A1
    assert {c.agent: c.verdict for c in found.candidates} == {
        A1: "no room beside a load of 100",
        A2: "for another agent alone",
    }
    world.do(QueueStateSet(OSS, QueueState.PAUSED))
    world.queue(3)
    found = explain(world.state, iid(3))
    assert found is not None
    assert {c.verdict for c in found.candidates} == {"the queue is paused"}
    assert ELIGIBLE not in {c.verdict for c in found.candidates}
