"""What screens see: live views, snapshots and events, as JSON. ``bodies`` has what they send.

Times are milliseconds since 1970 UTC by the server's clock; ``*_ms`` are durations. An absent thing is null, never
zero or an empty text. Telephone numbers are masked (``0812••••3391``); ``reveal`` gives one in full, audited.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from acd.model import Channel, Kind, Phase, QueueState
from core.ids import AgentId, InteractionId, OfferId, QueueId

Label: TypeAlias = dict[str, str]
"""What people read, by language."""


class Topic(StrEnum):
    """What a stream can be about. ``policy`` says who may have which."""

    DESK = "desk"
    """The agent's own state and contacts, and what is said to the agent."""
    CENTRE = "centre"
    """Open or closed, links, degraded or not."""
    QUEUES = "queues"
    COLLEAGUES = "colleagues"
    """Whom a contact can be handed to."""
    AGENTS = "agents"
    CONTACTS = "contacts"
    WALLBOARD = "wallboard"


class AgentState(StrEnum):
    """An agent in one word, derived anew each time: never stored."""

    SIGNED_OUT = "signed_out"
    NOT_READY = "not_ready"
    READY = "ready"
    OFFERED = "offered"
    TALKING = "talking"
    HELD = "held"
    WRAPPING = "wrapping"


class Health(StrEnum):
    """How a figure stands to its target (wallboard, queue table)."""

    GOOD = "good"
    NEAR = "near"
    OVER = "over"
    NONE = "none"
    """Too few contacts, or nothing known: no colour."""


# --- a contact ---------------------------------------------------------------------------------------------


class Party(msgspec.Struct, frozen=True, omit_defaults=True):
    """Somebody in a call."""

    who: str
    """``customer``, ``agent``, ``colleague`` or ``supervisor``."""
    agent: AgentId | None = None
    muted: bool = False
    held: bool = False
    joined: bool = True
    """False while the device rings."""
    mode: str = ""
    """A supervisor's: ``listen``, ``whisper`` or ``barge``."""
    consult: InteractionId | None = None
    """By which a colleague or a telephone was asked into a video call: what ``end-consult`` takes."""


