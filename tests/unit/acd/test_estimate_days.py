"""Simulated days: the double keeps every contact, and the P80 told on them is one."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from acd.effects import Moved
from acd.estimate_score import score
from acd.model import Outcome, Phase
from acd.simulate import Twin
from acd.snapshot import dump
from sambung.bench import wait


@pytest.mark.parametrize("blended", [False, True])
def test_a_day_is_the_same_every_time_and_everybody_has_an_outcome(blended: bool) -> None:
    plan = wait.plan(blended=blended)._replace(hours=3)
    first, again, other = (Twin(plan, random.Random(seed)) for seed in (1, 1, 2))
    closed: Counter[str] = Counter()
    talked = set()
    for moment in first.play():
        for effect in moment.effects:
            match effect:
                case Moved(phase=Phase.CLOSED):
                    closed[effect.id] += 1
                case Moved(phase=Phase.TALKING):
                    talked.add(effect.id)
    for twin in (again, other):
        for _ in twin.play():
            pass
    assert dump(first.state) == dump(again.state) != dump(other.state)
    assert len(closed) == first.arrived
    assert set(closed.values()) == {1}
    assert set(first.outcomes) <= {Outcome.HANDLED, Outcome.ABANDONED}
    assert first.outcomes[Outcome.HANDLED] == len(talked)
    assert not first.state.contacts
    assert all(not agent.load for agent in first.state.agents())


@pytest.mark.parametrize("blended", [False, True], ids=["dedicated", "blended"])
@pytest.mark.parametrize("days", [2, pytest.param(8, marks=pytest.mark.slow)])
def test_the_announced_p80_is_one_and_beats_what_others_announce(blended: bool, days: int) -> None:
    found = wait.days(blended=blended, seeds=range(1, 1 + days), runs=15, hours=6)
    ours, average, position = (score(told) for told in (found.ours, found.average, found.position))
    assert ours.known > 125 * days
    assert ours.coverage is not None
    assert 0.75 <= ours.coverage <= 0.92, ours
    assert ours.pinball_ms is not None
    assert average.pinball_ms is not None
    assert position.pinball_ms is not None
    assert ours.pinball_ms < average.pinball_ms, (ours, average)
    assert ours.pinball_ms < position.pinball_ms, (ours, position)
