"""What a queue does with those who wait in it: states, limits, the way back, and who is known again."""

from __future__ import annotations

import pytest

from acd.effects import CancelOffer, Effect, Leave, Limit, QueueMoved, Wait, Withdrawal
from acd.events import (
    Arrived,
    Configured,
    Connected,
    Dismissed,
    Ended,
    IntentSet,
    OfferAccepted,
    Queued,
    QueueStateSet,
    Requeued,
    Unqueued,
)
from acd.model import Channel, Kind, Need, Outcome, Party, Phase, QueueRule, QueueState, Relax
from acd.snapshot import dump, load
from acd.state import LAST_AGENTS, REMEMBERED
from core.ids import AgentId, QueueId, SkillId
from tests.unit.acd.world import START, World, agent, iid, moves, offers, only, row, rules
from tests.unit.acd.world import profile as made_profile

A1, A2 = AgentId("a1"), AgentId("a2")
OSS, TAX, VIP = QueueId("oss"), QueueId("tax"), QueueId("vip")


def line(*queues: QueueRule, agents: tuple[str, ...] = ("a1",)) -> World:
    rows = tuple(row(q.id, c) for q in queues for c in (Channel.VOICE, Channel.WHATSAPP))
    return World(rules(*map(agent, agents), queues=queues, profiles=(made_profile("all", *rows),)))


def left(effects: list[Effect]) -> list[tuple[int, str, Limit]]:
    return [(int(e.id, 16), e.queue, e.why) for e in only(Leave, effects)]


def waits(effects: list[Effect]) -> list[tuple[int, str]]:
    return [(int(e.id, 16), e.queue) for e in only(Wait, effects)]


def calls(world: World, number: int, caller: str, queue: QueueId = OSS) -> list[Effect]:
    return world.do(Arrived(iid(number), Channel.VOICE, world.now, caller=caller), Queued(iid(number), queue))


# --- states ------------------------------------------------------------------------------------------------


def test_a_paused_queue_takes_contacts_and_offers_none() -> None:
    world = line(QueueRule(OSS), QueueRule(TAX))
    world.sign_in("a1")
    assert world.do(QueueStateSet(OSS, QueueState.PAUSED, "fire drill", "lead")) == [
        QueueMoved(OSS, QueueState.PAUSED, "fire drill", "lead")
    ]
    assert waits(world.queue(1)) == [(1, "oss")]
    world.after(3_600)
    assert world.state.position(iid(1)) == 1
    assert offers(world.queue(2, "tax")) == [(2, "a1")]


def test_an_opened_queue_offers_first_whoever_came_first() -> None:
    world = line(QueueRule(OSS))
    world.sign_in("a1")
    world.do(QueueStateSet(OSS, QueueState.PAUSED))
    world.queue(2, at=-10)
    world.queue(1, at=-20)
    assert offers(world.do(QueueStateSet(OSS, QueueState.OPEN))) == [(1, "a1")]


def test_what_rings_when_a_queue_is_paused_rings_on_and_comes_back_to_wait() -> None:
    world = line(QueueRule(OSS, offer_ms=10_000))
    world.sign_in("a1")
    world.queue(1)
    world.do(QueueStateSet(OSS, QueueState.PAUSED))
    assert world.view(1).phase is Phase.OFFERED
    world.after(10)
    world.do(IntentSet(A1, True))
    world.after(300)
    assert world.view(1).phase is Phase.WAITING


def test_a_draining_queue_serves_those_who_wait_and_takes_nobody() -> None:
    world = line(QueueRule(OSS))
    world.queue(1)
    world.do(QueueStateSet(OSS, QueueState.DRAINING))
    assert left(world.queue(2)) == [(2, "oss", Limit.DRAINING)]
    assert world.view(2).phase is Phase.IN_MENU
    world.sign_in("a1")
    assert world.holder(1) == "a1"


def test_whoever_was_only_asked_something_may_go_back_into_a_draining_queue() -> None:
    world = line(QueueRule(OSS, max_length=1))
    world.queue(1, at=-60)
    world.do(Unqueued(iid(1), "asked"))
    world.queue(2)
    world.do(QueueStateSet(OSS, QueueState.DRAINING))
    assert waits(world.do(Queued(iid(1), OSS))) == [(1, "oss")]
    assert world.state.waiting(OSS) == [iid(1), iid(2)]


