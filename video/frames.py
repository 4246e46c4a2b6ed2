"""Packets of one track in, whole frames out: put in order, gaps waited for, what cannot be decoded left out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from aiortc.codecs.h264 import H264PayloadDescriptor
from aiortc.codecs.vpx import VpxPayloadDescriptor

from video import rtp
from video.model import Codec, Kind

_PATIENCE_US: Final = 500_000
"""So long a missing packet may still be repaired."""
_HELD: Final = 2_048


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture, or one packet of sound."""

    timestamp: int
    """In ticks of the codec's clock; does not wrap."""
    at: int
    """When its first packet came, in microseconds UTC."""
    data: bytes
    key: bool


@dataclass(slots=True, eq=False)
class Assembler:
    """One track."""

    codec: Codec
    wants_keyframe: bool = False
    """Whether nothing can be kept until a keyframe comes."""
    lost: int = 0
    """Packets that never came."""
    _held: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    _next: int = -1
    _timestamp: int = -1
    _parts: list[bytes] = field(default_factory=list)
    _began: tuple[int, int] | None = None
    """Timestamp and arrival of the picture that is being put together."""
    _whole: bool = False

    def __post_init__(self) -> None:
        self.wants_keyframe = self.codec.kind is Kind.VIDEO

    def push(self, packet: bytes, at: int) -> Iterator[Frame]:
        """Take a packet that came at ``at`` (microseconds UTC); yield what is whole now. Malformed ones are lost."""
        try:
            rtp.payload_at(packet)
        except ValueError:
            return
        sequence = int.from_bytes(packet[2:4], "big")
        if self._next < 0:
            self._next = sequence + 0x10000
        step = (sequence - self._next) & 0xFFFF
        number = self._next + (step if step < 0x8000 else step - 0x10000)
        if number < self._next:
            return
        self._held[number] = (at, packet)
        yield from self._ready()
        while self._held and (at - min(self._held.values())[0] > _PATIENCE_US or len(self._held) > _HELD):
            yield from self._skip()

    def flush(self) -> Iterator[Frame]:
        """Yield what is left, at the end."""
        while self._held:
            yield from self._skip()

    def extend(self, timestamp: int) -> int:
        """Return a timestamp of the track as frames have it, which do not wrap."""
        if self._timestamp < 0:
            return timestamp + 0x1_0000_0000
        step = (timestamp - self._timestamp) & 0xFFFFFFFF
        return self._timestamp + (step if step < 0x8000_0000 else step - 0x1_0000_0000)

    def _skip(self) -> Iterator[Frame]:
        first = min(self._held)
        self.lost += first - self._next
        if first > self._next and self.codec.kind is Kind.VIDEO:
            # What follows refers to what is missing.
            self._began = None
            self.wants_keyframe = True
        self._next = first
        yield from self._ready()

    def _ready(self) -> Iterator[Frame]:
        while self._next in self._held:
            at, packet = self._held.pop(self._next)
            self._next += 1
            body = packet[rtp.payload_at(packet) : len(packet) - rtp.padding(packet)]
            if not body:
                continue
            timestamp = self._unwrap(int.from_bytes(packet[4:8], "big"))
            if self.codec is Codec.OPUS:
                yield Frame(timestamp, at, body, key=True)
            else:
                yield from self._picture(body, timestamp, at, last=bool(packet[1] & 0x80))

    def _unwrap(self, timestamp: int) -> int:
        self._timestamp = self.extend(timestamp)
        return self._timestamp

    def _picture(self, body: bytes, timestamp: int, at: int, *, last: bool) -> Iterator[Frame]:
        try:
            begins, data = self._unpack(body)
        except (ValueError, IndexError):
            self._began, self.wants_keyframe = None, True
            return
        if self._began is None or self._began[0] != timestamp:
            self._began, self._parts, self._whole = (timestamp, at), [], begins
        self._parts.append(data)
        if not last:
            return
        picture = b"".join(self._parts)
        key = _is_keyframe(self.codec, picture)
        began, self._began = self._began, None
        if self._whole and picture and (key or not self.wants_keyframe):
            self.wants_keyframe = False
            yield Frame(began[0], began[1], picture, key)

    def _unpack(self, body: bytes) -> tuple[bool, bytes]:
        if self.codec is Codec.VP8:
            descriptor, data = VpxPayloadDescriptor.parse(body)
            return descriptor.partition_start == 1 and descriptor.partition_id == 0, data
        unit, data = H264PayloadDescriptor.parse(body)
        return unit.first_fragment, data


def _is_keyframe(codec: Codec, picture: bytes) -> bool:
    if codec is Codec.VP8:
        return len(picture) >= 10 and not picture[0] & 1
    units = {part[0] & 0x1F for part in picture.split(b"\0\0\0\1") if part}
    return {5, 7} <= units


def picture_size(picture: bytes) -> tuple[int, int]:
    """Return width and height of a VP8 keyframe (RFC 6386, 9.1)."""
    return int.from_bytes(picture[6:8], "little") & 0x3FFF, int.from_bytes(picture[8:10], "little") & 0x3FFF
