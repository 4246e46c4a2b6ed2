"""A contact that passes from hand to hand: transfer, consultation, takeover, and the work after it."""

from __future__ import annotations

import pytest

from acd.effects import (
    CancelOffer,
    Effect,
    Handover,
    Moved,
    Release,
    SendOffer,
    StartWrapUp,
    WrapUpOver,
)
from acd.events import (
    AgentSignedOut,
    Arrived,
    Connected,
    Ended,
    Event,
    Failed,
    Held,
    IntentSet,
    OfferAccepted,
    OfferRejected,
    Parked,
    Queued,
    Requeued,
    TakenOver,
    TransferCompleted,
    WrapUpDone,
    WrapUpExtended,
)
from acd.model import Channel, Kind, Outcome, Party, Phase, QueueRule
from core.ids import AgentId, OfferId, QueueId
from tests.unit.acd.world import START, World, agent, iid, offers, only, rules

A1, A2, A3 = (AgentId(f"a{n}") for n in (1, 2, 3))
OSS, TAX = QueueId("oss"), QueueId("tax")


@pytest.fixture
def world() -> World:
    """Contact 1 talks to a1; a2 and a3 are free. Wrap-up is 30 s, in the queue tax none."""
    made = World(
        rules(agent("a1"), agent("a2"), agent("a3"), queues=(QueueRule(OSS), QueueRule(TAX, wrap_up_ms=0)))
    )
    made.sign_in("a1")
    made.queue(1)
    made.talk(1)
    made.sign_in("a2", "a3")
    return made


def consult(world: World, number: int = 2, to: AgentId = A2, parent: int = 1) -> list[Effect]:
    return world.do(
        Arrived(iid(number), Channel.VOICE, world.now, kind=Kind.CONSULT, parent=iid(parent)),
        Queued(iid(number), OSS, preferred=to, grace_ms=20_000, strict=True),
    )


def over(effects: list[Effect]) -> list[tuple[int, str, Party]]:
    return [(int(e.id, 16), e.agent, e.by) for e in only(WrapUpOver, effects)]


def closed(effects: list[Effect]) -> list[tuple[int, Outcome | None, str]]:
    return [(int(e.id, 16), e.outcome, e.cause) for e in only(Moved, effects) if e.phase is Phase.CLOSED]


def wrap_ups(world: World, name: str) -> list[tuple[int, float]]:
    found = world.state.agent(AgentId(name))
    assert found is not None
    return [(int(w.id, 16), (w.until - world.now) / 1_000) for w in found.wrap_ups]


# --- wrap-up beside other work -----------------------------------------------------------------------------


def test_who_transfers_wraps_up_while_the_customer_talks_to_somebody_else(world: World) -> None:
    effects = world.do(Requeued(iid(1), TAX))
    assert only(StartWrapUp, effects) == [StartWrapUp(iid(1), A1, world.now + 30_000)]
    assert world.holder(1) == "a2"
    world.talk(1)
    assert (wrap_ups(world, "a1"), world.load("a1"), world.load("a2")) == ([(1, 30)], 100, 100)
    assert over(world.after(30)) == [(1, "a1", Party.SYSTEM)]
    assert world.load("a1") == 0
    assert world.view(1).phase is Phase.TALKING
    # In the queue tax there is no wrap-up: a2's part is over with the talk.
    effects = world.finish(1)
    assert closed(effects) == [(1, Outcome.HANDLED, "hung_up")]
    assert over(effects) == [(1, "a2", Party.CUSTOMER)]


def test_a_wrap_up_outlives_its_contact_and_is_ended_by_its_agent(world: World) -> None:
    world.do(Requeued(iid(1), TAX))
    world.do(Ended(iid(1), Party.CUSTOMER))
    assert world.state.interaction(iid(1)) is None
    assert world.load("a1") == 100
    assert world.do(WrapUpDone(iid(1), A2)) == []
    effects = world.do(WrapUpDone(iid(1), A1))
    assert over(effects) == [(1, "a1", Party.AGENT)]
    assert closed(effects) == []
    assert world.do(WrapUpDone(iid(1), A1)) == []


def test_without_a_name_the_work_after_a_contact_is_that_of_who_had_it_last(world: World) -> None:
    world.do(Requeued(iid(1), OSS))
    world.talk(1)
    world.finish(1)
    assert over(world.do(WrapUpDone(iid(1)))) == [(1, "a2", Party.AGENT)]
    assert over(world.do(WrapUpDone(iid(1)))) == [(1, "a1", Party.AGENT)]  # the only one left


