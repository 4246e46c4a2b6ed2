"""What visitors' pages need from outside."""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

from acd.model import Need
from core.ids import InteractionId, QueueId
from desk.visit_model import Welcome
from video.visit import Destination


class Telephone(NamedTuple):
    """A telephone on which somebody wants to be called."""

    number: str
    """In E.164; empty if it is not called."""
    refusal: str
    """Why not: a value of ``pbx.outbound_model.Denial``, or ``TWICE``; empty if it is."""


TWICE: Final = "twice"
"""Somebody is to be called on that number already."""


class Numbers(Protocol):
    """Which telephones the centre calls."""

    def telephone(self, text: str) -> Telephone:
        """Return the telephone meant by ``text``, or why it is not called."""
        ...

    def promised(self, id_: InteractionId) -> str | None:
        """Return the telephone on which a visitor is to be called, if that was promised and not yet done."""
        ...


class Place(Protocol):
    """A place in the telephone's line, which its caller may take along."""

    @property
    def id(self) -> InteractionId:
        """The call."""
        ...

    @property
    def queue(self) -> QueueId:
        """Where it stands."""
        ...

    @property
    def needs(self) -> tuple[Need, ...]:
        """What it asks of an agent by now."""
        ...


class Places(Protocol):
    """Places in line that can be taken over by a code."""

    def find(self, code: str, who: str) -> Place:
        """Return the place that ``code`` stands for; ``who`` is an address, counted when the code is wrong.

        Raises Gone for a code that is wrong, too old or used up, TryLater for whoever tried too many.
        """
        ...


class Lobby(Protocol):
    """What the centre says of its video calls."""

    def welcome(self) -> Welcome:
        """Return how things stand now."""
        ...

    def destination(self, topic: str, language: str) -> Destination | None:
        """Return where a topic leads in a language; None if the centre has no such topic or language."""
        ...
