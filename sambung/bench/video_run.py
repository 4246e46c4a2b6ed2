"""``python -m sambung.bench.video_run``: measure a worker and Janus where this process runs; print JSON.

`sambung.bench.video` starts it in a network namespace that has nothing but lo, the only place where Janus takes part.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

from core.errors import TryLater
from sambung.bench.video_janus import missing, running_janus
from sambung.bench.video_peer import Peer
from video.messages import AnyEvent
from video.model import ParticipantId, Role, RoomId
from video.service import VideoService
from video.settings import VideoSettings

SIZE: Final = 788
"""Payload bytes, so that packets have 800."""
_TICK_S: Final = 0.005
_PORT: Final = 18_700


class Load(msgspec.Struct, frozen=True):
    """What is forwarded: so many rooms with one who sends ``pps`` packets a second to ``receivers``."""

    rooms: int
    receivers: int
    pps: int


class Measured(msgspec.Struct, frozen=True):
    """What came of a load."""

    sent: int
    due: int
    """Packets that receivers should have got."""
    received: int
    cpu_s: float
    wall_s: float

    @property
    def us(self) -> float:
        """CPU microseconds a forwarded packet."""
        return self.cpu_s * 1e6 / self.received if self.received else float("nan")

    @property
    def lost(self) -> float:
        """The share that did not arrive."""
        return 1 - self.received / self.due if self.due else float("nan")


class Results(msgspec.Struct, frozen=True):
    """By load; Janus's by event loops, empty where it could not be run."""

    ours: dict[str, Measured]
    janus: dict[str, dict[str, Measured]]
    why_not: str = ""


class Silent:
    """An owner of rooms that does nothing."""

    def __init__(self, workers: int) -> None:
        self.up: Final = asyncio.Event()
        self._missing = workers

    def happened(self, event: AnyEvent) -> None:
        """Take no notice."""

    def worker_lost(self, rooms: Collection[RoomId]) -> None:
        """Take no notice."""

    def worker_found(self, rooms: Collection[RoomId]) -> None:
        """Know when all are there."""
        self._missing -= 1
        if self._missing <= 0:
            self.up.set()


Room = tuple[Peer, list[Peer]]


async def drive(rooms: Sequence[Room], pps: int, seconds: float, pid: int) -> Measured:
    """Send at a steady pace and measure the process ``pid``."""
    for publisher, _ in rooms:
        for _ in range(20):
            publisher.send(publisher.camera(SIZE, key=True))
    await asyncio.sleep(1.0)
    before, cpu = _received(rooms), cpu_s(pid)
    began = time.monotonic()
    sent = 0
    total = int(pps * seconds) * len(rooms)
    while sent < total:
        wanted = min(int((time.monotonic() - began) * pps * len(rooms)), total)
        while sent < wanted:
            publisher = rooms[sent % len(rooms)][0]
            publisher.send(publisher.camera(SIZE, key=sent % 3000 < len(rooms), timestamp=sent * 90))
            sent += 1
        await asyncio.sleep(_TICK_S)
    await asyncio.sleep(0.5)
    due = sum(len(receivers) for _, receivers in rooms) * sent // len(rooms)
    return Measured(sent, due, _received(rooms) - before, cpu_s(pid) - cpu, time.monotonic() - began)


