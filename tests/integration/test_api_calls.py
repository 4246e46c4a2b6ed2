"""Verbs on contacts over HTTP: what is commanded, once, by whom, and what a late or wrong request is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from acd.events import Ended
from acd.model import Channel, Party, Phase
from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId, QueueId, new_interaction_id
from pbx import commands as c
from tests.integration.web_fixture import MARK, Browser, RunningWeb, running_web, settings_for
from tests.waiting import until

ME = AgentId("ag101")


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[RunningWeb]:
    async with running_web(tmp_path) as running:
        await running.on_duty("ag101")
        yield running


def keyed(key: str) -> dict[str, str]:
    return {**MARK, "Idempotency-Key": key}


VERBS: dict[str, tuple[Any, Any]] = {
    "hold": ({}, lambda i: c.Hold(i, ME)),
    "resume": ({}, lambda i: c.Resume(i, ME)),
    "mute": ({"on": True}, lambda i: c.Mute(i, ME, True)),
    "keys": ({"keys": "12#"}, lambda i: c.SendKeys(i, ME, "12#")),
    "transfer": (
        {"to": {"kind": "queue", "queue": "lkpm"}},
        lambda i: c.Transfer(i, ME, c.ToQueue(QueueId("lkpm"))),
    ),
    "toggle": ({}, lambda i: c.Toggle(i, ME)),
    "confer": ({}, lambda i: c.Confer(i, ME)),
    "complete": ({}, lambda i: c.Complete(i, ME)),
    "end-consult": ({}, lambda i: c.EndConsult(i, ME)),
    "park": ({"ms": 60_000}, lambda i: c.Park(i, ME, 60_000)),
    "retrieve": ({}, lambda i: c.Retrieve(i, ME)),
    "recording": ({"on": False, "reason": "kartu"}, lambda i: c.PauseRecording(i, ME, True, "kartu")),
    "hang-up": ({}, lambda i: c.HangUp(i, ME)),
}


@pytest.mark.parametrize("verb", VERBS)
async def test_each_verb_is_commanded_and_written_down(web: RunningWeb, verb: str) -> None:
    id_ = await web.talking("ag101")
    body, command = VERBS[verb]
    async with web.browser("agen") as agent:
        await agent.post(f"/interactions/{id_}/{verb}", body)
    assert web.calls.commands == [command(id_)]
    act = (await web.acts())[0]
    assert (act.user, act.action, act.target, act.status) == ("agen", verb, id_, 200)


async def test_consulting_and_dialling_answer_what_they_make(web: RunningWeb) -> None:
    id_ = await web.talking("ag101")
    async with web.browser("agen") as agent:
        to = {"kind": "agent", "agent": "ag102"}
        made = await agent.post(f"/interactions/{id_}/consult", {"to": to})
        dialled = await agent.post("/calls", {"number": "+628123456789", "queue": "licensing"})
    consult, dial = web.calls.commands
    assert consult == c.Consult(id_, ME, c.ToAgent(AgentId("ag102")), made["id"])
    assert dial == c.Dial(dialled["id"], ME, "+628123456789", QueueId("licensing"))


async def test_a_supervisor_listens_and_a_reviewer_only_listens(web: RunningWeb) -> None:
    id_ = await web.talking("ag101")
    async with web.browser("admin") as admin:
        await admin.ask("PATCH", "/users/mutu", {"agent": "ag102"})
    async with web.browser("penyelia") as leader, web.browser("mutu") as reviewer:
        for mode in ("listen", "whisper", "barge", None):
            await leader.post(f"/interactions/{id_}/monitor", {"mode": mode})
        await leader.post(f"/interactions/{id_}/take-over")
        await reviewer.post(f"/interactions/{id_}/monitor", {"mode": "listen"})
        for mode in ("whisper", "barge"):
            status, answer = await reviewer.ask("POST", f"/interactions/{id_}/monitor", {"mode": mode})
            assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert [type(command) for command in web.calls.commands] == [c.Monitor] * 4 + [c.TakeOver, c.Monitor]


async def test_a_call_that_just_ended_is_told_apart_from_one_that_never_was(web: RunningWeb) -> None:
    id_ = await web.talking("ag101")
    await web.engine.submit(Ended(id_, Party.CUSTOMER))
    async with web.browser("agen") as agent:
        await agent.post(f"/interactions/{id_}/wrap-up-done")
        await until(lambda: web.phase(id_) is None)
        assert await refused(agent, id_, "hold") == (410, "over")
        assert await refused(agent, new_interaction_id(), "hold") == (404, "unknown")
        for strange in ("1", "x" * 500, "..", "%00", "%E2%80%AE", id_.upper() + "0"):
            status, _ = await agent.ask("POST", f"/interactions/{strange}/hold", {})
            assert status in (404, 405), strange
        assert await refused(agent, id_, "wrap-up-done") == (410, "over")
    refusals = [(act.action, act.status) for act in await web.acts() if act.status >= 400]
    assert ("hold", 410) in refusals
    assert ("hold", 404) in refusals
    assert ("wrap-up-done", 410) in refusals
    assert web.calls.commands == []


async def refused(browser: Browser, id_: InteractionId, verb: str, body: Any = None) -> tuple[int, str]:
    status, answer = await browser.ask("POST", f"/interactions/{id_}/{verb}", body or {})
    return status, answer["error"]["code"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused("the customer is held already"), 409, "conflict"),
        (Gone("the call is over"), 410, "over"),
        (TryLater("Asterisk is away", 2), 503, "later"),
    ],
)
async def test_what_a_call_answers_is_what_the_desk_is_told(
    web: RunningWeb, error: Any, status: int, code: str
) -> None:
    id_ = await web.talking("ag101")
    web.calls.refusal = error
    async with web.browser("agen") as agent:
        assert await refused(agent, id_, "hold") == (status, code)
    act = (await web.acts())[0]
    assert (act.action, act.status, act.detail) == ("hold", status, code)


WRONG: dict[str, tuple[str, Any, *tuple[str, ...]]] = {
    "no number": ("keys", {}, "keys"),
    "letters": ("keys", {"keys": "call home"}, "keys"),
    "too many": ("keys", {"keys": "1" * 33}, "keys"),
    "no target": ("transfer", {"to": {"kind": "moon"}}, "to.kind"),
    "unknown queue": ("transfer", {"to": {"kind": "queue", "queue": "moon"}}, "to.queue"),
    "unknown agent": ("consult", {"to": {"kind": "agent", "agent": "ag999"}}, "to.agent"),
    "premium in words": ("transfer", {"to": {"kind": "number", "number": "0900-SEX"}}, "to.number"),
    "injected": ("transfer", {"to": {"kind": "number", "number": "1\r\nAction: Originate"}}, "to.number"),
    "unknown key": ("hold", {"on": True, "evil": 1}, "on"),
    "wrong type": ("mute", {"on": "yes"}, "on"),
    "forever": ("park", {"ms": 10**15}, "ms"),
    "unknown category": ("disposition", {"category": "moon"}, "category"),
    "endless note": ("disposition", {"category": "kbli", "note": "x" * 10_000}, "note"),
    "not JSON": ("hold", b"{", ""),
    "a list": ("hold", b"[]", ""),
    "not UTF-8": ("disposition", b'{"category":"\xff"}', ""),
    "half a pair": ("disposition", b'{"category":"kbli","note":"\\ud800"}', ""),
    # Some versions of Python read on so deep, and miss what should be there.
    "deep": ("transfer", b'{"to":' * 5_000 + b"1" + b"}" * 5_000, "", "to.kind"),
    "number": ("park", b'{"ms":1e999}', "ms"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_a_wrong_body_is_refused_by_the_key_that_is_wrong(web: RunningWeb, what: str) -> None:
    id_ = await web.talking("ag101")
    verb, body, *keys = WRONG[what]
    async with web.browser("agen") as agent:
        status, answer = await agent.ask("POST", f"/interactions/{id_}/{verb}", body)
        assert (status, answer["error"]["code"]) == (422, "invalid"), answer
        assert answer["error"].get("key", "") in keys
        too_much = b'{"note":"' + b"x" * 70_000 + b'"}'
        assert (await agent.ask("POST", f"/interactions/{id_}/{verb}", too_much))[0] == 413
    assert web.calls.commands == []
    assert web.phase(id_) is Phase.TALKING


async def test_markup_and_direction_marks_are_kept_as_they_are(web: RunningWeb) -> None:
    id_ = await web.talking("ag101")
    note = "<script>alert(1)</script> \u202e\u0000 'quote\" \U0001f600"
    async with web.browser("agen") as agent:
        body = {"category": "kbli", "note": note, "follow_up": True}
        await agent.post(f"/interactions/{id_}/disposition", body)
        history = await agent.get(f"/interactions/{id_}")
        assert history["interaction"]["id"] == id_


# --- the same request twice --------------------------------------------------------------------------------


async def test_the_same_key_gives_the_same_answer_and_does_nothing_again(web: RunningWeb) -> None:
    body = {"number": "+628123456789", "queue": "licensing"}
    async with web.browser("agen") as agent, web.browser("agen2") as other:
        first = await agent.exchange("POST", "/calls", body, headers=keyed("key-00001"))
        again = await agent.exchange("POST", "/calls", body, headers=keyed("key-00001"))
        assert first[:2] == again[:2]
        assert again[2]["Idempotent-Replay"] == "true"
        assert "Idempotent-Replay" not in first[2]
        changed = {**body, "queue": "lkpm"}
        status, answer = await agent.ask("POST", "/calls", changed, headers=keyed("key-00001"))
        assert (status, answer["error"]["code"]) == (409, "other_body")
        theirs = await other.ask("POST", "/calls", body, headers=keyed("key-00001"))
        assert theirs[0] == 200
        assert theirs[1] != first[1]
        for bad in ("short", "x" * 101, "key with space"):
            status, answer = await agent.ask("POST", "/calls", body, headers=keyed(bad))
            assert (status, answer["error"]["code"]) == (400, "bad_key")
    assert len(web.calls.commands) == 2
    mine = [
        (act.status, act.detail) for act in await web.acts() if (act.user, act.action) == ("agen", "dial")
    ]
    malformed = (400, "bad_key")
    assert mine == [*[malformed] * 3, (409, "other_body"), (200, "repeated"), (200, "")]


async def test_of_many_at_once_with_one_key_one_is_done_every_time(web: RunningWeb) -> None:
    """The race, many times: the first is held up until all are on their way."""
    body = {"number": "+628123456789", "queue": "licensing"}
    async with web.browser("agen") as agent:
        for turn in range(40):
            web.calls.commands.clear()
            web.calls.pause.clear()
            asking = [
                asyncio.create_task(agent.exchange("POST", "/calls", body, headers=keyed(f"turn-{turn:05}")))
                for _ in range(6)
            ]
            if turn % 2:
                await until(lambda: len(web.desk.repeats._running) == 1)
            web.calls.pause.set()
            answers = await asyncio.gather(*asking)
            assert len({str(answer[:2]) for answer in answers}) == 1
            assert sum("Idempotent-Replay" not in answer[2] for answer in answers) == 1
            assert len(web.calls.commands) == 1


async def test_of_many_at_once_with_one_key_and_two_bodies_one_body_is_done(web: RunningWeb) -> None:
    async with web.browser("agen") as agent:
        for turn in range(20):
            web.calls.commands.clear()
            bodies = [{"number": f"+62812345678{n % 2}", "queue": "licensing"} for n in range(6)]
            key = keyed(f"turn-{turn:05}")
            answers = await asyncio.gather(
                *(agent.ask("POST", "/calls", body, headers=key) for body in bodies)
            )
            assert sorted(status for status, _ in answers) == [200, 200, 200, 409, 409, 409]
            assert len(web.calls.commands) == 1


async def test_a_refusal_is_kept_and_an_absence_is_not(web: RunningWeb) -> None:
    id_ = await web.talking("ag101")
    async with web.browser("agen") as agent:
        hold = f"/interactions/{id_}/hold"
        web.calls.refusal = Refused("held already")
        assert (await agent.ask("POST", hold, {}, headers=keyed("key-00001")))[0] == 409
        web.calls.refusal = TryLater("away")
        assert (await agent.ask("POST", hold, {}, headers=keyed("key-00002")))[0] == 503
        web.calls.refusal = None
        assert (await agent.ask("POST", hold, {}, headers=keyed("key-00001")))[0] == 409
        assert (await agent.ask("POST", hold, {}, headers=keyed("key-00002")))[0] == 200
    assert web.calls.commands == [c.Hold(id_, ME)]
    rows = [(act.status, act.detail) for act in await web.acts() if act.action == "hold"]
    assert rows == [(200, ""), (409, "repeated"), (503, "later"), (409, "conflict")]


async def test_a_request_that_the_server_did_not_live_to_answer_is_not_done_again(web: RunningWeb) -> None:
    body = {"number": "+628123456789", "queue": "licensing"}
    async with web.browser("agen") as agent:
        await agent.ask("POST", "/calls", body, headers=keyed("key-00001"))
        kept = await web.web.record.begin("agen", "key-00001", "", 0)
        assert kept is not None
        await web.web.record.abandon("agen", "key-00001")
        await web.web.record.begin("agen", "key-00001", kept.request, web.desk.clock.now_ms())
        status, answer = await agent.ask("POST", "/calls", body, headers=keyed("key-00001"))
        assert (status, answer["error"]["code"]) == (409, "unknown_outcome")
    assert len(web.calls.commands) == 1


# --- leading -----------------------------------------------------------------------------------------------


async def test_a_leader_moves_a_waiting_contact_and_it_keeps_its_place(web: RunningWeb) -> None:
    await web.talking("ag101")
    id_ = await web.arrive()
    before = web.engine.state.interaction(id_)
    assert before is not None
    async with web.browser("penyelia") as leader:
        await leader.post(f"/interactions/{id_}/move", {"queue": "lkpm", "reason": "salah pilih"})
        await leader.post(f"/interactions/{id_}/priority", {"priority": 3})
        after = web.engine.state.interaction(id_)
        assert after is not None
        assert (after.queue, after.arrived_at, after.priority) == ("lkpm", before.arrived_at, 3)
        assert after.score == before.arrived_at - 180_000
        assert await refused(leader, id_, "move", {"queue": "moon"}) == (422, "invalid")
        talking = next(v.id for v in web.engine.state.live() if v.phase is Phase.TALKING)
        assert await refused(leader, talking, "move", {"queue": "lkpm"}) == (409, "conflict")
    assert ("move", "salah pilih") in [(act.action, act.detail) for act in await web.acts()]


async def test_a_supervisor_sees_what_ending_a_stuck_contact_lets_go_and_ends_it(web: RunningWeb) -> None:
    id_ = await web.talking("ag101")
    async with web.browser("penyelia") as leader:
        release = await leader.get(f"/interactions/{id_}/release")
        assert (release["phase"], release["agent"], release["load"]) == ("talking", "ag101", 100)
        assert await refused(leader, id_, "end", {"reason": ""}) == (422, "invalid")
        await leader.post(f"/interactions/{id_}/end", {"reason": "saluran mati"})
        agent = web.engine.state.agent(ME)
        assert agent is not None
        assert id_ not in agent.work


async def test_a_queue_is_paused_with_a_reason_and_the_name_of_who_did_it(web: RunningWeb) -> None:
    async with web.browser("penyelia") as leader, leader.stream("?topics=queues") as screen:
        await screen.frame()
        await leader.post("/queues/licensing/state", {"state": "paused", "reason": "sistem OSS mati"})
        queue = await screen.until(
            lambda s: s.get("queues", "licensing")["state"] == "paused" and s.get("queues", "licensing")
        )
        assert (queue["reason"], queue["by"]) == ("sistem OSS mati", "penyelia")
        assert await status_of(leader, "/queues/moon/state", {"state": "open"}) == 404
        assert await status_of(leader, "/queues/licensing/state", {"state": "burning"}) == 422


async def status_of(browser: Browser, path: str, body: Any) -> int:
    return (await browser.ask("POST", path, body))[0]


async def test_the_emergency_switch_is_seen_and_outlives_a_restart(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    async with (
        running_web(tmp_path, settings) as web,
        web.browser("penyelia") as leader,
        leader.stream("?topics=centre") as screen,
    ):
        await screen.frame()
        await leader.post("/emergency", {"closed": True, "reason": "gempa"})
        await screen.until(lambda s: s.get("centre", "centre")["closed"])
        centre = screen.get("centre", "centre")
        assert (centre["reason"], centre["by"]) == ("gempa", "penyelia")
    async with running_web(tmp_path, settings) as web:
        assert web.web.closure.closed


async def test_why_is_said_in_both_languages(web: RunningWeb) -> None:
    id_ = await web.talking("ag101")
    waiting = await web.arrive()
    name = web.centre.agents[ME].name
    async with web.browser("penyelia") as leader:
        (decision,) = await leader.get(f"/interactions/{id_}/decisions")
        assert decision["question"] == {"id": f"Mengapa {name}?", "en": f"Why {name}?"}
        assert name in decision["answer"]["id"]
        assert "Diterima setelah" in decision["answer"]["id"]
        assert "Accepted after" in decision["answer"]["en"]
        (still,) = await leader.get(f"/interactions/{waiting}/decisions")
        assert "1 penuh" in still["answer"]["id"]
        assert "1 full" in still["answer"]["en"]
        assert still["candidates"][0]["name"]
        assert (await leader.ask("GET", f"/interactions/{new_interaction_id()}/decisions"))[0] == 404


async def test_a_number_in_full_is_given_to_who_had_the_contact_and_written_down(web: RunningWeb) -> None:
    id_ = await web.talking("ag101")
    async with web.browser("agen") as agent, web.browser("agen2") as other:
        assert await agent.post(f"/interactions/{id_}/reveal") == {"caller": "081234567890"}
        assert (await other.ask("POST", f"/interactions/{id_}/reveal", {}))[0] == 403
        assert (await agent.get(f"/interactions/{id_}"))["interaction"]["caller"] == "0812••••7890"
        await web.engine.submit(Ended(id_, Party.CUSTOMER))
        await agent.post(f"/interactions/{id_}/wrap-up-done")
        assert await agent.post(f"/interactions/{id_}/reveal") == {"caller": "081234567890"}
        # Somebody else's and none at all look alike.
        assert (await other.ask("POST", f"/interactions/{id_}/reveal", {}))[0] == 403
        assert (await other.ask("POST", f"/interactions/{new_interaction_id()}/reveal", {}))[0] == 403
    assert [act.status for act in await web.acts() if act.action == "reveal"][::-1] == [
        200,
        403,
        200,
        403,
        403,
    ]


async def test_a_text_contact_is_accepted_at_the_desk_and_a_call_is_not(web: RunningWeb) -> None:
    async with web.browser("agen") as agent, web.browser("admin") as admin:
        body = {"name": "tulis", "role": "agent", "password": "a long password", "agent": "ag201"}
        await admin.post("/users", body)
        _, offer = await web.offered("ag101")
        status, answer = await agent.ask("POST", f"/offers/{offer}/accept", {})
        assert (status, answer["error"]["code"]) == (409, "conflict")
        async with web.browser() as writer:
            await writer.post("/session", {"name": "tulis", "password": "a long password"})
            await web.on_duty("ag201", Channel.WHATSAPP)
            id_ = await web.arrive(channel=Channel.WHATSAPP)
            view = web.engine.state.interaction(id_)
            assert view is not None
            assert (await agent.ask("POST", f"/offers/{view.offer}/accept", {}))[0] == 403
            await writer.post(f"/offers/{view.offer}/accept")
            await until(lambda: web.phase(id_) is Phase.TALKING)
            second = await web.arrive(channel=Channel.WHATSAPP)
            view = web.engine.state.interaction(second)
            assert view is not None
            await writer.post(f"/offers/{view.offer}/reject", {"reason": ""})
            assert web.phase(second) is Phase.WAITING
            assert (await writer.ask("POST", f"/offers/{view.offer}/accept", {}))[0] == 410
            assert (await writer.ask("POST", "/offers/99999/accept", {}))[0] == 404
