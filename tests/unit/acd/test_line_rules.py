"""Room beside other work, rules that change, and what comes twice or from nowhere."""

from __future__ import annotations

import msgspec
import pytest

from acd.effects import AgentMoved, Effect, Moved, Release
from acd.events import (
    AgentSignedIn,
    AgentSignedOut,
    Arrived,
    Configured,
    Connected,
    Dismissed,
    Ended,
    Event,
    Failed,
    Held,
    IntentSet,
    MenuMoved,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    PriorityChanged,
    Queued,
    ReachChanged,
    Requeued,
    Resumed,
    Tick,
    WrapUpDone,
)
from acd.model import Channel, ChannelRule, DeviceFault, Outcome, Party, QueueRule
from acd.snapshot import dump, load
from core.ids import AgentId, InteractionId, OfferId, QueueId
from tests.unit.acd.world import CHANNELS, World, agent, iid, moves, offers, only, profile, row, rules

A1 = AgentId("a1")
AT_ONCE = (QueueRule(QueueId("oss"), wrap_up_ms=0), QueueRule(QueueId("tax"), wrap_up_ms=0))


def world_of(*names: str, ready: bool = True) -> World:
    world = World(rules(*(agent(name) for name in names), queues=AT_ONCE))
    world.sign_in(*names, ready=ready)
    return world


# --- room --------------------------------------------------------------------------------------------------


def test_two_chats_fill_an_agent() -> None:
    world = world_of("a1")
    for number in (1, 2, 3):
        world.queue(number, channel=Channel.WHATSAPP)
    assert [world.holder(n) for n in (1, 2, 3)] == ["a1", "a1", None]
    assert world.load("a1") == 100


def test_a_call_needs_an_agent_with_nothing_else() -> None:
    world = world_of("a1")
    world.queue(1, channel=Channel.WHATSAPP)
    world.talk(1)
    world.queue(2, channel=Channel.VOICE)
    assert world.holder(2) is None
    assert offers(world.finish(1)) == [(2, "a1")]
    world.talk(2)
    world.queue(3, channel=Channel.WHATSAPP)
    assert world.holder(3) is None


def test_what_may_interrupt_is_given_beside_full_work() -> None:
    calls_interrupt = (CHANNELS[0], ChannelRule(Channel.WHATSAPP, 50, (Channel.VOICE,)))
    world = World(rules(agent("a1"), channels=calls_interrupt))
    world.sign_in("a1")
    for number, channel in ((1, Channel.WHATSAPP), (2, Channel.WHATSAPP), (3, Channel.VOICE)):
        world.queue(number, channel=channel)
        assert world.holder(number) == "a1"
    world.queue(4, channel=Channel.VOICE)
    assert world.holder(4) is None


def test_no_channel_interrupts_itself() -> None:
    calls_interrupt = (ChannelRule(Channel.VOICE, 100, (Channel.VOICE,)),)
    world = World(rules(agent("a1"), channels=calls_interrupt))
    world.sign_in("a1")
    for number in (1, 2):
        world.queue(number)
    assert (world.holder(1), world.holder(2), world.load("a1")) == ("a1", None, 100)


def chats_without_end(world: World, seconds: int) -> int | None:
    """Let a1 have two chats, one ending every 5 s and more waiting; return when the call 1 was offered."""
    for number in (2, 3):
        world.queue(number, channel=Channel.WHATSAPP)
        world.talk(number)
    world.queue(1, channel=Channel.VOICE)
    live, following = [2, 3], 4
    for second in range(5, seconds, 5):
        world.after(5)
        world.queue(following, channel=Channel.WHATSAPP)
        if live:
            world.finish(live.pop(0))
        if world.holder(1) is not None:
            return second
        if world.holder(following) is not None:
            world.talk(following)
            live.append(following)
        following += 1
    return None


def test_a_call_does_not_wait_behind_chats_without_end() -> None:
    waited = chats_without_end(world_of("a1"), 300)
    assert waited is not None
    assert 30 <= waited <= 40  # when it is overdue, and both chats are over


