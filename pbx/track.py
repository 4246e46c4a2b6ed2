"""A call on its way through the shell: what is still to be done for it, who waits for that, and its timers."""

from __future__ import annotations

import asyncio
from collections import deque

from core.errors import TryLater
from core.ids import InteractionId, LegId, OfferId
from pbx.call import Call
from pbx.effects import Action
from pbx.model import spies_for, watched_by
from pbx.orders import Order
from pbx.ports import Menu
from pbx.view import CallView


class Track:
    """A call with its flow, what is still to be done for it, and its timers."""

    __slots__ = (
        "bound",
        "call",
        "consults",
        "flow",
        "limit",
        "listen",
        "lock",
        "offers",
        "order",
        "seen",
        "todo",
        "worker",
    )

    def __init__(self, call: Call, flow: Menu) -> None:
        self.call = call
        self.flow = flow
        self.todo: deque[Action | Order] = deque()
        self.offers: list[OfferId] = []
        self.consults: list[InteractionId] = []
        self.lock = asyncio.Lock()
        self.order: Order | None = None
        self.seen: CallView | None = None
        self.worker: asyncio.Task[None] | None = None
        self.listen: asyncio.TimerHandle | None = None
        self.limit: asyncio.TimerHandle | None = None
        self.bound: asyncio.TimerHandle | None = None

    def disarm(self) -> None:
        """Stop its timers."""
        for timer in (self.listen, self.limit, self.bound):
            if timer is not None:
                timer.cancel()

    def drop(self) -> None:
        """Do no more; whoever waits for an order is told so."""
        self.disarm()
        for order in (self.order, *self.todo):
            if isinstance(order, Order):
                order.end(TryLater("The telephone system was out of reach: look at the call again."))
        self.todo.clear()
        self.order = None


def said_by(playback: str) -> tuple[InteractionId, int] | None:
    """Return the call and menu token of a playback id made by ``step``, or None for another's."""
    word, _, rest = playback.partition("-")
    owner, _, token = rest.partition("-")
    if word == "say" and token.isascii() and token.isdigit():
        return InteractionId(owner), int(token)
    return None


def watched(leg: LegId, generation: str) -> InteractionId | None:
    """Return whose call a supervisor's leg, or one that spies for it, is in."""
    spy = spies_for(leg)
    name = watched_by(spy.watch if spy else leg, generation)
    return name.interaction if name else None
