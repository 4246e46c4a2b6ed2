"""Video rooms of a whole running centre: visitors and agents who are tones, and telephones outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import CookieJar

from core.ids import InteractionId
from pbx import secrets
from pbx.probe.listen import until_tone
from pbx.probe.phone import Call
from pbx.probe.tone import longest_ms
from pbx.probe.wav import read
from sambung.demo_users import password
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.integration.room_voice import RoomVoice
from tests.integration.visit_fixture import VISITOR, Page
from tests.integration.web_fixture import Browser
from tests.waiting import until

NUMBER: Final = "+622152961000"
COLLEAGUE: Final = "ag502"
VISITOR_HZ: Final = 650
AGENT_HZ: Final = 1_200
OUTSIDE_HZ: Final = 1_850
COLLEAGUE_HZ: Final = 900
PATIENCE: Final = 20


class Visit:
    """A visitor who talks with an agent, and whoever is called in."""

    def __init__(
        self, centre: RunningCentre, agent: Browser, colleague: Browser, stack: AsyncExitStack
    ) -> None:
        self.centre, self.agent, self.colleague, self._stack = centre, agent, colleague, stack
        self.id = InteractionId("")
        self.token = ""
        self.people: dict[str, tuple[Page, RoomVoice]] = {}

    async def come(self) -> Page:
        """Have a visitor wait."""
        welcome = await self.agent.get("/public/video")
        asked = {**VISITOR, "consent": welcome["consent"]["version"]}
        made = await self.agent.post("/public/video/visits", asked)
        self.id, self.token = InteractionId(made["id"]), made["token"]
        return await self._page(self.agent, f"/public/video/visits/{self.id}/page?token={self.token}")

    async def begin(self) -> None:
        """Have a visitor come and talk with the agent."""
        visitor = await self.come()
        await self._accepted(self.agent, self.id)
        agent = await self._page(self.agent, f"/interactions/{self.id}/room")
        for name, page, hertz in (("visitor", visitor, VISITOR_HZ), ("agent", agent, AGENT_HZ)):
            self.people[name] = page, await self._join(page, hertz, 0)
        await self.centre.until_phase(self.id, "talking")

    async def call_in_colleague(self) -> InteractionId:
        """Ask a colleague in, who accepts and speaks."""
        status, made = await self.ask("consult", {"to": {"kind": "agent", "agent": COLLEAGUE}})
        assert status == 200, made
        consult = InteractionId(made["id"])
        await self._accepted(self.colleague, consult)
        page = await self._page(self.colleague, f"/interactions/{self.id}/room")
        self.people["colleague"] = page, await self._join(page, COLLEAGUE_HZ, 0)
        await self.centre.until_phase(consult, "talking")
        return consult

    async def _accepted(self, who: Browser, id_: InteractionId) -> None:
        async def offered() -> int | None:
            desk = (await who.get("/live"))["desk"]
            offers = [one.get("offer") for one in desk if one["id"] == id_]
            return offers[0]["offer"] if offers and offers[0] else None

        await who.post(f"/offers/{await until(offered, within=PATIENCE)}/accept")

    async def _page(self, who: Browser, path: str) -> Page:
        headers = {"Origin": who.base}
        socket = await self._stack.enter_async_context(
            who.session.ws_connect(who.api + path, headers=headers)
        )
        page = Page(socket)
        reading = asyncio.create_task(page.read())
        self._stack.callback(reading.cancel)
        return page

    async def anew(self) -> None:
        """Have visitor and agent connect anew, as they are told to."""
        for name, (page, before) in list(self.people.items()):
            self.people[name] = page, await self._join(page, before.hertz, 1)

    async def _join(self, page: Page, hertz: int, before: int) -> RoomVoice:
        await until(lambda: len(page.all("invited")) > before, within=PATIENCE)
        voice = RoomVoice(hertz)
        self._stack.push_async_callback(voice.close)
        await page.said(type="join", sdp=voice.offer())
        await until(lambda: len(page.all("answer")) > before, within=PATIENCE)
        await voice.connect(page.all("answer")[-1]["sdp"])
        voice.speak()
        return voice

    async def ask(self, verb: str, body: Any = None) -> tuple[int, Any]:
        return await self.agent.ask("POST", f"/interactions/{self.id}/{verb}", body or {})

    async def call_in(self, tone: int = OUTSIDE_HZ) -> Call:
        """Bring a telephone in, and let it answer."""
        status, answer = await self.ask("consult", {"to": {"kind": "number", "number": NUMBER}})
        assert status == 200, answer
        ringing = await self.centre.callers.incoming(PATIENCE)
        await until(lambda: self.outside()[-1:] == [False], within=PATIENCE)
        await ringing.answer(tone=tone)
        await ringing.confirmed()
        return ringing

    async def by_telephone(self, number: str) -> tuple[int, Any]:
        """Ask for the visitor's own telephone, as the visitor's page does."""
        path = f"/public/video/visits/{self.id}/telephone?token={self.token}"
        return await self.agent.ask("POST", path, {"number": number})

    def outside(self) -> list[bool]:
        """Whether telephones are there, as the visitor's page shows it."""
        state = self.people["visitor"][0].last("state")
        assert state is not None
        return [one["here"] for one in state["people"] if one["side"] == "outside"]

    async def all_hear(self, outside: Call) -> None:
        """Wait until everybody hears each of the others, and the telephone not itself."""
        visitor, agent = self.people["visitor"][1], self.people["agent"][1]
        visitor.forget()
        agent.forget()
        since = read(outside.heard).ms
        await until(lambda: visitor.hears(OUTSIDE_HZ) and visitor.hears(AGENT_HZ), within=PATIENCE)
        await until(lambda: agent.hears(OUTSIDE_HZ) and agent.hears(VISITOR_HZ), within=PATIENCE)
        for hertz in (VISITOR_HZ, AGENT_HZ):
            await until_tone(outside.heard, hertz, after_ms=since, within=PATIENCE)
        heard = read(outside.heard).since(since)
        assert longest_ms(heard.samples, heard.rate, OUTSIDE_HZ) == 0, "an echo"

    async def nobody_outside(self) -> None:
        """Wait until nothing of a telephone is left, and visitor and agent go on."""

        async def clean() -> bool:
            channels = await self.centre.ari("channels")
            assert channels == [], channels
            assert [one["id"] for one in await self.centre.ari("bridges")] == ["sambung-line"]
            assert self.outside() == []
            return True

        await until(clean, within=PATIENCE)
        visitor = self.people["visitor"][1]
        visitor.forget()
        await until(lambda: visitor.hears(AGENT_HZ), within=PATIENCE)
        assert not visitor.hears(OUTSIDE_HZ)


