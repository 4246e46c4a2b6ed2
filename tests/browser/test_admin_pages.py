"""An administrator keeps the centre from a browser: changes are checked, attributed, undone, and lost by nobody."""

from __future__ import annotations

import math
import re
import struct
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Page, expect

from tests.browser.desk_fixture import DeskCentre, DeskPage, desk_kept, desk_visiting
from tests.browser.sfu_client import ROOT
from tests.integration.centre_fixture import Place
from tests.waiting import until

WAIT_MS: Final = 20_000
PAGES: Final = {
    "": "Menu suara",
    "pengguna": "Terakhir terlihat",
    "antrean": "Waktu",
    "agen": "Orang dalam kelompok",
    "profil": "Baris 1",
    "keahlian": "Tatap muka",
    "alasan": "ishoma",
    "kategori": "Kontak yang dilayani",
    "naskah": "Pratinjau",
    "jam": "Giliran setiap hari",
    "ucapan": "Diucapkan dari teks",
    "video": "Tidak ada masalah",
}
"""Every page but the menus', and what it shows once it is there."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with desk_kept(tmp_path_factory.mktemp("c")) as place:
        yield place


@pytest.fixture
async def centre(place: Place, tmp_path: Path) -> AsyncIterator[DeskCentre]:
    async with desk_visiting(place, tmp_path) as centre:
        yield centre


async def reach(page: Page, selector: str) -> None:
    """Press Tab until the focus is on it."""
    for _ in range(150):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
    raise AssertionError(f"no Tab reaches {selector}")


async def administer(centre: DeskCentre, at: str = "") -> DeskPage:
    """Return a page of the administration, after signing in by keyboard alone."""
    tab = await centre.tab()
    page = tab.page
    page.set_default_timeout(WAIT_MS)
    await page.goto(f"{centre.url}/masuk?to=/kelola{at}")
    await page.get_by_label("Nama pengguna").wait_for()
    await reach(page, "#name")
    await page.keyboard.type("admin")
    await reach(page, "#password")
    await page.keyboard.type(centre.secret("admin"))
    await page.keyboard.press("Enter")
    await page.locator("nav.side").wait_for()
    return tab


def written(centre: DeskCentre, file: str) -> str:
    """Return what a file of the centre says."""
    return (centre.centre.settings.centre / file).read_text()


async def outcome(page: Page, text: str) -> None:
    """Wait for what came of saving."""
    await expect(page.locator(".save-bar .outcome, .outcome.below")).to_contain_text(text, timeout=WAIT_MS)


async def test_a_queue_is_changed_refused_saved_and_undone_by_keyboard_alone(centre: DeskCentre) -> None:
    before = written(centre, "queues.yaml")
    tab = await administer(centre)
    page = tab.page
    await reach(page, "a[href='/kelola/antrean']")
    await page.keyboard.press("Enter")
    field = page.locator("[data-key='licensing.wrap_up']")
    await expect(field).to_have_value("30")

    await reach(page, "[data-key='licensing.wrap_up']")
    await page.keyboard.type("lama")
    await page.keyboard.press("Control+s")
    await outcome(page, "Belum disimpan: 1 hal belum benar")
    await expect(field).to_be_focused()
    await expect(field).to_have_attribute("aria-invalid", "true")
    problem = await field.get_attribute("aria-describedby")
    assert problem is not None
    await expect(page.locator(f"[id='{problem.split()[-1]}']")).to_contain_text("bukan lama waktu")
    assert await page.locator("[data-key][aria-invalid]").count() == 1
    assert written(centre, "queues.yaml") == before
    await tab.both_themes()
    await tab.screenshot("kelola-antrean-ditolak")

    await page.keyboard.press("Control+a")
    await page.keyboard.type("45")
    await reach(page, ".save-bar input")
    await page.keyboard.type("Rangkum sering kurang")
    await page.keyboard.press("Enter")
    await outcome(page, "Tersimpan sebagai versi 2 dan sudah berlaku.")
    assert written(centre, "queues.yaml") == before.replace("wrap_up: 30 s", "wrap_up: 45 s", 1)

    await reach(page, "[role=tab][aria-selected=true]")
    for _ in ("teks", "riwayat"):
        await page.keyboard.press("ArrowRight")
    newest = page.locator(".versions > li").first
    await expect(newest).to_contain_text("Versi 2")
    await expect(newest).to_contain_text("admin")
    await expect(newest).to_contain_text("Rangkum sering kurang")
    await newest.locator("summary").click()
    await expect(newest.locator("ins")).to_have_text("+  wrap_up: 45 s")
    await tab.both_themes()
    await tab.screenshot("kelola-riwayat")
    await reach(page, ".versions > li:first-child .button")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog").locator("ins")).to_have_text("+  wrap_up: 30 s")
    await reach(page, "dialog footer .button.primary")
    await page.keyboard.press("Enter")
    await outcome(page, "Tersimpan sebagai versi 3")
    assert written(centre, "queues.yaml") == before
    await expect(page.locator(".versions > li").first).to_contain_text("Kembali ke versi 1")


async def test_two_people_change_one_file_and_both_changes_are_kept(centre: DeskCentre) -> None:
    mine, theirs = await administer(centre, "/antrean"), await administer(centre, "/antrean")
    for tab, key, value in (
        (theirs, "lkpm.offer", "25"),
        (mine, "lkpm.offer", "26"),
        (mine, "lkpm.priority", "2"),
    ):
        await tab.page.get_by_role("button", name="Pelaporan LKPM").click()
        await tab.page.locator(f"[data-key='{key}']").fill(value)
    # A draft outlives a reload of the page.
    mine.page.on("dialog", lambda dialog: dialog.accept())
    await mine.page.reload()
    await expect(mine.page.locator(".save-bar")).to_contain_text("2 perubahan belum disimpan")
    await expect(mine.page.locator("[data-key='lkpm.priority']")).to_have_value("2")

    await theirs.page.get_by_role("button", name="Simpan").click()
    await outcome(theirs.page, "Tersimpan")
    await mine.page.locator("[data-key='lkpm.priority']").fill("3")
    await expect(mine.page.locator(".save-bar")).to_contain_text("Orang lain sudah menyimpan berkas ini")
    await mine.page.get_by_role("button", name="Simpan").click()
    meeting = mine.page.get_by_role("dialog")
    await expect(meeting.locator("ins")).to_have_text("+  offer: 25 s")
    await expect(meeting.locator(".mine")).to_contain_text("lkpm.priority 3")
    await mine.both_themes()
    await mine.screenshot("kelola-bentrok")
    await meeting.get_by_role("button", name="Anda: 26 s").click()
    await meeting.get_by_role("button", name="Gabungkan dan simpan").click()
    await outcome(mine.page, "Tersimpan")
    queue = written(centre, "queues.yaml").split("lkpm:")[1].split("\n\n")[0]
    assert "offer: 26 s" in queue
    assert "priority: 3" in queue


async def test_a_prompt_gets_a_recording_and_returns_to_its_text(centre: DeskCentre, tmp_path: Path) -> None:
    tab = await administer(centre, "/ucapan")
    page = tab.page
    await page.get_by_role("searchbox").fill("greeting")
    await page.locator(".entry-list small").get_by_text("greeting", exact=True).click()
    card = page.get_by_role("region", name="Bahasa Indonesia")
    upload = card.get_by_label("Berkas rekaman")
    (tmp_path / "notes.wav").write_bytes(b"no sound at all")
    await upload.set_input_files(tmp_path / "notes.wav")
    await expect(card.locator(".outcome.failed")).to_contain_text("Rekaman tidak bisa dipakai")
    _write_sound(tmp_path / "greeting.wav")
    await upload.set_input_files(tmp_path / "greeting.wav")
    await expect(card.locator(".chip")).to_have_text("Rekaman")
    kept = centre.centre.settings.centre / "prompts" / "id" / "greeting.wav"
    assert kept.is_file()
    await card.get_by_role("button", name="Dengarkan").click()
    await expect(card.get_by_role("button", name="Dengarkan")).to_have_text("Berhenti")
    await card.get_by_role("button", name="Kembali ke teks").click()
    await page.get_by_role("dialog").get_by_role("button", name="Kembali ke teks").click()
    await expect(card.locator(".chip")).to_have_text("Diucapkan dari teks")
    await until(lambda: not kept.exists())


async def test_a_new_user_signs_in_and_is_no_administrator(centre: DeskCentre) -> None:
    tab = await administer(centre, "/pengguna")
    page = tab.page
    await page.get_by_role("button", name="Tambah pengguna").click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label("Nama pengguna").fill("Siti")
    await sheet.get_by_role("button", name="Buat akun").click()
    await expect(sheet.get_by_label("Nama pengguna")).to_have_attribute("aria-invalid", "true")
    await sheet.get_by_label("Nama pengguna").fill("siti")
    await sheet.get_by_label("Nama lengkap").fill("Siti Rahma")
    await sheet.get_by_label("Agen").select_option("ag602")
    await tab.both_themes()
    await tab.screenshot("kelola-pengguna-baru")
    await sheet.get_by_role("button", name="Buat akun").click()
    secret = await sheet.locator(".password").inner_text()
    await sheet.get_by_role("button", name="Sudah saya catat").click()
    await expect(page.get_by_role("table").locator("tr", has_text="Siti Rahma")).to_contain_text("ag602")

    siti = await centre.tab()
    await siti.sign_in("siti", secret, "tiga kata sandi Siti")
    await _change_password(siti.page, "tiga kata sandi Siti", "empat kata sandi baru")
    await siti.page.goto(f"{centre.url}/kelola/antrean")
    await expect(siti.page.get_by_role("heading")).to_have_text("Halaman ini untuk administrator")
    assert await siti.page.locator("nav.side, .save-bar").count() == 0
    asked = "path => fetch(path).then((answer) => answer.status)"
    for path in ("files", "files/queues", "users", "prompts"):
        assert await siti.page.evaluate(asked, f"/api/v1/admin/{path}") == 403, path
    await siti.both_themes()

    await page.get_by_role("button", name="siti").click()
    await page.get_by_role("button", name="Nonaktifkan").click()
    await page.get_by_role("button", name="Nonaktifkan akun").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Akun dinonaktifkan.")
    await siti.page.goto(f"{centre.url}/meja")
    await siti.page.wait_for_url(re.compile("/masuk"))


async def _change_password(page: Page, old: str, new: str) -> None:
    """Change one's own password, with a slip first."""
    await page.get_by_role("button", name="Siti Rahma").click()
    await page.get_by_role("menuitem", name="Ubah kata sandi").click()
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label("Kata sandi sekarang").fill("bukan yang ini")
    await sheet.get_by_label("Kata sandi baru", exact=True).fill(new)
    await sheet.get_by_label("Ulangi kata sandi baru").fill(new)
    await page.keyboard.press("Enter")
    await expect(sheet.get_by_role("alert")).to_contain_text("Kata sandi sekarang tidak cocok")
    await sheet.get_by_label("Kata sandi sekarang").fill(old)
    await sheet.get_by_role("button", name="Ubah kata sandi").click()
    await expect(sheet.get_by_role("status")).to_contain_text("Kata sandi sudah diubah")
    await sheet.get_by_role("button", name="Tutup").last.click()
    await expect(sheet).to_have_count(0)


