"""Twenty minutes at two hundred calls a minute: nothing grows, nothing queues up, nothing is lost."""

from __future__ import annotations

import asyncio
import random
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from core.errors import TryLater
from pbx.asterisk import console
from pbx.probe.mix_scripts import mixed
from pbx.root import AsteriskInstall
from tests.integration.centre_fixture import RunningCentre
from tests.integration.mixed_centre import account, mixed_centre

PER_MINUTE = 200
SAMPLE_S = 10
GROWTH = 1.05
PROCESSES = ("control", "asterisk", "recorder")
_PROCESSOR = re.compile(r"^(\S+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s", re.MULTILINE)


class Sample(NamedTuple):
    """What was held at a moment."""

    at: float
    control_kib: int
    asterisk_kib: int
    recorder_kib: int
    queued: int
    """Tasks in the longest queue of Asterisk's task processors."""


class Processor(NamedTuple):
    """A line of ``core show taskprocessors``."""

    name: str
    queued: int
    deepest: int
    high_water: int


async def processors(install: AsteriskInstall, centre: RunningCentre) -> list[Processor]:
    said = await console(install, centre.settings.asterisk, "core show taskprocessors")
    found = [Processor(m[1], int(m[3]), int(m[4]), int(m[6])) for m in _PROCESSOR.finditer(said)]
    assert found, said
    return found


def resident_kib(centre: RunningCentre, name: str) -> int:
    pid = centre.process(name).pid
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


async def watch(install: AsteriskInstall, centre: RunningCentre, samples: list[Sample]) -> None:
    began = time.monotonic()
    while True:
        try:
            queued = max(one.queued for one in await processors(install, centre))
        except TryLater:
            # The console did not answer in time; memory is still to be seen.
            queued = samples[-1].queued if samples else 0
        control, asterisk, recorder = (resident_kib(centre, name) for name in PROCESSES)
        samples.append(Sample(time.monotonic() - began, control, asterisk, recorder, queued))
        await asyncio.sleep(SAMPLE_S)


def growth(samples: Sequence[Sample], minutes: float) -> dict[str, float]:
    """Return each process's memory at the end as a share of that after the first quarter."""
    seconds = minutes * 60
    first = [s for s in samples if seconds * 0.25 <= s.at < seconds * 0.4]
    last = [s for s in samples if seconds * 0.85 <= s.at <= seconds]
    return {
        name: statistics.median(s[n] for s in last) / statistics.median(s[n] for s in first)
        for n, name in enumerate(PROCESSES, 1)
    }


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.parametrize("minutes", [20])
async def test_soak(tmp_path: Path, asterisk_install: AsteriskInstall, minutes: float) -> None:
    await soak(tmp_path, asterisk_install, minutes)


async def soak(folder: Path, install: AsteriskInstall, minutes: float) -> None:
    """Run the soak below ``folder``, which keeps its figures in ``soak.txt``."""
    calls = round(minutes * PER_MINUTE)
    samples: list[Sample] = []
    async with mixed_centre(folder, agents=16) as busy:
        centre = busy.centre
        restarts = {name: centre.process(name).restarts for name in PROCESSES}
        watcher = asyncio.create_task(watch(install, centre, samples))
        went = await busy.mix.run(busy.uri, mixed(calls, random.Random(169)), PER_MINUTE / 60)
        watcher.cancel()
        await centre.nothing_left()
        ended = await processors(install, centre)
        found = account(busy, went)
        status, said = await centre.run("why", "--replay")
        again = {name: centre.process(name).restarts for name in restarts}
    grown = growth(samples, minutes)
    lines = [
        f"{found}",
        "memory at the end against the first quarter: "
        + ", ".join(f"{name} {share:.3f}" for name, share in grown.items()),
        f"longest task queue seen {max(s.queued for s in samples)}, ever {max(p.deepest for p in ended)}",
        said.strip(),
        *(" ".join(map(str, (round(s.at), *s[1:]))) for s in samples),
    ]
    (folder / "soak.txt").write_text("\n".join(lines) + "\n")
    assert found.wrong == ()
    assert found.outcomes.total() + found.refused == calls
    assert found.outcomes["handled"] > calls / 4
    assert max(grown.values()) <= GROWTH, lines
    assert [one for one in ended if one.queued or one.deepest > one.high_water] == []
    assert again == restarts
    assert busy.mix.legs == 0
    assert status == 0, said
