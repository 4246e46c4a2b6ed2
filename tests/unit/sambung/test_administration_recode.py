"""Uploaded sounds: what is taken, and what is said of what is not."""

from __future__ import annotations

import io
import struct
import wave
from typing import Any, cast

import av
import pytest

from core.errors import Refused
from sambung.administration_decode import decoded
from sambung.administration_recode import BROKEN, TOO_LONG, demuxer, recode


def recording(seconds: float, rate: int = 8_000, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(channels)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        one = struct.pack("<h", 5_000) * channels + struct.pack("<h", -5_000) * channels
        sound.writeframes(one * round(seconds * rate / 2))
    return file.getvalue()


def compressed(kind: str, codec: str) -> bytes:
    file = io.BytesIO()
    with (
        av.open(file, "w", format=kind) as container,
        av.open(io.BytesIO(recording(1.0, 48_000)), "r") as source,
    ):
        stream = cast("Any", container.add_stream(codec, rate=48_000, layout="mono"))
        form = stream.codec_context.codec.audio_formats[0].name
        resampler = av.AudioResampler(form, "mono", 48_000, frame_size=960)
        for frame in (*source.decode(audio=0), None):
            for made in resampler.resample(frame):
                container.mux(stream.encode(made))
        container.mux(stream.encode(None))
    return file.getvalue()


def length(sound: bytes) -> float:
    with wave.open(io.BytesIO(sound)) as made:
        assert (made.getnchannels(), made.getsampwidth(), made.getframerate()) == (1, 2, 16_000)
        return float(made.getnframes() / 16_000)


@pytest.mark.parametrize(
    ("kind", "codec", "known"),
    [("ogg", "libopus", "ogg"), ("webm", "libopus", "matroska"), ("flac", "flac", "flac")],
)
def test_sounds_come_out_in_one_form(kind: str, codec: str, known: str) -> None:
    sound = compressed(kind, codec)
    assert demuxer(sound) == known
    assert length(decoded(sound)) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (96_000, 1)])
def test_every_rate_and_both_channels_are_taken(rate: int, channels: int) -> None:
    assert length(decoded(recording(0.5, rate, channels))) == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("first", "known"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"\0\0\0\x20ftypM4A ", "mov"),
        (b"ID3\x04", "mp3"),
        (b"\xff\xfb\x90\x00", "mp3"),
        (b"#EXTM3U\nfile:///etc/passwd", None),
        (b"ffconcat version 1.0\nfile '/etc/passwd'", None),
        (b"RIFF\0\0\0\0AVI LIST", None),
        (b"<svg xmlns=", None),
        (b"", None),
    ],
)
def test_the_decoder_is_told_what_a_file_is_and_guesses_nothing(first: bytes, known: str | None) -> None:
    assert demuxer(first) == known


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (recording(200), TOO_LONG),
        (b"RIFF\0\0\0\0WAVE" + bytes(200), BROKEN),
        (b"\0\0\0\x20ftypM4A " + bytes(200), BROKEN),
        (b"ID3\x04" + bytes(500), BROKEN),
        (b"\x1a\x45\xdf\xa3" + bytes(500), BROKEN),
    ],
)
def test_what_cannot_be_played_is_refused_in_a_sentence(sound: bytes, why: str) -> None:
    with pytest.raises(Refused) as refused:
        decoded(sound)
    assert str(refused.value) == why


async def test_it_is_decoded_in_a_process_of_its_own_that_says_what_is_wrong() -> None:
    assert length(await recode(recording(0.5))) == pytest.approx(0.5, abs=0.01)
    with pytest.raises(Refused, match="no sound file that is known"):
        await recode(b"hello")
    with pytest.raises(Refused, match="longer than 3 minutes"):
        await recode(recording(200))
