"""A visitor and an agent face to face: real browsers, the real line, the real forwarding unit."""

from __future__ import annotations

import math
import os
import re
import signal
import struct
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser, Page, Playwright, async_playwright, expect

from acd.model import Phase
from pbx.probe.listen import until_tone
from tests.browser.desk_fixture import DeskCentre, DeskPage, desk_centre
from tests.browser.sfu_client import FLAGS
from tests.waiting import until

VISITOR_HZ: Final = 650
AGENT_HZ: Final = 1_200
OUTSIDE_HZ: Final = 1_850

HEARS: Final = """async (hertz) => {
    for (const audio of document.querySelectorAll('audio')) {
        if (!audio.srcObject || audio.paused || audio.muted) continue;
        const context = new AudioContext({ sampleRate: 8000 });
        const analyser = context.createAnalyser();
        analyser.fftSize = 2048;
        context.createMediaStreamSource(audio.srcObject).connect(analyser);
        const bins = new Float32Array(analyser.frequencyBinCount);
        for (let look = 0; look < 8; look += 1) {
            await new Promise((done) => setTimeout(done, 100));
            analyser.getFloatFrequencyData(bins);
            const loudest = bins.indexOf(Math.max(...bins));
            if (Math.abs(loudest * 8000 / 2048 - hertz) < 25 && bins[loudest] > -70) { context.close(); return true; }
        }
        context.close();
    }
    return false;
}"""

WATCH_DEVICES: Final = """() => {
    globalThis.given = [];
    const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
    media.getUserMedia = async (what) => {
        const stream = await ask(what);
        given.push(...stream.getTracks());
        return stream;
    };
}"""
"""Remembers what the page is given from now on."""

DEVICES_ON: Final = (
    "() => given.filter((track) => track.readyState === 'live').map((track) => track.kind).sort()"
)

FRAMES: Final = """(selector) => [...document.querySelectorAll(selector)]
    .reduce((sum, video) => sum + video.getVideoPlaybackQuality().totalVideoFrames, 0)"""

THEIRS_AT_VISITOR: Final = ".visit-stage > .face"
THEIRS_AT_AGENT: Final = ".room-stage > .face"


class Visitor:
    """A person with a telephone in the hand."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    async def enter(self, url: str, *, camera: bool = True) -> None:
        """Open the page and stand in line."""
        page = self.page
        await page.goto(f"{url}/panggilanvideo")
        name = "Izinkan kamera dan mikrofon" if camera else "Tanpa kamera"
        await page.get_by_role("button", name=name).click()
        await page.locator(".visit-preview").wait_for()
        await page.get_by_label("Nama").fill("Ketut <b>Ariani</b>")
        await page.get_by_label("Keperluan").select_option("kbli")
        await page.get_by_label("Saya setuju").check()
        await page.get_by_role("button", name="Masuk antrean").click()
        await self.screen("waiting")

    async def screen(self, name: str) -> None:
        """Wait until the page shows a screen."""
        await self.page.locator(f"[data-screen={name}]").wait_for(timeout=20_000)


@asynccontextmanager
async def visitor_browser(playwright: Playwright, folder: Path) -> AsyncIterator[Browser]:
    """A browser whose microphone hears the visitor's tone."""
    tone = folder / "visitor.wav"
    with wave.open(str(tone), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        samples = (round(12_000 * math.sin(2 * math.pi * VISITOR_HZ * n / 48_000)) for n in range(96_000))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    browser = await playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=[*FLAGS, f"--use-file-for-fake-audio-capture={tone}"]
    )
    try:
        yield browser
    finally:
        await browser.close()


async def new_visitor(browser: Browser, **options: Any) -> Visitor:
    context = await browser.new_context(
        viewport={"width": 390, "height": 844},
        locale="id-ID",
        permissions=["camera", "microphone"],
        **options,
    )
    return Visitor(await context.new_page())


