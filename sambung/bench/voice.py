"""A call's way through the centre beside Asterisk's own ``Queue()``: how long set-up takes and what a call costs.

Both sides run on one Asterisk, one after the other in turns, with the same agents' phones, the same ``Answer``
and the same MixMonitor of both directions. Callers and phones only signal. Neither side speaks a prompt, and the
recorder does not run.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

from core.errors import TryLater
from pbx.asterisk import wait_ready
from pbx.probe.load import Load, Placed, open_load
from pbx.root import cache_folder, ensure
from pbx.secrets import agent_password, load
from sambung.bench.table import Figure
from sambung.centre import Centre, load_centre
from sambung.client import ControlClient
from sambung.load import load as load_settings
from sambung.settings import Settings
from sambung.telephony import prepare

PEER: Final = "Asterisk Queue()"
_QUEUE_NUMBER: Final = "9169"
_AGENTS: Final = 240
"""At 100 calls/s of a second each, twice as many as are talking at once."""
_HOLD_S: Final = 1.0
_READY_S: Final = 60.0
_SETTLE_S: Final = 2.0
_TEMPLATE: Final = Path(__file__).resolve().parents[2] / "config"


class Plan(NamedTuple):
    """How much is measured: calls and calls a second for set-up and for load, and how many turns of each."""

    setup: tuple[int, float]
    load: tuple[int, float]
    turns: int


FULL: Final = Plan((50, 8.0), (1000, 100.0), 2)
QUICK: Final = Plan((20, 8.0), (100, 50.0), 1)


class Side(NamedTuple):
    """What one side did in one run."""

    calls: Sequence[Placed]
    cpu_s: float
    late_ms: float

    @property
    def setups_ms(self) -> list[float]:
        """Set-up times of the calls that reached a phone."""
        return [call.setup_ms for call in self.calls if call.setup_ms is not None]

    @property
    def failed(self) -> int:
        """How many calls did not go as they should."""
        return sum(bool(call.failure) for call in self.calls)


class Bench:
    """A running centre whose Asterisk also has a ``Queue()`` of the same agents."""

    def __init__(self, settings: Settings, load: Load, pids: Sequence[int]) -> None:
        self._settings = settings
        self._load = load
        self._pids = pids

    async def measure(self, calls: int, per_s: float, *, peer: bool) -> Side:
        """Place calls through the centre, or through ``Queue()``."""
        trunk = self._settings.asterisk.trunk
        number = _QUEUE_NUMBER if peer else trunk.numbers[0]
        before = sum(map(_cpu_s, self._pids))
        placed = await self._load.run(f"sip:{number}@127.0.0.1:{trunk.bind_port}", calls, per_s, _HOLD_S)
        await asyncio.sleep(_SETTLE_S)  # what is left to write and to free belongs to the calls
        return Side(placed, sum(map(_cpu_s, self._pids)) - before, self._load.late_ms)


async def run(quick: bool) -> list[Figure]:
    """Measure and return the figures of the suite."""
    plan = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="sambung-bench-") as folder:
        async with running(Path(folder)) as bench:
            await bench.measure(*plan.setup, peer=True)  # both have loaded what they load once
            await bench.measure(*plan.setup, peer=False)
            setup = await _turns(bench, plan.setup, plan.turns)
            load = await _turns(bench, plan.load, plan.turns)
    return figures(plan, setup, load)


async def _turns(bench: Bench, how: tuple[int, float], turns: int) -> tuple[Side, Side]:
    """Measure both sides in turns and return (ours, peer), each with all its runs together."""
    ours, peer = [], []
    for _ in range(turns):
        peer.append(await bench.measure(*how, peer=True))
        ours.append(await bench.measure(*how, peer=False))
    return _together(ours), _together(peer)


def _together(runs: Sequence[Side]) -> Side:
    calls = [call for run in runs for call in run.calls]
    return Side(calls, sum(run.cpu_s for run in runs), max(run.late_ms for run in runs))


def figures(plan: Plan, setup: tuple[Side, Side], load: tuple[Side, Side]) -> list[Figure]:
    """Return the table's rows."""
    (ours, peer), rows = setup, []
    for name, goal, share in (("p50", None, 50), ("p95", 2.0, 95)):
        rows.append(
            Figure(
                name=f"voice: INVITE to agent's INVITE, {name} at {plan.setup[1]:g} calls/s",
                value=_percentile(ours.setups_ms, share),
                unit="ms",
                peer=PEER,
                peer_value=_percentile(peer.setups_ms, share),
                goal=goal,
            )
        )
    ours, peer = load
    at = f"at {plan.load[1]:g} calls/s, recorded"
    cost = [side.cpu_s * 1000 / len(side.calls) for side in (ours, peer)]
    return [
        *rows,
        Figure(f"voice: CPU per call {at}", cost[0], "ms", peer=PEER, peer_value=cost[1], goal=1.0),
        Figure(
            f"voice: failed calls {at}",
            ours.failed,
            "",
            peer=PEER,
            peer_value=peer.failed,
            goal=0,
            on="value",
        ),
    ]


