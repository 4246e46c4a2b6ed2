"""What screens are shown of those who wait."""

from __future__ import annotations

from acd.events import Arrived, Queued
from acd.explain import explain
from acd.model import Channel, QueueRule
from core.ids import AgentId, QueueId
from tests.unit.acd.world import START, World, agent, iid, row, rules
from tests.unit.acd.world import profile as made_profile

A1 = AgentId("a1")
OSS, TAX = QueueId("oss"), QueueId("tax")


def line(*queues: QueueRule) -> World:
    rows = tuple(row(q.id, c) for q in queues for c in (Channel.VOICE, Channel.WHATSAPP))
    return World(rules(agent("a1"), queues=queues, profiles=(made_profile("all", *rows),)))


def test_who_is_moved_to_another_queue_or_overflows_has_waited_all_along() -> None:
    world = line(QueueRule(OSS, max_wait_ms=30_000, overflow=TAX), QueueRule(TAX))
    world.queue(1)
    world.queue(2, "tax")
    world.after(20)
    world.do(Queued(iid(2), OSS))
    world.after(15)
    oss, tax = world.state.queues()
    assert [(c.waiting, c.longest_since) for c in (*oss.channels, *tax.channels)] == [(1, START), (1, START)]
    found = explain(world.state, iid(2))
    assert found is not None
    assert found.waited_ms == world.state.now - START


def test_a_queue_shows_who_waits_on_which_channel_and_since_when() -> None:
    world = line(QueueRule(OSS), QueueRule(TAX))
    world.queue(1)
    world.after(5)
    world.queue(2, channel=Channel.WHATSAPP)
    world.queue(3)
    world.sign_in("a1", reach=(Channel.VOICE,))
    world.do(Arrived(iid(4), Channel.VOICE, START), Queued(iid(4), OSS, preferred=A1, strict=True))
    oss, tax = world.state.queues()
    assert [(c.channel, c.waiting, c.offered, c.longest_since - START) for c in oss.channels] == [
        (Channel.VOICE, 1, 1, 0),
        (Channel.WHATSAPP, 1, 0, 5_000),
    ]
    assert (tax.id, tax.channels, tax.since) == (TAX, (), 0)
    assert world.state.queue(QueueId("none")) is None
