"""A contact put aside: parked, to be called again, or over and spoken of."""

from __future__ import annotations

import pytest

from acd.effects import (
    CancelOffer,
    Effect,
    Moved,
    Noted,
    Park,
    Release,
    SendOffer,
    StartWrapUp,
    Withdrawal,
    WrapUpOver,
)
from acd.events import (
    AgentSignedOut,
    Arrived,
    Attempted,
    Connected,
    Dismissed,
    Disposed,
    Ended,
    Event,
    Failed,
    IntentSet,
    OfferAccepted,
    OfferRejected,
    Parked,
    Queued,
    Requeued,
    Retrieved,
    Surveyed,
)
from acd.model import Channel, Kind, Outcome, Party, Phase, QueueRule
from core.ids import AgentId, QueueId
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


def over(effects: list[Effect]) -> list[tuple[int, str, Party]]:
    return [(int(e.id, 16), e.agent, e.by) for e in only(WrapUpOver, effects)]


def closed(effects: list[Effect]) -> list[tuple[int, Outcome | None, str]]:
    return [(int(e.id, 16), e.outcome, e.cause) for e in only(Moved, effects) if e.phase is Phase.CLOSED]


# --- aside -------------------------------------------------------------------------------------------------


def test_a_parked_contact_costs_nobody_and_comes_back_to_who_parked_it_then_to_all(world: World) -> None:
    until = world.now + 60_000
    effects = world.do(Parked(iid(1), until))
    assert only(Park, effects) == [Park(iid(1), until)]
    assert over(effects) == [(1, "a1", Party.AGENT)]
    assert only(StartWrapUp, effects) == []
    assert (world.load("a1"), world.holder(1), world.view(1).until) == (0, "a1", until)
    world.queue(2, "tax", at=0, preferred=A1, grace_ms=5_000)
    world.talk(2)
    assert offers(world.after(60)) == []  # a1 is busy, and it is kept for a1
    assert offers(world.after(20)) == [(1, "a2")]
    assert world.view(1).score == START


def test_whoever_fetches_it_back_is_asked_alone(world: World) -> None:
    world.do(Parked(iid(1), world.now + 600_000))
    world.do(IntentSet(A3, False, "break"))
    assert offers(world.do(Retrieved(iid(1), A3))) == [(1, "a3")]
    effects = world.do(OfferRejected(world.offer(1)))
    assert offers(effects) == [(1, "a1")]  # open to all now, a1 being the longest without


def test_nobody_fetches_it_back_who_is_not_there_or_talks(world: World) -> None:
    world.do(Parked(iid(1), world.now + 600_000), AgentSignedOut(A2))
    world.queue(2)
    for who in (world.holder(2), "a2", "nobody"):
        assert world.do(Retrieved(iid(1), AgentId(who or ""))) == []
    assert world.view(1).phase is Phase.PARKED


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (Ended(iid(1), Party.CUSTOMER), Outcome.ABANDONED),
        (Failed(iid(1)), Outcome.FAILED),
        (Dismissed(iid(1), Outcome.CALLBACK), Outcome.CALLBACK),
    ],
)
def test_a_parked_contact_can_end(world: World, event: Event, outcome: Outcome) -> None:
    world.do(Parked(iid(1), world.now + 60_000))
    effects = world.do(event)
    assert [o for _, o, _ in closed(effects)] == [outcome]
    assert world.state.next_wake() is None


# --- callbacks and outgoing calls --------------------------------------------------------------------------


def test_a_callback_stands_at_the_place_of_the_call_it_was_promised_in(world: World) -> None:
    world.do(IntentSet(A2, False), IntentSet(A3, False))
    world.queue(2)
    arrived = Arrived(iid(3), Channel.VOICE, START - 60_000, kind=Kind.CALLBACK, parent=iid(8))
    world.do(arrived, Queued(iid(3), OSS), arrived)
    assert world.state.waiting(OSS) == [iid(3), iid(2)]
    (sent,) = only(SendOffer, world.do(IntentSet(A2, True)))
    assert (sent.id, sent.kind, sent.parent) == (iid(3), Kind.CALLBACK, iid(8))
    world.do(OfferAccepted(sent.offer))
    assert world.after(60) == []  # the customer's telephone may ring for longer than an agent's takes to join
    assert world.view(3).phase is Phase.CONNECTING


@pytest.mark.parametrize("stage", ["waiting", "offered", "connecting", "talking"])
def test_a_customer_who_was_not_reached_is_tried_again_at_the_old_place(world: World, stage: str) -> None:
    world.do(IntentSet(A2, False), IntentSet(A3, False))
    world.do(Arrived(iid(2), Channel.VOICE, START - 60_000, kind=Kind.CALLBACK), Queued(iid(2), OSS))
    if stage != "waiting":
        world.do(IntentSet(A2, True))
    if stage in ("connecting", "talking"):
        world.do(OfferAccepted(world.offer(2)))
    if stage == "talking":
        world.do(Connected(iid(2)))
    effects = world.do(Attempted(iid(2), "busy", world.now + 600_000))
    assert [e.why for e in only(CancelOffer, effects)] == [Withdrawal.CANCELLED] * (stage != "waiting")
    assert over(effects) == ([(2, "a2", Party.SYSTEM)] if stage == "talking" else [])
    assert world.load("a2") == 0
    assert only(Park, effects) == []
    score = world.view(2).score
    world.do(IntentSet(A2, True))
    assert offers(world.after(599.9)) == []
    assert offers(world.after(0.1)) == [(2, "a2")]
    assert world.view(2).score == score == START - 60_000


def test_and_is_over_when_it_is_not_tried_again(world: World) -> None:
    world.do(Arrived(iid(2), Channel.VOICE, START, kind=Kind.OUTBOUND))
    assert offers(world.do(Queued(iid(2), OSS, preferred=A3, grace_ms=20_000, strict=True))) == [(2, "a3")]
    world.do(OfferAccepted(world.offer(2)))
    effects = world.do(Attempted(iid(2), "no_answer"))
    assert closed(effects) == [(2, Outcome.UNREACHED, "no_answer")]
    assert only(Release, effects) == [Release(iid(2))]
    assert world.load("a3") == 0
    assert world.do(Attempted(iid(1), "busy")) == []  # a caller is there


# --- what is said of it ------------------------------------------------------------------------------------


def test_what_is_said_of_a_contact_is_taken_while_it_lives_and_after(world: World) -> None:
    said = Disposed(iid(1), A1, "oss"), Surveyed(iid(1), "csat", 5)
    assert world.do(*said) == [Noted(iid(1))] * 2
    world.do(Requeued(iid(1), TAX), Ended(iid(1), Party.CUSTOMER))
    assert world.do(*said) == [Noted(iid(1))] * 2
    assert world.do(Disposed(iid(9), A1, "oss"), Surveyed(iid(9), "csat", 5)) == []
    assert world.do(Disposed(iid(1), AgentId("nobody"), "oss")) == []
