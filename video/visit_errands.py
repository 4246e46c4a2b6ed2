"""Carries out what is to be done for visits: rooms, invitations, ends. Each visit's in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from acd.events import Failed
from core.clock import Clock
from core.errors import Gone, SambungError, TryLater
from video import pages
from video.model import RoomId
from video.turn import IceServer, TurnSettings, ice_servers
from video.visit import Action, CloseRoom, Forget, Invite, OpenRoom, PutOut, Unplug
from video.visit_ports import RoomService, VisitLine
from video.visit_track import Track

_log = structlog.get_logger("visits")

_ROOM_S: Final = 15.0
"""So long a room is asked for while no forwarding unit is up."""

_AGAIN_S: Final = 0.1

OVER: Final = 4410
"""Close code: the person has no part in this call any more."""


class Errands:
    """Does for one visit after the other what its step decided, and what its pages asked."""

    def __init__(
        self,
        line: VisitLine,
        rooms: RoomService,
        turn: TurnSettings | None,
        clock: Clock,
        forget: Callable[[Track], None],
    ) -> None:
        """``forget`` lets go of a visit that is over."""
        self._line = line
        self._rooms = rooms
        self._turn = turn
        self._clock = clock
        self._let_go = forget

    async def run(self, track: Track) -> None:
        """Carry out what is to be done for one visit, in order, until nothing is left."""
        try:
            while track.todo:
                action = track.todo.popleft()
                try:
                    await (action() if callable(action) else self._carry_out(track, action))
                except SambungError as error:
                    _log.warning("a video call could not be served", reason=str(error))
        except Exception:
            # Whatever is wrong with one call must not end the others.
            _log.exception("a video call could not go on", interaction=track.visit.id)
            self._line.post(Failed(id=track.visit.id, cause="internal_error"))
        finally:
            track.worker = None

    def _ice(self, participant: str) -> tuple[IceServer, ...]:
        return ice_servers(self._turn, participant, self._clock.now_ms() // 1000) if self._turn else ()

    async def _carry_out(self, track: Track, action: Action) -> None:
        room = track.visit.room_id
        match action:
            case OpenRoom():
                await self._open_room(track, room)
            case CloseRoom():
                await self._rooms.close_room(room)
            case Invite(participant=participant, role=role):
                if (page := track.page(participant)) is not None:
                    page.send(pages.dump(pages.Invited(role, self._ice(participant))))
            case PutOut(participant=participant):
                track.disarm(participant)
                track.devices.pop(participant, None)
                _close_strangers(track)
                with suppress(Gone):
                    await self._rooms.leave(room, participant)
            case Unplug(participant=participant):
                with suppress(Gone):
                    await self._rooms.leave(room, participant)
            case Forget():
                self._forget(track)
            case _:
                raise ValueError(f"{type(action).__name__} is not carried out here")

    async def _open_room(self, track: Track, room: RoomId) -> None:
        """Have the room, and its recording if the visitor agreed to one."""
        deadline = asyncio.get_running_loop().time() + _ROOM_S
        while True:
            try:
                await self._rooms.create_room(room)
                if track.visitor is not None and track.visitor.consent:
                    await self._rooms.record(room, on=True)
                return
            except (TryLater, Gone):
                if asyncio.get_running_loop().time() > deadline:
                    self._line.post(Failed(id=track.visit.id, cause="no_video_worker"))
                    raise
                await asyncio.sleep(_AGAIN_S)

    def _forget(self, track: Track) -> None:
        for participant in list(track.timers):
            track.disarm(participant)
        self._let_go(track)
        for page in track.pages.values():
            page.close(OVER)
        track.pages.clear()


def _close_strangers(track: Track) -> None:
    """Close the pages of agents who have no part in the call any more."""
    for who, page in list(track.pages.items()):
        if track.guest(who) is None:
            del track.pages[who]
            page.close(OVER)