def accounts(folder: Path) -> None:
    settings = folder / "config" / "sambung.toml"
    settings.write_text(settings.read_text().replace("[demo]\n", "[demo]\nusers = true\n"))


@asynccontextmanager
async def visited(folder: Path) -> AsyncIterator[Callable[[], Visit]]:
    async with running_centre(folder, prepare=accounts, video=1) as centre, AsyncExitStack() as stack:
        home = secrets.load(centre.settings.home)
        admin = await signed_in(centre, stack, "admin", password(home, "admin"))
        colleague = {"name": "rizki", "role": "agent", "password": "rahasia-rizki-1", "agent": COLLEAGUE}
        await admin.post("/users", colleague)
        agent = await signed_in(centre, stack, "video", password(home, "video"))
        second = await signed_in(centre, stack, "rizki", "rahasia-rizki-1")
        for one in (agent, second):
            await one.post("/me/shift-start")
            await stack.enter_async_context(one.stream())
        await agent.post("/me/intent", {"ready": True})

        async def trunk_is_up() -> bool:
            async with centre.client() as client:
                links = (await client.get("/status", dict[str, Any]))["links"]
            return links.get("trunk", {}).get("up") is True

        await until(trunk_is_up, within=30)
        yield lambda: Visit(centre, agent, second, stack)


async def signed_in(centre: RunningCentre, stack: AsyncExitStack, name: str, secret: str) -> Browser:
    session = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=CookieJar(unsafe=True)))
    browser = Browser(session, f"http://127.0.0.1:{centre.settings.web.port}")

    async def taken() -> bool:
        answer = await browser.ask("POST", "/session", {"name": name, "password": secret})
        return answer[0] == 200

    await until(taken, within=60)
    return browser
