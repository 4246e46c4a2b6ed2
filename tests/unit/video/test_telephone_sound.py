"""A telephone's sound and the room's, packet by packet: tones by frequency, silence, loss, and what is no sound."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, Literal

import av
import pytest

from pbx.probe.tone import longest_ms
from video.rtp import HEADER
from video.telephone_sound import OPUS, Exchange, mixed

RATE: Final = 8_000
LAW: Final = 8


def packets(
    hertz: int, name: Literal["libopus", "pcm_alaw"], ssrc: int = 1, ms: int = 1_000
) -> Iterator[bytes]:
    codec = av.CodecContext.create(name, "w")
    codec.sample_rate, codec.layout, codec.format = RATE, "mono", "s16"
    for number in range(ms // 20):
        wave = (int(8_000 * math.sin(2 * math.pi * hertz / RATE * (number * 160 + i))) for i in range(160))
        frame = av.AudioFrame(format="s16", layout="mono", samples=160)
        frame.sample_rate = RATE
        frame.planes[0].update(array("h", wave).tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        for packet in codec.encode(frame):
            yield rtp(number, bytes(packet), OPUS if name == "libopus" else LAW, ssrc)


def rtp(number: int, payload: bytes, payload_type: int, ssrc: int = 1) -> bytes:
    return HEADER.pack(0x80, payload_type, number & 0xFFFF, number * 160, ssrc) + payload


def heard(sent: Iterable[bytes], name: Literal["libopus", "pcm_alaw"]) -> array[int]:
    codec = av.CodecContext.create(name, "r")
    codec.sample_rate, codec.layout = RATE, "mono"
    narrow = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    sound = array("h")
    for packet in sent:
        for frame in codec.decode(av.Packet(packet[HEADER.size :])):
            for part in narrow.resample(frame):
                sound.frombytes(bytes(part.planes[0])[: 2 * part.samples])
    return sound


def tone(sound: array[int], hertz: int) -> int:
    return longest_ms(sound, RATE, hertz)


def exchanged(*voices: Iterable[bytes], hertz: int = 1_850) -> tuple[list[bytes], list[bytes]]:
    """Let everybody speak for a second; return what the room and the telephone got."""
    exchange = Exchange(7)
    room: list[bytes] = []
    back: list[bytes] = []
    each = [iter(voice) for voice in voices]
    for packet in packets(hertz, "pcm_alaw"):
        for voice in each:
            if (said := next(voice, None)) is not None:
                exchange.from_room(said)
        up, down = exchange.from_telephone(packet)
        room += up
        back += down
    return room, back


def test_each_side_hears_the_other_and_the_telephone_not_itself() -> None:
    room, back = exchanged(packets(650, "libopus", 1), packets(1_200, "libopus", 2))
    up, down = heard(room, "libopus"), heard(back, "pcm_alaw")
    assert tone(up, 1_850) > 800
    assert (tone(up, 650), tone(up, 1_200)) == (0, 0)
    assert (tone(down, 650) > 800, tone(down, 1_200) > 800, tone(down, 1_850)) == (True, True, 0)


def test_packets_are_numbered_without_gaps_and_opus_counts_48_000_a_second() -> None:
    room, back = exchanged()
    heads = [HEADER.unpack_from(packet) for packet in room]
    assert {head[4] for head in heads} == {7}
    assert {b[2] - a[2] for a, b in pairwise(heads)} == {1}
    assert {b[3] - a[3] for a, b in pairwise(heads)} == {960}
    assert [len(packet) for packet in back] == [HEADER.size + 160] * 50


def test_nobody_in_the_room_is_silence() -> None:
    _, back = exchanged()
    assert set(heard(back, "pcm_alaw")) <= {8, -8}, "the smallest step of A-law"


def test_late_and_double_packets_are_heard_once() -> None:
    said = list(packets(650, "libopus"))
    swapped = [said[n ^ 1] for n in range(len(said))]
    twice = [packet for packet in said for _ in (0, 1)]
    for voice in (swapped, twice):
        _, back = exchanged(voice)
        assert tone(heard(back, "pcm_alaw"), 650) > 0


def test_a_burst_is_bounded() -> None:
    exchange = Exchange(7)
    for packet in packets(650, "libopus", ms=10_000):
        exchange.from_room(packet)
    back = [down for packet in packets(1_850, "pcm_alaw") for down in exchange.from_telephone(packet)[1]]
    assert tone(heard(back, "pcm_alaw"), 650) <= 220


@pytest.mark.parametrize(
    "hostile", [b"", b"\x80", bytes(12), b"\xff" * 60, rtp(1, b"\xff" * 40, OPUS), rtp(1, b"", OPUS)]
)
def test_what_is_no_sound_is_nothing(hostile: bytes) -> None:
    exchange = Exchange(7)
    exchange.from_room(hostile)
    assert exchange.from_telephone(hostile) == ([], [])
    for packet in packets(1_850, "pcm_alaw", ms=100):
        assert len(exchange.from_telephone(packet)[1]) == 1


def test_many_voices_are_bounded_and_the_newest_are_heard() -> None:
    exchange = Exchange(7)
    for ssrc in range(1, 40):
        exchange.from_room(next(packets(650, "libopus", ssrc, ms=20)))
    said = packets(1_200, "libopus", 99)
    back: list[bytes] = []
    for packet in packets(1_850, "pcm_alaw"):
        exchange.from_room(next(said))
        back += exchange.from_telephone(packet)[1]
    assert tone(heard(back, "pcm_alaw"), 1_200) > 800


def test_what_is_too_loud_is_cut_off() -> None:
    loud, quiet = array("h", [30_000, -30_000] * 80), array("h", [10_000, -10_000] * 80)
    assert array("h", mixed([loud.tobytes(), quiet.tobytes()])) == array("h", [32_767, -32_768] * 80)
