"""Where a caller is in a menu, as data that survives a restart."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Phase(StrEnum):
    """What the session waits for."""

    NEW = "new"
    SPEAKING = "speaking"
    LISTENING = "listening"
    JOINING = "joining"
    """The line was asked for a place."""
    WAITING = "waiting"
    """In line, with music."""
    SERVED = "served"
    """With an agent."""
    PROMISING = "promising"
    RECORDING = "recording"
    DONE = "done"


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a caller is. ``Session()`` has not begun."""

    phase: Phase = Phase.NEW
    node: str = ""
    language: str = ""
    token: int = 0
    """The last number given out; a report that bears another is late."""
    failures: int = 0
    """How often the present question went unanswered or was answered wrongly."""
    digits: str = ""
    """Pressed so far, of the number being collected."""
    collected: dict[str, str] = {}
    """The flow's variables."""
    part: str = ""
    """Which of its questions a node asks, or what it says last."""
    index: int = 0
    """Which question of a survey is asked."""
    held: str = ""
    """A number that waits to be confirmed. Personal data."""
    queued: str = ""
    """The node through which the caller joined the line last."""
    comforts: int = 0
    """How many comfort messages were said."""
    said: dict[str, tuple[int, int]] = {}
    """By queue the last place told and the last wait, in minutes; 0 for none. Nothing greater is told."""
    settled: str = ""
    """The outcome, once it is decided though the caller still hears something."""


def dump(session: Session) -> str:
    """Return the session as text (JSON), for the journal."""
    return msgspec.json.encode(session).decode()


def load(text: str) -> Session:
    """Return the session in ``text``. What is not one gives a new session: a caller begins anew and is not lost."""
    try:
        return msgspec.json.decode(text, type=Session)
    except (msgspec.MsgspecError, ValueError):
        return Session()
