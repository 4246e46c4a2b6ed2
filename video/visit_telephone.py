"""A telephone outside in a visit's room, as the visit knows it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from video.model import ParticipantId
from video.visit import Stage

TELEPHONE: Final = ParticipantId("telephone")

WITH_US: Final = frozenset((Stage.CONNECTING, Stage.TALKING))
"""A telephone is in a call only as long as somebody of the centre is: nobody else could end it, and it costs."""


@dataclass(slots=True)
class Telephone:
    """It rings, or is in the room."""

    end: Callable[[], None]
    again: Callable[[], Awaitable[None]]
    """Has it connect anew, to a room that was lost."""
    here: bool = False
    """It was answered and is heard."""
