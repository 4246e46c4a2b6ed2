"""Faults that others reported of their contact centres, one by one: what ours does instead."""

from __future__ import annotations

import random

import msgspec
import pytest

from acd.effects import CancelOffer, Connect, Moved, Receipt, SendOffer, Withdrawal
from acd.events import (
    AgentSignedOut,
    Arrived,
    Attempted,
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
    Parked,
    PriorityChanged,
    Queued,
    ReachChanged,
    Requeued,
    Resumed,
    Retrieved,
    TakenOver,
    TransferCompleted,
    Unqueued,
)
from acd.model import Channel, DeviceFault, Kind, Outcome, Party, Phase, QueueRule
from acd.snapshot import dump, load
from acd.step import _OF_A_CONTACT
from core.ids import AgentId, OfferId, QueueId
from tests.unit.acd.world import START, World, agent, iid, offers, only, rules

A1, A2 = AgentId("a1"), AgentId("a2")
OSS, TAX = QueueId("oss"), QueueId("tax")


def line(*names: str, wrap_up_ms: int = 30_000) -> World:
    queue = QueueRule(OSS, wrap_up_ms=wrap_up_ms)
    made = World(rules(*map(agent, names), queues=(queue, QueueRule(TAX))))
    made.sign_in(*names)
    return made


def bring(world: World, phase: Phase) -> None:
    """Bring contact 1 into the phase."""
    world.do(Arrived(iid(1), Channel.VOICE, world.now))
    if phase is Phase.IN_MENU:
        return
    if phase is Phase.WAITING:
        world.do(IntentSet(A1, False))
    world.do(Queued(iid(1), OSS))
    if phase in (Phase.WAITING, Phase.OFFERED):
        return
    world.do(OfferAccepted(world.offer(1)))
    if phase is Phase.CONNECTING:
        return
    world.do(Connected(iid(1)))
    after: dict[Phase, Event] = {
        Phase.HELD: Held(iid(1)),
        Phase.PARKED: Parked(iid(1), world.now + 60_000),
        Phase.WRAPPING: Ended(iid(1), Party.CUSTOMER),
    }
    if phase in after:
        world.do(after[phase])


PHASES = [phase for phase in Phase if phase not in (Phase.CLOSED, Phase.WITH_BOT)]
EVENTS: list[Event] = [
    MenuMoved(iid(1), "x"),
    Queued(iid(1), TAX),
    Unqueued(iid(1)),
    PriorityChanged(iid(1), 5),
    Dismissed(iid(1), Outcome.DEFLECTED),
    Connected(iid(1)),
    Held(iid(1)),
    Resumed(iid(1)),
    Requeued(iid(1), TAX),
    TransferCompleted(iid(1), iid(2)),
    TakenOver(iid(1), A2),
    Parked(iid(1), START + 3_600_000),
    Retrieved(iid(1), A1),
    Attempted(iid(1), "busy"),
    Ended(iid(1), Party.CUSTOMER),
    Failed(iid(1)),
]


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_b37_every_event_in_every_phase_is_taken_or_nothing(phase: Phase, event: Event) -> None:
    world = line("a1", wrap_up_ms=30_000)
    bring(world, phase)
    assert world.view(1).phase is phase
    before = dump(world.state)
    phases, _ = _OF_A_CONTACT[type(event)]
    effects = world.do(event)
    if phase not in phases:
        assert effects == []
        assert dump(world.state) == before
    assert {type(e) for e in EVENTS} == set(_OF_A_CONTACT)


@pytest.mark.parametrize("phase", [Phase.OFFERED, Phase.CONNECTING, Phase.TALKING, Phase.HELD])
def test_b34_an_agent_whose_leg_is_gone_is_free(phase: Phase) -> None:
    world = line("a1", wrap_up_ms=0)
    bring(world, phase)
    gone = OfferFailed(world.offer(1), DeviceFault.UNREACHABLE)
    world.do(gone if phase is Phase.OFFERED else Ended(iid(1), Party.AGENT))
    assert world.load("a1") == 0
    assert offers(world.queue(2)) == [(2, "a1")]


def test_b35_of_many_races_for_an_offer_none_leaves_a_ring_or_a_lease() -> None:
    chance = random.Random(35)
    names = [f"a{n}" for n in range(12)]
    world = line(*names, wrap_up_ms=0)
    for number in range(1, 1_001):
        world.queue(number)
        late: list[Event] = []
        for _ in range(chance.randint(0, 3)):
            found = world.state.interaction(iid(number))
            if found is None or found.offer is None:
                break
            accepts = chance.random() < 0.7
            answer: Event = OfferAccepted(found.offer) if accepts else OfferRejected(found.offer)
            late.append(OfferAccepted(found.offer))  # the device says it again, after everything
            gone = [IntentSet(found.agent or A1, False)] if chance.random() < 0.3 else []
            world.do(*gone, answer)
        world.do(*(IntentSet(AgentId(name), True) for name in names))
        world.do(Connected(iid(number)), Ended(iid(number), Party.CUSTOMER), *late)
        world.after(chance.choice([0, 0.3, 70]))
    ringing: set[OfferId] = set()
    for effect in world.effects:
        match effect:
            case SendOffer():
                ringing.add(effect.offer)
            case Connect() | CancelOffer():
                ringing.discard(effect.offer)
    world.after(600)
    assert not ringing
    assert not world.state.offers
    assert {world.load(name) for name in names} == {0}