async def test_every_page_is_accessible_and_looks_as_it_should(centre: DeskCentre) -> None:
    tab = await administer(centre)
    page = tab.page
    for name, shows in PAGES.items():
        await page.goto(f"{centre.url}/kelola/{name}".rstrip("/"))
        await page.locator("main").get_by_text(shows).first.wait_for()
        await _look(tab, f"kelola-{name or 'perubahan'}")

    await page.goto(f"{centre.url}/kelola/naskah")
    await page.get_by_label("Naskah", exact=True).select_option("scripts/lkpm.id")
    editor = page.locator("[data-editor]")
    script = "# LKPM\n\nTanyakan **NIB** lebih dulu.\n"
    await editor.fill(script)
    await expect(page.locator(".beside strong")).to_have_text("NIB")
    await page.keyboard.press("Control+s")
    await outcome(page, "Tersimpan")
    assert written(centre, "scripts/lkpm.id.md") == script

    await page.goto(f"{centre.url}/kelola/menu")
    text = (ROOT / "config" / "centre" / "ivr" / "main.yaml").read_text()
    await editor.fill(text.replace("queue: general}", "queue: umum}"))
    await page.locator(".problems button").first.click()
    line = await editor.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)")
    assert "queue: umum" in line
    await editor.fill(text)
    await expect(page.locator(".problems")).to_have_count(0, timeout=WAIT_MS)
    await expect(page.get_by_role("img", name="Menu main")).to_have_attribute("src", re.compile("lkpm_wait"))
    await _look(tab, "kelola-menu")

    # Another language and half as much room again: nothing runs out of the page.
    await page.locator(".lead-bar .avatar").click()
    await page.get_by_role("menuitemradio", name="English").click()
    await page.get_by_role("button", name="Discard").click()
    for name in PAGES:
        await page.locator(f"nav.side a[href='{f'/kelola/{name}'.rstrip('/')}']").click()
        wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{wide} px of {name or 'the first page'} are out of sight"

    await page.context.set_offline(True)
    await page.locator("nav.side a[href='/kelola/menu']").click()
    await page.get_by_role("tab", name="History").click()
    await expect(page.locator(".outcome.failed")).to_contain_text(
        "The server does not answer", timeout=WAIT_MS
    )
    await tab.axe()
    await page.context.set_offline(False)


async def _look(tab: DeskPage, name: str) -> None:
    await tab.both_themes()
    await tab.screenshot(name)
    await tab.page.set_viewport_size({"width": 820, "height": 1180})
    await tab.screenshot(f"{name}-tablet")
    wide = await tab.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{wide} px of {name} are out of sight on a tablet"
    await tab.page.set_viewport_size({"width": 1366, "height": 768})


def _write_sound(path: Path) -> None:
    rate = 16_000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        tone = (round(9_000 * math.sin(2 * math.pi * 440 * n / rate)) for n in range(rate * 3))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in tone))
