"""What a person at the desk may ask of a video call, as facts for the line. Pure.

What is only done on screen (mute, camera, chat) a page does by itself.
"""

from __future__ import annotations

from typing import Final

from acd.events import Arrived, Dismissed, Ended, Event, Queued, Requeued, TakenOver, TransferCompleted
from acd.model import Channel, Kind, Need, Outcome, Party
from core.ids import AgentId, InteractionId, QueueId, derived_interaction_id
from video.visit_ports import Contact

STRICT_MS: Final = 20_000
"""So long a colleague who was named has to come."""


def callback_id(visit: InteractionId) -> InteractionId:
    """Return the id of the callback promised in a visit: always the same, so that there is never a second."""
    return derived_interaction_id(visit, "callback")


def call_back(contact: Contact, number: str) -> tuple[Event, ...]:
    """Close a visit that left the line and put a callback at its place. To be journalled together.

    ``number`` is a telephone that the rules of outgoing calls allow.
    """
    promised = callback_id(contact.id)
    return (
        Dismissed(id=contact.id, outcome=Outcome.CALLBACK, cause="callback_promised"),
        Arrived(
            id=promised,
            channel=Channel.VOICE,
            # Not its own arrival: the visit may have taken over an earlier caller's place.
            at=contact.origin,
            caller=number,
            kind=Kind.CALLBACK,
            parent=contact.id,
        ),
        _queued(contact, promised),
    )


def back_in_line(contact: Contact) -> Queued:
    """Stand a contact that left the line where it was."""
    return _queued(contact, contact.id)


def _queued(contact: Contact, id_: InteractionId) -> Queued:
    return Queued(
        id=id_,
        queue=contact.queue or QueueId(""),
        needs=tuple(Need(skill, level) for skill, level in contact.needs),
        priority=contact.priority,
        language=contact.language,
    )


def transfer(id_: InteractionId, queue: QueueId, agent: AgentId | None) -> tuple[Event, ...]:
    """Hand the visitor to ``agent``, or to whoever the line chooses in ``queue``."""
    if agent is None:
        return (Requeued(id=id_, queue=queue),)
    return (Requeued(id=id_, queue=queue, preferred=agent, grace_ms=STRICT_MS, strict=True),)


def invite(
    id_: InteractionId, consult: InteractionId, queue: QueueId, agent: AgentId | None, at: int
) -> tuple[Event, ...]:
    """Ask a colleague, or an interpreter, into the room. ``at`` is in milliseconds UTC."""
    arrived = Arrived(id=consult, channel=Channel.VIDEO, at=at, kind=Kind.CONSULT, parent=id_)
    if agent is None:
        return arrived, Queued(id=consult, queue=queue)
    return arrived, Queued(id=consult, queue=queue, preferred=agent, grace_ms=STRICT_MS, strict=True)


def send_away(consult: InteractionId) -> tuple[Event, ...]:
    """End a colleague's part."""
    return (Ended(id=consult, by=Party.CUSTOMER, cause="ended_by_agent"),)


def complete(id_: InteractionId, consult: InteractionId) -> tuple[Event, ...]:
    """Leave the visitor to the colleague."""
    return (TransferCompleted(id=id_, consult=consult),)


def take_over(id_: InteractionId, agent: AgentId) -> tuple[Event, ...]:
    """A supervisor has the visitor from here on."""
    return (TakenOver(id=id_, agent=agent),)
