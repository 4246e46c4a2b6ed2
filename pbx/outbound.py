"""Which telephones outside may be called, how often and by whom. Pure: numbers and counts in, a verdict out.

Every way to an outside line goes through here: a callback, an agent's own call, a transfer to a number. Who is
asked is the policy, not the caller's right to ask: that was checked before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from pbx.outbound_model import Denial, Number, OutboundRules, Used

_WRITTEN: Final = re.compile(r"[0-9+() ./-]{2,32}", re.ASCII)
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_COSTLY: Final = frozenset((PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST))


def allowed(text: str, rules: OutboundRules) -> Number | Denial:
    """Return the telephone that a person or a keypad meant by ``text``, or why it is not called."""
    if not _WRITTEN.fullmatch(text):
        return Denial.MALFORMED
    if _digits(text) in _own_forms(rules):
        return Denial.OWN
    try:
        parsed = phonenumbers.parse(text, rules.country)
    except phonenumbers.NumberParseException:
        return Denial.MALFORMED
    number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    if _digits(number) in _own_forms(rules):
        return Denial.OWN
    if not phonenumbers.is_valid_number(parsed) or not _E164.fullmatch(number):
        return Denial.MALFORMED
    admitted, refused = _longest(number, rules.allow), _longest(number, rules.refuse)
    # Equally long is refused: whoever writes a prefix into both lists gets the safe one.
    if phonenumbers.number_type(parsed) in _COSTLY or (refused and refused >= admitted):
        return Denial.PREMIUM
    return Number(number) if admitted else Denial.FOREIGN


def for_trunk(rules: OutboundRules, numbers: Sequence[str]) -> OutboundRules:
    """Return the rules for a trunk whose own numbers are ``numbers``, the first being the one we write down."""
    shown = next((number for number in numbers if number.startswith("+")), numbers[0])
    return replace(rules, own=(*numbers, *rules.own), caller=rules.caller or shown)


def permit(rules: OutboundRules, used: Used) -> Denial | None:
    """Return why no further call may be made now, or None."""
    if not rules.allow:
        return Denial.OFF
    if used.now >= rules.at_once:
        return Denial.AT_ONCE
    if used.today >= rules.per_day:
        return Denial.DAY_CAP
    if used.by_agent >= rules.agent_per_day:
        return Denial.AGENT_CAP
    return None


def sent(number: Number, rules: OutboundRules) -> str:
    """Return what the operator is sent for ``number``: ``+`` and digits, or digits alone.

    Raises:
        ValueError: this is no number that came out of ``allowed``. It must never reach a dial string.
    """
    if not _E164.fullmatch(number):
        raise ValueError("not a telephone number")
    if not rules.national:
        return number
    parsed = phonenumbers.parse(number)
    if parsed.country_code != phonenumbers.country_code_for_region(rules.country):
        return number
    return _digits(phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL))


def _longest(number: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if number.startswith(prefix)), default=0)


def _own_forms(rules: OutboundRules) -> frozenset[str]:
    """Return the digits of every way to write the centre's numbers that a call could be sent by."""
    code = str(phonenumbers.country_code_for_region(rules.country))
    forms: set[str] = set()
    for own in rules.own:
        digits = _digits(own)
        bare = digits.removeprefix(code) if own.startswith("+") else digits.removeprefix("0")
        forms |= {digits, bare, f"0{bare}", f"{code}{bare}", f"{code}0{bare}"}
    return frozenset(forms)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter in "0123456789")
