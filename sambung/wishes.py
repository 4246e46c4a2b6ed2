"""Who wishes to be not-ready once the open offer is settled: kept, so that a restart during the ring forgets nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.clock import Clock
from core.ids import AgentId
from store.desk_record import SqlRecord

_PREFIX: Final = "not-ready-next:"


class KeptWishes:
    """A switch for each agent. Fills desk.presence.Wishes."""

    def __init__(self, record: SqlRecord, clock: Clock) -> None:
        self._record = record
        self._clock = clock

    async def keep(self, agent: AgentId, reason: str | None) -> None:
        """Keep the reason for which the agent will be not-ready; None: there is no such wish."""
        await self._record.throw(
            _PREFIX + agent, reason is not None, reason or "", agent, self._clock.now_ms()
        )

    async def kept(self) -> Mapping[AgentId, tuple[str, int]]:
        """Return the wishes that were kept: the reason, and when (milliseconds UTC)."""
        found = await self._record.switches(_PREFIX)
        return {
            AgentId(name.removeprefix(_PREFIX)): (thrown.reason, thrown.at)
            for name, thrown in found.items()
            if thrown.on
        }
