"""A whole centre for a test: `sambung up` in a home of its own, with telephones to call it and to answer.

The centre is the shipped one but for a short menu, no wrap-up and few agents on the line.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from aiohttp import ClientSession, encode_basic_auth

from core.errors import SambungError
from core.ids import AgentId, InteractionId
from pbx import secrets
from pbx.probe.listen import until_sound, until_tone
from pbx.probe.phone import Call, Telephone, open_telephone
from pbx.probe.wav import read
from sambung import processes
from sambung.client import AgentState, ControlClient
from sambung.load import load
from sambung.settings import Settings
from store.views import History, Summary
from tests.integration.asterisk_fixture import asterisk_settings
from tests.integration.ports import free_ports, free_span
from tests.waiting import until

ROOT: Final = Path(__file__).resolve().parents[2]
CALLER_HZ: Final = 600
AGENT_HZ: Final = 1200

MENU: Final = """\
numbers: ["169", "021169", "+6221169"]
start: topic
nodes:
  topic:
    kind: menu
    prompts: language
    choices: {1: licensing}
    timeout: 30 s
    tries: 3
    on_timeout: licensing
    on_invalid: licensing
  licensing: {kind: queue, queue: licensing}
"""


class RunningCentre:
    """The centre from outside."""

    def __init__(
        self, settings: Settings, arguments: tuple[str, ...], callers: Telephone, desks: Telephone
    ) -> None:
        self.settings = settings
        self.arguments = arguments
        self.callers = callers
        self.desks = desks
        self.earlier: frozenset[InteractionId] = frozenset()
        """The contacts of other tests."""
        self._passwords = secrets.load(settings.home)

    # --- processes -----------------------------------------------------------------------------------------

    def process(self, name: str) -> processes.Process:
        report = processes.read(self.settings.home)
        assert report is not None, "sambung up is not running"
        return next(process for process in report.processes if process.name == name)

    def signal(self, name: str, number: signal.Signals) -> int:
        """Send a signal and return how often the process had been restarted before."""
        process = self.process(name)
        assert process.pid is not None
        os.kill(process.pid, number)
        return process.restarts

    async def back(self, name: str, restarts: int, within: float = 30.0) -> None:
        """Wait until the process was started again and is ready."""

        def ready() -> bool:
            process = self.process(name)
            return process.restarts > restarts and process.phase == "ready"

        await until(ready, within=within)

    async def run(self, *command: str) -> tuple[int, str]:
        """Run a `sambung` command against this centre and return its status and what it printed."""
        return await sambung(self.arguments, *command)

    # --- people --------------------------------------------------------------------------------------------

    async def register(self, agent: str) -> None:
        """Register the agent's telephone."""
        asterisk = self.settings.asterisk
        password = secrets.agent_password(self._passwords, AgentId(agent))
        await self.desks.register(agent, password, f"{asterisk.host}:{asterisk.sip_port}")

    async def on_duty(self, agent: str) -> None:
        """Register the agent's telephone and make the agent ready."""
        await self.register(agent)
        async with self.client() as client:
            await client.agent(agent, "sign-in")
            await client.agent(agent, "intent", ready=True)

            async def reachable() -> bool:
                return bool((await self._agent(client, agent)).reachable)

            await until(reachable)

    async def dial(self, number: str = "169", **how: str) -> Call:
        """Call the centre on its trunk and wait for the answer."""
        trunk = self.settings.asterisk.trunk
        call = await self.callers.dial(f"sip:{number}@127.0.0.1:{trunk.bind_port}", tone=CALLER_HZ, **how)
        await call.confirmed()
        return call

    async def in_line(self, number: str = "169") -> tuple[Call, InteractionId]:
        """Call and go through the menu; return once the caller has left it."""
        before = {summary.interaction.id for summary in await self.recent()}
        call = await self.dial(number)
        await until_sound(call.heard)
        await call.press("1")

        async def waiting() -> InteractionId | None:
            for summary in await self.recent():
                contact = summary.interaction
                if contact.id not in before and contact.phase != "in_menu":
                    return contact.id
            return None

        identity = await until(waiting)
        assert identity is not None
        return call, identity

    async def answered(self) -> Call:
        """Let the agent whose telephone rings next answer."""
        ringing = await self.desks.incoming(20)
        await ringing.answer(tone=AGENT_HZ)
        await ringing.confirmed()
        return ringing

    # --- what is written and what is there -----------------------------------------------------------------

    def client(self) -> ControlClient:
        return ControlClient(self.settings.control_socket)

    async def recent(self) -> tuple[Summary, ...]:
        async with self.client() as client:
            there = await client.get("/interactions?limit=1000", tuple[Summary, ...])
        return tuple(summary for summary in there if summary.interaction.id not in self.earlier)

    async def history(self, identity: InteractionId) -> History:
        async with self.client() as client:
            return await client.get(f"/interactions/{identity}", History)

    async def until_phase(self, identity: InteractionId, phase: str, within: float = 15.0) -> History:
        async def reached() -> History | None:
            history = await self.history(identity)
            assert history.interaction.phase == phase, history.interaction
            return history

        found = await until(reached, within=within)
        assert found is not None
        return found

    async def outcomes(self) -> Counter[str]:
        return Counter((summary.interaction.outcome or "none") for summary in await self.recent())

    @staticmethod
    async def _agent(client: ControlClient, agent: str) -> AgentState:
        return next(state for state in await client.agents() if state.id == agent)

    async def ari(self, path: str) -> list[Mapping[str, object]]:
        asterisk = self.settings.asterisk
        headers = {"Authorization": encode_basic_auth("sambung", self._passwords.ari)}
        async with (
            ClientSession(headers=headers) as session,
            session.get(f"http://{asterisk.host}:{asterisk.http_port}/ari/{path}") as response,
        ):
            return msgspec.json.decode(await response.read(), type=list[Mapping[str, object]])

    async def application_gone(self) -> bool:
        """Whether Asterisk has noticed that nobody serves its calls."""
        return await self.ari("applications") == []

    async def nothing_left(self) -> None:
        """Wait until no leg, conversation, offer or work is left anywhere."""

        async def clean() -> bool:
            channels, bridges = await self.ari("channels"), await self.ari("bridges")
            assert channels == [], channels
            assert [bridge["id"] for bridge in bridges] == ["sambung-line"], bridges
            async with self.client() as client:
                agents = await client.agents()
            busy = [agent for agent in agents if agent.load or agent.work]
            assert busy == [], busy
            open_ones = [s.interaction for s in await self.recent() if s.interaction.phase != "closed"]
            assert open_ones == [], open_ones
            return True

        await until(clean, within=20)

    async def emptied(self) -> None:
        """Wait until nothing is left of any call, and send everybody home: what comes next begins anew."""
        async with self.client() as client:

            async def done() -> bool:
                left = [s.interaction for s in await self.recent() if s.interaction.phase != "closed"]
                for contact in left:
                    if contact.phase == "wrapping":
                        with suppress(SambungError):  # it may be over meanwhile
                            await client.wrap_up_done(contact.id)
                return not left

            await until(done, within=20)
            await self.nothing_left()
            for one in await client.agents():
                if one.signed_in:
                    await client.agent(one.id, "sign-out")


