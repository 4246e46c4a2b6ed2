"""Which agents have a desk open, and what follows: reach of the channels that are worked at the desk."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from acd.engine import Engine
from acd.events import IntentSet, ReachChanged
from acd.model import Channel, Party, Phase
from core.ids import AgentId
from desk.directory import Directory
from desk.views import Views

GRACE_S: Final = 25.0
"""So long after its last connection a desk still counts as there: a reload, a change of network."""

BEAT_S: Final = 75.0
"""So long after a beat without a stream. A sleeping tab's timers run once a minute."""


class Wishes(Protocol):
    """Remembers over a restart who wishes to be not-ready after the open offer. It may remember one that came true."""

    async def keep(self, agent: AgentId, reason: str | None) -> None:
        """Keep the reason; None: there is no such wish."""
        ...

    async def kept(self) -> Mapping[AgentId, tuple[str, int]]:
        """Return the wishes: the reason, and when each was kept (milliseconds UTC)."""
        ...


class Presence:
    """A desk is there while it has a stream; the browser answers the server's pings even in a sleeping tab."""

    def __init__(
        self, engine: Engine, directory: Directory, views: Views, wishes: Wishes, grace_s: float = GRACE_S
    ) -> None:
        self._engine = engine
        self._wishes = wishes
        self._directory = directory
        self._views = views
        self._grace_s = grace_s
        self._streams: Counter[AgentId] = Counter()
        self._leaving: dict[AgentId, asyncio.TimerHandle] = {}
        self.on_change: Callable[[AgentId], None] = lambda agent: None
        """Called when an agent's desk came or went."""

    async def start(self) -> None:
        """Give desks that were open before a restart the time to come back, and take their agents' wishes up again."""
        for id_, (reason, at) in (await self._wishes.kept()).items():
            view = self._engine.state.agent(id_)
            # Whoever became ready or not since then has said something newer.
            if view is not None and view.signed_in and view.intent_since <= at:
                self._views.pending[id_] = reason
        self.look(frozenset(self._views.pending))
        for agent in self._engine.state.agents():
            if any(channel != Channel.VOICE for channel in agent.reach):
                self._leave_in(agent.id, self._grace_s)

    def stop(self) -> None:
        """Forget what is due: the next process begins anew."""
        for handle in self._leaving.values():
            handle.cancel()
        self._leaving.clear()

    def came(self, agent: AgentId) -> None:
        """A stream of the agent's desk opened."""
        self._streams[agent] += 1
        self._stay(agent)

    def went(self, agent: AgentId) -> None:
        """A stream of the agent's desk closed."""
        self._streams[agent] -= 1
        if self._streams[agent] <= 0:
            del self._streams[agent]
            self._leave_in(agent, self._grace_s)

    def beat(self, agent: AgentId) -> None:
        """The desk says that it is there, without a stream."""
        self._stay(agent)
        if agent not in self._streams:
            self._leave_in(agent, BEAT_S)

    # --- not-ready once the offer is settled ---------------------------------------------------------------

    async def next_not_ready(self, agent: AgentId, reason: str) -> None:
        """Have the agent go not-ready now, or as soon as no offer is open."""
        if self._offered(agent):
            # First, for the offer may be settled while it is being kept.
            self._views.pending[agent] = reason
            self.on_change(agent)
            await self._wishes.keep(agent, reason)
        else:
            await self._engine.submit(IntentSet(agent=agent, ready=False, reason=reason))

    async def forget_next(self, agent: AgentId) -> None:
        """The agent said something else."""
        if self._views.pending.pop(agent, None) is not None:
            await self._wishes.keep(agent, None)

    def look(self, agents: frozenset[AgentId]) -> None:
        """Do what was waiting for an offer to be settled."""
        for agent in agents & self._views.pending.keys():
            if not self._offered(agent):
                reason = self._views.pending.pop(agent)
                self._engine.post(IntentSet(agent=agent, ready=False, reason=reason, actor=Party.AGENT))

    def _offered(self, agent: AgentId) -> bool:
        view = self._engine.state.agent(agent)
        found = (self._engine.state.interaction(id_) for id_ in (view.work if view else ()))
        return any(c is not None and c.phase in (Phase.OFFERED, Phase.CONNECTING) for c in found)

    # --- reach ---------------------------------------------------------------------------------------------

    def _stay(self, agent: AgentId) -> None:
        if (handle := self._leaving.pop(agent, None)) is not None:
            handle.cancel()
        if agent not in self._views.desks:
            self._views.desks.add(agent)
            self._reach(agent, True)
            self.on_change(agent)

    def _leave_in(self, agent: AgentId, seconds: float) -> None:
        if (handle := self._leaving.pop(agent, None)) is not None:
            handle.cancel()
        self._leaving[agent] = asyncio.get_running_loop().call_later(seconds, self._leave, agent)

    def _leave(self, agent: AgentId) -> None:
        self._leaving.pop(agent, None)
        self._views.desks.discard(agent)
        self._reach(agent, False)
        self.on_change(agent)

    def _reach(self, agent: AgentId, ok: bool) -> None:
        view = self._engine.state.agent(agent)
        member = self._directory.agents.get(agent)
        if view is None:
            return
        known = {Channel(channel) for channel in view.reach}
        wanted = member.channels if member and ok else known
        for channel in sorted(wanted - {Channel.VOICE}):
            if (channel in known) != ok:
                self._engine.post(ReachChanged(agent=agent, channel=channel, ok=ok))
