"""The administration of a centre that runs: what is changed is in force at once, and what is wrong changes nothing."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from aiohttp import CookieJar

from pbx import secrets
from pbx.probe.listen import until_tone
from sambung.demo_users import password
from tests.integration.centre_fixture import Place, kept, visiting
from tests.integration.web_fixture import MARK, Browser
from tests.waiting import until

QUEUES: Final = "/admin/files/queues"
SOUND: Final = "/admin/prompts/id/language"
HERTZ: Final = 900


def with_people(folder: Path) -> None:
    with (folder / "config" / "sambung.toml").open("a") as settings:
        settings.write("users = true\n")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with kept(tmp_path_factory.mktemp("administered"), prepare=with_people) as running:
        yield running


@pytest_asyncio.fixture
async def admin(place: Place) -> AsyncIterator[Browser]:
    async with entered(place, "admin", password(secrets.load(place.settings.home), "admin")) as browser:
        yield browser


@asynccontextmanager
async def entered(place: Place, name: str, secret: str, new: str | None = None) -> AsyncIterator[Browser]:
    """Open a browser and sign in, as soon as the demo accounts are there."""
    async with aiohttp.ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        browser = Browser(session, place.settings.web.address)

        async def signed_in() -> bool:
            return (await browser.ask("POST", "/session", {"name": name, "password": secret, "new": new}))[
                0
            ] == 200

        await until(signed_in, within=20)
        yield browser


def tone(seconds: float, hertz: int = HERTZ, rate: int = 44_100) -> bytes:
    """Return a recording as a studio hands it over: stereo, of a high rate."""
    file = io.BytesIO()
    samples = [int(9_000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(int(seconds * rate))]
    with wave.open(file, "wb") as sound:
        sound.setnchannels(2)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(b"".join(struct.pack("<hh", one, one) for one in samples))
    return file.getvalue()


def seconds(sound: bytes) -> float:
    with wave.open(io.BytesIO(sound), "rb") as heard:
        assert (heard.getnchannels(), heard.getsampwidth(), heard.getframerate()) == (1, 2, 8_000)
        return heard.getnframes() / 8_000


async def put(browser: Browser, path: str, body: Any) -> Any:
    status, answer = await browser.ask("PUT", path, body)
    assert status == 200, answer
    return answer


async def called(browser: Browser, name: str) -> bool:
    """Whether screens call the queue so; figures are published once a second."""
    shown = next(one for one in await browser.get("/queues") if one["id"] == "lkpm")
    return bool(shown["name"]["id"] == name)


async def test_a_changed_queue_is_in_force_and_undone(admin: Browser) -> None:
    before = await admin.get(QUEUES)
    assert before["data"]["lkpm"]["offer"] == "8 s"
    edits = [
        {"path": ["lkpm", "name", "id"], "value": "Laporan usaha"},
        {"path": ["lkpm", "offer"], "value": "9 s"},
    ]
    body = {"base": before["base"], "edits": edits, "note": "as the ministry calls it"}
    saved = await put(admin, QUEUES, body)
    assert saved["version"] == before["version"] + 1
    assert (saved["reloaded"]["rules"], saved["reloaded"]["problems"]) == (True, [])
    await until(lambda: called(admin, "Laporan usaha"), within=20)
    after = await admin.get(QUEUES)
    # The two values, and no other character of the file.
    others, _, lkpm = before["text"].partition("\nlkpm:\n")
    lkpm = lkpm.replace("Pelaporan LKPM", "Laporan usaha", 1).replace("offer: 8 s", "offer: 9 s", 1)
    assert after["text"] == f"{others}\nlkpm:\n{lkpm}"

    status, answer = await admin.ask("PUT", QUEUES, body)
    assert (status, answer["error"]["code"]) == (409, "conflict")

    newest, *_ = await admin.get(f"{QUEUES}/history")
    assert (newest["by"], newest["note"], newest["lines_added"]) == ("admin", "as the ministry calls it", 2)
    undo = {"version": before["version"], "base": after["base"]}
    assert (await admin.post(f"{QUEUES}/undo", undo))["version"] == saved["version"] + 1
    assert (await admin.get(QUEUES))["text"] == before["text"]
    await until(lambda: called(admin, "Pelaporan LKPM"), within=20)
    acts = [act for act in await admin.get("/audit?limit=20") if act["target"] == "queues"]
    assert [(act["user"], act["action"], act["status"]) for act in acts[:3]] == [
        ("admin", "admin-file-undo", 200),
        ("admin", "admin-file-save", 409),
        ("admin", "admin-file-save", 200),
    ]


async def test_what_is_wrong_is_refused_by_file_line_and_key_and_changes_nothing(admin: Browser) -> None:
    before = await admin.get(QUEUES)
    body = {"base": before["base"], "edits": [{"path": ["technical", "offer"], "value": "soon"}]}
    status, answer = await admin.ask("PUT", QUEUES, body)
    (problem,) = answer["error"]["problems"]
    assert (status, answer["error"]["code"]) == (422, "invalid")
    assert problem["file"].endswith("config/centre/queues.yaml")
    assert problem["key"] == "technical.offer"
    line = before["text"].splitlines()[problem["line"] - 1]
    assert line == "  offer: 8 s"
    assert (await admin.post(f"{QUEUES}/check", body))["problems"] == [problem]
    assert await admin.get(QUEUES) == before

    # A menu's slash is written either way, and there is no way to any other file.
    menus = [await admin.get(f"/admin/files/{id_}") for id_ in ("ivr/main", "ivr%2Fmain")]
    assert menus[0] == menus[1]
    script = await admin.get("/admin/files/scripts/lkpm.id")
    assert script["text"].startswith("# ")
    assert (await admin.get("/admin/files/scripts/lkpm.id/history"))[0]["by"] is None
    for id_ in ("scripts%2F..%2Fqueues", "..%2Fsambung", "ivr%2F..%2Fqueues", "sambung.toml", "ivr%2Fnobody"):
        assert (await admin.ask("GET", f"/admin/files/{id_}"))[0] == 404, id_
    drawn = await admin.post("/admin/menus/main/draw", {"text": menus[0]["text"]})
    assert drawn["svg"].startswith("<svg")


async def test_callers_hear_the_recording_that_was_uploaded_and_then_the_text_again(
    admin: Browser, place: Place, tmp_path: Path
) -> None:
    spoken = await heard(admin)
    for junk, why in ((b"no sound at all", "no sound file that is known"), (tone(0.01), "nothing to hear")):
        status, answer = await admin.ask("PUT", f"{SOUND}/sound", junk)
        assert (status, answer["error"]["code"]) == (422, "invalid")
        assert why in answer["error"]["message"]
    assert await heard(admin) == spoken

    saved = await put(admin, f"{SOUND}/sound", tone(2.0))
    assert saved["reloaded"]["problems"] == []
    recorded = await heard(admin)
    # The start and the end are padded, so that no first word is cut.
    assert seconds(recorded) == pytest.approx(2.15, abs=0.05)
    assert saved["length_ms"] == pytest.approx(seconds(recorded) * 1_000, abs=2)
    info = next(one for one in await admin.get("/admin/prompts") if one["name"] == "language")
    assert (info["recorded"], info["used_by"]) == ({"id": True, "en": False}, ["main/topic"])
    async with visiting(place, tmp_path) as centre:
        call = await centre.dial()
        await until_tone(call.heard, HERTZ)
        await call.hang_up()

    status, answer = await admin.ask("DELETE", f"{SOUND}/sound")
    assert status == 200, answer
    assert await heard(admin) == spoken
    newest, recording, text = await admin.get(f"{SOUND}/history")
    assert [one["recorded"] for one in (newest, recording, text)] == [False, True, False]
    assert (recording["by"], recording["length_ms"]) == ("admin", 2_000)
    await admin.post(f"{SOUND}/undo", {"version": recording["version"]})
    assert len(await heard(admin)) == len(recorded) != len(spoken)
    await admin.post(f"{SOUND}/undo", {"version": text["version"]})
    assert await heard(admin) == spoken


async def heard(browser: Browser) -> bytes:
    async with browser.session.get(f"{browser.api}{SOUND}/sound", headers=MARK) as response:
        assert (response.status, response.content_type) == (200, "audio/wav")
        return await response.read()


async def test_the_life_of_an_account(admin: Browser, place: Place) -> None:
    made = await admin.post(
        "/admin/users", {"name": "sri", "roles": ["agent"], "display": "Sri", "agent": "ag104"}
    )
    assert (await admin.ask("POST", "/admin/users", {"name": "sri", "roles": ["qa"]}))[0] == 409
    once = {"name": "sri", "password": made["password"]}
    for body in (once, {**once, "new": made["password"]}):
        status, answer = await admin.ask("POST", "/session", body)
        assert (status, answer["error"]["code"]) == (401, "new_password_needed")
    status, answer = await admin.ask("POST", "/session", {**once, "new": "short"})
    assert (status, answer["error"]["key"]) == (422, "new")
    own = "words that sri chose"
    async with entered(place, "sri", made["password"], own) as sri:
        assert (await admin.ask("POST", "/session", {**once, "new": "words of a thief"}))[0] == 401
        assert (await sri.get("/session"))["agent"] == "ag104"
        (account,) = [one for one in await admin.get("/admin/users") if one["name"] == "sri"]
        assert (account["roles"], account["sessions"], account["disabled"]) == (["agent"], 1, False)
        assert account["last_seen"] is not None

        assert await admin.ask("PATCH", "/admin/users/sri", {"roles": ["qa"], "agent": None}) == (
            200,
            {"done": True},
        )
        assert (await sri.ask("GET", "/session"))[0] == 401
    new = (await admin.post("/admin/users/sri/password"))["password"]
    assert (await admin.ask("POST", "/session", {"name": "sri", "password": own}))[0] == 401
    async with entered(place, "sri", new, own) as sri:
        assert (await sri.get("/session"))["role"] == "qa"
        assert (await admin.ask("DELETE", "/admin/users/sri/sessions"))[0] == 200
        assert (await sri.ask("GET", "/session"))[0] == 401
    await admin.post("/admin/users/sri/totp-reset")
    assert (await admin.ask("PATCH", "/admin/users/sri", {"disabled": True}))[0] == 200
    assert (await admin.ask("POST", "/session", {"name": "sri", "password": own}))[0] == 401

    for path, body in (("admin", {"disabled": True}), ("admin", {"roles": ["qa"]})):
        status, answer = await admin.ask("PATCH", f"/admin/users/{path}", body)
        assert (status, answer["error"]["code"]) == (409, "conflict")
    assert (await admin.ask("PATCH", "/admin/users/nobody", {"disabled": True}))[0] == 404
    assert (await admin.ask("PATCH", "/admin/users/sri", {"agent": "ag999"}))[0] == 422
    said = msgspec.json.encode(await admin.get("/audit?limit=50")).decode()
    assert "sri, agent" in said
    assert "role qa, agent none" in said
    assert made["password"] not in said
    assert "Sri" not in said
