"""Run a recorder again and again, each time killed one step later; run by test_recording_kill.py.

``python killed_recorder.py TEMPLATE RUNS KEPT`` copies TEMPLATE (a database and a spool) to RUNS/<step> and
keeps recordings in KEPT/<step>, for step 1, 2, ... until one lives to its end. Prints how many were killed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

from core.clock import SystemClock
from core.ids import InteractionId
from recording.ports import Recording
from recording.spool import Spool
from recording.worker import Pace, Recorder
from store.recordings import SqlRecordings

_FILE_EVENTS = {"open", "os.mkdir", "os.remove", "os.rename", "os.scandir", "os.utime"}


class Countdown:
    """Kills this process just before its n-th step: a file operation (PEP 578) or the writing of a row."""

    def __init__(self, steps: int, folders: tuple[Path, ...]) -> None:
        self._left = steps
        self._folders = tuple(map(str, folders))

    def hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in _FILE_EVENTS and str(arguments[0]).startswith(self._folders):
            self.step()

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Rows(SqlRecordings):
    """Rows whose writing is a step."""

    countdown: Countdown

    async def adopt(self, id_: InteractionId, started_at: int) -> None:
        self.countdown.step()
        await super().adopt(id_, started_at)
        self.countdown.step()

    async def finish(self, recording: Recording) -> None:
        self.countdown.step()
        await super().finish(recording)
        self.countdown.step()


async def record(folder: Path, kept: Path, steps: int) -> None:
    rows = await Rows.open(f"sqlite:///{folder}/sambung.db")
    rows.countdown = Countdown(steps, (folder / "spool", kept))
    sys.addaudithook(rows.countdown.hook)
    pace = Pace(settled_ms=0, missing_ms=10**9, adopt_ms=0)
    await Recorder(rows, Spool(folder / "spool", kept), SystemClock(), pace).look()
    await rows.close()


def main(template: Path, runs: Path, kept: Path) -> None:
    step = 0
    while True:
        step += 1
        shutil.copytree(template, runs / str(step))
        child = os.fork()
        if child == 0:
            asyncio.run(record(runs / str(step), kept / str(step), step))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            sys.stdout.write(f"{step - 1}\n")
            return
        assert os.WTERMSIG(status) == signal.SIGKILL


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
