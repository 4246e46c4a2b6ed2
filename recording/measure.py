"""The sound of one leg, from the WAV file that Asterisk writes (16-bit mono, format_wav).

A file that Asterisk was killed over has no sizes in its header; what was written is there all the same, and
its length is the file's.
"""

from __future__ import annotations

import math
import os
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from recording.policy import FLOOR_DB, Flaw, Leg, LegMeasure

with warnings.catch_warnings():
    # pydub looks for ffmpeg, which is not needed here, and has escapes that Python 3.12 objects to.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment

_FULL_SCALE: Final = 32_768
_WIDTH: Final = 2


class _Layout(NamedTuple):
    rate: int
    start: int
    """Where the sound begins, in bytes."""
    declared: int
    """How many bytes of sound the header claims."""
    actual: int
    """How many there are."""

    @property
    def closed(self) -> bool:
        return self.declared == self.actual


def measure(path: Path) -> Leg:
    """Measure a leg. Whatever the file holds, this returns; only a failing disk raises OSError."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return Flaw.MISSING
    with file:
        layout = _layout(file)
        if layout is None:
            return Flaw.UNREADABLE
        file.seek(layout.start)
        chunks = list(_levels(file, layout))
    samples = layout.actual // _WIDTH
    power = sum(rms * rms * count for rms, count in chunks) / max(samples, 1)
    return LegMeasure(
        length_ms=samples * 1000 // layout.rate,
        level_db=_db(math.sqrt(power)),
        seconds=tuple(_db(rms) for rms, _ in chunks),
        closed=layout.closed,
    )


def close(path: Path) -> None:
    """Write the sizes into the header of a file that was cut off, so that every player takes it."""
    with path.open("r+b") as file:
        layout = _layout(file)
        if layout is None or layout.closed:
            return
        file.seek(layout.start - 4)
        file.write(struct.pack("<I", layout.actual))
        file.seek(4)
        file.write(struct.pack("<I", layout.start + layout.actual - 8))
        file.truncate(layout.start + layout.actual)
        file.flush()
        os.fsync(file.fileno())


def _levels(file: BinaryIO, layout: _Layout) -> Iterator[tuple[int, int]]:
    left = layout.actual
    while left > 0:
        sound = file.read(min(left, layout.rate * _WIDTH))
        if not sound:
            return
        left -= len(sound)
        segment = AudioSegment(data=sound, sample_width=_WIDTH, frame_rate=layout.rate, channels=1)
        yield segment.rms, len(sound) // _WIDTH


def _db(rms: float) -> float:
    return FLOOR_DB if rms <= 0 else max(FLOOR_DB, 20 * math.log10(rms / _FULL_SCALE))


def _layout(file: BinaryIO) -> _Layout | None:
    """Find the sound (RIFF/WAVE: chunks of a name, a size and that many bytes, padded to an even number)."""
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    rate = 0
    while len(chunk := file.read(8)) == 8:
        name, length = struct.unpack("<4sI", chunk)
        start = file.tell()
        if name == b"data":
            return _Layout(rate, start, length, (size - start) // _WIDTH * _WIDTH) if rate else None
        if name == b"fmt ":
            form = file.read(16)
            if len(form) < 16:
                return None
            coding, channels, rate, _, _, bits = struct.unpack("<HHIIHH", form)
            if (coding, channels, bits) != (1, 1, 16):
                return None
        file.seek(start + length + length % 2)
    return None
