"""The emergency switch: a supervisor closes the centre, and every caller hears so from then on."""

from __future__ import annotations

from core.clock import Clock
from store.desk_record import SqlRecord

_NAME = "emergency"


class EmergencySwitch:
    """Kept in the database, so that a restart does not open the centre. Fills desk.ports.Closure."""

    def __init__(self, record: SqlRecord, clock: Clock) -> None:
        self._record = record
        self._clock = clock
        self._state = (False, "", "", 0)

    async def load(self) -> None:
        """Read how it stands."""
        thrown = await self._record.switch(_NAME)
        if thrown is not None:
            self._state = (thrown.on, thrown.reason, thrown.by, thrown.at)

    @property
    def closed(self) -> bool:
        """Whether the centre is closed by it."""
        return self._state[0]

    @property
    def state(self) -> tuple[bool, str, str, int]:
        """Whether it is closed, why, by whom and since when (milliseconds UTC)."""
        return self._state

    async def throw(self, closed: bool, reason: str, by: str) -> None:
        """Close the centre, or end that. Twice the same is harmless."""
        at = self._clock.now_ms()
        await self._record.throw(_NAME, closed, reason, by, at)
        self._state = (closed, reason, by, at)
