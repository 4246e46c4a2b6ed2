"""Who is the same customer: a number however it is written, and nobody who only gave a name."""

from __future__ import annotations

import pytest

from crm.policy import addresses

FORMS = ("+628123456789", "628123456789", "08123456789")


@pytest.mark.parametrize("written", [*FORMS, " 0812-345-6789 ", "(0812) 345 6789", "+62 812 345 6789"])
def test_a_number_of_the_country_is_one_however_it_is_written(written: str) -> None:
    assert addresses("voice", written) == FORMS
    assert addresses("whatsapp", written) == FORMS, "channels by telephone number know the same customer"


def test_a_number_of_another_country_stays_what_it_is() -> None:
    assert addresses("voice", "+4915112345678") == ("+4915112345678", "4915112345678")
    assert addresses("voice", "004915112345678") == ("+004915112345678", "004915112345678")


@pytest.mark.parametrize(
    ("channel", "caller"),
    [
        ("voice", ""),
        ("voice", "anonymous"),
        ("voice", "Anonymous"),
        ("voice", "169"),
        ("voice", "+" + "9" * 16),
        ("voice", "ag101"),
        ("voice", "0812\u202e345\u202c6789"),
        ("video", "Ibu Sari"),
        ("video", "08123456789"),
        ("walkin", "08123456789"),
    ],
)
def test_who_cannot_be_told_apart_from_others_has_no_history(channel: str, caller: str) -> None:
    assert addresses(channel, caller) == ()


def test_other_channels_have_their_own_addresses() -> None:
    assert addresses("email", "sari@example.org") == ("sari@example.org",)
    assert addresses("instagram", "1784140123") == ("1784140123",)
    assert addresses("instagram", "sari.usaha") == ("sari.usaha",)
