from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.document import Node, insist
from core.errors import Problem
from ivr.hours import Hours, Shift, is_open
from sambung.centre import load_centre
from sambung.centre_hours import Break, centre_zone, read_hours
from sambung.documents import read_yaml
from tests.unit.sambung.mistakes import SHIPPED

WIB = ZoneInfo("Asia/Jakarta")
ID = "holidays: {country: ID, categories: [public, government]}\n"
OFFICE = "office:\n  weekly: {mon-fri: 08:00-17:00}\n"

PUBLIC = [
    *("2026-01-01", "2026-01-16", "2026-02-17", "2026-03-19", "2026-03-21", "2026-03-22", "2026-04-03"),
    *("2026-04-05", "2026-05-01", "2026-05-14", "2026-05-27", "2026-05-31", "2026-06-01", "2026-06-16"),
    *("2026-08-17", "2026-08-25", "2026-12-25"),
]
"""The national holidays of 2026, as the joint decree (SKB 3 Menteri) of September 2025 has them."""
CUTI_BERSAMA = [
    *("2026-02-16", "2026-03-18", "2026-03-20", "2026-03-23", "2026-03-24"),
    *("2026-05-15", "2026-05-28", "2026-12-24"),
]
"""The joint leave of 2026, from the same decree."""


def read(tmp_path: Path, text: str, zone: ZoneInfo = WIB) -> tuple[dict[str, Hours], dict[str, Break]]:
    file = tmp_path / "hours.yaml"
    file.write_text(text, encoding="utf-8")
    problems: list[Problem] = []
    hours = read_hours(read_yaml(file, problems), zone)
    insist(problems)
    return hours


