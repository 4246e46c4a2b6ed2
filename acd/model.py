"""What the line knows and decides by: words and rules. The facts that it is told are in ``events``."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from core.ids import AgentId, ProfileId, QueueId, SkillId


class Channel(StrEnum):
    """How a contact reaches the centre."""

    VOICE = "voice"
    VIDEO = "video"
    WALKIN = "walkin"
    WHATSAPP = "whatsapp"
    EMAIL = "email"
    INSTAGRAM = "instagram"
    CHAT = "chat"


class Kind(StrEnum):
    """Why a contact exists."""

    INBOUND = "inbound"
    CALLBACK = "callback"
    """Promised to a customer who gave up waiting on the telephone; it keeps that customer's place.

    Not yet begun, it ends (DEFLECTED) when the same customer is promised another in the same queue, which takes over
    the better place (``promised_anew``), or calls again and is served there (``served_meanwhile``).
    """
    CONSULT = "consult"
    """An agent asks a colleague about the contact ``parent``. No customer of its own."""
    OUTBOUND = "outbound"
    """An agent calls a customer. Only a call of kind ``INBOUND`` has a menu to go back to."""


class QueueState(StrEnum):
    """What a supervisor lets a queue do."""

    OPEN = "open"
    PAUSED = "paused"
    """Contacts join and wait; none is offered."""
    DRAINING = "draining"
    """Those who wait are served; nobody joins."""


class Phase(StrEnum):
    """Where an interaction is. Every interaction is in exactly one."""

    IN_MENU = "in_menu"
    WITH_BOT = "with_bot"
    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTING = "connecting"
    TALKING = "talking"
    HELD = "held"
    PARKED = "parked"
    """With nobody, costing nobody's capacity, until a moment or until an agent retrieves it."""
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
    HANDED_OVER = "handed_over"
    """Another contact of the same customer, on another channel, has taken over its place (``Arrived.takes``)."""
    REFUSED = "refused"
    FAILED = "failed"
    UNREACHED = "unreached"
    """The customer of a callback or an outgoing call did not answer, and it will not be tried again."""


class Party(StrEnum):
    """Who caused a transition."""

    CUSTOMER = "customer"
    """In a consultation: the agent who asks."""
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
    """What a contact on this channel costs of an agent's 100, and which may interrupt it: never its own channel."""

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
    max_wait_ms: int = 0
    """A contact that waited so long overflows or leaves; 0 means never. As ``max_length`` it concerns only inbound
    contacts (``Kind``), and not a strict one."""
    max_length: int = 0
    """With so many waiting on a channel, one more on it overflows or leaves; 0 means no limit."""
    overflow: QueueId = QueueId("")
    """Where a contact goes at either limit, keeping its score, but never back to a queue it came from that way.
    If there is no such queue a caller leaves the line (``Leave``), and a contact on another channel, which has no
    menu that could tell it more, stays."""
    return_ms: int = 0
    """A caller who gives up and is back within so long gets the old place; 0 means never."""
    last_agent_ms: int = 0
    """So long a contact is kept for the agent who last had this customer; 0 means not."""
    wrap_up_extra_ms: int = 30_000
    """What one extension adds to the wrap-up."""
    wrap_up_extensions: int = 2
    """How often the agent may extend it."""
    empty_ms: int = 0
    """A caller for whom so long no agent was signed in overflows or leaves; 0 means never."""
    serve_out: bool = True
    """Whether callers in line when the queue's hours end (``QueueHours``) are served while an agent who could have
    them is signed in. Otherwise they overflow or leave at once, as nobody joins a closed queue."""


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
    languages: dict[str, SkillId] = {}
    """By a customer's language: the skill of those who speak it, where it is one. A contact that is passed on or
    asked about goes on asking for it."""
