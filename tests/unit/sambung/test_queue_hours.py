"""The line is told when the business hours of its queues begin and end."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import msgspec
import pytest

from acd.events import Configured, Event, QueueHours
from acd.state import State
from core.clock import SystemClock
from sambung.centre import Centre, load_centre
from sambung.queue_hours import QueueHoursKeeper
from tests.unit.acd.world import World
from tests.unit.sambung.mistakes import SHIPPED


class Now(SystemClock):
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.ms = 0

    def now_ms(self) -> int:
        return self.ms


class Line:
    """The line, taking what it is told at once."""

    def __init__(self, centre: Centre) -> None:
        self.world = World(centre.line_rules)
        self.told: list[Event] = []

    @property
    def state(self) -> State:
        return self.world.state

    def post(self, event: Event) -> None:
        self.told.append(event)
        self.world.do(event)


class Around:
    """The centre in force and the emergency switch, at a time of a Wednesday."""

    def __init__(self) -> None:
        self.centre = load_centre(SHIPPED / "centre")
        self.line, self.clock = Line(self.centre), Now()
        self.closed: dict[str, str] = {}
        self.keeper = QueueHoursKeeper(self.line, self, lambda: self.closed, self.clock)

    def at(self, time: str) -> list[Event]:
        moment = datetime.fromisoformat(f"2026-10-14T{time}").replace(tzinfo=self.centre.zone)
        self.clock.ms = round(moment.timestamp() * 1_000)
        before = len(self.line.told)
        self.keeper.look()
        return self.line.told[before:]


@pytest.fixture
def around() -> Around:
    return Around()


def all_of(around: Around, *, opened: bool) -> list[Event]:
    return [QueueHours(queue=queue, open=opened) for queue in around.centre.queues]


def test_the_queues_close_and_open_by_their_hours_and_each_is_said_once(around: Around) -> None:
    assert around.at("10:00") == []
    assert around.at("23:30") == all_of(around, opened=False)
    assert around.at("23:35") == []
    assert around.at("10:00") == all_of(around, opened=True)


def test_the_emergency_switch_closes_them_too(around: Around) -> None:
    around.closed = {"office": "emergency.general"}
    assert around.at("10:00") == all_of(around, opened=False)


def test_a_queue_that_loses_its_hours_opens(around: Around) -> None:
    around.at("23:30")
    around.centre = replace(around.centre, queue_hours={})
    assert around.at("23:31") == all_of(around, opened=True)


def test_new_rules_do_not_open_a_closed_queue(around: Around) -> None:
    around.at("23:30")
    around.line.world.do(Configured(msgspec.structs.replace(around.centre.line_rules, drain_ms=1)))
    assert around.at("23:31") == []
