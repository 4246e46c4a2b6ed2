"""The centre's calendar: business hours, breaks, holidays and special days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from core.document import IDENTIFIER, Node, unknown
from ivr.hours import DAY_MINUTES, Hours, Shift

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d) *- *([01]\d|2[0-4]):([0-5]\d)", re.ASCII)
_DAY: Final = timedelta(days=1)
_CLOSED: Final = "closed"
_FIRST_YEAR: Final = 2025
_YEARS_AHEAD: Final = 5


@dataclass(frozen=True, slots=True)
class Break:
    """When agents have their break, and whether the lines close meanwhile."""

    window: Shift
    length_ms: int
    closed: bool
    """False: it is taken in turns within the window and the lines stay open."""


def read_hours(document: Node, zone: ZoneInfo) -> tuple[dict[str, Hours], dict[str, Break]]:
    """Return the business hours by name, and the breaks of those that have one."""
    hours: dict[str, Hours] = {}
    breaks: dict[str, Break] = {}
    entries = document.entries(names=IDENTIFIER)
    free = _holidays(entries["holidays"]) if "holidays" in entries else frozenset()
    for name, node in entries.items():
        if name == "holidays":
            continue
        it = node.fields("weekly", "break", "special", "holidays")
        pause = _break(it["break"]) if it["break"].present else None
        weekly = _weekly(it["weekly"])
        if pause:
            breaks[name] = pause
            if pause.closed:
                weekly = tuple(_without(day, pause.window) for day in weekly)
        days = {_date(day, node): node for day, node in it["special"].entries(optional=True).items()}
        special = {day: _shifts(node) for day, node in days.items()}
        kept = it["holidays"].flag(True)
        hours[name] = Hours(zone, weekly, free if kept else frozenset(), special)
        _check_special_nights(hours[name], days)
    return hours, breaks


def _weekly(node: Node) -> tuple[tuple[Shift, ...], ...]:
    week: dict[int, tuple[Shift, ...]] = {}
    given: dict[int, Node] = {}
    for days, entry in node.entries().items():
        shifts = _shifts(entry)
        covered = _weekdays(days, entry)
        if again := [_DAYS[day] for day in covered if day in week]:
            entry.wrong(f"{', '.join(again)}: given already; give each day once")
        week |= dict.fromkeys(covered, shifts)
        given |= dict.fromkeys(covered, entry)
    _check_nights(week, given)
    return tuple(week.get(day, ()) for day in range(len(_DAYS)))


def _check_nights(week: Mapping[int, tuple[Shift, ...]], given: Mapping[int, Node]) -> None:
    """Note a night that is not over when the next day's first shift begins."""
    for day, shifts in sorted(week.items()):
        following = (day + 1) % len(_DAYS)
        ends = max((shift.closes - DAY_MINUTES for shift in shifts), default=0)
        if any(shift.opens < ends for shift in week.get(following, ())):
            given[day].wrong(
                f"the night of {_DAYS[day]} overlaps the first shift of {_DAYS[following]}; end it before, or let "
                "that shift begin later"
            )
            return


def _check_special_nights(hours: Hours, nodes: Mapping[date, Node]) -> None:
    """Note a special day whose night, or the night before it, is not over when the next day's first shift begins."""
    told: set[date] = set()
    for day in sorted(hours.special.keys() - {date.min, date.max}):
        for evening in (day - _DAY, day):
            morning = evening + _DAY
            ends = max((shift.closes - DAY_MINUTES for shift in hours.shifts(evening)), default=0)
            if evening not in told and any(shift.opens < ends for shift in hours.shifts(morning)):
                told.add(evening)
                nodes[evening if evening in nodes else morning].wrong(
                    f"the night of {evening} overlaps the first shift of {morning}; end it before, or let that shift "
                    "begin later"
                )


