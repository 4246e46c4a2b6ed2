"""Webhooks out, to a real server that is sometimes away: signed, in order, again until taken, over a restart."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web as http
from sqlalchemy import update

from acd.events import Ended
from acd.model import Party
from core.ids import InteractionId
from desk import webhooks
from store.desk_webhooks import TYPES, SqlWebhooks
from store.tables import WEBHOOKS
from tests.integration.ports import free_ports
from tests.integration.web_fixture import RunningWeb, running_web, settings_for
from tests.waiting import until

SECRET = "a secret of both sides"


class Listener:
    """Another system. ``answers`` are the statuses of its next answers; then 200."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: list[int] = []
        self.taken: list[dict[str, Any]] = []
        self.asked = 0

    async def take(self, request: http.Request) -> http.Response:
        self.asked += 1
        body = await request.read()
        timestamp = request.headers["Sambung-Timestamp"]
        wanted = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert request.headers["Sambung-Signature"] == f"v1={wanted}"
        assert abs(time.time() - int(timestamp)) < 60
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            event = msgspec.json.decode(body)
            assert event["id"] == request.headers["Sambung-Id"]
            self.taken.append(event)
        return http.Response(status=status)

    def phases(self, id_: InteractionId) -> list[str]:
        return [e["data"]["phase"] for e in self.taken if e["data"].get("interaction") == id_]


@pytest_asyncio.fixture
async def listener() -> AsyncIterator[Listener]:
    port = free_ports(1)[0]
    found = Listener(f"http://127.0.0.1:{port}/told")
    app = http.Application()
    app.add_routes([http.post("/told", found.take)])
    runner = http.AppRunner(app)
    await runner.setup()
    await http.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield found
    finally:
        await runner.cleanup()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "BACKOFF_S", (0.05,))
    monkeypatch.setattr(webhooks, "_LOOK_S", 0.05)


async def subscribe(web: RunningWeb, url: str, *events: str, id_: str = "one") -> SqlWebhooks:
    store = SqlWebhooks(web.web._database)
    await store.add(id_, url, SECRET, events or TYPES, web.desk.clock.now_ms())
    return store


async def whole_contact(web: RunningWeb) -> InteractionId:
    id_ = await web.talking("ag101")
    await web.engine.submit(Ended(id_, Party.CUSTOMER))
    async with web.browser("agen") as agent:
        await agent.post(f"/interactions/{id_}/wrap-up-done")
    return id_


WHOLE = ["in_menu", "waiting", "offered", "connecting", "talking", "wrapping", "closed"]


async def test_everything_is_told_in_order_and_nothing_personal(tmp_path: Path, listener: Listener) -> None:
    async with running_web(tmp_path) as web:
        await web.on_duty("ag101")
        await subscribe(web, listener.url)
        id_ = await whole_contact(web)
        await until(lambda: listener.phases(id_) == WHOLE)
        assert listener.taken[-1]["data"]["outcome"] == "handled"
        assert [e["id"] for e in listener.taken] == [
            e["id"] for e in sorted(listener.taken, key=lambda e: tuple(map(int, e["id"].split("-"))))
        ]
        assert b"0812" not in msgspec.json.encode(listener.taken)


async def test_only_what_was_asked_for_is_told_and_nothing_from_before(
    tmp_path: Path, listener: Listener
) -> None:
    async with running_web(tmp_path) as web:
        await web.on_duty("ag101")
        before = await whole_contact(web)
        await subscribe(web, listener.url, "contact.closed", "agent.state")
        after = await whole_contact(web)
        await until(lambda: listener.phases(after) == ["closed"])
        await web.on_duty("ag102")
        await until(lambda: any(e["type"] == "agent.state" for e in listener.taken))
        assert listener.phases(before) == []


async def test_a_failure_is_tried_again_and_the_order_holds(tmp_path: Path, listener: Listener) -> None:
    async with running_web(tmp_path) as web:
        await web.on_duty("ag101")
        store = await subscribe(web, listener.url)
        listener.answers = [500, 404, 302, 200, 503, 200, 429]
        id_ = await whole_contact(web)
        await until(lambda: listener.phases(id_) == WHOLE)
        (one,) = await store.all()
        assert (one.attempts, one.problem, one.failing_since) == (0, "", None)


async def test_one_that_is_away_holds_back_no_other_and_goes_on_after_a_restart(
    tmp_path: Path, listener: Listener
) -> None:
    settings = settings_for(tmp_path)
    async with running_web(tmp_path, settings) as web:
        await web.on_duty("ag101")
        store = await subscribe(web, listener.url)
        await subscribe(web, f"http://127.0.0.1:{free_ports(1)[0]}/nobody", id_="two")
        id_ = await whole_contact(web)
        await until(lambda: listener.phases(id_) == WHOLE)

        async def failing() -> bool:
            two = next(one for one in await store.all() if one.id == "two")
            return two.attempts > 1 and "Connect" in two.problem and two.failing_since is not None

        await until(failing)
    async with running_web(tmp_path, settings) as web:
        store = SqlWebhooks(web.web._database)
        listener.taken.clear()
        # The one that was away comes back, at the address of the other.
        moved = update(WEBHOOKS).where(WEBHOOKS.c.id == "two").values(url=listener.url)
        await web.web._database.write(lambda db: db.execute(moved))
        await store.remove("one")
        await until(lambda: listener.phases(id_) == WHOLE)


async def test_one_that_keeps_failing_is_disabled_and_enabled_again_where_it_was(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_web(tmp_path) as web:
        await web.on_duty("ag101")
        store = await subscribe(web, listener.url)
        monkeypatch.setattr(webhooks, "GIVEN_UP_MS", 100)
        listener.answers = [500] * 1_000
        id_ = await whole_contact(web)

        async def disabled() -> bool:
            return (await store.all())[0].disabled_at is not None

        await until(disabled)
        asked = listener.asked
        await whole_contact(web)
        assert listener.asked == asked
        listener.answers.clear()
        await store.enable("one")
        await until(lambda: listener.phases(id_) == WHOLE)


def test_the_waits_grow_to_three_hours_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert [webhooks.wait_ms(n) // 1_000 for n in range(1, 9)] == [
        5,
        30,
        120,
        600,
        3_600,
        10_800,
        10_800,
        10_800,
    ]


def test_a_signature_is_of_the_time_and_the_very_bytes() -> None:
    # Computed with: printf '1700000000.{}' | openssl dgst -sha256 -hmac key
    wanted = "9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
    assert webhooks.signature("key", 1_700_000_000, b"{}") == f"v1={wanted}"
    assert webhooks.signature("key", 1_700_000_001, b"{}") != f"v1={wanted}"
