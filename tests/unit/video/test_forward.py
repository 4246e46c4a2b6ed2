"""Every subscriber gets each packet once, in a numbering of its own that never jumps."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from aiortc.rtp import (
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.video.forwarding import Room
from tests.unit.video.media import (
    CAMERA,
    CAMERA_RTX,
    PUBLISHER,
    SUBSCRIBER,
    camera,
    fields,
    packet,
    peer,
    slot,
)
from video import rtp
from video.model import Extensions


def marks(data: list[bytes]) -> list[bytes]:
    return [one[-4:] for one in data]


def test_a_packet_is_rewritten_for_its_subscriber() -> None:
    room = Room()
    (got,) = room.send(packet(7, timestamp=1234, key=True))
    assert fields(got) == (106, 0, 1234, 5000)
    assert got[12:] == packet(7, key=True)[12:]


def test_a_slot_opens_with_a_keyframe_and_asks_for_one_when_it_is_filled() -> None:
    room = Room()
    assert room.keyframe_requests() == 1
    assert room.send(packet(1)) == room.send(packet(2)) == []
    assert len(room.send(packet(3, key=True))) == 1
    assert len(room.send(packet(4))) == 1


@given(
    start=st.integers(0, 0xFFFF),
    order=st.permutations(range(40)),
    keep=st.lists(st.booleans(), min_size=40, max_size=40),
    repeats=st.lists(st.integers(0, 39), max_size=10),
)
def test_each_packet_arrives_once_whatever_the_network_does(
    start: int, order: list[int], keep: list[bool], repeats: list[int]
) -> None:
    room = Room()
    room.send(packet(start, timestamp=0xFFFFFF00, key=True))
    sent = [i for i in order if keep[i]] + [i for i in repeats if keep[i]]
    got = [
        data
        for i in sent
        for data in room.send(packet(start + 1 + i, timestamp=(0xFFFFFF00 + i * 90) % 2**32))
    ]
    assert sorted(marks(got)) == sorted(struct.pack("!I", start + 1 + i) for i in set(sent))
    for data in got:
        i = int.from_bytes(data[-4:], "big") - start - 1
        assert fields(data)[1:3] == ((i + 1) & 0xFFFF, (0xFFFFFF00 + i * 90) % 2**32)


@given(starts=st.lists(st.integers(0, 0xFFFF), min_size=2, max_size=6), lengths=st.integers(1, 5))
def test_a_slot_goes_on_counting_when_its_source_changes(starts: list[int], lengths: int) -> None:
    room = Room()
    others = [camera(PUBLISHER, 3000 + n, 0) for n in range(len(starts))]
    for one in others:
        room.forwarder.join(peer(one.ssrc), [one], [])
    got: list[bytes] = []
    for one, start in zip(others, starts, strict=True):
        room.keep(room.forwarder.attach(room.slot, one, room.now))
        for i in range(lengths):
            room.now += 0.033
            data = packet(start + i, timestamp=(start * 977 + i * 3000) % 2**32, ssrc=one.ssrc, key=i == 0)
            got += room.keep(room.forwarder.rtp(one.ssrc, data, room.now))
    assert [fields(data)[1] for data in got] == [n & 0xFFFF for n in range(len(got))]
    times = [fields(data)[2] for data in got]
    assert all(2500 < (b - a) % 2**32 < 3500 for a, b in pairwise(times))


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_muting_makes_no_gap(muted: list[bool]) -> None:
    room = Room()
    got = []
    for i, mute in enumerate(muted):
        room.keep(room.forwarder.mute(room.camera, mute, room.now))
        got += room.send(packet(65_500 + i, key=True, timestamp=i * 3000))
    assert [fields(data)[1] for data in got] == list(range(muted.count(False)))


def test_what_is_missing_is_asked_for_at_once_and_again_until_it_comes() -> None:
    room = Room()
    room.send(packet(65_534, key=True))
    room.send(packet(1))
    assert room.asked_again() == [65_535, 0]
    room.send(packet(0))
    room.tick(0.2)
    assert room.asked_again() == [65_535, 0, 65_535]
    room.send(packet(65_535))
    room.tick(0.2)
    assert len(room.asked_again()) == 3


def test_what_never_comes_is_given_up_for_a_keyframe() -> None:
    room = Room()
    room.send(packet(1, key=True))
    before = room.keyframe_requests()
    room.send(packet(3))
    for i in range(40):
        room.send(packet(4 + i))
        room.tick()
    assert 5 <= len(room.asked_again()) <= 10
    assert room.keyframe_requests() > before


def test_a_subscriber_gets_what_it_lost_as_a_retransmission() -> None:
    room = Room()
    for i in range(10):
        room.send(packet(65_530 + i, key=i == 0, timestamp=i))
    (again,) = room.subscriber_says(RtcpRtpfbPacket(1, 0, 5000, [8]))
    assert fields(again) == (107, 1, 8, 5001)
    original = rtp.from_rtx(again, 106, 5000)
    assert original is not None
    assert fields(original) == (106, 8, 8, 5000)
    assert original[-4:] == struct.pack("!I", 65_538)


def test_a_subscriber_without_that_format_gets_the_packet_itself() -> None:
    room = Room(slot(rtx=False))
    room.send(packet(10, key=True))
    (sent,) = room.send(packet(11))
    (again,) = room.subscriber_says(RtcpRtpfbPacket(1, 0, 5000, [1]))
    assert again == sent


def test_a_request_may_span_the_wrap_of_the_numbering() -> None:
    one = slot(rtx=False)
    one.last = 0x1FFFD
    room = Room(one)
    sent = [data for i in range(4) for data in room.send(packet(i, key=i == 0))]
    assert room.subscriber_says(RtcpRtpfbPacket(1, 0, 5000, [0xFFFF, 0x10000])) == sent[1:3]


def test_nothing_of_an_earlier_source_is_repeated() -> None:
    room = Room()
    room.send(packet(10, key=True))
    other = camera(3, 3000, 0)
    room.forwarder.join(peer(3), [other], [])
    room.forwarder.attach(room.slot, other, room.now)
    room.keep(room.forwarder.rtp(3, packet(50, ssrc=3000, key=True), room.now))
    assert room.subscriber_says(RtcpRtpfbPacket(1, 0, 5000, [0])) == []


def test_a_storm_of_requests_is_not_answered_in_full() -> None:
    room = Room()
    for i in range(300):
        room.send(packet(i, key=i == 0))
    got = [d for _ in range(20) for d in room.subscriber_says(RtcpRtpfbPacket(1, 0, 5000, list(range(100))))]
    assert 100 <= len(got) <= 400


def test_a_retransmission_of_the_publisher_is_forwarded_as_the_packet_it_repeats() -> None:
    room = Room()
    room.send(packet(1, key=True))
    room.send(packet(3))
    lost = packet(2, timestamp=5)
    (got,) = room.send(rtp.to_rtx(lost, 12, 97, 900, CAMERA_RTX))
    assert fields(got) == (106, 1, 5, 5000)
    assert room.send(lost) == []
    probe = rtp.HEADER.pack(0xA0, 97, 901, 0, CAMERA_RTX) + bytes(3) + b"\4"
    assert room.send(probe) == []


@given(st.lists(st.floats(0.001, 0.2), min_size=1, max_size=80))
def test_keyframes_are_asked_for_at_most_every_300_ms_and_until_one_comes(pauses: list[float]) -> None:
    room = Room()
    times = [room.now]
    for pause in pauses:
        before = room.keyframe_requests()
        room.now += pause
        room.subscriber_says(RtcpPsfbPacket(1, 0, 5000))
        room.send(packet(len(times)), after=0)
        room.keep(room.forwarder.tick(room.now))
        times += [room.now] * (room.keyframe_requests() - before)
    assert all(b - a >= 0.3 for a, b in pairwise(times))
    assert len(times) >= 1 + int((room.now - times[0]) / (0.5 + 0.2))
    room.send(packet(9_999, key=True))
    before = room.keyframe_requests()
    for _ in range(40):
        room.tick()
    assert room.keyframe_requests() == before


def test_reports_are_translated() -> None:
    room = Room()
    room.send(packet(5, timestamp=777, key=True))
    room.send(packet(6, timestamp=777))
    sr = RtcpSrPacket(CAMERA, _info(ntp=0x1122334455667788, rtp_time=777))
    (got,) = room.keep(room.forwarder.rtcp(PUBLISHER, bytes(sr), room.now))
    (one,) = RtcpPacket.parse(got)
    assert isinstance(one, RtcpSrPacket)
    assert (one.ssrc, one.sender_info.ntp_timestamp, one.sender_info.rtp_timestamp) == (
        5000,
        0x1122334455667788,
        777,
    )
    assert one.sender_info.packet_count == 2
    report = room.camera.reception.report(5000, 0x33445566, int(0.5 * 65_536))
    room.now += 0.6
    room.subscriber_says(RtcpRrPacket(0, [report]))
    assert room.slot.round_trip == pytest.approx(0.1, abs=0.001)


def test_a_publisher_hears_how_its_packets_came() -> None:
    room = Room()
    for i in (1, 2, 4, 5):
        room.send(packet(i, key=i == 1))
    room.said.clear()
    room.tick(1.1)
    (report,) = [p for d in room.said for p in RtcpPacket.parse(d) if isinstance(p, RtcpRrPacket)]
    (block,) = report.reports
    assert (block.ssrc, block.packets_lost, block.fraction_lost) == (CAMERA, 1, 256 // 5)
    assert block.highest_sequence & 0xFFFF == 5


def busy(room: Room) -> None:
    """Send 800 kbit/s for three seconds."""
    for i in range(300):
        room.send(packet(i, key=i == 0, body=bytes(986)), after=0.01)
        room.tick(0)


@pytest.mark.parametrize(
    ("estimate", "allowed"),
    [(None, 2_500_000), (800_000, 800_000), (20_000, 150_000), (1_200_000, 2_500_000)],
)
def test_a_publisher_sends_what_a_full_line_takes(estimate: int | None, allowed: int) -> None:
    room = Room()
    room.forwarder._peers[PUBLISHER].bitrate = 2_500_000
    if estimate is not None:
        room.subscriber_says(_remb(estimate))
    busy(room)
    room.said.clear()
    busy_until = room.now + 1.0
    while room.now < busy_until:
        room.send(packet(300 + round(room.now * 100), body=bytes(986)), after=0.01)
        room.tick(0)
    assert room.allowance() == pytest.approx(allowed, rel=0.01)


def test_a_listener_on_a_bad_line_is_not_noticed() -> None:
    room = Room()
    room.forwarder._peers[SUBSCRIBER].counts = False
    room.subscriber_says(_remb(200_000))
    busy(room)
    room.said.clear()
    room.tick(1.1)
    assert room.allowance() >= 900_000_000


def test_what_is_between_publisher_and_us_is_not_forwarded_and_the_time_is_ours() -> None:
    room = Room()
    extension = b"\x10\x55" + b"\x22\xaa\xbb\xcc" + b"\x31\x12\x34" + b"\x40\x02" + b"\x51mi"
    (got,) = room.send(packet(1, key=True, extension=extension))
    shown = got[16 : 16 + 16]
    assert shown[:2] == b"\x10\x55"
    assert shown[2:3] == b"\x22"
    assert shown[3:6] == rtp.send_time(room.now).to_bytes(3, "big")
    assert shown[6:] == b"\0\0\0\x40\x02\0\0\0\0\0"[:10]
    assert list(room.forwarder._peers[PUBLISHER].arrivals.pending) == [0x11234]


def test_a_receiver_with_other_ids_gets_its_own() -> None:
    room = Room(slot(ids=Extensions(0, 9, 0, 7)))
    (got,) = room.send(packet(1, key=True, extension=b"\x10\x55\x22\xaa\xbb\xcc\x40\x02"))
    stamp = rtp.send_time(room.now).to_bytes(3, "big")
    assert got[16:24] == b"\0\0" + b"\x92" + stamp + b"\x70\x02"


def test_strangers_giants_and_floods_are_dropped_and_counted() -> None:
    room = Room()
    room.send(packet(1, key=True))
    assert room.send(packet(2, ssrc=4711)) == []
    assert room.send(packet(2, body=bytes(1_400))) == []
    assert room.keep(room.forwarder.rtp(SUBSCRIBER, packet(2), room.now)) == []
    room.forwarder._peers[PUBLISHER].rate.bytes_s = 10_000
    room.forwarder._peers[PUBLISHER].rate.left = 10_000
    flood = [room.send(packet(2 + i, body=bytes(1000)), after=0) for i in range(50)]
    assert sum(map(len, flood)) == 9
    counters = room.forwarder.counters
    assert (counters.foreign, counters.oversized, counters.over_rate) == (2, 1, 41)


def test_a_flood_of_reports_is_not_read_in_full() -> None:
    room = Room()
    room.send(packet(1, key=True))
    for _ in range(500):
        room.subscriber_says(RtcpPsfbPacket(1, 0, 5000))
    counters = room.forwarder.counters
    assert (counters.keyframe_requests_in, counters.over_rate) == (200, 300)


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    room = Room()
    room.send(packet(1, key=True))
    head = data[:2] + struct.pack("!HII", 2, 0, CAMERA) + data[2:]
    for one in (data, head):
        for handle in (room.forwarder.rtp, room.forwarder.rtcp):
            try:
                out = handle(PUBLISHER, one, room.now)
            except (ValueError, IndexError, struct.error):
                continue
            assert len(out) <= 3
    room.forwarder.tick(room.now + 1)
    assert len(room.send(packet(900, key=True))) == 1


def test_who_leaves_is_shown_to_nobody() -> None:
    room = Room()
    room.forwarder.leave(PUBLISHER)
    assert room.slot.source is None
    room = Room()
    room.forwarder.leave(SUBSCRIBER)
    assert room.camera.slots == ()
    assert room.send(packet(1, key=True)) == []


def test_a_jump_is_a_new_beginning_for_the_publisher_and_none_for_the_subscriber() -> None:
    room = Room()
    room.send(packet(1, key=True))
    assert room.send(packet(20_000)) == []
    assert room.asked_again() == []
    (got,) = room.send(packet(20_001, key=True))
    assert fields(got)[1] == 1


def _info(ntp: int, rtp_time: int) -> RtcpSenderInfo:
    return RtcpSenderInfo(ntp, rtp_time, 1, 1)


def _remb(bitrate: int) -> RtcpPsfbPacket:
    return RtcpPsfbPacket(15, 0, 0, pack_remb_fci(bitrate, [5000]))
