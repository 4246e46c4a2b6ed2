"""For whom a request is that a proxy brings, over real connections."""

from __future__ import annotations

from ipaddress import ip_network

from aiohttp import ClientSession, web

from desk.address import FORWARDED, behind


async def test_requests_and_sockets_get_it() -> None:
    async def where(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade") is None:
            return web.Response(text=f"{request.remote} {await request.text()}")
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            await socket.send_str(f"{request.remote} {message.data}")
        return socket

    for proxies, seen in (((ip_network("127.0.0.1"),), "198.51.100.1"), ((), "127.0.0.1")):
        app = web.Application(middlewares=[behind(proxies)])
        app.add_routes([web.route("*", "/", where)])
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            headers = {FORWARDED: "6.6.6.6, 198.51.100.1"}
            async with ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as http:
                async with http.post("/", headers=headers, data="body") as answer:
                    assert await answer.text() == f"{seen} body"
                async with http.ws_connect("/", headers=headers) as socket:
                    await socket.send_str("hello")
                    assert await socket.receive_str() == f"{seen} hello"
        finally:
            await runner.cleanup()
