"""RTP and RTCP as bytes: what the hot path reads and writes. Pure.

Rare packets (SR, RR, NACK, REMB) are read by `aiortc.rtp`; here is what is touched for every packet, and what
aiortc lacks (transport-wide feedback).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from struct import Struct
from typing import Final

from aiortc.rtp import RTCP_PSFB, RTCP_RTPFB, pack_remb_fci, pack_rtcp_packet

from video.model import Codec, Extensions

HEADER: Final = Struct("!BBHII")
"""Version and flags, marker and payload type, sequence number, timestamp, SSRC (RFC 3550, 5.1)."""
_SSRCS: Final = Struct("!II")
_U16: Final = Struct("!H")
_PAIR: Final = Struct("!HH")

_ONE_BYTE: Final = 0xBEDE
_H264_SPS: Final = 7
_H264_STAP_A: Final = 24


def payload_at(packet: bytes | bytearray) -> int:
    """Return where the payload begins. Raises ValueError for what is no RTP packet."""
    size = len(packet)
    if size < HEADER.size or packet[0] >> 6 != 2:
        raise ValueError("not an RTP packet")
    at = HEADER.size + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        if size < at + 4:
            raise ValueError("the header extension is cut off")
        at += 4 + 4 * _U16.unpack_from(packet, at + 2)[0]
    if size < at:
        raise ValueError("the header is cut off")
    return at


def padding(packet: bytes | bytearray) -> int:
    """Return how many bytes of padding a packet ends with."""
    return packet[-1] if packet[0] & 0x20 else 0


def stamp(packet: bytearray, ids: Extensions, send_time: int) -> int:
    """Make the header extension fit to be forwarded, in place; return the transport-wide number, or -1.

    The send time becomes ours; what is between the publisher and us alone, or was not agreed on, becomes padding.
    """
    if not packet[0] & 0x10:
        return -1
    at = HEADER.size + 4 * (packet[0] & 0x0F)
    profile, words = _PAIR.unpack_from(packet, at)
    at += 4
    end = at + 4 * words
    if profile != _ONE_BYTE:
        packet[at:end] = bytes(end - at)
        return -1
    number = -1
    while at < end:
        element = packet[at]
        if element == 0:
            at += 1
            continue
        id_, after = element >> 4, at + 2 + (element & 0x0F)
        if after > end:
            raise ValueError("a header extension element is cut off")
        if id_ == ids.send_time and after - at == 4:
            packet[at + 1 : after] = send_time.to_bytes(3, "big")
        elif id_ == ids.transport_sequence and after - at == 3:
            number = packet[at + 1] << 8 | packet[at + 2]
            packet[at:after] = b"\0\0\0"
        elif id_ not in (ids.level, ids.orientation) or id_ == 0:
            packet[at:after] = bytes(after - at)
        at = after
    return number


def renumber(packet: bytearray, given: Extensions, wanted: Extensions) -> None:
    """Give the elements of a stamped header extension the receiver's ids, in place; drop those it has no id for."""
    if not packet[0] & 0x10:
        return
    at = HEADER.size + 4 * (packet[0] & 0x0F)
    end = at + 4 + 4 * _U16.unpack_from(packet, at + 2)[0]
    at += 4
    ids = dict(zip(given, wanted, strict=True))
    while at < end:
        element = packet[at]
        after = at + 2 + (element & 0x0F) if element else at + 1
        if element:
            if id_ := ids.get(element >> 4, 0):
                packet[at] = id_ << 4 | element & 0x0F
            else:
                packet[at:after] = bytes(after - at)
        at = after


def send_time(now: float) -> int:
    """Return ``now`` as abs-send-time has it: seconds in 24 bits, 18 of them behind the point."""
    return int(now * 262_144) & 0xFFFFFF


def _vp8_keyframe(packet: bytes | bytearray, at: int) -> bool:
    begin = vp8_frame_at(packet, at)
    return 0 < begin < len(packet) and not packet[begin] & 1


def _h264_keyframe(packet: bytes | bytearray, at: int) -> bool:
    unit = packet[at] & 0x1F if at < len(packet) else 0
    if unit == _H264_STAP_A and at + 3 < len(packet):
        unit = packet[at + 3] & 0x1F
    # The parameter sets come first: a decoder that has only the picture after them shows nothing.
    return unit == _H264_SPS


def _sound(packet: bytes | bytearray, at: int) -> bool:
    return True


BEGINS_KEYFRAME: Final[Mapping[Codec, Callable[[bytes | bytearray, int], bool]]] = {
    Codec.VP8: _vp8_keyframe,
    Codec.H264: _h264_keyframe,
    Codec.OPUS: _sound,
}
"""By codec, whether the payload at that place begins a picture that needs no other to be decoded."""


