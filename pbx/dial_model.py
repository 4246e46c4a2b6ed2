"""A call to a telephone outside: its leg's name, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from acd.model import Kind
from core.ids import InteractionId, LegId, parse_interaction_id
from pbx.outbound_model import CallbackRules, First

_PREFIX = "out-"


def outside_leg(interaction: InteractionId, generation: str, key: int) -> LegId:
    """Return the leg that rings a telephone outside for ``interaction``.

    ``key`` tells the tries apart: the offer's number, so that one offer can never ring anybody twice.
    """
    return LegId(f"{_PREFIX}{generation}-{interaction}-{key}")


def outside_of(leg: LegId, generation: str) -> InteractionId | None:
    """Return for which interaction ``leg`` rings outside, or None if it is no such leg of this journal."""
    head, _, rest = leg.removeprefix(f"{_PREFIX}{generation}-").partition("-")
    known = parse_interaction_id(head)
    ours = leg.startswith(f"{_PREFIX}{generation}-") and rest.isascii() and rest.isdigit()
    return known if ours else None


def ringing_sound(leg: LegId) -> str:
    """Return the playback by which an agent hears that ``leg`` rings."""
    return f"ring-{leg}"


def is_outside_leg(leg: LegId) -> bool:
    """Whether we made ``leg`` to ring a telephone outside, in this journal or another."""
    return leg.startswith(_PREFIX)


@dataclass(slots=True)
class Dialling:
    """The customer of a call that we make, until both hear each other. Changed by ``dial_stage`` alone."""

    number: str
    """As the customer gave it. Personal data: never logged."""
    kind: Kind = Kind.CALLBACK
    rules: CallbackRules = field(default_factory=CallbackRules)
    leg: LegId | None = None
    """What rings the customer."""
    tries: int = 0
    """How often the customer was rung, this time included."""
    token: int = 0
    """The number of the last prompt or timer of ours; a report that bears another is late."""
    confirmed: bool = False
    """A person pressed the key, or none is asked for."""
    cause: str = ""
    """Why we end the try ourselves."""

    @property
    def customer_first(self) -> bool:
        """Whether the customer is rung before the agent. An agent's own call is always the agent's first."""
        return self.kind is Kind.CALLBACK and self.rules.first is First.CUSTOMER