def test_without_draining_it_would() -> None:
    never = msgspec.structs.replace(rules(agent("a1"), queues=AT_ONCE), drain_ms=86_400_000)
    world = World(never)
    world.sign_in("a1")
    assert chats_without_end(world, 300) is None


def test_a_chat_that_came_later_is_not_taken_before_the_overdue_call() -> None:
    world = world_of("a1")
    world.queue(1, channel=Channel.WHATSAPP)
    world.talk(1)
    world.queue(2, channel=Channel.VOICE)
    world.after(29)
    world.queue(3, channel=Channel.WHATSAPP)
    assert world.holder(3) == "a1"  # the call is not overdue yet
    world.talk(3)
    world.after(1)
    world.finish(3)
    world.queue(4, channel=Channel.WHATSAPP)
    assert world.holder(4) is None  # it is now, and half the agent is kept free
    assert offers(world.finish(1)) == [(2, "a1")]


def test_an_agent_who_drains_takes_the_smaller_one_when_the_call_went_elsewhere() -> None:
    world = world_of("a1")
    world.queue(1, channel=Channel.WHATSAPP)
    world.talk(1)
    world.queue(2, channel=Channel.VOICE)
    world.after(30)
    world.queue(3, channel=Channel.WHATSAPP)
    assert world.holder(3) is None
    assert offers(world.do(Ended(iid(2), Party.CUSTOMER))) == [(3, "a1")]


# --- rules that change -------------------------------------------------------------------------------------


def test_an_agent_who_is_no_longer_named_keeps_the_call_and_gets_no_other() -> None:
    world = world_of("a1", "a2")
    world.queue(1)
    world.talk(1)
    assert world.holder(1) == "a1"
    effects = world.do(Configured(rules(agent("a2"), queues=AT_ONCE)))
    (moved,) = only(AgentMoved, effects)
    assert (moved.agent, moved.signed_in, moved.reason) == ("a1", False, "removed")
    assert world.view(1).phase == "talking"
    world.do(IntentSet(A1, True), AgentSignedIn(A1))
    world.finish(1)
    world.queue(2)
    world.queue(3)
    assert [world.holder(2), world.holder(3)] == ["a2", None]
    assert world.state.agent(A1) is None


def test_an_offer_to_an_agent_who_is_no_longer_named_goes_to_the_next() -> None:
    world = world_of("a1", "a2")
    world.queue(1)
    assert offers(world.do(Configured(rules(agent("a2"), queues=AT_ONCE)))) == [(1, "a2")]


def test_who_waits_is_looked_at_again_under_the_new_rules() -> None:
    world = world_of("a1")
    world.sign_in("a1")
    narrow = profile("all", row("tax"))
    world.do(Configured(rules(agent("a1"), profiles=(narrow,), queues=AT_ONCE)))
    world.queue(1, "oss", at=-60)
    world.queue(2, "oss", at=-30)
    assert world.holder(1) is None
    effects = world.do(Configured(rules(agent("a1"), queues=AT_ONCE)))
    assert offers(effects) == [(1, "a1")]
    assert world.state.position(iid(2)) == 1


def test_the_same_rules_again_change_nothing() -> None:
    world = world_of("a1")
    before = dump(world.state)
    assert world.do(Configured(rules(agent("a1"), queues=AT_ONCE))) == []
    assert dump(world.state) == before


def test_a_queue_nobody_knows_fails_the_contact_instead_of_keeping_it() -> None:
    world = world_of("a1")
    effects = world.queue(1, "nowhere")
    (end,) = [e for e in only(Moved, effects) if e.outcome]
    assert (end.outcome, end.cause) == (Outcome.FAILED, "unknown_queue")
    assert effects[-1] == Release(iid(1))


# --- what comes twice or from nowhere ----------------------------------------------------------------------

