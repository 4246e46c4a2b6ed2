"""The codes by which a place is taken along to another channel."""

from __future__ import annotations

import pytest

from core.ids import InteractionId
from core.place_code import DIGITS, SLOT_MS, contact_of, good_until, key_of, place_code

KEY = key_of("a" * 16)
NOW = 1_795_640_000_000
ONE, OTHER = InteractionId("0" * 32), InteractionId("f" * 32)


def test_the_code_of_a_contact_finds_it_among_others() -> None:
    code = place_code(KEY, ONE, NOW)
    assert len(code) == DIGITS
    assert code.isdigit()
    assert contact_of(KEY, code, (OTHER, ONE), NOW) == ONE
    assert contact_of(KEY, f" {code[:4]}-{code[4:]} ", (OTHER, ONE), NOW) == ONE


def test_it_is_good_for_ten_minutes_and_no_more_than_fifteen() -> None:
    code, until = place_code(KEY, ONE, NOW), good_until(NOW)
    assert 2 * SLOT_MS < until - NOW <= 3 * SLOT_MS
    assert contact_of(KEY, code, (ONE,), until - 1) == ONE
    assert contact_of(KEY, code, (ONE,), until) is None
    assert contact_of(KEY, code, (ONE,), NOW - SLOT_MS) is None


def test_it_is_worth_nothing_without_its_contact_or_with_another_key() -> None:
    code = place_code(KEY, ONE, NOW)
    assert contact_of(KEY, code, (OTHER,), NOW) is None
    assert contact_of(key_of("b" * 16), code, (ONE,), NOW) is None


@pytest.mark.parametrize("code", ["", "1234567", "123456789", "12345678x", "١٢٣٤٥٦٧٨", "\ud800" * 8, "-" * 8])
def test_what_is_no_code_finds_nothing(code: str) -> None:
    assert contact_of(KEY, code, (ONE, OTHER), NOW) is None


def test_a_code_that_two_contacts_share_finds_neither() -> None:
    seen: dict[str, InteractionId] = {}
    for n in range(100_000):
        contact = InteractionId(f"{n:032x}")
        if (other := seen.setdefault(place_code(KEY, contact, NOW), contact)) != contact:
            assert contact_of(KEY, place_code(KEY, contact, NOW), (contact, other), NOW) is None
            return
    pytest.fail("a hundred thousand codes and none alike: they are longer than they seem")
