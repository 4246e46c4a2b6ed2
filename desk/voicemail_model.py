"""Messages that callers left, as screens see them, and what is sent about one."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.ids import AgentId, InteractionId, QueueId
from desk.bodies import Body, Note, Word


class Voicemail(msgspec.Struct, frozen=True):
    """A message. Its id is that of the call in which it was left."""

    id: InteractionId
    state: str
    """``new``, ``taken``, ``done`` or ``missing``: it was left, and its sound is lost; the number is known."""
    queue: QueueId
    language: str
    at: int
    """When it was left."""
    due_at: int
    """When the caller should have been called back."""
    caller: str | None
    """The number, masked; null if it was withheld."""
    length_ms: int | None
    sound: bool
    """Whether it can be heard."""
    agent: AgentId | None
    """Who took it."""
    agent_name: str | None
    taken_at: int | None
    called_at: int | None
    callback: InteractionId | None
    """The newest call to the caller about it."""
    done_at: int | None
    done_by: str | None
    """The account that finished it."""
    category: str | None
    note: str


class Page(msgspec.Struct, frozen=True):
    """A part of a list."""

    items: tuple[Voicemail, ...]
    more: bool


class Finish(Body, frozen=True):
    """What came of a message: a category, a note, or both."""

    category: Word | None = None
    note: Note = ""


class Delete(Body, frozen=True):
    """Why a message must not be heard any more."""

    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=200)]