NOBODY, NOTHING, NEVER = AgentId("nobody"), iid(99), OfferId(99)
STRANGE: list[Event] = [
    AgentSignedIn(NOBODY),
    AgentSignedOut(NOBODY),
    IntentSet(NOBODY, True),
    ReachChanged(NOBODY, Channel.VOICE, False),
    MenuMoved(NOTHING, "main"),
    Queued(NOTHING, QueueId("oss")),
    OfferAccepted(NEVER),
    OfferRejected(NEVER),
    OfferFailed(NEVER, DeviceFault.BUSY),
    Connected(NOTHING),
    Held(NOTHING),
    Resumed(NOTHING),
    PriorityChanged(NOTHING, 3),
    Requeued(NOTHING, QueueId("oss")),
    Ended(NOTHING, Party.CUSTOMER),
    Dismissed(NOTHING, Outcome.REFUSED),
    Failed(NOTHING),
    WrapUpDone(NOTHING),
    Tick(),
]


@pytest.mark.parametrize("event", STRANGE, ids=lambda e: type(e).__name__)
def test_what_names_nobody_we_know_changes_nothing(event: Event) -> None:
    world = world_of("a1", "a2")
    world.queue(1)
    world.talk(1)
    world.queue(2)
    before = dump(world.state)
    assert world.do(event) == []
    assert dump(world.state) == before


def test_an_id_is_taken_once() -> None:
    world = world_of("a1")
    world.queue(1)
    talking: list[Effect] = world.do(Arrived(iid(1), Channel.CHAT, world.now))
    assert (talking, world.view(1).channel) == ([], "voice")
    world.talk(1)
    world.finish(1)
    assert world.queue(1) == []
    assert world.state.interaction(iid(1)) is None


def test_a_clock_that_goes_back_does_not_bring_back_an_offer() -> None:
    world = world_of("a1", "a2")
    world.queue(1)
    first = world.offer(1)
    world.after(20)
    world.now -= 60_000
    world.do(OfferAccepted(first))
    assert (world.holder(1), world.view(1).phase) == ("a2", "offered")
    assert world.view(1).since == world.now + 60_000


def test_a_menu_place_is_remembered_until_an_agent_has_the_caller() -> None:
    world = world_of("a1")
    world.do(Arrived(InteractionId(iid(1)), Channel.VOICE, world.now), MenuMoved(iid(1), "main/2"))
    assert world.view(1).place == "main/2"
    world.do(Queued(iid(1), QueueId("oss")), MenuMoved(iid(1), "line"))
    assert (world.view(1).place, world.view(1).phase) == ("line", "offered")
    world.do(OfferAccepted(world.offer(1)), MenuMoved(iid(1), "elsewhere"))
    assert (world.view(1).place, world.view(1).phase) == ("line", "connecting")


# --- snapshots ---------------------------------------------------------------------------------------------


def test_a_snapshot_holds_everything_that_matters_later() -> None:
    world = world_of("a1", "a2")
    world.queue(1)
    world.talk(1)
    world.queue(2, channel=Channel.WHATSAPP)
    lost = world.offer(2)
    world.do(OfferRejected(lost))
    for number in (3, 4):
        world.queue(number, preferred=A1, grace_ms=20_000, at=-number)
    body = dump(world.state)
    copy = load(body)
    assert dump(copy) == body
    assert list(copy.live()) == list(world.state.live())
    assert list(copy.agents()) == list(world.state.agents())
    assert copy.waiting(QueueId("oss")) == world.state.waiting(QueueId("oss")) == [iid(4), iid(3), iid(2)]
    other = World(rules())
    other.state, other.now = copy, world.now
    for each in (world, other):
        each.effects.clear()
        each.do(OfferAccepted(lost))
        each.after(30)
        each.finish(1)
        each.after(120)
    assert other.effects == world.effects
    assert moves(world.effects) == ["3 offered", "1 closed", "4 offered", "3 waiting", "4 waiting"]
