"""Links to appointments, and when an appointment is good."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from core.ids import InteractionId
from video.appointment import (
    Appointment,
    AppointmentId,
    AppointmentRules,
    NotAgreed,
    Validity,
    Wish,
    agreed,
    appointment_of,
    key_of,
    token_of,
    validity,
)

KEY = key_of("a" * 64)
ID = AppointmentId("0123456789abcdef" * 2)
MINUTE = 60_000
JAKARTA = ZoneInfo("Asia/Jakarta")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=JAKARTA).timestamp() * 1_000)


BEGIN = at("2026-11-27T23:50")
RULES = AppointmentRules(before_ms=10 * MINUTE, after_ms=15 * MINUTE)
AGREED = Appointment(
    id=ID,
    topic="kbli",
    language="id",
    begins_at=BEGIN,
    ends_at=BEGIN + 30 * MINUTE,
    opens_at=BEGIN - RULES.before_ms,
    closes_at=BEGIN + 30 * MINUTE + RULES.after_ms,
    made_at=BEGIN - 86_400_000,
    made_by="video",
    name="Sari",
)


def test_a_token_leads_to_its_appointment_and_says_nothing_else() -> None:
    token = token_of(KEY, ID)
    assert appointment_of(KEY, token) == ID
    assert len(token) == 44
    assert "=" not in token


def test_every_bit_of_a_token_counts() -> None:
    raw = base64.urlsafe_b64decode(token_of(KEY, ID))
    for byte in range(len(raw)):
        for bit in range(8):
            wrong = bytearray(raw)
            wrong[byte] ^= 1 << bit
            assert appointment_of(KEY, base64.urlsafe_b64encode(wrong).decode()) is None


def test_every_character_of_a_token_counts() -> None:
    token = token_of(KEY, ID)
    for n, right in enumerate(token):
        for other in "Aa0_-":
            if other != right:
                assert appointment_of(KEY, token[:n] + other + token[n + 1 :]) is None


def test_another_secret_and_another_version_prove_nothing() -> None:
    assert appointment_of(key_of("b" * 64), token_of(KEY, ID)) is None
    # Rightly signed, but of a kind that is not known here.
    named = b"\x02" + bytes.fromhex(ID)
    other = base64.urlsafe_b64encode(named + hmac.digest(KEY, named, "sha256")[:16]).decode()
    assert appointment_of(KEY, other) is None


@pytest.mark.parametrize(
    "text", ["", "x", "=" * 44, "é" * 44, "\ud800" * 44, "A" * 43, "A" * 45, "A" * 44 + "\n"]
)
def test_what_is_no_token_leads_nowhere(text: str) -> None:
    assert appointment_of(KEY, text) is None
    token = token_of(KEY, ID)
    assert appointment_of(KEY, token[:-1]) is None
    assert appointment_of(KEY, token + "\n") is None


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-27T23:39:59.999", Validity.EARLY),
        ("2026-11-27T23:40", Validity.OPEN),
        ("2026-11-28T00:00", Validity.OPEN),
        ("2026-11-28T00:34:59.999", Validity.OPEN),
        ("2026-11-28T00:35", Validity.LATE),
        ("2026-11-26T23:50", Validity.EARLY),
    ],
)
def test_the_window_goes_over_midnight(moment: str, expected: Validity) -> None:
    assert validity(AGREED, at(moment), live=False) is expected


def test_a_visit_that_goes_on_is_neither_late_nor_used() -> None:
    came = msgspec.structs.replace(AGREED, visit=InteractionId("a" * 32))
    late = AGREED.closes_at + 1
    assert validity(came, late, live=True) is Validity.RUNNING
    assert validity(msgspec.structs.replace(came, served=True), BEGIN, live=True) is Validity.RUNNING
    assert validity(msgspec.structs.replace(came, served=True), BEGIN, live=False) is Validity.USED
    # Cut off while waiting: come again.
    assert validity(came, BEGIN, live=False) is Validity.OPEN
    assert validity(came, late, live=False) is Validity.LATE


def test_one_that_was_cancelled_is_so_at_any_time() -> None:
    cancelled = msgspec.structs.replace(AGREED, cancelled_at=1, cancelled_by="video")
    for moment in (0, BEGIN, AGREED.closes_at + 1):
        assert validity(cancelled, moment, live=False) is Validity.CANCELLED


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        (Wish("kbli", BEGIN, "id", length_ms=MINUTE), "length_ms"),
        (Wish("kbli", BEGIN, "id", length_ms=5 * 60 * MINUTE), "length_ms"),
        (Wish("kbli", BEGIN, "id", before_ms=-1), "before_ms"),
        (Wish("kbli", BEGIN, "id", after_ms=3 * 60 * MINUTE), "after_ms"),
        (Wish("kbli", BEGIN - 2 * 86_400_000, "id"), "begins_at"),
        (Wish("kbli", BEGIN + 400 * 86_400_000, "id"), "begins_at"),
    ],
)
def test_what_cannot_be_agreed_says_what_is_wrong(wish: Wish, key: str) -> None:
    with pytest.raises(NotAgreed) as caught:
        agreed(wish, RULES, ID, AGREED.made_at, "video")
    assert caught.value.key == key


def test_what_is_not_wished_for_is_as_the_centre_says() -> None:
    wish = Wish("kbli", BEGIN, "id", name=" Sari ")
    assert agreed(wish, RULES, ID, AGREED.made_at, "video") == AGREED
    short = agreed(Wish("kbli", BEGIN, "id", 5 * MINUTE, 0, 0), RULES, ID, AGREED.made_at, "video")
    assert (short.opens_at, short.closes_at) == (BEGIN, BEGIN + 5 * MINUTE)
