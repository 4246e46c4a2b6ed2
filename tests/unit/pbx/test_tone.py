from __future__ import annotations

import math
import random
import struct
from array import array
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from pbx.probe.tone import (
    SILENCE_DBFS,
    Run,
    dominant,
    has_tone,
    level,
    levels,
    longest_ms,
    runs,
    sound_runs,
)
from pbx.probe.wav import read

RATE = 8000

tones = st.integers(300, 3300)
loudness = st.floats(-30, -3)


def sine(freq: float, ms: int, dbfs: float = -6.0, phase: float = 0.0) -> array[int]:
    amplitude = 32767 * 10 ** (dbfs / 20)
    turn = 2 * math.pi * freq / RATE
    return array("h", [round(amplitude * math.sin(turn * n + phase)) for n in range(RATE * ms // 1000)])


def noise(ms: int, dbfs: float, seed: int) -> array[int]:
    chance = random.Random(seed)
    peak = 32767 * 10 ** (dbfs / 20) * math.sqrt(1.5)  # uniform noise of this peak has the level asked for
    return array("h", [round(chance.uniform(-peak, peak)) for _ in range(RATE * ms // 1000)])


def silence(ms: int) -> array[int]:
    return array("h", bytes(2 * (RATE * ms // 1000)))


def mixed(*sounds: array[int]) -> array[int]:
    return array("h", [max(-32768, min(32767, sum(parts))) for parts in zip(*sounds, strict=True)])


def through_a_law(samples: array[int]) -> array[int]:
    """Quantise as A-law does (G.711): seven-bit magnitude on thirteen segments."""

    def step(sample: int) -> int:
        size = abs(sample) >> 4
        if size < 32:
            coarse = size & ~1 | 1
        else:
            drop = size.bit_length() - 5
            coarse = (size >> drop << drop) + (1 << drop - 1)
        return int(math.copysign(coarse << 4, sample))

    return array("h", [max(-32768, min(32767, step(sample))) for sample in samples])


@given(freq=tones, dbfs=loudness, phase=st.floats(0, 6.28))
@settings(max_examples=40, deadline=None)
def test_a_level_is_measured_to_half_a_decibel_through_a_law(freq: int, dbfs: float, phase: float) -> None:
    sound = through_a_law(sine(freq, 400, dbfs, phase))
    assert levels(sound, RATE, [freq])[freq] == pytest.approx(dbfs, abs=0.5)
    assert level(sound) == pytest.approx(dbfs, abs=0.5)


@given(freq=tones, dbfs=loudness)
@settings(max_examples=15, deadline=None)
def test_the_dominant_tone_is_found_to_a_hertz_under_noise(freq: int, dbfs: float) -> None:
    sound = mixed(sine(freq, 300, dbfs), noise(300, dbfs - 20, seed=freq))
    found = dominant(sound, RATE)
    assert found is not None
    assert found == pytest.approx(freq, abs=1.5)


@given(freq=tones, dbfs=loudness, before=st.integers(0, 20), tone=st.integers(10, 40))
@settings(max_examples=40, deadline=None)
def test_a_tone_is_found_where_it_is(freq: int, dbfs: float, before: int, tone: int) -> None:
    start, end = before * 20, (before + tone) * 20
    sound = silence(start) + sine(freq, tone * 20, dbfs) + silence(200)
    found = runs(through_a_law(sound), RATE, freq)
    assert len(found) == 1
    assert found[0].start_ms == pytest.approx(start, abs=20)
    assert found[0].end_ms == pytest.approx(end, abs=20)


@given(freq=tones, apart=st.integers(100, 1500), quieter=st.floats(0, 9))
@settings(max_examples=40, deadline=None)
def test_a_tone_is_heard_beside_another_up_to_nine_decibels_louder(
    freq: int, apart: int, quieter: float
) -> None:
    other = freq + apart if freq + apart < 3400 else freq - apart
    if other < 200:
        other = 200 if freq > 300 else freq + 100
    sound = through_a_law(mixed(sine(freq, 600, -12 - quieter), sine(other, 600, -12)))
    assert longest_ms(sound, RATE, freq) > 500
    assert longest_ms(sound, RATE, other) > 500


@given(freq=tones, apart=st.integers(80, 2000))
@settings(max_examples=40, deadline=None)
def test_another_tone_is_not_mistaken_for_this_one(freq: int, apart: int) -> None:
    other = freq + apart if freq + apart < 3500 else freq - apart
    if abs(other - freq) < 80 or other < 100:
        return
    assert not has_tone(through_a_law(sine(other, 600)), RATE, freq, for_ms=100)


@given(seed=st.integers(0, 10**6), dbfs=loudness, freq=tones)
@settings(max_examples=40, deadline=None)
def test_noise_has_no_tone(seed: int, dbfs: float, freq: int) -> None:
    assert not has_tone(noise(1000, dbfs, seed), RATE, freq, for_ms=200)


@pytest.mark.parametrize("sound", [silence(500), array("h"), sine(600, 500, -60), sine(600, 30)])
def test_silence_quiet_and_too_little_have_no_tone(sound: array[int]) -> None:
    assert not has_tone(sound, RATE, 600)
    assert dominant(sound, RATE) is None
    assert sound_runs(sound, RATE) in ([], [Run(0, 40)])


def test_nothing_measures_as_silence() -> None:
    assert level(array("h")) == SILENCE_DBFS
    assert levels(silence(500), RATE, [600, 1200]) == {600: SILENCE_DBFS, 1200: SILENCE_DBFS}


def test_sound_is_told_from_silence_by_place() -> None:
    sound = silence(200) + noise(400, -20, seed=1) + silence(300) + sine(440, 100)
    assert [(round(run.start_ms, -2), round(run.end_ms, -2)) for run in sound_runs(sound, RATE)] == [
        (200, 600),
        (900, 1000),
    ]


def wav(samples: array[int], *, channels: int = 1, bits: int = 16, data_size: int = 0) -> bytes:
    width = channels * bits // 8
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, RATE, RATE * width, width, bits)
    return (
        b"RIFF\0\0\0\0WAVE"
        + fmt
        + b"LIST\3\0\0\0abc\0"
        + struct.pack("<4sI", b"data", data_size)
        + samples.tobytes()
    )


def test_a_growing_file_is_read_up_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"
    whole = wav(sine(600, 200))
    for size in (0, 3, 11, 20, 40, 55, len(whole) - 101, len(whole)):
        path.write_bytes(whole[:size])
        assert len(read(path).samples) == max(0, size - whole.index(b"data") - 8) // 2
    assert read(path).samples == sine(600, 200)
    assert read(path).since(150).ms == 50
    assert read(tmp_path / "none.wav").samples == array("h")


def test_the_legs_of_a_stereo_file_are_told_apart(tmp_path: Path) -> None:
    left, right = sine(600, 400), sine(1200, 400)
    both = array("h", [sample for pair in zip(left, right, strict=True) for sample in pair])
    (tmp_path / "both.wav").write_bytes(wav(both, channels=2, data_size=2 * len(both)))
    assert read(tmp_path / "both.wav", channel=0).samples == left
    assert read(tmp_path / "both.wav", channel=1).samples == right


@pytest.mark.parametrize("content", [b"ID3 something else", wav(array("h"), bits=8)])
def test_another_format_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "call.wav").write_bytes(content)
    with pytest.raises(Refused, match=r"call\.wav"):
        read(tmp_path / "call.wav")
