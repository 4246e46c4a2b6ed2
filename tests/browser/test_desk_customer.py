"""The customer beside the contact, in a real browser: what was before, what is being written, what was promised."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from pbx.probe.listen import until_tone
from pbx.probe.wav import read
from tests.browser.desk_fixture import DeskCentre, DeskPage, desk_centre
from tests.browser.test_supervisor import lead
from tests.integration.centre_fixture import AGENT_HZ
from tests.waiting import until

NOTE = "<b>Ibu Sari</b> \u202eikasrev\u202c minta panduan LKPM. " + "Panjang sekali. " * 200
CITIZEN_HZ = 440
TYPED = "Sudah dijelaskan sampai langkah 3"


async def test_what_was_written_and_promised_is_there_the_next_time(tmp_path: Path) -> None:
    async with desk_centre(tmp_path) as centre:
        desk = await centre.agent()
        await desk.start_shift()
        await call_and_promise(centre, desk)
        await see_the_past(centre, desk)
        await follow_up(desk)
        await lead_the_follow_ups(centre)
        await try_it(centre, desk)


async def call_and_promise(centre: DeskCentre, desk: DeskPage) -> None:
    """Write while talking, lose the page, go on in another browser, and promise something."""
    page = desk.page
    call, identity = await centre.caller()
    await desk.offer()
    await expect(page.locator("article.offer")).to_contain_text("Belum pernah menghubungi")
    await desk.accept()
    await desk.state("Bicara")
    panel = page.get_by_role("tabpanel", name="Riwayat")
    await expect(panel).to_contain_text("Belum pernah menghubungi sebelumnya.")
    await page.get_by_label("Catatan", exact=True).fill(TYPED)
    await page.get_by_text("Draf tersimpan di server").wait_for()

    # Another browser knows nothing but what the server has.
    other = await centre.agent()
    notes = other.page.get_by_label("Catatan", exact=True)
    await expect(notes).to_have_value(TYPED)
    await other.page.context.close()

    await page.reload()
    await desk.state("Bicara")
    await expect(page.get_by_label("Catatan", exact=True)).to_have_value(TYPED)
    # The page has its sound back before the caller goes: until then the caller is put aside.
    await until_tone(call.heard, AGENT_HZ, after_ms=read(call.heard).ms, within=30)
    await call.hang_up()
    await desk.state("Rangkum")
    await page.get_by_label("Catatan", exact=True).fill(NOTE)
    await page.get_by_label("Perlu tindak lanjut").check()
    await page.get_by_label("Tindak lanjut pada (WIB)").fill("2026-01-05T10:30")
    await page.get_by_role("radio").first.click()
    await page.get_by_role("button", name="Simpan").click()
    await centre.centre.until_phase(identity, "closed")
    await page.get_by_role("heading", name="Belum ada kontak.").wait_for()


async def see_the_past(centre: DeskCentre, desk: DeskPage) -> None:
    page = desk.page
    call, _ = await centre.caller()
    await desk.offer()
    card = page.locator("article.offer")
    await expect(card).to_contain_text("1 kontak lalu, terakhir")
    slot = await page.locator(".slot").bounding_box()
    box = await card.bounding_box()
    assert slot is not None
    assert box is not None
    assert box["height"] <= slot["height"] == 262, "the card moves nothing"
    await desk.screenshot("meja-tawaran-riwayat")
    await desk.accept()
    await desk.state("Bicara")
    panel = page.get_by_role("tabpanel", name="Riwayat")
    item = panel.get_by_role("listitem")
    await expect(item).to_have_count(1)
    await expect(item).to_contain_text("WIB")
    await expect(item).to_contain_text("Perizinan berusaha")
    await expect(item).to_contain_text("oleh Adi")
    await item.locator("summary").click()
    await expect(item).to_contain_text("<b>Ibu Sari</b>")
    assert await item.locator("details b").count() == 0, "what an agent wrote is text"
    await item.locator("summary").click()
    await desk.both_themes()
    await desk.screenshot("meja-riwayat")
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    await look_up(desk)
    await call.hang_up()
    await desk.state("Rangkum")
    await page.get_by_role("radio").first.click()
    await page.get_by_role("button", name="Simpan").click()
    await page.get_by_role("heading", name="Belum ada kontak.").wait_for()


async def look_up(desk: DeskPage) -> None:
    """The queue's script is beside the call; any other guidance is found by a word in it."""
    page = desk.page
    await page.get_by_role("tab", name="Riwayat").focus()
    await page.keyboard.press("ArrowRight")
    panel = page.get_by_role("tabpanel", name="Skrip")
    await expect(panel.get_by_role("heading", name="Memilih KBLI")).to_be_visible()
    await desk.both_themes()
    await desk.screenshot("meja-skrip")
    await panel.get_by_role("searchbox").fill("kode otp")
    await panel.get_by_role("button", name="Akun dan kendala teknis OSS").click()
    await expect(panel.get_by_role("heading", name="Lupa kata sandi")).to_be_visible()
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox").fill("marah")
    await page.get_by_role("option", name="Penelepon marah atau mengeluh").wait_for()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("Dengarkan sampai selesai")
    await desk.axe()
    await page.keyboard.press("Escape")


