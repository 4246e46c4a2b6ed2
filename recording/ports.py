"""What finishing recordings needs from outside, and what is kept of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from core.ids import InteractionId
from recording.policy import Call, Problem


class State(StrEnum):
    """How far a recording is, and how it turned out."""

    OPEN = "open"
    """Expected, being recorded, or not yet looked at."""
    FINISHED = "finished"
    ALARM = "alarm"
    """Kept, and something is wrong with it: see the problems."""
    MISSING = "missing"
    """The call was to be recorded and there is no file."""
    ADOPTED = "adopted"
    """Found without a row and kept: taken while control was down."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording. Its id is the interaction's; files are named from the recordings folder down."""

    id: InteractionId
    state: State
    started_at: int
    ended_at: int | None = None
    customer_file: str = ""
    agent_file: str = ""
    length_ms: int | None = None
    call_ms: int | None = None
    level_customer_db: float | None = None
    level_agent_db: float | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """An open recording whose call is over."""

    id: InteractionId
    started_at: int
    call: Call | None
    """None for one that was found without a row."""


class Recordings(Protocol):
    """The rows of recordings. A row comes before anything is done with a file."""

    async def due(self) -> Sequence[Due]:
        """Return open recordings whose calls are over, the oldest first."""
        ...

    async def known(self, ids: Collection[InteractionId]) -> frozenset[InteractionId]:
        """Return those of ``ids`` that have a row, and not one that says that the file is missing."""
        ...

    async def adopt(self, id_: InteractionId, started_at: int) -> None:
        """Open a row for files that ``known`` does not know."""
        ...

    async def finish(self, recording: Recording) -> None:
        """Write how an open recording turned out. Twice is harmless."""
        ...
