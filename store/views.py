"""What can be read from the tables, as values. Times are milliseconds UTC, ``*_ms`` durations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from acd.effects import Receipt
from acd.events import Event
from acd.model import Channel, Kind, Outcome, Party, Phase, QueueState
from core.ids import AgentId, InteractionId, OfferId, QueueId
from recording.ports import Recording


class Step(NamedTuple):
    """A journal entry with the receipts that were stored for it: what a replay has to find again."""

    seq: int
    at: int
    event: Event
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True)
class Interaction:
    """A contact. The caller's number is personal data: show it, never log it."""

    id: InteractionId
    channel: Channel
    caller: str
    dialled: str
    arrived_at: int
    phase: Phase
    queue: QueueId | None
    """The last one it stood in."""
    agent: AgentId | None
    """The last one it was offered to."""
    left_at: int | None
    """When the customer's leg ended."""
    closed_at: int | None
    outcome: Outcome | None
    abandoned_in: Phase | None
    kind: Kind = Kind.INBOUND
    parent: InteractionId | None = None
    """The call that a callback was promised in, or the contact that a consultation is about."""


@dataclass(frozen=True, slots=True)
class Related:
    """A consultation about a contact, or a callback promised in it."""

    id: InteractionId
    kind: Kind
    arrived_at: int
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Disposition:
    """What an agent said a contact was about. ``note`` may hold personal data: never logged."""

    agent: AgentId
    at: int
    category: str
    note: str
    follow_up: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the customer answered in the survey."""

    question: str
    at: int
    score: int


@dataclass(frozen=True, slots=True)
class Pause:
    """The recording takes down silence from ``at`` on, or sound again."""

    at: int
    on: bool
    reason: str
    agent: AgentId | None
    """Who asked for it; None where it ended by itself."""


@dataclass(frozen=True, slots=True)
class QueueChange:
    """A queue's state from ``at`` on."""

    queue: QueueId
    at: int
    state: QueueState
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Transition:
    """An interaction entered a phase by journal entry ``seq``."""

    seq: int
    at: int
    phase: Phase
    cause: str
    actor: Party
    queue: QueueId | None
    agent: AgentId | None
    offer: OfferId | None


@dataclass(frozen=True, slots=True)
class Segment:
    """One stay in a queue with at most one agent, or the part of an agent who took the contact over.

    A duration is final once the part it measures is over.
    """

    seq: int
    queue: QueueId | None
    agent: AgentId | None
    offer: OfferId | None
    queued_at: int
    offered_at: int | None
    accepted_at: int | None
    answered_at: int | None
    left_at: int | None
    ended_at: int | None
    wait_ms: int
    ring_ms: int
    talk_ms: int
    hold_ms: int
    wrap_ms: int
    result: str
    """store.rows.Result, or the interaction's outcome; empty while it lasts."""
    cause: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A receipt, and the journal entry that it belongs to."""

    seq: int
    at: int
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class History:
    """All that is kept of one interaction, in order."""

    interaction: Interaction
    transitions: tuple[Transition, ...]
    segments: tuple[Segment, ...]
    receipts: tuple[Explanation, ...]
    recording: Recording | None
    related: tuple[Related, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    survey: tuple[Answer, ...] = ()
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A contact on one line: its segments added up."""

    interaction: Interaction
    offers: int
    wait_ms: int
    ring_ms: int
    talk_ms: int
    hold_ms: int
    wrap_ms: int


@dataclass(frozen=True, slots=True)
class AgentDay:
    """An agent's facts now, and what the time since some moment went into."""

    agent: AgentId
    signed_in: bool
    ready: bool
    reason: str
    reach: tuple[str, ...]
    since: int
    """When the facts above last changed."""
    signed_in_ms: int
    ready_ms: int
    answered: int
    """Customers' contacts; consultations are only in ``consult_ms``."""
    not_taken: int
    talk_ms: int
    hold_ms: int
    wrap_ms: int
    consult_ms: int
