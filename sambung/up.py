"""`sambung up`: the whole centre in the foreground, for a newcomer. In production systemd runs the same processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final

from core.clock import SystemClock
from core.errors import Refused
from desk.settings import WebSettings
from pbx.render import TEST_LINE
from pbx.secrets import agent_password, load
from pbx.settings import AsteriskSettings
from sambung import processes
from sambung.centre import Centre
from sambung.demo_users import demo_users
from sambung.policy import Limits
from sambung.processes import Report
from sambung.settings import Settings
from sambung.supervise import Program, Supervisor
from sambung.telephony import prepare
from video.settings import VideoSettings

_START_S: Final = 60.0
"""A long journal takes its time to fold."""


async def up(settings: Settings, centre: Centre, arguments: Sequence[str]) -> int:
    """Run Asterisk, the recorder, the video workers and control until a signal says stop; return the exit status.

    ``arguments`` are the options (``--config`` and so on) that lead a child to the same settings. Raises ``Refused``
    or ``TryLater`` with one sentence if something is missing, taken or does not start; then nothing is left running.
    """
    began = time.monotonic()
    with processes.hold(settings.home):
        if problems := [
            *taken_ports(settings.asterisk),
            *_taken_video_ports(settings.video),
            *_taken_web_port(settings.web),
        ]:
            raise Refused("\n".join(problems))
        command = await asyncio.to_thread(prepare, settings, centre, _say)
        logs = settings.home / "log"
        logs.mkdir(parents=True, exist_ok=True)
        supervisor = Supervisor(programs(settings, command, arguments), logs, _say)
        since_ms = SystemClock().now_ms()

        def changed() -> None:
            # A full disk costs the report, not the processes.
            with contextlib.suppress(OSError):
                processes.write(settings.home, Report(os.getpid(), since_ms, supervisor.report()))

        def ready() -> None:
            _say(f"Ready after {time.monotonic() - began:.1f} s.")
            for line in what_next(settings, centre):
                _say(line)

        stop = asyncio.Event()
        _stop_on_signals(stop)
        await supervisor.run(stop, ready, changed)
    return 0


def programs(settings: Settings, asterisk: Sequence[str], arguments: Sequence[str]) -> list[Program]:
    """Return the centre's processes in the order of their start; they are stopped in reverse."""
    own = Limits(start_s=_START_S, watchdog_s=settings.watchdog_s, restart_s=settings.restart_s)
    # Asterisk says when it is ready, but gives no further sign of life.
    foreign = Limits(start_s=_START_S, watchdog_s=None, restart_s=settings.restart_s)

    def program(name: str, limits: Limits, command: str, *more: str) -> Program:
        return Program(name, (sys.executable, "-m", "sambung.cli", command, *more, *arguments), limits)

    return [
        Program("asterisk", tuple(asterisk), foreign),
        program("recorder", own, "recorder"),
        *(
            program(f"sfu@{number}" if number else "sfu", own, "sfu", "--worker", str(number))
            for number in range(settings.video.workers)
        ),
        program("control", own, "control"),
    ]


def taken_ports(settings: AsteriskSettings) -> Iterator[str]:
    """Yield a sentence for each port of ours on which somebody else listens."""
    for name, kind, port in (
        ("sip_port", socket.SOCK_DGRAM, settings.sip_port),
        ("trunk.bind_port", socket.SOCK_DGRAM, settings.trunk.bind_port),
        ("http_port", socket.SOCK_STREAM, settings.http_port),
        ("https_port", socket.SOCK_STREAM, settings.https_port),
        ("ami_port", socket.SOCK_STREAM, settings.ami_port),
    ):
        if reason := _cannot_bind(settings.host, kind, port):
            yield (
                f"asterisk.{name} = {port}: {reason} on {settings.host}; "
                f"give it another with --set asterisk.{name}=PORT or in sambung.toml"
            )


def _taken_video_ports(settings: VideoSettings) -> Iterator[str]:
    for port in range(settings.port, settings.port + settings.workers):
        if reason := _cannot_bind(settings.host, socket.SOCK_DGRAM, port):
            yield (
                f"video.port = {settings.port}: {port}/udp: {reason} on {settings.host}; "
                f"give it another with --set video.port=PORT or in sambung.toml"
            )


def _taken_web_port(settings: WebSettings) -> Iterator[str]:
    if reason := _cannot_bind(settings.host, socket.SOCK_STREAM, settings.port):
        yield (
            f"web.port = {settings.port}: {reason} on {settings.host}; "
            f"give it another with --set web.port=PORT or in sambung.toml"
        )


def what_next(settings: Settings, centre: Centre) -> Iterator[str]:
    """Yield what the person at the console may do now."""
    asterisk = settings.asterisk
    number = asterisk.trunk.numbers[0]
    server, entry = f"{asterisk.host}:{asterisk.sip_port}", f"{asterisk.host}:{asterisk.trunk.bind_port}"
    yield f"  Calls come in from the trunk {asterisk.trunk.peer} at sip:{number}@{entry}"
    if asterisk.test_line:
        password = agent_password(load(settings.home), TEST_LINE)
        yield f"  To call by softphone: user {TEST_LINE}, password {password}, server {server} (UDP); dial {number}"
    if agent := next(iter(centre.agents), None):
        yield f"  To answer: bin/sambung agents show {agent} prints what an agent's telephone has to be told"
    yield from _sign_in(settings, centre)
    yield "  To see a whole call now, in another terminal: bin/sambung drill call"
    yield f"  Logs: {settings.home / 'log'}. To stop: Ctrl-C"


def _sign_in(settings: Settings, centre: Centre) -> Iterator[str]:
    yield f"  The desk: {settings.web.address}"
    if settings.demo_users:
        for demo in demo_users(centre, load(settings.home)):
            yield f"    sign in as {demo.user.name:9} {demo.password}  ({demo.user.role.value})"


def _cannot_bind(host: str, kind: socket.SocketKind, port: int) -> str | None:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=kind)[0]
        with socket.socket(family, kind) as probe:
            if kind is socket.SOCK_STREAM:
                # Connections of an earlier run that are still closing are in nobody's way.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as e:
        return e.strerror
    return None


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Under nohup(1) the end of the terminal is to be ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, stop.set)


def _say(line: str) -> None:
    # Nobody looking any more is no reason to hang up on callers.
    with contextlib.suppress(OSError):
        print(line, flush=True)
