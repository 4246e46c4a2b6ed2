"""Names of things, as types that cannot be mixed up."""

from __future__ import annotations

import re
import uuid
from typing import Final, NewType

InteractionId = NewType("InteractionId", str)
"""A contact on any channel: 32 hexadecimal digits (a UUID without hyphens)."""

AgentId = NewType("AgentId", str)
"""An agent: a letter, then letters, digits, ``-`` or ``_``; never all digits.

A numeric agent id could equal a caller's number, and Asterisk identifies endpoints by user name first.
"""

QueueId = NewType("QueueId", str)
SkillId = NewType("SkillId", str)
ProfileId = NewType("ProfileId", str)

LegId = NewType("LegId", str)
"""An Asterisk channel. *Channel* is kept for WhatsApp, voice and the like."""

BridgeId = NewType("BridgeId", str)

OfferId = NewType("OfferId", int)
"""An offer, numbered by the line in the order in which offers were made."""

_DERIVED: Final = uuid.UUID("5d0a6b0e-7a0f-5f2c-9d0d-0e2f6c1f8a11")
"""The name space of derived ids (RFC 9562, version 5)."""

_INTERACTION: Final = re.compile(r"[0-9a-f]{32}")


def new_interaction_id() -> InteractionId:
    """Return a fresh id. Only shells call it; decisions are handed the id."""
    return InteractionId(uuid.uuid4().hex)


def derived_interaction_id(parent: InteractionId, what: str) -> InteractionId:
    """Return the id of what follows from ``parent``: always the same, so that it can never be made twice."""
    return InteractionId(uuid.uuid5(_DERIVED, f"{parent}/{what}").hex)


def parse_interaction_id(text: str) -> InteractionId | None:
    """Return the id in ``text``, with or without hyphens and in either case, or None if it is none."""
    bare = text.strip().lower().replace("-", "")
    return InteractionId(bare) if _INTERACTION.fullmatch(bare) else None
