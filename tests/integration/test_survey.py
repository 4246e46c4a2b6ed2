"""The survey after a call, on the real Asterisk: the agent is free at once, the customer answers by keypad."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.ids import InteractionId
from pbx.probe.listen import until_tone
from tests.integration.asterisk_fixture import write_tone
from tests.integration.centre_fixture import (
    Place,
    RunningCentre,
    hear_each_other,
    kept,
    second_menu,
    visiting,
)

ASKED_HZ, NEXT_HZ, THANKS_HZ = 700, 1_500, 1_800
BRIEF = "021169"
"""The number of the survey that does not wait long."""

MENU = """\
numbers: ["169", "021169", "+6221169"]
start: topic
nodes:
  topic:
    kind: menu
    prompts: language
    choices: {1: licensing}
    timeout: 30 s
    on_timeout: licensing
    on_invalid: licensing
  licensing: {kind: queue, queue: licensing, after: survey}
  survey:
    kind: survey
    questions:
      csat: {prompts: wait.busy}
      nps: {prompts: wait.long}
    timeout: 5 s
    next: bye
  bye: {kind: hangup, prompts: goodbye, outcome: deflected}
"""


def tones(folder: Path) -> None:
    second_menu(folder, BRIEF, MENU, MENU.replace("timeout: 5 s", "timeout: 2 s"))
    for name, hertz in (("wait.busy", ASKED_HZ), ("wait.long", NEXT_HZ), ("goodbye", THANKS_HZ)):
        for language in ("id", "en"):
            path = folder / "config" / "centre" / "prompts" / language / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, hertz, 1)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with kept(tmp_path_factory.mktemp("c"), MENU, tones) as place:
        yield place


@pytest.fixture
async def centre(place: Place, tmp_path: Path) -> AsyncIterator[RunningCentre]:
    async with visiting(place, tmp_path) as centre:
        yield centre


async def answers(centre: RunningCentre, identity: InteractionId) -> dict[str, int]:
    """Return what the customer answered."""
    return {answer.question: answer.score for answer in (await centre.history(identity)).survey}


async def test_the_customer_is_asked_when_the_agent_ends_and_the_agent_takes_the_next_call(
    centre: RunningCentre,
) -> None:
    await centre.on_duty("ag101")
    caller, identity = await centre.in_line()
    agent = await centre.answered()
    await hear_each_other(caller, agent)
    await agent.hang_up()
    await until_tone(caller.heard, ASKED_HZ)
    # The agent is free while the customer is asked.
    second, _ = await centre.in_line()
    other = await centre.answered()
    await hear_each_other(second, other)
    await caller.press("4")
    await until_tone(caller.heard, NEXT_HZ)
    await caller.press("9#")
    await until_tone(caller.heard, THANKS_HZ)
    await caller.ended()
    assert await answers(centre, identity) == {"csat": 4, "nps": 9}
    assert (await centre.history(identity)).interaction.outcome == "handled"
    # Who hangs up first is asked nothing.
    await second.hang_up()
    await other.ended()
    await centre.nothing_left()
    assert await centre.outcomes() == {"handled": 2}


async def test_who_says_nothing_or_hangs_up_in_the_survey_leaves_nothing(centre: RunningCentre) -> None:
    await centre.on_duty("ag101")
    silent, identity = await centre.in_line(BRIEF)
    agent = await centre.answered()
    await hear_each_other(silent, agent)
    await agent.hang_up()
    await until_tone(silent.heard, ASKED_HZ)
    gone, _ = await centre.in_line(BRIEF)
    agent = await centre.answered()
    await hear_each_other(gone, agent)
    await agent.hang_up()
    await until_tone(gone.heard, ASKED_HZ)
    await gone.hang_up()
    await silent.ended(within=40)
    assert await answers(centre, identity) == {}
    await centre.nothing_left()
