"""What a caller hears in line, by ear: prompts are tones here, and whatever else sounds is the music."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from pbx.probe.listen import until_sound, until_tone
from pbx.probe.phone import Call
from pbx.probe.tone import Run, runs, sound_runs
from pbx.probe.wav import read
from tests.integration.asterisk_fixture import write_tone
from tests.integration.centre_fixture import Place, RunningCentre, hear_each_other, kept, visiting
from tests.waiting import until

TOLD_HZ = 700
ASKED_HZ = 1500
TOLD_MS = 4_000

WAITING = """\
numbers: ["169", "021169", "+6221169"]
start: topic
nodes:
  topic:
    kind: menu
    prompts: language
    choices: {1: licensing}
    timeout: 30 s
    tries: 3
    on_timeout: licensing
    on_invalid: licensing
  licensing:
    kind: queue
    queue: licensing
    waiting: {first: 5 s, every: 15 s, comfort: [wait.busy], offer: [wait.long], keys: {1: asked}}
  asked:
    kind: menu
    prompts: greeting
    choices: {2: licensing}
    on_timeout: licensing
    on_invalid: licensing
"""


def tones(folder: Path) -> None:
    """Say the prompts of the line as tones."""
    said = (("wait.busy", TOLD_HZ, TOLD_MS), ("wait.long", 900, 300), ("greeting", ASKED_HZ, 1_000))
    for name, hertz, ms in said:
        for language in ("id", "en"):
            path = folder / "config" / "centre" / "prompts" / language / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, hertz, ms / 1_000)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with kept(tmp_path_factory.mktemp("c"), WAITING, tones) as place:
        yield place


@pytest.fixture
async def centre(place: Place, tmp_path: Path) -> AsyncIterator[RunningCentre]:
    async with visiting(place, tmp_path) as centre:
        yield centre


def told(call: Call) -> list[Run]:
    """Return the announcements heard so far, those of a tenth of a second and more."""
    sound = read(call.heard)
    return [run for run in runs(sound.samples, sound.rate, TOLD_HZ) if run.ms >= 100]


async def announced(call: Call, *, after_ms: int = 0) -> None:
    """Wait until an announcement has begun."""
    await until_tone(call.heard, TOLD_HZ, for_ms=500, after_ms=after_ms, within=25)


async def music_after(call: Call, run: Run) -> None:
    """Wait for three seconds after an announcement and check that there was hardly any silence in them."""
    await until(lambda: read(call.heard).ms > run.end_ms + 3_000)
    sound = read(call.heard).since(run.end_ms)
    following = sound_runs(sound.samples[: sound.rate * 3], sound.rate)
    assert sum(r.ms for r in following) > 2_300, following


async def whole(call: Call) -> Run:
    """Wait until an announcement was heard to its end."""

    def found() -> Run | None:
        sound = read(call.heard)
        return next((r for r in told(call) if r.ms > TOLD_MS - 300 and r.end_ms < sound.ms - 100), None)

    run = await until(found, within=20)
    assert run is not None
    return run


async def test_announcements_interrupt_the_music_and_music_comes_back_even_without_control(
    centre: RunningCentre,
) -> None:
    caller, identity = await centre.in_line()
    await until_sound(caller.heard, after_ms=read(caller.heard).ms)
    await announced(caller)
    # Control dies while it speaks: the sentence is finished, and the music returns without it.
    restarts = centre.signal("control", signal.SIGKILL)
    run = await whole(caller)
    await music_after(caller, run)
    await centre.back("control", restarts)
    # It goes on telling, and does not begin the music or the wait anew.
    await announced(caller, after_ms=run.end_ms + 200)
    assert (await centre.history(identity)).interaction.phase == "waiting"
    assert len((await centre.history(identity)).segments) == 1
    await caller.hang_up()
    await centre.nothing_left()


async def test_a_key_while_it_is_said_leads_away_and_back_to_the_old_place(centre: RunningCentre) -> None:
    first, first_id = await centre.in_line()
    second, _ = await centre.in_line()
    await announced(first)
    await first.press("1")
    await until_tone(first.heard, ASKED_HZ)
    (cut,) = told(first)
    assert cut.ms < TOLD_MS - 300
    await centre.until_phase(first_id, "in_menu")
    await first.press("2")
    await centre.until_phase(first_id, "waiting")
    # Back in line with music; and the place is still the first.
    await until_sound(first.heard, after_ms=read(first.heard).ms)
    await centre.on_duty("ag101")
    agent = await centre.answered()
    await hear_each_other(first, agent)
    await agent.hang_up()
    await first.ended()
    agent = await centre.answered()
    await hear_each_other(second, agent)
    await second.hang_up()
    await centre.nothing_left()
    assert await centre.outcomes() == {"handled": 2}


async def test_an_agent_who_answers_while_it_is_said_is_heard_at_once(centre: RunningCentre) -> None:
    caller, _ = await centre.in_line()
    await centre.register("ag101")
    await announced(caller)
    await ready(centre, "ag101")
    agent = await centre.answered()
    await hear_each_other(caller, agent)
    (cut,) = told(caller)
    assert cut.ms < TOLD_MS - 300
    # Nothing more is told to somebody who talks.
    await caller.hang_up()
    await centre.nothing_left()
    assert len(told(caller)) == 1


async def ready(centre: RunningCentre, agent: str) -> None:
    async with centre.client() as client:
        await client.agent(agent, "sign-in")
        await client.agent(agent, "intent", ready=True)
