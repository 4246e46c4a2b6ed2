"""What browsers said and showed is in the recording, in step, whatever is killed meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import av

from tests.browser.lossy import lossy
from tests.browser.recorded import apart, pictures, streams, tone
from tests.browser.sfu_client import ROOM, Stage, stage
from tests.waiting import until
from video.ports import Media
from video.record import MediaRecorder
from video.settings import VideoSettings

WANTS: dict[str, object] = {"hear": 1, "see": 2}


class Rows(list[Media]):
    """Where finished recordings are noted."""

    async def add(self, media: Media) -> None:
        self.append(media)


@asynccontextmanager
async def recorder(settings: VideoSettings, kept: Path, rows: Rows) -> AsyncIterator[None]:
    """Run a recorder."""
    it = MediaRecorder(settings.recorder_socket, settings.spool, kept, rows)
    running = asyncio.create_task(it.run(), name="recorder")
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def seconds(it: Stage, count: float) -> None:
    """Let a call go on for that long: its pictures are counted, not the time."""
    agent = it.clients["agent"]
    mid = next(mid for mid, (_, label) in it.owner.slots("agent").items() if label == "camera")
    first = (await agent.counts())[mid]["decoded"]

    async def gone_on() -> bool:
        return bool((await agent.counts())[mid]["decoded"] > first + count * 15)

    await until(gone_on, within=30)


async def test_a_call_with_a_screen_is_recorded(tmp_path: Path) -> None:
    rows, kept = Rows(), tmp_path / "kept"
    async with (
        stage(tmp_path) as it,
        recorder(it.worker.settings, kept, rows),
        lossy(it.worker.settings.port) as net,
    ):
        visitor, agent = await it.client("visitor"), await it.client("agent")
        visitor.way = net.through
        await it.service.record(ROOM, on=True)
        await visitor.join(beats=440, screen=True, **WANTS)
        await agent.join(tone=880, colour="blue", **WANTS)
        await visitor.sees("4", "blue")
        net.loss = 0.03
        await seconds(it, 4)
        await visitor.call("share", "lime")
        await agent.sees(
            next(m for m, what in it.owner.slots("agent").items() if what[1] == "screen"), "lime"
        )
        await seconds(it, 3)
        await it.service.close_room(ROOM)
        await until(lambda: rows, within=20)
    (media,) = rows
    assert media.gaps == ()
    assert media.length_ms > 5_000
    file = kept / media.file
    assert set(streams(file)) == {
        "visitor camera",
        "visitor microphone",
        "visitor screen",
        "agent camera",
        "agent microphone",
    }
    assert all(blue > 150 > red for _, (red, _, blue) in pictures(file, "agent camera"))
    assert all(green > 150 > blue for _, (_, green, blue) in pictures(file, "visitor screen"))
    assert len(pictures(file, "agent camera")) > 60
    assert abs(apart(file, "visitor")) < 0.08
    legs = {str(leg.participant): kept / leg.file for leg in media.legs}
    assert abs((tone(legs["visitor"]) or 0) - 440) < 5
    assert abs((tone(legs["agent"]) or 0) - 880) < 5


async def test_a_recording_survives_its_recorder_and_its_worker(tmp_path: Path) -> None:
    rows, kept = Rows(), tmp_path / "kept"
    async with stage(tmp_path) as it:
        visitor, agent = await it.client("visitor"), await it.client("agent")
        async with recorder(it.worker.settings, kept, rows):
            await it.service.record(ROOM, on=True)
            await visitor.join(tone=440, colour="red", **WANTS)
            await agent.join(tone=880, colour="blue", **WANTS)
            await agent.sees("3", "red")
            await seconds(it, 3)
            parts = sorted((it.worker.settings.spool / ROOM).glob("*.mkv"))
            # As after kill -9: what is on the disk while it is written plays.
            for part in parts:
                with av.open(str(part)) as played:
                    assert sum(1 for _ in played.decode()) > 20
        await until(lambda: any(e.__class__.__name__ == "RecorderAway" for e in it.owner.events))
        await agent.sees("3", "red")
        async with recorder(it.worker.settings, kept, rows):
            await seconds(it, 3)
            await it.worker.kill()
            await it.worker.start()
            await until(lambda: it.owner.lost and it.service.up, within=10)
            await it.service.create_room(ROOM)
            await it.service.record(ROOM, on=True)
            for client, colour in ((visitor, "red"), (agent, "blue")):
                await client.call("hang_up")
                await client.join(tone=440 if client is visitor else 880, colour=colour, **WANTS)
            await agent.sees("3", "red")
            await seconds(it, 3)
            await it.service.close_room(ROOM)
            await until(lambda: rows, within=20)
    (media,) = rows
    assert [gap.why for gap in media.gaps] == ["recorder", "worker"]
    file = kept / media.file
    assert set(streams(file)) == {"visitor camera", "visitor microphone", "agent camera", "agent microphone"}
    seen = pictures(file, "visitor camera")
    assert all(red > 150 > blue for _, (red, _, blue) in seen)
    assert len(seen) > 120
    legs = {str(leg.participant): kept / leg.file for leg in media.legs}
    assert abs((tone(legs["visitor"]) or 0) - 440) < 5
