"""Every public request of a visit, by all who have no part in it. Who may is written here, not read from the code."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from acd.model import Phase
from core.ids import InteractionId, new_interaction_id
from desk.visit_http import PUBLIC
from tests.integration.visit_fixture import Hall, visit_hall
from tests.integration.web_fixture import Browser
from tests.waiting import until

ANYBODY: Final = {
    ("GET", PUBLIC),
    ("POST", f"{PUBLIC}/visits"),
    ("POST", f"{PUBLIC}/code"),
    ("POST", f"{PUBLIC}/appointment"),
}
"""Before there is a visit."""

VISITORS: Final = {
    ("GET", f"{PUBLIC}/visits/{{id}}"): 200,
    ("POST", f"{PUBLIC}/visits/{{id}}/rating"): 422,
    ("GET", f"{PUBLIC}/visits/{{id}}/page"): 426,
    ("POST", f"{PUBLIC}/visits/{{id}}/callback"): 422,
    ("POST", f"{PUBLIC}/visits/{{id}}/files"): 415,
    ("GET", f"{PUBLIC}/visits/{{id}}/files/{{file}}"): 404,
}
"""Of the visitor alone, and what the visitor is answered to nonsense."""

FILE: Final = "0" * 32
NONSENSE: Final = {"nonsense": [1]}


async def test_a_visitors_token_opens_that_visit_and_no_other(tmp_path: Path) -> None:
    async with visit_hall(tmp_path) as hall, hall.browser() as sari, hall.browser() as other:
        assert _served(hall) == {*ANYBODY, *VISITORS}, "a new public request needs its place in this table"
        mine, token = await hall.comes(sari)
        theirs, foreign = await hall.comes(other, name="Orang lain")
        assert token != foreign
        wrong = {
            "another visit's": foreign,
            "none": "",
            "a part of it": token[:-1],
            "another case": token.upper() if token.upper() != token else token[::-1],
            "the id": mine,
        }
        for (method, path), own in VISITORS.items():
            answer = await _ask(sari, method, path, mine, token)
            assert answer[0] == own, (path, answer)
            unknown = await _ask(sari, method, path, new_interaction_id(), token)
            assert unknown[0] == 404, (path, unknown)
            for how, one in wrong.items():
                for header in (False, True):
                    got = await _ask(other, method, path, mine, one, header=header)
                    assert got == unknown, (path, how, "a wrong token and no such visit look alike")
            assert (await _ask(other, method, path, theirs, token))[0] == 404, path

        for method, path in VISITORS:
            if method == "POST" or path.endswith("/page"):
                evil = {"Origin": "https://evil.example"}
                status, _ = await _ask(sari, method, path, mine, token, more=evil)
                assert status == 403, path
        await _signed_in_people_are_no_visitors(hall, mine, token)
        await _what_a_page_forges_moves_nothing(hall, sari, other, (mine, token), (theirs, foreign))


async def _what_a_page_forges_moves_nothing(
    hall: Hall, sari: Browser, other: Browser, mine: tuple[str, str], theirs: tuple[str, str]
) -> None:
    """A page says what only the server says, in another's name, and all of it twice."""
    async with (
        hall.page(other, "/public/video/visits/{}/page?token={}".format(*theirs)) as victim,
        hall.page(sari, "/public/video/visits/{}/page?token={}".format(*mine)) as page,
    ):
        await until(lambda: victim.stage() and page.stage())
        before = len(victim.heard)
        chat = {"type": "say", "key": "k1", "text": "Halo", "interaction": theirs[0], "sender": "agent"}
        forged: tuple[dict[str, Any], ...] = (
            {"type": "state", "stage": "call", "id": theirs[0]},
            {"type": "invited", "id": theirs[0]},
            {"type": "answer", "sdp": "v=0"},
            {"type": "chat", "lines": [{"id": 1, "sender": "agent", "text": "Palsu"}]},
            chat,
            chat,
        )
        for message in forged:
            if not page.socket.closed:
                await page.said(**message)
        await hall.engine.submit()
        assert {hall.phase(InteractionId(one[0])) for one in (mine, theirs)} == {Phase.WAITING}
        assert [kind["type"] for kind in victim.heard[before:] if kind["type"] in ("chat", "invited")] == []


async def _signed_in_people_are_no_visitors(hall: Hall, mine: str, token: str) -> None:
    """A visitor's token is none of an agent's; an agent's session is none of a visitor's."""
    async with hall.browser() as nobody, hall.browser("agen") as agent, hall.browser("penyelia") as leader:
        for path in ("", f"/files/{FILE}"):
            status, _ = await nobody.ask("GET", f"/interactions/{mine}/room{path}?token={token}")
            assert status == 401, path
        for browser in (agent, leader):
            assert (await browser.ask("GET", f"/public/video/visits/{mine}"))[0] == 404
        for user, origin, wanted in (
            ("admin", hall.base, 403),
            ("mutu", hall.base, 403),
            ("agen", "https://evil.example", 403),
            ("penyelia", "null", 403),
        ):
            async with hall.browser(user) as somebody:
                path = f"/interactions/{mine}/room"
                status, _ = await somebody.ask("GET", path, headers={"Origin": origin})
                assert status == wanted, (user, origin)
        async with hall.page(agent, f"/interactions/{mine}/room") as page:
            await until(lambda: page.socket.closed)
            assert page.socket.close_code in (4403, 4410), "the call is not this agent's"


def _served(hall: Hall) -> set[tuple[str, str]]:
    app = hall.web.application(hall.desk, hall.video.routes)
    return {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None
        and route.method != "HEAD"
        and route.resource.canonical.startswith(PUBLIC)
    }


async def _ask(
    browser: Browser,
    method: str,
    path: str,
    id_: str,
    token: str,
    *,
    header: bool = False,
    more: dict[str, str] | None = None,
) -> tuple[int, Any]:
    headers = {**(more or {}), **({"Sambung-Visit": token} if header else {})}
    query = "" if header else f"?token={token}"
    where = path.format(id=id_, file=FILE).removeprefix("/api/v1")
    return await browser.ask(method, where + query, NONSENSE if method == "POST" else None, headers=headers)
