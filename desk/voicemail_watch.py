"""How many messages wait in each queue: looked at again and again, because the recorder and the terminal write too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, NoReturn

from core.errors import SambungError
from core.ids import QueueId
from desk.feed import Feed
from desk.model import Voicemails
from desk.views import Views
from desk.voicemail_ports import Voicemails as Rows
from recording.voicemail import Count, State

_LOOK_S: Final = 1.0


class VoicemailWatch:
    """Keeps ``Views.voicemails``, and has the figures published when they change."""

    def __init__(self, rows: Rows, views: Views, feed: Feed, due: Callable[[int], int]) -> None:
        self._rows = rows
        self._views = views
        self._feed = feed
        self._due = due
        # What was read first must not be shown last.
        self._turn = asyncio.Lock()

    async def look(self) -> None:
        """Read the figures, and publish them now if they are others."""
        async with self._turn:
            found = figures(await self._rows.counts(), self._due)
            if found != self._views.voicemails:
                self._views.voicemails = found
                self._feed.publish_figures()

    async def run(self) -> NoReturn:
        """Look again and again until cancelled."""
        while True:
            with suppress(SambungError):
                await self.look()
            await asyncio.sleep(_LOOK_S)


def figures(counts: Sequence[Count], due: Callable[[int], int]) -> dict[QueueId, Voicemails]:
    """Return what is shown of each queue that has messages. ``due`` never falls with time: the oldest is due first."""
    found = {}
    for queue in {count.queue for count in counts}:
        own = [count for count in counts if count.queue == queue]
        free = [count for count in own if count.state is not State.TAKEN]
        changes = [count.changed_at for count in own if count.changed_at is not None]
        found[queue] = Voicemails(
            new=sum(count.number for count in free),
            taken=sum(count.number for count in own) - sum(count.number for count in free),
            oldest_at=min((count.oldest_at for count in free), default=None),
            due_at=min((due(count.oldest_at) for count in own), default=None),
            changed_at=max(changes, default=None),
        )
    return found
