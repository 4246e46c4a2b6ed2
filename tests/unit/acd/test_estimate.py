"""How long a contact will wait: exact where nothing is left to chance, by rule where it is."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.estimate import Estimate, Simulation, announced, estimate
from acd.estimate_learned import NOTHING, Durations, Learned, Pause
from acd.estimate_look import MOST, look
from acd.events import QueueStateSet
from acd.model import Channel, Need, QueueRule, QueueState, Relax
from acd.snapshot import dump
from core.ids import AgentId, QueueId, SkillId
from tests.unit.acd.world import World, agent, iid, profile, row, rules

OSS = (QueueId("oss"), Channel.VOICE)
CHAT = (QueueId("oss"), Channel.WHATSAPP)
RING_MS = 5_000


def learned(talk_s: float = 100, **more: object) -> Learned:
    """Every conversation takes ``talk_s`` and no time after it; agents answer in five seconds."""
    talk = Durations([round(talk_s * 1_000)])
    none = Durations([0])
    lanes = [(QueueId(q), c) for q in ("oss", "tax") for c in (Channel.VOICE, Channel.WHATSAPP)]
    known = NOTHING._replace(service=dict.fromkeys(lanes, talk), wrap_up=dict.fromkeys(lanes, none))
    return known._replace(**more)  # type: ignore[arg-type]


def waits(world: World, know: Learned | None = None, runs: int = 40, seed: int = 1) -> dict[int, Estimate]:
    found = estimate(look(world.state, world.now, know or learned()), random.Random(seed).random, runs)
    return {int(id_, 16): found[id_] for id_ in found}


def p80(world: World, know: Learned | None = None, **how: int) -> Mapping[int, int | None]:
    return {number: one.p80_ms for number, one in waits(world, know, **how).items()}


def one_talking(*names: str, **with_rules: object) -> World:
    """Each agent talks since 40 seconds; nobody waits."""
    world = World(rules(*(agent(name) for name in names), **with_rules))  # type: ignore[arg-type]
    world.sign_in(*names)
    for number in range(len(names)):
        world.queue(900 + number)
        world.talk(900 + number)
    world.after(40)
    return world


def test_the_first_waits_for_the_conversation_to_end_the_next_for_another() -> None:
    world = one_talking("ani")
    for number in (1, 2, 3):
        world.queue(number)
    # 60 s are left; each call takes 5 s of ringing and 100 s of talking.
    assert waits(world) == {
        1: Estimate(65_000, 65_000),
        2: Estimate(170_000, 170_000),
        3: Estimate(275_000, 275_000),
    }


def test_two_agents_halve_the_wait() -> None:
    world = one_talking("ani", "budi")
    for number in (1, 2, 3, 4):
        world.queue(number)
    assert p80(world) == {1: 65_000, 2: 65_000, 3: 170_000, 4: 170_000}


def test_nobody_signed_in_is_unknown() -> None:
    world = World(rules(agent("ani")))
    world.queue(1)
    assert waits(world) == {1: Estimate(None, None)}


def test_an_agent_who_may_not_have_it_does_not_count() -> None:
    world = one_talking("ani")
    world.queue(1, needs=(Need(SkillId("english")),))
    assert p80(world) == {1: None}


def test_a_need_that_relaxes_is_waited_out() -> None:
    world = one_talking("ani")
    world.queue(1, needs=(Need(SkillId("english")),), relax=(Relax(90_000),))
    assert p80(world) == {1: 95_000}


def test_a_row_with_a_delay_opens_when_it_is_over() -> None:
    late = profile("all", row("oss", delay_s=120))
    world = World(rules(agent("ani"), profiles=(late,)))
    world.sign_in("ani")
    world.queue(1)
    assert p80(world) == {1: 125_000}


def test_an_agent_who_is_away_comes_back() -> None:
    world = World(rules(agent("ani")))
    world.sign_in("ani", ready=False)
    world.queue(1)
    assert p80(world, learned(pauses={"": Pause(0, 0, Durations([300_000]))})) == {1: 305_000}


def test_two_conversations_at_once_on_a_text_channel() -> None:
    world = World(rules(agent("ani")))
    world.sign_in("ani")
    for number in (901, 902):
        world.queue(number, channel=Channel.WHATSAPP)
        world.talk(number)
    world.after(40)
    for number in (1, 2, 3):
        world.queue(number, channel=Channel.WHATSAPP)
    assert p80(world) == {1: 65_000, 2: 65_000, 3: 170_000}


def test_a_call_waits_until_the_agent_is_free_of_chats() -> None:
    world = World(rules(agent("ani")))
    world.sign_in("ani")
    for number in (901, 902):
        world.queue(number, channel=Channel.WHATSAPP)
        world.talk(number)
        world.after(20)
    world.queue(1)
    for number in (2, 3):
        world.queue(number, channel=Channel.WHATSAPP)
    # One chat ends in 60 s, when the call is overdue: the room of one chat is kept for it.
    found = p80(world)
    assert found[1] == 85_000
    assert found[2] == found[3] == 190_000


def test_who_gives_up_is_not_waited_for() -> None:
    world = one_talking("ani")
    for number in (1, 2, 3):
        world.queue(number)
    found = p80(world, learned(patience={OSS: Durations([10_000])}))
    # Nobody but who asks would stay.
    assert found == {1: 65_000, 2: 65_000, 3: 65_000}


def test_who_comes_later_with_priority_goes_first() -> None:
    queues = (QueueRule(QueueId("oss"), wrap_up_ms=0), QueueRule(QueueId("tax"), priority=60, wrap_up_ms=0))
    world = one_talking("ani", queues=queues)
    world.queue(1)
    tax = (QueueId("tax"), Channel.VOICE)
    quiet, busy = p80(world)[1], p80(world, learned(per_ms={tax: 1 / 80_000}))[1]
    assert quiet == 65_000
    assert busy is None or busy > 200_000


def test_a_contact_kept_for_its_agent_waits_for_nobody_else() -> None:
    world = one_talking("ani", "budi")
    world.queue(1, preferred=AgentId("ani"), grace_ms=30_000)
    world.finish(901)
    world.after(1)
    # Budi is free; the grace has 29 s left.
    assert world.holder(1) is None
    assert p80(world)[1] == 34_000


def test_a_paused_queue_is_unknown() -> None:
    world = one_talking("ani")
    world.queue(1)
    world.do(QueueStateSet(QueueId("oss"), QueueState.PAUSED))
    assert p80(world) == {1: None}


def test_who_reaches_the_limit_of_the_queue_is_not_waited_for() -> None:
    queues = (QueueRule(QueueId("oss"), max_wait_ms=100_000), QueueRule(QueueId("tax")))
    world = one_talking("ani", queues=queues)
    for number in (1, 2, 3):
        world.queue(number)
    # The second leaves at 100 s, when the first is still talking.
    assert p80(world) == {1: 65_000, 2: 170_000, 3: 170_000}


def test_a_wrap_up_ends_when_it_must() -> None:
    world = one_talking("ani")
    world.queue(1)
    world.finish(900)
    world.after(10)
    long = dict.fromkeys([OSS], Durations([600_000]))
    assert p80(world, learned(wrap_up=long)) == {1: 25_000}


def test_an_agent_who_often_misses_calls_makes_them_wait() -> None:
    world = one_talking("ani")
    world.queue(1)
    away = {"rona": Pause(0, 0, Durations([60_000]))}
    sure = p80(world)[1]
    unsure = p80(world, learned(missed=0.5, pauses=away), runs=200)[1]
    assert sure == 65_000
    assert unsure is not None
    assert unsure >= sure + 60_000


def test_pauses_after_contacts_lengthen_the_wait_of_those_behind() -> None:
    world = one_talking("ani")
    world.queue(1)
    world.queue(2)
    pause = {"break": Pause(1.0, 0.0, Durations([60_000]))}
    assert p80(world, learned(pauses=pause)) == {1: 125_000, 2: 290_000}


def test_the_place_behind_the_last_is_where_a_newcomer_would_stand() -> None:
    world = one_talking("ani")
    world.queue(1)
    view = look(world.state, world.now, learned(), ends=[OSS, CHAT])
    simulation = Simulation(view, random.Random(1).random)
    simulation.run()
    assert simulation.ends() == {OSS: Estimate(170_000, 170_000), CHAT: Estimate(170_000, 170_000)}
    assert simulation.contacts()[iid(1)].p80_ms == 65_000


def test_with_a_free_agent_a_newcomer_waits_for_the_answer_only() -> None:
    world = World(rules(agent("ani")))
    world.sign_in("ani")
    simulation = Simulation(look(world.state, world.now, learned(), ends=[OSS]), random.Random(1).random)
    simulation.run()
    assert simulation.ends() == {OSS: Estimate(RING_MS, RING_MS)}


def test_whom_nobody_serves_is_not_simulated_to_the_end_of_the_day() -> None:
    world = World(rules(agent("ani"), profiles=(profile("all", row("oss")), profile("other", row("tax")))))
    world.sign_in("ani")
    world.queue(1)
    world.talk(1)
    tax = (QueueId("tax"), Channel.VOICE)
    view = look(world.state, world.now, learned(per_ms={OSS: 1.0}), ends=[OSS, tax])
    assert (len(view.waiting), view.hopeful) == (2, 1)
    simulation = Simulation(view, random.Random(1).random)
    simulation.run()
    assert simulation.ends() == {OSS: Estimate(105_000, 105_000), tax: Estimate(None, None)}


def test_who_is_far_behind_is_reckoned_from_who_is_not() -> None:
    world = one_talking("ani")
    for number in range(1, MOST + 101):
        world.queue(number)
    view = look(world.state, world.now, learned(1))
    assert len(view.waiting) == MOST
    found = estimate(view, random.Random(1).random, 1)
    edge, last = found[iid(MOST)].p80_ms, found[iid(MOST + 100)].p80_ms
    assert edge is not None
    assert last == pytest.approx(edge * (MOST + 100) / MOST, rel=1e-6)


def test_the_same_draws_give_the_same_answer_and_the_line_is_left_alone() -> None:
    world = one_talking("ani", "budi")
    for number in range(1, 9):
        world.queue(number, queue=("oss", "tax")[number % 2])
    know = learned(
        service={OSS: Durations(range(10_000, 400_000, 1_000))},
        missed=0.1,
        patience={OSS: Durations(range(20_000, 900_000, 9_000))},
        pauses={"break": Pause(0.2, 0.1, Durations(range(10_000, 60_000, 500)))},
    )
    before = dump(world.state)
    first, again, other = waits(world, know), waits(world, know), waits(world, know, seed=2)
    assert first == again != other
    assert dump(world.state) == before
    for one in first.values():
        assert one.p50_ms is not None
        assert one.p80_ms is None or one.p50_ms <= one.p80_ms


# --- what is said ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [(0, 1), (1, 1), (80, 1), (81, 2), (600, 10), (601, 10), (700, 10), (701, 15), (1_000, 15), (1_001, 20)],
)
def test_the_announcement_is_in_minutes_rounded_up(seconds: int, minutes: int) -> None:
    assert announced(seconds * 1_000) == minutes * 60_000


def test_an_unknown_wait_is_not_announced_and_what_was_said_stands() -> None:
    assert announced(None) is None
    assert announced(None, 120_000) == 120_000


@given(st.lists(st.none() | st.integers(0, 7_200_000), max_size=12))
def test_the_announcement_never_rises(predictions: list[int | None]) -> None:
    said: list[int] = []
    before = None
    for prediction in predictions:
        before = announced(prediction, before)
        if before is not None:
            said.append(before)
    assert said == sorted(said, reverse=True)
