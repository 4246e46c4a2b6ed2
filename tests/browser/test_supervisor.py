"""Somebody leads the room from a browser: sees who waits, acts, listens; and the wall shows it without a name."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Page, async_playwright, expect

from pbx import secrets
from pbx.probe.listen import until_silent, until_tone
from pbx.probe.tone import sound_runs
from pbx.probe.wav import read
from sambung.demo_users import wall_token
from tests.browser.desk_fixture import DeskCentre, DeskPage, desk_centre
from tests.browser.test_visit_call import (
    THEIRS_AT_AGENT,
    VISITOR_HZ,
    agent_ready,
    grows,
    hears,
    new_visitor,
    visitor_browser,
)
from tests.integration.centre_fixture import AGENT_HZ, CALLER_HZ

MASKED = "0812••••3391"


async def lead(centre: DeskCentre) -> DeskPage:
    """Return the live view of a supervisor who asked for it before signing in."""
    watch = await centre.tab()
    page = watch.page
    await page.goto(f"{centre.url}/pantau")
    await page.get_by_label("Nama pengguna").fill("penyelia")
    await page.get_by_label("Kata sandi").fill(centre.secret("penyelia"))
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/pantau", timeout=30_000)
    await page.get_by_role("button", name="Perizinan berusaha").wait_for()
    return watch


async def reason(page: Page, action: str, text: str) -> None:
    """Unfold an action and give a reason for it."""
    await page.locator("summary", has_text=action).click()
    await page.locator("details[open]").get_by_label("Alasan").fill(text)


async def test_a_supervisor_moves_who_waits_and_the_wall_shows_it(tmp_path: Path) -> None:
    async with desk_centre(tmp_path) as centre:
        watch = await lead(centre)
        page = watch.page
        wall = await centre.tab()
        await wall.page.set_viewport_size({"width": 1920, "height": 1080})
        await wall.page.goto(f"{centre.url}/papan/{wall_token(secrets.load(centre.centre.settings.home))}")
        await expect(wall.page.get_by_role("region", name="Suara").locator(".count")).to_have_text("0")
        call, identity = await centre.caller()

        await page.get_by_role("button", name=re.compile("^Kontak 1")).click()
        row = page.get_by_role("table", name="Kontak").locator("tbody tr")
        await expect(row).to_contain_text(MASKED)
        await expect(row).to_contain_text("Menunggu")
        await expect(row.locator("td").nth(1)).to_have_text("1")
        await expect(row.locator("time")).to_have_text(re.compile(r"^0\d:\d\d$"))
        await expect(wall.page.get_by_role("region", name="Suara").locator(".count")).to_have_text("1")
        assert MASKED not in await wall.page.inner_text("body")
        await wall.page.set_viewport_size({"width": 1280, "height": 720})
        await wall.screenshot("papan")

        # By keyboard alone: to the row, into its details.
        await row.get_by_role("button").focus()
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/pantau/kontak/{identity}")
        await expect(page.get_by_role("complementary")).to_contain_text("Mengapa masih menunggu?")
        await reason(page, "Pindahkan kontak", "Perlu ahli akun OSS")
        await page.get_by_label("Ke antrean").select_option("technical")
        await page.get_by_role("button", name="Pindahkan kontak").click()
        await expect(page.locator(".outcome.done")).to_contain_text("Akun dan kendala teknis OSS")
        await expect(row).to_contain_text("Akun dan kendala teknis OSS")
        await watch.both_themes()
        await watch.screenshot("pantau-kontak")

        await page.get_by_role("button", name="Akun dan kendala teknis OSS").first.click()
        await reason(page, "Ubah keadaan antrean", "  x")
        await page.locator("details[open]").get_by_role("button", name="Jeda", exact=True).click()
        apply = page.get_by_role("button", name="Terapkan")
        await expect(apply).to_have_attribute("aria-disabled", "true")
        await page.locator("details[open]").get_by_label("Alasan").fill("Sistem OSS mati")
        await apply.click()
        await expect(page.get_by_role("complementary")).to_contain_text("Sistem OSS mati")
        queue = page.get_by_role("table", name="Antrean").locator("tr", has_text="Akun dan kendala teknis")
        await expect(queue).to_contain_text("Dijeda")
        await watch.both_themes()

        await page.goto(f"{centre.url}/keputusan/{identity}")
        await expect(page.get_by_role("heading", name="Mengapa masih menunggu?")).to_be_visible()
        await expect(page.get_by_role("table", name="Urutan kejadian")).to_contain_text(
            "Akun dan kendala teknis OSS"
        )
        await watch.both_themes()
        await watch.screenshot("keputusan")
        await wall.axe()

        await page.get_by_role("link", name="Pantauan").last.click()
        await page.wait_for_url(f"**/pantau/kontak/{identity}")
        await page.get_by_role("button", name="Akhiri yang macet").click()
        sheet = page.get_by_role("dialog")
        await expect(sheet).to_contain_text("Sambungan penelepon")
        await sheet.get_by_label("Alasan").fill("Tersangkut di antrean")
        await watch.both_themes()
        await sheet.get_by_role("button", name="Akhiri kontak").click()
        await call.ended(within=10)
        await expect(page.get_by_role("complementary")).to_contain_text("Kontak diakhiri.")
        await expect(wall.page.get_by_role("region", name="Suara").locator(".count")).to_have_text("0")

        await page.get_by_role("button", name="Tutup rincian").click()
        await page.get_by_role("button", name="Tutup darurat").click()
        await page.get_by_role("dialog").get_by_label("Alasan").fill("Gempa")
        await page.get_by_role("button", name="Tutup pusat").click()
        await expect(page.locator(".strip.alarm")).to_contain_text("Pusat ditutup darurat. Oleh penyelia")
        await page.locator(".strip.alarm").get_by_role("button", name="Buka kembali").click()
        await page.get_by_role("dialog").get_by_label("Alasan").fill("Aman")
        await page.get_by_role("dialog").get_by_role("button", name="Buka kembali").click()
        await expect(page.locator(".strip.alarm")).to_have_count(0)

        await page.locator(".lead-bar .avatar").click()
        await page.get_by_role("menuitemradio", name="English").click()
        await expect(page.get_by_role("table", name="Queues")).to_contain_text("Business licensing")
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{wide} px of the page are out of sight"
        await watch.both_themes()


async def test_a_supervisor_hears_a_call_and_is_heard_only_when_meant(tmp_path: Path) -> None:
    async with desk_centre(tmp_path) as centre:
        desk = await centre.agent()
        await desk.start_shift()
        watch = await lead(centre)
        page = watch.page
        call, identity = await centre.caller()
        await desk.accept()
        await desk.state("Bicara")
        await until_tone(call.heard, AGENT_HZ, within=15)

        await page.goto(f"{centre.url}/pantau/kontak/{identity}")
        await page.get_by_role("complementary").get_by_role("button", name="Dengarkan").click()
        await expect(page.locator(".strip.listening")).to_contain_text("penelepon tidak mendengar Anda")
        await watch.hears(CALLER_HZ)
        await watch.both_themes()
        level = page.get_by_role("meter", name="Tingkat layanan").first
        await expect(level).to_have_attribute("aria-valuetext", re.compile(r"^100%, target \d+%$"))
        await watch.screenshot("pantau-dengar")

        bar = page.locator(".strip.listening")
        await bar.get_by_role("button", name="Bisiki").click()
        await expect(bar).to_contain_text("Anda membisiki")
        # Nobody else makes a sound now: what is heard is the supervisor.
        await desk.page.keyboard.press("Alt+m")
        await call.send_tone(0)
        await until_silent(call.heard, within=10)
        await page.locator("h1").first.focus()
        await page.keyboard.down("Space")
        await expect(bar).to_contain_text("Agen mendengar Anda")
        whispered = read(call.heard).ms
        await desk.hears(AGENT_HZ)
        await page.keyboard.up("Space")
        await expect(bar).to_contain_text("Tahan untuk bicara")
        meanwhile = read(call.heard).since(whispered)
        assert sound_runs(meanwhile.samples, meanwhile.rate) == [], "a whisper is the agent's alone"
        await bar.get_by_role("button", name="Masuk").click()
        await expect(bar).to_contain_text("semua mendengar Anda")
        await until_tone(call.heard, AGENT_HZ, after_ms=whispered, within=15)
        await desk.hears(AGENT_HZ)
        await call.send_tone(CALLER_HZ)
        await desk.page.keyboard.press("Alt+m")
        await bar.get_by_role("button", name="Berhenti").click()
        await expect(bar).to_have_count(0)
        await desk.state("Bicara")

        await page.get_by_role("complementary").get_by_role("button", name="Dengarkan").click()
        await watch.hears(CALLER_HZ)
        await bar.get_by_role("button", name="Ambil alih").click()
        await desk.state("Rangkum")
        await expect(bar).to_contain_text("Panggilan ini sekarang milik Anda.")
        since = read(call.heard).ms
        await until_tone(call.heard, AGENT_HZ, after_ms=since, within=15)
        await bar.get_by_role("button", name="Akhiri panggilan").click()
        await call.ended(within=10)

        await page.get_by_role("button", name=re.compile("^Agen [0-9]")).click()
        agent = page.get_by_role("table", name="Agen").locator("tr", has_text="Adi")
        await agent.get_by_role("button", name="Adi").first.click()
        await page.locator("summary", has_text="Ubah keadaan agen").click()
        await page.get_by_label("Menjadi").select_option("coaching")
        await page.get_by_role("button", name="Terapkan").click()
        await expect(page.locator(".outcome.done")).to_contain_text("Keadaan Adi diubah.")
        await page.get_by_role("button", name="Siarkan catatan").click()
        await page.get_by_label("Catatan", exact=True).fill("OSS pulih pukul 14.00")
        await page.get_by_role("dialog").get_by_role("button", name="Siarkan", exact=True).click()
        await desk.page.get_by_text("OSS pulih pukul 14.00").first.wait_for()


async def test_a_supervisor_sees_a_video_call_unseen(tmp_path: Path) -> None:
    async with (
        desk_centre(tmp_path, video=2) as centre,
        async_playwright() as playwright,
        visitor_browser(playwright, tmp_path) as browser,
    ):
        visitor = await new_visitor(browser)
        await visitor.enter(centre.url)
        agent = await agent_ready(centre)
        await agent.accept()
        await visitor.screen("call")
        watch = await lead(centre)
        page = watch.page
        identity = (await centre.centre.recent())[0].interaction.id
        await page.goto(f"{centre.url}/pantau/kontak/{identity}")
        pane = page.get_by_role("complementary")
        await pane.get_by_role("button", name="Dengarkan").click()
        await expect(pane).to_contain_text("tidak ada yang melihat atau mendengar Anda")
        await grows(page, THEIRS_AT_AGENT)
        await hears(page, VISITOR_HZ)
        await watch.both_themes()
        await expect(agent.page.locator(".room-stage .face")).to_have_count(2)
        await pane.get_by_role("button", name="Berhenti").click()
        await expect(pane.locator(".room-stage")).to_have_count(0)
        await visitor.page.get_by_role("button", name="Akhiri panggilan").click()
        await visitor.screen("done")
