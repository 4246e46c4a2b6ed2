"""What happens to the desk when a link, a tab or a page goes away, and between two desks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pbx.probe.listen import until_silent, until_tone
from pbx.probe.wav import read
from tests.browser.desk_fixture import DeskCentre, desk_centre, desk_kept, desk_visiting
from tests.integration.centre_fixture import AGENT_HZ, CALLER_HZ, Place
from tests.waiting import until


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with desk_kept(tmp_path_factory.mktemp("c")) as place:
        yield place


@pytest.fixture
async def centre(place: Place, tmp_path: Path) -> AsyncIterator[DeskCentre]:
    async with desk_visiting(place, tmp_path) as centre:
        yield centre


async def test_a_call_outlives_the_loss_of_the_server(centre: DeskCentre) -> None:
    context = await centre.context()
    desk = await centre.agent(context=context)
    await desk.start_shift()
    call, identity = await centre.caller()
    await desk.accept()
    await desk.state("Bicara")
    # A route that refuses every new stream stands for a network that lets the sound through and not the desk.
    await context.route("**/api/**", lambda route: route.abort())
    await desk.page.evaluate("dispatchEvent(new Event('offline'))")
    await desk.page.get_by_text("Terputus dari server").wait_for()
    await desk.page.get_by_text("Panggilan Anda tetap berjalan.").wait_for()
    await desk.both_themes()
    since = read(call.heard).ms
    await until_tone(call.heard, AGENT_HZ, after_ms=since, within=15)
    await desk.hears(CALLER_HZ)
    await desk.page.keyboard.press("Alt+m")
    await desk.page.get_by_role("button", name="Bunyikan").wait_for()
    await desk.page.keyboard.press("Alt+m")
    await context.unroute("**/api/**")
    await desk.page.evaluate("dispatchEvent(new Event('online'))")
    await desk.page.get_by_text("Terputus dari server").wait_for(state="detached")
    await call.hang_up()
    await desk.state("Rangkum")
    await centre.centre.until_phase(identity, "wrapping")


async def test_a_muted_agent_is_not_heard_until_unmuted(centre: DeskCentre) -> None:
    desk = await centre.agent()
    await desk.start_shift()
    call, _ = await centre.caller()
    await desk.accept()
    await desk.state("Bicara")
    await until_tone(call.heard, AGENT_HZ, within=15)
    await desk.page.keyboard.press("Alt+m")
    await until_silent(call.heard, within=10)
    await desk.page.keyboard.press("Alt+m")
    since = read(call.heard).ms
    await until_tone(call.heard, AGENT_HZ, after_ms=since, within=10)
    await call.hang_up()


async def test_only_one_tab_is_the_desk(centre: DeskCentre) -> None:
    context = await centre.context()
    first = await centre.agent(context=context)
    await first.start_shift()
    second = await centre.tab(context)
    await second.page.goto(f"{centre.url}/meja")
    await second.page.get_by_role("heading", name="Meja terbuka di tab lain").wait_for()
    await second.axe()
    await second.page.get_by_role("button", name="Pindahkan ke sini").click()
    await second.presence("Siap")
    await first.page.get_by_role("heading", name="Meja terbuka di tab lain").wait_for()

    async def one_phone() -> bool:
        endpoints = await centre.centre.ari("endpoints/PJSIP")
        up = [end["resource"] for end in endpoints if end["state"] == "online"]
        return [name for name in up if str(name).endswith("-web")] == ["ag101-web"]

    await until(one_phone, within=15)
    call, _ = await centre.caller()
    await second.accept()
    await second.state("Bicara")
    await second.hears(CALLER_HZ)
    assert await first.page.locator("article.offer").count() == 0
    await call.hang_up()


async def test_an_agent_consults_a_colleague_and_puts_the_caller_through(tmp_path: Path) -> None:
    # Whoever passed a caller on has work of its own to finish, so nobody comes after.
    async with desk_centre(tmp_path) as centre:
        asker = await centre.agent("agen")
        await asker.start_shift()
        call, identity = await centre.caller()
        await asker.accept()
        await asker.state("Bicara")
        colleague = await centre.agent("agen2")
        await colleague.start_shift()

        await asker.page.keyboard.press("F7")
        field = asker.page.get_by_role("combobox")
        await field.fill("agus")
        await asker.page.get_by_role("option", name="Agus").wait_for()
        await asker.page.keyboard.press("Control+Enter")
        await asker.page.locator(".consult").wait_for()
        await colleague.offer()
        await colleague.accept()
        await asker.page.get_by_role("button", name="Sambungkan ke Agus").wait_for()
        await asker.state("Konsultasi")
        await asker.screenshot("meja-konsultasi")
        await asker.both_themes()
        await colleague.hears(AGENT_HZ)

        await asker.page.get_by_role("button", name="Bertiga").click()
        await asker.state("Bertiga")
        since = read(call.heard).ms
        await until_tone(call.heard, AGENT_HZ, after_ms=since, within=15)
        await asker.page.keyboard.press("F7")
        await asker.state("Rangkum")
        await colleague.state("Bicara")
        await colleague.hears(CALLER_HZ)
        history = await centre.centre.until_phase(identity, "talking")
        assert history.interaction.agent == "ag102"
        await call.hang_up()
        await colleague.state("Rangkum")


async def test_a_page_reloaded_in_a_call_gets_its_sound_back(centre: DeskCentre) -> None:
    desk = await centre.agent()
    await desk.start_shift()
    call, _ = await centre.caller()
    await desk.accept()
    await desk.state("Bicara")
    await desk.page.get_by_label("Catatan", exact=True).fill("Sudah dijelaskan sampai langkah 3")
    await desk.page.reload()
    await desk.state("Bicara")
    assert (
        await desk.page.get_by_label("Catatan", exact=True).input_value()
        == "Sudah dijelaskan sampai langkah 3"
    )
    since = read(call.heard).ms
    await until_tone(call.heard, AGENT_HZ, after_ms=since, within=25)
    await desk.page.keyboard.press("Shift")
    await desk.hears(CALLER_HZ)
    await call.hang_up()
    await desk.state("Rangkum")
