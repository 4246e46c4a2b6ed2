"""A place in the telephone's line, taken along to another channel by a code.

The caller who waits hears a code of eight digits (``ivr``: the ``handover`` of a queue's waiting, ``Handovers.issue``).
Whoever receives a contact on another channel, today a visit by video, is given that code and

1. asks ``find`` for the place; a wrong code raises ``Gone``, too many of them ``TryLater``;
2. has the new contact arrive with ``Arrived(..., takes=place.id)``, in the same ``Engine.submit`` as its ``Queued``.

That is all: in one step of the line, and so in one append to the journal, the new contact has the score of the call,
and the call is closed (``Outcome.HANDED_OVER``): its caller hears so, then it is hung up. If an agent has answered the
call in between, or the code was used twice, ``takes`` changes nothing and the new contact has simply arrived, with a
score of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from acd.engine import Engine
from acd.model import Channel, Kind, Need, Phase
from acd.views import InteractionView
from core.clock import Clock
from core.errors import Gone, TryLater
from core.ids import InteractionId, QueueId
from core.place_code import contact_of, good_until, key_of, place_code
from desk.passwords import Tries

_WINDOW_MS: Final = 10 * 60_000
_FROM_ONE: Final = 5
_FROM_ALL: Final = 100
"""Wrong codes in a window. With 500 callers in line, trying that many finds one code in 600 windows."""

_WAITS: Final = (Phase.WAITING, Phase.OFFERED)
"""Whoever left the line to hear the code is in the menu for a moment, and keeps the place there."""


class Issued(NamedTuple):
    """A code, as it is told to the caller."""

    code: str
    until: int
    """How long it is good at most: milliseconds UTC. It is used up when the call is answered or over."""


class Place(NamedTuple):
    """What is taken over."""

    id: InteractionId
    """The call: the new contact's ``Arrived.takes``."""
    queue: QueueId
    needs: tuple[Need, ...]
    """What the call asks of an agent by now."""
    language: str
    priority: int


class Handovers:
    """Gives out codes, and says whose they are."""

    def __init__(self, engine: Engine, secret: str, clock: Clock) -> None:
        """``secret`` is the installation's."""
        self._engine = engine
        self._key = key_of(secret)
        self._clock = clock
        self._wrong = Tries(_FROM_ONE, _WINDOW_MS)
        self._wrong_by_all = Tries(_FROM_ALL, _WINDOW_MS)

    def issue(self, id_: InteractionId) -> Issued | None:
        """Return a code for a call, or None if it does not wait in line."""
        contact = self._engine.state.interaction(id_)
        if contact is None or not _can_move(contact):
            return None
        now = self._clock.now_ms()
        return Issued(place_code(self._key, id_, now), good_until(now))

    def code(self, id_: InteractionId) -> str:
        """Return a code for a call to be spoken, or nothing if it does not wait in line."""
        issued = self.issue(id_)
        return issued.code if issued else ""

    def find(self, code: str, who: str) -> Place:
        """Return the place that ``code`` stands for.

        ``who`` is where the code came from (an address), to be counted when it is wrong. Raises Gone for a code that
        is wrong, too old or used up, TryLater for whoever tried too many.
        """
        now = self._clock.now_ms()
        wait = max(self._wrong.wait_ms(who, now), self._wrong_by_all.wait_ms("", now))
        if wait:
            raise TryLater("too many wrong codes", after_s=wait / 1_000)
        id_ = contact_of(self._key, code, (contact.id for contact in self._movable()), now)
        contact = None if id_ is None else self._engine.state.interaction(id_)
        if contact is None or contact.queue is None:
            self._wrong.failed(who, now)
            self._wrong_by_all.failed("", now)
            raise Gone("the code is wrong, too old, or used up")
        needs = tuple(Need(skill, level) for skill, level in contact.needs)
        return Place(contact.id, contact.queue, needs, contact.language, contact.priority)

    def _movable(self) -> Iterator[InteractionView]:
        return (contact for contact in self._engine.state.live() if _can_move(contact))


def _can_move(contact: InteractionView) -> bool:
    here = contact.phase in _WAITS or (contact.phase is Phase.IN_MENU and contact.queued_at is not None)
    return here and contact.kind is Kind.INBOUND and contact.channel is Channel.VOICE
