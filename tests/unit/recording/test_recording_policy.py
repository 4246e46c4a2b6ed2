"""When a recording is good, and when it is an alarm."""

from __future__ import annotations

import pytest

from recording.policy import Call, Flaw, LegMeasure, Problem, is_alarm, judge

_START = 1_790_000_000_000


def _leg(length_ms: int, *levels: float, closed: bool = True) -> LegMeasure:
    seconds = levels or (-25.0,) * (length_ms // 1000)
    return LegMeasure(length_ms, max(seconds, default=-100.0), seconds, closed)


def _call(ms: int, *talks: tuple[int, int], exact: bool = True) -> Call:
    return Call(_START, _START + ms, exact, tuple((_START + a, _START + b) for a, b in talks))


@pytest.mark.parametrize(
    ("length", "call", "good"),
    [
        (10_000, 10_000, True),
        (9_500, 10_000, True),
        (10_500, 10_000, True),
        (9_499, 10_000, False),
        (10_501, 10_000, False),
        (1_000_000, 1_010_000, True),
        (999_000, 1_010_000, False),
        (0, 400, True),
        (0, 10_000, False),
    ],
)
def test_the_length_is_the_calls_within_a_hundredth_or_half_a_second(
    length: int, call: int, good: bool
) -> None:
    problems = judge(_call(call), _leg(length), _leg(length))
    assert problems == (() if good else (Problem.LENGTH,))
    assert is_alarm(problems) is not good


def test_an_end_that_was_noticed_late_proves_nothing_about_the_length() -> None:
    assert judge(_call(60_000, exact=False), _leg(10_000), _leg(10_000)) == ()


def test_legs_are_as_long_as_each_other() -> None:
    assert judge(_call(10_000), _leg(10_000), _leg(9_900)) == ()
    assert judge(_call(10_000), _leg(10_000), _leg(9_899)) == (Problem.LEGS_DIFFER,)


def test_a_leg_on_which_nobody_is_heard_all_through_the_talk() -> None:
    music_then_nobody = (-20.0,) * 4 + (-75.0,) * 6
    call = _call(10_000, (4_000, 10_000))
    problems = judge(call, _leg(10_000), _leg(10_000, *music_then_nobody))
    assert problems == (Problem.AGENT_SILENT,)
    assert judge(call, _leg(10_000, *music_then_nobody), _leg(10_000)) == (Problem.CUSTOMER_SILENT,)


def test_one_word_in_a_talk_is_enough() -> None:
    levels = (-75.0,) * 7 + (-30.0,) + (-75.0,) * 2
    assert judge(_call(10_000, (4_000, 10_000)), _leg(10_000), _leg(10_000, *levels)) == ()


def test_the_second_of_two_talks_counts_too() -> None:
    levels = (-75.0,) * 9 + (-30.0,)
    call = _call(10_000, (0, 4_000), (6_000, 10_000))
    assert judge(call, _leg(10_000, *levels), _leg(10_000)) == ()


def test_a_short_talk_or_none_proves_nothing() -> None:
    silent = (-100.0,) * 10
    for call in (_call(10_000), _call(10_000, (5_000, 7_999))):
        assert judge(call, _leg(10_000, *silent), _leg(10_000, *silent)) == ()


def test_a_talk_beyond_the_recordings_end_is_no_silence() -> None:
    call = _call(60_000, (50_000, 60_000), exact=False)
    assert judge(call, _leg(10_000), _leg(10_000)) == ()


@pytest.mark.parametrize(
    ("customer", "agent", "expected"),
    [
        (Flaw.MISSING, Flaw.MISSING, (Problem.NO_CUSTOMER, Problem.NO_AGENT)),
        (Flaw.UNREADABLE, _leg(10_000), (Problem.CUSTOMER_UNREADABLE,)),
        (_leg(10_000), Flaw.UNREADABLE, (Problem.AGENT_UNREADABLE,)),
        (_leg(10_000), Flaw.MISSING, (Problem.NO_AGENT,)),
    ],
)
def test_a_leg_without_sound(
    customer: LegMeasure | Flaw, agent: LegMeasure | Flaw, expected: tuple[Problem, ...]
) -> None:
    assert judge(_call(10_000), customer, agent) == expected
    assert judge(None, customer, agent) == expected
    assert is_alarm(expected)


def test_a_file_that_was_cut_off_is_told_and_needs_nobody() -> None:
    problems = judge(_call(12_000), _leg(10_000, closed=False), _leg(9_700, closed=False))
    assert problems == (Problem.CUT_OFF,)
    assert not is_alarm(problems)
