"""The recorder's part for video: takes what workers hand over, and finishes what is over.

A room's folder in the spool is all it knows of a recording; killed at any point, it goes on from there.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
import structlog

from core.ids import parse_interaction_id
from video.model import RoomId
from video.ports import Leg, Media, MediaRows
from video.record_journal import Recorded, read
from video.record_merge import merge, pieces, write_leg
from video.record_track import JOURNAL, Recording, TrackWriter
from video.tap import (
    KIND_MESSAGE,
    KIND_PACKET,
    LONGEST,
    PACKET,
    Begin,
    End,
    Finish,
    KeyframeWanted,
    Report,
    ToRecorder,
)

log: Final = structlog.get_logger(__name__)

_AT_ONCE: Final = 128
_LOOK_S: Final = 1.0
_IDLE_US: Final = 600_000_000
"""A recording of which nobody said that it is over, and to which nothing came for so long, is over."""
_ABANDONED_S: Final = 660.0


class _Line:
    """One worker's connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.tracks: dict[int, TrackWriter] = {}


class MediaRecorder:
    """Listens, writes, and finishes."""

    def __init__(self, path: Path, spool: Path, kept: Path, rows: MediaRows) -> None:
        """``path`` is the socket on which workers reach us; recordings go from ``spool`` to ``kept``."""
        self._path = path
        self._spool = spool
        self._kept = kept
        self._rows = rows
        self._live: dict[RoomId, Recording] = {}
        self._lines: list[_Line] = []
        self._troubled: set[str] = set()

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Work until cancelled. Raises OSError if the socket or the spool cannot be had."""
        listener = self._listen()
        loop = asyncio.get_running_loop()
        loop.add_reader(listener.fileno(), self._accept, listener)
        try:
            ready()
            while True:
                await asyncio.sleep(_LOOK_S)
                await self.look()
        finally:
            loop.remove_reader(listener.fileno())
            listener.close()
            for line in list(self._lines):
                self._hung_up(line)
            for recording in self._live.values():
                recording.close(_now(), finished=False)

    async def look(self) -> None:
        """Note that time passes, and finish what is over."""
        now = _now()
        for room, recording in list(self._live.items()):
            if any(one.recording is recording for line in self._lines for one in line.tracks.values()):
                recording.alive(now)
            elif now - recording.last > _IDLE_US:
                self._finish(room)
        for folder in await asyncio.to_thread(self._due):
            try:
                media = await asyncio.to_thread(self._complete, folder)
                await self._rows.add(media)
                await asyncio.to_thread(shutil.rmtree, folder)
            except Exception as error:  # one that cannot be read must not keep the others
                if folder.name not in self._troubled:
                    self._troubled.add(folder.name)
                    log.error("a recording cannot be finished", room=folder.name, reason=repr(error))
                continue
            log.info(
                "video recording finished",
                room=media.id,
                length_ms=media.length_ms,
                legs=len(media.legs),
                gaps=[(gap.why, (gap.end - gap.begin) // 1000) for gap in media.gaps],
            )

    # --- workers -------------------------------------------------------------------------------------------

    def _listen(self) -> socket.socket:
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        sock.bind(str(self._path))
        self._path.chmod(0o600)
        sock.listen(64)
        return sock

    def _accept(self, listener: socket.socket) -> None:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        sock.setblocking(False)
        line = _Line(sock)
        self._lines.append(line)
        asyncio.get_running_loop().add_reader(sock.fileno(), self._readable, line)

    def _readable(self, line: _Line) -> None:
        for _ in range(_AT_ONCE):
            try:
                data = line.socket.recv(LONGEST)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._hung_up(line)
                return
            try:
                self._take(line, data)
            except (msgspec.DecodeError, OSError) as error:
                log.error("what a worker hands over cannot be recorded", reason=str(error))

    def _take(self, line: _Line, data: bytes) -> None:
        if data[0] == KIND_PACKET and len(data) > PACKET.size:
            _, track, at = PACKET.unpack_from(data)
            writer = line.tracks.get(track)
            if writer is not None and writer.packet(data[PACKET.size :], at):
                self._ask(line, track)
        elif data[0] == KIND_MESSAGE:
            match msgspec.json.decode(data[1:], type=ToRecorder):
                case Begin() as begin if begin.track not in line.tracks:
                    # An id from elsewhere must not become a path.
                    if _is_id(begin.room):
                        line.tracks[begin.track] = TrackWriter(self._recording(begin.room), begin)
                case Report() as report if report.track in line.tracks:
                    line.tracks[report.track].report(report)
                case End() as end if end.track in line.tracks:
                    line.tracks.pop(end.track).end(end.at)
                case Finish() as finish:
                    self._finish(finish.room)

    def _ask(self, line: _Line, track: int) -> None:
        try:
            line.socket.send(msgspec.json.encode(KeyframeWanted(track)))
        except OSError:
            log.warning("a worker cannot be asked for a keyframe")

    def _hung_up(self, line: _Line) -> None:
        asyncio.get_running_loop().remove_reader(line.socket.fileno())
        line.socket.close()
        self._lines.remove(line)
        for writer in line.tracks.values():
            writer.end(_now())

    def _recording(self, room: RoomId) -> Recording:
        if room not in self._live:
            self._live[room] = Recording(self._spool / room, _now())
        return self._live[room]

    def _finish(self, room: RoomId) -> None:
        recording = self._live.pop(room, None)
        if recording is None:
            if not _is_id(room) or not (self._spool / room).is_dir():
                return
            # It began before this process did.
            recording = Recording(self._spool / room, _now())
        for line in self._lines:
            for track in [number for number, one in line.tracks.items() if one.recording is recording]:
                line.tracks.pop(track).end(_now())
        recording.close(_now(), finished=True)

    # --- finishing -----------------------------------------------------------------------------------------

    def _due(self) -> Sequence[Path]:
        """Return folders of recordings that are over."""
        due = []
        for journal in self._spool.glob(f"*/{JOURNAL}"):
            if journal.parent.name in self._live or not _is_id(journal.parent.name):
                continue
            over = b'"Finished"' in journal.read_bytes()[-400:]
            if over or time.time() - journal.stat().st_mtime > _ABANDONED_S:
                due.append(journal.parent)
        return due

    def _complete(self, folder: Path) -> Media:
        """Make the files that are kept. Doing it again makes them again."""
        with (folder / JOURNAL).open("rb") as lines:
            recorded = read(lines)
        found = pieces(folder, recorded)
        name = f"{datetime.fromtimestamp(recorded.began / 1e6, UTC):%Y/%m/%d}/{folder.name}"
        target = self._kept / f"{name}.mkv"
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        length = 0
        if found:
            draft = target.with_suffix(".part")
            length = merge(found, draft)
            draft.replace(target)
        return Media(
            id=RoomId(folder.name),
            started_at=recorded.began // 1000,
            ended_at=recorded.ended // 1000,
            file=f"{name}.mkv" if found else "",
            length_ms=length,
            legs=self._legs(found_in=recorded, folder=folder, name=name, length_ms=length),
            gaps=tuple(recorded.gaps),
        )

    def _legs(self, *, found_in: Recorded, folder: Path, name: str, length_ms: int) -> tuple[Leg, ...]:
        found = pieces(folder, found_in)
        legs: list[Leg] = []
        for participant in dict.fromkeys(track.began.participant for track in found_in.tracks):
            file = f"{name}-{len(legs) + 1}.wav"
            if write_leg(found, participant, length_ms, self._kept / file):
                legs.append(Leg(participant, file))
        return tuple(legs)


def _is_id(name: str) -> bool:
    return parse_interaction_id(name) == name


def _now() -> int:
    return time.time_ns() // 1000
