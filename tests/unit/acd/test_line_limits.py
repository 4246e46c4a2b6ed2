"""Limits of a queue: where a contact goes that may not wait there any longer, and who stays."""

from __future__ import annotations

import pytest

from acd.effects import Limit
from acd.events import AgentSignedOut, Ended, Queued, QueueStateSet, Requeued
from acd.model import Channel, Party, Phase, QueueRule, QueueState
from acd.snapshot import dump, load
from core.ids import AgentId, QueueId
from tests.unit.acd.test_line_queues import left, line, waits
from tests.unit.acd.world import iid, moves

A1, A2 = AgentId("a1"), AgentId("a2")
OSS, TAX = QueueId("oss"), QueueId("tax")


def test_queues_whose_waits_lead_to_each_other_let_go_once_each_was_tried() -> None:
    queues = (
        QueueRule(OSS, max_wait_ms=30_000, overflow=TAX),
        QueueRule(TAX, max_wait_ms=30_000, overflow=OSS),
    )
    world = line(*queues)
    world.queue(1)
    assert waits(world.after(30)) == [(1, "tax")]
    world.state = load(dump(world.state))
    assert left(world.after(30)) == [(1, "tax", Limit.WAITED)]
    world.do(Queued(iid(1), OSS))
    assert waits(world.after(30)) == [(1, "tax")]


def test_a_transfer_begins_a_new_round_of_overflows() -> None:
    world = line(QueueRule(OSS, max_wait_ms=30_000, overflow=TAX), QueueRule(TAX))
    world.queue(1)
    world.after(30)
    world.sign_in("a1")
    world.talk(1)
    world.do(Requeued(iid(1), OSS), AgentSignedOut(A1))
    assert waits(world.after(30)) == [(1, "tax")]


@pytest.mark.parametrize("channel", [Channel.WHATSAPP, Channel.VIDEO])
def test_who_has_no_menu_stays_in_line_at_its_limits_where_no_other_queue_is(channel: Channel) -> None:
    world = line(QueueRule(OSS, max_wait_ms=60_000, max_length=1))
    for number in (1, 2):
        world.queue(number, channel=channel)
    assert left(world.after(3_600)) == []
    assert world.state.waiting(OSS) == [iid(1), iid(2)]
    assert moves(world.effects) == ["1 in_menu", "1 waiting", "2 in_menu", "2 waiting"]
    world.do(QueueStateSet(OSS, QueueState.DRAINING))
    world.queue(3, channel=channel)
    assert world.state.waiting(OSS) == [iid(1), iid(2), iid(3)]


def test_each_channel_has_its_own_length() -> None:
    world = line(QueueRule(OSS, max_length=2))
    for number in (1, 2, 3):
        world.queue(number, channel=Channel.WHATSAPP)
    for number in (4, 5, 6, 7):
        world.queue(number)
    assert left(world.effects) == [(6, "oss", Limit.FULL), (7, "oss", Limit.FULL)]
    world.do(Ended(iid(5), Party.CUSTOMER))
    assert left(world.do(Queued(iid(6), OSS))) == []
    world.state = load(dump(world.state))
    assert left(world.do(Queued(iid(7), OSS))) == [(7, "oss", Limit.FULL)]


def test_who_has_no_menu_overflows_where_another_queue_is_and_stays_there() -> None:
    queues = (
        QueueRule(OSS, max_wait_ms=30_000, overflow=TAX),
        QueueRule(TAX, max_wait_ms=30_000, overflow=OSS),
    )
    world = line(*queues)
    world.queue(1, channel=Channel.WHATSAPP)
    assert waits(world.after(30)) == [(1, "tax")]
    assert waits(world.after(3_600)) == []
    assert world.state.waiting(TAX) == [iid(1)]


@pytest.mark.parametrize("wanted", [A1, A2])
def test_who_has_no_menu_is_open_to_all_when_its_one_agent_does_not_come(wanted: AgentId) -> None:
    world = line(QueueRule(OSS), agents=("a1", "a2"))
    world.sign_in("a1")
    world.queue(1, channel=Channel.WHATSAPP, preferred=wanted, grace_ms=5_000, strict=True)
    world.after(30)
    assert left(world.effects) == []
    assert world.view(1).phase in (Phase.WAITING, Phase.OFFERED)
    world.sign_in("a2")
    assert world.holder(1) is not None
