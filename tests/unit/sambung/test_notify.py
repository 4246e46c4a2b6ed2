"""A process reports to its supervisor."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sambung.notify import Notifier, watchdog
from tests.waiting import until


class Listener:
    """The supervisor's end."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind(address)

    def heard(self) -> list[str]:
        messages: list[str] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(self.socket.recv(4096).decode())
        return messages


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    listener = Listener(str(tmp_path / "n"))
    yield listener
    listener.socket.close()


def address(listener: Listener) -> str:
    name: str = listener.socket.getsockname()
    return name


def test_each_state_is_one_datagram_with_its_status(listener: Listener) -> None:
    notifier = Notifier(address(listener), None)
    notifier.status("reading the journal")
    notifier.ready("12 agents\nREADY=0")
    notifier.alive()
    notifier.stopping()
    assert listener.heard() == [
        "STATUS=reading the journal",
        "READY=1\nSTATUS=12 agents READY=0",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


def test_the_abstract_namespace_is_named_with_an_at_sign() -> None:
    listener = Listener("")
    name = listener.socket.getsockname()
    Notifier("@" + name[1:].decode(), None).ready()
    assert listener.heard() == ["READY=1"]
    listener.socket.close()


def test_nobody_listening_is_no_error(tmp_path: Path) -> None:
    Notifier("", None).ready()
    Notifier(str(tmp_path / "nobody"), None).ready()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "5000000"}, 5.0),
        ({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": str(os.getpid())}, 5.0),
        ({"WATCHDOG_USEC": "5000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_period_is_read_from_the_environment(environment: dict[str, str], expected: float | None) -> None:
    assert Notifier.from_environment(environment).watchdog_s == expected


async def test_a_turning_loop_reports_and_a_blocked_one_does_not(listener: Listener) -> None:
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(watchdog(Notifier(address(listener), 0.2)))
        await until(listener.heard)
        await until(listener.heard)
        # Nothing is heard while the loop is blocked; the report that is late is withheld.
        time.sleep(0.3)  # noqa: ASYNC251 -- the blocked loop is what is tested
        assert listener.heard() == []
        await until(listener.heard)
        task.cancel()


async def test_nobody_asking_means_no_reports(listener: Listener) -> None:
    await watchdog(Notifier(address(listener), None))
    assert listener.heard() == []
