"""Waiting for something to be heard in a WAV file that is still being written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.errors import TryLater
from pbx.probe.tone import longest_ms, sound_runs
from pbx.probe.wav import Sound, read

_LISTEN_S: Final = 0.1


async def until_tone(
    wav: Path, freq: float, *, for_ms: int = 300, within: float = 5.0, after_ms: int = 0
) -> None:
    """Wait until the tone at ``freq`` (Hz) lasts ``for_ms`` in a growing file.

    The first ``after_ms`` of the file are left out. Raises TryLater after ``within`` seconds, saying how much
    of it there was.
    """

    def long_enough(sound: Sound) -> int:
        return longest_ms(sound.samples, sound.rate, freq)

    await _until(wav, long_enough, f"{freq:g} Hz", for_ms, within, after_ms)


async def until_sound(wav: Path, *, for_ms: int = 300, within: float = 5.0, after_ms: int = 0) -> None:
    """Wait until ``for_ms`` of anything audible (speech and music have gaps) is in a growing file."""

    def long_enough(sound: Sound) -> int:
        return sum(run.ms for run in sound_runs(sound.samples, sound.rate))

    await _until(wav, long_enough, "sound", for_ms, within, after_ms)


async def until_silent(wav: Path, *, for_ms: int = 300, within: float = 5.0) -> None:
    """Wait until a growing file ends with ``for_ms`` of silence."""

    def long_enough(sound: Sound) -> int:
        audible = sound_runs(sound.samples, sound.rate)
        return sound.ms - (audible[-1].end_ms if audible else 0)

    await _until(wav, long_enough, "silence", for_ms, within, 0)


async def _until(
    wav: Path, measure: Callable[[Sound], int], what: str, for_ms: int, within: float, after_ms: int
) -> None:
    deadline = asyncio.get_running_loop().time() + within
    while True:
        sound = read(wav).since(after_ms)
        if (found := measure(sound)) >= for_ms:
            return
        if asyncio.get_running_loop().time() > deadline:
            raise TryLater(f"{what} was heard for {found} ms of {sound.ms} ms, wanted {for_ms} ms")
        await asyncio.sleep(_LISTEN_S)
