"""A place in line that the same customer takes along to another channel."""

from __future__ import annotations

import pytest

from acd.effects import CancelOffer, Effect, Moved, Release
from acd.events import Arrived, Connected, Dismissed, Ended, OfferAccepted, Queued
from acd.model import Channel, Kind, Outcome, Party, Phase
from core.ids import QueueId
from tests.unit.acd.world import START, World, agent, iid, offers, only, rules

OSS = QueueId("oss")


@pytest.fixture
def world() -> World:
    """Contact 1 talks to a1; 2 and 3 wait by telephone, in this order."""
    made = World(rules(agent("a1")))
    made.sign_in("a1")
    made.queue(1)
    made.talk(1)
    made.queue(2)
    made.after(10)
    made.queue(3)
    made.after(10)
    return made


def take(world: World, number: int, place: int) -> list[Effect]:
    """Let contact ``number`` arrive by another channel at the place of another one."""
    iid_ = iid(number)
    return [
        *world.do(Arrived(iid_, Channel.WHATSAPP, world.now, takes=iid(place))),
        *world.do(Queued(iid_, OSS)),
    ]


def closed(effects: list[Effect]) -> list[tuple[int, Outcome | None, str]]:
    return [(int(e.id, 16), e.outcome, e.cause) for e in only(Moved, effects) if e.phase is Phase.CLOSED]


def test_it_stands_where_the_call_stood_and_the_call_is_over(world: World) -> None:
    effects = world.do(Arrived(iid(9), Channel.WHATSAPP, world.now, takes=iid(2)))
    assert closed(effects) == [(2, Outcome.HANDED_OVER, "place_taken_over")]
    assert only(Release, effects) == [Release(iid(2), taken=True)]
    effects = world.do(Queued(iid(9), OSS))
    assert world.state.position(iid(9)) == 1
    assert world.state.position(iid(3)) == 2
    assert world.state.contacts[iid(9)].arrived_at == world.now
    assert world.state.contacts[iid(9)].score == START


def test_it_is_offered_before_those_who_came_after_the_call(world: World) -> None:
    take(world, 9, 2)
    assert offers(world.do(Ended(iid(1), Party.CUSTOMER)) + world.after(40)) == [(9, "a1")]


def test_a_place_that_is_just_being_offered_is_taken_and_the_offer_withdrawn(world: World) -> None:
    world.do(Ended(iid(1), Party.CUSTOMER))
    world.after(31)
    assert world.state.contacts[iid(2)].phase is Phase.OFFERED
    effects = take(world, 9, 2)
    assert [e.id for e in only(CancelOffer, effects)] == [iid(2)]
    assert closed(effects) == [(2, Outcome.HANDED_OVER, "place_taken_over")]


def test_a_place_is_taken_once(world: World) -> None:
    take(world, 9, 2)
    assert closed(take(world, 10, 2)) == []
    assert world.state.position(iid(10)) == 3


def test_what_an_agent_has_is_not_taken(world: World) -> None:
    world.do(Ended(iid(1), Party.CUSTOMER))
    world.after(31)
    world.do(OfferAccepted(world.offer(2)))
    assert closed(take(world, 9, 2)) == []
    world.do(Connected(iid(2)))
    assert closed(take(world, 10, 2)) == []
    assert world.state.contacts[iid(2)].phase is Phase.TALKING
    assert world.state.contacts[iid(10)].score == world.now


@pytest.mark.parametrize("place", [7, 9, 4])
def test_who_names_nobody_itself_or_what_is_over_has_just_arrived(world: World, place: int) -> None:
    world.queue(4)
    world.do(Dismissed(iid(4), Outcome.REFUSED))
    assert closed(take(world, 9, place)) == []
    assert world.state.position(iid(9)) == 3


def test_a_callback_keeps_its_own_place(world: World) -> None:
    world.do(Arrived(iid(5), Channel.VOICE, START, kind=Kind.CALLBACK, parent=iid(1)), Queued(iid(5), OSS))
    assert closed(take(world, 9, 5)) == []
