"""The public interface of a whole centre: a real call is seen, held, found again after a kill, and ended over HTTP."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import CookieJar

from core.ids import AgentId
from desk.passwords import Passwords
from pbx.probe.listen import until_silent, until_tone
from pbx.probe.phone import Call, open_telephone
from pbx.probe.wav import read
from store.database import Database, parse
from store.desk_accounts import SqlAccounts
from tests.integration.centre_fixture import MENU, RunningCentre, started
from tests.integration.web_fixture import CHEAP, Browser
from workforce.accounts import Role, User

PASSWORD = "a long password"
CITIZEN_HZ = 440


async def account(centre: RunningCentre, name: str, role: Role, agent: str | None) -> None:
    database = Database(parse(centre.settings.database))
    hashed = await Passwords(CHEAP).hash(PASSWORD)
    await SqlAccounts(database).add(User(name, role, agent=AgentId(agent) if agent else None), hashed)
    await database.close()


@asynccontextmanager
async def signed_in(centre: RunningCentre, name: str) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        browser = Browser(session, centre.settings.web.address)
        await browser.post("/session", {"name": name, "password": PASSWORD})
        yield browser


@asynccontextmanager
async def without_callers(folder: Path) -> AsyncIterator[RunningCentre]:
    """A centre whose trunk is free for the synthetic citizen."""
    async with (
        started(folder, MENU, video=0) as (settings, arguments),
        open_telephone(calls=2, folder=folder / "desks") as desks,
    ):
        yield RunningCentre(settings, arguments, desks, desks)


async def hears_the_citizen(agent: Call) -> None:
    await until_tone(agent.heard, CITIZEN_HZ, after_ms=read(agent.heard).ms, within=10)


async def test_a_call_is_worked_from_the_desk_over_a_kill_of_control(tmp_path: Path) -> None:
    """The caller is the synthetic citizen of ``sambung try``."""
    async with without_callers(tmp_path) as centre:
        await account(centre, "adi", Role.AGENT, "ag101")
        await account(centre, "sri", Role.SUPERVISOR, None)
        async with signed_in(centre, "adi") as agent, signed_in(centre, "sri") as leader:
            await centre.register("ag101")
            async with agent.stream() as screen:
                await agent.post("/me/shift-start")
                await agent.post("/me/intent", {"ready": True})
                await screen.until(
                    lambda s: s.get("desk", "me") and s.get("desk", "me")["reach"] == ["voice"]
                )
                assert {p["endpoint"]: p["up"] for p in screen.get("desk", "me")["phones"]} == {
                    "ag101-web": False,
                    "ag101": True,
                }
                trying = asyncio.create_task(centre.run("try"))
                answered = await centre.answered()
                await screen.until(lambda s: s.get("desk", "me")["state"] == "talking")
                (id_,) = screen.get("desk", "me")["work"]
                await hears_the_citizen(answered)
                await agent.post(f"/interactions/{id_}/hold")
                await screen.until(lambda s: s.get("desk", id_)["phase"] == "held")
                await until_silent(answered.heard, for_ms=1_000, within=10)
                parties = screen.get("desk", id_)["call"]["parties"]
                assert parties[0] == {"who": "customer", "held": True}

            restarts = centre.signal("control", signal.SIGKILL)
            await centre.back("control", restarts)
            async with agent.stream(f"?after={screen.seq}") as screen:
                frame = await screen.frame()
                assert frame["type"] == "snapshot", "what was published before the kill is not held any more"
                await screen.until(lambda s: (s.get("desk", id_) or {}).get("call"))
                assert screen.get("desk", id_)["phase"] == "held"
                await agent.post(f"/interactions/{id_}/resume")
                await screen.until(lambda s: s.get("desk", id_)["phase"] == "talking")
                await hears_the_citizen(answered)
                decisions = await leader.get(f"/interactions/{id_}/decisions")
                assert "satu-satunya" in decisions[0]["answer"]["id"]
                status, answer = await leader.ask("POST", f"/interactions/{id_}/hold", {})
                assert (status, answer["error"]["code"]) == (403, "no_agent")
                await agent.post(f"/interactions/{id_}/hang-up")
                await screen.until(lambda s: s.get("desk", id_) is None)
            status, said = await trying
            assert status == 0, said
            status, answer = await agent.ask("POST", f"/interactions/{id_}/hold", {})
            assert (status, answer["error"]["code"]) == (410, "over")
        await centre.nothing_left()
