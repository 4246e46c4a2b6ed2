"""Real browsers in a room: they see and hear each other through a worker process."""

from __future__ import annotations

from pathlib import Path

from tests.browser.sfu_client import ROOM, Client, stage
from tests.waiting import until
from video.model import Role


async def test_two_people_and_a_supervisor_meet(tmp_path: Path) -> None:
    async with stage(tmp_path) as it:
        visitor, agent = await it.client("visitor"), await it.client("agent")
        wants = {"screen": True, "hear": 2, "see": 3, "chat": True}
        await visitor.join(tone=440, colour="red", **wants)
        await agent.join(tone=880, colour="blue", **wants)
        supervisor = await it.client("supervisor", Role.LISTENER)
        # It offers to send all the same: the worker must not let it.
        await supervisor.join(tone=1760, colour="lime", hear=2, see=3, chat=True)

        await visitor.hears("3", 880)
        await agent.hears("3", 440)
        await visitor.sees("5", "blue")
        await agent.sees("5", "red")
        shown = it.owner.slots("supervisor")
        cameras = {who: mid for mid, (who, label) in shown.items() if label == "camera"}
        await supervisor.sees(cameras["visitor"], "red")
        await supervisor.sees(cameras["agent"], "blue")

        await visitor.call("share", "lime")
        screen = next(mid for mid, what in it.owner.slots("agent").items() if what == ("visitor", "screen"))
        await agent.sees(screen, "lime")

        await until(lambda: _open(visitor), within=5)
        await visitor.call("say", "selamat pagi")
        await until(lambda: _texts(agent), within=5)
        assert await _texts(agent) == ["selamat pagi"]
        await supervisor.call("say", "psst")

        transport = await visitor.call("transport")
        # Browsers of different age name it with and without the prefix.
        assert transport["srtp"].removeprefix("SRTP_") == "AEAD_AES_128_GCM"
        counts = await visitor.counts()
        assert counts["5"]["lost"] == counts["3"]["lost"] == 0
        assert await _texts(agent) == ["selamat pagi"]
        (room,) = [await it.service.stats(ROOM)]
        assert [p.published for p in room.room if p.participant == "supervisor"] == [()]
        assert room.counters["failed"] == 0, it.worker.log


async def _open(client: Client) -> bool:
    return bool(await client.page.evaluate("state.channel.readyState === 'open'"))


async def _texts(client: Client) -> list[str]:
    texts: list[str] = await client.page.evaluate("state.texts")
    return texts
