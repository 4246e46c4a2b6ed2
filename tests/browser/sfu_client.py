"""Browsers in rooms of a real worker process: what a test of the forwarding unit stands on."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import Page, async_playwright

from core.errors import TryLater
from tests.waiting import until
from video.messages import AnyEvent, Connected, Joined, Slots
from video.model import ParticipantId, Role, RoomId
from video.service import VideoService
from video.settings import VideoSettings

ROOT = Path(__file__).parents[2]
ROOM = RoomId("ab" * 16)

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)


@dataclass
class Owner:
    """The control process, as far as rooms go: it writes down what it is told."""

    events: list[AnyEvent] = field(default_factory=list)
    lost: list[Collection[RoomId]] = field(default_factory=list)
    found: list[Collection[RoomId]] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)

    def happened(self, event: AnyEvent) -> None:
        self.events.append(event)

    def worker_lost(self, rooms: Collection[RoomId]) -> None:
        self.lost.append(rooms)

    def worker_found(self, rooms: Collection[RoomId]) -> None:
        self.found.append(rooms)

    def connected(self, participant: str) -> bool:
        return any(isinstance(e, Connected) and e.participant == participant for e in self.events)

    def slots(self, participant: str) -> dict[str, tuple[str, str]]:
        """What a participant's slots show by now: mid to (participant, label)."""
        told = [e for e in self.events if isinstance(e, Slots) and e.participant == participant]
        return {s.mid: (s.participant, s.label) for s in told[-1].shown} if told else {}


class Worker:
    """A worker process, kept running as `sambung up` keeps it."""

    def __init__(self, folder: Path, number: int, port: int) -> None:
        self.settings = VideoSettings(folder / "run", folder / "media", port=port)
        self._config = folder / "config"
        self._number = number
        self._log = folder / f"sfu-{number}.log"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "sambung.cli", "sfu", "--worker", str(self._number)),
                *("--config", str(self._config)),
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await asyncio.wait_for(self.process.wait(), 10)

    async def kill(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")


class Client:
    """One browser page."""

    def __init__(self, page: Page, service: VideoService, id_: str, role: Role) -> None:
        self.page = page
        self.id = ParticipantId(id_)
        self.role = role
        self.way: Callable[[str], str] = lambda answer: answer
        """Changes an answer on its way to the page."""
        self._service = service

    async def call(self, function: str, *arguments: object) -> Any:
        return await self.page.evaluate(f"(a) => {function}(...a)", list(arguments))

    async def join(self, **wants: object) -> Joined:
        joined = await self._service.join(ROOM, self.id, self.role, await self.call("open", wants))
        await self.call("take", self.way(joined.answer))
        return joined

    async def restart(self) -> None:
        joined = await self._service.offer(ROOM, self.id, await self.call("offer", True))
        await self.call("take", self.way(joined.answer))

    async def counts(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = await self.call("counts")
        return found

    async def sees(self, mid: str, colour: str, *, within: float = 10) -> None:
        """Wait until a slot shows a picture of that colour that moves."""
        await until(lambda: self._shows(mid, colour), within=within)
        before = (await self.counts())[mid].get("decoded", 0)

        async def moves() -> bool:
            return bool((await self.counts())[mid]["decoded"] >= before + 5)

        await until(moves, within=within)

    async def _shows(self, mid: str, colour: str) -> bool:
        seen = await self.call("see", mid)
        strongest = max(range(3), key=lambda i: seen["rgb"][i])
        return (
            seen["width"] > 0
            and strongest == {"red": 0, "lime": 1, "blue": 2}[colour]
            and max(seen["rgb"]) > 100
        )

    async def hears(self, mid: str, hz: int, *, within: float = 10) -> None:
        """Wait until a slot sounds at that frequency."""

        async def sounds() -> bool:
            heard = await self.call("hear", mid)
            assert heard["db"] > -60, heard
            assert abs(heard["hz"] - hz) < 12, heard
            return True

        await until(sounds, within=within)


@dataclass
class Stage:
    """A worker, the service connected to it, and a browser."""

    worker: Worker
    service: VideoService
    owner: Owner
    new_page: Callable[[], Awaitable[Page]]
    clients: dict[str, Client] = field(default_factory=dict)

    async def client(self, id_: str, role: Role = Role.PARTICIPANT) -> Client:
        page = await self.new_page()
        page.on("pageerror", lambda error: self.owner.page_errors.append(str(error)))
        self.clients[id_] = Client(page, self.service, id_, role)
        return self.clients[id_]

    async def stats(self) -> dict[str, int]:
        return dict((await self.service.stats(ROOM)).counters)


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def configure(folder: Path, port: int, more: str = "") -> None:
    """Write a configuration for a worker below ``folder``."""
    config = folder / "config"
    config.mkdir(parents=True)
    (config / "sambung.toml").write_text(f'home = ".."\n[video]\nport = {port}\n{more}')


@asynccontextmanager
async def running_worker(folder: Path, more: str = "") -> AsyncIterator[tuple[Worker, VideoService, Owner]]:
    """Run a worker below ``folder``, with the room `ROOM`."""
    port = free_udp_port()
    configure(folder, port, more)
    worker, owner = Worker(folder, 0, port), Owner()
    service = VideoService([worker.settings.worker_socket(0)], owner)
    await worker.start()
    running = asyncio.create_task(service.run(), name="service")
    try:
        await until(lambda: service.up, within=15)
        await service.create_room(ROOM)
        yield worker, service, owner
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError, TryLater):
            await running
        await worker.stop()


@asynccontextmanager
async def pages(folder: Path, flags: tuple[str, ...] = ()) -> AsyncIterator[Callable[[], Awaitable[Page]]]:
    """Run a browser with its files below ``folder``; yield what opens a page."""
    async with AsyncExitStack() as stack:
        app = web.Application()
        app.router.add_get("/", _page)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[*FLAGS, *flags],
            env={**os.environ, "HOME": str(folder)},
        )
        stack.push_async_callback(browser.close)

        async def new_page() -> Page:
            page = await browser.new_page()
            await page.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
            return page

        yield new_page


@asynccontextmanager
async def stage(folder: Path, more: str = "", flags: tuple[str, ...] = ()) -> AsyncIterator[Stage]:
    """Run a worker and a browser."""
    async with running_worker(folder, more) as (worker, service, owner), pages(folder, flags) as new_page:
        yield Stage(worker, service, owner, new_page)


async def _page(_: web.Request) -> web.FileResponse:
    return web.FileResponse(Path(__file__).parent / "sfu_page.html")
