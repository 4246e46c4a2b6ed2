"""In real browsers: files both ways, a still with its notice, a place from the telephone and back, an appointment."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, async_playwright

from acd.model import Phase
from sambung.handover import Handovers
from tests.browser.desk_fixture import DeskPage
from tests.browser.sfu_client import ROOT
from tests.browser.test_visit_call import Visitor, new_visitor, visitor_browser
from tests.integration.visit_fixture import Hall, visit_hall
from tests.waiting import until
from video.appointment import Wish
from video.visit_commands import callback_id

PDF = b"%PDF-1.7\n" + b"nib" * 400_000


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    async with visit_hall(tmp_path, ROOT / "desk" / "static") as made:
        yield made


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright, visitor_browser(playwright, tmp_path) as made:
        yield made


async def at_the_desk(hall: Hall, browser: Browser) -> DeskPage:
    """Return the desk of an agent who is ready for video calls."""
    context = await browser.new_context(
        viewport={"width": 1366, "height": 768}, locale="id-ID", permissions=["camera", "microphone"]
    )
    desk = DeskPage(await context.new_page(), hall.base)
    await desk.sign_in("video", hall.password("video"))
    headers = {"X-Sambung": "1", "Origin": hall.base}
    for path, body in (("shift-start", {}), ("intent", {"ready": True, "reason": "", "next": False})):
        answer = await context.request.post(f"{hall.base}/api/v1/me/{path}", data=body, headers=headers)
        assert answer.ok
    return desk


async def talking(desk: DeskPage, visitor: Visitor) -> None:
    await desk.offer()

    async def taken() -> bool:
        await desk.page.keyboard.press("F2")
        return await visitor.page.locator("[data-screen=call]").count() == 1

    await until(taken, within=20)
    await desk.page.locator(".room-stage > .face").wait_for(timeout=20_000)


async def choose(page: Page, name: str, content: bytes, kind: str = "application/pdf") -> None:
    field = page.locator(".visit-chat input[type=file]")
    await field.set_input_files({"name": name, "mimeType": kind, "buffer": content})


async def test_files_and_a_still_go_through_the_conversation(hall: Hall, browser: Browser) -> None:
    visitor = await new_visitor(browser)
    await visitor.enter(hall.base)
    desk = await at_the_desk(hall, browser)
    await talking(desk, visitor)
    await visitor.page.get_by_role("button", name="Obrolan").click()
    await choose(visitor.page, "<i>NIB</i>\u202efdp.exe", PDF)
    await desk.page.get_by_role("button", name="Obrolan (1)").click()
    given = desk.page.get_by_role("link", name="Simpan i_ fdp.exe.pdf PDF · 1,1 MB")
    async with desk.page.expect_download() as download:
        await given.click()
    assert (await download.value).suggested_filename == "i_ fdp.exe.pdf"
    saved = await asyncio.to_thread(Path(await (await download.value).path()).read_bytes)
    assert saved == PDF

    await choose(visitor.page, "virus.pdf", b"MZ\x90\0" * 100)
    await visitor.page.get_by_text("virus.pdf: hanya PDF dan gambar").wait_for()
    await visitor.page.get_by_role("button", name="Tutup pemberitahuan").click()
    assert await desk.page.locator(".handed").count() == 1

    await choose(desk.page, "langkah.pdf", PDF)
    await visitor.page.get_by_role("link", name="Simpan langkah.pdf PDF · 1,1 MB").wait_for()
    await visitor.page.get_by_role("button", name="Tutup obrolan").click()

    await desk.page.get_by_role("button", name="Ambil gambar").click()
    await visitor.page.locator(".visit-trouble").get_by_text("Petugas mengambil gambar").wait_for()
    still = desk.page.get_by_role("link", name=re.compile(r"Simpan Kamera \d\d\.\d\d\.jpg JPG"))
    await still.wait_for()
    width = "(link) => { const i = link.querySelector('img'); return i.complete ? i.naturalWidth : 0 }"

    async def shown() -> bool:
        return bool(await still.evaluate(width) >= 320)

    await until(shown, within=20)
    await desk.axe()

    await visitor.page.get_by_role("button", name="Akhiri panggilan").click()
    after = desk.page.get_by_role("region", name="Berkas kunjungan")
    await after.get_by_role("link", name="Simpan i_ fdp.exe.pdf PDF · 1,1 MB").wait_for(timeout=20_000)
    assert await after.get_by_role("link").count() == 3
    assert visitor.faults == []


async def test_a_place_comes_from_the_telephone_and_goes_back_to_it(hall: Hall, browser: Browser) -> None:
    called = await hall.arrive("technical")
    issued = Handovers(hall.engine, hall.secrets.agents, hall.desk.clock).issue(called)
    assert issued is not None
    visitor = await new_visitor(browser)
    page = visitor.page
    await page.goto(f"{hall.base}/panggilanvideo?kode=00000000")
    await page.get_by_text("Kode ini salah, sudah lewat waktu, atau sudah dipakai").wait_for()
    await page.get_by_label("Kode dari telepon").fill(f"{issued.code[:4]} {issued.code[4:]}")
    await page.keyboard.press("Enter")
    await page.get_by_text("akan dipindahkan ke panggilan video").wait_for()
    assert "kode" not in page.url, "a reload must not use it again"
    await page.get_by_role("button", name="Tanpa kamera").click()
    await page.locator(".visit-preview").wait_for()
    await page.get_by_label("Nama").fill("Ketut")
    await page.get_by_role("button", name="Masuk antrean").click()
    await visitor.screen("waiting")
    assert hall.phase(called) is None
    visit = next(iter(hall.engine.state.live()))
    assert (visit.queue, visit.phase) == ("technical", Phase.WAITING)

    await page.get_by_role("button", name="Telepon saya saja").click()
    await page.get_by_label("Nomor telepon").fill("0809 123 4567")
    await page.keyboard.press("Enter")
    await page.get_by_text("nomor layanan berbayar").wait_for()
    await page.get_by_label("Nomor telepon").fill("0812 3456 789")
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Kami akan menelepon +628123456789").wait_for()
    promised = hall.engine.state.interaction(callback_id(visit.id))
    assert promised is not None
    assert (promised.score, promised.queue) == (visit.score, "technical")
    assert visitor.faults == []


async def test_the_link_to_an_appointment_greets_its_visitor_and_leads_into_the_line(
    hall: Hall, browser: Browser
) -> None:
    now = hall.desk.clock.now_ms()
    appointments = hall.desk.outside.appointments
    wish = Wish("lkpm_general", now, "en", name="Ketut", note="NIB 9120 belum terbit")
    link = appointments.link((await appointments.make(wish, "video")).id)
    visitor = await new_visitor(browser)
    page = visitor.page
    await page.goto(link[:-1])
    await page.get_by_role("heading", name="Tautan ini tidak dikenali").wait_for()
    assert "janji" not in page.url, "nobody reads it there"
    await page.goto(link)
    await page.get_by_role("heading", name="Welcome, Ketut").wait_for()
    assert await page.get_by_label("What it is about").count() == 0, "that was agreed"
    await page.reload()
    await page.get_by_role("heading", name="Welcome, Ketut").wait_for()
    await page.get_by_role("button", name="Without camera").click()
    await page.locator(".visit-preview").wait_for()
    await page.get_by_role("button", name="Join the line").click()
    await visitor.screen("waiting")
    visit = next(iter(hall.engine.state.live()))
    assert (visit.queue, visit.priority, visit.language) == ("lkpm", 20, "en")
    await page.reload()
    await visitor.screen("waiting")

    elsewhere = await new_visitor(browser)
    await elsewhere.page.goto(link)
    await elsewhere.page.get_by_role("button", name="Move it here").click()
    await elsewhere.screen("waiting")
    await visitor.screen("elsewhere")
    assert [contact.id for contact in hall.engine.state.live()] == [visit.id]
    assert visitor.faults == elsewhere.faults == []

    desk = await at_the_desk(hall, browser)
    await desk.offer()
    at = f"{datetime.fromtimestamp(now / 1_000, ZoneInfo('Asia/Jakarta')):%H.%M} WIB"
    await desk.page.locator(".offer").get_by_text(f"Janji temu {at} · Perihal Laporan LKPM").wait_for()
    await talking(desk, elsewhere)
    await desk.page.get_by_text("NIB 9120 belum terbit").wait_for()
    await makes_another(desk.page, now)
    await desk.axe()


async def makes_another(page: Page, now: int) -> None:
    """Agree on a time at the desk: the link is there to be copied."""
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox", name="Cari").fill("janji temu video")
    await page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="Buat janji temu video")
    await sheet.get_by_role("button", name="Buat tautan").click()
    await sheet.get_by_text("Isi keperluan dan waktunya").wait_for()
    await sheet.get_by_label("Keperluan").select_option("kbli")
    tomorrow = datetime.fromtimestamp(now / 1_000 + 86_400, ZoneInfo("Asia/Jakarta"))
    await sheet.get_by_label("Mulai (WIB)").fill(f"{tomorrow:%Y-%m-%dT10:00}")
    assert await sheet.get_by_label("Nama pengunjung").input_value() == "Ketut"
    await sheet.get_by_role("button", name="Buat tautan").click()
    link = await sheet.get_by_label("Tautan untuk pengunjung").input_value()
    assert "/panggilanvideo?janji=" in link
    cancel = sheet.get_by_role("button", name=re.compile("Batalkan janji temu .* 10.00"))
    await cancel.click()
    await cancel.wait_for(state="detached")
    await page.keyboard.press("Escape")
