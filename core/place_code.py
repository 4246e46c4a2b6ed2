"""Short codes by which a customer takes a place in line along to another channel. Pure.

A code is eight digits, to be heard on the telephone and typed elsewhere. It is the beginning of an HMAC of the
contact's id and of the five minutes it was made in: it says nothing of the customer, nobody who lacks the key can make
one, nothing has to be kept, and it dies with the contact. Eight digits can be guessed by trying many: whoever takes
codes counts the wrong ones.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from typing import Final

from core.ids import InteractionId

DIGITS: Final = 8

SLOT_MS: Final = 5 * 60_000
_SLOTS: Final = 3
"""A code is good in the slot it was made in and in the two after it: ten to fifteen minutes."""


def key_of(secret: str) -> bytes:
    """Return the key of an installation's codes. ``secret`` is the installation's."""
    return hmac.digest(secret.encode(), b"place codes", "sha256")


def place_code(key: bytes, contact: InteractionId, now: int) -> str:
    """Return the code of a contact made at ``now`` (milliseconds UTC)."""
    return _code(key, contact, now // SLOT_MS)


def good_until(now: int) -> int:
    """Return until when a code made at ``now`` is good (milliseconds UTC)."""
    return (now // SLOT_MS + _SLOTS) * SLOT_MS


def contact_of(key: bytes, code: str, contacts: Iterable[InteractionId], now: int) -> InteractionId | None:
    """Return which of ``contacts`` was given ``code``, or None: a wrong, an old and an ambiguous one look alike.

    Blanks and hyphens in ``code`` do not matter.
    """
    given = "".join(c for c in code if c not in " -.").encode("utf-8", "replace")
    if len(given) != DIGITS or not given.isdigit():
        return None
    slot = now // SLOT_MS
    # Every one is compared: how long it takes says nothing.
    found = [
        contact
        for contact in contacts
        for back in range(_SLOTS)
        if hmac.compare_digest(given, _code(key, contact, slot - back).encode())
    ]
    return found[0] if len(set(found)) == 1 else None


def _code(key: bytes, contact: InteractionId, slot: int) -> str:
    digest = hmac.digest(key, f"{contact}/{slot}".encode(), "sha256")
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}}"
