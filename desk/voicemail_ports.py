"""What the desk needs of messages that callers left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.ids import AgentId, InteractionId, QueueId
from recording.voicemail import Count, State, Voicemail


class Voicemails(Protocol):
    """Their rows. Each change is done only from the state in which it may be: of two who ask, one is told False."""

    async def page(
        self,
        states: Collection[State],
        queues: Collection[QueueId] | None,
        after: InteractionId | None,
        limit: int,
        *,
        newest: bool,
    ) -> Sequence[Voicemail]:
        """Return messages in those states and queues (None: all), after one that was shown."""
        ...

    async def one(self, id_: InteractionId) -> Voicemail | None:
        """Return a message, whatever its state."""
        ...

    async def counts(self) -> Sequence[Count]:
        """Return how many messages are work, by queue and state."""
        ...

    async def take(self, id_: InteractionId, agent: AgentId, at: int) -> bool:
        """Give a message that nobody has to an agent."""
        ...

    async def put_back(self, id_: InteractionId, holder: AgentId, at: int) -> bool:
        """Take a message from the agent who has it, for anybody to take."""
        ...

    async def called(self, id_: InteractionId, callback: InteractionId, at: int) -> bool:
        """Write down that the caller is being called back."""
        ...

    async def done(
        self,
        id_: InteractionId,
        at: int,
        by: str = "",
        category: str = "",
        note: str = "",
        holder: AgentId | None = None,
    ) -> bool:
        """Finish a message; with ``holder`` only if that agent has it."""
        ...

    async def delete(self, id_: InteractionId, by: str, at: int) -> bool:
        """Take a message out, and have its sound erased."""
        ...


@dataclass(frozen=True, slots=True)
class Box:
    """The messages of the centre."""

    rows: Voicemails
    folder: Path
    """Where recordings are kept."""
    due: Callable[[int], int]
    """Returns when the caller should have been called back, of a message left at a moment (milliseconds UTC)."""
    changed: Callable[[], Awaitable[None]]
    """Tells every screen what the figures are by now."""