def test_a_callback_that_was_promised_comes_into_a_draining_and_full_queue() -> None:
    world = line(QueueRule(OSS, max_length=1))
    world.queue(1)
    world.do(QueueStateSet(OSS, QueueState.DRAINING))
    world.do(Arrived(iid(2), Channel.VOICE, START, kind=Kind.CALLBACK, parent=iid(9)))
    assert waits(world.do(Queued(iid(2), OSS))) == [(2, "oss")]


def test_a_transfer_into_a_draining_queue_is_refused_or_goes_along_its_overflow() -> None:
    world = line(QueueRule(OSS), QueueRule(TAX), QueueRule(VIP, overflow=TAX))
    world.sign_in("a1")
    world.queue(1)
    world.talk(1)
    world.do(QueueStateSet(TAX, QueueState.DRAINING), QueueStateSet(VIP, QueueState.DRAINING))
    assert world.do(Requeued(iid(1), TAX)) == []
    assert world.do(Requeued(iid(1), VIP)) == []
    assert world.view(1).phase is Phase.TALKING
    world.do(QueueStateSet(TAX, QueueState.OPEN))
    assert waits(world.do(Requeued(iid(1), VIP))) == [(1, "tax")]


@pytest.mark.parametrize("again", [QueueState.PAUSED, QueueState.DRAINING])
def test_what_is_said_twice_or_of_no_queue_is_said_once(again: QueueState) -> None:
    world = line(QueueRule(OSS))
    assert len(world.do(QueueStateSet(OSS, again, "why", "lead"))) == 1
    assert world.do(QueueStateSet(OSS, again, "why", "lead")) == []
    assert world.do(QueueStateSet(QueueId("none"), again)) == []
    assert world.do(QueueStateSet(OSS, again, "other reason", "lead")) != []


def test_a_queue_s_state_survives_new_rules_and_goes_with_the_queue() -> None:
    world = line(QueueRule(OSS), QueueRule(TAX))
    world.do(QueueStateSet(OSS, QueueState.PAUSED))
    world.queue(1)
    both = rules(agent("a1"))
    world.do(Configured(both))
    world.sign_in("a1")
    assert world.view(1).phase is Phase.WAITING
    assert [(q.id, q.state) for q in world.state.queues()] == [
        (OSS, QueueState.PAUSED),
        (TAX, QueueState.OPEN),
    ]
    world.do(Configured(rules(agent("a1"), queues=(QueueRule(TAX),))))
    world.do(Configured(both))
    assert world.state.queue_state(OSS) is QueueState.OPEN
    assert world.holder(1) == "a1"


# --- limits ------------------------------------------------------------------------------------------------


def test_one_more_than_a_queue_holds_is_sent_to_its_menu() -> None:
    world = line(QueueRule(OSS, max_length=2))
    world.queue(1)
    world.queue(2)
    effects = world.queue(3)
    assert left(effects) == [(3, "oss", Limit.FULL)]
    assert waits(effects) == []
    assert moves(effects) == ["3 in_menu", "3 waiting", "3 in_menu"]


def test_one_more_overflows_along_the_queues_to_the_first_with_room() -> None:
    world = line(
        QueueRule(OSS, max_length=1, overflow=TAX), QueueRule(TAX, max_length=1, overflow=VIP), QueueRule(VIP)
    )
    world.queue(1)
    assert waits(world.queue(2)) == [(2, "tax")]
    assert waits(world.queue(3)) == [(3, "vip")]


def test_queues_that_overflow_into_each_other_let_go_at_last() -> None:
    world = line(QueueRule(OSS, max_length=1, overflow=TAX), QueueRule(TAX, max_length=1, overflow=OSS))
    world.queue(1)
    world.queue(2)
    assert left(world.queue(3)) == [(3, "oss", Limit.FULL)]


def test_whoever_waited_so_long_overflows_with_the_old_place_and_what_is_asked_by_then() -> None:
    world = line(QueueRule(OSS, max_wait_ms=60_000, overflow=TAX), QueueRule(TAX))
    needs, softer = (Need(SkillId("a"), 3),), (Need(SkillId("a"), 2),)
    world.queue(1, needs=needs, relax=(Relax(20_000, softer), Relax(90_000)))
    world.queue(2, "tax")
    score = world.view(1).score
    assert world.after(59.9) == []
    assert waits(world.after(0.1)) == [(1, "tax")]
    assert (world.view(1).score, world.view(1).needs) == (score, (("a", 2),))
    assert world.state.waiting(TAX) == [iid(1), iid(2)]
    world.after(30)
    assert world.view(1).needs == ()