def vp8_frame_at(packet: bytes | bytearray, at: int) -> int:
    """Return where the frame begins in the first packet of a VP8 frame (RFC 7741, 4.2); 0 in any other."""
    size = len(packet)
    # S is set and the partition index is 0.
    if at >= size or packet[at] & 0x17 != 0x10:
        return 0
    extended = packet[at] & 0x80
    at += 1
    if extended and at < size:
        flags = packet[at]
        at += 1
        if flags & 0x80 and at < size:
            at += 2 if packet[at] & 0x80 else 1
        at += (1 if flags & 0x40 else 0) + (1 if flags & 0x30 else 0)
    return at


def to_rtx(packet: bytes, at: int, payload_type: int, sequence: int, ssrc: int) -> bytes:
    """Return ``packet``, whose payload begins at ``at``, as a retransmission (RFC 4588, 4)."""
    flags, marker, original, timestamp, _ = HEADER.unpack_from(packet)
    head = HEADER.pack(flags, marker & 0x80 | payload_type, sequence, timestamp, ssrc)
    return head + packet[HEADER.size : at] + _U16.pack(original) + packet[at:]


def from_rtx(packet: bytes, payload_type: int, ssrc: int) -> bytes | None:
    """Return the original of a retransmission, or None for one that only fills the line (a bandwidth probe)."""
    at = payload_at(packet)
    if len(packet) - at - padding(packet) < 2:
        return None
    flags, marker, _, timestamp, _ = HEADER.unpack_from(packet)
    original = _U16.unpack_from(packet, at)[0]
    head = HEADER.pack(flags, marker & 0x80 | payload_type, original, timestamp, ssrc)
    return head + packet[HEADER.size : at] + packet[at + 2 :]


def pli(ssrc: int) -> bytes:
    """Ask for a keyframe (RFC 4585, 6.3.1)."""
    return pack_rtcp_packet(RTCP_PSFB, 1, _SSRCS.pack(0, ssrc))


def remb(bitrate: int, ssrcs: Sequence[int]) -> bytes:
    """Tell a publisher what it may send in all, in bits a second."""
    return pack_rtcp_packet(RTCP_PSFB, 15, _SSRCS.pack(0, 0) + pack_remb_fci(bitrate, list(ssrcs)))


def nack(ssrc: int, numbers: Sequence[int]) -> bytes:
    """Ask for packets again (RFC 4585, 6.2.1). ``numbers`` are extended and ascend."""
    entries = bytearray()
    at = 0
    while at < len(numbers):
        first, bits = numbers[at], 0
        at += 1
        while at < len(numbers) and numbers[at] - first <= 16:
            bits |= 1 << numbers[at] - first - 1
            at += 1
        entries += _PAIR.pack(first & 0xFFFF, bits)
    return pack_rtcp_packet(RTCP_RTPFB, 1, _SSRCS.pack(0, ssrc) + bytes(entries))


def transport_feedback(
    ssrc: int, arrivals: Mapping[int, int], first: int, last: int, count: int
) -> tuple[bytes, int]:
    """Tell a publisher when its packets came (draft-holmer-rmcat-transport-wide-cc-extensions-01).

    ``arrivals`` maps transport-wide numbers from ``first`` to ``last`` to times in units of 250 us; a number that
    is not there has not come. ``count`` numbers the feedback packets. Returns the packet and the first number it
    does not tell of: a pause of more than eight seconds needs a packet of its own.
    """
    reference = next(arrivals[n] for n in range(first, last + 1) if n in arrivals) >> 8
    clock = reference << 8
    symbols, deltas = [], bytearray()
    number = first
    while number <= last:
        at = arrivals.get(number)
        if at is None:
            symbols.append(0)
        else:
            delta = at - clock
            if not -32_768 <= delta <= 32_767:
                break
            small = 0 <= delta <= 255
            symbols.append(1 if small else 2)
            deltas += delta.to_bytes(1 if small else 2, "big", signed=not small)
            clock = at
        number += 1
    chunks = bytearray()
    for i in range(0, len(symbols), 7):
        chunk = 0b11
        for symbol in symbols[i : i + 7]:
            chunk = chunk << 2 | symbol
        chunks += _U16.pack(chunk << 2 * (7 - len(symbols[i : i + 7])))
    head = _SSRCS.pack(0, ssrc) + _PAIR.pack(first & 0xFFFF, len(symbols))
    tail = ((reference & 0xFFFFFF) << 8 | count & 0xFF).to_bytes(4, "big") + bytes(chunks + deltas)
    body = head + tail
    return pack_rtcp_packet(RTCP_RTPFB, 15, body + bytes(-len(body) % 4)), number
