"""What a drill did, step by step, and what went wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import msgspec

from core.errors import SambungError, TryLater
from core.ids import InteractionId

_LOOK_S: Final = 0.2

T = TypeVar("T")


class Step(msgspec.Struct, frozen=True):
    """One thing that the drill did or waited for."""

    step: str
    at_ms: int
    """When it was done or given up, from the drill's beginning."""
    ok: bool
    detail: str = ""


class Timeline(msgspec.Struct):
    """What the drill found. The first step that is not ok is the last but for tidying up."""

    steps: list[Step] = []
    interaction: InteractionId | None = None

    @property
    def ok(self) -> bool:
        """Whether everything was as it should be."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    @property
    def failure(self) -> str:
        """Which step went wrong, and how; empty if none did."""
        return next((f"{step.step}: {step.detail}" for step in self.steps if not step.ok), "")

    def json(self) -> str:
        """Return the timeline for people and programs."""
        whole = {"ok": self.ok, "interaction": self.interaction, "steps": self.steps}
        return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


class Over(Exception):
    """A step failed; its line is written."""


class Steps:
    """Writes a timeline. ``told`` hears of each step at once."""

    def __init__(self, told: Callable[[Step], None]) -> None:
        self.timeline = Timeline()
        self._told = told
        self._began = time.monotonic()

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[Callable[[str], None]]:
        """Note the block as one step; what is yielded takes a detail. Raises Over if the block failed."""
        details: list[str] = []
        problem = ""
        try:
            yield details.append
        except (SambungError, OSError, msgspec.MsgspecError) as error:
            problem = str(error) or type(error).__name__
        at_ms = round((time.monotonic() - self._began) * 1000)
        step = Step(name, at_ms, not problem, problem or "; ".join(details))
        self.timeline.steps.append(step)
        self._told(step)
        if problem:
            raise Over


async def until(look: Callable[[], Awaitable[T | None]], within: float, otherwise: str) -> T:
    """Look until something is there, and return it. Raises TryLater with ``otherwise`` after ``within`` seconds."""
    deadline = time.monotonic() + within
    while not (found := await look()):
        if time.monotonic() > deadline:
            raise TryLater(f"{otherwise} within {within:g} s")
        await asyncio.sleep(_LOOK_S)
    return found
