"""Guards for every test: traffic stays on this machine, and no task outlives the test that started it."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

# A busy machine is no failure. Continuous integration tries the same examples each time, people new ones.
settings.register_profile(
    "sambung",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("sambung")

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_sendto = socket.socket.sendto

_UNIT = Path(__file__).parent / "unit"
_LONG = ("browser", "contract", "integration")


def _objection(family: int, address: Any, *, unit: bool) -> str | None:
    if family == socket.AF_UNIX:
        return None
    if unit:
        return f"a unit test opens a connection to {address}: move it to tests/integration"
    if address[0] == "localhost" or _is_loopback(address[0]):
        return None
    return f"a test sends to {address}: tests talk to this machine only"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _loopback_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    unit = _UNIT in request.path.parents
    objections: list[str] = []

    def check(family: int, address: Any) -> None:
        if objection := _objection(family, address, unit=unit):
            # The code under test may survive the error; the test must not.
            objections.append(objection)
            raise PermissionError(objection)

    def connect(self: socket.socket, address: Any) -> None:
        check(self.family, address)
        _connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        check(self.family, address)
        return _connect_ex(self, address)

    def sendto(self: socket.socket, data: Any, *args: Any) -> int:
        check(self.family, args[-1])
        return _sendto(self, data, *args)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)
    monkeypatch.setattr(socket.socket, "sendto", sendto)
    yield
    if objections:
        pytest.fail("; ".join(objections))


@pytest.fixture(autouse=True)
def _watched(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("asyncio"):
        request.getfixturevalue("_no_task_left")


@pytest_asyncio.fixture
async def _no_task_left() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    # A task that was cancelled or woken at the end of the test needs a turn of the loop to finish.
    for _ in range(3):
        await asyncio.sleep(0)
    left = {t for t in asyncio.all_tasks() - before if t is not asyncio.current_task() and not t.done()}
    if left:
        pytest.fail("tasks left running: " + ", ".join(sorted(t.get_name() for t in left)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mix what waits for calls with what computes, so that tests beside one another leave no core idle.

    Files stay whole. Short ones come last: they even out when each core is done.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    kinds: dict[str, list[Path]] = {}
    for path in files:
        kinds.setdefault(path.parent.name if path.parent.name in _LONG else "", []).append(path)
    place = {
        path: (number + 0.5) / len(paths) * (0.8 if kind else 1)
        for kind, paths in kinds.items()
        for number, path in enumerate(paths)
    }
    items[:] = [item for path in sorted(files, key=place.__getitem__) for item in files[path]]
