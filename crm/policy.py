"""Which addresses are one customer's. Pure."""

from __future__ import annotations

import re
from typing import Final

_NUMBER: Final = re.compile(r"\+?[0-9]{7,15}")
"""A shorter one is an extension or a service's: many people call from it."""

_TYPED: Final = frozenset({"video", "walkin"})
"""Channels on which customers say what they want to be called. A name is no proof of who somebody is."""

_BY_NUMBER: Final = frozenset({"voice", "whatsapp"})

_NOBODY: Final = frozenset({"", "anonymous", "unknown", "unavailable", "restricted"})


def addresses(channel: str, caller: str, country: str = "62") -> tuple[str, ...]:
    """Return every form in which a customer's address may be written down; none if it names nobody.

    A telephone number of the country (its calling code) is the same with ``0``, with the code and with ``+``.
    """
    caller = caller.strip()
    if channel in _TYPED or caller.lower() in _NOBODY:
        return ()
    if channel not in _BY_NUMBER:
        return (caller,)
    bare = re.sub(r"[ ().-]", "", caller)
    if not _NUMBER.fullmatch(bare):
        return ()
    digits = bare.removeprefix("+")
    if digits.startswith(country):
        rest = digits.removeprefix(country)
    elif digits.startswith("0") and not digits.startswith("00"):
        rest = digits[1:]
    else:
        return (f"+{digits}", digits)
    return (f"+{country}{rest}", f"{country}{rest}", f"0{rest}")
