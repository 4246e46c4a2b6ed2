from __future__ import annotations

import random
import wave
from pathlib import Path

import pytest

from ivr.speak import flaw_in

LOUD = b"\x00\x40\x00\xc0"


def record(
    path: Path, *, rate: int = 8_000, width: int = 2, channels: int = 1, sound: bytes = LOUD * 4_000
) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(sound)
    return path


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (8_000, 2), (44_100, 2), (48_000, 1)])
def test_telephone_sound_and_better_is_taken(tmp_path: Path, rate: int, channels: int) -> None:
    assert flaw_in(record(tmp_path / "a.wav", rate=rate, channels=channels, sound=LOUD * 12_000)) == ""


@pytest.mark.parametrize(
    ("sound", "says"),
    [
        ({"rate": 4_000}, "4,000 Hz is too low"),
        ({"width": 1}, "8 bits a sample"),
        ({"width": 4}, "32 bits a sample"),
        ({"sound": LOUD * 100}, "0.03 s long"),
        ({"sound": b""}, "0.00 s long"),
        ({"sound": b"\x01\x00" * 8_000}, "silent"),
    ],
)
def test_what_cannot_be_played_is_refused_with_what_is_needed(
    tmp_path: Path, sound: dict[str, object], says: str
) -> None:
    flaw = flaw_in(record(tmp_path / "a.wav", **sound))  # type: ignore[arg-type]
    assert flaw.startswith(says)
    assert flaw.endswith("record it as 16-bit PCM WAV, 8,000 Hz or more")


@pytest.mark.parametrize("content", [b"", b"RIFF", b"ID3\x04 an mp3", b"RIFF\xff\xff\xff\xffWAVE"])
def test_what_is_no_sound_file_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.wav"
    file.write_bytes(content)
    assert flaw_in(file).startswith("not a sound file (")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert flaw_in(tmp_path / "a.wav").startswith("not a sound file (")


def test_no_damage_to_a_file_is_more_than_a_flaw(tmp_path: Path) -> None:
    file = record(tmp_path / "a.wav")
    whole, chance = file.read_bytes()[:4_000], random.Random(169)
    for _ in range(500):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(48)] = chance.randrange(256)
        file.write_bytes(damaged[: chance.choice((chance.randrange(60), 4_000))])
        assert isinstance(flaw_in(file), str)
