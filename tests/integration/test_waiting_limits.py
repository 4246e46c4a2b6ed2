"""Who may not, or no longer, stand in line is led on by the flow and not lost."""

from __future__ import annotations

from pathlib import Path

from pbx.probe.listen import until_sound, until_tone
from pbx.probe.phone import Call
from tests.integration.asterisk_fixture import write_tone
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.waiting import until

WAITED_HZ, FULL_HZ, EMPTY_HZ = 700, 1_500, 2_300

MENU = """\
numbers: ["169", "021169", "+6221169"]
start: topic
nodes:
  topic:
    kind: menu
    prompts: language
    choices: {1: licensing, 2: general}
    timeout: 30 s
    on_timeout: licensing
    on_invalid: licensing
  licensing:
    kind: queue
    queue: licensing
    waiting: {on_waited: waited, on_full: full}
  general:
    kind: queue
    queue: general
    waiting: {on_empty: empty}
  empty: {kind: hangup, prompts: wait.website, outcome: overflowed}
  waited: {kind: hangup, prompts: wait.busy, outcome: overflowed}
  full: {kind: hangup, prompts: wait.long, outcome: refused}
"""


def narrow(folder: Path) -> None:
    """One caller may wait, for ten seconds; in the queue general callers, while somebody is signed in."""
    queues = folder / "config" / "centre" / "queues.yaml"
    text = queues.read_text()
    assert "  max_length: 100\n  overflow: general\n" in text
    text = text.replace("  max_length: 100\n  overflow: general\n", "  max_length: 1\n  max_wait: 10 s\n", 1)
    others, general = text.split("\ngeneral:\n")
    queues.write_text(f"{others}\ngeneral:\n{general.replace('empty: 2 min', 'empty: 10 s')}")
    for name, hertz in (("wait.busy", WAITED_HZ), ("wait.long", FULL_HZ), ("wait.website", EMPTY_HZ)):
        for language in ("id", "en"):
            path = folder / "config" / "centre" / "prompts" / language / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, hertz, 1)


async def chosen(centre: RunningCentre, key: str = "1") -> Call:
    call = await centre.dial()
    await until_sound(call.heard)
    await call.press(key)
    return call


async def phases(centre: RunningCentre) -> list[str]:
    """Return the phases of the calls, the newest first."""
    return [summary.interaction.phase for summary in await centre.recent()]


async def test_a_full_line_and_a_wait_that_is_too_long_lead_on(tmp_path: Path) -> None:
    async with running_centre(tmp_path, MENU, prepare=narrow) as centre:
        first = await chosen(centre)

        async def waits() -> bool:
            return await phases(centre) == ["waiting"]

        await until(waits)
        second = await chosen(centre)
        await until_tone(second.heard, FULL_HZ, within=15)
        await second.ended()
        nobody = await chosen(centre, "2")
        await until_tone(first.heard, WAITED_HZ, within=30)
        await first.ended()
        await until_tone(nobody.heard, EMPTY_HZ, within=30)
        await nobody.ended()
        # There is room again.
        third = await chosen(centre)

        async def third_waits() -> bool:
            return await phases(centre) == ["waiting", "closed", "closed", "closed"]

        await until(third_waits)
        await third.hang_up()
        await centre.nothing_left()
        assert await centre.outcomes() == {"refused": 1, "overflowed": 2, "abandoned": 1}
