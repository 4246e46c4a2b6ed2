"""The recorder process: killed before any of its steps it loses nothing; it reports, works and stops."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clock import SystemClock
from recording.ports import State
from recording.spool import Spool
from recording.worker import Pace, Recorder
from store.journal import SqlJournal
from store.queries import Queries
from store.recordings import SqlRecordings
from tests.integration import killed_recorder
from tests.unit.recording.sounds import VOICE, header, sound, write
from tests.unit.store.stories import START, Story, iid
from tests.waiting import until

_KNOWN, _ORPHAN = 1, 2
_DATA = {_KNOWN: sound((70, VOICE)), _ORPHAN: sound((5, VOICE))}


@pytest.fixture(params=["same disk", "other disk"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    if request.param == "same disk":
        yield tmp_path / "kept"
        return
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system to write to")
    folder = Path(tempfile.mkdtemp(prefix="sambung-test-", dir=shm))
    yield folder
    shutil.rmtree(folder)


async def _prepare(folder: Path) -> None:
    """A call that control knows, cut off by a crash of Asterisk, and one that it does not know."""
    (folder / "spool").mkdir(parents=True)
    journal = await SqlJournal.open(f"sqlite:///{folder}/sambung.db")
    story = Story()
    story.handled(0, _KNOWN, "ag101")
    await journal.append(story.entries)
    await journal.close()
    for number, data in _DATA.items():
        for letter in "rt":
            path = write(folder / "spool" / f"{iid(number)}-{letter}.wav", data, closed=number == _ORPHAN)
            ns = START * 1_000_000
            os.utime(path, ns=(ns, ns))


async def test_killed_before_any_step_it_loses_nothing(tmp_path: Path, kept: Path) -> None:
    template, runs = tmp_path / "template", tmp_path / "runs"
    await _prepare(template)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", killed_recorder.__name__, str(template), str(runs), str(kept)),
        stdout=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(120):
        output, _ = await process.communicate()
    assert process.returncode == 0
    killed = int(output.split()[-1])
    assert killed > 30
    for step in range(1, killed + 2):
        folder = runs / str(step)
        rows = await SqlRecordings.open(f"sqlite:///{folder}/sambung.db")
        pace = Pace(settled_ms=0, missing_ms=10**9, adopt_ms=0)
        await Recorder(rows, Spool(folder / "spool", kept / str(step)), SystemClock(), pace).look()
        await rows.close()
        await _nothing_is_lost(folder, kept / str(step))


async def _nothing_is_lost(folder: Path, kept: Path) -> None:
    queries = await Queries.open(f"sqlite:///{folder}/sambung.db")
    recordings = await queries.recordings([iid(_KNOWN), iid(_ORPHAN)])
    await queries.close()
    by_id = {recording.id: recording for recording in recordings}
    assert by_id[iid(_KNOWN)].state is State.FINISHED
    assert by_id[iid(_ORPHAN)].state is State.ADOPTED
    names = set()
    for number, data in _DATA.items():
        recording = by_id[iid(number)]
        assert recording.length_ms == len(data) // 16
        for name in (recording.customer_file, recording.agent_file):
            names.add(name)
            assert (kept / name).read_bytes() == header(len(data)) + data
    assert _files(kept) == names
    assert _files(folder / "spool") == set()


def _files(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


_PROCESS = """
import asyncio, sys
from pathlib import Path
from pbx.settings import AsteriskSettings
from sambung.recorder import main
from sambung.settings import Settings

home = Path(sys.argv[1])
asterisk = AsteriskSettings(home / "asterisk", home / "prompts", home / "spool")
database = f"sqlite+aiosqlite:///{home}/sambung.db"
asyncio.run(main(Settings(home, home / "centre", database, asterisk, home / "kept")))
"""


async def test_the_process_reports_works_and_stops(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="sambung-") as short:
        notify = Path(short) / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.bind(str(notify))
            line.setblocking(False)
            environment = {**os.environ, "NOTIFY_SOCKET": str(notify), "WATCHDOG_USEC": "1000000"}
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", _PROCESS, str(tmp_path), env=environment
            )
            heard: list[bytes] = []

            def told(what: bytes) -> bool:
                try:
                    while True:
                        heard.extend(line.recv(4096).splitlines())
                except BlockingIOError:
                    return what in heard

            await until(lambda: told(b"READY=1"), within=20)
            await _prepare(tmp_path)
            await until(lambda: len(list((tmp_path / "kept").rglob("*.wav"))) == 4, within=20)
            await until(lambda: told(b"WATCHDOG=1"), within=20)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                assert await process.wait() == 0
            assert told(b"STOPPING=1")
