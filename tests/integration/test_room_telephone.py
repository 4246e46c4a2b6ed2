"""A telephone outside in a visitor's video room, by ear: real Asterisk, forwarding unit, recorder, and telephone."""

from __future__ import annotations

import asyncio
import signal
import wave
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
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
from tests.unit.video.speech import looped
from tests.waiting import until

NUMBER: Final = "+622152961000"
VISITOR_HZ: Final = 650
AGENT_HZ: Final = 1_200
OUTSIDE_HZ: Final = 1_850
PATIENCE: Final = 20
SPEECH: Final = 4 * 8_000
"""Samples of a voice that is repeated."""


class Visit:
    """A visitor who talks with an agent, and whoever is called in."""

    def __init__(self, centre: RunningCentre, agent: Browser, stack: AsyncExitStack) -> None:
        self.centre, self.agent, self._stack = centre, agent, stack
        self.id = InteractionId("")
        self.people: dict[str, tuple[Page, RoomVoice]] = {}

    async def begin(self) -> None:
        welcome = await self.agent.get("/public/video")
        asked = {**VISITOR, "consent": welcome["consent"]["version"]}
        made = await self.agent.post("/public/video/visits", asked)
        self.id = InteractionId(made["id"])
        visitor = await self._page(f"/public/video/visits/{self.id}/page?token={made['token']}")

        async def offered() -> int | None:
            desk = (await self.agent.get("/live"))["desk"]
            offers = [one.get("offer") for one in desk if one["id"] == self.id]
            return offers[0]["offer"] if offers and offers[0] else None

        offer = await until(offered, within=PATIENCE)
        await self.agent.post(f"/offers/{offer}/accept")
        agent = await self._page(f"/interactions/{self.id}/room")
        for name, page, hertz in (("visitor", visitor, VISITOR_HZ), ("agent", agent, AGENT_HZ)):
            self.people[name] = page, await self._join(page, hertz, 0)
        await self.centre.until_phase(self.id, "talking")

    async def _page(self, path: str) -> Page:
        headers = {"Origin": self.agent.base}
        socket = await self._stack.enter_async_context(
            self.agent.session.ws_connect(self.agent.api + path, headers=headers)
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

    async def call_in(self) -> Call:
        """Bring the telephone in, and let it answer."""
        status, answer = await self.ask("consult", {"to": {"kind": "number", "number": NUMBER}})
        assert status == 200, answer
        ringing = await self.centre.callers.incoming(PATIENCE)
        await until(lambda: self.outside() == [False], within=PATIENCE)
        await ringing.answer(tone=OUTSIDE_HZ)
        await ringing.confirmed()
        return ringing

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
        session = await stack.enter_async_context(
            aiohttp.ClientSession(cookie_jar=CookieJar(unsafe=True)),
        )
        agent = Browser(session, f"http://127.0.0.1:{centre.settings.web.port}")
        name = {"name": "video", "password": password(secrets.load(centre.settings.home), "video")}

        async def signed_in() -> bool:
            return (await agent.ask("POST", "/session", name))[0] == 200

        await until(signed_in, within=60)
        await agent.post("/me/shift-start")
        await stack.enter_async_context(agent.stream())
        await agent.post("/me/intent", {"ready": True})

        async def trunk_is_up() -> bool:
            async with centre.client() as client:
                links = (await client.get("/status", dict[str, Any]))["links"]
            return links.get("trunk", {}).get("up") is True

        await until(trunk_is_up, within=30)
        yield lambda: Visit(centre, agent, stack)


async def refused_and_busy(visit: Visit) -> None:
    for number in ("+14155550100", "169", "+628091234567"):
        status, answer = await visit.ask("consult", {"to": {"kind": "number", "number": number}})
        assert status == 409, (number, answer)
    status, _ = await visit.ask("consult", {"to": {"kind": "number", "number": NUMBER}})
    assert status == 200
    await (await visit.centre.callers.incoming(PATIENCE)).reject(486)
    await visit.nobody_outside()


async def a_voice_is_heard_whole_both_ways(visit: Visit, outside: Call) -> None:
    """The centre's prompts as voices, over everything there is between a browser and a telephone."""
    folder = visit.centre.settings.asterisk.prompts / "id"
    longest = sorted(folder.glob("*.wav"), key=lambda one: -one.stat().st_size)[:2]
    visitors, telephones = (read(one) for one in longest)
    assert visitors.rate == telephones.rate == 8_000
    (_, visitor), (_, agent) = visit.people["visitor"], visit.people["agent"]
    visitor.said, agent.said = visitors.samples[:SPEECH], array("h", [0] * 8_000)
    said = telephones.samples[:SPEECH]
    with wave.open(str(outside.heard.with_suffix(".said.wav")), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", "not compressed"))
        file.writeframes(said.tobytes())
    await outside.say(outside.heard.with_suffix(".said.wav"))
    await until(lambda: not agent.hears(OUTSIDE_HZ), within=PATIENCE)
    since = read(outside.heard).ms
    visitor.forget()
    enough = 3 * SPEECH
    await until(lambda: len(read(outside.heard).since(since).samples) > enough, within=2 * PATIENCE)
    await until(lambda: max(map(len, visitor.ears())) > enough, within=2 * PATIENCE)
    outwards = looped(visitor.said, read(outside.heard).since(since).samples)
    inwards = looped(said, max(visitor.ears(), key=lambda ear: max(map(abs, ear))))
    for it in (outwards, inwards):
        assert it.alike >= 0.8, it
        assert (it.longest_gap_ms <= 60, abs(it.level_db) <= 6, it.clipped) == (True, True, 0), it
        assert it.delay_ms <= 300, it
    echo = looped(said, read(outside.heard).since(since).samples)
    assert echo.alike < 0.3, "its own voice"
    visitor.said = agent.said = None
    await outside.send_tone(OUTSIDE_HZ)


async def hung_up_by_each_side(visit: Visit) -> None:
    outside = await visit.call_in()
    await visit.all_hear(outside)
    await a_voice_is_heard_whole_both_ways(visit, outside)
    await until(lambda: visit.outside() == [True], within=PATIENCE)
    for to in ({"kind": "number", "number": NUMBER}, {"kind": "agent", "agent": "ag502"}):
        status, answer = await visit.ask("consult", {"to": to})
        assert (status, answer["error"]["code"]) == (409, "conflict"), "one at a time"
    await outside.hang_up()
    await visit.nobody_outside()

    outside = await visit.call_in()
    await until_tone(outside.heard, VISITOR_HZ, within=PATIENCE)
    assert (await visit.ask("end-consult"))[0] == 200
    await outside.ended()
    await visit.nobody_outside()


async def over_the_loss_of_a_worker(visit: Visit) -> Call:
    outside = await visit.call_in()
    await visit.all_hear(outside)
    restarts = visit.centre.signal("sfu", signal.SIGKILL)
    await visit.centre.back("sfu", restarts)
    await visit.anew()
    await visit.all_hear(outside)
    return outside


async def ended_with_the_visit_and_recorded(visit: Visit, outside: Call) -> None:
    assert (await visit.ask("hang-up"))[0] == 200
    await outside.ended()
    await visit.centre.nothing_left()
    kept = visit.centre.settings.recordings

    def voices() -> list[Path]:
        found = sorted(kept.rglob(f"{visit.id}-*.wav"))
        assert len(found) == 3, found
        return found

    tones = [
        hertz
        for path in await until(voices, within=40)
        for hertz in (VISITOR_HZ, AGENT_HZ, OUTSIDE_HZ)
        if longest_ms((sound := read(path)).samples[-5 * 16_000 :], sound.rate, hertz) >= 300
    ]
    assert sorted(tones) == [VISITOR_HZ, AGENT_HZ, OUTSIDE_HZ]


async def let_go_after_the_death_of_control(visit: Visit) -> None:
    await visit.begin()
    outside = await visit.call_in()
    await until_tone(outside.heard, VISITOR_HZ, within=PATIENCE)
    restarts = visit.centre.signal("control", signal.SIGKILL)
    await visit.centre.back("control", restarts)
    await outside.ended(within=PATIENCE)

    async def clean() -> bool:
        return await visit.centre.ari("channels") == [] and len(await visit.centre.ari("bridges")) == 1

    await until(clean, within=PATIENCE)


async def test_telephones_in_video_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The plain telephone keeps time on a busy machine; what it hears can be held against what was said.
    monkeypatch.setenv("SAMBUNG_TELEPHONE", "plain")
    async with visited(tmp_path) as visitor:
        first = visitor()
        await first.begin()
        await refused_and_busy(first)
        await hung_up_by_each_side(first)
        outside = await over_the_loss_of_a_worker(first)
        await ended_with_the_visit_and_recorded(first, outside)
        await let_go_after_the_death_of_control(visitor())