def _received(rooms: Sequence[Room]) -> int:
    return sum(peer.received for _, receivers in rooms for peer in receivers)


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process, all its threads (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _close(rooms: Sequence[Room]) -> None:
    for publisher, receivers in rooms:
        for peer in (publisher, *receivers):
            await peer.close()


# --- ours ----------------------------------------------------------------------------------------------------


class WorkerProcess:
    """A worker that can be killed and started again."""

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder
        self._number = number
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it without a word."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def wait(self) -> None:
        """Wait until it is gone."""
        if self._process is not None:
            await self._process.wait()

    async def start(self) -> None:
        """Start it."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "sambung.cli", "sfu", "--config", str(self._folder)),
            *("--worker", str(self._number)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


@asynccontextmanager
async def running_workers(
    folder: Path, port: int, count: int
) -> AsyncIterator[tuple[VideoService, list[WorkerProcess]]]:
    """Run workers below ``folder``; yield what reaches them, and their processes."""
    await asyncio.to_thread(_configure, folder, port)
    processes = [WorkerProcess(folder, number) for number in range(count)]
    owner = Silent(count)
    settings = VideoSettings(folder / "run", folder)
    service = VideoService([settings.worker_socket(number) for number in range(count)], owner)
    for process in processes:
        await process.start()
    running = asyncio.create_task(service.run(), name="service")
    try:
        async with asyncio.timeout(15):
            await owner.up.wait()
        yield service, processes
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        for process in processes:
            process.kill()
            await process.wait()


@asynccontextmanager
async def running_worker(
    folder: Path, port: int = _PORT
) -> AsyncIterator[tuple[VideoService, WorkerProcess]]:
    """Run one worker."""
    async with running_workers(folder, port, 1) as (service, (process,)):
        yield service, process


def _configure(folder: Path, port: int) -> None:
    folder.mkdir(parents=True)
    (folder / "sambung.toml").write_text(f'home = "."\n[video]\nport = {port}\n', encoding="ascii")


async def our_room(service: VideoService, number: int, receivers: int) -> Room:
    """Have a room with one who sends and so many who receive."""
    room = RoomId(f"{number:032x}")
    await service.create_room(room)
    publisher, receiving = Peer(slots=0), [Peer(sends=False) for _ in range(receivers)]
    for i, peer in enumerate([publisher, *receiving]):
        joined = await service.join(room, ParticipantId(f"p{i}"), Role.PARTICIPANT, peer.offer())
        await peer.connect(joined.answer)
    return publisher, receiving


async def _ours(folder: Path, load: Load, seconds: float) -> Measured:
    async with running_worker(folder) as (service, process):
        rooms = [await our_room(service, number, load.receivers) for number in range(load.rooms)]
        measured = await drive(rooms, load.pps, seconds, process.pid)
        await _close(rooms)
        return measured


async def _janus(folder: Path, load: Load, seconds: float, event_loops: int) -> Measured:
    async with running_janus(folder, event_loops) as janus:
        rooms = [await janus.room(load.receivers) for _ in range(load.rooms)]
        measured = await drive(rooms, load.pps, seconds, janus.pid)
        await _close(rooms)
        return measured


async def measure(loads: dict[str, Load], seconds: float, turns: int, peers: dict[str, int]) -> Results:
    """Measure every load in turns; ``peers`` are Janus's names and event loops."""
    why = missing() if peers else "not in a namespace of its own"
    ours: dict[str, list[Measured]] = {name: [] for name in loads}
    janus: dict[str, dict[str, list[Measured]]] = {peer: {name: [] for name in loads} for peer in peers}
    with tempfile.TemporaryDirectory(prefix="sambung-video-") as place:
        number = 0

        async def one(work: Callable[[Path], Awaitable[Measured]], into: list[Measured]) -> None:
            nonlocal number
            number += 1
            into.append(await work(Path(place) / str(number)))

        for _ in range(turns):
            for name, load in loads.items():
                await one(lambda folder, load=load: _ours(folder, load, seconds), ours[name])  # type: ignore[misc]
                for peer, loops in peers.items():
                    if why:
                        continue
                    try:
                        await one(
                            lambda folder, load=load, loops=loops: _janus(folder, load, seconds, loops),  # type: ignore[misc]
                            janus[peer][name],
                        )
                    except (TryLater, ConnectionError) as error:
                        why = f"Janus took no part: {error}"
    together = {peer: {name: _sum(all_) for name, all_ in by.items() if all_} for peer, by in janus.items()}
    return Results({name: _sum(all_) for name, all_ in ours.items()}, together, why)


def _sum(runs: Sequence[Measured]) -> Measured:
    return Measured(
        sum(run.sent for run in runs),
        sum(run.due for run in runs),
        sum(run.received for run in runs),
        sum(run.cpu_s for run in runs),
        sum(run.wall_s for run in runs),
    )


class Order(msgspec.Struct, frozen=True):
    """What to measure, on standard input."""

    loads: dict[str, Load]
    seconds: float
    turns: int
    peers: dict[str, int]


def main() -> None:
    """Read an `Order`, write `Results`."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    if order.peers:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)  # noqa: S607
    results = asyncio.run(measure(order.loads, order.seconds, order.turns, order.peers))
    sys.stdout.buffer.write(msgspec.json.encode(results))


if __name__ == "__main__":
    main()
