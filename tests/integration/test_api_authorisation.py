"""Every request and every topic, by every role: what is allowed here is written down here, not read from the code."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import aiohttp
import pytest
import pytest_asyncio

from acd.model import QueueState
from core.ids import QueueId
from desk.routes import PREFIX, ROUTES
from tests.integration.web_fixture import Browser, RunningWeb, running_web

EVERYBODY: Final = "agen agen2 penyelia ketua mutu admin"
WORKING: Final = "agen agen2 penyelia ketua"
LEADING: Final = "penyelia ketua"
NOBODY: Final = ""

ALLOWED: Final = {
    "self": EVERYBODY,
    "sign-out": EVERYBODY,
    "password": EVERYBODY,
    "sessions": EVERYBODY,
    "revoke": EVERYBODY,
    "reference": EVERYBODY,
    "live": EVERYBODY,
    "me": WORKING,
    "phone": WORKING,
    "shift-start": WORKING,
    "shift-end": WORKING,
    "intent": WORKING,
    "beat": WORKING,
    # The open offer and the contact are those of "agen".
    "accept": "agen",
    "reject": "agen",
    "try-call": WORKING,
    "dial": WORKING,
    "hold": "agen",
    "resume": "agen",
    "mute": "agen",
    "keys": "agen",
    "transfer": "agen",
    "consult": "agen",
    "toggle": "agen",
    "confer": "agen",
    "complete": "agen",
    "end-consult": "agen",
    "park": "agen",
    "retrieve": WORKING,
    "recording": "agen",
    "hang-up": "agen",
    "machine": "agen",
    "monitor": "penyelia ketua mutu",
    "take-over": LEADING,
    "disposition": "agen",
    "wrap-up-done": "agen",
    "wrap-up-extend": "agen",
    "recent": "penyelia ketua mutu",
    "interaction": "agen penyelia ketua mutu",
    "decisions": "penyelia ketua mutu",
    "release": "penyelia",
    "reveal": "agen penyelia ketua mutu",
    "priority": LEADING,
    "move": LEADING,
    "end": "penyelia",
    "articles": EVERYBODY,
    "earlier": "agen penyelia ketua mutu",
    "drafts": WORKING,
    "draft": "agen",
    "own-cases": WORKING,
    "cases": LEADING,
    # The body is refused before it is asked whose case it is: test_api_customers has the rest.
    "case-change": WORKING,
    "appointment-make": WORKING,
    "appointments": WORKING,
    # The body is refused before it is asked whose appointment it is: test_visit_appointment has the rest.
    "appointment-cancel": WORKING,
    "contact-appointment": "agen penyelia ketua mutu",
    # There is no message: test_api_customers has whose one may be. To who may not know, one and none look alike.
    "voicemails": "agen agen2 penyelia ketua mutu",
    "voicemail": "penyelia ketua mutu",
    "voicemail-sound": "penyelia ketua mutu",
    "voicemail-take": WORKING,
    "voicemail-call-back": WORKING,
    "voicemail-put-back": WORKING,
    "voicemail-done": WORKING,
    "voicemail-delete": "penyelia",
    "queues": EVERYBODY,
    "agents": "penyelia ketua mutu admin",
    "contacts": LEADING,
    "wallboard": EVERYBODY + " wall",
    "queue-state": "penyelia",
    "agent-intent": LEADING,
    "agent-sign-out": LEADING,
    "note": LEADING,
    "emergency": "penyelia",
    "users": "admin",
    "user-add": "admin",
    "user-change": "admin",
    "user-revoke": "admin",
    "audit": "admin",
    "admin-files": "admin",
    "admin-file": "admin",
    "admin-file-check": "admin",
    "admin-file-save": "admin",
    "admin-file-history": "admin",
    "admin-file-version": "admin",
    "admin-file-undo": "admin",
    "admin-menu-draw": "admin",
    "admin-prompts": "admin",
    "admin-sound": "admin",
    "admin-sound-record": "admin",
    "admin-sound-speak": "admin",
    "admin-sound-history": "admin",
    "admin-sound-undo": "admin",
    "admin-users": "admin",
    "admin-user-add": "admin",
    "admin-user-change": "admin",
    "admin-user-password": "admin",
    "admin-user-totp-reset": "admin",
    "admin-user-sessions-end": "admin",
}
TOPICS: Final = {
    "desk": WORKING,
    "centre": EVERYBODY,
    "queues": EVERYBODY,
    "colleagues": WORKING,
    "agents": "penyelia ketua mutu admin",
    "contacts": LEADING,
    "wallboard": EVERYBODY + " wall",
}
ROLES: Final = (*EVERYBODY.split(), "machine", "anonymous", "wall")
NONSENSE: Final = {"nonsense": True}
"""Refused as a body (422) by whoever is let in at all, so that nothing is done."""


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[RunningWeb]:
    async with running_web(tmp_path) as running:
        async with running.browser("admin") as admin:
            leader = {"name": "ketua", "role": "leader", "password": "a long password", "agent": "ag103"}
            await admin.post("/users", leader)
        yield running


def test_every_route_has_its_place_in_the_table() -> None:
    assert {route.name for route in ROUTES if route.right is not None} == ALLOWED.keys()
    assert {route.name for route in ROUTES if route.right is None} == {"sign-in", "sign-in-ways"}


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_lets_in_whom_it_should_and_nobody_else(web: RunningWeb, role: str) -> None:
    await web.on_duty("ag101")
    contact = await web.talking("ag101")
    async with web.browser() as browser:
        query = await enter(web, browser, role)
        wrong = []
        for route in sorted(ROUTES, key=lambda route: route.name == "sign-out"):
            if route.right is None:
                continue
            offer = web.engine.state.interaction(contact).offer  # type: ignore[union-attr]
            path = route.path.format(
                id=contact,
                offer=offer,
                session="0" * 16,
                queue="licensing",
                agent="ag102",
                user="mutu",
                file="ivr/main",
                version=1,
                menu="main",
                language="id",
                prompt="greeting",
                appointment="0" * 32,
            )
            status, answer = await browser.ask(
                route.method, path + query, NONSENSE if route.changes else None
            )
            wanted = 401 if role == "anonymous" else 403
            if role == "wall":
                wanted = 401
            allowed = "penyelia" if role == "machine" else role
            if allowed in ALLOWED[route.name].split():
                right = status not in (401, 403) and status < 500
            else:
                right = status == wanted
            if not right:
                wrong.append((route.name, status, answer))
        assert wrong == []
    assert web.calls.commands == []


@pytest.mark.parametrize("role", ROLES)
async def test_every_topic_is_given_to_whom_it_should_be_and_nobody_else(web: RunningWeb, role: str) -> None:
    async with web.browser() as browser:
        query = await enter(web, browser, role)
        wrong = []
        for topic, allowed in TOPICS.items():
            name = "penyelia" if role == "machine" else role
            status = await opened(browser, topic, query)
            wanted = 101 if name in allowed.split() else (401 if role == "anonymous" else 403)
            if status != wanted:
                wrong.append((topic, status, wanted))
        assert wrong == []


async def opened(browser: Browser, topic: str, query: str) -> int:
    more = f"&{query[1:]}" if query else ""
    try:
        async with browser.stream(f"?topics={topic}{more}") as screen:
            frame = await screen.frame()
            assert frame["topics"] == [topic]
            named = {key for key, value in frame.items() if value not in (None, []) and key in TOPICS}
            assert named <= {topic}
    except aiohttp.WSServerHandshakeError as error:
        return error.status
    return 101


async def enter(web: RunningWeb, browser: Browser, role: str) -> str:
    """Sign in; return what is added to every address."""
    match role:
        case "anonymous":
            return ""
        case "wall":
            return f"?token={web.desk.wall_token}"
        case "machine":
            token = await web.token("penyelia")
            browser.session.headers["Authorization"] = f"Bearer {token}"
            return ""
        case "ketua":
            await browser.post("/session", {"name": role, "password": "a long password"})
        case _:
            await browser.post("/session", {"name": role, "password": web.password(role)})
    return ""


async def test_no_route_of_the_server_is_outside_the_table(web: RunningWeb) -> None:
    app = web.web.application(web.desk)
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    table = {(route.method, PREFIX + route.path) for route in ROUTES}
    assert served - table == {
        ("GET", f"{PREFIX}/stream"),
        ("GET", f"{PREFIX}/openapi.json"),
        ("GET", f"{PREFIX}/oidc/start"),
        ("GET", f"{PREFIX}/oidc/callback"),
        ("GET", "/assets/{name}"),
        ("GET", "/{path}"),
    }


async def test_what_a_role_may_not_do_or_see_is_refused_and_written_down(web: RunningWeb) -> None:
    await web.on_duty("ag101")
    id_ = await web.talking("ag101")
    seen = {
        f"/interactions/{id_}": ("interaction", id_),
        f"/interactions/{id_}/decisions": ("decisions", id_),
        "/audit": ("audit", ""),
        "/admin/users": ("admin-users", ""),
    }
    done = {
        f"/interactions/{id_}/hold": ("hold", id_, {}),
        "/emergency": ("emergency", "", {"closed": True, "reason": "banjir"}),
        "/queues/licensing/state": ("queue-state", "licensing", {"state": "paused", "reason": "banjir"}),
    }
    async with web.browser("agen2") as other, web.browser() as nobody:
        before = len(await web.acts())
        for path in seen:
            assert (await other.ask("GET", path))[0] == 403
            assert (await nobody.ask("GET", path))[0] == 401
        for path, (*_, body) in done.items():
            assert (await other.ask("POST", path, body))[0] == 403
        # What may be seen leaves no row.
        await other.get("/queues")
    acts = await web.acts()
    rows = [(act.user, act.action, act.target, act.status) for act in acts[: len(acts) - before]][::-1]
    expected = [*seen.values(), *((action, target) for action, target, _ in done.values())]
    assert rows == [("agen2", action, target, 403) for action, target in expected]
    assert web.calls.commands == []
    assert not web.web.closure.closed


async def test_no_queue_is_paused_or_drained_without_a_reason(web: RunningWeb) -> None:
    path = "/queues/licensing/state"
    async with web.browser("penyelia") as leader:
        for state in ("paused", "draining"):
            for reason in ({}, {"reason": "  \u2003 x "}):
                status, answer = await leader.ask("POST", path, {"state": state, **reason})
                assert (status, answer["error"]["code"], answer["error"]["key"]) == (422, "invalid", "reason")
                assert "at least 3 letters" in answer["error"]["message"]
            queue = web.engine.state.queue(QueueId("licensing"))
            assert queue is not None
            assert queue.state is QueueState.OPEN
        await leader.post(path, {"state": "draining", "reason": " banjir "})
        await leader.post(path, {"state": "open"})
    acts = [(act.status, act.detail) for act in await web.acts() if act.action == "queue-state"]
    assert acts == [(200, ""), (200, " banjir "), *[(422, "invalid")] * 4]
