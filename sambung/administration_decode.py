"""The process that decodes one uploaded sound, for ``administration_recode``: standard input to standard output."""

from __future__ import annotations

import io
import resource
import sys
import wave
from collections.abc import Iterator
from itertools import chain
from typing import Final

import av
import av.logging
from av.audio.resampler import AudioResampler
from av.container import InputContainer

from core.errors import Refused
from sambung.administration_recode import BROKEN, LONGEST_S, RATE, TOO_LONG, demuxer

_WIDTH: Final = 2
_MEMORY: Final = 1_500_000_000
"""Bytes of address space: FFmpeg's libraries take most of it by being there."""


def decoded(sound: bytes) -> bytes:
    """Return the sound as a WAV file. Raises Refused."""
    made = bytearray()
    try:
        with av.open(io.BytesIO(sound), "r", demuxer(sound)) as container:
            if not container.streams.audio:
                raise Refused(BROKEN)
            for piece in _pieces(container):
                made += piece
                if len(made) > LONGEST_S * RATE * _WIDTH:
                    raise Refused(TOO_LONG)
    except (av.FFmpegError, ValueError, MemoryError) as error:
        raise Refused(BROKEN) from error
    return _wav(made)


def _pieces(container: InputContainer) -> Iterator[bytes]:
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
    for frame in chain(container.decode(audio=0), (None,)):
        for made in resampler.resample(frame):
            yield bytes(made.planes[0])[: made.samples * _WIDTH]


def _wav(samples: bytes | bytearray) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(_WIDTH)
        sound.setframerate(RATE)
        sound.writeframes(samples)
    return file.getvalue()


def main() -> int:
    """Read a sound from standard input and write it as WAV; say what is wrong on standard error."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    av.logging.set_level(None)
    try:
        sys.stdout.buffer.write(decoded(sys.stdin.buffer.read()))
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
