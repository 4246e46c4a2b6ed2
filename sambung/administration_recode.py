"""An uploaded sound made into the form that recordings have: 16,000 Hz, mono, 16-bit PCM WAV.

It is decoded in a process of its own (``administration_decode``), bounded in time and memory: decoders read what
anybody may have made, and the line's process must outlive every file.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from core.errors import Refused

RATE: Final = 16_000
LONGEST_S: Final = 180

_DEADLINE_S: Final = 30.0
_ROOT: Final = Path(__file__).resolve().parent.parent

_NONE: Final = "this is no sound file that is known here: WAV, MP3, Ogg, FLAC, M4A or WebM"
TOO_LONG: Final = f"longer than {LONGEST_S // 60} minutes; no caller listens so long"
BROKEN: Final = "the sound file is damaged, or holds no sound"


async def recode(sound: bytes) -> bytes:
    """Return an uploaded sound as a WAV file. Raises Refused with what is wrong with it, in a sentence."""
    if demuxer(sound) is None:
        raise Refused(_NONE)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sambung.administration_decode"),
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        made, said = await asyncio.wait_for(process.communicate(sound), _DEADLINE_S)
    except TimeoutError:
        raise Refused(BROKEN) from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode == 0:
        return made
    known = said.decode("utf-8", "replace").strip()
    raise Refused(known if known in (TOO_LONG, BROKEN) else BROKEN)


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
