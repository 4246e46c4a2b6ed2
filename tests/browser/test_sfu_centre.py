"""`sambung up` runs the forwarding worker and the recorder of rooms, and starts them again."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sambung.load import load
from sambung.settings import Settings
from sambung.supervise import Supervisor
from sambung.up import programs
from store.media import SqlMedia
from tests.browser.recorded import pictures, tone
from tests.browser.sfu_client import ROOM, Client, Owner, configure, free_udp_port, pages
from tests.waiting import until
from video.model import Role
from video.service import VideoService

WANTS: dict[str, object] = {"hear": 1, "see": 1}


@asynccontextmanager
async def supervised(folder: Path) -> AsyncIterator[tuple[Settings, Supervisor]]:
    """Run these two below ``folder`` as `sambung up` does; control would close a room that it does not know."""
    configure(folder, free_udp_port(), f"[asterisk]\nspool = '{folder}/spool'\n")
    settings = load(folder / "config", None, {})
    (folder / "spool").mkdir()
    wanted = [
        one
        for one in programs(settings, (), ("--config", str(folder / "config")))
        if one.name in {"recorder", "sfu"}
    ]
    supervisor = Supervisor(wanted, folder, lambda _: None)
    ready, stop = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(supervisor.run(stop, ready.set, lambda: None), name="supervisor")
    try:
        await until(ready.is_set, within=30)
        yield settings, supervisor
    finally:
        stop.set()
        await asyncio.wait_for(running, 30)


def pid(supervisor: Supervisor, name: str) -> int:
    """The process id of a process that is ready."""
    found = next((p.pid for p in supervisor.report() if p.name == name and p.phase == "ready"), None)
    assert found is not None
    return found


async def meet(visitor: Client, agent: Client) -> None:
    await visitor.join(tone=440, colour="red", **WANTS)
    await agent.join(tone=880, colour="blue", **WANTS)
    await visitor.sees("3", "blue")
    await agent.sees("3", "red")

    async def a_while() -> bool:
        return bool((await agent.counts())["3"]["decoded"] > 60)

    await until(a_while, within=20)


async def test_a_call_outlives_both_and_is_recorded(tmp_path: Path) -> None:
    owner = Owner()
    async with supervised(tmp_path / "centre") as (settings, supervisor), pages(tmp_path) as new_page:
        service = VideoService([settings.video.worker_socket(0)], owner)
        running = asyncio.create_task(service.run(), name="service")
        media = await SqlMedia.open(settings.database)
        try:
            await until(lambda: service.up)
            await service.create_room(ROOM)
            await service.record(ROOM, on=True)
            visitor = Client(await new_page(), service, "visitor", Role.PARTICIPANT)
            agent = Client(await new_page(), service, "agent", Role.PARTICIPANT)
            await meet(visitor, agent)
            for name in ("recorder", "sfu"):
                os.kill(pid(supervisor, name), signal.SIGKILL)
            await until(lambda: owner.lost)
            await until(lambda: service.up)
            await service.create_room(ROOM)
            await service.record(ROOM, on=True)
            for client in (visitor, agent):
                await client.call("hang_up")
            await meet(visitor, agent)
            await until(lambda: pid(supervisor, "recorder"))
            await until(lambda: _recorded(settings.video.spool / ROOM))
            await service.close_room(ROOM)
            found = await until(lambda: media.find(ROOM), within=30)
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await media.close()
        assert found is not None
        seen = pictures(settings.recordings / found.file, "visitor camera")
        assert len(seen) > 40
        assert all(red > 150 > blue for _, (red, _, blue) in seen)
        legs = {str(leg.participant): settings.recordings / leg.file for leg in found.legs}
        assert abs((tone(legs["visitor"]) or 0) - 440) < 5
        assert "recorder" in [gap.why for gap in found.gaps]


def _recorded(folder: Path) -> bool:
    """Whether the new recorder has begun files of its own."""
    return len(list(folder.glob("*.mkv"))) >= 8
