"""Words of the forwarding unit: what a stream is, and what limits hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, NewType

ParticipantId = NewType("ParticipantId", str)
"""Somebody in a room; chosen by the control process, unique within the room."""

RoomId = NewType("RoomId", str)
"""A room is the conversation of one interaction and has its id."""

Mid = NewType("Mid", str)
"""A media section of a client's offer (RFC 8843)."""


class Kind(StrEnum):
    """What a stream carries."""

    AUDIO = "audio"
    VIDEO = "video"


class Codec(StrEnum):
    """How it is encoded. Nothing is ever transcoded: a subscriber has to know the publisher's codec."""

    OPUS = "opus"
    VP8 = "vp8"
    H264 = "h264"

    @property
    def kind(self) -> Kind:
        """What it encodes."""
        return Kind.AUDIO if self is Codec.OPUS else Kind.VIDEO

    @property
    def clock_hz(self) -> int:
        """Ticks of an RTP timestamp a second."""
        return 48_000 if self is Codec.OPUS else 90_000


class Role(StrEnum):
    """What somebody may do in a room."""

    PARTICIPANT = "participant"
    LISTENER = "listener"
    """A supervisor: receives everything, is not announced to anybody, can never send."""


class Label(StrEnum):
    """What a published stream shows."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"


class Extensions(NamedTuple):
    """The header extension ids (RFC 8285, 1 to 14) that were agreed on; 0 is none."""

    transport_sequence: int = 0
    """Transport-wide congestion control. Numbers count per transport, so it is never forwarded."""
    send_time: int = 0
    """abs-send-time. Written anew for every receiver."""
    level: int = 0
    """ssrc-audio-level."""
    orientation: int = 0
    """3gpp:video-orientation: which way up a telephone is held."""


class Format(NamedTuple):
    """The payload types of a codec on one connection; ``rtx`` is 0 where there is no retransmission format."""

    payload_type: int
    rtx: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one worker, room and participant may use."""

    participants: int = 400
    """In one worker."""
    in_room: int = 16
    sources: int = 4
    """Streams that one participant publishes."""
    slots: int = 16
    """Streams that one participant receives at once."""
    bitrate: int = 2_500_000
    """Bits a second that a participant may publish; asked for by REMB, enforced at twice as much."""
    packet: int = 1_356
    """Bytes of a decrypted RTP packet; libsrtp's buffer ends at 1,500 with its trailer."""
    message: int = 16_384
    """Bytes of a data channel message."""
    messages_s: int = 50
    """Data channel messages a second."""


REMB_FLOOR: Final = 150_000
"""A publisher is never asked for less, in bits a second: below it a face is no longer one."""
