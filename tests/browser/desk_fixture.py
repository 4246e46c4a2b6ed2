"""Agents in real browsers at a centre that really runs: what a test of the desk stands on."""

from __future__ import annotations

import math
import re
import struct
import wave
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec
from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext, Error, Page, async_playwright

from core.ids import InteractionId
from pbx import secrets
from pbx.probe.listen import until_sound
from pbx.probe.phone import Call
from sambung.demo_users import password
from tests.browser.sfu_client import FLAGS, ROOT
from tests.integration.centre_fixture import (
    AGENT_HZ,
    MENU,
    Place,
    RunningCentre,
    kept,
    running_centre,
    visiting,
)
from tests.waiting import until

AXE: Final = ROOT / "desk" / "web" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS: Final = ROOT / "docs" / "screenshots"
LARGEST_SCREENSHOT: Final = 150_000
DESK_FLAGS: Final = tuple(flag for flag in FLAGS if "autoplay" not in flag)
"""As agents have them: nothing sounds before the page was touched."""

HEARD: Final = """(hertz) => new Promise((done) => {
    const stream = document.querySelector('audio[data-remote]').srcObject;
    if (!stream) return done(false);
    const context = new AudioContext({ sampleRate: 8000 });
    const analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    context.createMediaStreamSource(stream).connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    let looks = 0;
    const timer = setInterval(() => {
        analyser.getFloatFrequencyData(bins);
        const loudest = bins.indexOf(Math.max(...bins));
        const found = Math.abs(loudest * 8000 / 2048 - hertz) < 25 && bins[loudest] > -60;
        if (!found && ++looks < 10) return;
        clearInterval(timer);
        context.close();
        done(found);
    }, 100);
})"""


class DeskPage:
    """One agent's desk in a tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._console)

    def _console(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)

    async def sign_in(self, name: str, secret: str, new: str = "") -> None:
        """Sign in as a person does, and wait for the desk; ``new``: where the secret is good only for choosing it."""
        await self.page.goto(f"{self.url}/masuk")
        await self.page.get_by_label("Nama pengguna").fill(name)
        await self.page.get_by_label("Kata sandi").fill(secret)
        await self.page.keyboard.press("Enter")
        if new:
            await self.page.get_by_label("Kata sandi baru", exact=True).fill(new)
            await self.page.get_by_label("Ulangi kata sandi baru").fill(new)
            await self.page.keyboard.press("Enter")
        await self.page.wait_for_url("**/meja", timeout=30_000)

    async def start_shift(self, *, ready: bool = True) -> None:
        """Go through the start of the shift, and wait until the telephone is there."""
        page = self.page
        await page.get_by_role("button", name="Mulai giliran", exact=True).click()
        await page.get_by_role("button", name="Buka bunyi dan dengarkan dering").click()
        await page.get_by_role("button", name="Izinkan mikrofon").click()
        await page.get_by_text("Suara terdengar").wait_for()
        name = "Mulai giliran, lalu Siap" if ready else "Mulai giliran, tetap Jeda"
        await page.get_by_role("button", name=name).click()
        await page.wait_for_url("**/meja")
        if ready:
            await self.presence("Siap")

    async def presence(self, word: str) -> None:
        """Wait until the presence control says so."""
        await self.page.get_by_role("button", name=re.compile(f"^Status Anda: {word}")).wait_for()

    async def hears(self, hertz: int, within: float = 15.0) -> None:
        """Wait until the tone comes out of the page's loudspeaker."""

        async def heard() -> bool:
            return bool(await self.page.evaluate(HEARD, hertz))

        await until(heard, within=within)

    async def offer(self) -> None:
        """Wait for an offer's card."""
        await self.page.locator("article.offer").wait_for(timeout=20_000)

    async def accept(self) -> None:
        """Press F2 until the offer is taken: a press right after the card appeared is not meant for it."""
        await self.offer()

        async def taken() -> bool:
            await self.page.keyboard.press("F2")
            return await self.page.locator("article.offer:not(.accepted)").count() == 0

        await until(taken)

    async def state(self, word: str) -> None:
        """Wait until the contact on the screen is in a state."""
        await self.page.locator(".contact-header .chip", has_text=word).first.wait_for(timeout=20_000)

    async def tab_to(self, name: str) -> None:
        """Press Tab until the focus is on what has this name."""
        for _ in range(80):
            await self.page.keyboard.press("Tab")
            words: str = await self.page.evaluate("document.activeElement?.textContent ?? ''")
            if words.strip().startswith(name):
                return
        raise AssertionError(f"no Tab reaches {name}")

    async def axe(self) -> None:
        """Assert that axe finds nothing serious on the page as it is."""
        await self.page.evaluate(AXE.read_text())
        found = await self.page.evaluate(
            """() => axe.run(document, {
                    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
                }).then(r => r.violations.filter(v => ['serious', 'critical'].includes(v.impact))
                    .map(v => v.id + ': ' + v.nodes.map(n => n.target + ' ' + n.failureSummary).join(' | ')))"""
        )
        assert found == [], "\n".join(found)

    async def both_themes(self) -> None:
        """The same in light and in dark."""
        for scheme in ("dark", "light"):
            await self.page.emulate_media(color_scheme=scheme)
            await self.axe()

    async def screenshot(self, name: str) -> None:
        """Keep a picture of the page, in light and in dark, for the documentation."""
        SCREENSHOTS.mkdir(exist_ok=True)
        for scheme in ("dark", "light"):
            await self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            file = SCREENSHOTS / f"{name}-{scheme}.png"
            picture = await self.page.screenshot(scale="css")
            assert len(picture) < LARGEST_SCREENSHOT, f"{name} is {len(picture)} bytes"
            file.write_bytes(picture)
        await self.page.emulate_media(reduced_motion="no-preference")


