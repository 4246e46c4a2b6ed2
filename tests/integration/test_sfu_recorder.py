"""The recorder of rooms, without browsers: what is odd in its spool keeps nothing else from being finished."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

import msgspec

from tests.waiting import until
from video.model import Codec, Label, ParticipantId, RoomId
from video.ports import Media
from video.record import MediaRecorder
from video.record_track import JOURNAL
from video.tap import KIND_MESSAGE, Begin, Finish, ToRecorder


class Rows(list[Media]):
    """Where finished recordings are noted."""

    async def add(self, media: Media) -> None:
        self.append(media)


def said(message: ToRecorder) -> bytes:
    return bytes([KIND_MESSAGE]) + msgspec.json.encode(message)


async def test_a_folder_that_cannot_be_finished_keeps_no_other(tmp_path: Path) -> None:
    rows, good, bad = Rows(), "a" * 32, "b" * 32
    spool = tmp_path / "media"
    broken = spool / bad
    broken.mkdir(parents=True)
    (broken / "00002.mkv").mkdir()
    odd = [
        b'{"what":"Opened","at":1}',
        b'{"what":"Finished","at":"never"}',
        b"\xff\xfe",
        b'{"what":"Finished","at":2}',
    ]
    (broken / JOURNAL).write_bytes(b"\n".join(odd) + b"\n")
    (spool / "not a room").mkdir()
    path = tmp_path / "media.sock"
    recorder = MediaRecorder(path, spool, tmp_path / "kept", rows)
    running = asyncio.create_task(recorder.run(), name="recorder")
    try:
        await until(path.exists)
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as worker:
            worker.connect(str(path))
            worker.send(b"\x02 nonsense")
            worker.send(said(Begin(1, RoomId("../../etc"), ParticipantId("x"), Label.CAMERA, Codec.VP8, 1)))
            worker.send(said(Begin(2, RoomId(good), ParticipantId("x"), Label.CAMERA, Codec.VP8, 1)))
            worker.send(b"\x01\x00\x00\x00\x02" + bytes(8) + b"\x80\x60")
            worker.send(said(Finish(RoomId(good), 2)))
            await until(lambda: {media.id for media in rows} >= {good})
        assert {media.id for media in rows} <= {good, bad}
        assert all(media.file == "" for media in rows)
        await until(lambda: not (spool / good).exists())
        assert (spool / "not a room").exists()
        assert not running.done()
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
