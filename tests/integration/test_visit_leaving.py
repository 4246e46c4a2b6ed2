"""From one channel to the other at the same place: a visitor who is called back, a caller who comes by video."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

from acd.model import Channel, Kind, Phase
from sambung.handover import Handovers
from tests.integration.visit_fixture import VISITOR, Hall, visit_hall
from tests.integration.web_fixture import Browser
from tests.waiting import until
from video.visit_commands import callback_id

AGENT = "ag501"


async def test_a_visitor_is_called_back_once_on_a_number_that_may_be_called(tmp_path: Path) -> None:
    async with visit_hall(tmp_path) as hall, AsyncExitStack() as stack:
        sari, other = [await stack.enter_async_context(hall.browser()) for _ in range(2)]
        assert (await sari.get("/public/video"))["calls_back"] is True
        id_, token = await hall.comes(sari)
        came = hall.engine.state.interaction(id_)
        assert came is not None
        path = f"/public/video/visits/{id_}/callback?token={token}"
        page = await stack.enter_async_context(
            hall.page(sari, f"/public/video/visits/{id_}/page?token={token}")
        )
        for number, code in (
            ("0812", "number_malformed"),
            ("nol delapan satu dua", "number_malformed"),
            ("169", "number_own"),
            ("+1 202 456 1111", "number_foreign"),
            ("0809 123 4567", "number_premium"),
            ("9" * 33, "invalid"),
        ):
            assert await _refused(sari, path, number) == (422, code)
        assert await _refused(other, f"/public/video/visits/{id_}/callback?token=x", "08123456789") == (
            404,
            "unknown",
        )
        status, _ = await sari.ask(
            "POST", path, {"number": "08123456789"}, headers={"Origin": "https://x.example"}
        )
        assert status == 403
        assert hall.phase(id_) is Phase.WAITING, "nothing of that cost the place"

        kept = {"number": "+628123456789"}
        assert await sari.ask("POST", path, {"number": "0812-3456-789"}) == (200, kept)
        await until(lambda: page.socket.closed, within=20)
        assert page.stage() == "over"
        promised = hall.engine.state.interaction(callback_id(id_))
        assert promised is not None
        assert (promised.kind, promised.channel, promised.parent) == (Kind.CALLBACK, Channel.VOICE, id_)
        assert (promised.arrived_at, promised.score) == (came.arrived_at, came.score)
        assert await sari.ask("POST", path, {"number": "0811111111"}) == (200, kept), (
            "an answer that was lost"
        )
        assert (await sari.get(f"/public/video/visits/{id_}?token={token}"))["live"] is False

        second, theirs = await hall.comes(other)
        again = f"/public/video/visits/{second}/callback?token={theirs}"
        assert await _refused(other, again, "+62 812 3456 789") == (422, "number_twice")
        await hall.ready(AGENT)
        await hall.accepted(second)
        assert await _refused(other, again, "0811 1111 111") == (409, "conflict")
        assert hall.engine.state.interaction(callback_id(second)) is None
        await _closed_as(hall, id_, "callback")


async def test_a_caller_takes_the_place_along_to_a_visit_with_a_code_that_works_once(tmp_path: Path) -> None:
    async with visit_hall(tmp_path) as hall, AsyncExitStack() as stack:
        sari, other, third = [await stack.enter_async_context(hall.browser()) for _ in range(3)]
        called = await hall.arrive("technical")
        call = hall.engine.state.interaction(called)
        assert call is not None
        earlier, _ = await hall.comes(other, topic="change_data")
        issued = Handovers(hall.engine, hall.secrets.agents, hall.desk.clock).issue(called)
        assert issued is not None
        spaced = f"{issued.code[:4]} {issued.code[4:]}"
        assert await sari.ask("POST", "/public/video/code", {"code": spaced}) == (200, {"queue": "technical"})
        assert hall.phase(called) is Phase.WAITING, "looking a code up uses nothing up"

        id_, token = await hall.comes(sari, topic="", code=spaced)
        visit = hall.engine.state.interaction(id_)
        assert visit is not None
        assert (visit.queue, visit.score, visit.language) == ("technical", call.score, "id")
        assert hall.phase(called) is None
        await _closed_as(hall, called, "handed_over")
        page = await stack.enter_async_context(
            hall.page(sari, f"/public/video/visits/{id_}/page?token={token}")
        )
        await until(lambda: page.last("state"), within=20)
        state = page.last("state")
        assert state is not None
        assert state["position"] == 1, "before who came by video later than the call"
        assert hall.engine.state.position(earlier) == 2

        # Used, wrong, and no code at all: said so, and nobody is stood in line.
        live = {contact.id for contact in hall.engine.state.live()}
        for code in (issued.code, "00000000", "x"):
            status, answer = await third.ask(
                "POST", "/public/video/visits", {**VISITOR, "topic": "", "code": code}
            )
            assert (status, answer["error"]["code"]) == (410, "code")
        for _ in range(2):
            assert (await third.ask("POST", "/public/video/code", {"code": "12345678"}))[0] == 410
        status, answer = await third.ask("POST", "/public/video/code", {"code": "12345678"})
        assert (status, answer["error"]["code"]) == (429, "codes")
        assert (await third.ask("POST", "/public/video/visits", {**VISITOR, "topic": ""}))[0] == 422
        assert {contact.id for contact in hall.engine.state.live()} == live


async def _refused(browser: Browser, path: str, number: str) -> tuple[int, str]:
    status, answer = await browser.ask("POST", path, {"number": number})
    return status, answer["error"]["code"]


async def _closed_as(hall: Hall, id_: str, outcome: str) -> None:
    async with hall.browser("penyelia") as supervisor:
        written = await supervisor.get(f"/interactions/{id_}")
    assert written["interaction"]["outcome"] == outcome
