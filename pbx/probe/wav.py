"""Reading a WAV file that is still being written."""

from __future__ import annotations

import struct
import sys
from array import array
from pathlib import Path
from typing import Final, NamedTuple

from core.errors import Refused

_PCM: Final = 1
_EXTENSIBLE: Final = 0xFFFE


class Sound(NamedTuple):
    """One channel of 16-bit linear samples."""

    rate: int
    samples: array[int]

    @property
    def ms(self) -> int:
        """How long it lasts."""
        return len(self.samples) * 1000 // self.rate

    def since(self, ms: int) -> Sound:
        """Return what comes after the first ``ms`` milliseconds."""
        return Sound(self.rate, self.samples[self.rate * ms // 1000 :])


def read(path: Path, channel: int = 0) -> Sound:
    """Return what has been written so far; a file that has no header yet is an empty sound.

    The sizes in the header are wrong until the file is closed, so samples run to the end of the file.
    Raises Refused if the file is something else than 16-bit linear PCM.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        content = b""
    if len(content) < 12:
        return Sound(8000, array("h"))
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise Refused(f"{path.name} is not a WAV file")
    kind, channels, rate, bits, at = _header(content)
    if not at:
        return Sound(8000, array("h"))
    if kind not in {_PCM, _EXTENSIBLE} or bits != 16 or not 0 <= channel < channels:
        raise Refused(f"{path.name} is no 16-bit linear sound with a channel {channel}")
    frame = 2 * channels
    samples = array("h", content[at : at + (len(content) - at) // frame * frame])
    if sys.byteorder == "big":
        samples.byteswap()
    return Sound(rate, samples[channel::channels])


def _header(content: bytes) -> tuple[int, int, int, int, int]:
    """Return kind, channels, rate, bits and where the samples begin (0 if they do not yet)."""
    kind = channels = rate = bits = 0
    at = 12
    while at + 8 <= len(content):
        name, size = struct.unpack_from("<4sI", content, at)
        at += 8
        if name == b"fmt " and at + 16 <= len(content):
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", content, at)
        elif name == b"data" and rate:
            return kind, channels, rate, bits, at
        at += size + size % 2
    return kind, channels, rate, bits, 0
