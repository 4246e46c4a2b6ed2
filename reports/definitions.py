"""What the centre's figures mean. Counts are kept and added; a ratio is made when it is read, and is None of nothing.

Event view: a contact counts at the moment in which its stay in a queue ended, once for each queue it stood in,
however often it rang somewhere. Waiting runs from joining the queue to hearing an agent, ringing included.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

SHORT_MS: Final = 5_000
"""Who leaves sooner is a short abandon: a wrong number, most likely."""


class End(StrEnum):
    """How a stay in a queue ended."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FLOWED_OUT = "flowed_out"
    """Elsewhere: another queue, a promised callback, voicemail, closed by the centre."""


class Stay(NamedTuple):
    """A contact's stay in a queue that is over."""

    at: int
    """When it ended, milliseconds UTC."""
    queue: str
    channel: str
    end: End
    wait_ms: int


class Counts(NamedTuple):
    """Stays added up. ``offered`` is the sum of ``answered``, ``abandoned`` and ``flowed_out``."""

    answered: int = 0
    answered_in: int = 0
    """Within the threshold, which belongs to it."""
    abandoned: int = 0
    abandoned_in: int = 0
    short_abandoned: int = 0
    flowed_out: int = 0
    wait_answered_ms: int = 0

    @property
    def offered(self) -> int:
        """Everybody who was in the queue."""
        return self.answered + self.abandoned + self.flowed_out

    def plus(self, other: Counts) -> Counts:
        """Return the sum of both."""
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


class ServiceLevel(StrEnum):
    """The variants in use. What flowed out counts in none of them."""

    SL1 = "answered_in / offered"
    SL2 = "answered_in / (offered - abandoned_in)"
    SL3 = "answered_in / answered"
    SL4 = "(answered_in + abandoned_in) / offered"
    SL5 = "answered_in / (offered - short_abandoned)"


DEFAULT: Final = ServiceLevel.SL2


def counted(stay: Stay, threshold_ms: int) -> Counts:
    """Return one stay as counts."""
    within = stay.wait_ms <= threshold_ms
    match stay.end:
        case End.ANSWERED:
            return Counts(answered=1, answered_in=int(within), wait_answered_ms=stay.wait_ms)
        case End.ABANDONED:
            short = stay.wait_ms < SHORT_MS
            return Counts(abandoned=1, abandoned_in=int(within), short_abandoned=int(short))
    return Counts(flowed_out=1)


def service_level(c: Counts, variant: ServiceLevel = DEFAULT) -> float | None:
    """Return percent, or None where there is nothing to divide by."""
    offered = c.answered + c.abandoned
    match variant:
        case ServiceLevel.SL1:
            return _percent(c.answered_in, offered)
        case ServiceLevel.SL2:
            return _percent(c.answered_in, offered - c.abandoned_in)
        case ServiceLevel.SL3:
            return _percent(c.answered_in, c.answered)
        case ServiceLevel.SL4:
            return _percent(c.answered_in + c.abandoned_in, offered)
        case ServiceLevel.SL5:
            return _percent(c.answered_in, offered - c.short_abandoned)


def abandon_rate(c: Counts) -> float | None:
    """Return percent of those not served elsewhere who gave up; short abandons are in neither."""
    return _percent(c.abandoned - c.short_abandoned, c.answered + c.abandoned - c.short_abandoned)


def average_answer_ms(c: Counts) -> int | None:
    """Return the average speed of answer."""
    return round(c.wait_answered_ms / c.answered) if c.answered else None


def _percent(part: int, whole: int) -> float | None:
    return 100.0 * part / whole if whole > 0 else None
