"""What finishing recordings needs from outside, and what it keeps of each."""

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
    """Expected, or being recorded."""
    FINISHED = "finished"
    ALARM = "alarm"
    """Kept, and something is wrong with it: see the problems."""
    MISSING = "missing"
    """The call was to be recorded and there is no file."""
    ADOPTED = "adopted"
    """Found without a row: taken while control was down."""


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


class Recordings(Protocol):
    """The rows of recordings."""

    async def over(self) -> Sequence[Call]:
        """Return the calls that are over and whose recording is still open, oldest first."""
        ...

    async def known(self, ids: Collection[InteractionId]) -> frozenset[InteractionId]:
        """Return those of ``ids`` that have a row."""
        ...

    async def finish(self, recording: Recording) -> None:
        """Write the row, new or not. Writing it again changes nothing."""
        ...