def test_b36_a_device_that_flaps_while_it_rings_is_rung_again_and_blamed_for_nothing() -> None:
    world = line("a1")
    world.queue(1)
    for _ in range(10):
        effects = world.do(ReachChanged(A1, Channel.VOICE, False))
        assert [e.why for e in only(CancelOffer, effects)] == [Withdrawal.RESCINDED]
        assert offers(world.do(ReachChanged(A1, Channel.VOICE, True))) == [(1, "a1")]
    found = world.state.agent(A1)
    assert found is not None
    assert found.ready


def test_b36_one_agent_out_of_reach_stops_nobody() -> None:
    world = line("a1", "a2", "a3")
    world.do(ReachChanged(AgentId("a3"), Channel.VOICE, False))
    assert [offers(world.queue(n)) for n in (1, 2, 3)] == [[(1, "a1")], [(2, "a2")], []]
    world.talk(1)
    world.talk(2)
    world.finish(1)
    assert offers(world.after(30)) == [(3, "a1")]


def test_b37_what_is_shown_is_what_is_routed_on() -> None:
    world = line("a1", wrap_up_ms=30_000)
    bring(world, Phase.WRAPPING)
    world.do(IntentSet(A1, False, "pause"))
    world.queue(2)
    assert offers(world.after(60)) == []
    found = world.state.agent(A1)
    assert found is not None
    assert (found.ready, found.reason, found.load, found.wrap_ups) == (False, "pause", 0, ())


def test_b38_every_contact_ends_once_whatever_becomes_of_it() -> None:
    chance = random.Random(38)
    world = line("a1", "a2", "a3", wrap_up_ms=2_000)
    for number in range(1, 501):
        world.do(Arrived(iid(number), Channel.VOICE, world.now))
        for _ in range(chance.randint(0, 9)):
            which = iid(chance.randint(max(1, number - 5), number))
            found = world.state.interaction(which)
            offer = found.offer if found is not None and found.offer is not None else OfferId(0)
            events: list[Event] = [
                Queued(which, OSS),
                Queued(which, OSS),
                OfferAccepted(offer),
                OfferAccepted(offer),
                Connected(which),
                Connected(which),
                Requeued(which, TAX),
                Parked(which, world.now + 5_000),
                TakenOver(which, A2),
                Ended(which, Party.CUSTOMER),
            ]
            world.do(chance.choice(events), IntentSet(A1, True), IntentSet(A2, True))
        world.after(chance.choice([0, 1, 3]))
        if number == 250:
            world.state = load(dump(world.state))  # one restart
    world.do(*(Ended(c.id, Party.CUSTOMER) for c in list(world.state.live())))
    world.after(600)
    outcomes = [(e.id, e.outcome) for e in only(Moved, world.effects) if e.phase is Phase.CLOSED]
    assert sorted(i for i, _ in outcomes) == [iid(n) for n in range(1, 501)]
    assert {o for _, o in outcomes} == {Outcome.HANDLED, Outcome.ABANDONED}
    assert list(world.state.live()) == []


def test_b39_of_fifty_accepts_one_counts_and_of_fifty_chats_an_agent_gets_two() -> None:
    world = line("a1", "a2")
    world.queue(1)
    number = world.offer(1)
    effects = world.do(*[OfferAccepted(number)] * 50)
    assert only(Connect, effects) == [Connect(number, iid(1), A1)]
    for contact in range(2, 52):
        world.queue(contact, channel=Channel.WHATSAPP)
    assert world.load("a2") == 100
    assert sum(c.phase is Phase.OFFERED for c in world.state.live()) == 2


def test_b39_the_loser_of_a_race_is_told_who_has_it() -> None:
    world = line("a1", "a2")
    world.queue(1)
    first = world.offer(1)
    world.after(20)
    world.do(OfferAccepted(world.offer(1)))
    (told,) = only(CancelOffer, world.do(OfferAccepted(first)))
    assert (told.why, told.agent, told.taken_by) == (Withdrawal.LATE, A1, A2)


def test_b40_who_comes_later_with_a_better_place_is_on_record_and_so_is_each_choice() -> None:
    world = line("a1")
    world.do(IntentSet(A1, False))
    world.queue(1, at=-60)
    world.queue(2, at=-30)
    assert world.state.position(iid(2)) == 2
    world.queue(3, at=0, priority=2)
    assert [world.state.position(iid(n)) for n in (1, 2, 3)] == [2, 3, 1]
    (receipt,) = only(Receipt, world.do(IntentSet(A1, True)))
    assert (receipt.id, receipt.score, receipt.runner_up) == (iid(3), START - 120_000, iid(1))


def test_a_contact_whose_only_agent_rejects_it_does_not_ring_on(  # routing complaint 16
) -> None:
    world = line("a1")
    world.queue(1)
    world.do(OfferRejected(world.offer(1)))
    assert offers(world.after(59.9)) == []
    assert offers(world.after(0.1)) == [(1, "a1")]


def test_an_agent_who_signs_out_of_everything_is_offered_nothing_again(  # routing complaint 15
) -> None:
    world = line("a1")
    world.queue(1)
    world.talk(1)
    world.do(AgentSignedOut(A1), IntentSet(A1, True))
    world.finish(1)
    world.queue(2)
    assert offers(world.after(600)) == []


def test_a_kind_comes_back_from_the_journal_as_it_was() -> None:
    event = Arrived(iid(1), Channel.VOICE, START, kind=Kind.CALLBACK, parent=iid(2))
    assert msgspec.json.decode(msgspec.json.encode(event), type=Event) == event
