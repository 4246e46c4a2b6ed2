"""A customer who was promised a callback, and calls again."""

from __future__ import annotations

import pytest

from acd.effects import CancelOffer, Effect, Moved, Release, Withdrawal
from acd.events import Arrived, Attempted, Dismissed, OfferAccepted, Queued
from acd.model import Channel, Kind, Outcome, Phase, QueueRule
from acd.snapshot import dump, load
from core.ids import QueueId
from tests.unit.acd.test_line_queues import line
from tests.unit.acd.world import START, World, iid, offers, only

OSS, TAX = QueueId("oss"), QueueId("tax")
HERS, HIS = "+62811", "+62812"


@pytest.fixture
def world() -> World:
    """Two queues, one agent who comes later. Contact 1 called, and 2 is her callback; both are of START."""
    made = line(QueueRule(OSS, wrap_up_ms=0), QueueRule(TAX, wrap_up_ms=0))
    calls(made, 1, HERS)
    promise(made, 2, HERS, parent=1)
    return made


def calls(world: World, number: int, caller: str, queue: QueueId = OSS) -> list[Effect]:
    return world.do(Arrived(iid(number), Channel.VOICE, world.now, caller=caller), Queued(iid(number), queue))


def promise(world: World, number: int, caller: str, parent: int, queue: QueueId = OSS) -> list[Effect]:
    at = world.view(parent).arrived_at
    return world.do(
        Dismissed(iid(parent), Outcome.CALLBACK),
        Arrived(iid(number), Channel.VOICE, at, caller=caller, kind=Kind.CALLBACK, parent=iid(parent)),
        Queued(iid(number), queue),
    )


def ended(effects: list[Effect], *numbers: int) -> list[tuple[int, Outcome | None, str]]:
    moved = [(int(e.id, 16), e.outcome, e.cause) for e in only(Moved, effects) if e.phase is Phase.CLOSED]
    return [found for found in moved if found[0] in numbers]


def test_who_calls_again_and_is_served_is_not_called_back(world: World) -> None:
    world.after(60)
    calls(world, 3, HERS)
    world.state = load(dump(world.state))
    world.sign_in("a1")
    assert world.holder(2) == "a1"  # the older place rings first, and she does not answer
    world.do(OfferAccepted(world.offer(2)), Attempted(iid(2), "busy", world.now + 900_000))
    assert world.holder(3) == "a1"
    world.effects.clear()
    world.talk(3)
    assert ended(world.effects, 2) == [(2, Outcome.DEFLECTED, "served_meanwhile")]
    assert Release(iid(2)) in world.effects
    world.finish(3)
    assert offers(world.after(3_600)) == []
    assert world.state.callbacks == {}


@pytest.mark.parametrize(("caller", "queue"), [(HERS, TAX), (HIS, OSS), ("anonymous", OSS)])
def test_somebody_else_or_another_matter_cancels_nothing(world: World, caller: str, queue: QueueId) -> None:
    world.do(Attempted(iid(2), "busy", world.now + 900_000))
    calls(world, 3, caller, queue)
    world.sign_in("a1")
    world.talk(3)
    assert world.view(2).phase is Phase.PARKED


def test_a_callback_that_rings_an_agent_is_withdrawn_when_the_customer_is_served(world: World) -> None:
    world = line(QueueRule(OSS), agents=("a1", "a2"))
    calls(world, 1, HERS)
    promise(world, 2, HERS, parent=1)
    calls(world, 3, HERS)
    world.sign_in("a1", "a2")
    offer = world.offer(2)
    world.effects.clear()
    world.talk(3)
    (cancelled,) = only(CancelOffer, world.effects)
    assert (cancelled.offer, cancelled.why) == (offer, Withdrawal.CANCELLED)


def test_one_that_has_begun_goes_on(world: World) -> None:
    world = line(QueueRule(OSS), agents=("a1", "a2"))
    calls(world, 1, HERS)
    promise(world, 2, HERS, parent=1)
    calls(world, 3, HERS)
    world.sign_in("a1", "a2")
    world.talk(2)
    world.talk(3)
    assert world.view(2).phase is Phase.TALKING


def test_a_new_promise_stands_for_the_old_one_at_the_better_place(world: World) -> None:
    world.after(60)
    calls(world, 5, HIS)
    calls(world, 3, HERS)
    effects = promise(world, 4, HERS, parent=3)
    assert ended(effects, 2) == [(2, Outcome.DEFLECTED, "promised_anew")]
    assert world.state.waiting(OSS) == [iid(4), iid(5)]
    assert world.view(4).score == START


def test_promises_in_two_queues_or_to_two_customers_stand_beside_each_other(world: World) -> None:
    for number, caller, queue in ((4, HERS, TAX), (6, HIS, OSS)):
        calls(world, number - 1, caller, queue)
        assert ended(promise(world, number, caller, parent=number - 1, queue=queue), 2) == []
    assert [c.id for c in world.state.live()] == [iid(2), iid(4), iid(6)]
