"""What a caller is told of the line is the line's own state, and of callers only."""

from __future__ import annotations

from acd.events import QueueHours, QueueStateSet, Unqueued
from acd.model import Channel, QueueRule, QueueState
from core.ids import InteractionId, QueueId
from ivr.effects import Outlook
from sambung.menus import LineView
from tests.unit.acd.world import World, agent, iid, rules

OSS, TAX = QueueId("oss"), QueueId("tax")


def view(world: World) -> LineView:
    return LineView(world.state, lambda call, queue: 60_000 if queue == OSS else 120_000)


def crowded() -> World:
    """Two callers in line among three who write, and nobody to take them."""
    world = World(rules(agent("a")))
    for number in range(1, 6):
        world.queue(number, channel=Channel.VOICE if number in (2, 4) else Channel.WHATSAPP, at=number)
    return world


def test_a_caller_is_counted_among_callers() -> None:
    line = view(crowded())
    assert line.outlook(iid(2), OSS) == Outlook(True, 2, 1, 60_000)
    assert line.outlook(iid(4), OSS) == Outlook(True, 2, 2, 60_000)
    # Who has not joined would be behind all of them.
    assert line.outlook(InteractionId("f" * 32), OSS) == Outlook(True, 2, 3, 60_000)


def test_a_caller_who_was_taken_out_of_the_line_would_be_last() -> None:
    world = crowded()
    world.do(Unqueued(iid(2), "asked"))
    assert view(world).outlook(iid(2), OSS) == Outlook(True, 1, 2, 60_000)


def test_a_queue_that_is_drained_full_or_unknown_takes_nobody() -> None:
    world = crowded()
    new = InteractionId("f" * 32)
    assert not view(world).outlook(new, QueueId("other")).joins
    world.do(QueueStateSet(OSS, QueueState.DRAINING))
    assert not view(world).outlook(new, OSS).joins
    assert view(world).outlook(new, TAX).joins
    full = World(rules(agent("a"), queues=(QueueRule(OSS, max_length=2), QueueRule(TAX))))
    full.queue(1)
    assert view(full).outlook(new, OSS).joins
    full.queue(2)
    assert not view(full).outlook(new, OSS).joins


def test_a_queue_is_full_of_callers_alone_and_takes_nobody_once_its_hours_are_over() -> None:
    new = InteractionId("f" * 32)
    queues = (QueueRule(OSS, max_length=1), QueueRule(TAX, max_length=1, overflow=OSS))
    world = World(rules(agent("a"), queues=queues))
    world.queue(1, channel=Channel.WHATSAPP)
    assert view(world).outlook(new, OSS).joins
    world.do(QueueHours(OSS, open=False), QueueHours(TAX, open=False))
    assert not view(world).outlook(new, OSS).joins
    assert view(world).outlook(new, TAX).joins  # where it overflows is the line's to say


def test_a_caller_who_overflowed_is_told_of_the_queue_in_which_the_call_waits() -> None:
    world = World(
        rules(agent("a"), queues=(QueueRule(OSS, max_wait_ms=10_000, overflow=TAX), QueueRule(TAX)))
    )
    world.queue(1, "tax", at=0)
    world.queue(2, "oss", at=1)
    assert view(world).outlook(iid(2), OSS) == Outlook(True, 1, 1, 60_000)
    world.after(20)
    assert view(world).outlook(iid(2), OSS) == Outlook(True, 2, 2, 120_000)


def test_before_the_line_is_there_nothing_is_known() -> None:
    assert LineView().outlook(iid(1), OSS) == Outlook()
