"""Whatever people are called and however somebody has to look: text stays text, and nothing is out of sight or reach.

No telephone is needed, so the interface runs without Asterisk: the real line, store and server.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from acd.events import Arrived, Disposed, Ended, OfferAccepted, Queued, WrapUpDone
from acd.model import Channel, Kind, Party
from core.ids import AgentId, InteractionId, LegId, QueueId, new_interaction_id
from desk.settings import PAGES
from pbx.commands import Dial, Machine
from pbx.dial_out import DialRow
from pbx.outbound_model import Number
from sambung.outside import off_hours_alarm
from tests.browser.desk_fixture import DeskPage
from tests.browser.sfu_client import FLAGS
from tests.integration.web_fixture import RunningWeb, running_web, settings_for
from tests.waiting import until

NAME: Final = "\u202e<img src=x onerror=hit=1>\u2066 Sari </bdi><script>hit=1</script>" + "x" * 10_000
TITLE: Final = "<b onclick=hit=1>Sri\u202e" + "y" * 150
NOTE: Final = "</bdi><img src=x onerror=hit=1>\u202e" + "z" * 3_900
VIDEO: Final = AgentId("ag501")
PROBE: Final = """() => ({
    hit: window.hit ?? null,
    made: document.querySelectorAll('img[src=x], b[onclick], bdi script').length,
    wide: document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('*')]
        .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
        .map((each) => each.className).slice(0, 9),
})"""


async def test_hostile_names_small_letters_and_forced_colours(tmp_path: Path) -> None:
    async with before_browser(tmp_path) as (web, browser):
        async with web.browser("admin") as admin:
            status, answer = await admin.ask("PATCH", "/users/penyelia", {"title": TITLE})
            assert status == 200, answer
        leader = await signed_in(web, browser, "penyelia", "pantau")
        desk = await signed_in(web, browser, "video", "meja")
        await names_are_text(web, desk, leader)
        contact = await an_ordinary_one(web, desk)
        await a_wide_screen_at_twice_the_size(desk)
        await in_forced_colours(desk)
        await lead(web, leader, contact)


async def test_messages_of_callers_are_heard_taken_and_finished_by_keyboard(tmp_path: Path) -> None:
    async with before_browser(tmp_path) as (web, browser):
        adi = await signed_in(web, browser, "agen", "meja")
        budi = await signed_in(web, browser, "agen2", "meja")
        late = await web.voicemail(ago_ms=5 * 3_600_000)
        fresh = await web.voicemail(caller="")
        await hear_and_take(web, adi, budi, late)
        await call_back_and_finish(web, adi, late)
        await lead_the_messages(web, await signed_in(web, browser, "penyelia", "pantau"), fresh)


async def hear_and_take(web: RunningWeb, adi: DeskPage, budi: DeskPage, late: InteractionId) -> None:
    """One agent hears a message and takes it: the other's list says so by itself."""
    for desk in (adi, budi):
        await desk.page.get_by_role("button", name="Pesan suara: 2 menunggu, ada yang terlambat").wait_for()
        await desk.page.keyboard.press("Alt+p")
        await desk.page.wait_for_url("**/meja/pesan-suara")
    page = adi.page
    await expect(page.get_by_role("heading", name="Pesan suara")).to_be_focused()
    rows = page.get_by_role("table", name="Pesan suara").locator("tbody tr")
    await expect(rows).to_have_count(2)
    await expect(rows.nth(0)).to_contain_text("Terlambat")
    await expect(rows.nth(0)).to_contain_text("0812••••7890")
    await expect(rows.nth(1)).to_contain_text("Nomor disembunyikan")
    player = page.get_by_label("Dengarkan pesan dari 0812••••7890")
    await player.focus()
    await page.keyboard.press("Space")
    await until(lambda: player.evaluate("each => each.currentTime > 0.2 || each.ended"))
    heard = [act.user for act in await web.acts() if act.action == "voicemail-sound"]
    assert heard == ["agen"] * len(heard) != [], "nobody has heard it but who played it"
    await rows.nth(0).get_by_role("button", name="Ambil").focus()
    await page.keyboard.press("Enter")
    await expect(rows.nth(0)).to_contain_text("Anda ambil")
    theirs = budi.page.locator(f"[data-voicemail='{late}']")
    await expect(theirs).to_contain_text("Diambil Adi")
    await expect(theirs.get_by_role("button")).to_have_count(0)
    await adi.both_themes()
    await adi.screenshot("meja-pesan-suara")
    for width, height in ((683, 384), (1024, 768), (1366, 768)):
        await page.set_viewport_size({"width": width, "height": height})
        await adi.axe()
        await safe(page)