class CallLive(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a telephone or video contact is beside its phase."""

    parties: tuple[Party, ...] = ()
    recording: str = "off"
    """``on``, ``paused`` or ``off``."""
    consult: InteractionId | None = None
    """The consultation about this contact, whether or not the colleague has answered; without one, a telephone's."""
    talking_to: str = "customer"
    """Whom the agent hears: ``customer``, ``colleague`` or ``all``."""
    room: str | None = None
    """The video room, for a video contact."""


class Why(msgspec.Struct, frozen=True):
    """Why an agent is offered a contact; the facts of the receipt that an offer card shows."""

    rule: str
    """``contact_searched``, ``agent_pulled`` or ``preferred``."""
    waited_ms: int
    eligible: int
    """Agents there were to choose from."""


class OfferLive(msgspec.Struct, frozen=True):
    """A lease: accept before ``until``."""

    offer: OfferId
    until: int
    since: int
    why: Why | None = None


class Contact(msgspec.Struct, frozen=True):
    """A live interaction. On a desk that wraps it up the phase is ``wrapping``, whoever has it by now."""

    id: InteractionId
    channel: Channel
    kind: Kind
    phase: Phase
    since: int
    """When it came into its phase."""
    arrived_at: int
    queue: QueueId | None
    agent: AgentId | None
    priority: int
    caller: str | None
    """The customer's address, masked."""
    language: str | None
    parent: InteractionId | None
    """The contact a consultation is about, or the call a callback was promised in."""
    offer: OfferLive | None = None
    consults: tuple[InteractionId, ...] = ()
    """Live consultations about it."""
    score: int | None = None
    """Place in line while waiting: the lowest goes first, over all channels."""
    needs: dict[str, int] = {}
    """Skills asked for by now, with levels."""
    until: int | None = None
    """End of the wrap-up while wrapping; when it comes back while parked."""
    extensions: int | None = None
    """How often the wrap-up may still be extended."""
    call: CallLive | None = None
    category: str | None = None
    """What the agent of this desk has said so far."""
    menu: str | None = None
    """Where in the menu the caller is or was."""
    appointment_at: int | None = None
    """When the appointment begins by which a visitor by video came."""
    about: Label | None = None
    """What a visitor by video wants to talk about."""


# --- agents ------------------------------------------------------------------------------------------------


class Phone(msgspec.Struct, frozen=True):
    """A device by which an agent is reached."""

    endpoint: str
    kind: str
    """``browser`` or ``telephone``."""
    up: bool


class Agent(msgspec.Struct, frozen=True):
    """An agent, for those who lead."""

    id: AgentId
    name: str
    state: AgentState
    since: int
    """When the state began."""
    signed_in: bool
    ready: bool
    reason: str | None
    reason_until: int | None
    """When a break of this kind is usually over."""
    next_not_ready: str | None
    """The reason for which the agent goes not-ready once the open offer is settled."""
    reach: tuple[Channel, ...]
    load: int
    """Out of 100; what is offered counts."""
    offered_load: int
    """The part of ``load`` that is only offered."""
    work: tuple[InteractionId, ...]
    queues: tuple[QueueId, ...]
    desk: bool
    """Whether a desk of this agent is connected."""
    phones: tuple[Phone, ...]


class Colleague(msgspec.Struct, frozen=True):
    """An agent, for those who hand over a contact."""

    id: AgentId
    name: str
    state: AgentState
    load: int
    reach: tuple[Channel, ...]
    queues: tuple[QueueId, ...]
    skills: dict[str, int]


# --- the room ----------------------------------------------------------------------------------------------


class Figures(msgspec.Struct, frozen=True):
    """Counts of contacts that joined within a time, and what follows from them (``reports.definitions``)."""

    offered: int
    answered: int
    answered_in: int
    """Answered within ``threshold_ms``, inclusive."""
    abandoned: int
    abandoned_in: int
    short_abandoned: int
    flowed_out: int
    threshold_ms: int
    service_level: float | None
    """Percent, answered_in / (offered - short_abandoned - flowed_out); null without contacts."""
    abandon_rate: float | None
    asa_ms: int | None


class Voicemails(msgspec.Struct, frozen=True):
    """Messages that callers left in a queue and that are not done."""

    new: int = 0
    """Nobody has them."""
    taken: int = 0
    oldest_at: int | None = None
    """When the oldest was left that nobody has."""
    due_at: int | None = None
    """When the first caller should have been called back."""
    changed_at: int | None = None
    """When one of them last changed."""


class Queue(msgspec.Struct, frozen=True):
    """A queue and how it does."""

    id: QueueId
    name: Label
    state: QueueState
    reason: str | None
    by: str | None
    waiting: int
    by_channel: dict[Channel, int]
    longest_since: int | None
    """Arrival of the contact that has waited longest."""
    predicted_ms: int | None
    """P80 of the wait of whoever joins now; null when it cannot be said."""
    ready: int
    """Agents ready with room."""
    working: int
    signed_in: int
    half_hour: Figures
    today: Figures
    health: Health
    voicemails: Voicemails | None = None


class Tile(msgspec.Struct, frozen=True):
    """A channel on the wallboard."""

    channel: Channel
    waiting: int
    longest_since: int | None
    limit_ms: int
    service_level: float | None
    target: float
    contacts: int
    """How many the service level is of."""
    health: Health


class Crew(msgspec.Struct, frozen=True):
    """How many agents do what."""

    talking: int
    ready: int
    wrapping: int
    not_ready: int
    signed_in: int


class Alarm(msgspec.Struct, frozen=True):
    """The single worst breach."""

    kind: str
    """``longest_wait``, ``service_level``, ``nobody_ready`` or ``link_down``."""
    subject: str
    """A channel, a queue or a link."""
    value: float
    limit: float


class Wallboard(msgspec.Struct, frozen=True):
    """The room's figures. No name, no number, nobody's contact."""

    tiles: tuple[Tile, ...]
    crew: Crew
    handled_today: int
    alarm: Alarm | None


class LinkState(msgspec.Struct, frozen=True):
    """A connection to the outside."""

    name: str
    up: bool
    since: int


class Centre(msgspec.Struct, frozen=True):
    """The centre as a whole."""

    closed: bool
    """Closed by the emergency switch."""
    reason: str | None
    by: str | None
    since: int | None
    links: tuple[LinkState, ...]
    degraded: bool
    """Calls go to the fallback queue, or nobody can be rung."""


# --- the stream --------------------------------------------------------------------------------------------


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that happened and leaves no trace in any view."""

    kind: str
    """``offer_over``, ``note``, ``signed_out``; ``call_out_of_hours``: the agent ``by`` has an outside call made."""
    id: InteractionId | None = None
    offer: OfferId | None = None
    why: str = ""
    """Of an offer that is over: ``taken``, ``cancelled``, ``expired``, ``rescinded``, ``rejected``, ``failed``."""
    taken_by: AgentId | None = None
    text: str = ""
    by: str = ""
    urgent: bool = False


Value: TypeAlias = Agent | Centre | Colleague | Contact | Notice | Queue | Wallboard


class Put(msgspec.Struct, frozen=True, tag="put", tag_field="op"):
    """``key`` of ``topic`` is ``value`` from here on."""

    seq: int
    topic: Topic
    key: str
    """An id; ``me`` on the desk topic, ``centre`` and ``wallboard`` on theirs."""
    value: Agent | Centre | Colleague | Contact | Queue | Wallboard


class Drop(msgspec.Struct, frozen=True, tag="drop", tag_field="op"):
    """``key`` of ``topic`` is gone."""

    seq: int
    topic: Topic
    key: str


class Tell(msgspec.Struct, frozen=True, tag="tell", tag_field="op"):
    """A notice."""

    seq: int
    topic: Topic
    value: Notice


StreamEvent: TypeAlias = Put | Drop | Tell


class Snapshot(msgspec.Struct, frozen=True, tag="snapshot", tag_field="type"):
    """Everything, as of ``seq``: what a client starts from. The parts it may not have are empty."""

    seq: int
    now: int
    topics: tuple[Topic, ...]
    me: Agent | None
    desk: tuple[Contact, ...]
    centre: Centre | None
    queues: tuple[Queue, ...]
    colleagues: tuple[Colleague, ...]
    agents: tuple[Agent, ...]
    contacts: tuple[Contact, ...]
    wallboard: Wallboard | None


class Batch(msgspec.Struct, frozen=True, tag="events", tag_field="type"):
    """Events in order; ``seq`` is the newest the client may ask to go on after."""

    seq: int
    now: int
    events: tuple[StreamEvent, ...]


Frame: TypeAlias = Snapshot | Batch
"""One message of the stream."""
