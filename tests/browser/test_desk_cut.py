"""The network between the desk and the centre is gone for a while: the call, the words and the news are still there."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar
from playwright.async_api import WebSocket

from pbx.probe.listen import until_silent, until_tone
from pbx.probe.wav import read
from tests.browser.cut import Network, network
from tests.browser.desk_fixture import DeskCentre, DeskPage, desk_centre
from tests.integration.centre_fixture import AGENT_HZ, CALLER_HZ
from tests.waiting import until

CUT_S = 20.0
TYPED = "Jaringan putus, penelepon menunggu nomor NIB."


async def test_a_call_outlives_a_network_that_is_gone_for_twenty_seconds(tmp_path: Path) -> None:
    between = Network()
    async with network(between), desk_centre(tmp_path, between.stand_before) as centre:
        desk = await centre.agent()
        await desk.start_shift()
        call, identity = await centre.caller()
        await desk.accept()
        await desk.state("Bicara")
        await until_tone(call.heard, AGENT_HZ, within=15)
        await desk.hears(CALLER_HZ)
        registered, streams = between.registered, listen(desk)

        between.cut()
        over = asyncio.create_task(asyncio.sleep(CUT_S), name="cut")
        await until_silent(call.heard, within=10)
        notes = desk.page.get_by_label("Catatan", exact=True)
        await notes.focus()
        await desk.page.keyboard.type(TYPED)
        # What the others are told meanwhile is missed, and has to be told again.
        await say(centre, between, "OSS pulih pukul 14.00")
        await desk.page.get_by_text("Terputus dari server").wait_for()
        await desk.page.get_by_text("Suara panggilan terputus").wait_for()
        await desk.both_themes()
        await desk.screenshot("meja-putus")
        assert await desk.page.get_by_text("OSS pulih").count() == 0
        await over
        between.mend()

        await desk.page.get_by_text("Terputus dari server").wait_for(state="detached")
        await desk.page.get_by_text("OSS pulih pukul 14.00").first.wait_for()
        since = read(call.heard).ms
        await until_tone(call.heard, AGENT_HZ, after_ms=since, within=45)
        await desk.hears(CALLER_HZ)
        await desk.page.get_by_text("Suara panggilan terputus").wait_for(state="detached")
        await until(lambda: between.registered > registered, within=20)
        assert await notes.input_value() == TYPED
        assert await desk.page.locator(".contact-header .chip", has_text="Bicara").count() == 1
        url, first = streams[-1]
        assert re.search(r"[?&]after=\d+", url), url
        assert first["type"] == "events", "what was missed is told by number; the screen is not begun anew"
        await call.hang_up()
        await desk.state("Rangkum")
        await centre.centre.until_phase(identity, "wrapping")


def listen(desk: DeskPage) -> list[tuple[str, Any]]:
    """Return a list that takes each new stream's address and first frame."""
    found: list[tuple[str, Any]] = []

    def opened(socket: WebSocket) -> None:
        if "/stream" not in socket.url:
            return

        def received(payload: str | bytes) -> None:
            if (socket.url, socket) not in seen:
                seen.append((socket.url, socket))
                found.append((socket.url, json.loads(payload)))

        seen: list[tuple[str, WebSocket]] = []
        socket.on("framereceived", received)

    desk.page.on("websocket", opened)
    return found


async def say(centre: DeskCentre, between: Network, text: str) -> None:
    """Have the supervisor, whose network holds, send a note to every desk."""
    headers = {"X-Sambung": "1", "Origin": centre.url}
    async with ClientSession(cookie_jar=CookieJar(unsafe=True), headers=headers) as session:
        who = {"name": "penyelia", "password": centre.secret("penyelia")}
        for path, body in (("session", who), ("notes", {"text": text})):
            async with session.post(f"{between.direct}/api/v1/{path}", json=body) as answer:
                assert answer.status == 200, await answer.text()