async def call_back_and_finish(web: RunningWeb, adi: DeskPage, late: InteractionId) -> None:
    row = adi.page.locator(f"[data-voicemail='{late}']")
    call = row.get_by_role("button", name="Telepon balik")
    await expect(call).to_have_attribute("title", "Mulai giliran dulu, lalu telepon.")
    await web.on_duty("ag101")
    await expect(call).not_to_have_attribute("aria-disabled", "true")
    await call.click()
    await expect(row).to_contain_text("Ditelepon")
    (dial,) = web.calls.commands
    assert isinstance(dial, Dial)
    assert (dial.agent, dial.number, dial.parent) == ("ag101", "081234567890", late)
    await a_machine_answers(web, adi, dial)
    await adi.page.keyboard.press("Alt+p")
    await row.get_by_role("button", name="Selesai").click()
    dialog = adi.page.get_by_role("dialog")
    await expect(dialog.get_by_role("button", name="Simpan dan selesaikan")).to_have_attribute(
        "aria-disabled", "true"
    )
    await dialog.get_by_label("Kategori").select_option("kbli")
    await dialog.get_by_label("Catatan").fill(NOTE)
    await adi.axe()
    await dialog.get_by_role("button", name="Simpan dan selesaikan").click()
    await expect(row).to_contain_text("oleh agen")
    await safe(adi.page)
    await adi.page.get_by_role("button", name="Pesan suara: 1 menunggu", exact=True).wait_for()


async def a_machine_answers(web: RunningWeb, adi: DeskPage, dial: Dial) -> None:
    """The call that was made: the message stands beside it, and an answering machine is said by key."""
    page, agent = adi.page, AgentId("ag101")
    arrived = Arrived(
        dial.id,
        Channel.VOICE,
        web.desk.clock.now_ms(),
        caller=dial.number,
        kind=Kind.OUTBOUND,
        parent=dial.parent,
    )
    queued = Queued(dial.id, dial.queue, preferred=agent, grace_ms=60_000, strict=True)
    await web.engine.submit(arrived, queued)
    view = web.engine.state.interaction(dial.id)
    assert view is not None
    assert view.offer is not None
    await web.engine.submit(OfferAccepted(view.offer))
    await page.get_by_role("button", name="Kembali ke meja").click()
    await adi.state("Bicara")
    beside = page.get_by_role("region", name="Pesan suara dari penelepon ini")
    await expect(beside.get_by_label("Dengarkan pesan dari 0812••••7890")).to_be_visible()
    await expect(page.get_by_role("button", name="Mesin penjawab")).to_be_visible()
    await adi.both_themes()
    await adi.screenshot("meja-telepon-balik")
    await page.keyboard.press("Alt+j")
    await page.get_by_role("dialog", name="Yang menjawab mesin penjawab?").wait_for()
    await adi.axe()
    await page.get_by_role("button", name="Ya, akhiri panggilan").click()
    await until(lambda: web.calls.commands[-1] == Machine(dial.id, agent))
    await web.engine.submit(Ended(dial.id, Party.AGENT), WrapUpDone(dial.id, agent))


async def see_the_alarm(web: RunningWeb, leader: DeskPage) -> None:
    """A call that leaves out of hours is an alarm until somebody has taken note."""
    row = DialRow(
        LegId("x"),
        new_interaction_id(),
        AgentId("ag101"),
        web.desk.clock.now_ms(),
        Number("+6281"),
        off_hours=True,
    )
    await off_hours_alarm(web.web.record, web.desk.live.feed.alarm)(row)
    alarm = leader.page.get_by_role("region", name="Ada panggilan keluar di luar jam layanan.")
    await expect(alarm).to_contain_text("Dibuat oleh Adi")
    await leader.axe()
    await alarm.get_by_role("button").last.click()
    await expect(alarm).to_have_count(0)


