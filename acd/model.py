"""What the line knows, and the events that tell it.

Events are facts. They are journalled with the time they were taken, and folding the journal gives the state
again, so every field is typed to the leaf: a bare ``tuple`` would come back from JSON with lists inside.
Times are milliseconds: ``at`` and ``until`` since 1970 UTC, ``*_ms`` durations.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from core.ids import AgentId, InteractionId, LegId, OfferId, ProfileId, QueueId, SkillId


class Channel(StrEnum):
    """How a contact reaches the centre."""

    VOICE = "voice"
    VIDEO = "video"
    WALKIN = "walkin"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    INSTAGRAM = "instagram"
    CHAT = "chat"


class Phase(StrEnum):
    """Where an interaction is. Every interaction is in exactly one."""

    IN_MENU = "in_menu"
    WITH_BOT = "with_bot"
    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTING = "connecting"
    TALKING = "talking"
    HELD = "held"
    WRAPPING = "wrapping"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How an interaction ended. Every closed interaction has exactly one."""

    HANDLED = "handled"
    ABANDONED = "abandoned"
    OVERFLOWED = "overflowed"
    CALLBACK = "callback"
    VOICEMAIL = "voicemail"
    DEFLECTED = "deflected"
    REFUSED = "refused"
    FAILED = "failed"


class Party(StrEnum):
    """Who caused a transition."""

    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


class DeviceFault(StrEnum):
    """Why an agent's device could not be offered a contact. None of these is the person's doing."""

    UNREACHABLE = "unreachable"
    BUSY = "busy"
    ERROR = "error"


# --- configuration: part of the journal, or a replay would decide by other rules ---------------------------


class Need(msgspec.Struct, frozen=True):
    """A skill asked of the agent, at ``level`` or better (1 is the lowest)."""

    skill: SkillId
    level: int = 1


class Relax(msgspec.Struct, frozen=True):
    """From ``after_ms`` of waiting on, ``needs`` replaces what was asked before."""

    after_ms: int
    needs: tuple[Need, ...] = ()


class ChannelRule(msgspec.Struct, frozen=True):
    """What a contact on this channel costs of an agent's 100, and which may interrupt it."""

    channel: Channel
    cost: int
    interrupted_by: tuple[Channel, ...] = ()


class Row(msgspec.Struct, frozen=True):
    """One line of a routing profile: this queue on this channel, in ``rank`` order, after ``delay_ms``."""

    queue: QueueId
    channel: Channel
    rank: int = 1
    delay_ms: int = 0


class Profile(msgspec.Struct, frozen=True):
    """Which contacts an agent takes, and in which order."""

    id: ProfileId
    rows: tuple[Row, ...]


class QueueRule(msgspec.Struct, frozen=True):
    """How long a contact of this queue rings, wraps up and keeps an agent who missed it out."""

    id: QueueId
    offer_ms: int = 20_000
    wrap_up_ms: int = 30_000
    exclude_ms: int = 60_000
    priority: int = 0


class AgentRule(msgspec.Struct, frozen=True):
    """What an agent may do. ``skills`` maps a skill to its level."""

    id: AgentId
    profile: ProfileId
    skills: dict[SkillId, int] = {}


class LineRules(msgspec.Struct, frozen=True):
    """Everything the line decides by."""

    channels: tuple[ChannelRule, ...]
    queues: tuple[QueueRule, ...]
    profiles: tuple[Profile, ...]
    agents: tuple[AgentRule, ...]
    drain_ms: int = 30_000
    """How long an eligible contact that does not fit may wait before its agent takes nothing smaller."""


# --- events ------------------------------------------------------------------------------------------------


class _Event(msgspec.Struct, frozen=True, tag_field="event", omit_defaults=True):
    pass


class Configured(_Event, frozen=True, tag="configured"):
    """The rules in force from here on. Agents and queues that are no longer named stop getting contacts."""

    rules: LineRules


class AgentSignedIn(_Event, frozen=True, tag="agent_signed_in"):
    """The agent's working day began; intent is not-ready until ``IntentSet``."""

    agent: AgentId


