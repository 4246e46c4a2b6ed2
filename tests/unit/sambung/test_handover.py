"""Who is given a code, and who may use it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from acd.engine import Engine
from acd.events import Arrived, Queued, Unqueued
from acd.model import Channel, Kind
from core.errors import Gone, TryLater
from core.ids import QueueId
from sambung.handover import Handovers
from tests.unit.acd.world import START, World, agent, iid, rules

OSS = QueueId("oss")


class Clock:
    """A clock that is set."""

    now = START

    def now_ms(self) -> int:
        return self.now


@pytest.fixture
def world() -> World:
    """Contact 1 talks, 2 waits by telephone, 3 by another channel, 4 is in the menu, 5 waits to be called back."""
    made = World(rules(agent("a1")))
    made.sign_in("a1")
    made.queue(1)
    made.talk(1)
    made.queue(2)
    made.queue(3, channel=Channel.CHAT)
    made.do(Arrived(iid(4), Channel.VOICE, START))
    made.do(Arrived(iid(5), Channel.VOICE, START, kind=Kind.CALLBACK), Queued(iid(5), OSS))
    return made


@pytest.fixture
def handovers(world: World) -> Handovers:
    engine = cast(Engine, SimpleNamespace(state=world.state))
    return Handovers(engine, "a secret of an installation", Clock())


def test_who_waits_by_telephone_is_given_a_code_that_finds_the_place(handovers: Handovers) -> None:
    issued = handovers.issue(iid(2))
    assert issued is not None
    place = handovers.find(issued.code, "198.51.100.7")
    assert (place.id, place.queue) == (iid(2), OSS)


@pytest.mark.parametrize("number", [1, 3, 4, 5, 6])
def test_nobody_else_is(handovers: Handovers, number: int) -> None:
    assert handovers.issue(iid(number)) is None


def test_whoever_left_the_line_to_hear_the_code_keeps_the_place(world: World, handovers: Handovers) -> None:
    world.do(Unqueued(iid(2)))
    code = handovers.code(iid(2))
    assert handovers.find(code, "198.51.100.7").id == iid(2)
    assert handovers.code(iid(4)) == ""


def test_a_code_is_used_up_with_the_place(world: World, handovers: Handovers) -> None:
    issued = handovers.issue(iid(2))
    assert issued is not None
    world.do(Arrived(iid(9), Channel.WHATSAPP, world.now, takes=iid(2)))
    with pytest.raises(Gone):
        handovers.find(issued.code, "198.51.100.7")


def test_whoever_guesses_is_stopped_and_nobody_else(handovers: Handovers) -> None:
    issued = handovers.issue(iid(2))
    assert issued is not None
    wrong = str((int(issued.code) + 1) % 10**8).zfill(8)
    for _ in range(5):
        with pytest.raises(Gone):
            handovers.find(wrong, "198.51.100.7")
    with pytest.raises(TryLater):
        handovers.find(issued.code, "198.51.100.7")
    assert handovers.find(issued.code, "198.51.100.8").id == iid(2)


def test_many_who_guess_together_are_stopped(handovers: Handovers) -> None:
    for n in range(100):
        with pytest.raises(Gone):
            handovers.find("not a code", f"198.51.100.{n}")
    with pytest.raises(TryLater):
        handovers.find("not a code", "203.0.113.1")
