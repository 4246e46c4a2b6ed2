"""Telephones outside in video rooms: the line is Asterisk's, the room the forwarding unit's; here they meet.

A telephone ends with the conversation, by its agent's word, or when it hangs up. Without this process it ends, too:
the process that codes its sound goes at once, its line when control is back.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import structlog

from core.clock import Clock
from core.errors import Gone, Refused, SambungError, TryLater
from core.ids import AgentId, InteractionId, LegId
from pbx.ari import Owner
from pbx.dial_model import outside_leg
from pbx.model import AriEvent, LegDestroyed, LegEntered, LegLeft, media_leg
from pbx.room_line import RoomLine
from video.model import Role, RoomId
from video.telephone_process import TelephoneProcess, telephone_process
from video.visit_ports import RoomService
from video.visit_telephone import TELEPHONE, Telephone
from video.visits import Visits

_log = structlog.get_logger("telephones")

_MOST: Final = 4
"""Telephones in rooms at once: each takes some hundredths of a core, and 65 MB, for its sound."""
_STREAM_S: Final = 5.0
"""So long Asterisk has to begin a stream."""


class _Call:
    """One telephone, from the ring to the end."""

    def __init__(self, room: InteractionId, consult: InteractionId, leg: LegId) -> None:
        self.room = room
        self.consult = consult
        self.leg = leg
        self.line_up = asyncio.Event()
        self.stream_up = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.ending = False
        self.sound: TelephoneProcess | None = None
        self.shown: Telephone | None = None

    def end(self) -> None:
        """Have it end, once."""
        if not self.ending:
            self.ending = True
            if self.task is not None:
                self.task.cancel()


class RoomTelephones:
    """Every telephone that is in a room, or rings for one."""

    def __init__(
        self,
        line: RoomLine,
        visits: Visits,
        rooms: RoomService,
        clock: Clock,
        generation: str,
        worker_host: str,
    ) -> None:
        """``worker_host`` is where the forwarding units listen."""
        self._line = line
        self._visits = visits
        self._rooms = rooms
        self._clock = clock
        self._generation = generation
        self._host = "127.0.0.1" if worker_host in ("0.0.0.0", "") else worker_host  # noqa: S104 -- compared
        self._calls: dict[InteractionId, _Call] = {}
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Own every telephone's task until cancelled."""
        async with asyncio.TaskGroup() as self._tasks:
            await asyncio.get_running_loop().create_future()

    def consult(self, room: InteractionId) -> InteractionId | None:
        """Return by which consultation a room has a telephone, or None if it has none."""
        call = self._calls.get(room)
        return None if call is None else call.consult

    def legs(self) -> frozenset[LegId]:
        """Return the legs that are, or may soon be, telephones in rooms and what leads their sound."""
        return frozenset(leg for call in self._calls.values() for leg in (call.leg, media_leg(call.leg)))

    async def bring(self, room: InteractionId, agent: AgentId, number: str, consult: InteractionId) -> None:
        """Ring ``number`` and bring it into the room once it answers. ``consult`` is chosen by whoever asks.

        Raises Refused, in words for a person, if it may not be; Gone or TryLater.
        """
        if self._tasks is None:
            raise TryLater("The telephone system is not there yet.")
        if room in self._calls:
            raise Refused("A telephone is in this call already: end that first.")
        if len(self._calls) >= _MOST:
            raise Refused("Too many video calls have a telephone now: try again in a moment.")
        leg = outside_leg(room, self._generation, self._clock.now_ms())
        call = self._calls[room] = _Call(room, consult, leg)
        try:
            await self._line.check(agent, number)
            call.shown = Telephone(call.end, lambda: self._again(call))
            self._visits.telephone(room, call.shown)
            call.task = self._tasks.create_task(self._serve(call), name=f"telephone:{room}")
            # A task that is cancelled before its first step runs none of its code.
            call.task.add_done_callback(lambda _: self._forget(call))
            await self._line.ring(leg, room, agent, number)
        except BaseException:
            if call.task is None:
                self._forget(call)
            call.end()
            raise

    def end(self, room: InteractionId) -> None:
        """Put the telephone out of a room. Raises Gone if it has none."""
        call = self._calls.get(room)
        if call is None:
            raise Gone("no telephone is in this call")
        call.end()

    def end_all(self) -> None:
        """End every telephone: after an absence nobody knows what they heard."""
        for call in list(self._calls.values()):
            call.end()

    def took(self, event: AriEvent) -> bool:
        """Take an event of Asterisk if it is about one of these."""
        if not isinstance(event, LegEntered | LegLeft | LegDestroyed):
            return False
        leg = event.channel.id
        call = next((one for one in self._calls.values() if leg in (one.leg, media_leg(one.leg))), None)
        if call is None:
            return False
        if isinstance(event, LegEntered):
            (call.line_up if leg == call.leg else call.stream_up).set()
        else:
            call.end()
        return True

    def _forget(self, call: _Call) -> None:
        if self._calls.get(call.room) is call:
            del self._calls[call.room]
        with suppress(Gone):
            self._visits.telephone(call.room, None)

    async def _serve(self, call: _Call) -> None:
        try:
            async with telephone_process() as call.sound:
                await self._connect(call, call.sound)
                await call.sound.ended()
        except (SambungError, OSError) as error:
            _log.warning("a telephone could not be brought into a room", reason=str(error))
        finally:
            await self._line.end(call.leg)
            with suppress(SambungError):
                await self._rooms.leave(RoomId(call.room), TELEPHONE)

    async def _connect(self, call: _Call, sound: TelephoneProcess) -> None:
        port = await self._join(call, sound)
        await call.line_up.wait()
        await self._line.stream(call.leg, port)
        async with asyncio.timeout(_STREAM_S):
            await call.stream_up.wait()
        source = await self._line.join(call.leg)
        sound.source(*source)
        assert call.shown is not None
        call.shown.here = True
        self._visits.telephone(call.room, call.shown)

    async def _join(self, call: _Call, sound: TelephoneProcess) -> int:
        offered = await sound.offer()
        joined = await self._rooms.join(RoomId(call.room), TELEPHONE, Role.PARTICIPANT, offered.sdp)
        sound.answer(joined.answer, self._host)
        return offered.port

    async def _again(self, call: _Call) -> None:
        """Connect with a room that was made anew."""
        try:
            if call.sound is not None:
                await self._join(call, call.sound)
        except SambungError:
            call.end()


class SharedAsterisk:
    """Takes Asterisk's events for calls and for telephones in rooms: fills ``pbx.ari.Owner``."""

    def __init__(self, voice: Owner, telephones: RoomTelephones) -> None:
        self._voice = voice
        self._telephones = telephones

    async def on_up(self) -> None:
        """Bring everything into agreement: lines of rooms are nobody's by now, and calls end what is nobody's."""
        self._telephones.end_all()
        await self._voice.on_up()

    def on_event(self, event: AriEvent) -> None:
        """Hand an event on."""
        if not self._telephones.took(event):
            self._voice.on_event(event)

    def on_down(self) -> None:
        """The connection ended."""
        self._voice.on_down()
