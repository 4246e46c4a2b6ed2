"""The workers as the control process sees them. It starts none of them: `sambung up` or systemd does.

A room lives on one worker. A worker that dies closes its socket in the same moment, and that is how it is noticed;
one that is frozen is missed by its beat.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Never, TypeVar

import msgspec
import structlog

from core.errors import Gone, Refused, TryLater
from video import messages as m
from video.messages import LONGEST, AnyCommand, AnyResult, FromWorker, framed
from video.model import Label, Mid, ParticipantId, Role, RoomId
from video.ports import RoomsOwner

log: Final = structlog.get_logger(__name__)

_AGAIN_S: Final = 0.05
"""Between attempts to reach a worker: a call may wait for it."""
_BEAT_S: Final = 3.5
"""A worker that said nothing for so long is frozen; it beats every second."""
_ANSWER_S: Final = 3.0

R = TypeVar("R")


class WorkerLink:
    """The connection to one worker, made again whenever it ends."""

    def __init__(
        self, path: Path, found: Callable[[WorkerLink], None], lost: Callable[[WorkerLink], None]
    ) -> None:
        self.path: Final = path
        self.rooms: set[RoomId] = set()
        self.participants = 0
        self.lag_ms = 0.0
        self._found = found
        self._lost = lost
        self._epoch = ""
        self._writer: asyncio.StreamWriter | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[AnyResult]] = {}

    @property
    def up(self) -> bool:
        """Whether the worker is there and said who it is."""
        return self._writer is not None and bool(self._epoch)

    async def call(self, command: AnyCommand) -> AnyResult:
        """Have the worker do something. Raises TryLater if it is not there or ends meanwhile."""
        if self._writer is None or not self._epoch:
            raise TryLater("the video worker is away")
        number = next(self._numbers)
        future: asyncio.Future[AnyResult] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            self._writer.write(framed(m.Call(number, self._epoch, command)))
            async with asyncio.timeout(_ANSWER_S):
                return await future
        except TimeoutError as error:
            raise TryLater("the video worker does not answer") from error
        finally:
            self._waiting.pop(number, None)

    async def run(self, happened: Callable[[WorkerLink, m.AnyEvent], None]) -> Never:
        """Stay connected until cancelled."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError, msgspec.DecodeError, Refused):
                reader, self._writer = await asyncio.open_unix_connection(str(self.path))
                try:
                    await self._read(reader, happened)
                finally:
                    self._ended()
            await asyncio.sleep(_AGAIN_S)

    async def _read(
        self, reader: asyncio.StreamReader, happened: Callable[[WorkerLink, m.AnyEvent], None]
    ) -> None:
        while True:
            async with asyncio.timeout(_BEAT_S):
                size = int.from_bytes(await reader.readexactly(4), "big")
                if size > LONGEST:
                    raise Refused("a message is too long")
                body = await reader.readexactly(size)
            message = msgspec.json.decode(body, type=FromWorker)
            if isinstance(message, m.Reply):
                future = self._waiting.get(message.id)
                if future is not None and not future.done():
                    future.set_result(message.result)
                continue
            match message.event:
                case m.Hello(rooms=rooms):
                    self._epoch, self.rooms = message.epoch, set(rooms)
                    self._found(self)
                case m.Beat(participants=participants, lag_ms=lag_ms):
                    self.participants, self.lag_ms = participants, lag_ms
            happened(self, message.event)

    def _ended(self) -> None:
        # One that is frozen takes connections and says nothing: it is not lost again each time.
        was_up = self.up
        writer, self._writer, self._epoch = self._writer, None, ""
        self.participants = 0
        if writer is not None:
            writer.close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(TryLater("the video worker ended"))
        if was_up:
            self._lost(self)


