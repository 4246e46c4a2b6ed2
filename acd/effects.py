"""What follows from an event, as data. The engine journals first and performs afterwards."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from acd.model import Kind, Outcome, Party, Phase, QueueState
from core.ids import AgentId, InteractionId, OfferId, QueueId


class Rule(StrEnum):
    """Which side of the line looked for the other."""

    CONTACT_SEARCHED = "contact_searched"
    AGENT_PULLED = "agent_pulled"
    PREFERRED = "preferred"
    DIRECTED = "directed"
    """The contact is for this agent alone (``strict``)."""


class Withdrawal(StrEnum):
    """Why an agent does not get, or no longer has, what was offered."""

    EXPIRED = "expired"
    REJECTED = "rejected"
    """The agent declined; the device may still be ringing."""
    RESCINDED = "rescinded"
    """The agent went not-ready or signed out, or the device went away."""
    FAILED = "failed"
    """The device failed, before or after it answered."""
    TRANSFERRED = "transferred"
    """The agent passed the contact on."""
    CANCELLED = "cancelled"
    """The customer left, went back to the menu, or was not reached."""
    LATE = "late"
    """The device answered an offer that was over."""


class Limit(StrEnum):
    """Why a contact may not (or no longer) stand in line."""

    FULL = "full"
    WAITED = "waited"
    DRAINING = "draining"
    CLOSED = "closed"
    """Its hours are over."""
    EMPTY = "empty"
    """No agent is signed in who could have it."""
    UNANSWERED = "unanswered"
    """A strict contact whose agent did not come."""


class _Effect(msgspec.Struct, frozen=True, tag_field="effect", omit_defaults=True):
    pass


class Moved(_Effect, frozen=True, tag="moved"):
    """An interaction changed phase. Rows and screens are made from these and from nothing else."""

    id: InteractionId
    phase: Phase
    cause: str
    actor: Party
    queue: QueueId | None = None
    agent: AgentId | None = None
    offer: OfferId | None = None
    outcome: Outcome | None = None
    """Set with the phase CLOSED."""
    abandoned_in: Phase | None = None
    """Set with the outcome ABANDONED."""


class AgentMoved(_Effect, frozen=True, tag="agent_moved"):
    """An agent's facts changed: intent, reach or sign-in. Load is derived from Moved."""

    agent: AgentId
    signed_in: bool
    ready: bool
    reason: str
    reachable: tuple[str, ...]
    """The channels on which the agent's device is there."""
    actor: Party


class Receipt(_Effect, frozen=True, tag="receipt"):
    """Why this agent got this contact. Can be read alone; ``explain`` adds every candidate by replay."""

    id: InteractionId
    offer: OfferId
    rule: Rule
    queue: QueueId
    winner: AgentId
    winner_load: int
    winner_since: int
    """When the winner's last contact ended."""
    runner_up: AgentId | InteractionId | None
    """The next agent (contact searched) or the next contact (agent pulled)."""
    score: int
    """Arrival minus 60,000 ms a priority point; lower goes first."""
    rank: int
    step: int
    """Which relaxation was in force, 0 being what was first asked."""
    in_queue: int
    """Agents whose profile names queue and channel by now. Each count below is a part of the one above."""
    skilled: int
    reachable: int
    ready_with_room: int
    not_excluded: int
    """Agents left to choose from."""


class SendOffer(_Effect, frozen=True, tag="send_offer"):
    """Ring this agent for this contact until ``until``."""

    offer: OfferId
    id: InteractionId
    agent: AgentId
    until: int
    kind: Kind = Kind.INBOUND
    parent: InteractionId = InteractionId("")


class CancelOffer(_Effect, frozen=True, tag="cancel_offer"):
    """Stop ringing, and end the agent's leg if it answered. The customer stays.

    Every ``SendOffer`` is followed by ``Connect`` or by this; after ``Connect`` comes this, ``Handover``,
    ``Park`` or ``Release``.
    """

    offer: OfferId
    id: InteractionId
    agent: AgentId
    why: Withdrawal
    taken_by: AgentId | None = None


class Connect(_Effect, frozen=True, tag="connect"):
    """Let customer and agent hear each other, then say ``Connected`` or ``Failed``."""

    offer: OfferId
    id: InteractionId
    agent: AgentId


class Wait(_Effect, frozen=True, tag="wait"):
    """The contact stands in line (again): music, and whatever is announced while waiting."""

    id: InteractionId
    queue: QueueId


class Leave(_Effect, frozen=True, tag="leave"):
    """The contact left the line for its menu (phase IN_MENU), which says what happens now. It keeps its score.

    The menu must answer with ``Queued``, ``Dismissed`` or ``Ended``. A contact without a menu does not get this:
    a callback is then open to all, a contact of another channel than the telephone stays in line, a consultation or an
    outgoing call is closed as REFUSED (cause: the limit).
    """

    id: InteractionId
    queue: QueueId
    why: Limit


class Handover(_Effect, frozen=True, tag="handover"):
    """``agent`` has the contact instead of ``before``, whose leg may go. The customer hears no break."""

    id: InteractionId
    offer: OfferId
    """By which ``agent`` has it from here on: the consultation's, or a fresh one when the agent took over."""
    agent: AgentId
    before: AgentId
    consult: InteractionId | None = None
    """The consultation whose legs become the contact's (it gets no ``Release``); None when taken over."""


class Park(_Effect, frozen=True, tag="park"):
    """The customer waits aside, with music; the agent's leg ends. A contact without a leg gets none."""

    id: InteractionId
    until: int


class Release(_Effect, frozen=True, tag="release"):
    """The contact is over on the wire: end whatever leg or room it still has. Doing it twice is harmless."""

    id: InteractionId
    taken: bool = False
    """Its place was taken over by another contact: whoever still listens is told so before their leg ends."""


class StartWrapUp(_Effect, frozen=True, tag="start_wrap_up"):
    """The agent has until ``until`` to finish; given again when it was extended."""

    id: InteractionId
    agent: AgentId
    until: int


class WrapUpOver(_Effect, frozen=True, tag="wrap_up_over"):
    """The agent's part of the contact is over: wrapped up, by the agent or by time, or without a wrap-up.

    Given once for each agent who talked to the customer or colleague, and each time.
    """

    id: InteractionId
    agent: AgentId
    by: Party


class QueueMoved(_Effect, frozen=True, tag="queue_moved"):
    """A queue's state changed."""

    queue: QueueId
    state: QueueState
    reason: str
    by: str


class Noted(_Effect, frozen=True, tag="noted"):
    """What was said of the contact was taken: ``Disposed``, ``Surveyed`` or ``RecordingPaused``, by the event."""

    id: InteractionId


Effect: TypeAlias = (
    Moved
    | AgentMoved
    | QueueMoved
    | Receipt
    | SendOffer
    | CancelOffer
    | Connect
    | Wait
    | Leave
    | Handover
    | Park
    | Release
    | StartWrapUp
    | WrapUpOver
    | Noted
)
"""What the line needs from outside."""
