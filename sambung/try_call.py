"""A synthetic citizen who calls, so that a newcomer's telephone rings: ``sambung try``, and a button of the desk."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Final

import structlog

from acd.model import Channel
from core.errors import Refused, SambungError, TryLater
from pbx.probe.listen import until_silent, until_sound
from pbx.probe.phone import open_telephone
from pbx.probe.wav import read
from sambung.centre import Centre
from sambung.client import AgentState, ControlClient
from sambung.drill_way import Way, takers, ways
from sambung.settings import Settings

_log = structlog.get_logger("try")

_TONE_HZ: Final = 440
_ANSWER_S: Final = 15.0
_PROMPT_S: Final = 60.0
_STAYS_S: Final = 180.0
"""So long the citizen waits and talks before hanging up."""

_LOCAL: Final = ("127.0.0.1", "localhost")


class Citizen:
    """At most one at a time calls. Fills desk.ports.TryOut."""

    def __init__(self, settings: Settings, centre: Centre) -> None:
        self._settings = settings
        self._centre = centre
        self._calling: asyncio.Task[None] | None = None

    @property
    def offered(self) -> bool:
        """Whether this is a demo."""
        return self._settings.demo_users

    async def call(self) -> None:
        """Have a citizen call now, in the background. Raises Refused where that cannot be."""
        if not self._settings.demo_users:
            raise Refused("this is no demo: set demo.users to try the centre out")
        if self._calling is not None and not self._calling.done():
            raise Refused("a citizen is calling already")
        trunk_port(self._settings)
        self._calling = asyncio.create_task(self._call(), name="citizen")

    async def stop(self) -> None:
        """Hang up."""
        if self._calling is not None:
            self._calling.cancel()
            await asyncio.wait([self._calling])

    async def _call(self) -> None:
        try:
            await try_call(self._settings, self._centre)
        except (SambungError, OSError) as error:
            _log.warning("the synthetic citizen gave up", reason=str(error))


async def try_call(settings: Settings, centre: Centre, stays_s: float = _STAYS_S) -> None:
    """Call in on the trunk, go through the menu to somebody who is ready, and talk until either hangs up.

    Raises Refused or TryLater with what is in the way.
    """
    async with ControlClient(settings.control_socket) as control:
        way = choose(settings, centre, await control.agents())
    asterisk = settings.asterisk
    host = "127.0.0.1" if asterisk.host == "0.0.0.0" else asterisk.host  # noqa: S104 -- it is compared
    async with open_telephone(port=trunk_port(settings)) as phone:
        uri = f"sip:{asterisk.trunk.numbers[0]}@{host}:{asterisk.trunk.bind_port}"
        call = await phone.dial(uri, user=f"0812{secrets.randbelow(10**8):08}", tone=_TONE_HZ)
        await call.confirmed(_ANSWER_S)
        await until_sound(call.heard, for_ms=500, within=_ANSWER_S)
        for press in way.presses:
            await until_silent(call.heard, for_ms=min(1_000, press.patience_ms // 3), within=_PROMPT_S)
            pressed = read(call.heard).ms
            await call.press(press.keys)
            await until_sound(call.heard, after_ms=pressed, within=_ANSWER_S)
        try:
            await call.ended(stays_s)
        except TryLater:
            await call.hang_up()


def choose(settings: Settings, centre: Centre, agents: tuple[AgentState, ...]) -> Way:
    """Return the shortest way to somebody who is ready, or else into any queue."""
    around = centre.surroundings(time.time_ns() // 1_000_000)
    found = list(ways(centre.flow(settings.asterisk.trunk.numbers[0]), around))
    if not found:
        raise Refused("the menu leads into no queue now (closed? see demo.always_open in sambung.toml)")
    ready = {a.id for a in agents if a.ready and Channel.VOICE in a.reachable}
    wanted = [way for way in found if ready & set(takers(way, centre.line_rules))]
    return min(wanted or found, key=lambda way: len(way.presses))


def trunk_port(settings: Settings) -> int:
    """Return the port from which a call counts as the operator's. Raises Refused where the trunk is elsewhere."""
    host, _, port = settings.asterisk.trunk.peer.rpartition(":")
    if host not in _LOCAL:
        raise Refused(f"the trunk belongs to {host}; a trial call needs one on this machine")
    return int(port)