def _percentile(values: Sequence[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1] if len(values) > 1 else float("nan")


# --- the centre that is measured -----------------------------------------------------------------------------


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Bench]:
    """Run Asterisk and control below ``folder``, with every agent registered and ready."""
    settings, centre = _configure(folder)
    command = await asyncio.to_thread(prepare, settings, centre, lambda _: None)
    add_peer(settings.asterisk.home / "etc", settings.asterisk.spool, list(centre.agents))
    install = await asyncio.to_thread(ensure, cache_folder(), lambda _: None)
    trunk_port = int(settings.asterisk.trunk.peer.rpartition(":")[2])
    async with open_load(trunk_port) as load_, _process(command) as asterisk:
        await wait_ready(install, settings.asterisk)
        passwords = load(settings.home)
        registrar = f"127.0.0.1:{settings.asterisk.sip_port}"
        await load_.register({a: agent_password(passwords, a) for a in centre.agents}, registrar)
        control = (sys.executable, "-m", "sambung.cli", "control", "--config", str(folder))
        async with _process(control) as process:
            await _make_ready(settings, list(centre.agents))
            yield Bench(settings, load_, (asterisk.pid, process.pid))


def _configure(folder: Path) -> tuple[Settings, Centre]:
    """Write and read a configuration with ports of its own and a menu that leads straight into a queue."""
    centre = folder / "centre"
    shutil.copytree(_TEMPLATE / "centre", centre)
    names = ", ".join(f"Agent {number}" for number in range(_AGENTS))
    (centre / "agents.yaml").write_text(
        "groups:\n  bench:\n    first: ag1001\n    profile: voice\n    languages: [id, en]\n"
        "    skills: {oss-technical: 1}\n"
        f"    names: [{names}]\n",
        encoding="utf-8",
    )
    (centre / "ivr" / "main.yaml").write_text(
        "start: line\nnodes:\n  line: {kind: queue, queue: general}\n", encoding="utf-8"
    )
    queues = centre / "queues.yaml"
    queues.write_text(
        queues.read_text(encoding="utf-8").replace("wrap_up: 30 s", "wrap_up: 0 s"), encoding="utf-8"
    )
    sip, http, https, ami, trunk, peer = free_ports(6)
    first = random.randrange(10_000, 28_000, 100)  # noqa: S311 -- a port
    (folder / "sambung.toml").write_text(
        f'home = "home"\ncentre = "centre"\n[asterisk]\nsip_port = {sip}\nhttp_port = {http}\n'
        f"https_port = {https}\nami_port = {ami}\nrtp_first = {first}\nrtp_last = {first + 3999}\n"
        f'[asterisk.trunk]\npeer = "127.0.0.1:{peer}"\nbind_port = {trunk}\nchannels = 900\n',
        encoding="utf-8",
    )
    settings = load_settings(folder)
    return settings, load_centre(settings.centre, always_open=True)


def add_peer(etc: Path, spool: Path, agents: Sequence[str]) -> None:
    """Give Asterisk's configuration a number that leads to a ``Queue()`` of the same agents."""
    mix = f"r({spool}/${{SAMBUNG_ID}}-r.wav)t({spool}/${{SAMBUNG_ID}}-t.wav)i(SAMBUNG_MIX)"
    extensions = etc / "extensions.conf"
    text = extensions.read_text(encoding="utf-8")
    text = text.replace("[from-trunk]\n", f"[from-trunk]\nexten => {_QUEUE_NUMBER},1,Goto(peer,s,1)\n", 1)
    text += (
        "\n[peer]\nexten => s,1,Set(SAMBUNG_ID=${FILTER(0-9a-f,${TOLOWER(${UUID()})})})\n"
        f" same => n,Answer(,i)\n same => n,MixMonitor(,{mix})\n same => n,Queue(peer,,,,60)\n same => n,Hangup()\n"
    )
    extensions.write_text(text, encoding="utf-8")
    members = "".join(f"member => PJSIP/{agent}\n" for agent in agents)
    with (etc / "queues.conf").open("a", encoding="utf-8") as queues:
        queues.write(f"\n[peer]\nstrategy = rrmemory\ntimeout = 20\nretry = 1\nringinuse = no\n{members}")


async def _make_ready(settings: Settings, agents: Sequence[str]) -> None:
    deadline = asyncio.get_running_loop().time() + _READY_S
    async with ControlClient(settings.control_socket) as control:
        waiting = set(agents)
        while waiting:
            try:
                states = await control.agents()
                waiting = {a.id for a in states if not (a.ready and a.reachable)}
                for agent in [a for a in states if not a.signed_in]:
                    await control.agent(agent.id, "sign-in")
                    await control.agent(agent.id, "intent", ready=True, reason="")
            except TryLater:
                pass
            if asyncio.get_running_loop().time() > deadline:
                raise TryLater(f"{len(waiting)} agents are not ready after {_READY_S:g} s")
            await asyncio.sleep(0.2)


@asynccontextmanager
async def _process(command: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), 10.0)
            except TimeoutError:
                process.kill()
                await process.wait()


def _cpu_s(pid: int) -> float:
    """Return the CPU time of a process, all its threads (proc(5): utime and stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
