"""Telephones outside in a visit's room, as the visit knows them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from core.ids import InteractionId
from video.model import ParticipantId
from video.visit import ByTelephone, Stage

VISITORS: Final = ParticipantId("visitor-telephone")
"""The telephone on which the visitor goes on."""

WITH_US: Final = frozenset((Stage.CONNECTING, Stage.TALKING))
"""A telephone is in a call only as long as somebody of the centre is: nobody else could end it, and it costs."""

_VISITOR_STAYS: Final = WITH_US | {Stage.WAITING}
"""The visitor's own can be hung up by the visitor, and goes on to the next agent."""


@dataclass(slots=True)
class Telephone:
    """It rings, or is in the room."""

    id: ParticipantId
    consult: InteractionId
    """By which the desk names it."""
    end: Callable[[], None]
    again: Callable[[], Awaitable[None]]
    """Has it connect anew, to a room that was lost."""
    here: bool = False
    """It was answered and is heard."""
    hung_up: bool = False
    """Its line was ended from outside."""


class Telephones:
    """Those of one visit."""

    def __init__(self) -> None:
        self._all: dict[ParticipantId, Telephone] = {}

    def show(self, telephone: Telephone, *, over: bool) -> ByTelephone | None:
        """Note how one is, or that it is over; return what that means for the visitor, if it is the visitor's."""
        if over:
            self._all.pop(telephone.id, None)
        else:
            self._all[telephone.id] = telephone
        if telephone.id != VISITORS:
            return None
        return ByTelephone(here=telephone.here and not over, hung_up=over and telephone.hung_up)

    def settle(self, stage: Stage) -> None:
        """End those that have no business in this stage of the call."""
        for one in list(self._all.values()):
            if stage not in (_VISITOR_STAYS if one.id == VISITORS else WITH_US):
                one.end()

    def errands(self) -> Sequence[Callable[[], Awaitable[None]]]:
        """Return what has each connect anew."""
        return [one.again for one in self._all.values()]

    def outside(self) -> Sequence[Telephone]:
        """Return those that are not the visitor's."""
        return [one for one in self._all.values() if one.id != VISITORS]

    @property
    def visitors(self) -> str:
        """``ringing`` or ``here`` for the visitor's own; empty without one."""
        own = self._all.get(VISITORS)
        return "" if own is None else "here" if own.here else "ringing"
