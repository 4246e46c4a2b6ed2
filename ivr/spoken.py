"""Numbers, waits and openings as prompts that are spoken one after the other.

A language that has a grammar here brings its pieces along; the centre's prompts win over them. In any other language
numbers are read digit by digit, and dates not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

Pieces: TypeAlias = tuple[str, ...]
"""Names of prompts."""

MOST: Final = 9_999
"""The greatest number that has words of its own; a greater one is read digit by digit."""

BUCKETS: Final = (*range(1, 11), 15, 20, 25, 30, 40, 50, 60)
"""The waits that are told, in minutes; a wait is rounded up to one of them."""
LONGEST: Final = 90
"""Told of any longer wait: ``wait.hour``."""

_MINUTE_MS: Final = 60_000
_WEEK: Final = 7
_NOON: Final = 12


def number(value: int, language: str) -> Pieces:
    """Return how ``value`` (0 or more) is spoken."""
    grammar = _GRAMMARS.get(language)
    return grammar(value) if grammar and value <= MOST else digits(str(value))


def digits(text: str) -> Pieces:
    """Return the digits of ``text`` one by one. Whatever else is in it is not spoken."""
    return tuple(f"n.{letter}" for letter in text if letter in "0123456789")


def minutes(ms: int) -> int:
    """Return the told wait for a wait of ``ms``: minutes, rounded up; ``LONGEST`` if it is more than an hour."""
    return next((bucket for bucket in BUCKETS if ms <= bucket * _MINUTE_MS), LONGEST)


def wait(told: int, language: str) -> Pieces:
    """Return how a told wait (``minutes``) is spoken."""
    if told == 1:
        return ("wait.soon",)
    if told >= LONGEST:
        return ("wait.hour",)
    return ("wait.about", *number(told, language), "wait.minutes")


def position(place: int, language: str) -> Pieces:
    """Return how a place in line is spoken."""
    return ("wait.next",) if place == 1 else ("wait.position", *number(place, language))


def opening(at: datetime, now: datetime, language: str) -> Pieces:
    """Return how the moment ``at`` is spoken at ``now``, both in the centre's zone."""
    time = _CLOCKS.get(language)
    return (*_day(at, now, language), *time(at)) if time else ()


def _day(at: datetime, now: datetime, language: str) -> Pieces:
    ahead = (at.date() - now.date()).days
    if ahead == 0:
        return ("day.today",)
    if ahead == 1:
        return ("day.tomorrow",)
    day: Pieces = (f"day.{at.isoweekday()}",)
    if ahead < _WEEK:
        return day
    date, month = number(at.day, language), (f"month.{at.month}",)
    return (*day, *month, *date) if language == "en" else (*day, "date.on", *date, *month)


# --- Indonesian --------------------------------------------------------------------------------------------


def _indonesian(value: int) -> Pieces:
    """Se- replaces satu before belas, ratus and ribu: sebelas, seratus, seribu; 11 to 19 are pieces of their own."""
    if value < 20:
        return (f"n.{value}",)
    if value < 100:
        return (f"n.{value - value % 10}", *_rest(value % 10, _indonesian))
    if value < 1_000:
        head: Pieces = ("n.100",) if value < 200 else (f"n.{value // 100}", "n.hundred")
        return (*head, *_rest(value % 100, _indonesian))
    head = ("n.1000",) if value < 2_000 else (f"n.{value // 1_000}", "n.thousand")
    return (*head, *_rest(value % 1_000, _indonesian))


def _indonesian_time(at: datetime) -> Pieces:
    """Twenty-four hours: pukul delapan, pukul tujuh belas lewat tiga puluh menit."""
    past = ("clock.past", *_indonesian(at.minute), "clock.minutes") if at.minute else ()
    return ("clock.at", *_indonesian(at.hour), *past)


# --- English -----------------------------------------------------------------------------------------------


def _english(value: int) -> Pieces:
    """As in Britain: two hundred and five, one thousand and five, one thousand two hundred."""
    if value < 20:
        return (f"n.{value}",)
    if value < 100:
        return (f"n.{value - value % 10}", *_rest(value % 10, _english))
    if value < 1_000:
        head: Pieces = (f"n.{value // 100}", "n.hundred")
        return (*head, *(("n.and", *_english(value % 100)) if value % 100 else ()))
    head, left = (f"n.{value // 1_000}", "n.thousand"), value % 1_000
    return (*head, *(("n.and", *_english(left)) if 0 < left < 100 else _rest(left, _english)))


def _english_time(at: datetime) -> Pieces:
    """Twelve hours: at eight a m, at five thirty p m, at nine oh five a m."""
    hour = at.hour % _NOON or _NOON
    past = (*(("clock.oh",) if at.minute < 10 else ()), *_english(at.minute)) if at.minute else ()
    return ("clock.at", *_english(hour), *past, "clock.am" if at.hour < _NOON else "clock.pm")


def _rest(value: int, grammar: Callable[[int], Pieces]) -> Pieces:
    return grammar(value) if value else ()


_GRAMMARS: Final[Mapping[str, Callable[[int], Pieces]]] = {"id": _indonesian, "en": _english}
_CLOCKS: Final[Mapping[str, Callable[[datetime], Pieces]]] = {"id": _indonesian_time, "en": _english_time}

_INDONESIAN_UNITS: Final = "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas"
_ENGLISH_UNITS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_ENGLISH_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_HARI: Final = "Senin Selasa Rabu Kamis Jumat Sabtu Minggu"
_DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_BULAN: Final = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
_MONTHS: Final = "January February March April May June July August September October November December"


def _numbered(prefix: str, words: str, first: int, by: int = 1, text: str = "{}") -> dict[str, str]:
    return {f"{prefix}.{first + by * i}": text.format(word) for i, word in enumerate(words.split())}


_TO_NINE: Final = " ".join(_INDONESIAN_UNITS.split()[2:10])

PIECES: Final[Mapping[str, Mapping[str, str]]] = {
    "id": {
        **_numbered("n", _INDONESIAN_UNITS, 0),
        **_numbered("n", _TO_NINE, 12, text="{} belas"),
        **_numbered("n", _TO_NINE, 20, by=10, text="{} puluh"),
        "n.100": "seratus",
        "n.hundred": "ratus",
        "n.1000": "seribu",
        "n.thousand": "ribu",
        "day.today": "hari ini",
        "day.tomorrow": "besok",
        **_numbered("day", _HARI, 1, text="hari {}"),
        **_numbered("month", _BULAN, 1),
        "date.on": "tanggal",
        "clock.at": "pukul",
        "clock.past": "lewat",
        "clock.minutes": "menit",
    },
    "en": {
        **_numbered("n", _ENGLISH_UNITS, 0),
        **_numbered("n", _ENGLISH_TENS, 20, by=10),
        "n.hundred": "hundred",
        "n.thousand": "thousand",
        "n.and": "and",
        "day.today": "today",
        "day.tomorrow": "tomorrow",
        **_numbered("day", _DAYS, 1, text="on {}"),
        **_numbered("month", _MONTHS, 1),
        "clock.at": "at",
        "clock.oh": "oh",
        "clock.am": "a m",
        "clock.pm": "p m",
    },
}
"""The texts of the pieces, by language."""

DIGITS: Final = digits("0123456789")
"""The pieces that every language needs."""
