"""Business hours: a weekly calendar with split shifts, holidays and special days.

Times of day are minutes after midnight on the wall clock of the centre's zone. Shifts are half-open: at 17:00 a desk
that works until 17:00 is closed. A shift that runs past midnight belongs to the day on which it begins, and ends
beyond 24:00: 22:00 to 02:00 is (1320, 1560). What a day begins: its special shifts if it is a special day, none if
it is a holiday, otherwise its weekday's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

DAY_MINUTES: Final = 24 * 60
_DAY: Final = timedelta(days=1)
_LOOK_AHEAD_DAYS: Final = 400


class Shift(NamedTuple):
    """Open from ``opens`` until just before ``closes``, which may lie on the next day."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open."""

    zone: ZoneInfo
    weekly: tuple[tuple[Shift, ...], ...]
    """Seven days, Monday first; each day's shifts in order, apart from each other."""
    holidays: Set[date] = frozenset()
    special: Mapping[date, tuple[Shift, ...]] = field(default_factory=dict)

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """Return the shifts that begin on ``day``."""
        if day in self.special:
            return self.special[day]
        return () if day in self.holidays else self.weekly[day.weekday()]

    def spans(self, day: date) -> tuple[Shift, ...]:
        """Return when it is open on the calendar day ``day``: within 0 to 24:00, in order, none touching the next."""
        before = (
            Shift(0, closes - DAY_MINUTES) for _, closes in self.shifts(day - _DAY) if closes > DAY_MINUTES
        )
        today = (Shift(opens, min(closes, DAY_MINUTES)) for opens, closes in self.shifts(day))
        return merged((*before, *today))


def merged(shifts: Iterable[Shift]) -> tuple[Shift, ...]:
    """Return the same minutes as few spans: in order, none overlapping or touching the next."""
    spans: list[Shift] = []
    for opens, closes in sorted(shifts):
        if spans and opens <= spans[-1].closes:
            spans[-1] = Shift(spans[-1].opens, max(closes, spans[-1].closes))
        elif opens < closes:
            spans.append(Shift(opens, closes))
    return tuple(spans)


def is_open(hours: Hours, now: datetime) -> bool:
    """Whether it is open at ``now`` (an aware time, in any zone)."""
    local = now.astimezone(hours.zone)
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in hours.spans(local.date()))


def next_opening(hours: Hours, now: datetime) -> datetime | None:
    """Return when it opens next, in the centre's zone: ``now`` if it is open, None if not within 400 days."""
    local = now.astimezone(hours.zone)
    if is_open(hours, now):
        return local
    for ahead in range(_LOOK_AHEAD_DAYS):
        day = local.date() + timedelta(days=ahead)
        for opens, _ in hours.spans(day):
            opening = datetime.combine(day, time(opens // 60, opens % 60), hours.zone)
            if opening > local:
                return opening
    return None
