"""What a person at the desk may ask of a video call, as facts for the line. Pure.

What is only done on screen (mute, camera, chat) a page does by itself.
"""

from __future__ import annotations

from typing import Final

from acd.events import Arrived, Ended, Event, Queued, Requeued, TakenOver, TransferCompleted
from acd.model import Channel, Kind, Party
from core.ids import AgentId, InteractionId, QueueId

STRICT_MS: Final = 20_000
"""So long a colleague who was named has to come."""


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
