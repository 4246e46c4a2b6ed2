"""Keeps the line's picture of phones, trunk and fallback calls in step with what Asterisk tells on AMI."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

import structlog

from acd.engine import Engine
from acd.events import AgentSignedIn, Arrived, Dismissed, Ended, Event, IntentSet, ReachChanged
from acd.model import Channel, Outcome, Party
from core.clock import Clock
from core.errors import SambungError
from core.ids import AgentId, InteractionId
from pbx.ami import Ami
from pbx.ami_events import (
    AmiEvent,
    AsideCall,
    AsideChanged,
    CallRefused,
    ContactStatus,
    SecurityEvent,
    TrunkStatus,
)
from pbx.model import Leg
from pbx.phones import WEB, Phones
from pbx.service import Voice

_log = structlog.get_logger("link")

_CODE_REASON: Final = "break"
"""An agent who dials the not-ready code gives no reason; this one is the most common."""


class Link:
    """The owner of the AMI connection. What it learns it posts to the line."""

    def __init__(self, engine: Engine, voice: Voice, phones: Phones, ami: Ami, clock: Clock) -> None:
        self._engine = engine
        self._voice = voice
        self._phones = phones
        self._ami = ami
        self._clock = clock
        self._adopted: set[InteractionId] = set()
        self._errands: asyncio.Queue[Callable[[], Awaitable[None]]] = asyncio.Queue()
        self._states: dict[str, tuple[bool, int]] = {}
        self.on_phone: Callable[[AgentId], None] = lambda agent: None
        """Called when one of an agent's telephones came or went."""
        voice.on_link = self._ari_changed
        voice.on_code = self._code
        reported = [agent.id for agent in engine.state.agents() if Channel.VOICE in agent.reach]
        phones.believe(reported)

    def report(self) -> Mapping[str, object]:
        """Return each link's state and since when (milliseconds UTC)."""
        return {name: {"up": up, "since": since} for name, (up, since) in self._states.items()}

    def asterisk_is_away(self) -> None:
        """Nobody can be rung until Asterisk is back."""
        self._note("ari", False)
        self._post(self._phones.lost())

    async def run(self) -> None:
        """Keep the AMI connection and do what its events ask for. Ends only by cancellation."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ami.run(self), name="ami")
            tasks.create_task(self._run_errands(), name="link-errands")

    # --- the owner of the AMI connection -------------------------------------------------------------------

    async def on_up(self) -> None:
        """Take stock of phones and of the calls that were taken without us."""
        self._note("ami", True)
        await self._take_stock()
        await self._adopt_aside()

    def on_down(self) -> None:
        """What phones do is not known from here on; the last that was known stands."""
        self._note("ami", False)

    def on_event(self, event: AmiEvent) -> None:
        """Take what Asterisk tells."""
        match event:
            case ContactStatus(endpoint=endpoint, reachable=reachable):
                self._post(self._phones.contact(endpoint, reachable))
                self.on_phone(AgentId(endpoint.removesuffix(WEB)))
            case TrunkStatus(reachable=reachable):
                self._note("trunk", reachable)
            case AsideChanged(state=state) if state != "waiting":
                self._errands.put_nowait(self._adopt_aside)
            case CallRefused(reason=reason):
                _log.warning("a call was refused at the trunk", reason=reason)
            case SecurityEvent(kind=kind, service=service):
                _log.warning("somebody was turned away", kind=kind, service=service)
            case _:
                pass

    # --- what follows --------------------------------------------------------------------------------------

    def _ari_changed(self, up: bool) -> None:
        if not up:
            return self.asterisk_is_away()
        self._note("ari", True)
        return self._errands.put_nowait(self._take_stock)

    async def _run_errands(self) -> None:
        while True:
            errand = await self._errands.get()
            try:
                await errand()
            except SambungError as error:
                _log.warning("asterisk could not be asked", reason=str(error))

    async def _take_stock(self) -> None:
        if self._voice.up.is_set():
            self._post(self._phones.snapshot(await self._ami.contacts()))

    async def _adopt_aside(self) -> None:
        """Write down the calls that the dialplan took while nobody was here, each once."""
        for call in await self._ami.aside_calls():
            if call.ended_at is None:
                continue
            if call.id not in self._adopted:
                self._adopted.add(call.id)
                await self._engine.submit(*aside_events(call))
            await self._ami.forget_aside(call.id)

    def _code(self, leg: Leg, code: str) -> None:
        agent = AgentId(leg.endpoint.removesuffix(WEB))
        if self._engine.state.agent(agent) is None:
            return
        if code == "ready":
            self._engine.post(AgentSignedIn(agent=agent))
        reason = "" if code == "ready" else _CODE_REASON
        self._engine.post(IntentSet(agent=agent, ready=code == "ready", reason=reason))

    def _post(self, events: Iterable[ReachChanged]) -> None:
        for event in events:
            self._engine.post(event)

    def _note(self, link: str, up: bool) -> None:
        if self._states.get(link, (None, 0))[0] != up:
            self._states[link] = (up, self._clock.now_ms())


def aside_events(call: AsideCall) -> tuple[Event, ...]:
    """Return what the line is told of a call that the fallback queue had.

    An agent who took it was outside the line, so it counts as overflowed; the other callers gave up.
    """
    cause = f"fallback_{call.state}"
    arrived = Arrived(id=call.id, channel=Channel.VOICE, at=call.started_at, caller=call.number)
    if call.state == "answered":
        return arrived, Dismissed(id=call.id, outcome=Outcome.OVERFLOWED, cause=cause)
    return arrived, Ended(id=call.id, by=Party.CUSTOMER, cause=cause)
