"""Masks, health, keys of errors and limits to trying."""

from __future__ import annotations

import msgspec
import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import bodies
from desk.errors import invalid_body
from desk.model import Health
from desk.passwords import Tries, enrolment, new_secret, step_of
from desk.room import health_of
from desk.views import masked


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("081234563391", "0812••••3391"),
        ("+628123456789", "+628••••6789"),
        ("0211234567", "02••••67"),
        ("169", "•••"),
        ("", ""),
        ("sari@example.com", "s•••@example.com"),
        ("@", "•••@"),
    ],
)
def test_a_number_is_shown_by_its_ends(address: str, shown: str) -> None:
    assert masked(address) == shown


@given(st.text(alphabet="0123456789+", min_size=1, max_size=20))
def test_a_mask_never_shows_more_than_most_of_it(number: str) -> None:
    visible = sum(c != "•" for c in masked(number))
    assert visible <= max(len(number) - 4, 0) or visible <= 8


@pytest.mark.parametrize(
    ("waited", "level", "health"),
    [
        (0, None, Health.NONE),
        (11_000, None, Health.GOOD),
        (12_000, None, Health.NEAR),
        (20_000, None, Health.NEAR),
        (20_001, None, Health.OVER),
        (0, 85.0, Health.GOOD),
        (0, 84.9, Health.NEAR),
        (0, 80.0, Health.NEAR),
        (0, 79.9, Health.OVER),
        (30_000, 100.0, Health.OVER),
    ],
)
def test_health_by_wait_and_level(waited: int, level: float | None, health: Health) -> None:
    assert health_of(waited, 20_000, level, 85.0) is health


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        (bodies.Keys, b'{"keys":"x"}', "keys"),
        (bodies.Keys, b"{}", "keys"),
        (bodies.To, b'{"to":{"kind":"agent"}}', "to.agent"),
        (bodies.To, b'{"to":{"kind":"agent","agent":"a","evil":1}}', "to.evil"),
        (bodies.Broadcast, b'{"text":"x","queues":["a",1]}', "queues[1]"),
        (bodies.Keys, b"[", ""),
    ],
)
def test_an_error_names_the_path_of_the_wrong_value(kind: type[bodies.Body], body: bytes, key: str) -> None:
    with pytest.raises(msgspec.MsgspecError) as error:
        msgspec.json.decode(body, type=kind)
    found = invalid_body(error.value)
    assert (found.status, found.problem.code, found.problem.key) == (422, "invalid", key)


def test_tries_are_counted_by_who_and_forgotten_in_time() -> None:
    tries = Tries(3, 1_000, kept=2)
    for at in (0, 100, 200):
        assert tries.wait_ms("a", at) == 0
        tries.failed("a", at)
    assert tries.wait_ms("a", 300) == 700
    assert tries.wait_ms("b", 300) == 0
    assert tries.wait_ms("a", 1_000) == 0
    tries.failed("a", 1_001)
    assert tries.wait_ms("a", 1_001) == 99
    tries.succeeded("a")
    assert tries.wait_ms("a", 1_001) == 0
    for name in "cde":
        tries.failed(name, 0)
    assert len(tries._failures) == 2


def test_a_code_is_right_around_its_time_only() -> None:
    secret, now = new_secret(), 1_764_042_112_000
    totp = pyotp.TOTP(secret)
    steps = [step_of(secret, totp.at(now // 1000 + 30 * n), now) for n in (-2, -1, 0, 1, 2)]
    step = now // 30_000
    # A code may by chance equal that of another step; then its own is not the one that is found.
    assert steps[1:4] == [step - 1, step, step + 1]
    for wrong in ("", "abcdef", "1234567", "١٢٣٤٥٦", "\x00" * 6):
        assert step_of(secret, wrong, now) is None
    assert enrolment(secret, "budi", "Pusat").startswith("otpauth://totp/Pusat:budi?secret=")
