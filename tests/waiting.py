"""Waiting for facts instead of for time."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")

_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.1
"""Between two looks; looking costs a centre and this process a core that sound needs."""


@overload
async def until(fact: Callable[[], Awaitable[T]], *, within: float = 10.0) -> T: ...
@overload
async def until(fact: Callable[[], T], *, within: float = 10.0) -> T: ...
async def until(fact: Callable[[], T | Awaitable[T]], *, within: float = 10.0) -> T:
    """Call ``fact``, which may be async, until what it returns is true, and return that.

    An AssertionError means "not yet". After ``within`` seconds it is raised, so that a test says what was
    missing.
    """
    deadline = time.monotonic() + within
    missing: AssertionError | None = None
    pause = _PAUSE_S
    while True:
        try:
            value = fact()
            if inspect.isawaitable(value):
                async with asyncio.timeout(max(deadline - time.monotonic(), _PAUSE_S)):
                    value = await value
            missing = AssertionError(f"still {value!r} after {within:g} s: {fact}")
        except AssertionError as e:
            value, missing = None, e
        except TimeoutError:
            # What was missing the time before says more than that this time it took too long to look.
            if missing is None:
                raise
            value = None
        if value:
            return value
        if time.monotonic() >= deadline:
            raise missing
        await asyncio.sleep(pause)
        pause = min(pause * 1.2, _LONGEST_PAUSE_S)
