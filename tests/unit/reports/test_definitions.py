"""Each figure by its definition, and figures that add up whatever happens."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.effects import Moved
from acd.model import Channel, Outcome, Party, Phase
from core.ids import AgentId, InteractionId, OfferId, QueueId
from reports.definitions import (
    Counts,
    End,
    ServiceLevel,
    Stay,
    abandon_rate,
    average_answer_ms,
    counted,
    service_level,
)
from reports.tally import HALF_HOUR_MS, Standing, Tally

T: Final = 20_000


def counts(*stays: tuple[End, int]) -> Counts:
    total = Counts()
    for end, wait in stays:
        total = total.plus(counted(Stay(0, "q", "voice", end, wait), T))
    return total


def test_the_threshold_belongs_to_the_time() -> None:
    assert counts((End.ANSWERED, T), (End.ANSWERED, T + 1)).answered_in == 1


def test_service_level_by_each_variant() -> None:
    c = counts(
        *((End.ANSWERED, 10_000),) * 70,
        *((End.ANSWERED, 30_000),) * 10,
        *((End.ABANDONED, 1_000),) * 5,
        *((End.ABANDONED, 10_000),) * 5,
        *((End.ABANDONED, 60_000),) * 10,
        *((End.FLOWED_OUT, 60_000),) * 50,
    )
    assert c.offered == 150
    levels = {v.name: round(service_level(c, v) or 0, 4) for v in ServiceLevel}
    assert levels == {"SL1": 70.0, "SL2": 77.7778, "SL3": 87.5, "SL4": 80.0, "SL5": 73.6842}
    assert abandon_rate(c) == pytest.approx(100 * 15 / 95)
    assert average_answer_ms(c) == 12_500


def test_a_ratio_of_nothing_is_none_never_a_hundred() -> None:
    assert [service_level(Counts(), v) for v in ServiceLevel] == [None] * 5
    assert service_level(counts((End.ABANDONED, 1_000)), ServiceLevel.SL2) is None
    assert abandon_rate(Counts()) is None
    assert average_answer_ms(counts((End.FLOWED_OUT, 1))) is None


STAYS: Final = st.lists(st.tuples(st.sampled_from(list(End)), st.integers(0, 100_000)), max_size=60)


@given(STAYS)
def test_who_was_offered_is_answered_or_gave_up_or_went_elsewhere(stays: list[tuple[End, int]]) -> None:
    c = counts(*stays)
    assert c.offered == len(stays)
    assert c.answered_in <= c.answered
    assert c.short_abandoned <= c.abandoned_in <= c.abandoned
    one, two, four = (service_level(c, v) for v in (ServiceLevel.SL1, ServiceLevel.SL2, ServiceLevel.SL4))
    if one is not None and two is not None and four is not None:
        assert one <= two + 1e-9
        assert two <= four + 1e-9


@given(STAYS, STAYS)
def test_parts_add_up_to_the_whole(one: list[tuple[End, int]], other: list[tuple[End, int]]) -> None:
    assert counts(*one).plus(counts(*other)) == counts(*one, *other)


# --- the tally ---------------------------------------------------------------------------------------------

ID: Final = InteractionId("a" * 32)


def moved(phase: Phase, queue: str = "q", outcome: Outcome | None = None) -> Moved:
    return Moved(ID, phase, "", Party.SYSTEM, QueueId(queue), AgentId("ag1"), OfferId(1), outcome=outcome)


def told(*steps: tuple[int, Moved]) -> Tally:
    tally = Tally({Channel.VOICE: T}, 0)
    for at, move in steps:
        tally.see(move, Channel.VOICE, at)
    return tally


def test_a_contact_that_rings_in_vain_is_one_contact_that_waited_all_along() -> None:
    tally = told(
        (1_000, moved(Phase.WAITING)),
        (2_000, moved(Phase.OFFERED)),
        (22_000, moved(Phase.WAITING)),
        (23_000, moved(Phase.OFFERED)),
        (24_000, moved(Phase.CONNECTING)),
        (25_000, moved(Phase.TALKING)),
        (30_000, moved(Phase.HELD)),
        (31_000, moved(Phase.TALKING)),
        (40_000, moved(Phase.CLOSED, outcome=Outcome.HANDLED)),
    )
    assert tally.today() == Counts(answered=1, wait_answered_ms=24_000)
    assert not tally.anybody_waits


def test_a_hang_up_while_it_rings_is_an_abandon_and_in_the_menu_it_is_nothing() -> None:
    ringing = told(
        (0, moved(Phase.WAITING)),
        (1_000, moved(Phase.OFFERED)),
        (6_000, moved(Phase.CLOSED, outcome=Outcome.ABANDONED)),
    )
    assert ringing.today() == Counts(abandoned=1, abandoned_in=1)
    menu = told((0, moved(Phase.IN_MENU)), (1_000, moved(Phase.CLOSED, outcome=Outcome.ABANDONED)))
    assert menu.today() == Counts()


def test_another_queue_is_another_stay() -> None:
    tally = told(
        (0, moved(Phase.WAITING, "one")),
        (9_000, moved(Phase.WAITING, "two")),
        (10_000, moved(Phase.TALKING, "two")),
        (20_000, moved(Phase.WAITING, "one")),
        (21_000, moved(Phase.CLOSED, "one", Outcome.CALLBACK)),
    )
    assert tally.today(queue="one") == Counts(flowed_out=2)
    assert tally.today(queue="two") == Counts(answered=1, answered_in=1, wait_answered_ms=1_000)
    assert tally.today(channel="voice").offered == 3
    assert tally.today(channel="video") == Counts()


def test_half_an_hour_slides_and_the_day_begins_anew() -> None:
    tally = told((0, moved(Phase.WAITING)), (1_000, moved(Phase.TALKING)))
    assert not tally.age(1_000 + HALF_HOUR_MS - 1)
    assert tally.half_hour().answered == 1
    assert tally.age(1_000 + HALF_HOUR_MS)
    assert tally.half_hour() == Counts()
    assert tally.today().answered == 1
    tally.new_day(5_000)
    assert tally.today() == Counts()


def test_what_was_before_the_start_counts_on() -> None:
    tally = Tally({Channel.VOICE: T}, 0)
    stay = Stay(1_000, "q", "voice", End.ABANDONED, 500)
    tally.begin([stay], {ID: Standing(QueueId("q"), Channel.VOICE, 0)})
    tally.see(moved(Phase.TALKING), Channel.VOICE, 30_000)
    assert tally.today() == Counts(
        answered=1, abandoned=1, abandoned_in=1, short_abandoned=1, wait_answered_ms=30_000
    )
