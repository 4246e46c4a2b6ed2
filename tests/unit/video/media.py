"""Packets and streams for tests of the hot path."""

from __future__ import annotations

import struct

from video.model import Codec, Extensions, Format, Kind
from video.streams import Peer, Slot, Source

PUBLISHER, SUBSCRIBER = 1, 2
CAMERA, CAMERA_RTX, MICROPHONE = 1000, 1001, 2000
IDS = Extensions(transport_sequence=3, send_time=2, level=1, orientation=4)
VIDEO = {Codec.VP8: Format(96, 97), Codec.H264: Format(102, 103)}
AUDIO = {Codec.OPUS: Format(111)}


def packet(
    sequence: int,
    *,
    timestamp: int = 0,
    ssrc: int = CAMERA,
    key: bool = False,
    body: bytes | None = None,
    extension: bytes = b"",
    payload_type: int = 96,
) -> bytes:
    """A VP8 packet, the first of its frame; ``body`` tells one from another."""
    head = struct.pack(
        "!BBHII", 0x90 if extension else 0x80, payload_type, sequence & 0xFFFF, timestamp, ssrc
    )
    if extension:
        padded = extension + bytes(-len(extension) % 4)
        head += struct.pack("!HH", 0xBEDE, len(padded) // 4) + padded
    return (
        head + bytes([0x10, 0x00 if key else 0x01]) + (struct.pack("!I", sequence) if body is None else body)
    )


def fields(data: bytes) -> tuple[int, int, int, int]:
    """Payload type, sequence number, timestamp, SSRC."""
    _, marker, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", data)
    return marker & 0x7F, sequence, timestamp, ssrc


def is_rtcp(data: bytes) -> bool:
    return 192 <= data[1] <= 223


def camera(owner: int = PUBLISHER, ssrc: int = CAMERA, rtx: int = CAMERA_RTX) -> Source:
    return Source(owner, ssrc, rtx, Codec.VP8, Format(96, 97), IDS)


def microphone(owner: int = PUBLISHER, ssrc: int = MICROPHONE) -> Source:
    return Source(owner, ssrc, 0, Codec.OPUS, Format(111), IDS)


def slot(owner: int = SUBSCRIBER, ssrc: int = 5000, *, rtx: bool = True, ids: Extensions = IDS) -> Slot:
    formats = {codec: Format(f.payload_type + 10, f.rtx + 10 if rtx else 0) for codec, f in VIDEO.items()}
    return Slot(owner, ssrc, ssrc + 1 if rtx else 0, Kind.VIDEO, formats, ids)


def peer(number: int, bitrate: int = 1_000_000_000) -> Peer:
    return Peer(number, bitrate)
