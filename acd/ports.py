"""What the line needs from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

from acd.effects import Effect
from acd.events import Event


class Entry(NamedTuple):
    """One journalled step: the event as taken at ``at``, and what followed from it."""

    seq: int
    """Consecutive from 1."""
    at: int
    """Milliseconds UTC, never less than the entry's before."""
    event: Event
    effects: tuple[Effect, ...]


class Snapshot(NamedTuple):
    """The state after ``seq``, as bytes that ``acd.snapshot`` can read."""

    seq: int
    version: str
    """A snapshot made by another version of the code is passed over."""
    body: bytes


class Journal(Protocol):
    """Append-only. What is in it happened; what is not did not."""

    async def append(self, entries: Sequence[Entry]) -> None:
        """Make ``entries`` and the rows that follow from them durable, in one transaction.

        Any exception is fatal to the caller: the state is ahead of the journal and must be folded anew.
        """
        ...

    def read(self, after: int = 0) -> AsyncIterator[tuple[int, int, Event]]:
        """Yield (seq, at, event) of every entry past ``after``, in order."""
        ...

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, and the one before it."""
        ...

    async def snapshots(self) -> Sequence[Snapshot]:
        """Return the kept snapshots, newest first."""
        ...


class Performer(Protocol):
    """Carries effects out."""

    def perform(self, effects: Sequence[Effect]) -> None:
        """Start carrying out ``effects`` in order. Returns at once; a failure comes back as an event."""
        ...


class Watcher(Protocol):
    """Is shown what happened, for screens, streams and estimates."""

    def saw(self, entries: Sequence[Entry]) -> None:
        """Take entries that are journalled, each once and in order, after the performers got their effects.

        Returns at once. What it raises is logged and goes no further.
        """
        ...
