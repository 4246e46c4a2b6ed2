"""Video visits of a centre without Asterisk: the real line, store, server and forwarding unit; pages are sockets."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec

from acd.engine import Engine
from acd.events import AgentSignedIn, IntentSet, OfferAccepted, ReachChanged
from acd.model import Channel, Phase
from core.clock import SystemClock
from core.ids import AgentId, InteractionId
from desk.passwords import Passwords
from pbx import secrets
from sambung.bench.video_peer import Peer
from sambung.centre import load_centre
from sambung.video_calls import ChannelCalls, VideoCalls
from sambung.web import Web, serve
from store.journal import SqlJournal
from store.queries import Queries
from tests.browser.sfu_client import Worker, configure, free_udp_port
from tests.integration.web_fixture import CHEAP, Browser, Commanded, NoDevices, RunningWeb, settings_for
from tests.waiting import until

VISITOR: Final[dict[str, Any]] = {"name": "Sari", "topic": "kbli", "language": "id", "camera": True}


class Page:
    """A page of somebody's in a call: its socket, what it was told, and its media."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        self.peer: Peer | None = None
        self.joined = 0
        """Invitations that were followed."""

    async def read(self) -> None:
        async for message in self.socket:
            self.heard.append(msgspec.json.decode(message.data))

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.heard if message["type"] == kind]

    def last(self, kind: str) -> dict[str, Any] | None:
        return next((message for message in reversed(self.heard) if message["type"] == kind), None)

    def lines(self) -> list[dict[str, Any]]:
        return [line for chat in self.all("chat") for line in chat["lines"]]

    def stage(self) -> str | None:
        state = self.last("state")
        return None if state is None else str(state["stage"])

    async def said(self, **message: object) -> None:
        await self.socket.send_json(message)

    async def connect(self) -> Peer:
        """Do what a browser does at each invitation: connect anew, with devices that are there already."""
        await until(lambda: len(self.all("invited")) > self.joined, within=20)
        self.joined = len(self.all("invited"))
        if self.peer is not None:
            await self.peer.close()
        self.peer = Peer(2)
        answered = len(self.all("answer"))
        await self.said(type="join", sdp=self.peer.offer())
        await until(lambda: len(self.all("answer")) > answered, within=20)
        return await self.peer.connect(self.all("answer")[-1]["sdp"])


class Hall(RunningWeb):
    """The running interface, with visits."""

    video: VideoCalls

    async def comes(self, browser: Browser, **how: object) -> tuple[InteractionId, str]:
        """Ask for a call as a visitor's page does; return its id and its token."""
        made = await browser.post("/public/video/visits", {**VISITOR, **how})
        return InteractionId(made["id"]), made["token"]

    @asynccontextmanager
    async def page(self, browser: Browser, path: str) -> AsyncIterator[Page]:
        """Open a page of a call."""
        headers = {"Origin": self.base}
        async with browser.session.ws_connect(browser.api + path, headers=headers) as socket:
            page = Page(socket)
            reading = asyncio.create_task(page.read())
            try:
                yield page
            finally:
                reading.cancel()
                if page.peer is not None:
                    await page.peer.close()

    async def ready(self, agent: str) -> None:
        """Have an agent take video calls."""
        id_ = AgentId(agent)
        await self.engine.submit(
            AgentSignedIn(id_), IntentSet(id_, True), ReachChanged(id_, Channel.VIDEO, True)
        )

    async def accepted(self, id_: InteractionId) -> AgentId:
        """Have whoever is offered the visit take it; return who."""

        def offered() -> AgentId | None:
            contact = self.engine.state.interaction(id_)
            return contact.agent if contact is not None and contact.phase is Phase.OFFERED else None

        agent = await until(offered, within=20)
        contact = self.engine.state.interaction(id_)
        assert agent is not None
        assert contact is not None
        assert contact.offer is not None
        await self.engine.submit(OfferAccepted(contact.offer))
        return agent


@asynccontextmanager
async def visit_hall(folder: Path, pages: Path | None = None) -> AsyncIterator[Hall]:
    """Serve the shipped centre's video calls until the end of the block; ``pages`` is the folder of built pages."""
    port = free_udp_port()
    configure(folder, port)
    worker = Worker(folder, 0, port)
    shipped = settings_for(folder)
    settings = dataclasses.replace(
        shipped,
        video=dataclasses.replace(worker.settings, workers=1),
        web=dataclasses.replace(shipped.web, pages=pages or shipped.web.pages),
    )
    settings.home.mkdir(exist_ok=True)
    centre = load_centre(settings.centre, always_open=True)
    clock, passwords, calls = SystemClock(), secrets.load(settings.home), Commanded()
    journal, queries = await SqlJournal.open(settings.database), await Queries.open(settings.database)
    video = VideoCalls(settings, centre, clock)
    engine = Engine(journal, (video.visits,), clock, centre.line_rules)
    await worker.start()
    try:
        await engine.start()
        web = Web(settings, centre, engine, queries, clock, Passwords(CHEAP))
        async with web, asyncio.TaskGroup() as tasks:
            behind = ChannelCalls(calls, engine, video.visits, clock)
            desk = await web.open(behind, NoDevices(), passwords)
            video.visits.on_change = lambda visit: desk.live.feed.touch(contact=visit)
            started = asyncio.Event()
            running = [tasks.create_task(video.run(engine, lambda _: None, started))]
            await started.wait()
            running.append(tasks.create_task(engine.run()))
            running.append(tasks.create_task(web.run(desk)))
            runner = await serve(web.application(desk, video.routes), settings)
            await web.demo_made.wait()
            hall = Hall(settings, centre, engine, web, desk, calls, passwords, settings.web.address)
            hall.video = video
            async with hall.browser() as browser:
                await until(lambda: _open(browser), within=20)
            yield hall
            desk.live.streams.close()
            await runner.cleanup()
            await engine.stop()
            for task in running:
                task.cancel()
    finally:
        await worker.stop()
        await queries.close()
        await journal.close()


async def _open(browser: Browser) -> bool:
    with suppress(aiohttp.ClientError):
        return bool((await browser.get("/public/video"))["open"])
    return False
