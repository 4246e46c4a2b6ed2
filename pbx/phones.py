"""Which agents' phones are there, and on which of them an agent is rung."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from acd.events import ReachChanged
from acd.model import Channel
from core.ids import AgentId

WEB: Final = "-web"
"""An agent's browser phone is the endpoint ``<agent>-web``, any other phone the endpoint ``<agent>``."""


class Phones:
    """Keeps what Asterisk says of contacts, and turns changes into the line's facts.

    An agent is reachable by voice while Asterisk is connected and one of the agent's endpoints has a contact.
    """

    def __init__(self, agents: Collection[AgentId]) -> None:
        self._agents = frozenset(agents)
        self._reported: set[AgentId] = set()
        self._endpoints: set[str] = set()
        self._linked = True

    def believe(self, reported: Collection[AgentId]) -> None:
        """Start from what the line holds: the agents who were reachable before a restart."""
        self._reported = set(reported)

    def endpoint(self, agent: AgentId) -> str:
        """Return the endpoint to ring: the browser if it is there, else the telephone."""
        web = agent + WEB
        return web if web in self._endpoints else agent

    def is_up(self, endpoint: str) -> bool:
        """Whether an endpoint has a contact, as far as is known."""
        return self._linked and endpoint in self._endpoints

    def contact(self, endpoint: str, reachable: bool) -> list[ReachChanged]:
        """Take one change."""
        if reachable:
            self._endpoints.add(endpoint)
        else:
            self._endpoints.discard(endpoint)
        return self._changes((AgentId(endpoint.removesuffix(WEB)),))

    def snapshot(self, endpoints: Mapping[str, bool]) -> list[ReachChanged]:
        """Take the whole truth, after a connection was made."""
        self._endpoints = {endpoint for endpoint, reachable in endpoints.items() if reachable}
        self._linked = True
        return self._changes(sorted(self._agents))

    def lost(self) -> list[ReachChanged]:
        """Take that Asterisk is out of reach. Only a snapshot ends this."""
        self._linked = False
        return self._changes(sorted(self._agents))

    def _changes(self, agents: Iterable[AgentId]) -> list[ReachChanged]:
        changes = []
        for agent in agents:
            ok = self._linked and (agent in self._endpoints or agent + WEB in self._endpoints)
            if agent in self._agents and ok != (agent in self._reported):
                self._reported ^= {agent}
                changes.append(ReachChanged(agent=agent, channel=Channel.VOICE, ok=ok))
        return changes
