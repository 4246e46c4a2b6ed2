"""The live stream: what a screen holds is what is, over lost connections, slow readers and other people's desks."""

from __future__ import annotations

import dataclasses
import json
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest_asyncio

from acd.events import Disposed, Ended, IntentSet, OfferAccepted, OfferRejected, Parked, PriorityChanged
from acd.model import Channel, Party
from core.ids import AgentId, QueueId
from desk import model
from desk.model import Snapshot, Topic
from tests.integration.web_fixture import Browser, RunningWeb, Screen, held, running_web, settings_for
from tests.waiting import until

ME = AgentId("ag101")


@pytest_asyncio.fixture
async def web(tmp_path: Path) -> AsyncIterator[RunningWeb]:
    async with running_web(tmp_path) as running:
        yield running


def phase_on(screen: Screen, topic: str, id_: str) -> str | None:
    found = screen.get(topic, id_)
    return None if found is None else found["phase"]


async def test_a_contact_goes_over_the_agents_desk_from_offer_to_wrap_up(web: RunningWeb) -> None:
    async with web.browser("agen") as agent, agent.stream() as screen:
        await screen.until(lambda s: s.get("desk", "me"))
        await agent.post("/me/shift-start")
        await agent.post("/me/intent", {"ready": True})
        await web.on_duty("ag101")
        await screen.until(lambda s: s.get("desk", "me")["state"] == "ready")

        id_, offer = await web.offered("ag101")
        card = await screen.until(lambda s: s.get("desk", id_))
        assert card["phase"] == "offered"
        assert card["caller"] == "0812••••7890"
        assert card["offer"]["offer"] == offer
        assert card["offer"]["until"] > card["since"]
        assert card["offer"]["why"]["rule"] == "contact_searched"
        assert screen.get("desk", "me")["load"] == screen.get("desk", "me")["offered_load"] == 100

        await web.engine.submit(OfferAccepted(offer))
        await screen.until(lambda s: phase_on(s, "desk", id_) == "talking")
        assert screen.get("desk", "me")["state"] == "talking"
        await agent.post(f"/interactions/{id_}/disposition", {"category": "kbli", "note": "Dijelaskan."})
        await screen.until(lambda s: s.get("desk", id_)["category"] == "kbli")

        await web.engine.submit(Ended(id_, Party.CUSTOMER))
        wrapping = await screen.until(lambda s: phase_on(s, "desk", id_) == "wrapping" and s.get("desk", id_))
        assert wrapping["until"] > wrapping["since"]
        before = wrapping["until"], wrapping["extensions"]
        await agent.post(f"/interactions/{id_}/wrap-up-extend")
        await screen.until(lambda s: s.get("desk", id_)["until"] > before[0])
        assert screen.get("desk", id_)["extensions"] == before[1] - 1
        await agent.post(f"/interactions/{id_}/wrap-up-done")
        await screen.until(lambda s: s.get("desk", id_) is None)
        assert screen.get("desk", "me")["state"] == "ready"


async def test_nothing_of_another_agents_desk_is_ever_seen(web: RunningWeb) -> None:
    async with web.browser("agen2") as other, other.stream() as screen:
        await screen.until(lambda s: s.get("desk", "me"))
        await web.on_duty("ag101")
        id_ = await web.talking("ag101")
        await web.engine.submit(Ended(id_, Party.CUSTOMER))
        await screen.until(
            lambda s: s.get("colleagues", "ag101") and s.get("colleagues", "ag101")["state"] == "wrapping"
        )
        assert id_ not in msgspec.json.encode([screen.values[key] for key in screen.values]).decode()
        assert {topic for topic, _ in screen.values} == {
            "desk",
            "centre",
            "queues",
            "colleagues",
            "wallboard",
        }


async def test_an_offer_that_goes_away_says_why(web: RunningWeb) -> None:
    async with web.browser("agen") as agent, agent.stream() as screen:
        await web.on_duty("ag101")
        id_, offer = await web.offered("ag101")
        await screen.until(lambda s: s.get("desk", id_))
        await web.engine.submit(Ended(id_, Party.CUSTOMER))
        (notice,) = await screen.until(lambda s: s.notices)
        assert (notice["kind"], notice["offer"], notice["why"]) == ("offer_over", offer, "cancelled")
        assert screen.get("desk", id_) is None

        id_, offer = await web.offered("ag101")
        await web.engine.submit(OfferRejected(offer))
        assert (await screen.until(lambda s: s.notices[1:]))[0]["why"] == "rejected"


