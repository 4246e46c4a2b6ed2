"""Reading the centre again while calls go on.

The files are checked as a whole, and only what is right is put in force: the line gets its rules, new calls the new
menus, prompts whose text changed are spoken anew. A call in a menu keeps the flow and the hours with which it began.
What is wrong changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Protocol

import msgspec
import structlog

from acd.events import Configured, Event
from acd.model import LineRules
from core.errors import Problem, Refused
from ivr.speak import render, speaks
from sambung.centre import Centre, read_centre
from sambung.centre_checks import Outside
from sambung.settings import Settings
from sambung.telephony import kept_prompts

_log = structlog.get_logger("reload")


class Reloaded(msgspec.Struct, frozen=True):
    """What came of it. Nothing was changed if there are problems."""

    problems: tuple[str, ...] = ()
    """By file, line and key."""
    spoken: int = 0
    """How many prompts were made anew."""
    rules: bool = False
    """Whether the line decides by other rules now."""
    later: tuple[str, ...] = ()
    """What else changed, and is in force only once the centre is started anew."""


class Menus(Protocol):
    """Where calls get their flows."""

    def use(self, centre: Centre) -> None:
        """Give new calls the flows of ``centre``."""
        ...


class Line(Protocol):
    """Where the line gets its rules."""

    def rules(self) -> LineRules:
        """Return those in force."""
        ...

    async def submit(self, event: Event) -> object:
        """Hand an event over and wait until it is journalled."""
        ...


class Sounds(Protocol):
    """What remembers how long prompts are."""

    def forget(self) -> None:
        """Look at the files anew."""
        ...


class Reloader:
    """Puts the centre's files in force again, one time after the other."""

    def __init__(self, settings: Settings, centre: Centre, line: Line, menus: Menus, sounds: Sounds) -> None:
        self._settings = settings
        self._centre = centre
        self._line = line
        self._menus = menus
        self._sounds = sounds
        self._one = asyncio.Lock()
        self._wanted = asyncio.Event()

    def want(self) -> None:
        """Have ``run`` do it soon (SIGHUP). Asked for several times meanwhile, it is done once."""
        self._wanted.set()

    async def run(self) -> None:
        """Do it whenever it is wanted, until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self.reload()

    async def reload(self) -> Reloaded:
        """Read the files, and put them in force if nothing is wrong."""
        async with self._one:
            done = await self._reload()
        if done.problems:
            _log.error("the centre was not read again: it has mistakes", problems=len(done.problems))
            for problem in done.problems:
                _log.error("to mend", problem=problem)
        else:
            _log.info("the centre was read again", spoken=done.spoken, rules=done.rules, later=done.later)
        return done

    async def _reload(self) -> Reloaded:
        problems: list[Problem] = []
        centre = await asyncio.to_thread(self._read, problems)
        if centre is None:
            ordered = sorted(problems, key=lambda problem: (problem.file, problem.line))
            return Reloaded(tuple(map(str, ordered)))
        try:
            # Before the flows that say them; and what older flows say stays.
            prompts = self._settings.asterisk.prompts
            speak = partial(render, centre.prompts, prompts, sweep=False, kept=kept_prompts())
            spoken = await asyncio.to_thread(speak)
        except Refused as error:
            return Reloaded(tuple(str(error).splitlines()))
        self._sounds.forget()
        changed = centre.line_rules != self._line.rules()
        if changed:
            await self._line.submit(Configured(rules=centre.line_rules))
        later = tuple(_later(self._centre, centre))
        self._centre = centre
        self._menus.use(centre)
        return Reloaded((), spoken, changed, later)

    def _read(self, problems: list[Problem]) -> Centre | None:
        settings = self._settings
        outside = Outside(settings.asterisk.trunk.numbers, speaks, settings.outbound.hours)
        return read_centre(settings.centre, problems, always_open=settings.always_open, outside=outside)


def _later(before: Centre, now: Centre) -> Iterator[str]:
    """Yield what of a centre other processes, screens and Asterisk's own files took over when they started."""
    if before.agents.keys() != now.agents.keys() or before.fallback != now.fallback:
        yield "telephones of agents"
    if (before.name, before.queues, before.skills) != (now.name, now.queues, now.skills):
        yield "names on screens"
    if before.reasons != now.reasons:
        yield "not-ready reasons"
    if before.categories != now.categories:
        yield "categories"
    if before.zone != now.zone:
        yield "the time zone of reports"
