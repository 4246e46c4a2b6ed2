"""Webhooks out: what the line did is told to other systems, signed, in order, again until it is taken."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final, Protocol

import aiohttp
import structlog

from core.clock import Clock
from core.errors import TryLater

_log = structlog.get_logger("webhooks")

BACKOFF_S: Final = (5, 30, 120, 600, 3_600, 10_800)
"""How long to wait after so many failures; after more, as after the last."""

GIVEN_UP_MS: Final = 3 * 86_400_000
"""An endpoint that has failed for so long is disabled."""

_LOOK_S: Final = 1.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_IN_A_ROW: Final = 100
_ENDPOINTS: Final = 50


class Endpoint(Protocol):
    """Where to tell."""

    @property
    def id(self) -> str:
        """Its name here."""
        ...

    @property
    def url(self) -> str:
        """Its address."""
        ...

    @property
    def secret(self) -> str:
        """What both sides sign with."""
        ...

    @property
    def attempts(self) -> int:
        """Failures in a row."""
        ...

    @property
    def failing_since(self) -> int | None:
        """When the first of them was."""
        ...


class Told(Protocol):
    """Something that happened."""

    @property
    def id(self) -> str:
        """Unique, and the same each time it is told."""
        ...

    @property
    def body(self) -> str:
        """JSON."""
        ...


class Outbox(Protocol):
    """What each endpoint is still to be told."""

    async def due(self, now: int) -> Sequence[Endpoint]:
        """Return endpoints that are neither disabled nor waiting after a failure."""
        ...

    async def next(self, endpoint: str) -> Told | None:
        """Return the first event that an endpoint was not told, if there is one."""
        ...

    async def told(self, endpoint: str, event: str) -> None:
        """Note that it was taken."""
        ...

    async def failed(self, endpoint: str, now: int, due_at: int, problem: str) -> None:
        """Note that it was not, and when to go again."""
        ...

    async def disable(self, endpoint: str, now: int) -> None:
        """Tell this endpoint nothing more."""
        ...


class Webhooks:
    """One conversation an endpoint at a time: its order holds, and one that is away holds back no other."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        self._busy: set[str] = set()
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Something happened."""
        self._wake.set()

    async def run(self) -> None:
        """Tell until cancelled."""
        async with aiohttp.ClientSession(timeout=_TIMEOUT) as session, asyncio.TaskGroup() as tasks:
            while True:
                try:
                    endpoints = await self._outbox.due(self._clock.now_ms())
                except TryLater as error:
                    _log.warning("webhooks wait", reason=str(error))
                    endpoints = ()
                for endpoint in endpoints:
                    if endpoint.id not in self._busy and len(self._busy) < _ENDPOINTS:
                        self._busy.add(endpoint.id)
                        tasks.create_task(self._tell(session, endpoint), name=f"webhook:{endpoint.id}")
                await self._pause()

    async def _pause(self) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(_LOOK_S):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _tell(self, session: aiohttp.ClientSession, endpoint: Endpoint) -> None:
        try:
            for _ in range(_IN_A_ROW):
                event = await self._outbox.next(endpoint.id)
                if event is None:
                    return None
                if problem := await self._deliver(session, endpoint, event):
                    return await self._failed(endpoint, problem)
                await self._outbox.told(endpoint.id, event.id)
        except TryLater as error:
            _log.warning("a webhook waits", webhook=endpoint.id, reason=str(error))
        finally:
            self._busy.discard(endpoint.id)

    async def _deliver(self, session: aiohttp.ClientSession, endpoint: Endpoint, event: Told) -> str:
        """Return what went wrong, or nothing."""
        body = event.body.encode()
        timestamp = self._clock.now_ms() // 1_000
        headers = {
            "Content-Type": "application/json",
            "Sambung-Id": event.id,
            "Sambung-Timestamp": str(timestamp),
            "Sambung-Signature": signature(endpoint.secret, timestamp, body),
        }
        try:
            async with session.post(
                endpoint.url, data=body, headers=headers, allow_redirects=False
            ) as response:
                return "" if 200 <= response.status < 300 else f"answered {response.status}"
        except TimeoutError:
            return "no answer within ten seconds"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return type(error).__name__

    async def _failed(self, endpoint: Endpoint, problem: str) -> None:
        now = self._clock.now_ms()
        if endpoint.failing_since is not None and now - endpoint.failing_since > GIVEN_UP_MS:
            _log.error("a webhook is disabled", webhook=endpoint.id, reason=problem)
            return await self._outbox.disable(endpoint.id, now)
        _log.warning(
            "a webhook was not taken", webhook=endpoint.id, reason=problem, attempt=endpoint.attempts + 1
        )
        return await self._outbox.failed(endpoint.id, now, now + wait_ms(endpoint.attempts + 1), problem)


def wait_ms(failures: int) -> int:
    """Return how long to wait after so many failures in a row."""
    return BACKOFF_S[min(failures, len(BACKOFF_S)) - 1] * 1_000


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return what proves who sent ``body`` and when."""
    signed = str(timestamp).encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