def test_without_an_overflow_it_leaves_and_may_come_again_for_as_long() -> None:
    world = line(QueueRule(OSS, max_wait_ms=60_000))
    world.queue(1, at=-30)
    assert left(world.after(60)) == [(1, "oss", Limit.WAITED)]
    score = world.view(1).score
    world.do(Queued(iid(1), OSS))
    assert world.view(1).score == score
    assert left(world.after(59.9)) == []
    assert left(world.after(0.1)) == [(1, "oss", Limit.WAITED)]


def test_a_wait_that_is_over_while_a_device_rings_ends_when_nobody_took_it() -> None:
    world = line(QueueRule(OSS, offer_ms=20_000, max_wait_ms=30_000))
    world.queue(1)
    world.after(25)
    world.sign_in("a1")
    assert left(world.after(19.9)) == []
    assert left(world.after(0.1)) == [(1, "oss", Limit.WAITED)]


def test_no_limit_is_a_matter_for_who_has_no_menu() -> None:
    world = line(QueueRule(OSS, max_wait_ms=60_000, max_length=1))
    world.queue(1)
    world.do(Arrived(iid(2), Channel.VOICE, START, kind=Kind.CALLBACK), Queued(iid(2), OSS))
    world.after(50)
    assert left(world.after(3_600)) == [(1, "oss", Limit.WAITED)]
    assert world.view(2).phase is Phase.WAITING


def test_a_transfer_is_not_turned_away_from_a_full_queue() -> None:
    world = line(QueueRule(OSS), QueueRule(TAX, max_length=1))
    world.sign_in("a1")
    world.queue(1)
    world.talk(1)
    world.queue(2, "tax")
    assert waits(world.do(Requeued(iid(1), TAX))) == [(1, "tax")]


# --- back to the menu --------------------------------------------------------------------------------------


def test_back_from_the_menu_it_stands_where_it_stood_and_has_waited_all_the_time() -> None:
    world = line(QueueRule(OSS, max_wait_ms=100_000))
    world.queue(1, needs=(Need(SkillId("a"), 3),), relax=(Relax(60_000),))
    world.queue(2)
    world.after(30)
    assert moves(world.do(Unqueued(iid(1), "asked"))) == ["1 in_menu"]
    assert world.state.waiting(OSS) == [iid(2)]
    world.after(40)
    world.do(Queued(iid(1), OSS, needs=(Need(SkillId("a"), 3),), relax=(Relax(60_000),)))
    assert world.state.waiting(OSS) == [iid(1), iid(2)]
    assert world.view(1).needs == ()
    assert (1, "oss", Limit.WAITED) in left(world.after(30))


def test_who_goes_to_another_queue_from_the_menu_begins_to_wait_there() -> None:
    world = line(QueueRule(OSS), QueueRule(TAX))
    world.queue(1)
    world.after(30)
    world.do(Unqueued(iid(1)), Queued(iid(1), TAX))
    assert world.view(1).queued_at == world.now


def test_an_offer_is_withdrawn_from_an_agent_whose_caller_goes_back_to_the_menu() -> None:
    world = line(QueueRule(OSS))
    world.sign_in("a1")
    world.queue(1)
    number = world.offer(1)
    assert world.do(Unqueued(iid(1)))[0] == CancelOffer(number, iid(1), A1, Withdrawal.CANCELLED)
    assert world.load("a1") == 0
    assert only(CancelOffer, world.do(OfferAccepted(number)))[0].why is Withdrawal.LATE
    assert offers(world.do(Queued(iid(1), OSS))) == [(1, "a1")]  # nobody was to blame


def test_but_not_from_one_who_took_it() -> None:
    world = line(QueueRule(OSS))
    world.sign_in("a1")
    world.queue(1)
    world.do(OfferAccepted(world.offer(1)))
    assert world.do(Unqueued(iid(1))) == []
    world.do(Connected(iid(1)))
    assert world.do(Unqueued(iid(1))) == []


# --- known again -------------------------------------------------------------------------------------------