async def lead_the_messages(web: RunningWeb, leader: DeskPage, fresh: InteractionId) -> None:
    """A supervisor sees every queue's, and takes one out with a reason."""
    page = leader.page
    other = await web.voicemail("lkpm", ago_ms=2 * 86_400_000)
    link = page.get_by_role("link", name="Pesan suara: 2 menunggu, ada yang terlambat")
    await link.wait_for()
    await see_the_alarm(web, leader)
    await link.click()
    await expect(page.locator("[data-voicemail]")).to_have_count(2)
    await leader.both_themes()
    await leader.screenshot("pantau-pesan-suara")
    await page.get_by_label("Antrean", exact=True).select_option("lkpm")
    row = page.locator(f"[data-voicemail='{other}']")
    await expect(page.locator(f"[data-voicemail='{fresh}']")).to_have_count(0)
    await row.get_by_role("button", name="Hapus").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Alasan").fill("Berisi kata sandi")
    await dialog.get_by_role("button", name="Hapus pesan").click()
    await expect(row).to_have_count(0)
    acts = {(act.action, act.user, act.detail) for act in await web.acts()}
    assert ("voicemail-delete", "penyelia", "Berisi kata sandi") in acts
    await page.get_by_label("Antrean", exact=True).select_option("")
    await page.get_by_role("button", name="Selesai", exact=True).first.click()
    await expect(page.locator("[data-voicemail]")).to_have_count(1)
    await safe(page)


@asynccontextmanager
async def before_browser(folder: Path) -> AsyncIterator[tuple[RunningWeb, Browser]]:
    """Serve the interface with the built pages, and run a browser."""
    shipped = settings_for(folder)
    settings = dataclasses.replace(shipped, web=dataclasses.replace(shipped.web, pages=PAGES))
    async with running_web(folder, settings) as web, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS])
        try:
            yield web, browser
        finally:
            await browser.close()


async def signed_in(web: RunningWeb, browser: Browser, user: str, page: str) -> DeskPage:
    context: BrowserContext = await browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="id-ID"
    )
    desk = DeskPage(await context.new_page(), web.base)
    await desk.page.goto(f"{web.base}/masuk?to=/{page}")
    await desk.page.get_by_label("Nama pengguna").fill(user)
    await desk.page.get_by_label("Kata sandi").fill(web.password(user))
    await desk.page.keyboard.press("Enter")
    await desk.page.wait_for_url(f"**/{page}", timeout=30_000)
    return desk


async def safe(page: Page) -> None:
    """Assert that what was written is only read: no element, no script, no page wider than its window."""
    assert await page.evaluate(PROBE) == {"hit": None, "made": 0, "wide": []}, page.url


async def names_are_text(web: RunningWeb, desk: DeskPage, leader: DeskPage) -> None:
    before = await call_with_note(web)
    contact = new_interaction_id()
    await web.on_duty(VIDEO, Channel.VIDEO)
    arrived = Arrived(contact, Channel.VIDEO, web.desk.clock.now_ms(), caller=NAME)
    await web.engine.submit(arrived, Queued(contact, QueueId("licensing")))
    card = desk.page.locator("article.offer")
    await expect(card).to_contain_text("<script>hit=1</script>")
    box = await card.bounding_box()
    assert box is not None
    assert box["height"] <= 264
    await safe(desk.page)
    async with web.browser("penyelia") as other:
        await other.post("/notes", {"text": TITLE})
    await expect(desk.page.locator(".strip.news")).to_contain_text("<b onclick=hit=1>")
    await safe(desk.page)
    await desk.accept()
    await desk.state("Bicara")
    header = await desk.page.locator(".contact-header").bounding_box()
    assert header is not None
    assert header["height"] < 120
    await desk.page.get_by_label("Catatan", exact=True).fill(NOTE)
    facts = await desk.page.locator(".facts").evaluate("each => each.scrollWidth - each.clientWidth")
    assert facts <= 0
    await safe(desk.page)

    page = leader.page
    await page.get_by_role("button", name=re.compile("^Kontak ")).click()
    await expect(page.get_by_role("table", name="Kontak")).to_contain_text("<img src=x")
    await safe(page)
    for place in (
        f"pantau/kontak/{contact}",
        f"pantau/agen/{VIDEO}",
        f"keputusan/{contact}",
        f"keputusan/{before}",
    ):
        await page.goto(f"{web.base}/{place}")
        await expect(page.get_by_role("main")).to_contain_text(re.compile("<img|Sari|Perizinan"))
        await safe(page)
    await web.engine.submit(Ended(contact, Party.CUSTOMER), WrapUpDone(contact, VIDEO))


async def an_ordinary_one(web: RunningWeb, desk: DeskPage) -> InteractionId:
    """A visitor as most are, whose call lasts."""
    await desk.page.get_by_role("button", name="Tutup catatan").click()
    contact = new_interaction_id()
    arrived = Arrived(contact, Channel.VIDEO, web.desk.clock.now_ms(), caller="Ibu Sari")
    await web.engine.submit(arrived, Queued(contact, QueueId("licensing")))
    await desk.accept()
    await desk.state("Bicara")
    await desk.page.get_by_label("Catatan", exact=True).fill("NIB belum terbit.")
    return contact


