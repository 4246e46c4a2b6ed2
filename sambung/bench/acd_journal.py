"""The line as one task with its journal in SQLite: what it takes in, what the journal adds, what it holds.

Run as a program with a database's URL it is control's code with the state of that database, and prints what it holds
in memory.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from acd.effects import Connect, Effect, Moved, SendOffer, StartWrapUp
from acd.engine import Engine
from acd.events import (
    AgentSignedIn,
    Arrived,
    Connected,
    Ended,
    Event,
    IntentSet,
    OfferAccepted,
    Queued,
    ReachChanged,
    WrapUpDone,
)
from acd.model import Channel, Party, Phase
from acd.ports import Entry, Journal, Snapshot
from acd.snapshot import VERSION
from core.clock import SystemClock
from core.ids import InteractionId
from sambung.bench.acd_load import rules
from sambung.bench.table import Figure
from sambung.collector import settle
from store.journal import SqlJournal

_AGENTS: Final = 1_000
_RULES: Final = rules(_AGENTS)
_QUEUES: Final = tuple(queue.id for queue in _RULES.queues)
_AT_ONCE: Final = 500
_BLOCK: Final = bytes(4_096)
_DEADLINE_S: Final = 60.0


class Plan(NamedTuple):
    """How many interactions are measured all at once, and how many one at a time."""

    crowd: int
    single: int


class _Nothing:
    """A journal that keeps nothing: the engine's own time."""

    async def append(self, entries: Sequence[Entry]) -> None:
        pass

    async def read(self, after: int = 0) -> AsyncIterator[tuple[int, int, Event]]:
        nothing: tuple[tuple[int, int, Event], ...] = ()
        for entry in nothing:
            yield entry

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        pass

    async def snapshots(self) -> Sequence[Snapshot]:
        return ()


class _Floor:
    """Agents who take what they are offered, talk to nobody and are done; so many contacts are there at once."""

    def __init__(self, total: int) -> None:
        self.engine: Engine
        self.delays_ms: list[float] = []
        """From a contact's arrival to the agent's ringing."""
        self.done = asyncio.Event()
        self._left = self._open = total
        self._count = 0
        self._begun: dict[InteractionId, float] = {}

    def arrive(self) -> None:
        """Let a contact come in, until all have come."""
        if not self._left:
            return
        self._left -= 1
        self._count += 1
        name = InteractionId(f"{self._count:032x}")
        self._begun[name] = time.perf_counter()
        now = SystemClock().now_ms()
        self.engine.post(Arrived(name, Channel.VOICE, now, caller="+62810000", dialled="169"))
        self.engine.post(Queued(name, _QUEUES[self._count % len(_QUEUES)]))

    def perform(self, effects: Sequence[Effect]) -> None:
        """Answer each effect at once."""
        post = self.engine.post
        for effect in effects:
            match effect:
                case SendOffer():
                    self.delays_ms.append((time.perf_counter() - self._begun.pop(effect.id)) * 1e3)
                    post(OfferAccepted(effect.offer))
                case Connect():
                    post(Connected(effect.id))
                case Moved(phase=Phase.TALKING):
                    post(Ended(effect.id, Party.CUSTOMER, "hung_up"))
                case StartWrapUp():
                    post(WrapUpDone(effect.id))
                case Moved(phase=Phase.CLOSED):
                    self._closed()
                case _:
                    pass

    def _closed(self) -> None:
        self._open -= 1
        self.arrive()
        if not self._open:
            self.done.set()


def run(plan: Plan, snapshot: bytes) -> list[Figure]:
    """Measure and return the figures; ``snapshot`` is the state whose weight in memory is asked for."""
    with tempfile.TemporaryDirectory(prefix="sambung-bench-") as folder:
        return asyncio.run(_run(plan, snapshot, Path(folder)))


