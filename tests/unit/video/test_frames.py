"""Frames for a recording: whole or not at all, and decodable from the first on."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.video.media import packet
from video.frames import Assembler, Frame
from video.model import Codec

KEY = b"\x10" + b"\x10\x00\x00\x9d\x01\x2a\x80\x02\x68\x01" + bytes(20)
DELTA = b"\x10" + b"\x11" + bytes(30)


def vp8(sequence: int, timestamp: int, payload: bytes, *, last: bool = True) -> bytes:
    head = struct.pack("!BBHII", 0x80, 96 | 0x80 * last, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 1)
    return head + payload


def frames(assembler: Assembler, packets: list[bytes], step_us: int = 20_000) -> list[Frame]:
    got = [frame for i, one in enumerate(packets) for frame in assembler.push(one, i * step_us)]
    return got + list(assembler.flush())


def test_nothing_is_kept_before_the_first_keyframe() -> None:
    assembler = Assembler(Codec.VP8)
    got = frames(assembler, [vp8(0, 0, DELTA), vp8(1, 3000, KEY), vp8(2, 6000, DELTA)])
    assert [(frame.key, frame.timestamp & 0xFFFFFFFF) for frame in got] == [(True, 3000), (False, 6000)]


def test_a_picture_of_several_packets_is_one_frame() -> None:
    assembler = Assembler(Codec.VP8)
    parts = [
        vp8(0, 0, KEY, last=False),
        vp8(1, 0, b"\x00" + b"middle", last=False),
        vp8(2, 0, b"\x00" + b"end"),
    ]
    (frame,) = frames(assembler, parts)
    assert frame.data == KEY[1:] + b"middle" + b"end"


def test_after_a_loss_pictures_are_left_out_until_a_keyframe() -> None:
    assembler = Assembler(Codec.VP8)
    packets = [vp8(0, 0, KEY), *(vp8(n, n * 3000, DELTA) for n in range(2, 40)), vp8(40, 120_000, KEY)]
    got = frames(assembler, packets)
    assert [frame.key for frame in got] == [True, True]
    assert assembler.lost == 1
    assert not assembler.wants_keyframe


def test_a_packet_that_was_repaired_in_time_leaves_nothing_out() -> None:
    assembler = Assembler(Codec.VP8)
    late = vp8(1, 3000, DELTA)
    packets = [vp8(0, 0, KEY), *(vp8(n, n * 3000, DELTA) for n in range(2, 12)), late, vp8(12, 36_000, DELTA)]
    got = frames(assembler, packets)
    assert [(frame.timestamp & 0xFFFFFFFF) for frame in got] == [n * 3000 for n in range(13)]


@given(start=st.integers(0, 0xFFFF), begin=st.integers(0, 0xFFFFFFFF), order=st.permutations(range(1, 12)))
def test_order_and_wrap_do_not_matter(start: int, begin: int, order: list[int]) -> None:
    assembler = Assembler(Codec.OPUS)
    packets = [vp8(start + n, begin + n * 960, bytes([n + 1])) for n in [0, *order]]
    got = frames(assembler, packets)
    assert [frame.data for frame in got] == [bytes([n + 1]) for n in range(12)]
    assert {b.timestamp - a.timestamp for a, b in pairwise(got)} == {960}


def test_h264_begins_with_its_parameter_sets() -> None:
    assembler = Assembler(Codec.H264)
    sets = b"\x18" + b"\x00\x04\x67\x42\x00\x1f" + b"\x00\x03\x68\xce\x38"
    picture = [vp8(0, 0, sets, last=False), vp8(1, 0, b"\x65" + bytes(40))]
    (frame,) = frames(assembler, [*picture])
    assert frame.key
    assert frame.data.startswith(b"\0\0\0\1\x67")
    assert frames(Assembler(Codec.H264), [vp8(0, 0, b"\x65" + bytes(40))]) == []


@pytest.mark.parametrize("codec", list(Codec))
@given(data=st.lists(st.binary(max_size=80), max_size=30))
def test_no_packet_breaks_it(codec: Codec, data: list[bytes]) -> None:
    assembler = Assembler(codec)
    head = [vp8(n, n * 3000, one) for n, one in enumerate(data)]
    frames(assembler, [*data, *head, packet(900, key=True)])
