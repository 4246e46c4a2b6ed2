"""Visitors who come by the signed link of an appointment: the real line, store, server and forwarding unit."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

from acd.model import Phase
from core.ids import InteractionId
from tests.integration.visit_fixture import VISITOR, Hall, visit_hall
from tests.integration.web_fixture import MARK, Browser
from tests.waiting import until
from video.appointment import Appointment, AppointmentId
from video.visits import REPLACED

AGENT: Final = "ag501"
MINUTE: Final = 60_000
NOTE: Final = "NIB 9120 belum terbit"


async def agree(browser: Browser, minutes: float, **more: object) -> dict[str, Any]:
    """Agree that somebody comes so many minutes from now."""
    begins = int(time.time() * 1_000 + minutes * MINUTE)
    body = {"topic": "kbli", "begins_at": begins, "name": "Sari", "note": NOTE, **more}
    made: dict[str, Any] = await browser.post("/appointments", body)
    return made


def token(agreed: dict[str, Any]) -> str:
    address, _, token = agreed["link"].partition("/panggilanvideo?janji=")
    assert address.startswith("http")
    assert len(token) == 44
    assert not {"Sari", "kbli", agreed["id"]} & {token}
    return str(token)


async def shown(browser: Browser, token: str) -> tuple[int, Any]:
    return await browser.ask("POST", "/public/video/appointment", {"token": token})


async def asks(browser: Browser, token: str) -> tuple[int, Any]:
    return await browser.ask("POST", "/public/video/visits", {**VISITOR, "topic": "", "appointment": token})


async def refused(browser: Browser, token: str, status: int, code: str) -> None:
    answer = await asks(browser, token)
    assert (answer[0], answer[1]["error"]["code"]) == (status, code)


async def test_who_has_an_appointment_goes_ahead_comes_back_and_uses_it_up(tmp_path: Path) -> None:
    async with visit_hall(tmp_path) as hall, AsyncExitStack() as stack:
        sari, other = [await stack.enter_async_context(hall.browser()) for _ in range(2)]
        agent, leader = [
            await stack.enter_async_context(hall.browser(name)) for name in ("video", "penyelia")
        ]
        agreed = await agree(agent, 5)
        assert (agreed["validity"], agreed["made_by"], agreed["language"]) == ("open", "video", "id")
        link = token(agreed)
        status, seen = await shown(sari, link)
        assert (status, seen["validity"], seen["name"], seen["topic"]) == (200, "open", "Sari", "kbli")
        assert NOTE not in str(seen)

        # Somebody waits longer, and is behind all the same.
        first, first_token = await hall.comes(other)
        theirs = await stack.enter_async_context(
            hall.page(other, f"/public/video/visits/{first}/page?token={first_token}")
        )
        await until(lambda: position(theirs) == 1, within=20)
        both = await asyncio.gather(asks(sari, link), asks(other, link))
        assert [status for status, _ in both] == [200, 200]
        # Two pages with one link at the same moment: one visit.
        assert both[0][1] == both[1][1]
        id_, way = InteractionId(both[0][1]["id"]), f"token={both[0][1]['token']}"
        page = f"/public/video/visits/{id_}/page?{way}"
        mine = await stack.enter_async_context(hall.page(sari, page))
        await until(lambda: position(mine) == 1, within=20)
        await until(lambda: position(theirs) == 2, within=20)
        assert (await shown(sari, link))[1]["validity"] == "running"

        # The same link on another device goes on with the same visit, and the page before is told.
        again = await stack.enter_async_context(hall.page(other, page))
        await until(lambda: mine.socket.close_code == REPLACED, within=20)

        # The desk sees why, and the agent what was noted.
        contact = next(c for c in await leader.get("/contacts") if c["id"] == id_)
        assert (contact["appointment_at"], contact["priority"]) == (agreed["begins_at"], 20)
        await cannot_cancel(agent, agreed["id"])
        await hall.ready(AGENT)
        assert await hall.accepted(id_) == AGENT, "the one with the appointment is offered first"
        assert (await agent.get(f"/interactions/{id_}/appointment"))["note"] == NOTE
        desk = await stack.enter_async_context(hall.page(agent, f"/interactions/{id_}/room"))
        await again.connect()
        await desk.connect()
        await until(lambda: hall.phase(id_) is Phase.TALKING, within=20)

        # Over: used up, and the link says no more who it was for.
        await again.said(type="leave")
        await until(lambda: hall.phase(id_) in (None, Phase.WRAPPING), within=20)
        await refused(sari, link, 410, "appointment_used")
        status, seen = await shown(sari, link)
        assert (status, seen["validity"], seen["name"], seen["topic"]) == (200, "used", "", "")
        await cannot_cancel(agent, agreed["id"])


async def test_a_link_that_does_not_let_anybody_in_says_why(tmp_path: Path) -> None:
    async with visit_hall(tmp_path) as hall, AsyncExitStack() as stack:
        sari = await stack.enter_async_context(hall.browser())
        agent, colleague, leader = [
            await stack.enter_async_context(hall.browser(name)) for name in ("video", "agen", "penyelia")
        ]
        early = await agree(agent, 120)
        status, seen = await shown(sari, token(early))
        assert (status, seen["validity"], seen["name"]) == (200, "early", "Sari")
        assert seen["opens_at"] == seen["begins_at"] - 10 * MINUTE
        await refused(sari, token(early), 409, "appointment_early")

        await forged(sari, token(early))
        await late(hall, sari)
        await cancelled(sari, agent, colleague, leader)
        await cut_off(hall, sari, agent)
        await wrong_wishes(agent)
        await made_once(hall, agent, leader)


async def forged(sari: Browser, link: str) -> None:
    changed = ("B" if link[-1] == "A" else "A").join((link[:-1], ""))
    for wrong in (changed, link[:-1], link.lower(), "", link + "x"):
        if wrong:
            await refused(sari, wrong, 404, "unknown")
        status, answer = await shown(sari, wrong)
        assert (status, answer["error"]["code"]) == (404, "unknown")


async def late(hall: Hall, sari: Browser) -> None:
    over = AppointmentId("e" * 32)
    now = int(time.time() * 1_000)
    await hall.web.appointments.add(
        Appointment(over, "kbli", "id", now - 9, now - 5, now - 9, now - 1, now - 10, "video", "Sari")
    )
    link = hall.desk.outside.appointments.link(over).rpartition("=")[2]
    await refused(sari, link, 410, "appointment_late")
    assert (await shown(sari, link))[1]["name"] == ""


async def cancelled(sari: Browser, agent: Browser, colleague: Browser, leader: Browser) -> None:
    agreed = await agree(agent, 5)
    cancel = f"/appointments/{agreed['id']}/cancel"
    assert (await colleague.ask("POST", cancel, {}))[0] == 404
    assert agreed["id"] not in [each["id"] for each in await colleague.get("/appointments")]
    assert agreed["id"] in [each["id"] for each in await leader.get("/appointments")]
    assert (await agent.ask("POST", cancel, {}))[0] == 200
    assert (await agent.ask("POST", cancel, {}))[0] == 200, "twice is harmless"
    await refused(sari, token(agreed), 410, "appointment_cancelled")
    listed = next(each for each in await agent.get("/appointments") if each["id"] == agreed["id"])
    assert (listed["validity"], listed["cancelled_by"]) == ("cancelled", "video")


async def cut_off(hall: Hall, sari: Browser, agent: Browser) -> None:
    """Whoever was cut off before anybody answered may come again."""
    agreed = await agree(agent, 5)
    _, made = await asks(sari, token(agreed))
    async with hall.page(sari, f"/public/video/visits/{made['id']}/page?token={made['token']}") as page:
        await page.said(type="leave")
        await until(lambda: hall.phase(InteractionId(made["id"])) is None, within=20)
    status, anew = await asks(sari, token(agreed))
    assert status == 200
    assert anew["id"] != made["id"]


async def wrong_wishes(agent: Browser) -> None:
    now = int(time.time() * 1_000)
    for wrong, key in (
        ({"topic": "none"}, "topic"),
        ({"language": "xx"}, "language"),
        ({"begins_at": now - 86_400_000}, "begins_at"),
        ({"length_ms": 1}, "length_ms"),
        ({"nonsense": 1}, "nonsense"),
        ({"name": "x" * 81}, "name"),
    ):
        status, answer = await agent.ask(
            "POST", "/appointments", {"topic": "kbli", "begins_at": now, **wrong}
        )
        assert (status, answer["error"]["code"], answer["error"]["key"]) == (422, "invalid", key)


async def made_once(hall: Hall, agent: Browser, leader: Browser) -> None:
    body = {"topic": "kbli", "begins_at": int(time.time() * 1_000)}
    headers = {**MARK, "Idempotency-Key": "agreed-by-telephone"}
    first, second = [await agent.ask("POST", "/appointments", body, headers=headers) for _ in range(2)]
    assert first == second
    assert first[0] == 200
    listed = [each["id"] for each in await leader.get("/appointments")]
    assert listed.count(first[1]["id"]) == 1
    acts = [(act.action, act.status, act.user) for act in await hall.acts()]
    assert ("appointment-make", 200, "video") in acts
    assert ("appointment-cancel", 404, "agen") in acts
    assert not any("Sari" in str(act) for act in await hall.acts())


def position(page: Any) -> int | None:
    state = page.last("state")
    return None if state is None else state["position"]


async def cannot_cancel(agent: Browser, id_: str) -> None:
    status, answer = await agent.ask("POST", f"/appointments/{id_}/cancel", {})
    assert (status, answer["error"]["code"]) == (409, "conflict")