async def _run(plan: Plan, snapshot: bytes, folder: Path) -> list[Figure]:
    settle()
    journal = await SqlJournal.open(f"sqlite:///{folder / 'line.db'}")
    try:
        began = time.perf_counter()
        await _let_come(journal, plan.crowd, _AT_ONCE)
        per_s = plan.crowd / (time.perf_counter() - began)
    finally:
        await journal.close()
    journal = await SqlJournal.open(f"sqlite:///{folder / 'single.db'}")
    try:
        fsync = _fdatasync_ms(folder / "block", plan.single)
        with_it = await _let_come(journal, plan.single, 1)
        without = await _let_come(_Nothing(), plan.single, 1)
    finally:
        await journal.close()
    name = "acd: interactions a second, journal in SQLite"
    return [
        Figure(name, per_s, "/s", goal=1_000, on="value", better="more"),
        *_added(with_it, without, fsync),
        await _held(f"sqlite:///{folder / 'held.db'}", snapshot),
    ]


async def _let_come(journal: Journal, total: int, at_once: int) -> list[float]:
    """Let contacts come and go; return how long each took from arrival to ringing, in ms."""
    floor = _Floor(total)
    floor.engine = engine = Engine(journal, (floor,), SystemClock(), _RULES)
    await engine.start()
    for agent in _RULES.agents:
        engine.post(ReachChanged(agent.id, Channel.VOICE, True))
        engine.post(AgentSignedIn(agent.id))
        engine.post(IntentSet(agent.id, True))
    async with asyncio.timeout(_DEADLINE_S), asyncio.TaskGroup() as tasks:
        tasks.create_task(engine.run(), name="line")
        await engine.submit()
        for _ in range(at_once):
            floor.arrive()
        await floor.done.wait()
        await engine.stop()
    return floor.delays_ms


def _fdatasync_ms(path: Path, times: int) -> list[float]:
    spent = []
    with path.open("wb", buffering=0) as file:
        for _ in range(times):
            file.write(_BLOCK)
            before = time.perf_counter()
            os.fdatasync(file.fileno())
            spent.append((time.perf_counter() - before) * 1e3)
    return spent


def _added(with_it: Sequence[float], without: Sequence[float], fsync: Sequence[float]) -> list[Figure]:
    figures = []
    for name, share in (("p50", 50), ("p99", 99)):
        added = _percentile(with_it, share) - _percentile(without, share)
        one = _percentile(fsync, share)
        title = f"acd: journal-first adds to an arrival, {name}"
        figures.append(Figure(title, added, "ms", "one fdatasync", one, 2 + one, on="value"))
    return figures


def _percentile(values: Sequence[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1]


# --- what control holds ------------------------------------------------------------------------------------


async def _held(url: str, snapshot: bytes) -> Figure:
    journal = await SqlJournal.open(url)
    try:
        await journal.save_snapshot(Snapshot(0, VERSION, snapshot))
    finally:
        await journal.close()
    command = (sys.executable, "-m", __name__, url)
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=True, timeout=_DEADLINE_S
    )
    agents, waiting, kilobytes = map(int, done.stdout.split())
    name = f"acd: control in memory, {agents:,} agents, {waiting:,} waiting"
    return Figure(name, kilobytes * 1024 / 1e6, "MB")


async def _hold(url: str) -> str:
    """Bring the state back as control does; return agents, contacts waiting, and KiB resident (proc(5))."""
    import sambung.control  # noqa: F401 -- its code is part of what control holds

    journal = await SqlJournal.open(url)
    try:
        engine = Engine(journal, (_Floor(0),), SystemClock(), _RULES)
        await engine.start()
        state = engine.state
        waiting = sum(len(state.waiting(queue)) for queue in _QUEUES)
        return f"{len(list(state.agents()))} {waiting} {_resident_kib()}"
    finally:
        await journal.close()


def _resident_kib() -> str:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))


if __name__ == "__main__":
    sys.stdout.write(asyncio.run(_hold(sys.argv[1])) + "\n")
