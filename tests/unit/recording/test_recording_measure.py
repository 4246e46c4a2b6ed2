"""Sound is measured as sound, whatever became of the file."""

from __future__ import annotations

import random
import struct
import wave
from pathlib import Path

import pytest

from recording.measure import close, measure
from recording.policy import FLOOR_DB, Flaw, LegMeasure
from tests.unit.recording.sounds import NOTHING, VOICE, header, sound, write


def _measured(path: Path) -> LegMeasure:
    leg = measure(path)
    assert isinstance(leg, LegMeasure)
    return leg


def test_length_and_level_of_each_second(tmp_path: Path) -> None:
    leg = _measured(write(tmp_path / "a.wav", sound((2, VOICE), (1, NOTHING), (0.5, 30))))
    assert (leg.length_ms, leg.closed, len(leg.seconds)) == (3_500, True, 4)
    # A sine's RMS is 3 dB below its peak: 20 log10(3000 / 32768) - 3.01.
    assert leg.seconds[:2] == pytest.approx((-23.8, -23.8), abs=0.1)
    assert leg.seconds[2] == FLOOR_DB
    assert leg.seconds[3] == pytest.approx(-63.8, abs=0.5)
    assert leg.level_db == pytest.approx(-26.2, abs=0.1)


def test_a_file_that_was_never_closed_is_measured_whole(tmp_path: Path) -> None:
    data = sound((1.5, VOICE))
    cut_off = _measured(write(tmp_path / "a.wav", data, closed=False))
    whole = _measured(write(tmp_path / "b.wav", data))
    assert not cut_off.closed
    assert (cut_off.length_ms, cut_off.seconds) == (whole.length_ms, whole.seconds)


@pytest.mark.parametrize("odd", [b"", b"\x01"])
def test_closing_makes_a_file_that_every_player_takes(tmp_path: Path, odd: bytes) -> None:
    path = write(tmp_path / "a.wav", sound((1.5, VOICE)) + odd, closed=False)
    close(path)
    assert _measured(path).closed
    with wave.open(str(path)) as file:
        assert (file.getnframes(), file.getframerate()) == (12_000, 8_000)
    before = path.read_bytes()
    close(path)
    assert path.read_bytes() == before


def test_chunks_before_the_sound_are_passed_over(tmp_path: Path) -> None:
    data = sound((1, VOICE))
    head = header(len(data))
    path = tmp_path / "a.wav"
    path.write_bytes(head[:36] + struct.pack("<4sI", b"LIST", 3) + b"abc\0" + head[36:] + data)
    assert _measured(path).length_ms == 1_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"RIFF\0\0\0\0WAVE",
        b"not a recording at all, but longer than a header is, by some bytes",
        header(4, rate=0) + b"1234",
        header(0).replace(struct.pack("<HH", 1, 1), struct.pack("<HH", 7, 1), 1),
        b"RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff",
    ],
)
def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    assert measure(path) is Flaw.UNREADABLE
    close(path)
    assert path.read_bytes() == content


def test_a_call_that_ended_at_once(tmp_path: Path) -> None:
    leg = _measured(write(tmp_path / "a.wav", b""))
    assert (leg.length_ms, leg.level_db, leg.seconds) == (0, FLOOR_DB, ())


def test_no_file(tmp_path: Path) -> None:
    assert measure(tmp_path / "a.wav") is Flaw.MISSING


def test_any_bytes_behind_any_header_are_survived(tmp_path: Path) -> None:
    chance = random.Random(4)
    good = header(400) + sound((0.025, VOICE))
    path = tmp_path / "a.wav"
    for _ in range(300):
        mangled = bytearray(good[: chance.randrange(len(good))])
        for _ in range(chance.randrange(6)):
            if mangled:
                mangled[chance.randrange(len(mangled))] = chance.randrange(256)
        path.write_bytes(mangled)
        assert isinstance(measure(path), LegMeasure | Flaw)
