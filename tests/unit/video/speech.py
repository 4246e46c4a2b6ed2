"""Sound that is like speech, and how alike what came of it is. Without a voice in the house: syllables and pauses."""

from __future__ import annotations

import math
import random
from array import array
from functools import lru_cache
from operator import mul
from typing import Final, NamedTuple

RATE: Final = 8_000
_STEP: Final = 80
"""Samples of 10 ms."""
_FLOOR: Final = 60
_PART: Final = RATE // 2
"""Samples that are held against the original at once: a part in which the delay changes fits nowhere."""


class Likeness(NamedTuple):
    """How what was heard is like what was said."""

    alike: float
    """The middle one of all half seconds' correlation with the original, each where it fits best."""
    delay_ms: float
    """Of most."""
    level_db: float
    longest_gap_ms: int
    """Silence where something was said."""
    clipped: int
    """Samples at the end of what 16 bits hold."""


@lru_cache
def speech(seconds: int, seed: int = 1) -> array[int]:
    """Return syllables of a voice that rises and falls, with pauses; 8,000 samples a second."""
    chance = random.Random(seed)
    sound = array("h")
    while len(sound) < seconds * RATE:
        pitch, length = chance.uniform(90, 210), int(RATE * chance.uniform(0.12, 0.3))
        glide, colours = chance.uniform(-0.2, 0.2), [chance.uniform(0.1, 1) for _ in range(12)]
        turn = 0.0
        for n in range(length):
            turn += 2 * math.pi * pitch * (1 + glide * n / length) / RATE
            wave = sum(colour * math.sin(k * turn) for k, colour in enumerate(colours, 1))
            sound.append(int(2_200 * math.sin(math.pi * n / length) * wave))
        sound.extend([0] * int(RATE * chance.choice([0.01, 0.03, 0.05, 0.3])))
    return sound[: seconds * RATE]


def likeness(said: array[int], heard: array[int], longest_ms: int = 400) -> Likeness:
    """Compare ``heard`` with ``said``, which began at the same moment, with a delay of ``longest_ms`` at most."""
    fits = [_fit(said, heard, at, longest_ms) for at in range(0, len(said) - _PART, _PART)]
    fits = [fit for fit in fits if fit[0] is not None]
    alike = sorted(fit[0] or 0.0 for fit in fits)[len(fits) // 2]
    delays = [fit[1] for fit in fits]
    return Likeness(
        round(alike, 3),
        sorted(delays)[len(delays) * 3 // 4] * 1_000 / RATE,
        round(20 * math.log10(max(_power(heard), 1) / max(_power(said), 1)), 1),
        max(_gap_ms(said[at : at + _PART], heard[at + lag : at + lag + _PART]) for _, lag, at in fits),
        sum(abs(sample) >= 32_767 for sample in heard),
    )


def _fit(said: array[int], heard: array[int], at: int, longest_ms: int) -> tuple[float | None, int, int]:
    """Return how well half a second from ``at`` fits, and at which delay: roughly by loudness, then to the sample."""
    one = said[at : at + _PART]
    if _power(one) < _FLOOR:
        return None, 0, at
    shape = _loudness(one)
    around = _loudness(heard[at : at + _PART + longest_ms * 8])
    rough = max(
        range(len(around) - len(shape) + 1),
        key=lambda n: _alike(shape, around[n : n + len(shape)]),
        default=0,
    )
    best = (-1.0, 0)
    for lag in range(max(rough - 1, 0) * _STEP, (rough + 1) * _STEP + 1, 2):
        if len(part := heard[at + lag : at + lag + _PART]) == _PART:
            best = max(best, (_alike(one, part), lag))
    return *best, at


def _alike(one: array[int], other: array[int]) -> float:
    norm = math.sqrt(sum(map(mul, one, one)) * sum(map(mul, other, other)))
    return sum(map(mul, one, other)) / norm if norm else 0.0


def _loudness(sound: array[int]) -> array[int]:
    steps = array(
        "l", (sum(map(abs, sound[at : at + _STEP])) for at in range(0, len(sound) - _STEP + 1, _STEP))
    )
    middle = sum(steps) // max(len(steps), 1)
    return array("l", (step - middle for step in steps))


def _power(sound: array[int]) -> float:
    return math.sqrt(sum(map(mul, sound, sound)) / max(len(sound), 1))


def _gap_ms(said: array[int], heard: array[int]) -> int:
    longest = gap = 0
    for at in range(0, min(len(said), len(heard)) - _STEP + 1, _STEP):
        silent = _power(heard[at : at + _STEP]) < _FLOOR < _power(said[at : at + _STEP]) / 4
        gap = gap + 10 if silent else 0
        longest = max(longest, gap)
    return longest


def looped(said: array[int], heard: array[int]) -> Likeness:
    """Compare what was heard with what was said again and again. Nobody knows since when: delays are from the best."""
    shape, around = _loudness(said), _loudness(heard[: 3 * len(said)])
    offsets = range(max(len(around) - len(shape), 1))
    begun = max(offsets, key=lambda n: _alike(shape, around[n : n + len(shape)])) * _STEP
    # A part that fits a little earlier than the whole is no negative delay.
    begun = max(begun - 4 * _STEP, 0)
    times = (len(heard) - begun) // len(said)
    return likeness(said * times, heard[begun:])
