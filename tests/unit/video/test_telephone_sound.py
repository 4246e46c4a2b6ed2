"""A telephone's sound and the room's, packet by packet: tones by frequency, silence, loss, and what is no sound."""

from __future__ import annotations

import math
import random
from array import array
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final, Literal

import av
import pytest

from pbx.probe.tone import longest_ms
from tests.unit.video.speech import likeness, speech
from video.rtp import HEADER
from video.telephone_sound import OPUS, Exchange, Mixer
from video.voice import Voice

RATE: Final = 8_000
LAW: Final = 8


def encoded(sound: array[int], name: Literal["libopus", "pcm_alaw"]) -> Iterator[bytes]:
    codec = av.CodecContext.create(name, "w")
    codec.sample_rate, codec.layout, codec.format = RATE, "mono", "s16"
    for at in range(0, len(sound) - 159, 160):
        frame = av.AudioFrame(format="s16", layout="mono", samples=160)
        frame.sample_rate = RATE
        frame.planes[0].update(sound[at : at + 160].tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
        yield from (bytes(packet) for packet in codec.encode(frame))


def packets(
    hertz: int, name: Literal["libopus", "pcm_alaw"], ssrc: int = 1, ms: int = 1_000
) -> Iterator[bytes]:
    turn = 2 * math.pi * hertz / RATE
    wave = array("h", (int(8_000 * math.sin(turn * n)) for n in range(8 * ms)))
    for number, payload in enumerate(encoded(wave, name)):
        yield rtp(number, payload, OPUS if name == "libopus" else LAW, ssrc)


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
    """Let everybody speak for a second; return what the room and the telephone got. 0 hertz: nothing is sent."""
    exchange = Exchange(7)
    room: list[bytes] = []
    back: list[bytes] = []
    each = [iter(voice) for voice in voices]
    telephone = packets(hertz, "pcm_alaw") if hertz else iter(())
    for _ in range(50):
        for voice in each:
            if (said := next(voice, None)) is not None:
                exchange.from_room(said)
        if (said := next(telephone, None)) is not None:
            exchange.from_telephone(said)
        up, down = exchange.tick()
        room += up
        back += down
    return room, back


def spoken(arrivals: Iterable[tuple[float, int, bytes]], ms: int) -> array[int]:
    """Return what is made of packets that arrive so: when (milliseconds), number, payload."""
    voice, due = Voice("libopus"), sorted(arrivals)
    sound = array("h")
    for now in range(0, ms, 20):
        while due and due[0][0] <= now:
            _, number, payload = due.pop(0)
            voice.take(number & 0xFFFF, payload)
        sound.frombytes(voice.next() or bytes(320))
    return sound


def test_each_side_hears_the_other_and_the_telephone_not_itself() -> None:
    room, back = exchanged(packets(650, "libopus", 1), packets(1_200, "libopus", 2))
    up, down = heard(room, "libopus"), heard(back, "pcm_alaw")
    assert tone(up, 1_850) > 800
    assert (tone(up, 650), tone(up, 1_200)) == (0, 0)
    assert (tone(down, 650) > 800, tone(down, 1_200) > 800, tone(down, 1_850)) == (True, True, 0)


def test_a_telephone_that_sends_nothing_hears_the_room_and_is_silent_in_it() -> None:
    room, back = exchanged(packets(650, "libopus", 1), hertz=0)
    assert tone(heard(back, "pcm_alaw"), 650) > 800
    assert len(room) >= 49
    assert max(map(abs, heard(room, "libopus"))) < 50


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
        assert tone(heard(back, "pcm_alaw"), 650) > 400


@pytest.mark.parametrize(
    ("late_ms", "lost", "drift", "like"),
    [
        (0, 0.0, 1.0, 0.95),
        (60, 0.0, 1.0, 0.85),
        (0, 0.03, 1.0, 0.85),
        (0, 0.0, 1.005, 0.85),
        (0, 0.0, 0.995, 0.85),
    ],
)
def test_speech_over_a_network_is_whole(late_ms: float, lost: float, drift: float, like: float) -> None:
    """Eight seconds: packets late by chance, lost, or by another clock (5 in 1,000 is fifty times a bad one)."""
    chance, said = random.Random(7), speech(8)
    arrivals = [
        (number * 20 / drift + chance.random() * late_ms, number + 65_400, payload)
        for number, payload in enumerate(encoded(said, "libopus"))
        if chance.random() >= lost
    ]
    sound = spoken(arrivals, 8_000)
    it = likeness(said, sound)
    assert it.alike >= like
    assert it.longest_gap_ms <= 60
    assert it.delay_ms <= 200
    assert abs(it.level_db) <= 3


def test_a_stop_is_caught_up_with() -> None:
    """A network that stood still for 200 ms does not put the voice back by as much for good."""
    said = speech(8)
    arrivals = [
        (max(number * 20, 2_200) if 100 <= number < 110 else number * 20, number, payload)
        for number, payload in enumerate(encoded(said, "libopus"))
    ]
    sound = spoken(arrivals, 8_000)
    assert likeness(said[-3 * RATE :], sound[-3 * RATE :]).delay_ms <= 120


def test_a_burst_is_bounded() -> None:
    exchange = Exchange(7)
    for packet in packets(650, "libopus", ms=10_000):
        exchange.from_room(packet)
    back = [down for _ in range(50) for down in exchange.tick()[1]]
    assert tone(heard(back, "pcm_alaw"), 650) <= 320


@pytest.mark.parametrize(
    "hostile", [b"", b"\x80", bytes(12), b"\xff" * 60, rtp(1, b"\xff" * 40, OPUS), rtp(1, b"", OPUS)]
)
def test_what_is_no_sound_is_nothing(hostile: bytes) -> None:
    exchange = Exchange(7)
    for _ in range(3):
        exchange.from_room(hostile)
        exchange.from_telephone(hostile)
    for packet in packets(1_850, "pcm_alaw", ms=1_000):
        exchange.from_telephone(packet)
        assert len(exchange.tick()[1]) == 1


def test_many_voices_are_bounded_and_the_newest_are_heard() -> None:
    exchange = Exchange(7)
    for ssrc in range(1, 40):
        exchange.from_room(next(packets(650, "libopus", ssrc, ms=20)))
    back: list[bytes] = []
    for packet in packets(1_200, "libopus", 99):
        exchange.from_room(packet)
        back += exchange.tick()[1]
    assert tone(heard(back, "pcm_alaw"), 1_200) > 800


def test_what_is_too_loud_together_is_turned_down_and_comes_back() -> None:
    mixer = Mixer()
    loud, quiet = array("h", [30_000, -30_000] * 80).tobytes(), array("h", [10_000, -10_000] * 80).tobytes()
    for _ in range(3):
        both = array("h", mixer.mixed([loud, quiet]))
    assert max(both) in range(31_000, 32_768)
    for _ in range(20):
        alone = array("h", mixer.mixed([quiet]))
    assert set(alone) == {10_000, -10_000}
    assert mixer.mixed([]) == bytes(320)