class VideoService:
    """Rooms on whichever worker. Every method raises TryLater while the room's worker cannot be reached, Gone for a
    room or participant that is not there, and Refused for what will stay impossible.
    """

    def __init__(self, sockets: Sequence[Path], owner: RoomsOwner) -> None:
        """``sockets`` are the workers' (`VideoSettings.worker_socket`)."""
        self._owner = owner
        self._links = [WorkerLink(path, self._found, self._lost) for path in sockets]
        self._pinned: dict[RoomId, WorkerLink] = {}

    async def run(self) -> None:
        """Stay connected to every worker until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for link in self._links:
                tasks.create_task(link.run(self._happened), name=f"video:{link.path.stem}")

    @property
    def up(self) -> bool:
        """Whether a room can be created."""
        return any(link.up for link in self._links)

    @property
    def rooms(self) -> frozenset[RoomId]:
        """The rooms that are on a worker now."""
        return frozenset(self._pinned)

    def load(self) -> Mapping[str, tuple[bool, int, float]]:
        """Return for each worker whether it is up, its participants, and its loop's worst lag in milliseconds."""
        return {link.path.stem: (link.up, link.participants, link.lag_ms) for link in self._links}

    async def create_room(self, room: RoomId) -> None:
        """Have a room, on the worker with the fewest participants. Twice is harmless."""
        link = self._pinned.get(room)
        if link is None:
            up = [one for one in self._links if one.up]
            if not up:
                raise TryLater("no video worker is up")
            link = min(up, key=lambda one: (one.participants, len(one.rooms)))
        _done(await link.call(m.CreateRoom(room)), m.Done)
        if link.up:
            self._pinned[room] = link
            link.rooms.add(room)

    async def close_room(self, room: RoomId) -> None:
        """Send everybody away and end the recording."""
        link = self._pinned.pop(room, None)
        if link is not None:
            link.rooms.discard(room)
            _done(await link.call(m.CloseRoom(room)), m.Done)

    async def join(
        self,
        room: RoomId,
        participant: ParticipantId,
        role: Role,
        offer: str,
        labels: Mapping[Mid, Label] | None = None,
    ) -> m.Joined:
        """Let a client in by its SDP offer. One who is there already is replaced (a reload, a lost worker)."""
        return await self._ask(m.Join(room, participant, role, offer, dict(labels or {})), m.Joined)

    async def offer(
        self, room: RoomId, participant: ParticipantId, offer: str, labels: Mapping[Mid, Label] | None = None
    ) -> m.Joined:
        """Take a further offer of a client that is in: an ICE restart, more slots or streams."""
        return await self._ask(m.Offer(room, participant, offer, dict(labels or {})), m.Joined)

    async def show(
        self,
        room: RoomId,
        participant: ParticipantId,
        mid: Mid,
        publisher: ParticipantId | None,
        label: Label = Label.CAMERA,
    ) -> None:
        """Choose what a slot shows; ``publisher`` None is nothing."""
        await self._ask(m.Show(room, participant, mid, publisher, label), m.Done)

    async def mute(self, room: RoomId, participant: ParticipantId, label: Label, *, muted: bool) -> None:
        """Keep a stream from everybody, whatever its sender does; or let it through again."""
        await self._ask(m.Mute(room, participant, label, muted), m.Done)

    async def leave(self, room: RoomId, participant: ParticipantId) -> None:
        """Send a participant away."""
        with suppress(Gone):
            await self._ask(m.Leave(room, participant), m.Done)

    async def record(self, room: RoomId, *, on: bool) -> None:
        """Begin or end the recording. Its file bears the room's id."""
        await self._ask(m.Record(room, on), m.Done)

    async def say(
        self, room: RoomId, label: str, text: str, participant: ParticipantId | None = None
    ) -> None:
        """Send a text on the data channel ``label`` of one participant, or of all."""
        await self._ask(m.Say(room, label, text, participant), m.Done)

    async def stats(self, room: RoomId) -> m.Stats:
        """Return how a room is doing, with its worker's counters."""
        return await self._ask(m.Inspect(room), m.Stats)

    async def _ask(
        self,
        command: m.Join | m.Offer | m.Show | m.Mute | m.Leave | m.Record | m.Say | m.Inspect,
        expected: type[R],
    ) -> R:
        link = self._pinned.get(command.room) if command.room is not None else None
        if link is None:
            raise Gone("there is no such room")
        return _done(await link.call(command), expected)

    # --- workers come and go -------------------------------------------------------------------------------

    def _found(self, link: WorkerLink) -> None:
        for room in link.rooms:
            self._pinned[room] = link
        log.info("a video worker is up", worker=link.path.stem, rooms=len(link.rooms))
        self._owner.worker_found(frozenset(link.rooms))

    def _lost(self, link: WorkerLink) -> None:
        rooms = {room for room, at in self._pinned.items() if at is link}
        for room in rooms:
            del self._pinned[room]
        link.rooms = set()
        log.warning("a video worker is gone", worker=link.path.stem, rooms=len(rooms))
        self._owner.worker_lost(frozenset(rooms))

    def _happened(self, _: WorkerLink, event: m.AnyEvent) -> None:
        self._owner.happened(event)


def _done(result: AnyResult, expected: type[R]) -> R:
    match result:
        case m.Failed(error="gone"):
            raise Gone(result.reason)
        case m.Failed(error="later"):
            raise TryLater(result.reason)
        case m.Failed():
            raise Refused(result.reason)
    if not isinstance(result, expected):
        raise Refused("the video worker answers something else")
    return result
