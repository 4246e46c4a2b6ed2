"""What is said of calls to telephones outside: rules, counts, verdicts. The policy is in ``outbound``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

Number = NewType("Number", str)
"""A telephone outside in E.164, ``+`` and up to 15 digits, that the rules allow. Made by ``allowed`` only."""


class Denial(StrEnum):
    """Why a number is not called. The first four are the number's, the others the moment's."""

    MALFORMED = "malformed"
    OWN = "own"
    """The centre itself: the call would come round and hold two lines."""
    FOREIGN = "foreign"
    PREMIUM = "premium"
    """A number that charges the caller, or a range that the rules refuse."""
    AGENT_CAP = "agent_cap"
    DAY_CAP = "day_cap"
    AT_ONCE = "at_once"
    OFF = "off"
    """Outgoing calls are switched off, or the trunk cannot be dialled."""


class First(StrEnum):
    """Who is rung first for a callback."""

    AGENT = "agent_first"
    CUSTOMER = "customer_first"


@dataclass(frozen=True, slots=True)
class OutboundRules:
    """Where calls may go, and how many. Prefixes are E.164; of two that fit, the longer decides."""

    allow: tuple[str, ...] = ("+62",)
    refuse: tuple[str, ...] = ("+62809", "+62807", "+62804", "+62868", "+62190")
    """Premium services, votes, shared cost, satellite telephones, the former premium range."""
    own: tuple[str, ...] = ()
    """The centre's own numbers, in any form."""
    country: str = "ID"
    """Whose way of writing numbers without a country code is meant (ISO 3166)."""
    caller: str = ""
    """The number shown to whom we call; empty means the trunk's first that begins with ``+``."""
    national: bool = False
    """Whether the operator is sent ``0812...`` instead of ``+62812...``."""
    agent_per_day: int = 60
    per_day: int = 600
    at_once: int = 10
    hours: str = ""
    """The business hours outside which a call raises an alarm; empty means never."""
    ring_ms: int = 35_000
    """How long a telephone outside is rung."""


@dataclass(frozen=True, slots=True)
class CallbackRules:
    """How a promised call is made."""

    first: First = First.AGENT
    tries: int = 3
    """How often in all."""
    again_ms: int = 900_000
    """From a try that reached nobody to the next."""
    confirm_ms: int = 8_000
    """Customer first: how long a person has to press a key; what does not is a machine."""
    languages: tuple[str, ...] = ("id", "en")
    """In which the customer is asked for that key."""


@dataclass(frozen=True, slots=True)
class Used:
    """What was called since the day began, and what is up now."""

    by_agent: int = 0
    today: int = 0
    now: int = 0
