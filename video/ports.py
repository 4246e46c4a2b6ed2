"""What the forwarding unit's client needs from its owner."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from video.messages import AnyEvent
from video.model import ParticipantId, RoomId
from video.record_journal import Gap


class RoomsOwner(Protocol):
    """The control process, as far as rooms go. Calls come from the event loop and must return at once."""

    def happened(self, event: AnyEvent) -> None:
        """Take what a worker tells: see `video.messages`."""
        ...

    def worker_lost(self, rooms: Collection[RoomId]) -> None:
        """These rooms are gone with the worker that had them.

        Create each again (on whichever worker lives; with none, that raises TryLater until one is back) and have
        the browsers join anew; their cameras and microphones need not be asked for again.
        """
        ...

    def worker_found(self, rooms: Collection[RoomId]) -> None:
        """A worker is connected, and has these rooms: after this process was away, they are still going on."""
        ...


@dataclass(frozen=True, slots=True)
class Leg:
    """What one participant said, as mono WAV, as long as the recording."""

    participant: ParticipantId
    file: str


@dataclass(frozen=True, slots=True)
class Media:
    """A finished recording of a room. Files are named from the recordings folder down; times are UTC milliseconds."""

    id: RoomId
    started_at: int
    ended_at: int
    file: str
    """Matroska, all pictures and voices; empty if nothing was recorded."""
    length_ms: int
    legs: tuple[Leg, ...]
    gaps: tuple[Gap, ...]
    """In microseconds UTC."""


class MediaRows(Protocol):
    """Where finished recordings of rooms are noted."""

    async def add(self, media: Media) -> None:
        """Note a recording; one that is there already is replaced."""
        ...