def test_two_who_wrap_up_one_contact_end_apart_and_the_contact_with_the_last_who_had_it(world: World) -> None:
    world.do(Requeued(iid(1), OSS))
    world.talk(1)
    world.after(10)
    world.finish(1)
    assert (wrap_ups(world, "a1"), wrap_ups(world, "a2")) == ([(1, 20)], [(1, 30)])
    assert closed(world.after(20)) == []
    assert closed(world.after(10)) == [(1, Outcome.HANDLED, "wrap_up_over")]


def test_a_contact_that_comes_back_ends_the_wrap_up_and_there_is_another_later(world: World) -> None:
    world.do(Requeued(iid(1), OSS, preferred=A2, grace_ms=5_000, strict=True))
    world.talk(1)
    assert over(world.do(TakenOver(iid(1), A1))) == [(1, "a1", Party.SYSTEM)]
    assert (world.holder(1), wrap_ups(world, "a1"), wrap_ups(world, "a2")) == ("a1", [], [(1, 30)])
    world.finish(1)
    assert wrap_ups(world, "a1") == [(1, 30)]


def test_an_agent_who_wraps_up_gets_no_call_and_is_next_when_done(world: World) -> None:
    world.do(IntentSet(A2, False), IntentSet(A3, False))
    world.do(Requeued(iid(1), TAX))
    world.queue(2)
    assert world.holder(2) is None
    assert offers(world.do(WrapUpDone(iid(1), A1))) == [(2, "a1")]


def test_a_wrap_up_is_extended_as_often_as_the_queue_allows(world: World) -> None:
    world.finish(1)
    first = world.now + 30_000
    for n in (1, 2):
        effects = world.do(WrapUpExtended(iid(1), A1))
        assert effects == [StartWrapUp(iid(1), A1, first + n * 30_000)]
    assert world.do(WrapUpExtended(iid(1), A1)) == []
    assert world.do(WrapUpExtended(iid(1), A2)) == []
    assert over(world.after(89.9)) == []
    assert over(world.after(0.1)) == [(1, "a1", Party.SYSTEM)]


def test_who_signs_out_has_the_wrap_up_to_its_end(world: World) -> None:
    world.do(Requeued(iid(1), TAX), AgentSignedOut(A1))
    assert wrap_ups(world, "a1") == [(1, 30)]
    assert over(world.after(30)) == [(1, "a1", Party.SYSTEM)]


def test_a_contact_lost_by_the_machinery_ends_the_agent_s_part_too(world: World) -> None:
    effects = world.do(Failed(iid(1), "asterisk_restarted"))
    assert over(effects) == [(1, "a1", Party.SYSTEM)]
    assert world.load("a1") == 0


# --- consultation ------------------------------------------------------------------------------------------


def test_a_consultation_rings_one_colleague_and_says_what_it_is_about(world: World) -> None:
    (sent,) = only(SendOffer, consult(world))
    assert (sent.agent, sent.kind, sent.parent) == (A2, Kind.CONSULT, iid(1))
    assert world.view(1).consults == (iid(2),)
    world.talk(2)
    effects = world.do(Ended(iid(2), Party.CUSTOMER))  # the one who asked
    assert closed(effects) == [(2, Outcome.HANDLED, "ended")]
    assert over(effects) == [(2, "a2", Party.CUSTOMER)]
    assert only(Release, effects) == [Release(iid(2))]
    assert (world.view(1).consults, world.load("a2")) == ((), 0)


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (OfferRejected(OfferId(2)), Outcome.REFUSED),
        (Ended(iid(2), Party.CUSTOMER), Outcome.ABANDONED),
        (AgentSignedOut(A2), Outcome.REFUSED),
    ],
)
def test_a_consultation_nobody_answers_is_over_and_the_customer_stays(
    world: World, event: Event, outcome: Outcome
) -> None:
    consult(world)
    effects = world.do(event)
    assert [(n, o) for n, o, _ in closed(effects)] == [(2, outcome)]
    assert world.view(1).phase is Phase.TALKING
    assert world.load("a2") == 0


def test_a_consultation_that_rings_in_vain_makes_its_colleague_not_ready_only_if_ready(world: World) -> None:
    world.do(IntentSet(A2, False, "break"))
    consult(world)
    assert closed(world.after(20)) == [(2, Outcome.REFUSED, "unanswered")]
    found = world.state.agent(A2)
    assert found is not None
    assert (found.ready, found.reason) == (False, "break")
    consult(world, 3, A3)
    world.after(20)
    found = world.state.agent(A3)
    assert found is not None
    assert (found.ready, found.reason) == (False, "rona")


