"""Earlier contacts, drafts and cases: what an agent sees and writes of a customer, and nobody else's agent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from acd.events import Arrived, Connected, Ended, OfferAccepted, Queued, WrapUpDone
from acd.model import Channel, Kind, Party
from core.ids import AgentId, InteractionId, QueueId, new_interaction_id
from tests.integration.web_fixture import Browser, RunningWeb, running_web
from tests.waiting import until

ADI = AgentId("ag101")
MARKUP = "<img src=x onerror=alert(1)>\u202e" + "a" * 3_000


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[RunningWeb]:
    async with running_web(tmp_path) as running:
        yield running


async def handled(
    web: RunningWeb, browser: Browser, note: str = "Dijelaskan.", **more: object
) -> InteractionId:
    """Have the agent on duty talk with a customer, say what it was about, and be done."""
    id_ = await web.talking(ADI)
    await web.engine.submit(Ended(id_, Party.CUSTOMER))
    await browser.post(f"/interactions/{id_}/disposition", {"category": "kbli", "note": note, **more})
    await browser.post(f"/interactions/{id_}/wrap-up-done")
    return id_


async def test_an_agent_sees_a_customers_past_with_the_offer_and_not_after(web: RunningWeb) -> None:
    async with web.browser("agen") as agent, web.browser("agen2") as other, web.browser("penyelia") as leader:
        await web.on_duty(ADI)
        first = await handled(web, agent, MARKUP)
        second = await handled(web, agent)
        now, offer = await web.offered(ADI)
        past = await agent.get(f"/interactions/{now}/earlier")
        assert [item["id"] for item in past["items"]] == [second, first]
        assert past["items"][1]["note"] == MARKUP, "text is text, whatever it looks like"
        assert past["items"][1]["category"] == "kbli"
        assert past["items"][1]["outcome"] == "handled"
        assert past["items"][1]["agent"] == ADI
        page = await agent.get(f"/interactions/{now}/earlier?limit=1")
        assert page["more"]
        rest = await agent.get(f"/interactions/{now}/earlier?limit=1&before={page['items'][0]['id']}")
        assert [item["id"] for item in rest["items"]] == [first]

        refused = (403, "forbidden")
        status, answer = await other.ask("GET", f"/interactions/{now}/earlier")
        assert (status, answer["error"]["code"]) == refused, "it is offered to somebody else"
        status, answer = await agent.ask("GET", f"/interactions/{first}/earlier")
        assert (status, answer["error"]["code"]) == refused, "the contact is over"
        assert len((await leader.get(f"/interactions/{first}/earlier"))["items"]) == 2

        await web.engine.submit(OfferAccepted(offer))
        await until(lambda: web.phase(now) == "talking")
        assert (await agent.get(f"/interactions/{now}/earlier"))["known"]
        await web.engine.submit(Ended(now, Party.CUSTOMER))
        assert (await agent.get(f"/interactions/{now}/earlier"))["known"], "it is being wrapped up"
        await web.engine.submit(WrapUpDone(now, ADI))
        status, _ = await agent.ask("GET", f"/interactions/{now}/earlier")
        assert status == 403


async def test_a_draft_is_on_the_server_until_it_is_handed_in(web: RunningWeb) -> None:
    async with web.browser("agen") as agent, web.browser("agen2") as other:
        await web.on_duty(ADI)
        id_ = await web.talking(ADI)
        body = {"text": MARKUP, "category": "kbli", "follow_up": True, "due": 1_900_000_000_000}
        status, answer = await agent.ask("PUT", f"/interactions/{id_}/draft", body)
        assert status == 200, answer
        status, answer = await other.ask("PUT", f"/interactions/{id_}/draft", {"text": "not mine"})
        assert (status, answer["error"]["code"]) == (403, "not_yours")
        assert await other.get("/me/drafts") == []
        async with web.browser("agen") as another:
            (kept,) = await another.get("/me/drafts")
        assert {name: kept[name] for name in body} == body
        assert kept["interaction"] == id_

        await agent.post(f"/interactions/{id_}/disposition", {"category": "kbli", "note": "so far"})
        assert len(await agent.get("/me/drafts")) == 1, "while they talk the agent goes on writing"
        await web.engine.submit(Ended(id_, Party.CUSTOMER))
        await agent.ask("PUT", f"/interactions/{id_}/draft", {"text": "more"})
        await agent.post(f"/interactions/{id_}/disposition", {"category": "kbli", "note": "all of it"})
        assert await web.web.customers.drafts(ADI) == []
        await agent.ask("PUT", f"/interactions/{id_}/draft", {"text": "a straggler"})
        await agent.post(f"/interactions/{id_}/wrap-up-done")
        assert await web.web.customers.drafts(ADI) == []
        status, answer = await agent.ask("PUT", f"/interactions/{id_}/draft", {"text": "too late"})
        assert (status, answer["error"]["code"]) == (410, "over")
        status, answer = await agent.ask("PUT", f"/interactions/{id_}/draft", {"text": "x" * 4_001})
        assert status in (410, 422)
        assert await web.web.customers.drafts(ADI) == []
        assert "draft" not in {act.action for act in await web.acts() if act.status == 200}


async def test_a_follow_up_is_a_case_of_the_agent_and_the_leader(web: RunningWeb) -> None:
    async with web.browser("agen") as agent, web.browser("agen2") as other, web.browser("penyelia") as leader:
        await web.on_duty(ADI)
        first = await handled(web, agent, "Kirim panduan", follow_up=True, due=1_900_000_000_000)
        second = await handled(web, agent, follow_up=True)
        await handled(web, agent)
        own = await agent.get("/me/cases")
        assert [case["id"] for case in own] == [second, first], "the first due comes first"
        assert own[1]["due"] == 1_900_000_000_000
        assert (own[1]["note"], own[1]["category"], own[1]["queue"]) == ("Kirim panduan", "kbli", "licensing")
        assert own[1]["caller"] == "0812••••7890"
        assert await other.get("/me/cases") == []
        assert [case["id"] for case in await leader.get("/cases")] == [second, first]
        assert (await other.ask("GET", "/cases"))[0] == 403

        for who in (first, new_interaction_id()):
            status, answer = await other.ask("PATCH", f"/cases/{who}", {"done": True})
            assert (status, answer["error"]["code"]) == (403, "not_yours")
        status, _ = await leader.ask("PATCH", f"/cases/{new_interaction_id()}", {"done": True})
        assert status == 404
        status, later = await leader.ask("PATCH", f"/cases/{first}", {"due": 1_800_000_000_000})
        assert (status, later["due"]) == (200, 1_800_000_000_000)
        status, done = await agent.ask("PATCH", f"/cases/{second}", {"done": True})
        assert (status, done["done_by"]) == (200, "agen")
        assert [case["id"] for case in await agent.get("/me/cases")] == [first, second], "done comes last"
        status, again = await agent.ask("PATCH", f"/cases/{second}", {"done": False})
        assert (status, again["done_at"], again["done_by"]) == (200, None, None)
        acts = [act.action for act in await web.acts()]
        assert acts.count("case-change") >= 5, "done and refused changes are written down"


async def test_no_follow_up_after_all_leaves_no_case(web: RunningWeb) -> None:
    async with web.browser("agen") as agent:
        await web.on_duty(ADI)
        id_ = await web.talking(ADI)
        promised = {"category": "kbli", "follow_up": True}
        await agent.post(f"/interactions/{id_}/disposition", promised)
        assert len(await agent.get("/me/cases")) == 1
        await agent.post(f"/interactions/{id_}/disposition", {**promised, "follow_up": False})
        assert await agent.get("/me/cases") == []


async def test_a_name_that_a_visitor_typed_opens_nobodys_past(web: RunningWeb) -> None:
    async with web.browser("agen") as agent, web.browser("penyelia") as leader:
        await web.on_duty(ADI)
        await handled(web, agent)
        visit = new_interaction_id()
        arrived = Arrived(visit, Channel.VIDEO, web.desk.clock.now_ms(), caller="081234567890")
        await web.engine.submit(arrived, Queued(visit, QueueId("licensing")))
        assert await leader.get(f"/interactions/{visit}/earlier") == {
            "known": False,
            "items": [],
            "more": False,
        }
        back = new_interaction_id()
        promised = Arrived(
            back, Channel.VOICE, web.desk.clock.now_ms(), caller="+6281234567890", kind=Kind.CALLBACK
        )
        await web.engine.submit(promised, Queued(back, QueueId("licensing")), Connected(id=back))
        assert len((await leader.get(f"/interactions/{back}/earlier"))["items"]) == 1
