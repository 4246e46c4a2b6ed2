"""What networks do to a call, and what becomes of it: loss, another path, a worker that dies."""

from __future__ import annotations

import time
from pathlib import Path

from tests.browser.lossy import lossy
from tests.browser.sfu_client import ROOM, Client, stage
from tests.waiting import until
from video.control_packets import SPACING_S

WANTS: dict[str, object] = {"hear": 1, "see": 1}


async def calm(client: Client, mid: str) -> bool:
    """Whether no picture was missing for half a second in the last four."""
    seen = await client.call("pauses", mid, 4_000)
    assert seen["pictures"] > 40, seen
    assert seen["longest"] < 500, seen
    return True


async def test_lost_packets_are_repaired(tmp_path: Path) -> None:
    async with stage(tmp_path) as it, lossy(it.worker.settings.port) as network:
        visitor, agent = await it.client("visitor"), await it.client("agent")
        visitor.way = agent.way = network.through
        await visitor.join(tone=440, colour="red", **WANTS)
        await agent.join(tone=880, colour="blue", **WANTS)
        await visitor.sees("3", "blue")
        await agent.sees("3", "red")
        network.loss = 0.05
        await visitor.call("watch", "3")
        await agent.call("watch", "3")
        await until(lambda: network.lost > 200, within=30)
        await until(lambda: calm(visitor, "3"), within=20)
        await until(lambda: calm(agent, "3"), within=20)
        counters = await it.stats()
        assert counters["resent"] > 10
        assert counters["nacks_out"] > 10
        counts = [(await client.counts()) for client in (visitor, agent)]
        assert all(one["3"]["repaired"] > one["3"]["lost"] / 2 for one in counts), counts
        assert counters["failed"] == 0, it.worker.log


async def test_late_joiners_get_a_picture_and_the_camera_is_left_in_peace(tmp_path: Path) -> None:
    async with stage(tmp_path) as it, lossy(it.worker.settings.port) as network:
        agent = await it.client("agent")
        await agent.join(colour="red", rate=15, width=320, height=240)
        network.loss = 0.05
        late = [await it.client(f"late{n}") for n in range(10)]
        began, before = time.monotonic(), (await it.stats())["keyframe_requests_out"]
        for client in late:
            client.way = network.through
            await client.join(see=1)
        for client in late:
            await client.sees("0", "red")
        took = time.monotonic() - began
        asked = (await it.stats())["keyframe_requests_out"] - before
        assert 1 <= asked <= took / SPACING_S + 1
        # Nobody asks for keyframes any more.
        last, since = -1, time.monotonic()

        async def settled() -> bool:
            nonlocal last, since
            if (now := (await it.stats())["keyframe_requests_out"]) != last:
                last, since = now, time.monotonic()
            return time.monotonic() - since > 2

        await until(settled, within=20)


async def test_a_new_path_changes_nothing_that_is_seen(tmp_path: Path) -> None:
    async with (
        stage(tmp_path) as it,
        lossy(it.worker.settings.port) as old,
        lossy(it.worker.settings.port) as new,
    ):
        visitor, agent = await it.client("visitor"), await it.client("agent")
        visitor.way = old.through
        await visitor.join(tone=440, colour="red", **WANTS)
        await agent.join(tone=880, colour="blue", **WANTS)
        await visitor.sees("3", "blue")
        events = len([e for e in it.owner.events if e.__class__.__name__ == "Connected"])
        visitor.way = new.through
        await visitor.restart()
        await until(lambda: new.seen > 50, within=10)
        old.close()
        await visitor.sees("3", "blue")
        await agent.sees("3", "red")
        await agent.hears("2", 440)
        # The same secrets: it was not connected anew.
        assert len([e for e in it.owner.events if e.__class__.__name__ == "Connected"]) == events


async def test_a_killed_worker_costs_a_moment(tmp_path: Path) -> None:
    async with stage(tmp_path) as it:
        clients = {"red": await it.client("visitor"), "blue": await it.client("agent")}
        for colour, client in clients.items():
            await client.join(tone=440, colour=colour, **WANTS)
        await clients["red"].sees("3", "blue")
        await it.worker.kill()
        await until(lambda: it.owner.lost, within=1)
        await it.worker.start()
        await until(lambda: it.service.up, within=30)
        await it.service.create_room(ROOM)
        for colour, client in clients.items():
            await client.call("hang_up")
            await client.join(tone=440, colour=colour, **WANTS)
        await clients["red"].sees("3", "blue")
        await clients["blue"].sees("3", "red")
        await clients["blue"].hears("2", 440)


async def test_a_camera_that_sends_h264_is_seen_too(tmp_path: Path) -> None:
    async with stage(tmp_path, 'prefer = "h264"\n') as it:
        visitor, agent = await it.client("visitor"), await it.client("agent")
        await visitor.join(colour="red", see=1, codec="video/H264")
        await agent.join(colour="blue", see=1)
        await visitor.sees("1", "blue")
        await agent.sees("1", "red")
        counts = await visitor.counts()
        assert counts["0"]["encoded"] > 10