async def agent_ready(desk: DeskCentre) -> DeskPage:
    """Return the desk of an agent who takes video calls, ready."""
    context = await desk.context()
    await context.grant_permissions(["camera", "microphone"])
    agent = await desk.agent("video", context)
    for path, body in (("shift-start", {}), ("intent", {"ready": True, "reason": "", "next": False})):
        headers = {"X-Sambung": "1", "Origin": desk.url}
        answer = await context.request.post(f"{desk.url}/api/v1/me/{path}", data=body, headers=headers)
        assert answer.ok
    await agent.presence("Siap")
    return agent


async def grows(page: Page, selector: str, by: int = 10) -> None:
    """Wait until somebody's picture moves."""
    least = int(await page.evaluate(FRAMES, selector))

    async def moved() -> bool:
        nonlocal least
        now = int(await page.evaluate(FRAMES, selector))
        # A new stream or element counts from nothing.
        least = min(least, now)
        return now >= least + by

    await until(moved, within=20)


async def hears(page: Page, hertz: int) -> None:
    async def heard() -> bool:
        return bool(await page.evaluate(HEARS, hertz))

    await until(heard, within=20)


async def face_to_face(visitor: Visitor, agent: DeskPage) -> None:
    """Assert that both see and hear each other from now on."""
    await grows(visitor.page, THEIRS_AT_VISITOR)
    await grows(agent.page, THEIRS_AT_AGENT)
    await hears(visitor.page, AGENT_HZ)
    await hears(agent.page, VISITOR_HZ)


async def kill(desk: DeskCentre, name: str) -> None:
    """Kill a process, and wait until another has taken its place."""
    killed = desk.centre.process(name).pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    await until(lambda: desk.centre.process(name).pid not in (killed, None), within=20)


def forgive_the_network(agent: DeskPage) -> None:
    """A browser writes each connection that fails on its console; while nobody serves, they do."""
    agent.faults[:] = [fault for fault in agent.faults if "WebSocket connection" not in fault]


async def phase(desk: DeskCentre) -> str:
    return (await desk.centre.recent())[0].interaction.phase


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[DeskCentre]:
    async with desk_centre(tmp_path, video=2) as made:
        yield made


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright, visitor_browser(playwright, tmp_path) as made:
        yield made


async def test_a_visit_from_the_door_to_the_rating(desk: DeskCentre, browser: Browser) -> None:
    visitor = await new_visitor(browser)
    looks = DeskPage(visitor.page, desk.url)
    await at_the_door(visitor, looks, desk.url)
    await visitor.enter(desk.url)
    assert await visitor.page.locator(".visit-place b").inner_text() == "1"
    await visitor.page.get_by_text("Musik tunggu menyala").wait_for()
    await looks.both_themes()
    await looks.screenshot("kunjungan-menunggu")
    agent = await agent_ready(desk)
    await agent.offer()
    assert await agent.page.get_by_text("Ketut <b>Ariani</b>").first.is_visible(), "markup in a name is text"
    await agent.page.get_by_text("Perihal KBLI yang tepat untuk usaha").first.wait_for()
    await agent.page.evaluate(WATCH_DEVICES)
    await until(lambda: _accepts(agent, visitor))
    await face_to_face(visitor, agent)
    assert await agent.page.evaluate(DEVICES_ON) == ["audio", "video"]

    await agent.page.keyboard.press("Alt+L")
    await agent.page.locator("[data-cases-heading]").wait_for()
    await hears(agent.page, VISITOR_HZ)
    await agent.page.get_by_role("button", name="Kembali").click()
    await face_to_face(visitor, agent)
    assert await phase(desk) == Phase.TALKING
    await seen_by_both(looks, agent)

    await visitor.page.get_by_role("button", name="Obrolan").click()
    await visitor.page.get_by_label("Pesan untuk petugas").fill("NIB saya 9120 belum terbit")
    await visitor.page.keyboard.press("Enter")
    await agent.page.get_by_role("button", name="Obrolan (1)").click()
    await agent.page.get_by_text("NIB saya 9120 belum terbit").wait_for()
    await visitor.page.get_by_role("button", name="Tutup obrolan").click()

    await off_stays_off(visitor, agent)
    await face_to_face(visitor, agent)

    await telephone_brought_in(desk, visitor, agent)
    await on_by_telephone_and_back(desk, visitor, agent)

    await visitor.page.get_by_role("button", name="Akhiri panggilan").click()
    await visitor.screen("done")
    await visitor.page.reload()
    await visitor.screen("done")
    await looks.both_themes()
    await looks.screenshot("kunjungan-nilai")
    await visitor.page.get_by_text("Sangat baik").click()
    await visitor.page.get_by_role("button", name="Kirim penilaian").click()
    await visitor.page.get_by_text("Penilaian sudah kami terima").wait_for()
    await agent.state("Rangkum")

    async def off() -> bool:
        return bool(await agent.page.evaluate(DEVICES_ON) == [])

    await until(off, within=20)
    assert visitor.faults == []


