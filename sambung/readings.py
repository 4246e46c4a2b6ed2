"""What control shows of itself: its links, its load, and what is written down of interactions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from acd.engine import Engine
from core.clock import Clock
from core.ids import InteractionId
from pbx.service import Voice
from sambung.link import Link
from store.queries import Queries
from store.views import History, Summary


class ControlReadings:
    """Reads the running parts; changes nothing."""

    def __init__(self, engine: Engine, voice: Voice, link: Link, queries: Queries, clock: Clock) -> None:
        self._engine = engine
        self._voice = voice
        self._link = link
        self._queries = queries
        self._clock = clock
        self._since = clock.now_ms()

    def status(self) -> Mapping[str, object]:
        """Return what is up, what is not, and since when (milliseconds UTC)."""
        agents = list(self._engine.state.agents())
        live = list(self._engine.state.live())
        return {
            "now": self._clock.now_ms(),
            "since": self._since,
            "links": self._link.report(),
            "calls": self._voice.calls,
            "interactions": Counter(contact.phase.value for contact in live),
            "agents": {
                "signed_in": sum(agent.signed_in for agent in agents),
                "ready": sum(agent.ready for agent in agents),
                "reachable": sum(bool(agent.reach) for agent in agents),
                "busy": sum(agent.load > 0 for agent in agents),
            },
        }

    async def interaction(self, identity: InteractionId) -> History | None:
        """Return all that is written down of one interaction."""
        return await self._queries.history(identity)

    async def recent(self, limit: int) -> Sequence[Summary]:
        """Return the newest interactions."""
        return await self._queries.recent(limit)
