"""WAV files as Asterisk writes them: 8 kHz, 16-bit, mono."""

from __future__ import annotations

import math
import struct
from array import array
from pathlib import Path

RATE = 8_000
NOTHING = 0
VOICE = 3_000
"""Amplitudes; the second is about -24 dBFS."""


def sound(*parts: tuple[float, int], hertz: int = 600) -> bytes:
    """Return tones, each so many seconds long and so loud. With whole hertz every second is like the first."""
    samples = array("h")
    for seconds, amplitude in parts:
        second = array(
            "h", (round(amplitude * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(RATE))
        )
        count = round(seconds * RATE)
        samples.extend((second * (count // RATE + 1))[:count])
    return samples.tobytes()


def header(length: int, rate: int = RATE) -> bytes:
    return struct.pack(
        "<4sI4s4sIHHIIHH", b"RIFF", 36 + length, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16
    ) + struct.pack("<4sI", b"data", length)


def write(path: Path, data: bytes, *, closed: bool = True) -> Path:
    """Write a file; one that is not ``closed`` says in its header that it is empty."""
    path.write_bytes(header(len(data) if closed else 0) + data)
    return path
