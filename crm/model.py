"""What is known of a customer beside the contact of the moment. Times are milliseconds since 1970 UTC."""

from __future__ import annotations

import msgspec

from core.ids import AgentId, InteractionId, QueueId


class Earlier(msgspec.Struct, frozen=True):
    """Another contact of the same customer."""

    id: InteractionId
    channel: str
    kind: str
    """acd.model.Kind: ``inbound``, ``callback`` or ``outbound``."""
    at: int
    """When it arrived."""
    queue: QueueId | None
    agent: AgentId | None
    """Who said last what it was about, or else who had it last."""
    outcome: str | None
    """None while it lasts."""
    category: str | None
    note: str
    message_ms: int | None
    """Length of the message the customer left; None if there is none."""


class Past(msgspec.Struct, frozen=True):
    """A page of a customer's earlier contacts, the newest first."""

    known: bool
    """Whether the address says who the customer is: a withheld number and a name that was typed in do not."""
    items: tuple[Earlier, ...] = ()
    more: bool = False


class Draft(msgspec.Struct, frozen=True):
    """What an agent has written about a contact and not handed in yet."""

    interaction: InteractionId
    at: int
    text: str
    category: str | None
    follow_up: bool
    due: int | None


class Case(msgspec.Struct, frozen=True):
    """Something promised to a customer, to be done after the contact."""

    id: InteractionId
    """The contact's in which it was promised; one contact has one case at most."""
    agent: AgentId
    """Who has to do it."""
    due: int
    created_at: int
    done_at: int | None
    done_by: str | None
    channel: str
    queue: QueueId | None
    caller: str
    category: str | None
    note: str
