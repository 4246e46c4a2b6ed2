"""Signing in, out and being put out, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
import pytest_asyncio

from desk.passwords import new_secret
from tests.integration.web_fixture import MARK, Browser, RunningWeb, running_web, settings_for


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[RunningWeb]:
    async with running_web(tmp_path) as running:
        yield running


async def sign_in(browser: Browser, name: str, password: str, code: str = "") -> tuple[int, str]:
    status, answer = await browser.ask("POST", "/session", {"name": name, "password": password, "code": code})
    return status, "" if status == 200 else answer["error"]["code"]


async def test_an_agent_signs_in_and_sees_what_is_hers(web: RunningWeb) -> None:
    async with web.browser("agen") as agent:
        me = await agent.get("/session")
        assert (me["user"], me["role"], me["agent"]) == ("agen", "agent", "ag101")
        live = await agent.get("/live")
        assert live["me"]["id"] == "ag101"
        assert live["agents"] == []
        assert {queue["id"] for queue in live["queues"]} == set(web.centre.queues)


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(web: RunningWeb, tmp_path: Path) -> None:
    async with web.browser() as browser:
        body = {"name": "agen", "password": web.password("agen")}
        _, _, headers = await browser.exchange("POST", "/session", body)
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(headers["Set-Cookie"].split("; "))
        assert "Secure" not in headers["Set-Cookie"]
    settings = settings_for(tmp_path / "tls", public_url="https://desk.example.go.id")
    (tmp_path / "tls").mkdir()
    async with running_web(tmp_path / "tls", settings) as behind, behind.browser() as browser:
        browser.api = f"http://127.0.0.1:{settings.web.port}/api/v1"
        body = {"name": "agen", "password": behind.password("agen")}
        _, _, headers = await browser.exchange("POST", "/session", body)
        assert "Secure" in headers["Set-Cookie"]


async def test_a_wrong_name_and_a_wrong_password_look_alike(web: RunningWeb) -> None:
    async with web.browser() as browser:
        answers = [
            await browser.ask("POST", "/session", {"name": name, "password": "wrong"})
            for name in ("agen", "nobody", "agen' or 1=1 --", "\u202eagen")
        ]
        assert {str(answer) for answer in answers} == {str(answers[0])}
        assert answers[0][0] == 401


async def test_whoever_keeps_being_wrong_has_to_wait_and_the_right_password_too(web: RunningWeb) -> None:
    async with web.browser() as browser:
        tries = await asyncio.gather(*(sign_in(browser, "agen", "wrong") for _ in range(30)))
        assert tries.count((401, "wrong_password")) == 8
        assert tries.count((429, "later")) == 22
        status, _, headers = await browser.exchange(
            "POST", "/session", {"name": "agen", "password": web.password("agen")}
        )
        assert status == 429
        assert 800 < int(headers["Retry-After"]) <= 900
        assert await sign_in(browser, "agen2", web.password("agen2")) == (200, "")


async def test_a_code_is_asked_for_and_taken_once(web: RunningWeb) -> None:
    secret = new_secret()
    await web.web.accounts.change("agen", {"totp": secret})
    password, now = web.password("agen"), web.desk.clock.now_ms() // 1000
    code = pyotp.TOTP(secret).at(now)
    async with web.browser() as browser:
        assert await sign_in(browser, "agen", password) == (401, "code_needed")
        assert await sign_in(browser, "agen", password, "000000" if code != "000000" else "1") == (
            401,
            "wrong_code",
        )
        assert await sign_in(browser, "agen", password, "٣" * 6) == (401, "wrong_code")
        both = await asyncio.gather(*(sign_in(browser, "agen", password, code) for _ in range(4)))
        assert both.count((200, "")) == 1
        assert both.count((401, "wrong_code")) == 3


async def test_a_disabled_account_and_an_ended_session_let_nobody_in(web: RunningWeb) -> None:
    async with web.browser("admin") as admin, web.browser("agen") as agent:
        await admin.ask("PATCH", "/users/agen", {"disabled": True})
        assert (await agent.ask("GET", "/session"))[0] == 401
        assert await sign_in(agent, "agen", web.password("agen")) == (401, "wrong_password")
        status, answer = await admin.ask("PATCH", "/users/admin", {"disabled": True})
        assert (status, answer["error"]["code"]) == (409, "conflict")


async def test_a_session_that_is_revoked_loses_its_stream_at_once(web: RunningWeb) -> None:
    async with web.browser("agen") as desk, web.browser("agen") as phone:
        async with desk.stream() as screen:
            await screen.frame()
            sessions = await phone.get("/sessions")
            assert [session["here"] for session in sessions].count(True) == 1
            other = next(session for session in sessions if not session["here"])
            assert (await phone.ask("DELETE", f"/sessions/{other['id']}"))[0] == 200
            while isinstance(code := await screen.frame(), dict):
                pass
            assert code == 4401
        assert (await desk.ask("GET", "/session"))[0] == 401
        assert (await phone.ask("DELETE", f"/sessions/{other['id']}"))[0] == 404


async def test_a_session_that_another_process_ended_loses_its_stream_soon(web: RunningWeb) -> None:
    async with web.browser("agen") as desk, desk.stream() as screen:
        await screen.frame()
        await web.web.accounts.end_sessions("agen")
        while isinstance(code := await screen.frame(), dict):
            pass
        assert code == 4401


async def test_nobody_ends_the_session_of_somebody_else(web: RunningWeb) -> None:
    async with web.browser("agen") as agent, web.browser("agen2") as other:
        theirs = (await agent.get("/sessions"))[0]["id"]
        assert (await other.ask("DELETE", f"/sessions/{theirs}"))[0] == 404
        assert (await agent.ask("GET", "/session"))[0] == 200


async def test_a_new_password_ends_every_other_session(web: RunningWeb) -> None:
    async with web.browser("agen") as here, web.browser("agen") as there:
        wrong = {"old": "not the old one", "new": "a new long password"}
        assert (await here.ask("POST", "/session/password", wrong))[0] == 401
        short = {"old": web.password("agen"), "new": "short"}
        status, answer = await here.ask("POST", "/session/password", short)
        assert (status, answer["error"]["key"]) == (422, "new")
        await here.post("/session/password", {"old": web.password("agen"), "new": "a new long password"})
        assert (await here.ask("GET", "/session"))[0] == 200
        assert (await there.ask("GET", "/session"))[0] == 401
        assert await sign_in(there, "agen", "a new long password") == (200, "")


FORGED = {
    "no mark": {},
    "another site": {**MARK, "Origin": "https://evil.example"},
    "null": {**MARK, "Origin": "null"},
    "another port": {**MARK, "Origin": "http://127.0.0.1:1"},
    "lookalike": {**MARK, "Origin": "http://127.0.0.1.evil.example:18080"},
}


@pytest.mark.parametrize("how", FORGED)
async def test_what_another_site_makes_the_browser_send_is_refused(web: RunningWeb, how: str) -> None:
    async with web.browser("agen") as agent:
        status, answer = await agent.ask("POST", "/me/shift-start", {}, headers=FORGED[how])
        assert (status, answer["error"]["code"]) == (403, "forged")
        assert not (await agent.get("/me"))["signed_in"]
        own = {**MARK, "Origin": web.base}
        assert (await agent.ask("POST", "/me/shift-start", {}, headers=own))[0] == 200
    assert (403, "forged") in [(act.status, act.detail) for act in await web.acts()]


async def test_a_machine_needs_no_mark_but_its_token(web: RunningWeb) -> None:
    token = await web.token("penyelia")
    async with web.browser() as machine:
        sent = {"Authorization": f"Bearer {token}"}
        status, _ = await machine.ask("POST", "/notes", {"text": "Halo"}, headers=sent)
        assert status == 200
        for wrong in ("", token[:-1], token + "x", "\xff"):
            status, _ = await machine.ask("GET", "/session", headers={"Authorization": f"Bearer {wrong}"})
            assert status == 401
        await web.web.accounts.end_token("0123")
        assert (await machine.ask("GET", "/session", headers=sent))[0] == 401


async def test_signing_in_and_failing_to_is_written_down(web: RunningWeb) -> None:
    async with web.browser() as browser:
        await sign_in(browser, "agen", "wrong")
        await sign_in(browser, "agen", web.password("agen"))
        assert (await browser.ask("DELETE", "/session"))[0] == 200
    acts = [(act.action, act.user, act.status, act.detail) for act in await web.acts()]
    assert acts[:3] == [
        ("sign-out", "agen", 200, ""),
        ("sign-in", "agen", 200, ""),
        ("sign-in", "", 401, "wrong_password"),
    ]


async def test_the_demo_accounts_are_made_once_and_keep_a_new_password(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    async with running_web(tmp_path, settings) as first, first.browser("agen") as agent:
        await agent.post("/session/password", {"old": first.password("agen"), "new": "a new long password"})
    async with running_web(tmp_path, settings) as again, again.browser() as agent:
        assert await sign_in(agent, "agen", "a new long password") == (200, "")
        assert again.password("mutu") == first.password("mutu")


async def test_pages_say_that_they_are_not_built_or_are_served(web: RunningWeb) -> None:
    async with web.browser() as browser, browser.session.get(f"{web.base}/meja") as response:
        assert response.status == 503
        assert "bin/setup" in await response.text()
    pages = web.settings.web.pages
    (pages / "assets").mkdir(parents=True)
    (pages / "desk.html").write_text("<p>meja")
    (pages / "assets" / "desk-0a1b.js").write_text("1")
    (pages.parent / "secret").write_text("secret")
    (pages / "manifest.json").write_text('{"desk": {"routes": ["/meja", "/meja/*"], "scripts": []}}')

    async with web.browser() as browser:
        for path, status in {
            "/meja": 200,
            "/meja/k/4b": 200,
            "/": 404,
            "/lain": 404,
            "/assets/desk-0a1b.js": 200,
            "/assets/..%2f..%2fsecret": 404,
            "/assets/%2e%2e/secret": 404,
            "/desk.html": 404,
            "/manifest.json": 404,
            "/api/v1/nothing": 404,
        }.items():
            async with browser.session.get(web.base + path) as response:
                assert response.status == status, path
                assert "secret" not in await response.text()
                assert "default-src 'self'" in response.headers["Content-Security-Policy"]
