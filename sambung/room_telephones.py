"""Telephones outside in video rooms: the line is Asterisk's, the room the forwarding unit's; here they meet.

A telephone ends with the conversation, by its agent's word, or when it hangs up. Without this process it ends, too:
the process that codes its sound goes at once, its line when control is back. One of them may be the visitor's own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import structlog

from core.clock import Clock
from core.errors import Gone, Refused, SambungError, TryLater
from core.ids import AgentId, InteractionId, LegId, new_interaction_id
from pbx.ari import Owner
from pbx.dial_model import outside_leg
from pbx.model import AriEvent, LegDestroyed, LegEntered, LegLeft, media_leg
from pbx.room_line import RoomLine
from video.model import ParticipantId, Role, RoomId
from video.telephone_process import TelephoneProcess, telephone_process
from video.visit_ports import RoomService
from video.visit_telephone import VISITORS, Telephone
from video.visits import Visits

_log = structlog.get_logger("telephones")

_MOST: Final = 4
"""Telephones in rooms at once: each takes some hundredths of a core, and 65 MB, for its sound."""
_IN_ROOM: Final = 2
"""Telephones that an agent may have in one call: a page shows so many voices."""
_VISITOR_RINGS: Final = 3
"""So often a visit may have the visitor's own telephone rung: it is the centre that pays."""
_STREAM_S: Final = 5.0
"""So long Asterisk has to begin a stream."""


class _Call:
    """One telephone, from the ring to the end."""

    def __init__(
        self, room: InteractionId, consult: InteractionId, participant: ParticipantId, leg: LegId
    ) -> None:
        self.room = room
        self.participant = participant
        self.consult = consult
        self.leg = leg
        self.number = ""
        """As it was asked for. Personal data: never logged."""
        self.line_up = asyncio.Event()
        self.stream_up = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.ending = False
        self.sound: TelephoneProcess | None = None
        self.again: Callable[[], Awaitable[None]] = self._not_there
        self.shown = Telephone(participant, consult, self.end, lambda: self.again())

    async def _not_there(self) -> None:
        """Nothing is to be connected anew before it is served."""

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
        self._rings: dict[InteractionId, int] = {}
        self._key = 0
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Own every telephone's task until cancelled."""
        async with asyncio.TaskGroup() as self._tasks:
            await asyncio.get_running_loop().create_future()

    def asked(self, room: InteractionId) -> Sequence[InteractionId]:
        """Return by which consultations a room has telephones that an agent asked in, the first first."""
        return [one.consult for one in self._in(room) if one.participant != VISITORS]

    def legs(self) -> frozenset[LegId]:
        """Return the legs that are, or may soon be, telephones in rooms and what leads their sound."""
        return frozenset(leg for call in self._calls.values() for leg in (call.leg, media_leg(call.leg)))

    async def bring(self, room: InteractionId, agent: AgentId, number: str, consult: InteractionId) -> None:
        """Ring ``number`` and bring it into the room once it answers. ``consult`` is chosen by whoever asks.

        Raises Refused, in words for a person, if it may not be; Gone or TryLater.
        """
        taken = {one.participant for one in self._in(room)}
        names = (ParticipantId(f"telephone-{n}") for n in range(1, _IN_ROOM + 1))
        name = next((one for one in names if one not in taken), None)
        if name is None:
            raise Refused("As many telephones as may be are in this call already: end one first.")
        await self._bring(room, agent, number, consult, name)

    async def go_on(self, room: InteractionId, number: str) -> None:
        """Ring the visitor's own telephone; the visit goes on there once it answers. Errors as ``bring``."""
        present = self._visits.present(room)
        people = () if present is None else present.people
        agent = next((one.agent for one in people if one.side == "agent" and one.here), None)
        if agent is None:
            raise Refused("A visit goes on by telephone once an agent is there.")
        if (own := self._own(room)) is not None:
            if own.number == number:
                # The answer to an earlier request was lost.
                return
            raise Refused("Another telephone of the visitor's rings already.")
        if self._rings.get(room, 0) >= _VISITOR_RINGS:
            raise Refused("The telephone was rung often enough in this visit.")
        going_on = {one: times for one, times in self._rings.items() if self._visits.has(one)}
        self._rings = {**going_on, room: self._rings.get(room, 0) + 1}
        await self._bring(room, agent, number, new_interaction_id(), VISITORS)

    def come_back(self, room: InteractionId) -> None:
        """End the visitor's own telephone: the visit goes on in the browser. Nothing where there is none."""
        if (call := self._own(room)) is not None:
            call.end()

    async def _bring(
        self, room: InteractionId, agent: AgentId, number: str, consult: InteractionId, name: ParticipantId
    ) -> None:
        if self._tasks is None:
            raise TryLater("The telephone system is not there yet.")
        if len(self._calls) >= _MOST:
            raise Refused("Too many video calls have a telephone now: try again in a moment.")
        leg = outside_leg(room, self._generation, self._next_key())
        call = self._calls[consult] = _Call(room, consult, name, leg)
        call.number = number
        try:
            await self._line.check(agent, number)
            call.again = lambda: self._again(call)
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

    def end(self, consult: InteractionId) -> None:
        """Put a telephone out of its room. Raises Gone if it is not there."""
        call = self._calls.get(consult)
        if call is None:
            raise Gone("this telephone is not in the call any more")
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
            call.shown.hung_up |= leg == call.leg and not call.ending
            call.end()
        return True

    def _in(self, room: InteractionId) -> Sequence[_Call]:
        return [one for one in self._calls.values() if one.room == room]

    def _own(self, room: InteractionId) -> _Call | None:
        return next((one for one in self._in(room) if one.participant == VISITORS), None)

    def _next_key(self) -> int:
        """Return what tells legs apart that ring for one room, also in one millisecond."""
        self._key = max(self._key + 1, self._clock.now_ms())
        return self._key

    def _forget(self, call: _Call) -> None:
        self._calls.pop(call.consult, None)
        with suppress(Gone):
            self._visits.telephone(call.room, call.shown, over=True)

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
                await self._rooms.leave(RoomId(call.room), call.participant)

    async def _connect(self, call: _Call, sound: TelephoneProcess) -> None:
        port = await self._join(call, sound)
        await call.line_up.wait()
        await self._line.stream(call.leg, port)
        async with asyncio.timeout(_STREAM_S):
            await call.stream_up.wait()
        source = await self._line.join(call.leg)
        sound.source(*source)
        call.shown.here = True
        self._visits.telephone(call.room, call.shown)

    async def _join(self, call: _Call, sound: TelephoneProcess) -> int:
        offered = await sound.offer()
        joined = await self._rooms.join(RoomId(call.room), call.participant, Role.PARTICIPANT, offered.sdp)
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