def closed_weekdays(hours: Hours) -> list[str]:
    """Return the weekdays of 2026 on which nothing is open."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    return [day.isoformat() for day in days if day.weekday() < 5 and not hours.shifts(day)]


def weekdays(days: list[str]) -> list[str]:
    return sorted(day for day in days if date.fromisoformat(day).weekday() < 5)


def test_the_shipped_office_is_closed_on_holidays_and_joint_leave_and_on_no_other_weekday() -> None:
    office = load_centre(SHIPPED / "centre").hours["office"]
    assert closed_weekdays(office) == weekdays([*PUBLIC, *CUTI_BERSAMA])


def test_joint_leave_is_worked_unless_its_category_is_named(tmp_path: Path) -> None:
    hours, _ = read(tmp_path, f"holidays: {{country: ID}}\n{OFFICE}")
    assert closed_weekdays(hours["office"]) == weekdays(PUBLIC)


def test_without_holidays_every_weekday_is_worked(tmp_path: Path) -> None:
    hours, _ = read(tmp_path, OFFICE)
    assert closed_weekdays(hours["office"]) == []


def test_a_local_holiday_is_added_and_a_worked_one_removed(tmp_path: Path) -> None:
    hours, _ = read(
        tmp_path,
        "holidays:\n  country: ID\n  add: {2026-11-25: Pilkada}\n  remove: [2026-12-25]\n" + OFFICE,
    )
    closed = closed_weekdays(hours["office"])
    assert "2026-11-25" in closed
    assert "2026-12-25" not in closed


def test_a_special_day_wins_over_holiday_weekday_and_weekend(tmp_path: Path) -> None:
    hours, _ = read(
        tmp_path,
        f"{ID}{OFFICE}  special: {{2026-12-25: 09:00-10:00, 2026-11-25: closed, 2026-11-28: 10:00-11:00}}\n",
    )
    office = hours["office"]
    assert office.shifts(date(2026, 12, 25)) == (Shift(540, 600),)
    assert office.shifts(date(2026, 11, 25)) == ()
    assert office.shifts(date(2026, 11, 28)) == (Shift(600, 660),)


@pytest.mark.parametrize(
    ("weekly", "open_days"),
    [
        ("{mon: 08:00-09:00}", [0]),
        ("{mon-fri: 08:00-09:00}", [0, 1, 2, 3, 4]),
        ("{'sat, sun': 08:00-09:00}", [5, 6]),
        ("{'mon, wed-thu': 08:00-09:00}", [0, 2, 3]),
        ("{mon - sun: 08:00-09:00}", [0, 1, 2, 3, 4, 5, 6]),
        ("{mon-fri: 08:00-09:00, sat: closed}", [0, 1, 2, 3, 4]),
        ("{}", []),
    ],
)
def test_days_are_written_singly_in_spans_and_in_lists(
    tmp_path: Path, weekly: str, open_days: list[int]
) -> None:
    hours, _ = read(tmp_path, f"office: {{weekly: {weekly}}}\n")
    assert [i for i, shifts in enumerate(hours["office"].weekly) if shifts] == open_days


@pytest.mark.parametrize("written", ['"08:00-12:00, 13:00-24:00"', "[08:00-12:00, 13:00 - 24:00]"])
def test_a_day_has_as_many_shifts_as_are_written(tmp_path: Path, written: str) -> None:
    hours, _ = read(tmp_path, f"office: {{weekly: {{mon: {written}}}}}\n")
    assert hours["office"].weekly[0] == (Shift(480, 720), Shift(780, 1440))


def test_a_shift_may_run_past_midnight(tmp_path: Path) -> None:
    hours, _ = read(tmp_path, "desk: {weekly: {mon: 22:00-06:00, tue: 06:00-07:00}}\n")
    assert hours["desk"].weekly[:2] == ((Shift(1320, 1800),), (Shift(360, 420),))
    assert hours["desk"].spans(date(2026, 11, 24)) == (Shift(0, 420),)


def test_hours_may_be_worked_through_holidays(tmp_path: Path) -> None:
    hours, _ = read(tmp_path, f"{ID}{OFFICE}duty:\n  weekly: {{mon-sun: 00:00-24:00}}\n  holidays: no\n")
    assert hours["office"].shifts(date(2026, 12, 25)) == ()
    assert hours["duty"].shifts(date(2026, 12, 25)) == (Shift(0, 1440),)


def test_the_ministrys_2026_has_its_working_days_and_hours_and_no_other_minute() -> None:
    office = load_centre(SHIPPED / "centre").hours["office"]
    free = {date.fromisoformat(day) for day in (*PUBLIC, *CUTI_BERSAMA)}
    opened = 0
    for n in range(365):
        day = date(2026, 1, 1) + timedelta(days=n)
        worked = day.weekday() < 5 and day not in free
        assert office.spans(day) == ((Shift(480, 1020),) if worked else ())
        opened += sum(closes - opens for opens, closes in office.spans(day))
    # Of 261 weekdays 13 are public holidays and 8 joint leave.
    assert opened == 9 * 60 * (261 - 13 - 8)


def test_a_closed_break_is_cut_out_of_the_week_but_not_of_special_days(tmp_path: Path) -> None:
    hours, breaks = read(
        tmp_path,
        f"{OFFICE}  break: {{window: 12:00-13:00, length: 60 min, closed: true}}\n"
        "  special: {2026-11-25: 08:00-17:00}\n",
    )
    assert hours["office"].weekly[0] == (Shift(480, 720), Shift(780, 1020))
    assert hours["office"].shifts(date(2026, 11, 25)) == (Shift(480, 1020),)
    assert breaks == {"office": Break(Shift(720, 780), 3_600_000, closed=True)}


@pytest.mark.parametrize(
    ("shift", "left"),
    [
        ("08:00-12:00", (Shift(480, 720),)),
        ("12:00-17:00", (Shift(780, 1020),)),
        ("12:15-12:45", ()),
        ("12:30-17:00", (Shift(780, 1020),)),
        ("08:00-12:30", (Shift(480, 720),)),
    ],
)
def test_a_closed_break_takes_only_what_it_covers(
    tmp_path: Path, shift: str, left: tuple[Shift, ...]
) -> None:
    hours, _ = read(
        tmp_path,
        f"office: {{weekly: {{mon: {shift}}}, break: {{window: 12:00-13:00, length: 1 h, closed: true}}}}\n",
    )
    assert hours["office"].weekly[0] == left


def test_a_break_taken_in_turns_leaves_the_lines_open(tmp_path: Path) -> None:
    hours, breaks = read(tmp_path, f"{OFFICE}  break: {{window: 11:00-13:00, length: 30 min}}\n")
    assert hours["office"].weekly[0] == (Shift(480, 1020),)
    assert breaks == {"office": Break(Shift(660, 780), 1_800_000, closed=False)}


def test_a_break_cannot_be_longer_than_its_window(tmp_path: Path) -> None:
    problems: list[Problem] = []
    file = tmp_path / "hours.yaml"
    file.write_text(f"{OFFICE}  break: {{window: 12:00-13:00, length: 2 h}}\n", encoding="utf-8")
    read_hours(read_yaml(file, problems), WIB)
    assert [(p.line, p.key, p.message) for p in problems] == [
        (3, "office.break.length", "longer than its window, 60 min")
    ]


def test_hours_are_those_of_the_centres_zone(tmp_path: Path) -> None:
    problems: list[Problem] = []
    zone = centre_zone(Node("f", 1, "zone", "Asia/Jayapura", problems))
    hours, _ = read(tmp_path, OFFICE, zone)
    # 06:30 in Jakarta is 08:30 in Jayapura.
    assert is_open(hours["office"], datetime(2026, 11, 25, 6, 30, tzinfo=WIB))
    assert not is_open(hours["office"], datetime(2026, 11, 25, 15, tzinfo=WIB))
    assert problems == []


def test_whoever_tries_the_centre_out_finds_it_open_at_night() -> None:
    night = round(datetime(2026, 11, 29, 2, tzinfo=WIB).timestamp() * 1000)
    for always in (False, True):
        around = load_centre(SHIPPED / "centre", always_open=always).surroundings(night)
        assert around.is_open("office") is always
        assert around.now == datetime(2026, 11, 29, 2, tzinfo=WIB)
