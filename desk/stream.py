"""The live WebSocket: a snapshot, then events by number. A client that does not read costs what is on its way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from core.clock import Clock
from core.ids import AgentId
from desk.model import Topic
from desk.policy import Who
from desk.presence import Presence
from desk.ring import ALL, Published, Ring, events_frame, snapshot_frame

ENDED: Final = 4401
"""Close code: the session is over."""

SLOW: Final = 4408
"""Close code: what the client missed is not held any more."""

_AT_ONCE: Final = 300
_PING_S: Final = 10.0
_BEAT_S: Final = 4.0
"""A client is told something so often, if only that nothing happened: a page cannot see the server's pings."""
_SEND_S: Final = 20.0
_READ: Final = 4_096
_LAST_WORD_S: Final = 5.0
"""So long a client has to say goodbye; nothing else is sent to it meanwhile."""


class _Client:
    """One open stream."""

    __slots__ = ("code", "request", "socket", "wake", "who")

    def __init__(self, who: Who, request: web.Request, socket: web.WebSocketResponse) -> None:
        self.who = who
        self.request = request
        self.socket = socket
        self.wake = asyncio.Event()
        self.code = 0
        """Set to close it."""


class Streams:
    """Every open stream of this process."""

    def __init__(self, ring: Ring, presence: Presence, clock: Clock) -> None:
        self._ring = ring
        self._presence = presence
        self._clock = clock
        self._clients: set[_Client] = set()
        self._woken = False
        ring.on_event = self._event

    @property
    def sessions(self) -> frozenset[str]:
        """Sessions with an open stream."""
        return frozenset(client.who.session for client in self._clients if client.who.session)

    def __len__(self) -> int:
        return len(self._clients)

    def end(self, session: str) -> None:
        """Close the streams of a session at once, also of a client that does not read."""
        for client in self._clients:
            if client.who.session == session:
                client.code = ENDED
                client.wake.set()
                asyncio.get_running_loop().call_later(_LAST_WORD_S, _abort, client.request)

    def close(self) -> None:
        """Close every stream: the server stops."""
        for client in self._clients:
            client.code = WSCloseCode.GOING_AWAY
            client.wake.set()

    async def serve(
        self, request: web.Request, who: Who, topics: Sequence[Topic], after: int | None
    ) -> web.WebSocketResponse:
        """Run one stream until it ends."""
        socket = web.WebSocketResponse(heartbeat=_PING_S, compress=False, max_msg_size=_READ)
        await socket.prepare(request)
        client = _Client(who, request, socket)
        agent = who.agent if Topic.DESK in topics else None
        self._clients.add(client)
        if agent is not None:
            self._presence.came(agent)
        reading = asyncio.create_task(_read(client), name="stream-read")
        try:
            code = await self._write(client, topics, agent, after)
            # While somebody receives, aiohttp cuts the connection without waiting for the other side's goodbye.
            reading.cancel()
            await asyncio.wait([reading])
            await _close(request, socket, code)
        except (ConnectionError, TimeoutError):
            _abort(request)
        finally:
            reading.cancel()
            self._clients.discard(client)
            if agent is not None:
                self._presence.went(agent)
        return socket

    async def _write(
        self, client: _Client, topics: Sequence[Topic], agent: AgentId | None, after: int | None
    ) -> int:
        """Send until there is a reason not to; return the close code."""
        if after is None or not self._ring.holds(after):
            cursor = self._ring.seq
            await _send(client, snapshot_frame(self._ring, self._clock.now_ms(), topics, agent))
        else:
            cursor = after
            await _send(client, events_frame(cursor, self._clock.now_ms(), ()))
        audiences = {ALL} if agent is None else {ALL, agent}
        having = frozenset(topics)
        while True:
            client.wake.clear()
            if client.code or client.socket.closed:
                return client.code
            if not self._ring.holds(cursor):
                return SLOW
            taken = list(self._ring.after(cursor, _AT_ONCE))
            if not taken:
                if not await _woken(client):
                    await _send(client, events_frame(cursor, self._clock.now_ms(), ()))
                continue
            cursor = taken[-1].seq
            mine = [event for event in taken if _for(event, having, audiences)]
            if mine:
                await _send(client, events_frame(cursor, self._clock.now_ms(), mine))

    def _event(self) -> None:
        if not self._woken:
            self._woken = True
            asyncio.get_running_loop().call_soon(self._wake)

    def _wake(self) -> None:
        self._woken = False
        for client in self._clients:
            client.wake.set()


async def _woken(client: _Client) -> bool:
    """Wait until there is something to look at; return False if nothing came for a while."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_BEAT_S):
            return await client.wake.wait()
    return False


def _for(event: Published, topics: frozenset[Topic], audiences: set[AgentId]) -> bool:
    return event.topic in topics and event.audience in audiences


async def _send(client: _Client, frame: bytes) -> None:
    async with asyncio.timeout(_SEND_S):
        await client.socket.send_frame(frame, WSMsgType.TEXT)


async def _read(client: _Client) -> None:
    """Take what comes and drop it, so that pongs and the end are seen."""
    with suppress(ConnectionError):
        async for message in client.socket:
            if message.type is WSMsgType.ERROR:
                break
    client.code = client.code or WSCloseCode.OK
    client.wake.set()


async def _close(request: web.Request, socket: web.WebSocketResponse, code: int) -> None:
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(_LAST_WORD_S):
            await socket.close(code=code or WSCloseCode.OK)
    if code == SLOW or not socket.closed:
        _abort(request)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