def test_who_gave_up_and_is_back_at_once_has_the_old_place() -> None:
    world = line(QueueRule(OSS, return_ms=60_000))
    calls(world, 1, "+62811")
    world.after(20)
    calls(world, 2, "+62812")
    world.do(Ended(iid(1), Party.CUSTOMER))
    world.after(59.9)
    calls(world, 3, "+62811")
    assert world.state.waiting(OSS) == [iid(3), iid(2)]
    assert world.view(3).arrived_at == world.now
    world.do(Ended(iid(3), Party.CUSTOMER))  # and again
    calls(world, 4, "+62811")
    assert world.view(4).score == START


@pytest.mark.parametrize(
    ("caller", "after", "leaves"),
    [
        ("+62811", 60, Party.CUSTOMER),
        ("+62899", 5, Party.CUSTOMER),
        ("", 5, Party.CUSTOMER),
        ("anonymous", 5, Party.CUSTOMER),
        ("+62811", 5, None),
    ],
)
def test_but_not_too_late_nor_somebody_else_nor_who_was_served_otherwise(
    caller: str, after: float, leaves: Party | None
) -> None:
    world = line(QueueRule(OSS, return_ms=60_000))
    calls(world, 1, "anonymous" if caller == "anonymous" else "+62811" if caller else "")
    world.do(Ended(iid(1), leaves) if leaves else Dismissed(iid(1), Outcome.CALLBACK))
    world.after(after)
    calls(world, 2, caller)
    assert world.view(2).score == world.now


def test_who_gives_up_while_asked_something_in_line_has_the_old_place_and_not_who_never_stood_there() -> None:
    world = line(QueueRule(OSS, return_ms=60_000))
    calls(world, 1, "+62811")
    world.after(20)
    world.do(Unqueued(iid(1), "callback"), Ended(iid(1), Party.CUSTOMER))
    world.do(Arrived(iid(2), Channel.VOICE, world.now, caller="+62812"), Ended(iid(2), Party.CUSTOMER))
    world.after(5)
    calls(world, 3, "+62811")
    calls(world, 4, "+62812")
    assert [world.view(n).score for n in (3, 4)] == [START, world.now]


def test_a_place_is_given_back_once() -> None:
    world = line(QueueRule(OSS, return_ms=60_000))
    calls(world, 1, "+62811")
    world.after(5)
    world.do(Ended(iid(1), Party.CUSTOMER))
    calls(world, 2, "+62811")
    calls(world, 3, "+62811")
    assert [world.view(n).score for n in (2, 3)] == [START, world.now]


def test_a_customer_is_kept_for_the_agent_of_last_time_for_a_while() -> None:
    world = line(QueueRule(OSS, last_agent_ms=15_000, wrap_up_ms=0), agents=("a1", "a2"))
    world.sign_in("a1")
    calls(world, 1, "+62811")
    world.talk(1)
    world.finish(1)
    world.queue(9)
    world.talk(9)  # with a1
    world.sign_in("a2")
    assert offers(calls(world, 2, "+62811")) == []
    assert offers(calls(world, 3, "+62812")) == [(3, "a2")]
    assert offers(world.finish(9)) == [(2, "a1")]


@pytest.mark.parametrize("there", [True, False])
def test_but_not_for_one_who_is_not_ready(there: bool) -> None:
    world = line(QueueRule(OSS, last_agent_ms=15_000, wrap_up_ms=0), agents=("a1", "a2"))
    world.sign_in("a1")
    calls(world, 1, "+62811")
    world.talk(1)
    world.finish(1)
    world.after(1)
    world.sign_in("a2")
    if not there:
        world.do(IntentSet(A1, False, "break"))
    assert offers(calls(world, 2, "+62811")) == [(2, "a1" if there else "a2")]


def test_what_is_remembered_of_customers_has_an_end() -> None:
    world = line(QueueRule(OSS, wrap_up_ms=0, return_ms=3_600_000))
    for number in range(1, REMEMBERED + 11):
        calls(world, number, f"+62{number}")
        world.do(Ended(iid(number), Party.CUSTOMER))
    assert len(world.state.returns) == REMEMBERED
    assert (Channel.VOICE, "+6211") in world.state.returns
    assert (Channel.VOICE, "+6210") not in world.state.returns
    world.sign_in("a1")
    for number in range(20_000, 20_000 + LAST_AGENTS + 10):
        calls(world, number, f"+63{number}")
        world.talk(number)
        world.finish(number)
    assert len(world.state.last_agents) == LAST_AGENTS
    assert "+6320009" not in world.state.last_agents
    body = dump(world.state)
    assert dump(load(body)) == body
