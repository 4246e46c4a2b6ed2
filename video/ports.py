"""What the forwarding unit's client needs from its owner."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from video.messages import AnyEvent
from video.model import RoomId


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
