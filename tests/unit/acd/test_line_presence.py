"""Callers in line when a queue's hours end, and where nobody is signed in."""

from __future__ import annotations

import pytest

from acd.effects import Limit
from acd.events import (
    AgentSignedIn,
    AgentSignedOut,
    Arrived,
    Configured,
    IntentSet,
    Queued,
    QueueHours,
    Requeued,
    Unqueued,
)
from acd.model import Channel, Kind, Need, Phase, QueueRule, Relax
from acd.snapshot import dump, load
from core.ids import AgentId, QueueId, SkillId
from tests.unit.acd.test_line_queues import left, line, waits
from tests.unit.acd.world import World, agent, iid, rules

A1, A2 = AgentId("a1"), AgentId("a2")
OSS, TAX = QueueId("oss"), QueueId("tax")
EXPERT = SkillId("expert")


def closing(**rule: object) -> World:
    """Caller 1 talks to a1, the only one signed in; caller 2 and message 3 wait."""
    world = line(QueueRule(OSS, **rule), QueueRule(TAX), agents=("a1", "a2"))  # type: ignore[arg-type]
    world.sign_in("a1")
    world.queue(1)
    world.talk(1)
    world.queue(2)
    world.queue(3, channel=Channel.WHATSAPP)
    return world


def test_when_the_hours_end_those_in_line_are_served_while_an_agent_is_there() -> None:
    world = closing()
    world.do(QueueHours(OSS, open=False))
    assert left(world.after(3_600)) == []
    world.finish(1)
    assert left(world.after(30)) == []
    assert world.holder(2) == "a1"


def test_and_leave_as_closed_once_nobody_is_there_any_more() -> None:
    world = closing()
    world.do(QueueHours(OSS, open=False), AgentSignedOut(A1))
    assert left(world.after(0)) == [(2, "oss", Limit.CLOSED)]
    assert world.state.waiting(OSS) == [iid(3)]


def test_and_leave_at_once_where_the_queue_serves_nobody_out() -> None:
    world = closing(serve_out=False)
    world.do(QueueHours(OSS, open=False))
    assert left(world.after(0)) == [(2, "oss", Limit.CLOSED)]
    assert world.view(1).phase is Phase.TALKING


def test_a_closed_queue_is_joined_by_nobody_but_those_passed_on_and_by_all_when_it_opens() -> None:
    world = closing()
    world.do(QueueHours(OSS, open=False))
    world.state = load(dump(world.state))
    assert left(world.queue(4)) == [(4, "oss", Limit.CLOSED)]
    assert left(world.queue(5, channel=Channel.WHATSAPP)) == []
    assert waits(world.do(Requeued(iid(1), OSS))) == [(1, "oss")]
    world.do(QueueHours(OSS, open=True))
    assert waits(world.do(Queued(iid(4), OSS))) == [(4, "oss")]


def test_who_was_asked_something_meanwhile_comes_back_to_the_place_kept() -> None:
    world = closing()
    world.do(Unqueued(iid(2)), QueueHours(OSS, open=False))
    assert waits(world.do(Queued(iid(2), OSS))) == [(2, "oss")]


def test_whoever_cannot_stay_goes_where_the_queue_overflows() -> None:
    world = closing(overflow=TAX)
    world.do(QueueHours(OSS, open=False), AgentSignedOut(A1))
    assert waits(world.after(0)) == [(2, "tax")]


def test_hours_of_a_queue_that_is_unknown_or_already_so_are_nothing() -> None:
    world = closing()
    assert world.do(QueueHours(QueueId("nowhere"), open=False), QueueHours(OSS, open=True)) == []
    world.do(QueueHours(OSS, open=False))
    assert world.do(QueueHours(OSS, open=False)) == []
    world.do(Configured(rules(agent("a1"), queues=(QueueRule(TAX),))))
    world.do(Configured(rules(agent("a1"), queues=(QueueRule(OSS), QueueRule(TAX)))))
    assert waits(world.queue(4)) == [(4, "oss")]


# --- nobody signed in --------------------------------------------------------------------------------------


def test_a_caller_for_whom_nobody_is_signed_in_leaves_after_the_queues_time() -> None:
    world = line(QueueRule(OSS, empty_ms=120_000))
    world.queue(1)
    assert left(world.after(119.9)) == []
    assert left(world.after(0.1)) == [(1, "oss", Limit.EMPTY)]


def test_who_is_signed_in_counts_be_it_on_a_break_and_the_time_runs_from_when_the_last_one_left() -> None:
    world = line(QueueRule(OSS, empty_ms=120_000), agents=("a1", "a2"))
    world.queue(1)
    world.after(100)
    world.do(AgentSignedIn(A1), IntentSet(A1, False, "break"))
    assert left(world.after(600)) == []
    world.do(AgentSignedIn(A2), AgentSignedOut(A1))
    assert left(world.after(600)) == []
    world.do(AgentSignedOut(A2))
    world.state = load(dump(world.state))
    assert left(world.after(119.9)) == []
    assert left(world.after(0.1)) == [(1, "oss", Limit.EMPTY)]


@pytest.mark.parametrize(("relaxed", "leaves"), [(False, True), (True, False)])
def test_only_who_knows_what_is_asked_counts_now_or_later(relaxed: bool, leaves: bool) -> None:
    world = line(QueueRule(OSS, empty_ms=120_000))
    world.sign_in("a1", ready=False)
    softer = (Relax(600_000),) if relaxed else ()
    world.queue(1, needs=(Need(EXPERT),), relax=softer)
    assert left(world.after(120)) == ([(1, "oss", Limit.EMPTY)] if leaves else [])


def test_messages_and_callbacks_wait_on_and_so_does_everybody_without_such_a_time() -> None:
    world = line(QueueRule(OSS, empty_ms=60_000), QueueRule(TAX))
    world.queue(1, channel=Channel.WHATSAPP)
    world.do(Arrived(iid(2), Channel.VOICE, world.now, kind=Kind.CALLBACK), Queued(iid(2), OSS))
    world.queue(3, "tax")
    assert left(world.after(36_000)) == []


def test_new_rules_are_looked_at_for_those_in_line() -> None:
    world = line(QueueRule(OSS))
    world.queue(1)
    world.after(300)
    profiles = world.state.rules.profiles
    world.do(Configured(rules(agent("a1"), queues=(QueueRule(OSS, empty_ms=60_000),), profiles=profiles)))
    assert left(world.after(0)) == [(1, "oss", Limit.EMPTY)]
