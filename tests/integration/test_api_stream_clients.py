"""Clients of the live stream that do not read, say too much, or come from elsewhere."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from core.ids import AgentId
from desk.model import Notice, Topic
from desk.ring import Ring
from tests.integration.web_fixture import RunningWeb, Screen, running_web
from tests.waiting import until

ME = AgentId("ag101")


ME = AgentId("ag101")


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[RunningWeb]:
    async with running_web(tmp_path) as running:
        yield running


async def test_clients_that_never_read_cost_nothing_and_are_let_go(
    web: RunningWeb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty open a stream and read nothing; a thirty-first goes on being told everything."""
    async with web.browser("penyelia") as leader, leader.stream() as screen, asyncio.TaskGroup() as tasks:
        await screen.frame()
        reading = tasks.create_task(read_on(screen))
        monkeypatch.setattr("desk.stream._PING_S", 2.0)
        cookie = "; ".join(f"{c.key}={c.value}" for c in leader.session.cookie_jar)
        deaf = [await deaf_client(web.settings.web.port, cookie, web.base) for _ in range(30)]
        try:
            await until(lambda: len(web.desk.live.streams) == 31)
            note = {"text": "x" * 500}
            for _ in range(30):
                await asyncio.gather(*(leader.post("/notes", note) for _ in range(20)))
            await until(lambda: len(screen.notices) == 600, within=30)
            await until(lambda: len(web.desk.live.streams) == 1, within=30)
        finally:
            reading.cancel()
            for one in deaf:
                one.close()


async def read_on(screen: Screen) -> None:
    while isinstance(await screen.frame(60), dict):
        pass


async def deaf_client(port: int, cookie: str, origin: str) -> socket.socket:
    """Open a stream on a bare socket with a small buffer, and never read it."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, ("127.0.0.1", port))
    asked = (
        f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nOrigin: {origin}\r\n"
        f"Cookie: {cookie}\r\n\r\n"
    )
    await loop.sock_sendall(client, asked.encode())
    return client


async def test_what_a_client_sends_is_not_read_and_too_much_ends_it(web: RunningWeb) -> None:
    async with web.browser("agen") as agent:
        async with agent.stream() as screen:
            await screen.frame()
            for text in ("{}", "[" * 4_000, '{"op":"put","seq":1}'):
                await screen.socket.send_str(text)
            await screen.socket.send_bytes(b"\xff\x00")
            await web.on_duty("ag101")
            await screen.until(lambda s: s.get("desk", "me")["state"] == "ready")
        async with agent.stream() as screen:
            await screen.frame()
            await screen.socket.send_str("x" * 100_000)
            while isinstance(code := await screen.frame(), dict):
                pass
            assert code == 1009


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
async def test_a_stream_for_another_sites_page_is_refused(web: RunningWeb, origin: str) -> None:
    async with web.browser("agen") as agent:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            async with agent.stream(origin=origin):
                pass
        assert refusal.value.status == 403


def test_a_ring_gives_what_it_holds_and_says_what_it_does_not() -> None:
    ring = Ring(1_000, size=4)
    assert ring.holds(1_000)
    assert not ring.holds(999)
    for _ in range(10):
        ring.tell(Topic.CENTRE, AgentId(""), Notice("note"))
    assert [event.seq for event in ring.after(1_006, 10)] == [1_007, 1_008, 1_009, 1_010]
    assert [ring.holds(seq) for seq in (1_005, 1_006, 1_010, 1_011)] == [False, True, True, False]
