"""Run the processes of a centre as children and keep them running: the shell around `sambung.policy`.

Each child gets a session of its own (Ctrl-C at the terminal reaches only us, so that the order of stopping is
ours), a notify socket of its own, and a death signal: whatever ends this process ends its children with
SIGKILL. Nothing of a call is lost by that which ``kill -9`` of each of them would not lose, and no orphan
keeps the ports.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.clock import SystemClock
from core.errors import Refused
from sambung import policy
from sambung.childlog import ChildLog
from sambung.notify import NotifySocket
from sambung.policy import Child, Limits, Order, Phase
from sambung.processes import Process

_PIPE_READS: Final = 4
"""More than a pipe holds (pipe(7): 64 KiB), so that a dead child's last words are read to the end."""


@dataclass(frozen=True, slots=True)
class Program:
    """A process to be kept running.

    It speaks sd_notify(3): ``READY=1``, and ``WATCHDOG=1`` if it is watched.
    """

    name: str
    command: tuple[str, ...]
    limits: Limits = Limits()  # noqa: RUF009 -- frozen
    environment: Mapping[str, str] = field(default_factory=dict)


class Nurse:
    """Keeps one program running from `run`'s start until `stop`."""

    def __init__(
        self, program: Program, logs: Path, say: Callable[[str], None], changed: Callable[[], None]
    ) -> None:
        """``say`` shows a line at the console; ``changed`` is called when `report` would differ."""
        self.program = program
        self.log = ChildLog(logs / f"{program.name}.log", lambda line: say(f"{program.name}: {line}"))
        self._say = say
        self._changed = changed
        self._child = Child(program.limits)
        self._process: asyncio.subprocess.Process | None = None
        self._exit: int | None = None
        """How the process ended, until that has been acted upon."""
        self._notify = NotifySocket()
        self._wake = asyncio.Event()
        self._stop_wanted = False
        self._status = ""
        self._since_ms = SystemClock().now_ms()
        self._started: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def report(self) -> Process:
        """Return what there is to say about the process now."""
        pid = self._process.pid if self._process else None
        child = self._child
        return Process(
            self.program.name, child.phase.value, pid, self._since_ms, child.restarts, self._status
        )

    async def started(self) -> bool:
        """Wait for the first start to succeed; return whether it did."""
        return await asyncio.shield(self._started)

    def stop(self) -> None:
        """Ask for the end; `run` returns when the process is gone."""
        self._stop_wanted = True
        self._wake.set()

    async def run(self) -> None:
        """Start the program, and again whenever it ends, until `stop`."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as tasks:
                child, order = policy.start(self._child, loop.time())
                self._enter(child)
                while True:
                    await self._obey(order, tasks)
                    if self._child.phase is Phase.STOPPED:
                        break
                    await self._something()
                    order = self._next(loop.time())
        finally:
            self._notify.close()
            self.log.close()

    # --- deciding ------------------------------------------------------------------------------------------

    def _next(self, now: float) -> Order | None:
        if self._exit is not None:
            self._bury(self._exit, now)
        if self._stop_wanted and self._child.phase not in {Phase.STOPPING, Phase.STOPPED}:
            child, order = policy.stop(self._child, now)
        else:
            child, order = policy.tick(self._child, now)
            if order is Order.KILL:
                self._say(f"{self.program.name} {_overdue(self._child.phase)}; killed")
        self._enter(child)
        return order

    async def _something(self) -> None:
        """Wait until something has happened or is due."""
        deadline = self._child.deadline()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await self._wake.wait()
        self._wake.clear()

    def _enter(self, child: Child) -> None:
        moved = child.phase is not self._child.phase
        self._child = child
        if not moved:
            return
        self._since_ms = SystemClock().now_ms()
        if child.phase in {Phase.READY, Phase.PAUSED, Phase.STOPPED} and not self._started.done():
            self._started.set_result(child.phase is Phase.READY)
        self._changed()

    # --- doing ---------------------------------------------------------------------------------------------

    async def _obey(self, order: Order | None, tasks: asyncio.TaskGroup) -> None:
        match order:
            case Order.SPAWN:
                await self._spawn(tasks)
            case Order.TERMINATE:
                self._signal(signal.SIGTERM)
            case Order.KILL:
                self._signal(signal.SIGKILL)

    async def _spawn(self, tasks: asyncio.TaskGroup) -> None:
        self.log.begin()
        self._status = ""
        reader, writer = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", "--"),
                *self.program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writer,
                stderr=writer,
                start_new_session=True,
                env=self._environment(),
            )
        except OSError as e:
            os.close(reader)
            self._say(f"{self.program.name} cannot be started: {e.strerror}")
            self._enter(policy.ended(self._child, asyncio.get_running_loop().time()))
            return
        finally:
            os.close(writer)
        loop = asyncio.get_running_loop()
        os.set_blocking(reader, False)
        loop.add_reader(reader, self._read_output, reader)
        loop.add_reader(self._notify.fileno(), self._read_notify)
        tasks.create_task(self._reap(self._process, reader), name=f"reap:{self.program.name}")

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, **self.program.environment, "NOTIFY_SOCKET": self._notify.address}
        environment["PYTHONUNBUFFERED"] = "1"
        environment.pop("WATCHDOG_PID", None)
        watchdog_s = self.program.limits.watchdog_s
        environment["WATCHDOG_USEC"] = str(round((watchdog_s or 0) * 1e6))
        return environment

    async def _reap(self, process: asyncio.subprocess.Process, output: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            code = await process.wait()
            for _ in range(_PIPE_READS):
                self._read_output(output)
        finally:
            # What the child leaves behind in its session would keep ports and files from the next one.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            loop.remove_reader(self._notify.fileno())
            loop.remove_reader(output)
            os.close(output)
        self._exit = code
        self._wake.set()

    def _bury(self, code: int, now: float) -> None:
        self._process = self._exit = None
        phase = self._child.phase
        self._enter(policy.ended(self._child, now))
        if phase is Phase.STOPPING or not self._started.result():
            # A stop that was asked for; or a first start, whose failure is the caller's to tell.
            return
        pause = policy.pause(self._child.failures, self.program.limits)
        again = "" if self._stop_wanted else f"; it is started again in {pause:g} s"
        self._say(f"{self.program.name} ended ({_how(code)}){again}. Its log: {self.log.path}")

    def _signal(self, number: signal.Signals) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)

    def _read_output(self, reader: int) -> None:
        with contextlib.suppress(BlockingIOError):
            if data := os.read(reader, 65536):
                self.log.write(data)
            else:
                asyncio.get_running_loop().remove_reader(reader)

    def _read_notify(self) -> None:
        now = asyncio.get_running_loop().time()
        for pid, lines in self._notify.received():
            if self._process is None or pid != self._process.pid:
                continue
            for line in lines:
                self._hear(line, now)
        self._wake.set()

    def _hear(self, line: str, now: float) -> None:
        key, _, value = line.partition("=")
        match key, value:
            case "READY", "1":
                self._enter(policy.ready(self._child, now))
            case "WATCHDOG", "1":
                self._enter(policy.alive(self._child, now))
            case "STATUS", _:
                self._status = value
                self._changed()


class Supervisor:
    """Starts programs one after the other, each when the one before is ready, and stops them in reverse."""

    def __init__(self, programs: Sequence[Program], logs: Path, say: Callable[[str], None]) -> None:
        self._programs = programs
        self._logs = logs
        self._say = say
        self._nurses: list[Nurse] = []

    def report(self) -> tuple[Process, ...]:
        """Return what there is to say about each process."""
        return tuple(nurse.report() for nurse in self._nurses)

    async def run(self, stop: asyncio.Event, ready: Callable[[], None], changed: Callable[[], None]) -> None:
        """Run all programs until ``stop`` is set.

        ``ready`` is called when all are; ``changed`` whenever `report` differs. Raises ``Refused`` if a
        program does not become ready at its first start; those started before it are stopped again.
        """
        async with asyncio.TaskGroup() as tasks:
            running: list[tuple[Nurse, asyncio.Task[None]]] = []
            failed: Nurse | None = None
            for program in self._programs:
                self._say(f"Starting {program.name}")
                nurse = Nurse(program, self._logs, self._say, changed)
                self._nurses.append(nurse)
                running.append((nurse, tasks.create_task(nurse.run(), name=program.name)))
                if not await _first(nurse, stop):
                    failed = None if stop.is_set() else nurse
                    break
            else:
                ready()
                await stop.wait()
            for nurse, task in reversed(running):
                self._say(f"Stopping {nurse.program.name}")
                nurse.stop()
                await asyncio.wait([task])
        if failed is not None:
            raise _did_not_start(failed)


async def _first(nurse: Nurse, stop: asyncio.Event) -> bool:
    """Wait for a nurse's first start, but no longer than until ``stop``."""
    async with asyncio.TaskGroup() as tasks:
        started = tasks.create_task(nurse.started())
        stopped = tasks.create_task(stop.wait())
        await asyncio.wait({started, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not started.done():
            started.cancel()
            return False
    return started.result()


def _did_not_start(nurse: Nurse) -> Refused:
    name, limits = nurse.program.name, nurse.program.limits
    said = "".join(f"\n    {line}" for line in nurse.log.tail())
    return Refused(
        f"{name} ended, or did not become ready within {limits.start_s:g} s. Its log: {nurse.log.path}{said}"
    )


def _overdue(phase: Phase) -> str:
    match phase:
        case Phase.STARTING:
            return "does not become ready"
        case Phase.STOPPING:
            return "does not stop"
        case _:
            return "gives no sign of life"


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"
