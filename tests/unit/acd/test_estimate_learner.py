"""What is learned is what happened."""

from __future__ import annotations

import random

import pytest

from acd.effects import Effect
from acd.estimate_learned import FOREVER, Durations, assumed, patience
from acd.estimate_learner import Learner
from acd.estimate_score import Score, Told, score
from acd.events import Ended, Event, Held, IntentSet, Resumed, WrapUpDone
from acd.model import Channel, Party
from core.ids import AgentId, QueueId
from tests.unit.acd.world import World, agent, iid, rules

OSS = (QueueId("oss"), Channel.VOICE)


class Watched(World):
    """A world whose effects a learner sees."""

    def __init__(self) -> None:
        self.learner = Learner({OSS: 600_000.0})
        super().__init__(rules(agent("ani")))

    def do(self, *events: Event) -> list[Effect]:
        out = super().do(*events)
        self.learner.see(self.state, out)
        return out


def handled(world: Watched, number: int, talk_s: float = 100) -> None:
    world.queue(number)
    world.after(4)
    world.talk(number)
    world.after(talk_s)
    world.finish(number)
    world.after(10)
    world.do(WrapUpDone(iid(number), AgentId("ani")))


def test_a_contact_teaches_how_long_it_took_from_ringing_to_wrap_up() -> None:
    world = Watched()
    world.sign_in("ani")
    for number in range(1, 21):
        handled(world, number, 80 + number)
    know = world.learner.learned(world.now)
    assert know.service[OSS].table == [(80 + n) * 1_000 for n in range(1, 21)]
    assert know.wrap_up[OSS].table == [10_000] * 20
    assert know.answer.table == [4_000] * 20
    assert know.missed == 0
    assert set(know.patience[OSS].table) == {FOREVER}
    # 20 contacts in 35 minutes, one at a time; the last half hour counts.
    assert know.per_ms[OSS] * 1_800_000 == pytest.approx(16, abs=1)


def test_a_hold_belongs_to_the_conversation() -> None:
    world = Watched()
    world.sign_in("ani")
    world.queue(1)
    world.talk(1)
    world.after(30)
    world.do(Held(iid(1)))
    world.after(30)
    talking = world.learner.since().talking
    assert list(talking.values()) == [world.now - 60_000]
    world.do(Resumed(iid(1)))
    world.after(30)
    world.finish(1)
    assert world.learner.learned(world.now).service[OSS].table[:1] != []
    assert 90_000 in world.learner.learned(world.now).service[OSS].table
    assert not talking


def test_a_few_contacts_do_not_outweigh_what_was_assumed() -> None:
    world = Watched()
    world.sign_in("ani")
    assert world.learner.learned(world.now).service[OSS].mean == pytest.approx(600_000, rel=0.05)
    handled(world, 1, 6)
    assert 500_000 < world.learner.learned(world.now).service[OSS].mean < 600_000
    for number in range(2, 31):
        handled(world, number, 6)
    assert world.learner.learned(world.now).service[OSS].mean == 6_000


def test_offers_that_come_back_and_who_is_away_for_how_long() -> None:
    world = Watched()
    world.sign_in("ani")
    world.queue(1)
    world.after(20)
    assert world.holder(1) is None
    world.after(50)
    world.do(IntentSet(AgentId("ani"), True))
    world.after(15)
    world.talk(1)
    know = world.learner.learned(world.now)
    assert know.missed == 0.5
    assert know.pauses["rona"].length.table == [50_000]
    assert know.pauses["rona"].share == 0


def test_a_pause_is_counted_by_contact_and_lunch_comes_once() -> None:
    world = Watched()
    world.sign_in("ani")
    for number in range(1, 11):
        handled(world, number)
        if number == 5:
            world.do(IntentSet(AgentId("ani"), False, "lunch"))
            world.after(3_600)
            world.do(IntentSet(AgentId("ani"), True))
    lunch = world.learner.learned(world.now).pauses["lunch"]
    assert lunch.length.table == [3_600_000]
    assert (lunch.share, lunch.again) == (0.2, 0.0)
    assert world.learner.since().had == {AgentId("ani"): {"lunch"}}


def test_who_gave_up_teaches_patience() -> None:
    world = Watched()
    for number, wait in ((1, 10), (2, 20), (3, 30)):
        world.queue(number)
        world.after(wait)
        world.do(Ended(iid(number), Party.CUSTOMER))
    table = world.learner.learned(world.now).patience[OSS].table
    assert [table.count(wait) for wait in (10_000, 20_000, 30_000, FOREVER)] == [33, 34, 33, 0]


def test_nothing_is_kept_of_contacts_that_are_gone() -> None:
    world = Watched()
    world.sign_in("ani")
    for number in range(1, 6):
        handled(world, number)
    world.queue(6)
    world.do(Ended(iid(6), Party.CUSTOMER))
    assert world.learner._contacts == {}
    assert world.learner._wrapping == {}
    assert not world.learner.since().talking


# --- distributions -----------------------------------------------------------------------------------------


def test_patience_by_kaplan_and_meier() -> None:
    # The textbook's: 5 of 10 leave, the others are answered before.
    waits = [(6, True), (6, True), (6, True), (6, False), (7, True), (9, False), (10, True), (10, False)]
    table = patience(waits).table
    survival = {t: sum(x > t for x in table) / 100 for t in (5, 6, 7, 9, 10)}
    assert survival == pytest.approx({5: 1.0, 6: 0.625, 7: 0.46875, 9: 0.46875, 10: 0.234375}, abs=0.006)


def test_what_is_left_is_drawn_from_what_lasted_longer() -> None:
    durations = Durations([10, 20, 30, 40])
    assert sorted({durations.left(20).draw(luck / 10) for luck in range(10)}) == [10, 20]
    assert sorted({durations.left(0).draw(luck / 10) for luck in range(10)}) == [10, 20, 30, 40]
    beyond = [durations.left(100).draw(luck / 1_000) for luck in range(1_000)]
    assert sum(beyond) / 1_000 == pytest.approx(25, rel=0.02)


def test_what_is_assumed_has_the_mean_and_the_spread_asked_for() -> None:
    table = assumed(600_000, 0.7).table
    mean = sum(table) / len(table)
    spread = (sum((x - mean) ** 2 for x in table) / len(table)) ** 0.5
    assert mean == pytest.approx(600_000, rel=0.03)
    assert spread / mean == pytest.approx(0.7, rel=0.15)


def test_a_score_counts_who_left_late_and_not_who_left_early() -> None:
    told = [Told(100, 80), Told(100, 150), Told(100, 130, answered=False), Told(100, 50, answered=False)]
    found = score(told)
    assert (found.known, found.unknown) == (3, 1)
    assert found.coverage == pytest.approx(1 / 3)
    assert found.pinball_ms == pytest.approx((0.2 * 20 + 0.8 * 50 + 0.8 * 30) / 3)
    assert score([]) == Score(0, 0, None, None)


def test_the_eightieth_percentile_has_the_least_loss() -> None:
    chance = random.Random(1)
    truth = sorted(round(chance.expovariate(1 / 60_000)) for _ in range(4_000))
    losses = {}
    for share in (0.5, 0.7, 0.8, 0.9, 0.99):
        losses[share] = score(Told(truth[int(share * 4_000)], wait) for wait in truth).pinball_ms
    assert min(losses, key=lambda share: losses[share] or 0) == 0.8
