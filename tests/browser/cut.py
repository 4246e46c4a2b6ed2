"""The network between a browser and the centre, which can be gone for a while: pages, stream, SIP and sound."""

from __future__ import annotations

import asyncio
import re
import socket
import tomllib
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, web

Address: TypeAlias = tuple[str, int]
HOST: Final = "127.0.0.1"
_CANDIDATE: Final = re.compile(
    r"^a=candidate:\S+ 1 UDP \d+ (\S+) (\d+) typ .*\r\n", re.IGNORECASE | re.MULTILINE
)
_UFRAG: Final = re.compile(r"^a=ice-ufrag:(\S+)", re.MULTILINE)
_ANY_CANDIDATE: Final = re.compile(r"^a=candidate:.*\r\n", re.MULTILINE)
_CALL_ID: Final = re.compile(r"^Call-ID: *(\S+)", re.IGNORECASE | re.MULTILINE)
_LENGTH: Final = re.compile(r"^Content-Length: *\d+", re.IGNORECASE | re.MULTILINE)


class Sound:
    """The way of one call's sound: a port for the browser, and one for Asterisk."""

    def __init__(self, passes: Callable[[], bool]) -> None:
        self._passes = passes
        self._browser: Address | None = None
        self.asterisk: Address | None = None
        self.front = self._socket(self._from_browser)
        self.back = self._socket(self._from_asterisk)
        self._ufrag = ""
        self._before: list[socket.socket] = []

    def offered(self, ufrag: str) -> None:
        """A browser that looks for a way anew has new ports; Asterisk takes the same ones for no news."""
        if self._ufrag not in ("", ufrag):
            self._before.append(self.back)
            self.back = self._socket(self._from_asterisk)
        self._ufrag = ufrag

    def close(self) -> None:
        for one in (self.front, self.back, *self._before):
            asyncio.get_running_loop().remove_reader(one.fileno())
            one.close()

    def _from_browser(self, front: socket.socket) -> None:
        with suppress(BlockingIOError, ConnectionError):
            while True:
                data, self._browser = front.recvfrom(4096)
                if self._passes() and self.asterisk is not None:
                    self.back.sendto(data, self.asterisk)

    def _from_asterisk(self, back: socket.socket) -> None:
        with suppress(BlockingIOError, ConnectionError):
            while True:
                data = back.recv(4096)
                if self._passes() and self._browser is not None:
                    # Not sendto, which the tests keep to 127.0.0.1: Chromium has the address of an interface.
                    self.front.sendmsg([data], [], 0, self._browser)

    @staticmethod
    def _socket(reader: Callable[[socket.socket], None]) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        sock.bind((HOST, 0))
        asyncio.get_running_loop().add_reader(sock.fileno(), reader, sock)
        return sock


