"""The public interface of a whole centre: a real call is seen, held, found again after a kill, and ended over HTTP."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import CookieJar

from core.ids import AgentId
from desk.passwords import Passwords
from store.database import Database, parse
from store.desk_accounts import SqlAccounts
from tests.integration.centre_fixture import RunningCentre, hear_each_other, running_centre
from tests.integration.web_fixture import CHEAP, Browser, Screen
from workforce.accounts import Role, User

PASSWORD = "a long password"


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


async def test_a_call_is_worked_from_the_desk_over_a_kill_of_control(tmp_path: Path) -> None:
    async with running_centre(tmp_path) as centre:
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
                caller, id_ = await centre.in_line()
                await screen.until(lambda s: s.get("desk", id_))
                answered = await centre.answered()
                await screen.until(lambda s: s.get("desk", id_)["phase"] == "talking")
                await hear_each_other(caller, answered)
                await agent.post(f"/interactions/{id_}/hold")
                held = await screen.until(
                    lambda s: s.get("desk", id_)["phase"] == "held" and s.get("desk", id_)
                )
                assert held["call"]["parties"][0] == {"who": "customer", "held": True}

            restarts = centre.signal("control", signal.SIGKILL)
            await centre.back("control", restarts)
            async with agent.stream(f"?after={screen.seq}") as opened:
                screen = Screen(opened.socket)
                frame = await screen.frame()
                assert frame["type"] == "snapshot", "what was published before the kill is not held any more"
                await screen.until(lambda s: (s.get("desk", id_) or {}).get("call"))
                assert screen.get("desk", id_)["phase"] == "held"
                await agent.post(f"/interactions/{id_}/resume")
                await screen.until(lambda s: s.get("desk", id_)["phase"] == "talking")
                await hear_each_other(caller, answered)
                decisions = await leader.get(f"/interactions/{id_}/decisions")
                assert "satu-satunya" in decisions[0]["answer"]["id"]
                status, answer = await leader.ask("POST", f"/interactions/{id_}/hold", {})
                assert (status, answer["error"]["code"]) == (403, "no_agent")
                await agent.post(f"/interactions/{id_}/hang-up")
                await screen.until(lambda s: s.get("desk", id_) is None)
                await caller.ended()
            status, answer = await agent.ask("POST", f"/interactions/{id_}/hold", {})
            assert (status, answer["error"]["code"]) == (410, "over")
        await centre.nothing_left()