async def follow_up(desk: DeskPage) -> None:
    """By keyboard to the list; it is late, is done, and can be opened again."""
    page = desk.page
    await page.keyboard.press("Alt+l")
    await page.wait_for_url("**/meja/tindak-lanjut")
    row = page.get_by_role("table", name="Tindak lanjut").locator("tbody tr")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("Terlambat")
    await expect(row).to_contain_text("0812••••3391")
    await desk.both_themes()
    await desk.screenshot("meja-tindak-lanjut")
    await row.get_by_role("button", name="Perjalanan").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Bicara dengan Adi")
    await page.keyboard.press("Escape")
    await row.get_by_label("Tenggat untuk").fill("2030-01-05T10:30")
    await expect(row).not_to_contain_text("Terlambat")
    await row.get_by_role("button", name="Selesai").click()
    await expect(row.get_by_role("button", name="Buka lagi")).to_be_visible()
    await row.get_by_role("button", name="Buka lagi").click()
    await expect(row.get_by_label("Tenggat untuk")).to_have_value("2030-01-05T10:30")


async def lead_the_follow_ups(centre: DeskCentre) -> None:
    leader = await lead(centre)
    page = leader.page
    await page.get_by_role("link", name="Tindak lanjut").click()
    await page.get_by_role("button", name="Milik saya").click()
    await expect(page.get_by_text("Tidak ada yang perlu ditindaklanjuti.")).to_be_visible()
    await page.get_by_role("button", name="Semua").click()
    row = page.get_by_role("table", name="Tindak lanjut").locator("tbody tr")
    await expect(row).to_contain_text("Adi")
    await row.get_by_role("button", name="Selesai").click()

    async def done() -> bool:
        case = await page.evaluate("fetch('/api/v1/cases').then(answer => answer.json())")
        return bool(case[0]["done_by"] == "penyelia")

    await until(done)
    await leader.both_themes()
    await leader.screenshot("pantau-tindak-lanjut")


async def try_it(centre: DeskCentre, desk: DeskPage) -> None:
    """A newcomer's button: a synthetic citizen calls, and the desk rings."""
    await centre.centre.callers.close()
    page = desk.page
    await page.get_by_role("button", name="Kembali ke meja").click()
    await page.get_by_role("button", name="Coba: minta warga buatan menelepon").click()
    await page.locator("article.offer").wait_for(timeout=45_000)
    await desk.accept()
    await desk.state("Bicara")
    await desk.hears(CITIZEN_HZ)
    await page.get_by_role("button", name="Akhiri").click()
    await page.get_by_role("button", name="Akhiri panggilan").click()
    await desk.state("Rangkum")
