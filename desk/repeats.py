"""The same request twice is done once: answers by ``Idempotency-Key``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from core.clock import Clock
from desk.errors import Answered
from desk.ports import Answers

KEPT_MS: Final = 24 * 3_600_000
"""How long an answer is given again."""

_KEY: Final = re.compile(r"[!-~]{8,100}")
_SWEEP_MS: Final = 600_000


class Given(NamedTuple):
    """An answer."""

    status: int
    body: str
    again: bool = False
    """Whether it is the answer to an earlier request."""


class _Running(NamedTuple):
    request: str
    done: asyncio.Future[Given]


class Repeats:
    """Two requests with one key: the second waits for the first and is given its answer."""

    def __init__(self, answers: Answers, clock: Clock) -> None:
        self._answers = answers
        self._clock = clock
        self._running: dict[tuple[str, str], _Running] = {}
        self._swept = 0

    async def once(self, user: str, key: str, request: str, work: Callable[[], Awaitable[Given]]) -> Given:
        """Do ``work`` unless it was done under this key; ``request`` is a hash of what is asked.

        Raises Answered: 400 for a key of the wrong form, 409 where the key was used for something else, or
        where nobody knows how the first turned out. What ``work`` raises is kept by nobody.
        """
        if not _KEY.fullmatch(key):
            raise Answered(400, "bad_key", "an Idempotency-Key is 8 to 100 visible ASCII characters")
        running = self._running.get((user, key))
        if running is not None:
            _check(running.request, request)
            return (await asyncio.shield(running.done))._replace(again=True)
        done: asyncio.Future[Given] = asyncio.get_running_loop().create_future()
        self._running[user, key] = _Running(request, done)
        try:
            given = await self._first(user, key, request, work)
            done.set_result(given)
            return given
        except BaseException as error:
            done.set_exception(error if isinstance(error, Exception) else _unknown_outcome())
            done.exception()  # seen: nobody may be waiting
            raise
        finally:
            del self._running[user, key]

    async def _first(self, user: str, key: str, request: str, work: Callable[[], Awaitable[Given]]) -> Given:
        now = self._clock.now_ms()
        if now - self._swept > _SWEEP_MS:
            self._swept = now
            await self._answers.forget_before(now - KEPT_MS)
        kept = await self._answers.begin(user, key, request, now)
        if kept is not None:
            _check(kept.request, request)
            if kept.status is None:
                raise _unknown_outcome()
            return Given(kept.status, kept.answer, again=True)
        try:
            given = await work()
        except Exception:
            await self._answers.abandon(user, key)
            raise
        if given.status in (429, 503):
            await self._answers.abandon(user, key)
        else:
            await self._answers.finish(user, key, given.status, given.body)
        return given


def _check(before: str, now: str) -> None:
    if before != now:
        raise Answered(409, "other_body", "this Idempotency-Key was used for another request")


def _unknown_outcome() -> Answered:
    return Answered(
        409, "unknown_outcome", "the server stopped in the middle of this request; look before you repeat it"
    )
