"""Real child processes are started, watched, killed and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.errors import Refused
from sambung.policy import Limits
from sambung.supervise import Program, Supervisor
from tests.waiting import until

QUICK = Limits(start_s=20, watchdog_s=1, stop_s=0.5, restart_s=0.05, restart_cap_s=0.1, stable_s=60)

REPORTING = """
import asyncio, signal
from sambung.notify import Notifier, watchdog

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    notifier = Notifier.from_environment()
    notifier.ready("at work")
    beat = asyncio.ensure_future(watchdog(notifier))
    await stop.wait()
    beat.cancel()
    print("stopped in order", flush=True)

asyncio.run(main())
"""

DEAF = REPORTING.replace("stop.set", "print")
MUTE = "import time; time.sleep(600)"


def program(code: str, name: str = "child", limits: Limits = QUICK) -> Program:
    return Program(name, (sys.executable, "-c", code), limits)


class Running:
    """A supervisor at work, and what it said."""

    def __init__(self, supervisor: Supervisor, said: list[str]) -> None:
        self.supervisor = supervisor
        self.said = said
        self.ready = asyncio.Event()
        self.stop = asyncio.Event()

    def pid(self, name: str = "child") -> int | None:
        rows = [row for row in self.supervisor.report() if row.name == name and row.phase == "ready"]
        return rows[0].pid if rows else None

    async def another_than(self, pid: int) -> int:
        found = await until(lambda: self.pid() not in {None, pid} and self.pid())
        assert found
        return found


@asynccontextmanager
async def running(logs: Path, *programs: Program) -> AsyncIterator[Running]:
    said: list[str] = []
    run = Running(Supervisor(programs, logs, said.append), said)
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(run.supervisor.run(run.stop, run.ready.set, lambda: None))
        ready = tasks.create_task(run.ready.wait())
        await asyncio.wait({work, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if not work.done():
            yield run
        run.stop.set()


def gone(pid: int) -> Callable[[], bool]:
    def is_gone() -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        return state == "Z"

    return is_gone


async def test_a_child_that_was_killed_is_started_again(tmp_path: Path) -> None:
    async with running(tmp_path, program(REPORTING)) as run:
        first = run.pid()
        assert first
        os.kill(first, signal.SIGKILL)
        await run.another_than(first)
        (row,) = run.supervisor.report()
        assert (row.restarts, row.status) == (1, "at work")
        assert any("SIGKILL" in line for line in run.said)


async def test_a_frozen_child_is_killed_and_started_again(tmp_path: Path) -> None:
    async with running(tmp_path, program(REPORTING)) as run:
        first = run.pid()
        assert first
        os.kill(first, signal.SIGSTOP)
        await run.another_than(first)
        assert gone(first)()
        assert any("no sign of life" in line for line in run.said)


async def test_a_child_hung_in_its_start_up_is_an_error_that_says_so(tmp_path: Path) -> None:
    hung = program(MUTE, limits=Limits(start_s=0.3, restart_s=0.05))
    with pytest.raises(ExceptionGroup) as caught:
        async with running(tmp_path, hung):
            pytest.fail("it is not ready")
    assert caught.group_contains(Refused, match=r"child .* did not become ready within 0.3 s")


async def test_a_child_that_fails_at_its_start_stops_those_before_it(tmp_path: Path) -> None:
    failing = program("print('no database'); raise SystemExit(3)", "second")
    with pytest.raises(ExceptionGroup) as caught:
        async with running(tmp_path, program(REPORTING, "first"), failing):
            pytest.fail("it is not ready")
    assert caught.group_contains(Refused, match="second ended.*\n.*no database")
    assert "stopped in order" in (tmp_path / "first.log").read_text()


async def test_stopping_goes_in_reverse_and_a_deaf_child_is_killed(tmp_path: Path) -> None:
    async with running(tmp_path, program(REPORTING, "first"), program(DEAF, "second")) as run:
        pids = [pid for name in ("first", "second") if (pid := run.pid(name))]
    assert len(pids) == 2
    assert all(gone(pid)() for pid in pids)
    assert [line for line in run.said if line.startswith(("Stopping", "second does"))] == [
        "Stopping second",
        "second does not stop; killed",
        "Stopping first",
    ]
    assert "stopped in order" in (tmp_path / "first.log").read_text()


async def test_what_a_child_leaves_behind_goes_with_it(tmp_path: Path) -> None:
    parent = "import subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True)\n" + REPORTING
    async with running(tmp_path, program(parent)) as run:
        left = int((tmp_path / "child.log").read_text().split()[0])
        first = run.pid()
        assert first
        os.kill(first, signal.SIGKILL)
        await run.another_than(first)
        await until(gone(left))


async def test_a_stranger_cannot_report_in_a_child_s_place(tmp_path: Path) -> None:
    told = "import os; print(os.environ['NOTIFY_SOCKET'], flush=True)\n" + REPORTING
    async with running(tmp_path, program(told)) as run:
        first = run.pid()
        assert first
        address = (tmp_path / "child.log").read_text().split()[0]
        stranger = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c"),
            "from sambung.notify import Notifier; import sys, time\n"
            f"n = Notifier({address!r}, None)\n"
            "while True: n.alive(); n.status('mine now'); time.sleep(0.05)",
        )
        try:
            os.kill(first, signal.SIGSTOP)
            await run.another_than(first)
            assert run.supervisor.report()[0].status == "at work"
        finally:
            stranger.kill()
            await stranger.wait()


async def test_no_child_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    code = f"""
import asyncio, json, sys
from pathlib import Path
from sambung.supervise import Program, Supervisor
child = Program("child", (sys.executable, "-c", {REPORTING!r}))
supervisor = Supervisor([child], Path({str(tmp_path)!r}), lambda line: None)
def ready():
    print(supervisor.report()[0].pid, flush=True)
asyncio.run(supervisor.run(asyncio.Event(), ready, lambda: None))
"""
    supervisor = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert supervisor.stdout
        child = int(await supervisor.stdout.readline())
        assert not gone(child)()
    finally:
        supervisor.kill()
        await supervisor.communicate()
    await until(gone(child))


async def test_a_missing_program_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with running(tmp_path, Program("ghost", ("/nonexistent/ghost",), QUICK)):
            pytest.fail("it is not ready")
    assert caught.group_contains(Refused, match="ghost ended.*\n.*/nonexistent/ghost")


async def test_a_stop_during_the_start_is_no_error(tmp_path: Path) -> None:
    stop = asyncio.Event()
    supervisor = Supervisor([program(MUTE)], tmp_path, lambda line: None)
    async with asyncio.TaskGroup() as tasks:
        work = tasks.create_task(supervisor.run(stop, lambda: None, lambda: None))
        pid = await until(lambda: [row.pid for row in supervisor.report() if row.pid][:1])
        stop.set()
        await work
    assert gone(pid[0])()