def _weekdays(text: str, node: Node) -> Sequence[int]:
    """Return the days of ``mon``, ``mon-fri`` or ``sat, sun``."""
    days: list[int] = []
    for part in text.split(","):
        names = [name.strip() for name in part.split("-", 1)]
        for name in names:
            if name not in _DAYS:
                node.wrong(f"{unknown(name, _DAYS, 'unknown day')}; also mon-fri or sat, sun")
                return ()
        first, last = _DAYS.index(names[0]), _DAYS.index(names[-1])
        if first > last:
            node.wrong(
                f"{part.strip()} runs backwards; write the earlier day first, the week beginning on mon"
            )
            return ()
        days.extend(range(first, last + 1))
    return days


def _shifts(node: Node) -> tuple[Shift, ...]:
    """Return the shifts of ``08:00-12:00, 13:00-17:00``, none for ``closed``."""
    if node.content == _CLOSED:
        return ()
    shifts: list[Shift] = []
    for item in node.items():
        shift = _shift(item)
        if shift and shifts and shift.opens < shifts[-1].closes:
            item.wrong("shifts overlap or are out of order; write them in order, apart from each other")
        elif shift:
            shifts.append(shift)
    return tuple(shifts)


def _shift(node: Node) -> Shift | None:
    """Return the shift of ``08:00-17:00``, or of ``22:00-06:00``, which ends on the next day."""
    text = node.text()
    match = _SPAN.fullmatch(text)
    if not match:
        if text:
            node.wrong(f'"{text[:40]}" is not a span such as 08:00-17:00, nor closed')
        return None
    hour, minute, hour_to, minute_to = map(int, match.groups())
    shift = Shift(hour * 60 + minute, hour_to * 60 + minute_to)
    if shift.closes > DAY_MINUTES:
        node.wrong(f"{text} must end at 24:00 at the latest, or on the next day, as in 22:00-06:00")
        return None
    if shift.opens == shift.closes:
        node.wrong(f"{text} ends when it begins; a whole day is 00:00-24:00")
        return None
    return shift if shift.opens < shift.closes else Shift(shift.opens, shift.closes + DAY_MINUTES)


def _break(node: Node) -> Break:
    it = node.fields("window", "length", "closed")
    window = _shift(it["window"]) or Shift(0, 0)
    longest = max(1, window.closes - window.opens) * 60_000
    length = it["length"].duration(60_000, 14_400_000, longest)
    if it["window"].present and window.closes and length > longest:
        it["length"].wrong(f"longer than its window, {longest // 60_000} min")
    return Break(window, length, it["closed"].flag(False))


def _without(shifts: tuple[Shift, ...], gap: Shift) -> tuple[Shift, ...]:
    parts = (
        part
        for opens, closes in shifts
        for part in (Shift(opens, min(closes, gap.opens)), Shift(max(opens, gap.closes), closes))
    )
    return tuple(part for part in parts if part.opens < part.closes)


def _holidays(node: Node) -> frozenset[date]:
    it = node.fields("country", "categories", "add", "remove")
    countries = holidays.list_supported_countries()
    country = it["country"].choice(countries, "ID")
    known = getattr(holidays, country).supported_categories
    categories = [item.choice(known, "public") for item in it["categories"].items(optional=True)] or [
        "public"
    ]
    # A running centre reads its calendar again long before the last of these years.
    years = range(_FIRST_YEAR, datetime.now(UTC).year + _YEARS_AHEAD)
    days = set(holidays.country_holidays(country, years=years, categories=tuple(dict.fromkeys(categories))))
    days |= {_date(day, entry) for day, entry in it["add"].entries(optional=True).items()}
    for item in it["remove"].items(optional=True):
        if (day := item.day()) not in days and day != date.min:
            item.wrong(f"{day} is no holiday; only a holiday can be removed")
        days.discard(day)
    return frozenset(days)


def _date(text: str, node: Node) -> date:
    return Node(node.file, node.line, node.key, text, node.problems).day()


def centre_zone(node: Node) -> ZoneInfo:
    """Return the time zone, by its name in the IANA database."""
    name = node.text("Asia/Jakarta")
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        node.wrong(f'"{name[:40]}" is not a time zone such as Asia/Jakarta')
        return ZoneInfo("Asia/Jakarta")
