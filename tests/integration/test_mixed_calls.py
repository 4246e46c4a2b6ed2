"""Calls of every kind with a restart of control in the middle: each has one outcome, and nothing is left."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from pbx.probe.mix import Leaves, mixed
from tests.integration.mixed_centre import account, mixed_centre


@pytest.mark.parametrize(
    ("calls", "per_s", "agents"),
    [pytest.param(66, 3.0, 4, id="66"), pytest.param(500, 5.0, 9, id="500", marks=pytest.mark.slow)],
)
async def test_mixed_calls_over_a_kill(tmp_path: Path, calls: int, per_s: float, agents: int) -> None:
    scripts = mixed(calls, random.Random(calls))
    assert set(Counter(script.leaves for script in scripts)) == set(Leaves)
    async with mixed_centre(tmp_path, agents) as busy:
        centre = busy.centre
        running = asyncio.create_task(busy.mix.run(busy.uri, scripts, per_s))
        await asyncio.sleep(calls / per_s / 2)
        killed = time.monotonic()
        restarts = centre.signal("control", signal.SIGKILL)
        await centre.back("control", restarts)
        back = time.monotonic()
        went = await running
        await centre.nothing_left()
        found = account(busy, went, [(killed, back)])
        status, said = await centre.run("why", "--replay")
    assert busy.moved
    told = f"{found}\nAway for {back - killed:.1f} s.\n"
    (tmp_path / "account.txt").write_text(told)
    assert found.wrong == ()
    assert found.outcomes.total() + found.refused + found.aside == calls
    assert set(found.outcomes) <= {"handled", "abandoned"}
    assert found.outcomes["handled"] > calls / 6
    assert set(found.phases) >= {"in_menu", "offered"}
    assert calls < 500 or set(found.phases) >= {"waiting", "connecting"}
    assert busy.mix.legs == 0
    assert status == 0, said