async def hear_each_other(caller: Call, agent: Call) -> None:
    """Wait until each hears the other's tone from now on."""
    since = read(caller.heard).ms, read(agent.heard).ms
    await until_tone(caller.heard, AGENT_HZ, after_ms=since[0], within=10)
    await until_tone(agent.heard, CALLER_HZ, after_ms=since[1], within=10)


def second_menu(folder: Path, number: str, first: str, second: str) -> None:
    """Let ``number`` lead to the menu ``second``, and the other numbers to ``first``, which is written for all."""
    menus = folder / "config" / "centre" / "ivr"
    (menus / "main.yaml").write_text(first.replace(f'"{number}", ', ""))
    head = f'numbers: ["{number}"]\n'
    (menus / "second.yaml").write_text(head + second.partition("\n")[2])


class Place(NamedTuple):
    """A centre that runs."""

    settings: Settings
    arguments: tuple[str, ...]
    """What leads a `sambung` command to it."""


@contextmanager
def kept(
    folder: Path,
    menu: str | None = MENU,
    prepare: Callable[[Path], None] | None = None,
    *,
    video: int = 0,
    **overrides: object,
) -> Iterator[Place]:
    """Run a centre below ``folder`` until the end of the block, for tests that are ``visiting`` it one by one.

    Without ``menu`` it has the shipped one. ``prepare`` may change its configuration, which lies in
    ``folder/config``, before it starts. ``video`` is how many workers it has.
    """
    arguments = _configured(folder, menu, video, overrides)
    if prepare is not None:
        prepare(folder)
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sambung.cli", "up", *arguments], cwd=ROOT, stdout=log, stderr=log
        )
    try:
        _wait_ready(process, folder)
        yield Place(load(folder / "config", None, {}), arguments)
    finally:
        process.terminate()
        process.wait(60)