@pytest.mark.parametrize(
    "event",
    [
        Ended(iid(1), Party.CUSTOMER),
        Ended(iid(1), Party.AGENT),
        Failed(iid(1)),
        Requeued(iid(1), TAX),
        Parked(iid(1), START + 3_600_000),
        TakenOver(iid(1), A3),
    ],
    ids=lambda event: type(event).__name__,
)
@pytest.mark.parametrize("talking", [True, False])
def test_a_consultation_ends_with_the_conversation_it_is_about(
    world: World, event: Event, talking: bool
) -> None:
    consult(world)
    if talking:
        world.talk(2)
    effects = world.do(event)
    assert (2, Outcome.HANDLED if talking else Outcome.ABANDONED, "parent_over") in closed(effects)
    assert Release(iid(2)) in effects
    assert world.state.interaction(iid(2)) is None
    assert world.view(1).consults == () if world.state.interaction(iid(1)) else True
    assert wrap_ups(world, "a2") == []


@pytest.mark.parametrize("parent", [1, 7])
def test_a_consultation_about_nothing_is_refused(world: World, parent: int) -> None:
    world.finish(1)
    effects = consult(world, parent=parent)
    assert closed(effects) == [(2, Outcome.REFUSED, "parent_over")]
    assert offers(effects) == []


def test_a_consultation_may_go_to_whoever_the_line_chooses(world: World) -> None:
    world.do(Arrived(iid(2), Channel.VOICE, world.now, kind=Kind.CONSULT, parent=iid(1)), Queued(iid(2), TAX))
    assert world.holder(2) == "a2"
    assert [q.channels for q in world.state.queues()] == [(), ()]  # no customer waits


def test_the_colleague_has_the_customer_once_the_transfer_is_completed(world: World) -> None:
    world.do(Held(iid(1)))
    consult(world)
    offer = world.offer(2)
    world.talk(2)
    world.after(10)
    effects = world.do(TransferCompleted(iid(1), iid(2)))
    assert effects[0] == Handover(iid(1), offer, A2, A1, iid(2))
    assert closed(effects) == [(2, Outcome.HANDLED, "transfer_completed")]
    assert only(Release, effects) == []
    assert only(CancelOffer, effects) == []
    assert (world.holder(1), world.offer(1), world.view(1).phase) == ("a2", offer, Phase.TALKING)
    assert (wrap_ups(world, "a1"), world.load("a2")) == ([(1, 30)], 100)
    world.finish(1)
    assert wrap_ups(world, "a2") == [(1, 30)]


def test_a_transfer_is_not_completed_to_a_colleague_who_does_not_talk(world: World) -> None:
    consult(world)
    assert world.do(TransferCompleted(iid(1), iid(2))) == []
    world.do(OfferAccepted(world.offer(2)))
    assert world.do(TransferCompleted(iid(1), iid(2))) == []
    world.do(Connected(iid(2)))
    assert world.do(TransferCompleted(iid(1), iid(3))) == []
    assert world.do(TransferCompleted(iid(2), iid(1))) == []
    assert world.holder(1) == "a1"


def test_of_two_consultations_the_other_one_ends(world: World) -> None:
    consult(world)
    consult(world, 3, A3)
    world.talk(2)
    world.talk(3)
    effects = world.do(TransferCompleted(iid(1), iid(3)))
    assert closed(effects) == [
        (3, Outcome.HANDLED, "transfer_completed"),
        (2, Outcome.HANDLED, "parent_over"),
    ]
    assert only(Release, effects) == [Release(iid(2))]


def test_nobody_consults_themselves(world: World) -> None:
    assert closed(consult(world, to=A1)) == [(2, Outcome.REFUSED, "unanswered")]
    chats = World(rules(agent("a1")))
    chats.sign_in("a1")
    chats.queue(1, channel=Channel.WHATSAPP)
    chats.talk(1)
    chats.do(Arrived(iid(2), Channel.WHATSAPP, START, kind=Kind.CONSULT, parent=iid(1)), Queued(iid(2), OSS))
    assert chats.load("a1") == 50
    assert chats.holder(2) is None


# --- takeover ----------------------------------------------------------------------------------------------


def test_who_takes_over_has_the_contact_ready_or_not(world: World) -> None:
    world.do(IntentSet(A3, False, "coaching"))
    effects = world.do(TakenOver(iid(1), A3))
    assert only(Handover, effects) == [Handover(iid(1), OfferId(2), A3, A1)]
    assert (world.holder(1), world.load("a3"), wrap_ups(world, "a1")) == ("a3", 100, [(1, 30)])


def test_nobody_takes_over_who_talks_is_away_or_has_it(world: World) -> None:
    world.queue(2)  # rings a2
    world.do(AgentSignedOut(A3))
    for who in ("a1", "a2", "a3", "nobody"):
        assert world.do(TakenOver(iid(1), AgentId(who))) == []


def test_a_wrap_up_keeps_nobody_from_taking_over(world: World) -> None:
    world.queue(2)
    world.talk(2)
    world.finish(2)
    world.do(TakenOver(iid(1), A2))
    assert (world.holder(1), world.load("a2")) == ("a2", 200)