async def at_the_door(visitor: Visitor, looks: DeskPage, url: str) -> None:
    """Whatever the screen, the way into the line is in sight."""
    page = visitor.page
    await page.goto(f"{url}/panggilanvideo")
    await page.get_by_role("button", name="Izinkan kamera dan mikrofon").click()
    await page.locator(".visit-preview video").wait_for()
    await page.get_by_text("Suara terdengar").wait_for(timeout=20_000)
    for width, height in ((1366, 768), (390, 844)):
        await page.set_viewport_size({"width": width, "height": height})
        await expect(page.get_by_role("button", name="Masuk antrean")).to_be_in_viewport(ratio=1)
    await looks.both_themes()
    await looks.screenshot("kunjungan-siap")


async def seen_by_both(visitor: DeskPage, agent: DeskPage) -> None:
    """A picture that is off leaves its place."""
    await visitor.both_themes()
    await visitor.screenshot("kunjungan-bicara")
    await agent.screenshot("meja-video")
    await agent.page.get_by_role("button", name="Matikan kamera").click()
    dark = visitor.page.locator(".visit-stage > .visit-dark")
    await dark.get_by_text("mati").wait_for(timeout=20_000)
    box = await dark.bounding_box()
    assert box is not None
    assert box["height"] > 500
    await agent.page.get_by_role("button", name="Nyalakan kamera").click()


async def off_stays_off(visitor: Visitor, agent: DeskPage) -> None:
    """A page that is loaded again neither shows nor says what was off before."""
    page = visitor.page
    await page.get_by_role("button", name="Matikan mikrofon").click()
    await page.get_by_role("button", name="Matikan kamera").click()
    await agent.page.get_by_text("Kamera Ketut <b>Ariani</b> mati").wait_for(timeout=20_000)
    await page.reload()
    await visitor.screen("call")
    await grows(page, THEIRS_AT_VISITOR)
    for name in ("Nyalakan mikrofon", "Nyalakan kamera"):
        await page.get_by_role("button", name=name).click()


async def telephone_brought_in(desk: DeskCentre, visitor: Visitor, agent: DeskPage) -> None:
    """The desk's buttons: a number that is refused with its reason, one that comes in, and out again."""

    async def bring(number: str) -> None:
        await agent.page.locator(".room-bar").get_by_role("button", name="Alihkan").click()
        await agent.page.get_by_role("combobox").fill(number)
        await agent.page.get_by_role("button", name=re.compile("^Ajak .* masuk")).click()

    await bring("+14155550100")
    await agent.page.locator("section.contact .strip.failure").wait_for()
    await bring("021 5296 1000")
    ringing = await desk.centre.callers.incoming(20)
    telephone = agent.page.get_by_role("group", name="Telepon luar")
    await telephone.get_by_text("Memanggil").wait_for()
    await ringing.answer(tone=OUTSIDE_HZ)
    await hears(agent.page, OUTSIDE_HZ)
    await hears(visitor.page, OUTSIDE_HZ)
    await until_tone(ringing.heard, AGENT_HZ, within=20)
    await visitor.page.get_by_text("Ada telepon yang ikut mendengar").wait_for()
    await telephone.get_by_role("button", name="Akhiri telepon").click()
    await ringing.ended()
    await telephone.wait_for(state="detached")
    await face_to_face(visitor, agent)


