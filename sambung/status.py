"""``sambung status``: what is up, what is not, and since when."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import timedelta

import msgspec

from core.clock import SystemClock
from core.errors import TryLater
from sambung import processes
from sambung.client import ControlClient
from sambung.settings import Settings


class _Link(msgspec.Struct):
    up: bool
    since: int


class _Control(msgspec.Struct):
    since: int
    links: dict[str, _Link]
    calls: int
    interactions: dict[str, int]
    agents: dict[str, int]


async def show(settings: Settings, *, as_json: bool) -> int:
    """Print the state of every process and link; return 1 unless all of them are up."""
    report = processes.read(settings.home)
    control: _Control | None
    try:
        async with ControlClient(settings.control_socket) as client:
            control = await client.get("/status", _Control)
    except TryLater:
        control = None
    healthy = control is not None and all(link.up for name, link in control.links.items() if name != "trunk")
    if as_json:
        found: Mapping[str, object] = {"healthy": healthy, "up": report, "control": control}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n")
    else:
        now = SystemClock().now_ms()
        sys.stdout.writelines(line + "\n" for line in _lines(report, control, now))
    return 0 if healthy else 1


def _lines(report: processes.Report | None, control: _Control | None, now: int) -> Iterator[str]:
    for process in report.processes if report else ():
        yield (
            f"{process.name:10} {process.phase:10} for {_age(now, process.since_ms)}, "
            f"{process.restarts} restarts{', ' + process.status if process.status else ''}"
        )
    if report is None:
        yield "`sambung up` does not run on this home."
    if control is None:
        yield "control    does not answer"
        return
    for name, link in control.links.items():
        yield f"{name:10} {'connected' if link.up else 'AWAY':10} for {_age(now, link.since)}"
    yield f"calls      {control.calls}; interactions {_counts(control.interactions)}"
    yield f"agents     {_counts(control.agents)}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.items()) or "none"


def _age(now: int, since: int) -> str:
    return str(timedelta(seconds=max(0, now - since) // 1000))
