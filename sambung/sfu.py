"""The forwarding process: one worker of the video rooms. It has no database and no configuration of the centre."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from core.errors import Refused
from sambung.notify import Notifier, watchdog
from sambung.settings import Settings
from video.control_socket import ControlSocket
from video.settings import VideoSettings
from video.worker import Worker

log = structlog.get_logger("sfu")


def main(settings: Settings, number: int) -> int:
    """Run worker ``number``, counted from 0, until SIGTERM or SIGINT; return the exit status."""
    try:
        _runner()(_main(settings.video, number))
    except Refused as error:
        log.critical("the worker cannot start", reason=str(error))
        return 1
    return 0


def _runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    """Return what runs the loop: a third less time a packet with uvloop, where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run


async def _main(settings: VideoSettings, number: int) -> None:
    stop = asyncio.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(one, stop.set)
    notifier = Notifier.from_environment()
    socket = ControlSocket(uuid.uuid4().hex)
    worker = Worker(settings, number, socket.emit)
    try:
        async with asyncio.TaskGroup() as tasks:
            bound = asyncio.Event()
            work = [
                tasks.create_task(watchdog(notifier), name="watchdog"),
                tasks.create_task(worker.run(bound.set), name="worker"),
            ]
            stopped = tasks.create_task(stop.wait(), name="stop")
            await bound.wait()
            path = settings.worker_socket(number)
            work.append(
                tasks.create_task(
                    socket.serve(path, worker.obey, worker.hello, notifier.ready), name="control"
                )
            )
            await stopped
            notifier.stopping()
            for task in work:
                task.cancel()
    except* Refused as errors:
        raise errors.exceptions[0] from None