class Network:
    """While it is cut nothing passes and nothing says so; what was connected before is dead afterwards."""

    def __init__(self) -> None:
        self._web, self._phone = _listening(), _listening()
        self._web_to = self._phone_to = 0
        self._up = asyncio.Event()
        self._up.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._aborts: set[Callable[[], None]] = set()
        self._sounds: dict[str, Sound] = {}
        self._session: ClientSession
        self.registered = 0
        """How often a browser's telephone was accepted by the registrar."""

    def stand_before(self, place: Path) -> None:
        """Change a centre's settings so that browsers come by this network."""
        file = place / "config" / "sambung.toml"
        values = tomllib.loads(file.read_text())
        self._web_to, self._phone_to = values["web"]["port"], values["asterisk"]["http_port"]
        ways = f'public_url = "http://{HOST}:{_port(self._web)}"\nphone_url = "ws://{HOST}:{_port(self._phone)}/ws"\n'
        file.write_text(file.read_text().replace("[web]\n", f"[web]\n{ways}"))

    @property
    def direct(self) -> str:
        """The address of the interface for who need not come by this network."""
        return f"http://{HOST}:{self._web_to}"

    def cut(self) -> None:
        self._up.clear()

    def mend(self) -> None:
        """Let everything through again but what was connected before: the way there forgot it."""
        for abort in tuple(self._aborts):
            abort()
        self._up.set()

    async def run(self) -> AsyncIterator[None]:
        """Serve until closed."""
        app = web.Application()
        app.router.add_get("/ws", self._sip)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        pages = await asyncio.start_server(self._tcp, sock=self._web)
        try:
            async with ClientSession() as self._session:
                await web.SockSite(runner, self._phone).start()
                yield
                self.mend()
                await runner.cleanup()
        finally:
            pages.close()
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for sound in self._sounds.values():
                sound.close()

    # --- pages, requests and the stream --------------------------------------------------------------------

    def _tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._through(reader, writer), name="network")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._up.wait()
        with suppress(ConnectionError):
            there, to = await asyncio.open_connection(HOST, self._web_to)
            await self._both(
                (writer, to),
                self._pump(reader, to),
                self._pump(there, writer),
            )

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            await self._up.wait()
            sink.write(data)
            await sink.drain()

    async def _both(self, ends: tuple[asyncio.StreamWriter, ...], *ways: Coroutine[Any, Any, None]) -> None:
        """Carry both ways until one ends."""

        def abort() -> None:
            for end in ends:
                end.transport.abort()

        self._aborts.add(abort)
        tasks = [asyncio.create_task(way, name="network-way") for way in ways]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._aborts.discard(abort)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for end in ends:
                end.close()

    # --- SIP and sound -------------------------------------------------------------------------------------

    async def _sip(self, request: web.Request) -> web.StreamResponse:
        await self._up.wait()
        near = web.WebSocketResponse(protocols=("sip",))
        await near.prepare(request)
        url = f"ws://{HOST}:{self._phone_to}/ws"
        async with self._session.ws_connect(url, protocols=("sip",)) as far:

            def abort() -> None:
                if request.transport is not None:
                    request.transport.abort()

            self._aborts.add(abort)
            back = asyncio.create_task(self._to_browser(far, near), name="network-sip")
            try:
                async for message in near:
                    if message.type is not WSMsgType.TEXT:
                        break
                    await self._up.wait()
                    await far.send_str(self._rewritten(message.data, from_browser=True))
            except ConnectionError:
                pass
            finally:
                self._aborts.discard(abort)
                back.cancel()
                await asyncio.wait([back])
        return near

    async def _to_browser(self, far: ClientWebSocketResponse, near: web.WebSocketResponse) -> None:
        with suppress(ConnectionError):
            async for message in far:
                if message.type is WSMsgType.TEXT:
                    await self._up.wait()
                    self._count(message.data)
                    await near.send_str(self._rewritten(message.data, from_browser=False))

    def _count(self, text: str) -> None:
        if text.startswith("SIP/2.0 200") and re.search(r"^CSeq: *\d+ REGISTER", text, re.MULTILINE):
            self.registered += 1

    def _rewritten(self, text: str, *, from_browser: bool) -> str:
        """Return a message whose description of the sound leads through here."""
        head, parted, body = text.partition("\r\n\r\n")
        call = _CALL_ID.search(head)
        if call is None or not body.startswith("v=0"):
            return text
        sound = self._sounds.get(call[1])
        if sound is None:
            sound = self._sounds[call[1]] = Sound(self._up.is_set)
        if from_browser and (ufrag := _UFRAG.search(body)):
            sound.offered(ufrag[1])
        if not from_browser and (found := _CANDIDATE.search(body)):
            sound.asterisk = found[1], int(found[2])
        port = _port(sound.back if from_browser else sound.front)
        body = _ANY_CANDIDATE.sub("", body) + f"a=candidate:1 1 UDP 2130706431 {HOST} {port} typ host\r\n"
        return _LENGTH.sub(f"Content-Length: {len(body.encode())}", head) + parted + body


network = asynccontextmanager(Network.run)


def _listening() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.bind((HOST, 0))
    return sock


def _port(sock: socket.socket) -> int:
    port: int = sock.getsockname()[1]
    return port