async def on_by_telephone_and_back(desk: DeskCentre, visitor: Visitor, agent: DeskPage) -> None:
    """The visitor's button: a number that is refused, one that rings; the sound moves there, and back to the page."""
    page = visitor.page
    await page.get_by_role("button", name="Lanjut lewat telepon").click()
    await page.get_by_label("Nomor telepon Bapak/Ibu").fill("169")
    await page.get_by_role("button", name="Telepon saya").click()
    await page.get_by_text("Itu nomor kami sendiri").wait_for()
    await page.get_by_label("Nomor telepon Bapak/Ibu").fill("0812 3456 789")
    await page.get_by_role("button", name="Telepon saya").click()
    ringing = await desk.centre.callers.incoming(20)
    await page.get_by_text("Telepon Bapak/Ibu berdering").wait_for()
    await ringing.answer(tone=OUTSIDE_HZ)
    await page.get_by_text("Suara sekarang lewat telepon").wait_for()
    assert await page.locator("audio").count() == 0, "no echo of what the telephone says"
    await agent.page.get_by_text("Pengunjung bicara lewat telepon").wait_for()
    await hears(agent.page, OUTSIDE_HZ)
    await until_tone(ringing.heard, AGENT_HZ, within=20)
    await grows(page, THEIRS_AT_VISITOR)
    await page.get_by_role("button", name="Kembali ke halaman ini").click()
    await ringing.ended()
    await face_to_face(visitor, agent)


async def test_control_and_the_worker_die_in_a_call_and_the_visitor_keeps_it(
    desk: DeskCentre, browser: Browser
) -> None:
    visitor = await new_visitor(browser)
    agent = await agent_ready(desk)
    await visitor.enter(desk.url)
    await agent.offer()
    await until(lambda: _accepts(agent, visitor))
    await face_to_face(visitor, agent)

    await kill(desk, "sfu")
    await face_to_face(visitor, agent)

    await kill(desk, "control")
    await until(lambda: _phase_is(desk, Phase.TALKING), within=30)
    await face_to_face(visitor, agent)
    await visitor.page.get_by_role("button", name="Akhiri panggilan").click()
    await visitor.screen("done")
    await agent.state("Rangkum")
    forgive_the_network(agent)


async def test_a_waiting_visitor_keeps_the_place_over_a_reload_and_the_death_of_control(
    desk: DeskCentre, browser: Browser
) -> None:
    first, second = await new_visitor(browser), await new_visitor(browser)
    await first.enter(desk.url)
    await second.enter(desk.url, camera=False)
    place = second.page.locator(".visit-place b")
    assert await place.inner_text() == "2"
    await first.page.reload()
    await first.screen("waiting")
    await kill(desk, "control")
    await first.page.get_by_text("Tersambung").wait_for(timeout=20_000)
    assert await first.page.locator(".visit-place b").inner_text() == "1"
    await first.page.get_by_role("button", name="Keluar dari antrean").click()
    await first.screen("done")

    async def moved_up() -> bool:
        return await place.inner_text() == "1"

    await until(moved_up, within=20)


async def _accepts(agent: DeskPage, visitor: Visitor) -> bool:
    """Press accept until it counts: a key within a quarter of a second of the card's coming does not."""
    await agent.page.keyboard.press("F2")
    return await visitor.page.locator("[data-screen=call]").count() == 1


async def _phase_is(desk: DeskCentre, wanted: Phase) -> bool:
    return await phase(desk) == wanted
