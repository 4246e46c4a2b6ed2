"""The forwarding unit beside Janus VideoRoom: the same synthetic load, the same machine, in turns.

Packets of 800 bytes under AEAD_AES_128_GCM; CPU is the forwarding process's alone. Janus takes part in a network
namespace that has only lo; where that cannot be had (it needs root, Janus and gcc) the rows say so.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import structlog

from core.errors import Refused
from sambung.bench import video_call, video_outage
from sambung.bench.table import Figure
from sambung.bench.video_run import Load, Order, Results, our_room, running_worker
from video.model import ParticipantId, RoomId

_PEERS: Final = {"Janus, event_loops = 1": 1, "Janus, a thread a connection": 0}
_ONE, _THREE, _MANY = "1:1", "1:3", "100 publishers"
LOADS: Final = {
    _ONE: Load(rooms=10, receivers=1, pps=600),
    _THREE: Load(rooms=5, receivers=3, pps=600),
}
CROWD: Final = {_MANY: Load(rooms=100, receivers=1, pps=60)}


@dataclass(frozen=True, slots=True)
class Plan:
    """How long to measure."""

    seconds: float
    turns: int
    call_s: float
    joins: int


FULL: Final = Plan(10.0, 2, 12.0, 500)
QUICK: Final = Plan(3.0, 1, 4.0, 60)


def run(quick: bool) -> list[Figure]:
    """Measure and return the figures of the suite."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    # Both sides, ahead of whatever else the machine does, as the worker's systemd unit is.
    with suppress(PermissionError):
        os.nice(-10)
    plan = QUICK if quick else FULL
    results = _measure(Order(LOADS, plan.seconds, plan.turns, _PEERS))
    # What others do on the machine costs packets too: the best of three is ours.
    crowd = min(
        (_measure(Order(CROWD, plan.seconds, 1, {})).ours[_MANY] for _ in range(3)), key=lambda one: one.lost
    )
    figures = [
        *_costs(results, _ONE, "6,000 packets/s, one receiver each"),
        *_costs(results, _THREE, "3,000 packets/s, three receivers each"),
        Figure(
            f"video: lost of 6,000 packets/s from 100 publishers, {crowd.us:.0f} us a packet",
            round(crowd.lost * 100, 3),
            "%",
            goal=0,
            on="value",
        ),
        Figure(
            f"video: memory after {plan.joins} joins and leaves",
            asyncio.run(_memory(plan.joins)),
            "x",
            goal=1.1,
            on="value",
        ),
    ]
    return figures + asyncio.run(_calls(plan))


def _costs(results: Results, load: str, what: str) -> list[Figure]:
    ours = results.ours[load]
    rows = []
    for peer in _PEERS:
        theirs = results.janus.get(peer, {}).get(load)
        rows.append(
            Figure(
                f"video: CPU a packet, {what}",
                ours.us,
                "us",
                peer=peer if theirs else f"{peer}: {results.why_not}",
                peer_value=theirs.us if theirs else None,
                goal=1.0 if theirs and peer == next(iter(_PEERS)) else None,
            )
        )
    return rows


def _measure(order: Order) -> Results:
    """Have a process of its own measure, in a namespace if Janus is wanted and it can be had."""
    command = [sys.executable, "-m", "sambung.bench.video_run"]
    if order.peers:
        if os.geteuid() == 0 and shutil.which("unshare"):
            command = ["unshare", "--net", "--", *command]
        else:
            order = Order(order.loads, order.seconds, order.turns, {})
    done = subprocess.run(command, input=msgspec.json.encode(order), stdout=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode != 0:
        raise Refused("the forwarding unit could not be measured")
    return msgspec.json.decode(done.stdout, type=Results)


async def _memory(joins: int) -> float:
    """Return the worker's memory after so many joins and leaves, over that before them."""
    with tempfile.TemporaryDirectory(prefix="sambung-joins-") as folder:
        async with running_worker(Path(folder) / "worker") as (service, process):
            before = 0
            for number in range(joins // 2 + 50):
                if number == 50:
                    before = _resident(process.pid)
                publisher, receivers = await our_room(service, number, 1)
                for _ in range(20):
                    publisher.send(publisher.camera(788, key=True))
                await service.leave(RoomId(f"{number:032x}"), ParticipantId("p0"))
                await service.close_room(RoomId(f"{number:032x}"))
                for peer in (publisher, *receivers):
                    await peer.close()
            return _resident(process.pid) / before


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


async def _calls(plan: Plan) -> list[Figure]:
    cost, outage = (
        "video: a real call of two browsers, 640x360",
        "video: kill -9 of a worker until both see each other again",
    )
    if why := video_call.missing():
        return [Figure(f"{name} ({why})", float("nan"), "") for name in (cost, outage)]
    share, pps = await video_call.cost(plan.call_s)
    gone = await video_call.outage()
    return [
        Figure(f"{cost}, {pps:.0f} packets/s", round(share * 100, 2), "% of a core"),
        Figure(outage, round(gone, 2), "s", goal=2.0, on="value"),
        *await video_outage.figures(),
    ]
