"""The desk in each of its states: looked at, read by axe in both themes, and worked by keyboard alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.desk_fixture import DeskCentre, DeskPage, desk_kept, desk_visiting
from tests.integration.centre_fixture import Place

TEXT = "Nilai realisasi triwulan II belum sama, mohon dicek lagi lampirannya."


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with desk_kept(tmp_path_factory.mktemp("c")) as place:
        yield place


@pytest.fixture
async def centre(place: Place, tmp_path: Path) -> AsyncIterator[DeskCentre]:
    async with desk_visiting(place, tmp_path) as centre:
        yield centre


async def test_every_state_of_the_desk_is_accessible_in_both_themes(centre: DeskCentre) -> None:
    desk = await centre.tab()
    await desk.page.goto(f"{centre.url}/masuk")
    await desk.page.get_by_label("Nama pengguna").wait_for()
    await _look(desk, "masuk")

    desk = await centre.agent()
    await desk.page.goto(f"{centre.url}/meja/mulai")
    await desk.page.get_by_role("heading", name="Mulai giliran").wait_for()
    await _look(desk, "mulai")
    await desk.page.goto(f"{centre.url}/meja")
    await desk.start_shift()
    await _look(desk, "meja-siap")

    call, _ = await centre.caller()
    await desk.offer()
    await _look(desk, "meja-tawaran")
    await desk.accept()
    await desk.state("Bicara")
    await desk.page.get_by_label("Catatan", exact=True).fill(TEXT)
    await desk.page.get_by_text("Baik", exact=True).wait_for()
    await _look(desk, "meja-bicara")
    await desk.page.keyboard.press("F7")
    await desk.page.get_by_role("combobox").wait_for()
    await _look(desk, "meja-alihkan")
    await desk.page.keyboard.press("Escape")
    await desk.page.keyboard.press("Alt+h")
    await desk.state("Tahan")
    await desk.axe()
    await call.hang_up()
    await desk.state("Rangkum")
    await _look(desk, "meja-rangkum")
    await desk.page.get_by_role("button", name="Bantuan tombol").click()
    await _look(desk, "meja-tombol")


async def _look(desk: DeskPage, name: str) -> None:
    await desk.screenshot(name)
    await desk.both_themes()


async def test_a_whole_call_by_keyboard_alone(centre: DeskCentre) -> None:
    desk = await centre.agent()
    keys = desk.page.keyboard
    await desk.tab_to("Mulai giliran")
    await keys.press("Enter")
    await desk.tab_to("Buka bunyi dan dengarkan dering")
    await keys.press("Enter")
    await desk.tab_to("Izinkan mikrofon")
    await keys.press("Space")
    await desk.page.get_by_text("Suara terdengar").wait_for()
    await desk.tab_to("Mulai giliran, lalu Siap")
    await keys.press("Enter")
    await desk.presence("Siap")

    call, identity = await centre.caller()
    await desk.accept()
    await desk.state("Bicara")
    await keys.press("Alt+n")
    await keys.type(TEXT)
    await keys.press("Alt+k")
    await keys.press("1")
    await keys.press("Control+Shift+E")
    await desk.tab_to("Akhiri panggilan")
    await keys.press("Enter")
    await call.ended(within=10)
    await desk.state("Rangkum")
    await keys.press("Alt+k")
    await keys.press("Enter")
    history = await centre.centre.until_phase(identity, "closed")
    assert history.interaction.outcome == "handled"
    await desk.page.get_by_role("heading", name="Belum ada kontak.").wait_for()


async def test_typing_loses_nothing_when_an_offer_comes(centre: DeskCentre) -> None:
    desk = await centre.agent()
    await desk.start_shift()
    call, _ = await centre.caller()
    await desk.accept()
    await desk.state("Bicara")
    notes = desk.page.get_by_label("Catatan", exact=True)
    # A caller who is put aside leaves room for the next one, who comes while the agent still writes.
    await desk.page.get_by_role("button", name="Tunda").click()
    await desk.state("Tunda")
    await notes.focus()
    writing = asyncio.create_task(_write(desk), name="write")
    other, _ = await centre.caller()
    await desk.offer()
    written = await writing
    assert written > len(TEXT)
    assert await notes.input_value() == (TEXT * 40)[:written]
    assert await notes.evaluate("field => document.activeElement === field")
    await other.hang_up()
    await call.hang_up()


async def _write(desk: DeskPage) -> int:
    """Type until an offer has been on the screen for a whole sentence; return how many characters that were."""
    written = 0
    for _ in range(40):
        offered = await desk.page.locator("article.offer").count() > 0
        await desk.page.keyboard.type(TEXT, delay=15)
        written += len(TEXT)
        if offered:
            break
    return written


async def test_nothing_moves_when_an_offer_comes(centre: DeskCentre) -> None:
    desk = await centre.agent()
    await desk.start_shift()
    await desk.page.get_by_text("Siap menerima, sisa beban 100").wait_for()
    await desk.page.evaluate(
        """() => {
            window.moved = [];
            new PerformanceObserver((list) => {
                for (const shift of list.getEntries())
                    window.moved.push(...shift.sources.map(s => s.node?.parentElement?.className));
            }).observe({type: 'layout-shift'});
        }"""
    )
    call, _ = await centre.caller()
    await desk.offer()
    await desk.page.locator(".offer .timer", has_text="0:05").wait_for()
    assert await desk.page.evaluate("window.moved") == []
    await call.hang_up()


async def test_the_desk_in_english_and_on_a_tablet(centre: DeskCentre) -> None:
    desk = await centre.agent()
    await desk.start_shift()
    await desk.page.get_by_role("button", name="Adi", exact=True).click()
    await desk.page.get_by_role("menuitemradio", name="English").click()
    await desk.page.get_by_role("button", name="Your status: Ready").wait_for()
    assert await desk.page.locator("html").get_attribute("lang") == "en"
    await desk.page.set_viewport_size({"width": 1024, "height": 768})
    call, _ = await centre.caller()
    await desk.accept()
    await desk.state("Talking")
    await desk.both_themes()
    await desk.screenshot("meja-tablet")
    for width in (1366, 1024, 820):
        await desk.page.set_viewport_size({"width": width, "height": 768})
        assert await desk.page.evaluate("document.documentElement.scrollWidth") == width
    await call.hang_up()


SILENT = """() => {
    const silence = () => Promise.resolve(new AudioContext().createMediaStreamDestination().stream);
    navigator.mediaDevices.getUserMedia = silence;
}"""


async def test_a_silent_microphone_is_asked_about_twice(centre: DeskCentre) -> None:
    desk = await centre.agent()
    page = desk.page
    await page.evaluate(SILENT)
    await page.get_by_role("button", name="Mulai giliran", exact=True).click()
    await page.get_by_role("button", name="Buka bunyi dan dengarkan dering").click()
    await page.get_by_role("button", name="Izinkan mikrofon").click()
    await page.get_by_text("Belum terdengar").wait_for()
    await page.get_by_role("button", name="Mulai giliran, lalu Siap").click()
    await page.get_by_role("alert").get_by_text("Penelepon tidak akan mendengar Anda").wait_for()
    assert page.url.endswith("/meja/mulai")
    await desk.both_themes()
    await page.get_by_role("button", name="Mulai walau tidak terdengar").click()
    await desk.presence("Siap")


async def test_who_has_a_telephone_on_the_desk_starts_without_a_microphone(centre: DeskCentre) -> None:
    desk = await centre.agent()
    page = desk.page
    await page.get_by_role("button", name="Mulai giliran", exact=True).click()
    await page.get_by_role("button", name="Buka bunyi dan dengarkan dering").click()
    start = page.get_by_role("button", name="Mulai giliran, lalu Siap")
    await expect(start).to_have_attribute("title", "Izinkan mikrofon dulu")
    await centre.centre.register("ag101")
    await page.get_by_text("Telepon meja Anda tersambung").wait_for()
    await desk.both_themes()
    await start.click()
    await desk.presence("Siap")
    call, _ = await centre.caller()
    ringing = await centre.centre.answered()
    await desk.state("Bicara")
    await call.hang_up()
    await ringing.ended(within=10)