class AgentSignedOut(_Event, frozen=True, tag="agent_signed_out"):
    """The agent takes nothing more. Live work is kept; an offer is rescinded."""

    agent: AgentId


class IntentSet(_Event, frozen=True, tag="intent_set"):
    """The agent wishes to be ready, or not, with a reason."""

    agent: AgentId
    ready: bool
    reason: str = ""
    actor: Party = Party.AGENT


class ReachChanged(_Event, frozen=True, tag="reach_changed"):
    """The agent's device for ``channel`` came or went."""

    agent: AgentId
    channel: Channel
    ok: bool


class Arrived(_Event, frozen=True, tag="arrived"):
    """A contact is here, in the menu or with the bot. ``at`` is when it reached us; it sets the score."""

    id: InteractionId
    channel: Channel
    at: int
    leg: LegId = LegId("")
    caller: str = ""
    """The customer's address on the channel. Personal data: never logged."""
    dialled: str = ""


class MenuMoved(_Event, frozen=True, tag="menu_moved"):
    """The menu reached a place worth returning to after a restart. ``place`` is the menu's own text."""

    id: InteractionId
    place: str


class Queued(_Event, frozen=True, tag="queued"):
    """The contact joins a queue. The score is its arrival, so a transfer keeps the place."""

    id: InteractionId
    queue: QueueId
    needs: tuple[Need, ...] = ()
    relax: tuple[Relax, ...] = ()
    priority: int = 0
    preferred: AgentId | None = None
    grace_ms: int = 0
    language: str = ""


class OfferAccepted(_Event, frozen=True, tag="offer_accepted"):
    """The agent took the offer. Too late is not an error: the agent is told who has it."""

    offer: OfferId


class OfferRejected(_Event, frozen=True, tag="offer_rejected"):
    """The agent declined."""

    offer: OfferId


class OfferFailed(_Event, frozen=True, tag="offer_failed"):
    """The agent's device could not be reached; the agent is not to blame."""

    offer: OfferId
    fault: DeviceFault


class Connected(_Event, frozen=True, tag="connected"):
    """Customer and agent hear each other."""

    id: InteractionId


class Held(_Event, frozen=True, tag="held"):
    """The customer was put on hold."""

    id: InteractionId


class Resumed(_Event, frozen=True, tag="resumed"):
    """The customer was taken off hold."""

    id: InteractionId


class PriorityChanged(_Event, frozen=True, tag="priority_changed"):
    """A waiting contact moves by 60 seconds a point."""

    id: InteractionId
    priority: int


class Requeued(_Event, frozen=True, tag="requeued"):
    """A contact being handled goes back into a queue (blind transfer), at its original score."""

    id: InteractionId
    queue: QueueId
    needs: tuple[Need, ...] = ()
    relax: tuple[Relax, ...] = ()


class Ended(_Event, frozen=True, tag="ended"):
    """``by`` left. Before talking this is an abandon, after it the wrap-up begins."""

    id: InteractionId
    by: Party
    cause: str = ""


class Dismissed(_Event, frozen=True, tag="dismissed"):
    """The centre ends a contact before an agent has it: closed, refused, served by the menu, overflowed."""

    id: InteractionId
    outcome: Outcome
    cause: str = ""


class Failed(_Event, frozen=True, tag="failed"):
    """The machinery lost the contact (Asterisk died, connecting was impossible)."""

    id: InteractionId
    cause: str = ""


class WrapUpDone(_Event, frozen=True, tag="wrap_up_done"):
    """The agent finished the work after the contact."""

    id: InteractionId


class Tick(_Event, frozen=True, tag="tick"):
    """Time passed. Journalled like the rest, or a replay would expire things at other moments."""


Event: TypeAlias = (
    Configured
    | AgentSignedIn
    | AgentSignedOut
    | IntentSet
    | ReachChanged
    | Arrived
    | MenuMoved
    | Queued
    | OfferAccepted
    | OfferRejected
    | OfferFailed
    | Connected
    | Held
    | Resumed
    | PriorityChanged
    | Requeued
    | Ended
    | Dismissed
    | Failed
    | WrapUpDone
    | Tick
)
