"""Numbers, waits and openings are spoken by pieces that exist, and mean what was to be said."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.spoken import BUCKETS, LONGEST, MOST, PIECES, digits, minutes, number, opening, position, wait

WIB = ZoneInfo("Asia/Jakarta")
INDONESIAN = "nol satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas"
ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
UNITS = {"id": INDONESIAN.split(), "en": ENGLISH.split()}
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def words(pieces: tuple[str, ...], language: str) -> str:
    return " ".join(PIECES[language][piece] for piece in pieces)


def indonesian(text: str) -> int:
    """Understand an Indonesian number, word by word, as a listener does."""
    total = group = last = 0
    for word in text.replace("seribu", "satu ribu").replace("seratus", "satu ratus").split():
        match word:
            case "belas":
                last += 10
            case "puluh":
                last *= 10
            case "ratus":
                last *= 100
            case "ribu":
                total, group, last = total + (group + last) * 1000, 0, 0
            case _:
                group, last = group + last, UNITS["id"].index(word)
    return total + group + last


def english(text: str) -> int:
    """Understand an English number, word by word."""
    total = group = 0
    for word in text.split():
        match word:
            case "and":
                pass
            case "hundred":
                group *= 100
            case "thousand":
                total, group = total + group * 1000, 0
            case _:
                group += UNITS["en"].index(word) if word in UNITS["en"] else 20 + 10 * TENS.index(word)
    return total + group


def test_every_number_is_understood_as_what_it_is() -> None:
    for value in range(MOST + 1):
        assert indonesian(words(number(value, "id"), "id")) == value
        assert english(words(number(value, "en"), "en")) == value


@pytest.mark.parametrize(
    ("value", "in_indonesian", "in_english"),
    [
        (0, "nol", "zero"),
        (10, "sepuluh", "ten"),
        (11, "sebelas", "eleven"),
        (12, "dua belas", "twelve"),
        (20, "dua puluh", "twenty"),
        (21, "dua puluh satu", "twenty one"),
        (99, "sembilan puluh sembilan", "ninety nine"),
        (100, "seratus", "one hundred"),
        (111, "seratus sebelas", "one hundred and eleven"),
        (215, "dua ratus lima belas", "two hundred and fifteen"),
        (1000, "seribu", "one thousand"),
        (1001, "seribu satu", "one thousand and one"),
        (1945, "seribu sembilan ratus empat puluh lima", "one thousand nine hundred and forty five"),
        (
            9999,
            "sembilan ribu sembilan ratus sembilan puluh sembilan",
            "nine thousand nine hundred and ninety nine",
        ),
    ],
)
def test_numbers_follow_the_grammar(value: int, in_indonesian: str, in_english: str) -> None:
    assert words(number(value, "id"), "id") == in_indonesian
    assert words(number(value, "en"), "en") == in_english


def test_no_two_numbers_are_spoken_alike() -> None:
    for language in PIECES:
        assert len({number(value, language) for value in range(MOST + 1)}) == MOST + 1


def test_a_number_beyond_words_or_in_another_language_is_read_digit_by_digit() -> None:
    assert number(10_000, "id") == digits("10000") == ("n.1", "n.0", "n.0", "n.0", "n.0")
    assert number(21, "jv") == ("n.2", "n.1")
    assert digits("+62 811-x") == ("n.6", "n.2", "n.8", "n.1", "n.1")


@given(st.integers(0, 10**8))
def test_a_wait_is_rounded_up_to_what_can_be_said(ms: int) -> None:
    told = minutes(ms)
    assert told in (*BUCKETS, LONGEST)
    if told == LONGEST:
        assert ms > 3_600_000
    else:
        assert ms <= told * 60_000
        below = [bucket for bucket in BUCKETS if bucket < told]
        assert not below or ms > below[-1] * 60_000


def test_waits_and_places_have_words_of_their_own_at_the_ends() -> None:
    assert wait(minutes(0), "id") == wait(minutes(60_000), "id") == ("wait.soon",)
    assert wait(minutes(60_001), "id") == ("wait.about", "n.2", "wait.minutes")
    assert wait(minutes(21 * 60_000), "en") == ("wait.about", "n.20", "n.5", "wait.minutes")
    assert wait(minutes(3_600_001), "en") == ("wait.hour",)
    assert position(1, "id") == ("wait.next",)
    assert position(12, "id") == ("wait.position", "n.12")


@pytest.mark.parametrize(
    ("at", "in_indonesian", "in_english"),
    [
        ("2026-11-25T08:00", "hari ini pukul delapan", "today at eight a m"),
        ("2026-11-26T08:00", "besok pukul delapan", "tomorrow at eight a m"),
        (
            "2026-11-27T13:30",
            "hari Jumat pukul tiga belas lewat tiga puluh menit",
            "on Friday at one thirty p m",
        ),
        ("2026-11-30T09:05", "hari Senin pukul sembilan lewat lima menit", "on Monday at nine oh five a m"),
        (
            "2026-12-02T00:00",
            "hari Rabu tanggal dua Desember pukul nol",
            "on Wednesday December two at twelve a m",
        ),
        (
            "2027-01-21T12:00",
            "hari Kamis tanggal dua puluh satu Januari pukul dua belas",
            "on Thursday January twenty one at twelve p m",
        ),
    ],
)
def test_an_opening_is_told_by_day_and_hour(at: str, in_indonesian: str, in_english: str) -> None:
    now = datetime(2026, 11, 25, 7, 59, tzinfo=WIB)
    opens = datetime.fromisoformat(at).replace(tzinfo=WIB)
    assert words(opening(opens, now, "id"), "id") == in_indonesian
    assert words(opening(opens, now, "en"), "en") == in_english
    assert opening(opens, now, "jv") == ()


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)), st.sampled_from(["id", "en"]))  # noqa: DTZ001 - zone below
def test_every_opening_is_told_by_pieces_that_exist(naive: datetime, language: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=WIB)
    assert words(opening(naive.replace(tzinfo=WIB), now, language), language)
