"""The centre loses a process and no caller: kill -9 and freezing, with callers in every phase."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pbx.probe.listen import until_sound, until_tone
from pbx.probe.wav import read
from tests.integration.centre_fixture import (
    AGENT_HZ,
    CALLER_HZ,
    Place,
    RunningCentre,
    hear_each_other,
    kept,
    running_centre,
    visiting,
)
from tests.waiting import until

TURNS = [0, *(pytest.param(turn, marks=pytest.mark.slow) for turn in range(1, 20))]


def patient(folder: Path) -> None:
    """Let telephones ring for so long that a control that starts slowly finds them ringing."""
    queues = folder / "config" / "centre" / "queues.yaml"
    queues.write_text(queues.read_text().replace("offer: 8 s", "offer: 20 s"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with kept(tmp_path_factory.mktemp("c"), prepare=patient) as place:
        yield place


@pytest.fixture
async def centre(place: Place, tmp_path: Path) -> AsyncIterator[RunningCentre]:
    async with visiting(place, tmp_path) as centre:
        yield centre


async def callers_in_every_phase(centre: RunningCentre, loss: signal.Signals) -> None:
    """Lose control while callers are talking, ringing, waiting and in the menu, and see each of them served."""
    await centre.on_duty("ag101")
    talker, talking = await centre.in_line()
    first = await centre.answered()
    await hear_each_other(talker, first)
    await centre.until_phase(talking, "talking")
    await centre.on_duty("ag102")
    ringer, ringing = await centre.in_line()
    bell = await centre.desks.incoming()
    early, early_id = await centre.in_line()
    late, late_id = await centre.in_line()
    chooser = await centre.dial()
    await until_sound(chooser.heard)

    restarts = centre.signal("control", loss)
    await hear_each_other(talker, first)
    await centre.back("control", restarts)

    await hear_each_other(talker, first)
    assert not any(call.is_over for call in (talker, ringer, early, late, chooser, first))
    heard = read(chooser.heard).ms
    await until_sound(chooser.heard, after_ms=heard, within=15)
    await chooser.press("1")
    second = bell if not bell.is_over else await centre.desks.incoming(20)
    await second.answer(tone=AGENT_HZ)
    await hear_each_other(ringer, second)
    await centre.until_phase(ringing, "talking")

    await second.hang_up()
    await ringer.ended()
    third = await centre.answered()
    await hear_each_other(early, third)
    await centre.until_phase(early_id, "talking")
    await centre.until_phase(late_id, "waiting")
    await early.hang_up()
    fourth = await centre.answered()
    await hear_each_other(late, fourth)
    await fourth.hang_up()
    fifth = await centre.answered()
    await hear_each_other(chooser, fifth)
    for call in (chooser, talker):
        await call.hang_up()
    await centre.nothing_left()
    assert await centre.outcomes() == {"handled": 5}
    status, said = await centre.run("why", "--replay")
    assert status == 0, said


@pytest.mark.parametrize("turn", TURNS)
async def test_control_is_killed(centre: RunningCentre, turn: int) -> None:
    await callers_in_every_phase(centre, signal.SIGKILL)


@pytest.mark.parametrize("turn", TURNS)
async def test_control_freezes(tmp_path: Path, turn: int) -> None:
    async with running_centre(tmp_path, prepare=patient, watchdog_s=2.0) as centre:
        await callers_in_every_phase(centre, signal.SIGSTOP)


@pytest.mark.parametrize("turn", TURNS)
async def test_whoever_hangs_up_while_control_is_away_is_noticed(tmp_path: Path, turn: int) -> None:
    async with running_centre(tmp_path, restart_s=3.0) as centre:
        await centre.on_duty("ag101")
        talker, talking = await centre.in_line()
        agent = await centre.answered()
        await hear_each_other(talker, agent)
        waiter, waiting = await centre.in_line()
        restarts = centre.signal("control", signal.SIGKILL)
        await waiter.hang_up()
        await talker.hang_up()
        await centre.back("control", restarts)
        await agent.ended()
        await centre.nothing_left()
        assert (await centre.history(talking)).interaction.outcome == "handled"
        assert (await centre.history(waiting)).interaction.outcome == "abandoned"


@pytest.mark.parametrize("turn", TURNS)
async def test_without_control_a_caller_hears_a_notice_and_the_fallback_answers(
    tmp_path: Path, turn: int
) -> None:
    async with running_centre(tmp_path, restart_s=25.0) as centre:
        await centre.register("ag101")
        restarts = centre.signal("control", signal.SIGKILL)
        await until(centre.application_gone)
        caller = await centre.dial()
        await until_sound(caller.heard, for_ms=1000)
        agent = await centre.desks.incoming(40)
        await agent.answer(tone=AGENT_HZ)
        await hear_each_other(caller, agent)
        await centre.back("control", restarts, within=60)
        await hear_each_other(caller, agent)
        await caller.hang_up()
        await agent.ended()

        async def adopted() -> bool:
            return await centre.outcomes() == {"overflowed": 1}

        await until(adopted, within=20)
        (summary,) = await centre.recent()

        async def recorded() -> bool:
            recording = (await centre.history(summary.interaction.id)).recording
            assert recording is not None
            return recording.state in ("finished", "adopted")

        await until(recorded, within=30)


@pytest.mark.parametrize("turn", TURNS)
async def test_asterisk_is_killed(centre: RunningCentre, turn: int) -> None:
    await centre.on_duty("ag101")
    talker, talking = await centre.in_line()
    await hear_each_other(talker, await centre.answered())
    _, waiting = await centre.in_line()
    restarts = centre.signal("asterisk", signal.SIGKILL)
    await centre.back("asterisk", restarts)
    for identity in (talking, waiting):
        history = await centre.until_phase(identity, "closed", within=30)
        assert history.interaction.outcome == "failed"
    await centre.on_duty("ag101")
    caller, identity = await centre.in_line()
    agent = await centre.answered()
    await hear_each_other(caller, agent)
    await caller.hang_up()
    await centre.until_phase(identity, "closed")
    await centre.nothing_left()


async def test_a_restart_of_control_does_not_restart_the_music(centre: RunningCentre) -> None:
    waiter, identity = await centre.in_line()
    await until_sound(waiter.heard, after_ms=read(waiter.heard).ms, for_ms=1000)
    restarts = centre.signal("control", signal.SIGKILL)
    await until_sound(waiter.heard, after_ms=read(waiter.heard).ms, for_ms=1000)
    await centre.back("control", restarts)
    await centre.until_phase(identity, "waiting")
    await centre.on_duty("ag101")
    agent = await centre.answered()
    await until_tone(waiter.heard, AGENT_HZ)
    await until_tone(agent.heard, CALLER_HZ)
    await agent.hang_up()
    await centre.nothing_left()
