"""Desks at work: from an event of the line to the last of 200 screens, what a desk costs control, and the first load.

Control runs as a process of its own, without Asterisk; every desk is a real WebSocket with a session of its own.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from core.clock import SystemClock
from core.errors import TryLater
from core.ids import AgentId
from desk.gate import SESSION_MS
from desk.passwords import digest, new_token
from sambung.bench.desk_page import first_load
from sambung.bench.table import Figure
from sambung.centre import load_centre
from sambung.client import ControlClient
from sambung.load import load as load_settings
from sambung.settings import Settings
from store.database import Database, parse
from store.desk_accounts import SqlAccounts
from workforce.accounts import Role, Session, User

_TEMPLATE: Final = Path(__file__).resolve().parents[2] / "config"
_DESKS: Final = 200
_EVENTS: Final = 200
_READY_S: Final = 60.0
_CALM_S: Final = 2.0


async def run(quick: bool) -> list[Figure]:
    """Measure and return the figures; ``quick``: fewer desks and events."""
    desks, events = (20, 20) if quick else (_DESKS, _EVENTS)
    with tempfile.TemporaryDirectory(prefix="sambung-bench-") as folder:
        async with _control(Path(folder)) as (settings, pid):
            tokens = await _sessions(settings, desks)
            agent = next(iter(load_centre(settings.centre, always_open=True).agents))
            before = _resident_kb(pid)
            async with AsyncExitStack() as stack:
                screens = [await stack.enter_async_context(_desk(settings, t, agent)) for t in tokens]
                await asyncio.sleep(_CALM_S)
                cost = (_resident_kb(pid) - before) / desks
                delays = await _delays(settings, agent, screens, events)
            loaded = await first_load(settings.web.address, tokens[0], Path(folder))
    return [
        Figure(f"event to screen, {desks} desks, p50", statistics.median(delays), "ms"),
        Figure(f"event to screen, {desks} desks, p95", _percentile(delays, 95), "ms", goal=250, on="value"),
        Figure("memory of control a desk", cost, "kB"),
        *_scripts(settings.web.pages),
        *loaded,
    ]


class _Screen:
    """A desk that reads on, so that it answers pings, and says when it knew an agent's state."""

    def __init__(self, agent: AgentId) -> None:
        self._agent = agent
        self._waiting: dict[str, asyncio.Future[float]] = {}

    def when(self, state: str) -> asyncio.Future[float]:
        """Return what will say when the agent was seen in ``state``, from now on."""
        return self._waiting.setdefault(state, asyncio.get_running_loop().create_future())

    async def read(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        async for message in stream:
            for event in msgspec.json.decode(message.data).get("events", ()):
                if event["topic"] == "colleagues" and event["key"] == self._agent:
                    seen = self._waiting.pop(event["value"]["state"], None)
                    if seen is not None:
                        seen.set_result(time.perf_counter())


async def _delays(settings: Settings, agent: AgentId, screens: Sequence[_Screen], events: int) -> list[float]:
    """Return for each event and each screen how long it took, in milliseconds."""
    delays: list[float] = []
    async with ControlClient(settings.control_socket) as control:
        await control.agent(agent, "sign-in")
        for number in range(events):
            ready = number % 2 == 0
            waiting = [screen.when("ready" if ready else "not_ready") for screen in screens]
            began = time.perf_counter()
            await control.agent(agent, "intent", ready=ready, reason="break")
            delays += [(at - began) * 1_000 for at in await asyncio.gather(*waiting)]
    return delays


@asynccontextmanager
async def _desk(settings: Settings, token: str, agent: AgentId) -> AsyncIterator[_Screen]:
    headers = {"Origin": settings.web.address, "Cookie": f"sambung={token}"}
    async with aiohttp.ClientSession() as session:
        url = f"{settings.web.address}/api/v1/stream"
        async with session.ws_connect(url, headers=headers, max_msg_size=0) as stream:
            screen = _Screen(agent)
            reading = asyncio.create_task(screen.read(stream))
            yield screen
            reading.cancel()


async def _sessions(settings: Settings, count: int) -> list[str]:
    """Sign so many people in, without a password for each."""
    agents = list(load_centre(settings.centre, always_open=True).agents)
    database = Database(parse(settings.database))
    accounts, now, tokens = SqlAccounts(database), SystemClock().now_ms(), []
    for number in range(count):
        name, token = f"desk{number}", new_token()
        await accounts.add(User(name, Role.AGENT, agent=agents[number % len(agents)]), "")
        session = Session(f"{number:016x}", name, now, now, now + SESSION_MS)
        await accounts.open_session(session, digest(token))
        tokens.append(token)
    await database.close()
    return tokens


@asynccontextmanager
async def _control(folder: Path) -> AsyncIterator[tuple[Settings, int]]:
    """Run control on free ports, with nobody to talk to."""
    shutil.copytree(_TEMPLATE, folder / "config")
    ports = iter(_free_ports(4))
    (folder / "config" / "sambung.toml").write_text(
        f'home = "../home"\ncentre = "centre"\n[asterisk]\nhttp_port = {next(ports)}\nami_port = {next(ports)}\n'
        f"[web]\nport = {next(ports)}\n[video]\nport = {next(ports)}\n[demo]\nalways_open = true\n"
    )
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sambung.cli", "control", "--config", str(folder / "config")),
            stdout=log,
            stderr=log,
        )
    try:
        settings = load_settings(folder / "config", None, {})
        await _served(settings, process)
        yield settings, process.pid
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _served(settings: Settings, process: asyncio.subprocess.Process) -> None:
    deadline = time.monotonic() + _READY_S
    async with aiohttp.ClientSession() as session:
        while True:
            with suppress(aiohttp.ClientError):
                async with session.get(f"{settings.web.address}/api/v1/sign-in-ways") as response:
                    if response.status == 200:
                        return
            if process.returncode is not None or time.monotonic() > deadline:
                raise TryLater("control did not start")
            await asyncio.sleep(0.1)


def _scripts(pages: Path) -> list[Figure]:
    """Return what a browser fetches of scripts before the desk is there, compressed."""
    manifest = pages / "manifest.json"
    if not manifest.exists():
        return []
    scripts = json.loads(manifest.read_text())["desk"]["scripts"]
    size = sum(len(gzip.compress((pages / script).read_bytes(), 9)) for script in scripts)
    return [Figure("first load of the desk, scripts", size / 1_000, "kB gzip", goal=200, on="value")]


def _resident_kb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_024


def _percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports
