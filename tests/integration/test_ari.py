"""The ARI client on a real Asterisk: errors by name, loss and return, a stolen name, and requests over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, WSMsgType, encode_basic_auth, web

from core.errors import Fatal, Gone, Refused
from pbx.ari import Ari
from pbx.model import AriEvent, Bridge, Replaced
from pbx.wire import APP
from tests.integration.asterisk_fixture import RunningAsterisk, StartAsterisk
from tests.waiting import until

Cut = Callable[[], Awaitable[None]]


class Listener:
    """An owner that only remembers."""

    def __init__(self) -> None:
        self.ups = 0
        self.downs = 0

    async def on_up(self) -> None:
        self.ups += 1

    def on_event(self, event: AriEvent) -> None:
        if isinstance(event, Replaced):
            raise Fatal("replaced")

    def on_down(self) -> None:
        self.downs += 1


@asynccontextmanager
async def connected(
    url: str, password: str, listener: Listener
) -> AsyncIterator[tuple[Ari, asyncio.Task[None]]]:
    ari = Ari(url, "sambung", password, APP)
    running = asyncio.create_task(ari.run(listener), name="ari")
    try:
        await until(lambda: listener.ups > 0)
        yield ari, running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def address(pbx: RunningAsterisk) -> str:
    return f"http://127.0.0.1:{pbx.settings.http_port}"


async def test_answers_are_errors_by_what_one_may_do_next(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    async with connected(address(pbx), pbx.secrets.ari, Listener()) as (ari, _):
        await ari.send("POST", "bridges/mine", type="mixing")
        assert [b.id for b in await ari.get("bridges", list[Bridge])] == ["mine"]
        with pytest.raises(Gone):
            await ari.send("DELETE", "channels/none")
        with pytest.raises(Refused):
            await ari.send("POST", "channels", endpoint="PJSIP/nobody", app=APP, channelId="x")
        await ari.send("DELETE", "bridges/mine")

        async def gone() -> bool:
            return await ari.get("bridges", list[Bridge]) == []

        await until(gone)


async def test_a_lost_connection_is_made_again(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    listener = Listener()
    async with proxied(pbx, deaf=False) as (url, cut), connected(url, pbx.secrets.ari, listener) as (ari, _):
        await cut()
        await until(lambda: listener.ups == 2)
        assert listener.downs == 1
        assert await ari.get("bridges", list[Bridge]) == []


async def test_who_loses_the_name_to_another_does_not_fight_back(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    first = Listener()
    async with connected(address(pbx), pbx.secrets.ari, first) as (_, running):
        async with connected(address(pbx), pbx.secrets.ari, Listener()):
            await until(running.done)
        assert isinstance(running.exception(), BaseExceptionGroup)
        assert running.exception().subgroup(Fatal)  # type: ignore[union-attr]
        assert first.ups == 1


async def test_an_asterisk_without_requests_over_the_socket_is_asked_over_http(
    asterisk: StartAsterisk,
) -> None:
    pbx = await asterisk()
    async with (
        proxied(pbx, deaf=True) as (url, _),
        connected(url, pbx.secrets.ari, Listener()) as (ari, _running),
    ):
        await ari.send("POST", "bridges/mine", type="mixing")
        assert [b.id for b in await ari.get("bridges", list[Bridge])] == ["mine"]
        with pytest.raises(Gone):
            await ari.send("DELETE", "channels/none")


@asynccontextmanager
async def proxied(pbx: RunningAsterisk, *, deaf: bool) -> AsyncIterator[tuple[str, Cut]]:
    """Stand before the real Asterisk. A deaf one drops requests on the socket, as releases before 20.14 do."""
    sockets: list[web.WebSocketResponse] = []
    headers = {"Authorization": encode_basic_auth("sambung", pbx.secrets.ari)}
    async with ClientSession(headers=headers) as session:

        async def events(request: web.Request) -> web.StreamResponse:
            near = web.WebSocketResponse()
            await near.prepare(request)
            sockets.append(near)
            async with (
                session.ws_connect(f"{address(pbx)}{request.rel_url}") as far,
                asyncio.TaskGroup() as tasks,
            ):

                async def down() -> None:
                    async for message in far:
                        await near.send_str(message.data)

                back = tasks.create_task(down())
                async for message in near:
                    if message.type is WSMsgType.TEXT and not deaf:
                        await far.send_str(message.data)
                back.cancel()
            return near

        async def rest(request: web.Request) -> web.Response:
            body = await request.read()
            async with session.request(
                request.method,
                f"{address(pbx)}{request.rel_url}",
                data=body,
                headers={"Content-Type": "application/json"},
            ) as response:
                return web.Response(status=response.status, body=await response.read())

        app = web.Application()
        app.router.add_get("/ari/events", events)
        app.router.add_route("*", "/ari/{path:.*}", rest)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()

        async def cut() -> None:
            await sockets[-1].close()

        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}", cut
        finally:
            await runner.cleanup()
