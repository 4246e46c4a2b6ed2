"""The business hours of queues, told to the line: it has no calendar of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import structlog

from acd.events import Event, QueueHours
from acd.state import State
from core.clock import Clock
from sambung.centre import Centre, Standing

_log = structlog.get_logger("hours")

_EVERY_S: Final = 5.0


class _Line(Protocol):
    @property
    def state(self) -> State: ...

    def post(self, event: Event) -> None: ...


class _Centres(Protocol):
    @property
    def centre(self) -> Centre: ...


class QueueHoursKeeper:
    """Opens and closes the queues of the line as the hours, the emergency switch and new rules say."""

    def __init__(
        self, line: _Line, centres: _Centres, closures: Callable[[], Mapping[str, str]], clock: Clock
    ) -> None:
        """``centres`` has the centre in force; ``closures`` are the hours that the emergency switch closes."""
        self._line = line
        self._centres = centres
        self._closures = closures
        self._clock = clock

    async def run(self) -> None:
        """Look every few seconds, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(_EVERY_S)

    def look(self) -> None:
        """Tell the line of every queue for which it is wrong."""
        centre, state = self._centres.centre, self._line.state
        around = centre.surroundings(self._clock.now_ms(), Standing(closures=self._closures()))
        for rule in state.rules.queues:
            hours = centre.queue_hours.get(rule.id)
            is_open = hours is None or around.is_open(hours)
            if is_open is (rule.id in state.shut):
                _log.info(
                    "a queue opens by its hours" if is_open else "a queue closes by its hours", queue=rule.id
                )
                self._line.post(QueueHours(queue=rule.id, open=is_open))
