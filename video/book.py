"""What is kept of a visit beside the line: who said to be there, what was agreed to, what was written and rated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from core.ids import InteractionId


class Visitor(msgspec.Struct, frozen=True):
    """Who asked for a video call, in the person's own words. Personal data: never logged."""

    id: InteractionId
    name: str
    topic: str
    """A topic's id (``config/centre/video.yaml``)."""
    language: str
    camera: bool
    """False: the visitor chose to be heard only."""
    consent: str
    """The version of the text on recording that the visitor agreed to; empty: not agreed, nothing is recorded."""
    consented_at: int | None
    """Milliseconds since 1970 UTC."""
    rated: bool = False
    """Whether the visitor said how it was. Kept by ``rate``."""
    appointment_at: int | None = None
    """When the appointment begins by which the visitor came; None for who came without."""


class FileInfo(msgspec.Struct, frozen=True):
    """A file that was handed over, as both sides see it."""

    id: str
    name: str
    """Safe to show and to save. Personal data: never logged."""
    kind: str
    """A media type, found from the content."""
    size: int
    """Bytes."""
    snapshot: bool
    """A still that an agent took of what the visitor showed."""


class Message(msgspec.Struct, frozen=True):
    """A line of the chat in a call."""

    id: int
    """Grows."""
    at: int
    sender: str
    """``visitor``, or an agent's id."""
    text: str
    key: str
    """The sending page's, by which it knows that the line is kept."""
    file: FileInfo | None = None
    """What was handed over with this line, which then has no text."""


class Rating(msgspec.Struct, frozen=True):
    """What a visitor says of the call at its end."""

    score: int
    """1 to 5."""
    comment: str = ""
    """Personal data: never logged."""


class Book(Protocol):
    """Keeps visits."""

    async def add(self, visitor: Visitor) -> None:
        """Write down a visitor. A second time changes nothing."""
        ...

    async def visitor(self, interaction: InteractionId) -> Visitor | None:
        """Return who asked for the call."""
        ...

    async def say(self, interaction: InteractionId, key: str, at: int, sender: str, text: str) -> Message:
        """Keep a line of chat and return it. With a ``key`` that its sender used before: the line as it was kept."""
        ...

    async def messages(self, interaction: InteractionId) -> Sequence[Message]:
        """Return the chat, the oldest line first."""
        ...

    async def rate(self, interaction: InteractionId, rating: Rating, at: int) -> bool:
        """Keep a rating; return False if there is one already, which stands."""
        ...
