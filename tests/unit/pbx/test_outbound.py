from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.outbound import allowed, permit, sent
from pbx.outbound_model import Denial, Number, OutboundRules, Used

RULES = OutboundRules(own=("169", "021169", "+6221169", "+628116774642"))


@pytest.mark.parametrize(
    "written",
    ["08123456789", "+628123456789", "0812-3456-789", "(0812) 3456789", "628123456789", "8123456789"],
)
def test_a_mobile_is_one_number_however_it_is_written(written: str) -> None:
    assert allowed(written, RULES) == "+628123456789"


@pytest.mark.parametrize(
    ("written", "number"),
    [("0215252008", "+62215252008"), ("08001234567", "+628001234567"), ("1500765", "+621500765")],
)
def test_fixed_free_and_company_numbers_may_be_called(written: str, number: str) -> None:
    assert allowed(written, RULES) == number


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", Denial.MALFORMED),
        ("0812", Denial.MALFORMED),
        ("08123456789012345", Denial.MALFORMED),
        ("110", Denial.MALFORMED),
        ("911", Denial.MALFORMED),
        ("0812345x789", Denial.MALFORMED),
        ("08123456789;ext=5", Denial.MALFORMED),
        ("08123456789@evil.example", Denial.MALFORMED),
        ("08123456789&PJSIP/ag101", Denial.MALFORMED),
        ("08123456789\r\nAction: Originate", Denial.MALFORMED),
        ("٠٨١٢٣٤٥٦٧٨٩", Denial.MALFORMED),
        ("*11", Denial.MALFORMED),
        ("900123456", Denial.MALFORMED),
        ("908123456789", Denial.MALFORMED),
        ("00441234567890", Denial.MALFORMED),
        ("0011441234567890", Denial.MALFORMED),
        ("001 44 20 7946 0000", Denial.MALFORMED),
        ("+14155550100", Denial.FOREIGN),
        ("+6562345678", Denial.FOREIGN),
        ("+881612345678", Denial.FOREIGN),
        ("+979123456789", Denial.PREMIUM),
        ("08091234567", Denial.PREMIUM),
        ("+628091234567", Denial.PREMIUM),
        ("0807 1234567", Denial.PREMIUM),
        ("0804 123 4567", Denial.PREMIUM),
        ("0868 1234567", Denial.PREMIUM),
        ("169", Denial.OWN),
        ("021169", Denial.OWN),
        ("0062 21 169", Denial.MALFORMED),
        ("+6221169", Denial.OWN),
        ("6221169", Denial.OWN),
        ("0811-6774-642", Denial.OWN),
    ],
)
def test_what_must_not_be_called_is_refused_by_name(written: str, why: Denial) -> None:
    assert allowed(written, RULES) == why


def test_of_two_prefixes_the_longer_decides_and_the_same_twice_is_refused() -> None:
    near = OutboundRules(allow=("+62", "+65"), refuse=("+6565",))
    assert allowed("+6562345678", near) == "+6562345678"
    assert allowed("+6565123456", near) is Denial.PREMIUM
    exception = OutboundRules(allow=("+62", "+6281234"), refuse=("+62812",))
    assert allowed("08123456789", exception) == "+628123456789"
    assert allowed("08129999999", exception) is Denial.PREMIUM
    both = OutboundRules(allow=("+62812",), refuse=("+62812",))
    assert allowed("08123456789", both) is Denial.PREMIUM


def test_no_prefix_of_the_allow_list_opens_a_premium_number() -> None:
    assert allowed("08091234567", OutboundRules(allow=("+62809",), refuse=())) is Denial.PREMIUM


@given(st.text(max_size=40))
def test_whatever_is_typed_what_comes_out_can_stand_in_a_dial_string(text: str) -> None:
    number = allowed(text, RULES)
    if not isinstance(number, Denial):
        assert number.startswith("+62")
        assert number[1:].isascii()
        assert number[1:].isdigit()
        assert allowed(number, RULES) == number


def test_each_cap_stops_the_next_call() -> None:
    rules = OutboundRules(agent_per_day=2, per_day=5, at_once=3)
    assert permit(rules, Used(1, 4, 2)) is None
    assert permit(rules, Used(2, 4, 2)) is Denial.AGENT_CAP
    assert permit(rules, Used(1, 5, 2)) is Denial.DAY_CAP
    assert permit(rules, Used(1, 4, 3)) is Denial.AT_ONCE
    assert permit(OutboundRules(allow=()), Used()) is Denial.OFF


def test_the_operator_is_sent_the_form_that_it_wants() -> None:
    national = OutboundRules(national=True)
    assert sent(Number("+628123456789"), RULES) == "+628123456789"
    assert sent(Number("+628123456789"), national) == "08123456789"
    assert sent(Number("+62215252008"), national) == "0215252008"
    assert sent(Number("+6562345678"), national) == "+6562345678"


@pytest.mark.parametrize("text", ["08123456789", "+62 812", "+628123456789@x", "", "ag101", "+62812345678\n"])
def test_what_is_no_number_never_reaches_the_operator(text: str) -> None:
    with pytest.raises(ValueError, match="not a telephone number"):
        sent(Number(text), RULES)
