"""What a contact keeps asking for when it is passed on, or when a colleague is asked about it."""

from __future__ import annotations

import msgspec
import pytest

from acd.effects import Leave
from acd.events import Arrived, IntentSet, OfferRejected, Queued, Requeued
from acd.model import Channel, Kind, Need, Phase, Relax
from acd.snapshot import dump, load
from core.ids import AgentId, QueueId, SkillId
from tests.unit.acd.world import World, agent, iid, offers, only, rules

A1, A2, A3 = (AgentId(f"a{n}") for n in (1, 2, 3))
OSS, TAX = QueueId("oss"), QueueId("tax")
ENGLISH, EXPERT = SkillId("english"), SkillId("expert")


@pytest.fixture
def world() -> World:
    """Contact 1 speaks English, needs an expert and talks to a1; a2 knows nothing, a3 speaks English."""
    made_rules = rules(agent("a1", english=1, expert=2), agent("a2"), agent("a3", english=1))
    made = World(msgspec.structs.replace(made_rules, languages={"en": ENGLISH}))
    made.sign_in("a1")
    made.queue(
        1,
        needs=(Need(EXPERT), Need(ENGLISH)),
        relax=(Relax(90_000, (Need(ENGLISH),)),),
        language="en",
        priority=5,
    )
    made.talk(1)
    made.sign_in("a2")
    return made


def asks(world: World, number: int = 1) -> dict[str, int]:
    return dict(world.view(number).needs)


def test_in_another_queue_it_asks_for_its_language_and_not_for_the_old_queues_skills(world: World) -> None:
    world.do(Requeued(iid(1), TAX))
    assert asks(world) == {ENGLISH: 1}
    assert (world.view(1).priority, world.view(1).language) == (5, "en")
    assert world.holder(1) is None
    world.sign_in("a3")
    assert world.holder(1) == "a3"


def test_in_its_own_queue_it_asks_for_what_it_asked_for_and_less_in_time(world: World) -> None:
    world.do(Requeued(iid(1), OSS), IntentSet(A1, False))
    assert asks(world) == {ENGLISH: 1, EXPERT: 1}
    world.sign_in("a3")
    assert offers(world.after(89)) == []
    assert offers(world.after(1)) == [(1, "a3")]


def test_what_the_one_who_passes_it_on_asks_for_counts(world: World) -> None:
    assert offers(world.do(Requeued(iid(1), TAX, needs=(Need(EXPERT),)))) == []
    assert asks(world) == {EXPERT: 1}


def test_who_speaks_the_first_language_asks_for_nothing(world: World) -> None:
    world.queue(2, "oss", language="id")
    world.talk(2)
    world.do(Requeued(iid(2), TAX))
    assert asks(world, 2) == {}


def test_a_colleague_who_does_not_come_costs_the_customer_nothing(world: World) -> None:
    world.do(Requeued(iid(1), OSS, preferred=A2, grace_ms=20_000, strict=True))
    assert world.holder(1) == "a2"
    effects = world.do(OfferRejected(world.offer(1)))
    assert only(Leave, effects) == []
    assert world.view(1).phase is Phase.WAITING
    assert asks(world) == {ENGLISH: 1, EXPERT: 1}
    assert world.view(1).priority == 5
    world.do(IntentSet(A1, False))
    world.after(90)
    world.sign_in("a3")
    assert world.holder(1) == "a3"


@pytest.mark.parametrize("channel", [Channel.VOICE, Channel.WHATSAPP])
def test_a_colleague_whose_grace_is_over_leaves_the_contact_to_all(world: World, channel: Channel) -> None:
    world.queue(2, channel=channel)
    world.talk(2)
    world.sign_in("a3")
    world.queue(3, "tax")
    world.do(Requeued(iid(2), OSS, preferred=A3, grace_ms=5_000, strict=True))
    assert only(Leave, world.after(5)) == []
    assert world.view(2).phase in (Phase.WAITING, Phase.OFFERED)


def test_a_queue_is_asked_for_somebody_who_speaks_the_customers_language(world: World) -> None:
    world.do(Arrived(iid(2), Channel.VOICE, world.now, kind=Kind.CONSULT, parent=iid(1)), Queued(iid(2), TAX))
    assert (asks(world, 2), world.holder(2)) == ({ENGLISH: 1}, None)
    world.sign_in("a3")
    assert world.holder(2) == "a3"


def test_the_languages_are_in_the_snapshot(world: World) -> None:
    world.state = load(dump(world.state))
    world.do(Requeued(iid(1), TAX))
    assert asks(world) == {ENGLISH: 1}
