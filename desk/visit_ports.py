"""What visitors' pages need from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from acd.model import Need
from core.ids import QueueId
from desk.visit_model import Welcome


class Destination(NamedTuple):
    """Where a visitor goes."""

    queue: QueueId
    needs: Sequence[Need]


class Lobby(Protocol):
    """What the centre says of its video calls."""

    def welcome(self) -> Welcome:
        """Return how things stand now."""
        ...

    def destination(self, topic: str, language: str) -> Destination | None:
        """Return where a topic leads in a language; None if the centre has no such topic or language."""
        ...