async def call_with_note(web: RunningWeb) -> InteractionId:
    """A call of a hostile number, with a hostile note: what is kept is shown as text too."""
    id_ = new_interaction_id()
    arrived = Arrived(id_, Channel.VOICE, web.desk.clock.now_ms(), caller=NAME)
    await web.on_duty("ag101")
    await web.engine.submit(arrived, Queued(id_, QueueId("licensing")))
    await web.engine.submit(Disposed(id_, AgentId("ag101"), "kbli", NOTE, True), Ended(id_, Party.CUSTOMER))
    return id_


async def a_wide_screen_at_twice_the_size(desk: DeskPage) -> None:
    """1366 x 768 at 200 %: everything is there, in one column that only scrolls down."""
    page = desk.page
    await page.set_viewport_size({"width": 683, "height": 384})
    for name in ("Catatan", "Perlu tindak lanjut"):
        field = page.get_by_label(name, exact=True)
        await field.scroll_into_view_if_needed()
        await expect(field).to_be_in_viewport()
    await page.get_by_role("tab", name="Skrip").click()
    await expect(page.get_by_role("heading", name="Memilih KBLI")).to_be_visible()
    await safe(page)
    await desk.both_themes()
    await page.get_by_label("Catatan", exact=True).scroll_into_view_if_needed()
    await desk.screenshot("meja-zoom-200")
    await page.set_viewport_size({"width": 1024, "height": 768})
    await page.get_by_role("button", name="Riwayat", exact=True).click()
    await expect(page.get_by_role("dialog").get_by_role("tab", name="Skrip")).to_be_visible()
    await desk.axe()
    await page.keyboard.press("Escape")
    await page.set_viewport_size({"width": 1366, "height": 768})


async def in_forced_colours(desk: DeskPage) -> None:
    await desk.page.emulate_media(forced_colors="active")
    thread = desk.page.locator(".card .thread").first
    assert await thread.evaluate("each => getComputedStyle(each).borderLeftStyle") != "none"
    await desk.screenshot("meja-warna-paksa")
    await desk.page.emulate_media(forced_colors="none")


async def lead(web: RunningWeb, leader: DeskPage, talking: InteractionId) -> None:
    """Who waits goes ahead and elsewhere; an agent is signed out."""
    page = leader.page
    await web.on_duty("ag101")
    busy = await web.talking("ag101")
    waiting = await web.arrive("lkpm", Channel.EMAIL)
    await page.goto(f"{web.base}/pantau/kontak/{waiting}")
    await page.locator("summary", has_text="Ubah prioritas").click()
    section = page.locator("details[open]")
    await section.get_by_label("Alasan").fill("Sidang besok")
    await section.get_by_role("spinbutton").fill("5")
    await section.get_by_role("button", name="Ubah prioritas").click()
    await expect(page.locator(".outcome.done")).to_contain_text("Prioritas menjadi 5.")
    view = web.engine.state.interaction(waiting)
    assert view is not None
    assert view.priority == 5
    await page.locator("summary", has_text="Pindahkan kontak").click()
    moving = page.locator("details[open]", has_text="Ke antrean")
    await moving.get_by_label("Alasan").fill("Salah antrean")
    await moving.get_by_label("Ke antrean").select_option("general")
    await moving.get_by_role("button", name="Pindahkan kontak").click()

    def moved() -> bool:
        view = web.engine.state.interaction(waiting)
        return view is not None and view.queue == "general"

    await until(moved)
    await page.goto(f"{web.base}/pantau/agen/ag101")
    await page.locator("summary", has_text="Keluarkan").click()
    await page.locator("details[open]").get_by_role("button", name="Keluarkan").click()
    await expect(page.locator(".outcome.done")).to_contain_text("Adi")
    agent = web.engine.state.agent(AgentId("ag101"))
    assert agent is not None
    assert not agent.signed_in
    assert busy in agent.work, "a customer who talks is not cut off"
    assert web.phase(talking) == "talking"
    acts = {(act.action, act.user, act.detail) for act in await web.acts()}
    assert ("priority", "penyelia", "Sidang besok") in acts
    assert ("move", "penyelia", "Salah antrean") in acts
    assert any(action == "agent-sign-out" for action, _, _ in acts)
