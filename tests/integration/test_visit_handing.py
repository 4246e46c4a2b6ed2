"""Files handed over in a visit, over HTTP, between a visitor and an agent at a real forwarding unit."""

from __future__ import annotations

import asyncio
import io
import socket
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import quote

from acd.events import WrapUpDone
from acd.model import Phase
from store.database import Database, parse
from store.visit_files import SqlFiles
from tests.integration.visit_fixture import Hall, Page, visit_hall
from tests.integration.web_fixture import MARK, Browser
from tests.waiting import until

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 4_000
PNG = b"\x89PNG\r\n\x1a\n" + b"p" * 5_000
AGENT = "ag501"


async def test_files_go_both_ways_and_to_nobody_else(tmp_path: Path) -> None:
    async with visit_hall(tmp_path) as hall, AsyncExitStack() as stack:
        sari, other = [await stack.enter_async_context(hall.browser()) for _ in range(2)]
        agent, stranger, quality = [
            await stack.enter_async_context(hall.browser(name)) for name in ("video", "agen", "mutu")
        ]
        id_, token = await hall.comes(sari)
        visit, room = f"/public/video/visits/{id_}", f"/interactions/{id_}/room"
        page = await stack.enter_async_context(hall.page(sari, f"{visit}/page?token={token}"))
        await until(lambda: page.last("rules"), within=20)
        assert page.last("rules") == {
            "type": "rules",
            "largest": 10 * 1024 * 1024,
            "most": 20,
            "kinds": ["application/pdf", "image/jpeg", "image/png", "image/webp"],
        }
        await hall.ready(AGENT)
        assert await hall.accepted(id_) == AGENT
        desk = await stack.enter_async_context(hall.page(agent, room))
        await page.connect()
        await desk.connect()
        await until(lambda: hall.phase(id_) is Phase.TALKING, within=20)

        # The visitor gives; both see it at once, and the agent saves it.
        name = quote("<b>NIB</b> \u202ecod.exe")
        status, line = await sari.ask("POST", f"{visit}/files?token={token}&name={name}", PDF)
        assert status == 200, line
        assert line["file"]["name"] == "b_ cod.exe.pdf"
        assert line["file"]["size"] == len(PDF)
        await _shows(line, page, desk)
        given = line["file"]["id"]
        status, body, headers = await agent.exchange("GET", f"{room}/files/{given}")
        assert (status, body == PDF) == (200, True)
        assert headers["Content-Type"] == "application/pdf"
        assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''b_%20cod.exe.pdf"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"

        # The agent gives; the visitor saves it.
        status, answer = await agent.ask("POST", f"{room}/files?name=langkah.png", PNG, headers=_ours(hall))
        assert status == 200, answer
        await _shows(answer, page, desk)
        taken = f"{visit}/files/{answer['file']['id']}"
        assert await sari.ask("GET", f"{taken}?token={token}") == (200, PNG)

        await _nobody_else(hall, sari, other, stranger, quality, id_, given, token)
        await _refusals(hall, sari, agent, visit, room, token)

        # Over: nothing more is taken; who had the contact can still read it.
        await page.said(type="leave")
        await until(lambda: page.socket.closed, within=20)
        status, answer = await sari.ask("POST", f"{visit}/files?token={token}&name=a", PDF)
        assert (status, answer["error"]["code"]) == (410, "over")
        await hall.engine.submit(WrapUpDone(id_))
        assert (await agent.ask("GET", f"{room}/files/{given}"))[0] == 200
        assert (await stranger.ask("GET", f"{room}/files/{given}"))[0] == 403
        kept = await agent.get(f"{room}/files")
        assert [(one["sender"], one["file"]["name"]) for one in kept[:2]] == [
            ("visitor", "b_ cod.exe.pdf"),
            (AGENT, "langkah.png"),
        ]
        assert len(kept) == 20
        assert (await stranger.ask("GET", f"{room}/files"))[0] == 403
        acts = [(act.action, act.user, act.detail) for act in await hall.acts() if act.target == id_]
        assert ("visit-file-take", "video", given) in acts
        assert ("visit-file-give", "video", "") in acts


