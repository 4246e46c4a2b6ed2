"""How long a visit by video misses each process of a whole centre that is killed under it."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import TryLater
from sambung import processes
from sambung.bench.table import Figure
from sambung.bench.voice import free_ports
from sambung.centre import load_centre
from sambung.drill_timeline import Over, Steps
from sambung.drill_video import VideoDrill
from sambung.load import load as load_settings
from sambung.settings import Settings

_TEMPLATE: Final = Path(__file__).resolve().parents[2] / "config"
_WHAT: Final = "video: a visit, kill -9 of"
_READY_S: Final = 90.0
_BACK_S: Final = 60.0
_LOOK_S: Final = 0.02


async def figures() -> list[Figure]:
    """Kill one process after the other under a visit, and return how long each was missed."""
    steps = Steps(lambda _: None)
    names = (
        "its worker until both see each other again",
        "control until a line written meanwhile is read",
        "the recorder until it records again",
    )
    try:
        with tempfile.TemporaryDirectory(prefix="sambung-outage-") as folder:
            async with _centre(Path(folder)) as settings, AsyncExitStack() as stack:
                drill = VideoDrill(settings, load_centre(settings.centre, always_open=True), steps)
                await drill.prepare(stack, None)
                await drill.wait_in_line(stack)
                await drill.meet()
                missed = (
                    await _worker(settings, drill),
                    await _control(settings, drill),
                    await _recorder(settings, steps),
                )
    except (TryLater, Over) as error:
        why = steps.timeline.failure or str(error)
        return [Figure(f"{_WHAT} {name} ({why})", float("nan"), "") for name in names]
    rows = [Figure(f"{_WHAT} {name}", round(took, 2), "s") for name, took in zip(names, missed, strict=True)]
    return [*(replace(row, goal=2.0, on="value") for row in rows[:2]), rows[2]]


async def _worker(settings: Settings, drill: VideoDrill) -> float:
    missed = {
        side: (colour, await side.ask("frames", colour))
        for side, colour in (
            (drill.visitor, drill.desk.face.colour),
            (drill.desk, drill.visitor.face.colour),
        )
    }

    async def anew() -> bool:
        for side, (colour, before) in list(missed.items()):
            # The picture of a new connection counts from nothing.
            if 0 < await side.ask("frames", colour) < before:
                del missed[side]
        return not missed

    # The first room of a centre is on the first worker.
    return await _after_death(settings, "sfu", anew)


async def _control(settings: Settings, drill: VideoDrill) -> float:
    for side in (drill.visitor, drill.desk):
        await side.does("press", "Obrolan")
    text = secrets.token_hex(4)
    await drill.visitor.does("fill", "Pesan untuk", text)
    sent = False

    async def read() -> bool:
        nonlocal sent
        if not sent:
            sent = await drill.visitor.ask("send", "Pesan untuk")
        return bool(await drill.desk.ask("reads", text))

    return await _after_death(settings, "control", read)


async def _recorder(settings: Settings, steps: Steps) -> float:
    room = settings.video.spool / str(steps.timeline.interaction)
    before = len(list(room.glob("*.mkv")))

    async def more() -> bool:
        return len(list(room.glob("*.mkv"))) > before

    return await _after_death(settings, "recorder", more)


async def _after_death(settings: Settings, name: str, good: Callable[[], Awaitable[bool]]) -> float:
    """Kill a process and return the seconds until ``good``."""
    report = processes.read(settings.home)
    pid = next((one.pid for one in report.processes if one.name == name), None) if report else None
    if pid is None:
        raise TryLater(f"there is no {name} to kill")
    os.kill(pid, signal.SIGKILL)
    began = time.monotonic()
    while not await good():
        if time.monotonic() - began > _BACK_S:
            raise TryLater(f"{name} is missed for longer than {_BACK_S:g} s")
        await asyncio.sleep(_LOOK_S)
    return time.monotonic() - began


@asynccontextmanager
async def _centre(folder: Path) -> AsyncIterator[Settings]:
    """Run `sambung up` below ``folder`` with ports of its own."""
    await asyncio.to_thread(_configure, folder)
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sambung.cli", "up", "--config", str(folder)), stdout=log, stderr=log
        )
    try:
        await _ready(process, folder / "log")
        yield load_settings(folder)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _ready(process: asyncio.subprocess.Process, log: Path) -> None:
    deadline = time.monotonic() + _READY_S
    while "Ready after" not in await asyncio.to_thread(log.read_text, errors="replace"):
        if process.returncode is not None or time.monotonic() > deadline:
            raise TryLater("the centre did not start")
        await asyncio.sleep(0.1)


def _configure(folder: Path) -> None:
    shutil.copytree(_TEMPLATE / "centre", folder / "centre")
    (folder / "centre" / "ivr" / "main.yaml").write_text(
        "start: line\nnodes:\n  line: {kind: queue, queue: general}\n", encoding="utf-8"
    )
    sip, http, https, ami, trunk, peer, video, web = free_ports(8)
    first = random.randrange(10_000, 28_000, 100)  # noqa: S311 -- a port
    (folder / "sambung.toml").write_text(
        f'home = "home"\ncentre = "centre"\n[asterisk]\nsip_port = {sip}\nhttp_port = {http}\n'
        f"https_port = {https}\nami_port = {ami}\nrtp_first = {first}\nrtp_last = {first + 999}\n"
        f'[asterisk.trunk]\npeer = "127.0.0.1:{peer}"\nbind_port = {trunk}\n'
        f"[video]\nport = {video}\n[web]\nport = {web}\n[demo]\nalways_open = true\n",
        encoding="utf-8",
    )
