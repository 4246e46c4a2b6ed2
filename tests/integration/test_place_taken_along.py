"""A caller in line hears a code, types it on the page of video calls, and is there at the same place."""

from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import msgspec
from aiohttp import ClientSession

from core.ids import InteractionId
from core.place_code import DIGITS
from desk.visit_http import PUBLIC
from pbx.probe.phone import Call
from pbx.probe.tone import has_tone, runs
from pbx.probe.wav import read
from tests.integration.asterisk_fixture import write_tone
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.waiting import until

MENU: Final = """\
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
  licensing:
    kind: queue
    queue: licensing
    waiting: {first: 5 s, every: 60 s, offer: [wait.long], keys: {3: along}}
  along: {kind: handover}
"""

_DIGIT_MS: Final = 300
_BEFORE: Final = 3_300
_AFTER: Final = 3_600
_GOODBYE: Final = 400
"""Hertz of the words before the code, after it, and when it has been used."""


def hertz_of(digit: int) -> int:
    return 600 + 250 * digit


def tones(folder: Path) -> None:
    """Say digits, and what stands around a code, as tones with a pause after each."""
    said = {f"n.{digit}": hertz_of(digit) for digit in range(10)}
    said |= {
        "handover.code": _BEFORE,
        "handover.again": _BEFORE,
        "handover.back": _AFTER,
        "handover.taken": _GOODBYE,
    }
    for name, hertz in said.items():
        for language in ("id", "en"):
            path = folder / "config" / "centre" / "prompts" / language / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, hertz, _DIGIT_MS / 1_000)
            with wave.open(str(path), "rb") as sound:
                tone = sound.readframes(sound.getnframes())
            with wave.open(str(path), "wb") as sound:
                sound.setparams((1, 2, 8_000, 0, "NONE", "not compressed"))
                sound.writeframes(tone + bytes(2 * 8_000 * 150 // 1_000))


async def code_heard(call: Call) -> str:
    """Listen until the code has been said twice, and return it as it was heard whole."""

    def told() -> str:
        around = [*starts(call, _BEFORE, 0.3), *starts(call, _AFTER, 0.3)]
        assert len(around) == 3, around
        found = sorted((start, str(n)) for n in range(10) for start in starts(call, hertz_of(n), 0.6))
        readings = [
            "".join(digit for start, digit in found if begins < start < ends)
            for begins, ends in pairwise(around)
        ]
        # On a busy machine a tone may be lost on its way to the caller; a wrong code would not be taken.
        whole = [reading for reading in readings if len(reading) == DIGITS]
        assert whole, readings
        return whole[-1]

    return await until(told, within=40)


def starts(call: Call, hertz: int, share: float) -> list[int]:
    """Return when a tone began, in milliseconds, wherever that share of its length was heard."""
    heard = read(call.heard)
    return [run.start_ms for run in runs(heard.samples, heard.rate, hertz) if run.ms >= _DIGIT_MS * share]


async def visit(centre: RunningCentre, code: str) -> tuple[int, Any]:
    """Ask for a call by video at the place that ``code`` stands for."""
    asked = {"name": "Rani", "topic": "", "language": "id", "camera": False, "code": code}
    port = centre.settings.web.port
    async with ClientSession() as session:
        here = f"http://127.0.0.1:{port}{PUBLIC}"
        async with session.get(here) as response:
            asked["consent"] = msgspec.json.decode(await response.read())["consent"]["version"]
        async with session.post(f"{here}/visits", json=asked) as response:
            return response.status, msgspec.json.decode(await response.read())


async def test_a_place_in_line_is_taken_along_by_a_code_that_is_heard(tmp_path: Path) -> None:
    async with running_centre(tmp_path, MENU, prepare=tones, video=1) as centre:
        call, identity = await centre.in_line()
        arrived = (await centre.history(identity)).interaction.arrived_at
        await centre.until_phase(identity, "waiting")
        await call.press("3")
        code = await code_heard(call)
        # Until it is used the caller stands in line as before.
        await centre.until_phase(identity, "waiting")

        status, answer = await visit(centre, code)
        assert status == 200, answer
        await call.ended(within=10)
        heard = read(call.heard)
        assert has_tone(heard.samples, heard.rate, _GOODBYE, for_ms=_DIGIT_MS * 6 // 10)
        left = (await centre.until_phase(identity, "closed")).interaction
        assert left.outcome == "handed_over"
        came = await centre.until_phase(InteractionId(answer["id"]), "waiting")
        assert came.interaction.channel == "video"
        assert came.interaction.arrived_at > arrived

        status, answer = await visit(centre, code)
        assert (status, answer["error"]["code"]) == (410, "code")