async def _nobody_else(
    hall: Hall,
    sari: Browser,
    other: Browser,
    stranger: Browser,
    quality: Browser,
    id_: str,
    given: str,
    token: str,
) -> None:
    second, theirs = await hall.comes(other, name="Orang lain")
    mine = f"/public/video/visits/{id_}/files"
    for browser, path, wanted in (
        (other, f"{mine}/{given}?token={theirs}", 404),
        (other, f"/public/video/visits/{second}/files/{given}?token={theirs}", 404),
        (sari, f"{mine}/{given}?token={token[:-1]}x", 404),
        (sari, f"{mine}/{given}", 404),
        (sari, f"{mine}/..%2f..%2fsambung.sqlite?token={token}", 404),
        (stranger, f"/interactions/{id_}/room/files/{given}", 403),
        (quality, f"/interactions/{id_}/room/files/{given}", 403),
        (other, f"/interactions/{id_}/room/files/{given}", 401),
        (stranger, f"/interactions/{second}/room/files/{given}", 403),
    ):
        assert (await browser.ask("GET", path))[0] == wanted, path
    assert (await stranger.ask("POST", f"/interactions/{id_}/room/files?name=a", PDF, headers=_ours(hall)))[
        0
    ] == 403
    assert (await other.ask("POST", f"{mine}?token={theirs}&name=a", PDF))[0] == 404


async def _refusals(hall: Hall, sari: Browser, agent: Browser, visit: str, room: str, token: str) -> None:
    path = f"{visit}/files?token={token}&name=NIB.pdf"
    big = PDF + bytes(10 * 1024 * 1024)
    for body, status, code in (
        (b"MZ\x90\0" + bytes(5_000), 415, "file_kind"),
        (b"<html><script>alert(1)</script>", 415, "file_kind"),
        (b"", 422, "file_empty"),
    ):
        answered, answer = await sari.ask("POST", path, body)
        assert (answered, answer["error"]["code"]) == (status, code)
    async with sari.session.post(sari.api + path, data=io.BytesIO(big)) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (413, "file_large")
    status, answer = await sari.ask("POST", path, PDF, headers={"Origin": "https://elsewhere.example"})
    assert (status, answer["error"]["code"]) == (403, "forged")
    # A form of another site cannot send for the agent.
    for headers in ({}, {"Origin": hall.base}, {**MARK, "Origin": "https://elsewhere.example"}):
        assert (await agent.ask("POST", f"{room}/files?name=a", PDF, headers=headers))[0] == 403
    before = _files(hall)
    database = Database(parse(hall.settings.database))

    async def nothing_half_done() -> bool:
        return _files(hall) == before and not await SqlFiles(database).unfinished()

    for reset in (True, False):
        await _torn(hall, path, reset=reset)
        await until(nothing_half_done, within=20)
    await database.close()
    # Without a length, and too long all the same.
    status, answer = await _in_pieces(hall, sari, path, big)
    assert (status, answer["error"]["code"]) == (413, "file_large")
    assert _files(hall) == before
    statuses = [(await sari.ask("POST", path, PNG))[0] for _ in range(20)]
    assert statuses == [200] * 18 + [409] * 2


async def _torn(hall: Hall, path: str, *, reset: bool) -> None:
    """Send half a file and hang up."""
    host, port = hall.settings.web.host, hall.settings.web.port
    _, writer = await asyncio.open_connection(host, port)
    head = f"POST /api/v1{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 200000\r\n\r\n"
    before = len(_files(hall))
    writer.write(head.encode() + PDF[:100_000])
    await writer.drain()
    await until(lambda: len(_files(hall)) == before + 1, within=20)
    if reset:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    writer.close()


async def _in_pieces(
    hall: Hall, sari: Browser, path: str, whole: bytes
) -> tuple[int, dict[str, dict[str, str]]]:
    async def pieces() -> object:
        for at in range(0, len(whole), 1 << 18):
            yield whole[at : at + (1 << 18)]

    async with sari.session.post(sari.api + path, data=pieces()) as response:
        return response.status, await response.json()


def _files(hall: Hall) -> list[Path]:
    return sorted(path for path in hall.settings.recordings.rglob("*") if path.is_file())


async def _shows(line: dict[str, object], *pages: Page) -> None:
    await until(lambda: all(line in page.lines() for page in pages), within=20)


def _ours(hall: Hall) -> dict[str, str]:
    return {**MARK, "Origin": hall.base}
