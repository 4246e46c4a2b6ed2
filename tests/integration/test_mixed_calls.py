"""Calls of every kind with a restart of control in the middle: each has one outcome, and nothing is left."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from pbx.probe.mix_scripts import EVERYTHING, Leaves, mixed
from tests.integration.mixed_besides import besides
from tests.integration.mixed_centre import account, mixed_centre


@pytest.mark.parametrize(
    ("calls", "per_s", "agents"),
    [pytest.param(54, 3.0, 4, id="54"), pytest.param(500, 5.0, 9, id="500", marks=pytest.mark.slow)],
)
async def test_mixed_calls_over_a_kill(tmp_path: Path, calls: int, per_s: float, agents: int) -> None:
    scripts = mixed(calls, random.Random(calls), kinds=EVERYTHING)
    assert set(Counter(script.leaves for script in scripts)) == set(Leaves)
    async with mixed_centre(tmp_path, agents) as busy:
        centre = busy.centre
        began = time.monotonic()
        running = asyncio.create_task(busy.mix.run(busy.uri, scripts, per_s))
        await asyncio.sleep(calls / per_s / 2)
        killed = time.monotonic()
        restarts = centre.signal("control", signal.SIGKILL)
        await centre.back("control", restarts)
        back = time.monotonic()
        went = await running
        talked = time.monotonic()
        await centre.nothing_left()
        empty = time.monotonic()
        found = account(busy, went, [(killed, back)])
        more = besides(busy)
        status, said = await centre.run("why", "--replay")
    assert busy.moved
    tired = Counter(call.script.leaves for call in went if call.tired)
    told = (
        f"{found}\n{more}\nTired: {tired}\nAway for {back - killed:.1f} s, called for {talked - began:.1f} s, "
        f"empty after {empty - talked:.1f} s.\n"
    )
    (tmp_path / "account.txt").write_text(told)
    assert found.wrong == ()
    assert found.outcomes.total() + found.refused + found.aside == calls
    assert set(found.outcomes) <= {"handled", "abandoned", "voicemail", "callback"}
    assert len(found.outcomes) > 2
    assert found.outcomes["handled"] > calls / 6
    assert found.phases["in_menu"] > 0
    assert more.wrong == ()
    assert more.messages >= found.outcomes["voicemail"]
    assert more.callbacks.total() == found.outcomes["callback"]
    assert more.overflowed > 0
    assert more.left_in["talking"] > 0
    if calls >= 500:
        # Of few calls any may be hit by the restart.
        assert set(found.phases) >= {"waiting", "offered", "connecting", "parked"}
        assert set(more.left_in) == {"talking", "held", "parked"}
        assert more.consults.total() > 10
        assert more.callbacks["handled"] > 0
        assert found.outcomes["voicemail"] > 0
        assert more.scores > 0
    assert busy.mix.legs == 0
    assert status == 0, said