class DeskCentre:
    """A centre, and a browser in front of it."""

    def __init__(self, centre: RunningCentre, browser: Browser) -> None:
        self.centre = centre
        self.url = centre.settings.web.address
        self._browser = browser
        self.pages: list[DeskPage] = []

    async def context(self, **options: Any) -> BrowserContext:
        """Return a browser profile of its own."""
        return await self._browser.new_context(
            viewport={"width": 1366, "height": 768},
            permissions=["microphone", "notifications"],
            locale="id-ID",
            **options,
        )

    async def tab(self, context: BrowserContext | None = None) -> DeskPage:
        """Return a new tab."""
        page = DeskPage(await (context or await self.context()).new_page(), self.url)
        self.pages.append(page)
        return page

    async def caller(self, number: str = "081234563391") -> tuple[Call, InteractionId]:
        """Call from a number, go through the menu, and return once the caller stands in line."""
        before = {summary.interaction.id for summary in await self.centre.recent()}
        call = await self.centre.dial(user=number)
        await until_sound(call.heard)
        await call.press("1")

        async def waiting() -> InteractionId | None:
            contacts = [summary.interaction for summary in await self.centre.recent()]
            return next((c.id for c in contacts if c.id not in before and c.phase != "in_menu"), None)

        identity = await until(waiting)
        assert identity is not None
        return call, identity

    def secret(self, name: str) -> str:
        """Return a demo account's password."""
        return password(secrets.load(self.centre.settings.home), name)

    async def agent(self, name: str = "agen", context: BrowserContext | None = None) -> DeskPage:
        """Return the desk of somebody signed in, whose shift has not begun."""
        desk = await self.tab(context)
        await desk.sign_in(name, self.secret(name))
        return desk


@contextmanager
def desk_kept(folder: Path) -> Iterator[Place]:
    """Run a centre with demo accounts, for tests that are `desk_visiting` it one by one."""
    with kept(folder, MENU, _with_accounts(None)) as place:
        yield place


@asynccontextmanager
async def desk_visiting(place: Place, folder: Path) -> AsyncIterator[DeskCentre]:
    """Do as ``desk_centre`` does, at a centre that tests share."""
    async with visiting(place, folder) as centre, _in_front_of(centre, folder) as desk:
        yield desk


@asynccontextmanager
async def desk_centre(
    folder: Path, change: Callable[[Path], None] | None = None, menu: str = MENU, *, video: int = 0
) -> AsyncIterator[DeskCentre]:
    """Run a centre with demo accounts and a browser whose microphone hears 1200 Hz. Fails if a page had an error."""
    async with (
        running_centre(folder, menu, prepare=_with_accounts(change), video=video) as centre,
        _in_front_of(centre, folder) as desk,
    ):
        yield desk


def _with_accounts(change: Callable[[Path], None] | None) -> Callable[[Path], None]:
    def prepare(place: Path) -> None:
        settings = place / "config" / "sambung.toml"
        settings.write_text(settings.read_text().replace("[demo]\n", "[demo]\nusers = true\n"))
        queues = place / "config" / "centre" / "queues.yaml"
        queues.write_text(queues.read_text().replace("wrap_up: 0 s", "wrap_up: 30 s"))
        if change is not None:
            change(place)

    return prepare


@asynccontextmanager
async def _in_front_of(centre: RunningCentre, folder: Path) -> AsyncIterator[DeskCentre]:
    tone = folder / "microphone.wav"
    _write_tone(tone, AGENT_HZ)
    async with async_playwright() as playwright:
        await until(lambda: _has_accounts(centre), within=60)
        browser = await playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[*DESK_FLAGS, f"--use-file-for-fake-audio-capture={tone}"],
        )
        desk = DeskCentre(centre, browser)
        try:
            yield desk
            faults = [fault for page in desk.pages for fault in page.faults]
            assert faults == [], faults
        except BaseException:
            for number, page in enumerate(desk.pages):
                with suppress(Error):
                    await page.page.screenshot(path=folder / f"page-{number}.png")
            raise
        finally:
            await browser.close()


async def _has_accounts(centre: RunningCentre) -> bool:
    secret = password(secrets.load(centre.settings.home), "agen2")
    body = msgspec.json.encode({"name": "agen2", "password": secret})
    headers = {"X-Sambung": "1", "Origin": centre.settings.web.address, "Content-Type": "application/json"}
    async with (
        ClientSession() as session,
        session.post(f"{centre.settings.web.address}/api/v1/session", data=body, headers=headers) as answer,
    ):
        return answer.status == 200


def _write_tone(path: Path, hertz: int) -> None:
    rate = 48_000
    samples = (round(12_000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(rate * 2))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