@asynccontextmanager
async def started(
    folder: Path,
    menu: str | None,
    prepare: Callable[[Path], None] | None = None,
    *,
    video: int = 2,
    **overrides: object,
) -> AsyncIterator[Place]:
    """Do as ``kept`` does, for one test."""
    centre = kept(folder, menu, prepare, video=video, **overrides)
    place = await asyncio.to_thread(centre.__enter__)
    try:
        yield place
    finally:
        await asyncio.to_thread(centre.__exit__, None, None, None)


@asynccontextmanager
async def running_centre(
    folder: Path,
    menu: str = MENU,
    *,
    prepare: Callable[[Path], None] | None = None,
    video: int = 0,
    **overrides: object,
) -> AsyncIterator[RunningCentre]:
    """Run a centre for one test, as ``kept`` does, with telephones on both sides."""
    async with (
        started(folder, menu, prepare, video=video, **overrides) as place,
        _telephones(place, folder) as centre,
    ):
        yield centre


@asynccontextmanager
async def visiting(place: Place, folder: Path) -> AsyncIterator[RunningCentre]:
    """Telephones around a centre that tests share. In the end nothing of this test may be left there."""
    centre: RunningCentre | None = None
    try:
        async with _telephones(place, folder) as centre:
            centre.earlier = frozenset([summary.interaction.id for summary in await centre.recent()])
            yield centre
    finally:
        if centre is not None:
            await centre.emptied()


@asynccontextmanager
async def _telephones(place: Place, folder: Path) -> AsyncIterator[RunningCentre]:
    port = int(place.settings.asterisk.trunk.peer.rpartition(":")[2])
    async with (
        open_telephone(port=port, calls=40, folder=folder / "callers") as callers,
        open_telephone(calls=20, folder=folder / "desks") as desks,
    ):
        yield RunningCentre(place.settings, place.arguments, callers, desks)


async def sambung(arguments: tuple[str, ...], *command: str) -> tuple[int, str]:
    """Run a `sambung` command and return its status and what it printed on both outputs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sambung.cli",
        *command,
        *arguments,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 180)
    assert process.returncode is not None
    return process.returncode, said.decode()


def _wait_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 90
    while "Ready after" not in (said := (folder / "up.log").read_text(errors="replace")):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def _configured(
    folder: Path, menu: str | None, video: int, overrides: Mapping[str, object]
) -> tuple[str, ...]:
    shutil.copytree(ROOT / "config", folder / "config")
    if menu is not None:
        (folder / "config" / "centre" / "ivr" / "main.yaml").write_text(menu)
    queues = folder / "config" / "centre" / "queues.yaml"
    queues.write_text(
        queues.read_text().replace("wrap_up: 30 s", "wrap_up: 0 s").replace("offer: 20 s", "offer: 8 s")
    )
    asterisk = asterisk_settings(folder)
    values: dict[str, object] = {
        "home": "../home",
        "centre": "centre",
        **overrides,
    }
    top = "".join(f"{key} = {_toml(value)}\n" for key, value in values.items())
    ports = ("sip_port", "http_port", "https_port", "ami_port", "rtp_first", "rtp_last")
    pbx = "".join(f"{key} = {getattr(asterisk, key)}\n" for key in ports)
    trunk = f'peer = "{asterisk.trunk.peer}"\nbind_port = {asterisk.trunk.bind_port}\n'
    (folder / "config" / "sambung.toml").write_text(
        f"{top}[asterisk]\n{pbx}[asterisk.trunk]\n{trunk}"
        f"[video]\nport = {free_span()}\nworkers = {video}\n"
        f"[web]\nport = {free_ports(1)[0]}\n[demo]\nalways_open = true\n"
    )
    return ("--config", str(folder / "config"))


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)
