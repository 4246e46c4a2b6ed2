"""The facts that the line is told.

They are journalled with the time they were taken, and folding the journal gives the state again, so every field is
typed to the leaf: a bare ``tuple`` would come back from JSON with lists inside. Times are milliseconds: ``at`` and
``until`` since 1970 UTC, ``*_ms`` durations.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from acd.model import Channel, DeviceFault, Kind, LineRules, Need, Outcome, Party, QueueState, Relax
from core.ids import AgentId, InteractionId, LegId, OfferId, QueueId


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
    kind: Kind = Kind.INBOUND
    parent: InteractionId = InteractionId("")
    """The call that a callback was promised in, or the contact that a consultation is about.

    A consultation whose parent is not talking or on hold is closed at once (REFUSED, ``parent_over``), and a
    live one ends with its parent's conversation. It closes as HANDLED if the colleague had answered.
    """
    takes: InteractionId = InteractionId("")
    """The contact of the same customer whose place this one takes over from another channel: it has that one's score
    from here on, and that one is closed (HANDED_OVER) in the same step. If that one is no longer in its menu, in line
    or being offered, nothing is taken over, and this one has just arrived."""


class MenuMoved(_Event, frozen=True, tag="menu_moved"):
    """The menu reached a place worth returning to after a restart. ``place`` is the menu's own text."""

    id: InteractionId
    place: str


class Queued(_Event, frozen=True, tag="queued"):
    """The contact joins a queue. The score is its arrival, so a transfer keeps the place.

    A consultation without ``needs`` asks for the language of the customer whom it is about.
    """

    id: InteractionId
    queue: QueueId
    needs: tuple[Need, ...] = ()
    relax: tuple[Relax, ...] = ()
    priority: int = 0
    preferred: AgentId | None = None
    grace_ms: int = 0
    language: str = ""
    strict: bool = False
    """Only ``preferred`` may have it, ready or not, if signed in, reachable and with room; profile, skills and
    the queue's state do not matter. When the grace is over, or that agent declines, misses it or is signed out,
    the contact leaves the line (``Leave``) instead of being open to all."""


class QueueStateSet(_Event, frozen=True, tag="queue_state_set"):
    """A supervisor opens, pauses or drains a queue."""

    queue: QueueId
    state: QueueState
    reason: str = ""
    by: str = ""
    """Who said so: a user's name, or ``hours``."""


class QueueHours(_Event, frozen=True, tag="queue_hours"):
    """The business hours of a queue begin or end. A queue of which this was never said is open.

    It concerns callers alone: callbacks, and what waits on other channels, wait on. A caller may still be passed on to
    a closed queue.
    """

    queue: QueueId
    open: bool


class Unqueued(_Event, frozen=True, tag="unqueued"):
    """A waiting contact that has a menu goes back to it, to be asked or told something. It keeps its score.

    If an agent's device rings for it, the offer is withdrawn; once the agent took it, nothing happens. Back in
    the same queue it goes on waiting where it was: delays and relaxations have not begun anew.
    """

    id: InteractionId
    cause: str = ""


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
    """A contact being handled goes back into a queue (blind transfer), at its original score.

    The agent who had it gets a wrap-up. ``preferred``, ``grace_ms`` and ``strict`` as in ``Queued``, but that a strict
    one whose agent does not come is open to all of ``queue`` from then on. Nothing happens if the queue is unknown,
    drains and has no overflow, or if the agent of a strict one is signed out: the agent keeps the contact. A queue's
    length is no limit here.

    Priority and language stay the customer's. Without ``needs`` and ``relax`` the contact asks in its own queue for
    what it asked for last; in another for its language alone: the skills were the old queue's matter.
    """

    id: InteractionId
    queue: QueueId
    needs: tuple[Need, ...] = ()
    relax: tuple[Relax, ...] = ()
    preferred: AgentId | None = None
    grace_ms: int = 0
    strict: bool = False


class TransferCompleted(_Event, frozen=True, tag="transfer_completed"):
    """The agent leaves ``id`` to the colleague who talks in ``consult``; the consultation is over.

    The colleague has the contact from here on; the agent who left gets a wrap-up. Both must be talking or on
    hold, on one channel.
    """

    id: InteractionId
    consult: InteractionId


class TakenOver(_Event, frozen=True, tag="taken_over"):
    """``agent`` has the contact from here on, whoever had it gets a wrap-up. The sound follows by itself.

    Nothing happens unless ``agent`` is signed in and has room beside other live contacts; wrap-ups do not count.
    """

    id: InteractionId
    agent: AgentId


class Parked(_Event, frozen=True, tag="parked"):
    """The agent puts the contact aside. At ``until`` it is offered to that agent again, then to all.

    A customer who leaves meanwhile has abandoned it (``abandoned_in`` PARKED).
    """

    id: InteractionId
    until: int


class Retrieved(_Event, frozen=True, tag="retrieved"):
    """``agent`` wants a parked contact back now; it is offered to nobody else.

    If that comes to nothing the contact is open to all. Nothing happens unless the agent is signed in and reachable.
    """

    id: InteractionId
    agent: AgentId


class Attempted(_Event, frozen=True, tag="attempted"):
    """The customer of a callback or an outgoing call was not reached. The agent is free again.

    It waits aside until ``again_at`` and then stands in line at its original score; with None it is over
    (UNREACHED). The customer may be dialled before or after an agent took the offer.
    """

    id: InteractionId
    cause: str
    again_at: int | None = None


class Disposed(_Event, frozen=True, tag="disposed"):
    """The agent says what the contact was about. The last word of each agent counts.

    Taken of a live contact, and of one of the last 1,024 closed ones.
    """

    id: InteractionId
    agent: AgentId
    category: str
    note: str = ""
    """May hold personal data: never logged."""
    follow_up: bool = False


class Surveyed(_Event, frozen=True, tag="surveyed"):
    """The customer answered a question of the survey; as ``Disposed`` also after the contact is closed."""

    id: InteractionId
    question: str
    score: int


class RecordingPaused(_Event, frozen=True, tag="recording_paused"):
    """The recording takes down silence from here on (``on``), or sound again. A gap with a name, for the audit."""

    id: InteractionId
    on: bool
    reason: str = ""
    agent: AgentId = AgentId("")
    """Who asked for it; empty when it ended by itself, with the conversation."""


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
    """The agent finished the work after the contact. ``agent`` is needed after a transfer, when several wrap up,
    and the contact may be closed by then.
    """

    id: InteractionId
    agent: AgentId = AgentId("")


class WrapUpExtended(_Event, frozen=True, tag="wrap_up_extended"):
    """The agent needs more time, as often as the queue allows."""

    id: InteractionId
    agent: AgentId


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
    | QueueStateSet
    | QueueHours
    | Unqueued
    | OfferAccepted
    | OfferRejected
    | OfferFailed
    | Connected
    | Held
    | Resumed
    | PriorityChanged
    | Requeued
    | TransferCompleted
    | TakenOver
    | Parked
    | Retrieved
    | Attempted
    | Disposed
    | Surveyed
    | RecordingPaused
    | Ended
    | Dismissed
    | Failed
    | WrapUpDone
    | WrapUpExtended
    | Tick
)
