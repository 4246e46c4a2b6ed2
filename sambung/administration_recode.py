"""An uploaded sound made into the form that recordings have: 16,000 Hz, mono, 16-bit PCM WAV.

``recode`` runs this module as a process of its own, bounded in time and memory: decoders read what anybody may have
made, and the line's process must outlive every file.
"""

from __future__ import annotations

import asyncio
import io
import resource
import sys
import wave
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Final

import av
import av.logging
from av.audio.resampler import AudioResampler
from av.container import InputContainer

from core.errors import Refused

RATE: Final = 16_000
LONGEST_S: Final = 180

_DEADLINE_S: Final = 30.0
_MEMORY: Final = 1_500_000_000
"""Bytes of address space: FFmpeg's libraries take most of it by being there."""
_WIDTH: Final = 2
_ROOT: Final = Path(__file__).resolve().parent.parent

_NONE: Final = "this is no sound file that is known here: WAV, MP3, Ogg, FLAC, M4A or WebM"
_TOO_LONG: Final = f"longer than {LONGEST_S // 60} minutes; no caller listens so long"
_BROKEN: Final = "the sound file is damaged, or holds no sound"


async def recode(sound: bytes) -> bytes:
    """Return an uploaded sound as a WAV file. Raises Refused with what is wrong with it, in a sentence."""
    if demuxer(sound) is None:
        raise Refused(_NONE)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sambung.administration_recode"),
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        made, said = await asyncio.wait_for(process.communicate(sound), _DEADLINE_S)
    except TimeoutError:
        raise Refused(_BROKEN) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode == 0:
        return made
    known = said.decode("utf-8", "replace").strip()
    raise Refused(known if known in (_TOO_LONG, _BROKEN) else _BROKEN)


def demuxer(sound: bytes) -> str | None:
    """Return which of the formats we take a file is, by its first bytes. The decoder is let guess nothing: some formats
    name other files, and addresses.
    """
    if sound[:4] in (b"RIFF", b"RF64") and sound[8:12] == b"WAVE":
        return "wav"
    if sound[4:8] == b"ftyp":
        return "mov"
    for first, name in (
        (b"OggS", "ogg"),
        (b"fLaC", "flac"),
        (b"ID3", "mp3"),
        (b"\x1a\x45\xdf\xa3", "matroska"),
    ):
        if sound.startswith(first):
            return name
    if len(sound) > 1 and sound[0] == 0xFF and sound[1] & 0xE0 == 0xE0 and sound[1] & 0x06:
        return "mp3"
    return None


def decoded(sound: bytes) -> bytes:
    """Return the sound as a WAV file. Raises Refused."""
    made = bytearray()
    try:
        with av.open(io.BytesIO(sound), "r", demuxer(sound)) as container:
            if not container.streams.audio:
                raise Refused(_BROKEN)
            for piece in _pieces(container):
                made += piece
                if len(made) > LONGEST_S * RATE * _WIDTH:
                    raise Refused(_TOO_LONG)
    except (av.FFmpegError, ValueError, MemoryError) as error:
        raise Refused(_BROKEN) from error
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
