"""What the drill's cameras show and its microphones hear, and whether a recording holds it."""

from __future__ import annotations

import math
import wave
from array import array
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import av

from core.errors import Refused
from pbx.probe.tone import dominant, has_tone
from pbx.probe.wav import Sound, read
from video.model import ParticipantId
from video.ports import Media

_RATE: Final = 48_000
_LOUD: Final = 12_000
_WIDTH, _HEIGHT, _FPS = 640, 360, 20
_FRAMES: Final = 20
_BLOCK: Final = 32
_YUV: Final = {"red": (81, 90, 240), "blue": (41, 240, 110)}
"""BT.601, limited range."""
_FEWEST: Final = 30
"""Pictures of a camera that a drill's recording holds at least: it talks for longer than two seconds."""
_SOUND_MS: Final = 500
_APART_HZ: Final = 10.0


class Face(NamedTuple):
    """By what one side is known."""

    colour: str
    hz: int


VISITOR: Final = Face("red", 650)
AGENT: Final = Face("blue", 1_200)
SCREEN: Final = "green"


def write_sound(path: Path, hertz: int) -> None:
    """Write two seconds of a tone that joins onto itself."""
    samples = array("h", (round(_LOUD * math.sin(2 * math.pi * hertz * n / _RATE)) for n in range(2 * _RATE)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(samples.tobytes())


def write_picture(path: Path, colour: str) -> None:
    """Write a second of a picture in one colour with a small block that moves, as YUV4MPEG2."""
    y, u, v = _YUV[colour]
    chroma = bytes([u]) * (_WIDTH * _HEIGHT // 4) + bytes([v]) * (_WIDTH * _HEIGHT // 4)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{_WIDTH} H{_HEIGHT} F{_FPS}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(_FRAMES):
            luma = bytearray([y]) * (_WIDTH * _HEIGHT)
            for row in range(_BLOCK):
                start = row * _WIDTH + number * _BLOCK
                luma[start : start + _BLOCK] = bytes([y + 60]) * _BLOCK
            file.write(b"FRAME\n" + luma + chroma)


def check(media: Media, folder: Path, sides: Mapping[ParticipantId, Face], sharing: ParticipantId) -> str:
    """Play a recording below ``folder`` and return what is in it.

    Raises Refused with what is missing of either side's pictures and tone, or of the screen that was shared.
    """
    if not media.file:
        raise Refused("nothing was recorded")
    file = folder / media.file
    found = []
    for participant, face in sides.items():
        pictures = _pictures(file, f"{participant} camera", face.colour)
        found.append(f"{pictures} pictures of {participant}")
        leg = next((leg.file for leg in media.legs if leg.participant == participant), None)
        if leg is None:
            raise Refused(f"there is no sound of {participant}")
        others = [other.hz for other in sides.values() if other is not face]
        _check_tone(read(folder / leg), participant, face.hz, others)
    pictures = _pictures(file, f"{sharing} screen", SCREEN)
    return f"{', '.join(found)}, {pictures} of the screen; {media.length_ms} ms"


def _check_tone(sound: Sound, participant: ParticipantId, hertz: int, others: Iterable[int]) -> None:
    heard = dominant(sound.samples, sound.rate) or 0
    if abs(heard - hertz) > _APART_HZ or not has_tone(sound.samples, sound.rate, hertz, for_ms=_SOUND_MS):
        raise Refused(f"the sound of {participant} has {heard:.0f} Hz, not {hertz}")
    for foreign in others:
        if has_tone(sound.samples, sound.rate, foreign, for_ms=_SOUND_MS):
            raise Refused(f"the sound of {participant} has {foreign} Hz, which belongs to the other")


def _pictures(file: Path, title: str, colour: str) -> int:
    """Return how many pictures a track has. Raises Refused if it is not there, damaged or shows something else."""
    try:
        seen = list(_colours(file, title))
    except (av.FFmpegError, OSError) as error:
        raise Refused(f"{title} does not play: {error}") from None
    wrong = sum(one != colour for one in seen)
    if wrong or len(seen) < (_FEWEST if colour != SCREEN else 1):
        raise Refused(f"{title} has {len(seen)} pictures, {wrong} of them not {colour}")
    return len(seen)


def _colours(file: Path, title: str) -> Iterator[str]:
    """Yield which colour stands out in each picture of a track; empty for none."""
    with av.open(str(file)) as media:
        stream = next((s for s in media.streams.video if s.metadata.get("title") == title), None)
        if stream is None:
            return
        stream.codec_context.options = {"err_detect": "explode"}
        for frame in media.decode(stream):
            red, green, blue = bytes(frame.reformat(2, 2, "rgb24").planes[0])[:3]
            parts = {"red": red, "green": green, "blue": blue}
            most = max(parts, key=parts.__getitem__)
            stands_out = all(name == most or part < parts[most] / 2 for name, part in parts.items())
            yield most if stands_out else ""
