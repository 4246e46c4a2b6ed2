from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.hours import DAY_MINUTES, Hours, Shift, is_open, next_opening

WIB = ZoneInfo("Asia/Jakarta")
SPLIT = (Shift(8 * 60, 12 * 60), Shift(13 * 60, 17 * 60))
NONE: tuple[Shift, ...] = ()
WEEK = (SPLIT,) * 5 + (NONE,) * 2
CHRISTMAS, EVE = date(2026, 12, 25), date(2026, 12, 24)
OFFICE = Hours(WIB, WEEK, frozenset({EVE, CHRISTMAS}), {EVE: (Shift(9 * 60, 10 * 60),)})


def wib(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


@pytest.mark.parametrize(
    ("at", "opened"),
    [
        ("2026-11-25T07:59:59.999", False),
        ("2026-11-25T08:00", True),
        ("2026-11-25T11:59:59.999", True),
        ("2026-11-25T12:00", False),
        ("2026-11-25T12:59:59", False),
        ("2026-11-25T13:00", True),
        ("2026-11-25T16:59:59", True),
        ("2026-11-25T17:00", False),
        ("2026-11-28T10:00", False),  # a Saturday
        ("2026-12-25T10:00", False),  # a holiday
        ("2026-12-24T09:30", True),  # a holiday with hours of its own
        ("2026-12-24T10:00", False),
        ("2026-12-24T13:30", False),
    ],
)
def test_it_is_open_from_the_first_minute_of_a_shift_until_just_before_its_end(at: str, opened: bool) -> None:
    assert is_open(OFFICE, wib(at)) is opened


def test_the_clock_on_the_wall_is_the_centres_whatever_zone_the_time_is_in() -> None:
    assert is_open(OFFICE, datetime(2026, 11, 25, 1, tzinfo=UTC))
    assert not is_open(OFFICE, datetime(2026, 11, 25, 10, tzinfo=UTC))
    # Sunday evening in London is Monday morning in Jakarta.
    assert is_open(OFFICE, datetime(2026, 11, 22, 20, 30, tzinfo=ZoneInfo("America/New_York")))


def test_a_shift_until_midnight_meets_one_from_midnight() -> None:
    hours = Hours(WIB, (SPLIT, (Shift(20 * 60, DAY_MINUTES),), (Shift(0, 60),), *((NONE,) * 4)))
    assert is_open(hours, wib("2026-11-24T23:59:59"))
    assert is_open(hours, wib("2026-11-25T00:00"))
    assert not is_open(hours, wib("2026-11-25T01:00"))
    assert not is_open(hours, wib("2026-11-26T00:00"))


def test_a_special_day_may_close_a_working_day() -> None:
    hours = Hours(WIB, WEEK, special={date(2026, 11, 25): ()})
    assert not is_open(hours, wib("2026-11-25T10:00"))
    assert is_open(hours, wib("2026-11-26T10:00"))


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-25T10:00", "2026-11-25T10:00"),
        ("2026-11-25T06:00", "2026-11-25T08:00"),
        ("2026-11-25T12:00", "2026-11-25T13:00"),
        ("2026-11-27T17:00", "2026-11-30T08:00"),
        ("2026-12-23T18:00", "2026-12-24T09:00"),
        ("2026-12-24T10:00", "2026-12-28T08:00"),
    ],
)
def test_the_next_opening(at: str, opens: str) -> None:
    assert next_opening(OFFICE, wib(at)) == wib(opens)


def test_what_never_opens_has_no_next_opening() -> None:
    assert next_opening(Hours(WIB, (NONE,) * 7), wib("2026-11-25T10:00")) is None


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    night = (Shift(22 * 60, 26 * 60),)
    hours = Hours(WIB, (*((NONE,) * 4), night, NONE, NONE), frozenset({date(2026, 11, 28)}))
    assert not is_open(hours, wib("2026-11-27T21:59:59"))
    assert is_open(hours, wib("2026-11-27T23:59:59"))
    # Saturday is a holiday; the night of Friday is not.
    assert is_open(hours, wib("2026-11-28T00:00"))
    assert is_open(hours, wib("2026-11-28T01:59:59"))
    assert not is_open(hours, wib("2026-11-28T02:00"))
    assert next_opening(hours, wib("2026-11-28T02:00")) == wib("2026-12-04T22:00")


def test_the_night_before_a_holiday_that_is_one_does_not_begin() -> None:
    hours = Hours(WIB, ((Shift(22 * 60, 26 * 60),),) * 7, frozenset({CHRISTMAS}))
    assert is_open(hours, wib("2026-12-25T01:00"))
    assert not is_open(hours, wib("2026-12-25T22:30"))
    assert not is_open(hours, wib("2026-12-26T01:00"))
    assert next_opening(hours, wib("2026-12-25T03:00")) == wib("2026-12-26T22:00")


def test_round_the_clock_loses_no_minute_at_midnight() -> None:
    day = wib("2026-12-31T00:00")
    for whole in (Shift(0, DAY_MINUTES), Shift(9 * 60, 33 * 60)):
        hours = Hours(WIB, ((whole,),) * 7)
        assert all(is_open(hours, day + timedelta(seconds=s)) for s in range(0, 172_800, 59))


shifts = st.lists(st.integers(0, 2 * DAY_MINUTES), max_size=6, unique=True).map(
    lambda times: tuple(
        Shift(opens, closes)
        for opens, closes in zip(sorted(times)[::2], sorted(times)[1::2], strict=False)
        if opens < DAY_MINUTES
    )
)
days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
calendars = st.builds(
    Hours,
    st.just(WIB),
    st.tuples(*[shifts] * 7),
    st.frozensets(days, max_size=30),
    st.dictionaries(days, shifts, max_size=10),
)


@given(calendars, st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)))  # noqa: DTZ001 - in no zone yet
def test_it_is_closed_until_the_next_opening_and_open_then(hours: Hours, naive: datetime) -> None:
    now = naive.replace(tzinfo=WIB)
    opens = next_opening(hours, now)
    if opens is None:
        assert not any(hours.weekly)
        return
    assert opens >= now
    assert is_open(hours, opens)
    if opens > now:
        assert not is_open(hours, now)
        assert not is_open(hours, opens - timedelta(seconds=1))
        assert not is_open(hours, now + (opens - now) / 2)


@settings(max_examples=10, deadline=None)
@given(calendars)
def test_every_minute_of_a_year_is_open_if_a_shift_covers_it_and_closed_if_none_does(hours: Hours) -> None:
    first = date(2026, 1, 1)
    covered = bytearray(367 * DAY_MINUTES)
    for n in range(-1, 366):
        for opens, closes in hours.shifts(first + timedelta(days=n)):
            for minute in range(max(0, n * DAY_MINUTES + opens), n * DAY_MINUTES + closes):
                covered[minute] = True
    for n in range(365):
        opened = bytearray(DAY_MINUTES)
        spans = hours.spans(first + timedelta(days=n))
        for opens, closes in spans:
            opened[opens:closes] = b"\1" * (closes - opens)
        assert opened == covered[n * DAY_MINUTES : (n + 1) * DAY_MINUTES]
        assert all(before.closes < after.opens for before, after in pairwise(spans))


@given(calendars, days, st.integers(0, DAY_MINUTES - 1), st.integers(0, 59))
def test_a_moment_is_open_if_its_minute_is(hours: Hours, day: date, minute: int, second: int) -> None:
    now = datetime.combine(day, time(minute // 60, minute % 60, second), WIB)
    assert is_open(hours, now) is any(s.opens <= minute < s.closes for s in hours.spans(day))