async def test_not_ready_after_the_offer_waits_for_it(web: RunningWeb) -> None:
    async with web.browser("agen") as agent, agent.stream() as screen:
        await web.on_duty("ag101")
        id_, offer = await web.offered("ag101")
        me = await agent.post("/me/intent", {"ready": False, "reason": "break", "next": True})
        assert (me["ready"], me["next_not_ready"]) == (True, "break")
        await screen.until(lambda s: s.get("desk", "me") and s.get("desk", "me")["next_not_ready"] == "break")
        await web.engine.submit(OfferAccepted(offer))
        await screen.until(lambda s: not s.get("desk", "me")["ready"])
        assert screen.get("desk", "me")["reason"] == "break"
        assert phase_on(screen, "desk", id_) == "talking"
        assert screen.get("desk", "me")["next_not_ready"] is None


async def test_not_ready_after_the_offer_outlives_a_restart_and_what_was_said_since(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    body = {"ready": False, "reason": "break", "next": True}
    async with running_web(tmp_path, settings) as web, web.browser("agen") as agent:
        await web.on_duty("ag101")
        _, offer = await web.offered("ag101")
        await agent.post("/me/intent", body)
        await agent.post("/me/intent", {"ready": True})
    async with running_web(tmp_path, settings) as web, web.browser("agen") as agent:
        assert web.desk.live.views.pending == {}
        await agent.post("/me/intent", body)
    async with running_web(tmp_path, settings) as web, web.browser("agen") as agent:
        assert (await agent.get("/me"))["next_not_ready"] == "break"
        await web.engine.submit(OfferAccepted(offer))
        await until(lambda: (view := web.engine.state.agent(AgentId("ag101"))) and not view.ready)
        await agent.post("/me/intent", {"ready": True})
    async with running_web(tmp_path, settings) as web:
        view = web.engine.state.agent(AgentId("ag101"))
        assert view is not None
        assert view.ready
        assert web.desk.live.views.pending == {}


async def test_a_desk_that_is_open_makes_its_agent_reachable_by_text(web: RunningWeb) -> None:
    async with web.browser("admin") as admin:
        body = {"name": "tulis", "role": "agent", "password": "a long password", "agent": "ag201"}
        await admin.post("/users", body)

    by_text = tuple(c for c in Channel if c in web.desk.live.directory.agents[AgentId("ag201")].channels)
    assert by_text

    def reach() -> tuple[str, ...]:
        view = web.engine.state.agent(AgentId("ag201"))
        assert view is not None
        return view.reach

    async with web.browser() as agent:
        await agent.post("/session", {"name": "tulis", "password": "a long password"})
        assert reach() == ()
        async with agent.stream() as screen:
            await screen.until(
                lambda s: s.get("desk", "me") and s.get("desk", "me")["reach"] == list(by_text)
            )
            assert screen.get("desk", "me")["desk"]
        assert reach() == by_text, "a reload must not cost the agent the place"
        web.desk.live.presence._leave(AgentId("ag201"))
        await until(lambda: reach() == ())
        await agent.post("/me/beat", {"visible": False})
        await until(lambda: reach() == by_text)


async def test_figures_follow_what_happens(web: RunningWeb) -> None:
    async with web.browser("penyelia") as leader, leader.stream("?topics=queues,wallboard") as screen:
        await web.on_duty("ag101")
        await web.talking("ag101")
        waiting = await web.arrive()
        await screen.frame()
        await screen.until(lambda s: s.get("queues", "licensing")["waiting"] == 1)
        figures = screen.get("queues", "licensing")["today"]
        assert (figures["offered"], figures["answered"], figures["service_level"]) == (1, 1, 100.0)
        assert screen.get("queues", "licensing")["signed_in"] == 1
        await web.engine.submit(Ended(waiting, Party.CUSTOMER))
        await screen.until(lambda s: s.get("queues", "licensing")["today"]["abandoned"] == 1)
        tile = next(t for t in screen.get("wallboard", "wallboard")["tiles"] if t["channel"] == "voice")
        assert (tile["waiting"], tile["contacts"]) == (0, 2)
        assert screen.get("wallboard", "wallboard")["crew"]["talking"] == 1


async def test_figures_are_the_same_after_a_restart(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    async with running_web(tmp_path, settings) as web:
        await web.on_duty("ag101")
        await web.talking("ag101")
        await web.engine.submit(Ended(await web.arrive(), Party.CUSTOMER))
        waiting = await web.arrive()
        before = web.desk.live.views._room.tally
        counts = before.today(), before.half_hour(), before.standing(waiting)
        assert counts[0].offered == 2
    async with running_web(tmp_path, settings) as web:
        after = web.desk.live.views._room.tally
        assert (after.today(), after.half_hour(), after.standing(waiting)) == counts


async def test_a_desk_is_the_same_after_a_restart(tmp_path: Path) -> None:
    """One contact put aside, one wrapped up with its category: both are there, as they were."""
    settings = settings_for(tmp_path)

    def desk(web: RunningWeb) -> Any:
        return {key: json.loads(body) for key, body in web.desk.live.ring.values(Topic.DESK, ME).items()}

    async with running_web(tmp_path, settings) as web:
        await web.on_duty("ag101")
        aside = await web.talking("ag101")
        await web.engine.submit(Parked(aside, web.desk.clock.now_ms() + 600_000))
        wrapped = await web.talking("ag101")
        await web.engine.submit(Disposed(wrapped, ME, "kbli"), Ended(wrapped, Party.CUSTOMER))
        await until(lambda: desk(web).get(wrapped, {}).get("phase") == "wrapping")
        before = desk(web)
        assert before[aside]["phase"] == "parked"
        assert before[wrapped]["category"] == "kbli"
    async with running_web(tmp_path, settings) as web:
        assert desk(web) == before


async def test_new_words_and_people_are_seen_after_a_reload(web: RunningWeb) -> None:
    async with web.browser("penyelia") as leader, leader.stream() as screen:
        await screen.frame()
        agents = {**web.centre.agents, ME: dataclasses.replace(web.centre.agents[ME], name="Adi Baru")}
        queues = {**web.centre.queues, QueueId("lkpm"): {"id": "Laporan", "en": "Reports"}}
        web.web.use(dataclasses.replace(web.centre, agents=agents, queues=queues))
        await screen.until(lambda s: s.get("agents", ME)["name"] == "Adi Baru")
        await screen.until(lambda s: s.get("queues", "lkpm")["name"]["id"] == "Laporan")
        named = {queue["id"]: queue["name"]["en"] for queue in (await leader.get("/reference"))["queues"]}
        assert named["lkpm"] == "Reports"


async def test_the_wall_sees_figures_and_nobodys_name_or_number(web: RunningWeb) -> None:
    await web.on_duty("ag101")
    await web.talking("ag101")
    async with web.browser() as wall, wall.stream(f"?token={web.desk.wall_token}") as screen:
        frame = await screen.frame()
        assert frame["topics"] == ["wallboard"]
        text = msgspec.json.encode(frame).decode()
        assert "ag101" not in text
        assert "0812" not in text
        assert web.centre.agents[AgentId("ag101")].name not in text
        status, _ = await wall.ask("GET", f"/wallboard?token={web.desk.wall_token[:-1]}x")
        assert status in (401, 422)


async def test_a_note_reaches_the_desks_it_is_for(web: RunningWeb) -> None:
    async with AsyncExitStack() as stack:
        agent = await stack.enter_async_context(web.browser("agen"))
        leader = await stack.enter_async_context(web.browser("penyelia"))
        screen = await stack.enter_async_context(agent.stream())
        await screen.frame()
        text = "\u202e<b>Rapat</b> " + "x" * 400
        await leader.post("/notes", {"text": text, "urgent": True})
        (notice,) = await screen.until(lambda s: s.notices)
        assert (notice["kind"], notice["text"], notice["urgent"]) == ("note", text, True)
        queue = web.desk.live.directory.agents[AgentId("ag101")].queues[0]
        await leader.post("/notes", {"text": "Dua", "queues": [queue]})
        assert (await screen.until(lambda s: s.notices[1:]))[0]["text"] == "Dua"
        status, answer = await leader.ask("POST", "/notes", {"text": "x", "queues": ["nowhere"]})
        assert (status, answer["error"]["key"]) == (422, "queues")


async def test_who_asks_for_a_gap_is_given_it_and_then_holds_what_a_snapshot_says(web: RunningWeb) -> None:
    chance = random.Random(4)
    await web.on_duty("ag101")
    async with web.browser("penyelia") as leader:
        screen, modes = None, set()
        for _ in range(25):
            query = "" if screen is None else f"?after={screen.seq}"
            async with leader.stream(query) as opened:
                if screen is None:
                    screen = opened
                screen.socket = opened.socket
                modes.add((await screen.frame())["type"])
                await happen(web, chance)
                for _ in range(chance.randrange(3)):
                    await one_more(screen)
        assert screen is not None
        assert modes == {"snapshot", "events"}
        await same_as_a_snapshot(leader, screen)


async def one_more(screen: Screen) -> bool:
    """Take a frame if there is one."""
    try:
        return isinstance(await screen.frame(0.2), dict)
    except TimeoutError:
        return False


async def happen(web: RunningWeb, chance: random.Random) -> None:
    """Let something happen to somebody."""
    live = list(web.engine.state.live())
    kind = chance.choice(["arrive", "arrive", "end", "accept", "reject", "priority", "intent"])
    offered = [view for view in live if view.offer and view.phase == "offered"]
    match kind:
        case "arrive":
            await web.arrive()
        case "end" if live:
            await web.engine.submit(Ended(chance.choice(live).id, Party.CUSTOMER))
        case "accept" | "reject" if offered:
            offer = chance.choice(offered).offer
            assert offer is not None
            await web.engine.submit(OfferAccepted(offer) if kind == "accept" else OfferRejected(offer))
        case "priority" if live:
            await web.engine.submit(PriorityChanged(chance.choice(live).id, chance.randrange(9)))
        case _:
            await web.engine.submit(IntentSet(AgentId("ag101"), chance.random() < 0.7, "break"))


async def same_as_a_snapshot(browser: Browser, screen: Screen) -> None:
    """The screen ends up with exactly what a fresh one is given."""

    async def caught_up() -> bool:
        async with browser.stream(f"?after={screen.seq}") as opened:
            screen.socket = opened.socket
            await screen.frame()
            async with browser.stream() as fresh:
                snapshot = await fresh.frame()
            while screen.seq < snapshot["seq"] and await one_more(screen):
                pass
            return screen.values == dict(held(snapshot))

    await until(caught_up)


async def test_a_gap_that_is_not_held_any_more_gives_a_snapshot(web: RunningWeb) -> None:
    async with web.browser("agen") as agent:
        for after in (1, 2**53, web.desk.live.ring.seq + 1_000):
            async with agent.stream(f"?after={after}") as screen:
                assert (await screen.frame())["type"] == "snapshot"
        for wrong in ("-1", "x", "1e3", "9" * 40, ""):
            origin = {"Origin": web.base}
            status, answer = await agent.ask("GET", f"/stream?after={wrong}", headers=origin)
            assert (status, answer["error"].get("key")) == (422, "after"), (wrong, answer)


TYPES: dict[tuple[str, bool], Any] = {
    ("desk", True): model.Agent,
    ("desk", False): model.Contact,
    ("centre", False): model.Centre,
    ("queues", False): model.Queue,
    ("colleagues", False): model.Colleague,
    ("agents", False): model.Agent,
    ("contacts", False): model.Contact,
    ("wallboard", False): model.Wallboard,
}


async def test_every_frame_is_of_its_type(web: RunningWeb) -> None:
    async with web.browser("penyelia") as leader, leader.stream() as screen:
        await web.on_duty("ag101")
        await web.talking("ag101")
        await web.arrive()
        seen: set[str] = set()
        while not seen >= {"desk", "centre", "queues", "agents", "contacts", "wallboard", "colleagues"}:
            frame = await screen.frame()
            if frame["type"] == "snapshot":
                msgspec.convert(frame, Snapshot)
            for event in frame.get("events", ()):
                msgspec.convert(event["value"], TYPES[event["topic"], event["key"] == "me"])
            seen |= {topic for topic, _ in screen.values}
