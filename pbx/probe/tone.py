"""Which tones are in a sound, measured without a Fourier transform of everything.

Samples are 16-bit linear PCM, one channel. Levels are dBFS as AES17 defines them: a sine of full scale has 0.
A tone is looked for with the discrete Fourier transform of one frequency under a Hann window, block by block,
so that a tone that starts late, or drifts a hertz, is found all the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import mul
from typing import Final, NamedTuple

SILENCE_DBFS: Final = -96.0
"""What a sound without any energy measures."""
AUDIBLE_DBFS: Final = -45.0
"""Below this a telephone line is quiet: A-law's smallest step is near -72, comfort noise near -60."""

_FULL_SCALE: Final = 32768.0
_LEVEL_MS: Final = 100
_PRESENCE_MS: Final = 40
_HOP_MS: Final = 20
_SHARE: Final = 0.1
"""A tone that holds a tenth of the energy counts; white noise puts under 2 % into one frequency of 40 ms."""


class Run(NamedTuple):
    """A stretch of sound, in milliseconds from its beginning."""

    start_ms: int
    end_ms: int

    @property
    def ms(self) -> int:
        """How long it lasts."""
        return self.end_ms - self.start_ms


def level(samples: Sequence[int]) -> float:
    """Return the level of the whole sound in dBFS."""
    return _dbfs(2 * _mean_square(samples))


def levels(samples: Sequence[int], rate: int, freqs: Sequence[float]) -> dict[float, float]:
    """Return the level in dBFS of the tone at each of ``freqs`` (Hz), averaged over the sound.

    Two tones nearer than 20 Hz are not told apart. A sound shorter than 100 ms has no tones.
    """
    blocks = list(_blocks(samples, rate, _LEVEL_MS, _LEVEL_MS))
    return {
        freq: _dbfs(sum(_power(block, rate, freq) for block in blocks) / len(blocks))
        if blocks
        else SILENCE_DBFS
        for freq in freqs
    }


def dominant(samples: Sequence[int], rate: int) -> float | None:
    """Return the strongest frequency in Hz between 100 and 3,600, or None if the sound is quiet.

    Taken from the loudest tenth of a second; good to 1 Hz for a clean tone.
    """
    blocks = list(_blocks(samples, rate, _LEVEL_MS, _LEVEL_MS))
    loudest = max(blocks, key=_mean_square, default=())
    if level(loudest) < AUDIBLE_DBFS:
        return None
    best = 0.0
    for step, span in (
        (10.0, (100.0, min(3600.0, rate / 2 - 100))),
        (1.0, (-10.0, 10.0)),
        (0.1, (-1.0, 1.0)),
    ):
        low, high = (best + edge for edge in span)
        grid = [low + step * n for n in range(round((high - low) / step) + 1)]
        best = max(grid, key=lambda freq: _power(loudest, rate, freq))
    return best


def runs(samples: Sequence[int], rate: int, freq: float) -> list[Run]:
    """Return the stretches in which the tone at ``freq`` is there, good to 20 ms at either end.

    It is there when it is audible and holds a tenth of the energy: speech, music, other tones and noise pass
    this for a few hundredths of a second at most, so ask for a stretch of a few tenths.
    """
    return _joined(
        _power(block, rate, freq) >= _SHARE * 2 * _mean_square(block)
        and _dbfs(_power(block, rate, freq)) >= AUDIBLE_DBFS
        for block in _blocks(samples, rate, _PRESENCE_MS, _HOP_MS)
    )


def longest_ms(samples: Sequence[int], rate: int, freq: float) -> int:
    """Return how long the tone at ``freq`` is there without a break."""
    return max((run.ms for run in runs(samples, rate, freq)), default=0)


def has_tone(samples: Sequence[int], rate: int, freq: float, for_ms: int = 300) -> bool:
    """Return whether the tone at ``freq`` is there for at least ``for_ms`` without a break."""
    return longest_ms(samples, rate, freq) >= for_ms


def sound_runs(samples: Sequence[int], rate: int, at_least_dbfs: float = AUDIBLE_DBFS) -> list[Run]:
    """Return the stretches in which anything is to be heard: speech, music or a tone."""
    return _joined(level(block) >= at_least_dbfs for block in _blocks(samples, rate, _PRESENCE_MS, _HOP_MS))


def _joined(flags: Iterator[bool]) -> list[Run]:
    """Turn one flag a hop into runs; a block that is in reaches to its own end."""
    marks = [False, *flags, False]
    edges = [n for n, (before, after) in enumerate(pairwise(marks)) if before != after]
    return [
        Run(first * _HOP_MS, (last - 1) * _HOP_MS + _PRESENCE_MS)
        for first, last in zip(edges[::2], edges[1::2], strict=True)
    ]


def _blocks(samples: Sequence[int], rate: int, block_ms: int, hop_ms: int) -> Iterator[Sequence[int]]:
    size, hop = rate * block_ms // 1000, rate * hop_ms // 1000
    return (samples[start : start + size] for start in range(0, len(samples) - size + 1, hop))


def _mean_square(samples: Sequence[int]) -> float:
    """Return the mean power, full scale being 1."""
    return sum(map(mul, samples, samples)) / len(samples) / _FULL_SCALE**2 if samples else 0.0


def _power(block: Sequence[int], rate: int, freq: float) -> float:
    """Return the squared amplitude of the tone, full scale being 1."""
    cosine, sine = _probe(len(block), rate, freq)
    real, imaginary = sum(map(mul, block, cosine), 0.0), sum(map(mul, block, sine), 0.0)
    return (real * real + imaginary * imaginary) / _FULL_SCALE**2


@lru_cache(maxsize=2048)
def _probe(size: int, rate: int, freq: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the windowed cosine and sine that a block is multiplied with, scaled to give an amplitude."""
    turn = 2 * math.pi / size
    window = [(1 - math.cos(turn * n)) * 2 / size for n in range(size)]
    angle = 2 * math.pi * freq / rate
    return (
        tuple(w * math.cos(angle * n) for n, w in enumerate(window)),
        tuple(w * math.sin(angle * n) for n, w in enumerate(window)),
    )


def _dbfs(power: float) -> float:
    return max(SILENCE_DBFS, 10 * math.log10(power)) if power > 0 else SILENCE_DBFS
