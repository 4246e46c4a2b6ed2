"""Messages that callers left, over HTTP: who hears which, that one agent has each, and what a late request is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest_asyncio

from acd.events import Arrived
from acd.model import Channel
from core.errors import Refused
from core.ids import AgentId, QueueId, new_interaction_id
from pbx import commands as c
from tests.integration.web_fixture import MARK, Browser, RunningWeb, running_web
from tests.waiting import until

NUMBER = "081234567890"
MINE, OTHER = QueueId("licensing"), QueueId("lkpm")


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[RunningWeb]:
    async with running_web(tmp_path) as running:
        yield running


async def refused(browser: Browser, path: str, body: Any = None) -> tuple[int, str]:
    status, answer = await browser.ask("POST", path, body or {})
    return status, answer["error"]["code"]


def works_in(web: RunningWeb, agent: str, *queues: QueueId) -> None:
    """Have an agent work in those queues and no other."""
    directory = web.desk.live.directory
    id_ = AgentId(agent)
    directory.agents = {**directory.agents, id_: replace(directory.agents[id_], queues=queues)}


async def test_a_message_is_listed_and_heard_by_those_of_its_queue_and_each_hearing_is_written_down(
    web: RunningWeb,
) -> None:
    first, second = await web.voicemail(), await web.voicemail(caller="")
    elsewhere = await web.voicemail(OTHER)
    works_in(web, "ag101", MINE)
    async with web.browser("agen") as agent, web.browser("penyelia") as leader, web.browser("admin") as admin:
        page = await agent.get("/voicemails")
        assert [one["id"] for one in page["items"]] == [first, second], "the oldest comes first"
        assert [one["caller"] for one in page["items"]] == ["0812••••7890", None]
        assert page["items"][0]["due_at"] > page["items"][0]["at"]
        assert {one["id"] for one in (await leader.get("/voicemails"))["items"]} == {first, second, elsewhere}
        page = await agent.get("/voicemails?limit=1")
        assert page["more"]
        rest = await agent.get(f"/voicemails?limit=1&after={first}")
        assert [one["id"] for one in rest["items"]] == [second]
        assert (await agent.ask("GET", f"/voicemails?queue={OTHER}"))[0] == 403
        assert (await admin.ask("GET", "/voicemails"))[0] == 403

        sound = f"/voicemails/{first}/sound"
        status, whole, headers = await agent.exchange("GET", sound)
        assert (status, headers["Content-Type"], whole[:4]) == (200, "audio/wav", b"RIFF")
        status, part, headers = await agent.exchange("GET", sound, headers={"Range": "bytes=100-199"})
        assert (status, part) == (206, whole[100:200])
        assert headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
        status, _, _ = await agent.exchange("GET", sound, headers={"Range": f"bytes={len(whole)}-"})
        assert status == 416
        for unknown in (elsewhere, new_interaction_id()):
            status, answer = await agent.ask("GET", f"/voicemails/{unknown}/sound")
            assert (status, answer["error"]["code"]) == (403, "not_yours")
        assert (await leader.ask("GET", f"/voicemails/{new_interaction_id()}/sound"))[0] == 404
        assert (await admin.ask("GET", sound))[0] == 403
    heard = [(act.user, act.status) for act in await web.acts() if act.target == first]
    assert heard == [("admin", 403), ("agen", 200), ("agen", 200), ("agen", 200)]


async def test_of_many_who_take_a_message_one_has_it_and_screens_see_it_at_once(web: RunningWeb) -> None:
    async with (
        web.browser("agen") as one,
        web.browser("agen2") as two,
        web.browser("penyelia") as leader,
        one.stream("?topics=queues") as screen,
    ):
        id_ = await web.voicemail()
        figures = await screen.until(lambda s: (_figures(s) or {}).get("new") and _figures(s))
        assert (figures["taken"], figures["oldest_at"] < figures["due_at"]) == (0, True)
        tries = [browser.ask("POST", f"/voicemails/{id_}/take", {}) for browser in (one, two) * 10]
        answers = await asyncio.gather(*tries)
        winners = {answer["agent"] for status, answer in answers if status == 200}
        assert len(winners) == 1
        late = {(status, answer["error"]["code"]) for status, answer in answers if status != 200}
        assert late == {(409, "taken")}
        await screen.until(lambda s: _figures(s)["taken"] == 1 and _figures(s)["new"] == 0)
        holder, other = (one, two) if winners == {"ag101"} else (two, one)
        assert await refused(other, f"/voicemails/{id_}/call-back") == (409, "taken")
        assert await refused(other, f"/voicemails/{id_}/put-back") == (409, "taken")
        assert await refused(other, f"/voicemails/{id_}/done", {"note": "x"}) == (409, "taken")
        await holder.post(f"/voicemails/{id_}/put-back")
        await screen.until(lambda s: _figures(s)["new"] == 1)
        await other.post(f"/voicemails/{id_}/take")
        # A leader may put back what somebody has who went home.
        await leader.post(f"/voicemails/{id_}/put-back")
        await screen.until(lambda s: _figures(s)["new"] == 1)


def _figures(screen: Any) -> Any:
    queue = screen.get("queues", MINE)
    return queue and queue["voicemails"]


async def test_a_caller_is_called_back_once_and_the_message_is_finished(web: RunningWeb) -> None:
    id_ = await web.voicemail()
    path = f"/voicemails/{id_}"
    async with web.browser("agen") as agent, web.browser("agen2") as other:
        assert await refused(agent, f"{path}/done", {"note": "x"}) == (409, "conflict"), "not taken"
        web.calls.refusal = Refused("Sign in first: then you can call.")
        assert await refused(agent, f"{path}/call-back") == (409, "conflict")
        web.calls.refusal = None
        keyed = {**MARK, "Idempotency-Key": "the-same-press"}
        (_, made, _), (_, again, headers) = [
            await agent.exchange("POST", f"{path}/call-back", {}, headers=keyed) for _ in range(2)
        ]
        assert made == again
        assert headers["Idempotent-Replay"] == "true"
        dial = c.Dial(made["id"], AgentId("ag101"), NUMBER, MINE, parent=id_)
        assert web.calls.commands == [dial]
        seen = await agent.get(path)
        assert (seen["state"], seen["callback"]) == ("taken", made["id"])
        # While that call lives there is no other.
        await web.engine.submit(Arrived(made["id"], Channel.VOICE, web.desk.clock.now_ms()))
        assert await refused(agent, f"{path}/call-back") == (409, "conflict")

        assert (await agent.ask("POST", f"{path}/done", {}))[0] == 422
        assert (await agent.ask("POST", f"{path}/done", {"category": "none such"}))[0] == 422
        done = await agent.post(f"{path}/done", {"category": "kbli", "note": "Sudah dijelaskan."})
        assert (done["state"], done["category"], done["done_by"]) == ("done", "kbli", "agen")
        for verb in ("take", "call-back", "put-back", "done"):
            assert await refused(other, f"{path}/{verb}", {"note": "x"} if verb == "done" else {}) == (
                410,
                "over",
            )
        assert (await agent.get("/voicemails"))["items"] == []
        assert [one["id"] for one in (await agent.get("/voicemails?state=done"))["items"]] == [id_]
        withheld = await web.voicemail(caller="")
        assert await refused(agent, f"/voicemails/{withheld}/call-back") == (409, "no_number")
    acts = [(act.action, act.status) for act in reversed(await web.acts()) if act.target == id_]
    assert acts[:3] == [("voicemail-done", 409), ("voicemail-call-back", 409), ("voicemail-call-back", 200)]


async def test_only_a_supervisor_takes_a_message_out_and_says_why(web: RunningWeb) -> None:
    id_ = await web.voicemail()
    path = f"/voicemails/{id_}"
    async with web.browser("agen") as agent, web.browser("penyelia") as leader:
        reason = {"reason": "berisi kata sandi penelepon"}
        assert await refused(agent, f"{path}/delete", reason) == (403, "forbidden")
        assert (await leader.ask("POST", f"{path}/delete", {"reason": ""}))[0] == 422
        await leader.post(f"{path}/delete", reason)
        assert await refused(leader, f"{path}/delete", reason) == (410, "over")
        for at in (path, f"{path}/sound"):
            status, answer = await leader.ask("GET", at)
            assert (status, answer["error"]["code"]) == (410, "over")
        assert (await leader.get("/voicemails?state=done"))["items"] == []
    deleted = next(act for act in await web.acts() if act.action == "voicemail-delete" and act.status == 200)
    assert (deleted.user, deleted.target, deleted.detail) == ("penyelia", id_, reason["reason"])


async def test_a_number_changes_where_the_terminal_or_the_recorder_writes(web: RunningWeb) -> None:
    async with web.browser("agen") as agent:
        id_ = await web.voicemail()
        assert await web.web.voicemails.take(id_, AgentId("ag102"), web.desk.clock.now_ms())

        async def seen() -> bool:
            queues = await agent.get("/queues")
            return any(queue["voicemails"]["taken"] == 1 for queue in queues)

        await until(seen)
