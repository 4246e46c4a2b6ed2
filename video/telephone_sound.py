"""The sound of a room for one telephone, and the telephone's for the room. Pure: packets in, packets out, no time.

The telephone's packets are the clock: each carries 20 ms, and for each one of 20 ms goes back.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final, Literal

import av

from video.rtp import HEADER, padding, payload_at

OPUS: Final = 111
"""The payload type that we offer to the room."""
RATE: Final = 8_000
"""Samples a second. G.711 has no more."""
_SAMPLES: Final = 160
_FRAME: Final = 2 * _SAMPLES
"""Bytes of 20 ms, 16 bits a sample."""
_READY: Final = 2 * _FRAME
"""A voice is heard once so much of it is there: packets come unevenly."""
_LONGEST: Final = 10 * _FRAME
"""What is late by more is dropped."""
_VOICES: Final = 16
"""As many as a room has participants."""
_BITRATE: Final = 24_000
_SILENCE: Final = bytes(_FRAME)


class Voice:
    """One of those in the room, as it comes."""

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("libopus", "r")
        self._narrow = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        self._sound = bytearray()
        self._last: int | None = None
        self._heard = False

    def take(self, sequence: int, opus: bytes) -> None:
        """Take a packet. One that came late or twice is dropped, and so is what cannot be decoded."""
        if self._last is not None and not 0 < (sequence - self._last) & 0xFFFF < 0x8000:
            return
        self._last = sequence
        try:
            frames = self._decoder.decode(av.Packet(opus))
        except av.FFmpegError:
            return
        for frame in frames:
            assert isinstance(frame, av.AudioFrame)
            for part in self._narrow.resample(frame):
                self._sound += bytes(part.planes[0])[: 2 * part.samples]
        if len(self._sound) > _LONGEST:
            del self._sound[:-_READY]

    def next(self) -> bytes | None:
        """Return the next 20 ms, or None while there are none."""
        self._heard = len(self._sound) >= (_FRAME if self._heard else _READY)
        if not self._heard:
            return None
        frame = bytes(self._sound[:_FRAME])
        del self._sound[:_FRAME]
        return frame


def mixed(frames: Sequence[bytes]) -> bytes:
    """Return the sum of samples of 16 bits; what is too loud is cut off."""
    if len(frames) < 2:
        return frames[0] if frames else _SILENCE
    sums = map(sum, zip(*(array("h", frame) for frame in frames), strict=True))
    return array("h", [max(-32_768, min(32_767, sample)) for sample in sums]).tobytes()


class Exchange:
    """Both directions of one telephone. It does not hear itself: the room does not send it its own voice."""

    def __init__(self, ssrc: int) -> None:
        self.ssrc: Final = ssrc
        self._voices: dict[int, Voice] = {}
        self._unlaw = _codec("pcm_alaw", "r")
        self._law = _codec("pcm_alaw", "w")
        self._opus = _codec("libopus", "w")
        self._said = bytearray()
        self._up = self._down = 0

    def from_room(self, packet: bytes) -> None:
        """Take an RTP packet of somebody's voice, decrypted."""
        try:
            at = payload_at(packet)
        except ValueError:
            return
        _, _, sequence, _, ssrc = HEADER.unpack_from(packet)
        opus = packet[at : len(packet) - padding(packet)]
        if ssrc not in self._voices and len(self._voices) >= _VOICES:
            # Who has left is never heard again.
            del self._voices[next(iter(self._voices))]
        if opus:
            self._voices.setdefault(ssrc, Voice()).take(sequence, opus)

    def from_telephone(self, packet: bytes) -> tuple[list[bytes], list[bytes]]:
        """Take an RTP packet of G.711 A-law; return what goes to the room, and what back to the telephone."""
        try:
            law = packet[payload_at(packet) : len(packet) - padding(packet)]
        except ValueError:
            return [], []
        if packet[1] & 0x7F != 8 or not law:
            return [], []
        for frame in self._unlaw.decode(av.Packet(law)):
            assert isinstance(frame, av.AudioFrame)
            self._said += bytes(frame.planes[0])[: 2 * frame.samples]
        room: list[bytes] = []
        back: list[bytes] = []
        while len(self._said) >= _FRAME:
            said = bytes(self._said[:_FRAME])
            del self._said[:_FRAME]
            room += [self._upwards(opus) for opus in _encoded(self._opus, said)]
            heard = [part for voice in self._voices.values() if (part := voice.next()) is not None]
            back += [self._downwards(sound) for sound in _encoded(self._law, mixed(heard))]
        return room, back

    def _upwards(self, opus: bytes) -> bytes:
        self._up += 1
        # RTP counts Opus at 48,000 a second whatever is inside (RFC 7587, 4.1).
        head = HEADER.pack(0x80, OPUS, self._up & 0xFFFF, self._up * 6 * _SAMPLES & 0xFFFFFFFF, self.ssrc)
        return head + opus

    def _downwards(self, law: bytes) -> bytes:
        self._down += 1
        return HEADER.pack(0x80, 8, self._down & 0xFFFF, self._down * _SAMPLES & 0xFFFFFFFF, self.ssrc) + law


def _codec(name: Literal["pcm_alaw", "libopus"], mode: Literal["r", "w"]) -> av.AudioCodecContext:
    codec = av.CodecContext.create(name, mode)
    codec.sample_rate = RATE
    codec.layout = "mono"
    if mode == "w":
        codec.format = "s16"
    if name == "libopus":
        codec.bit_rate = _BITRATE
        codec.options = {"frame_duration": "20", "application": "voip"}
    return codec


def _encoded(codec: av.AudioCodecContext, sound: bytes) -> list[bytes]:
    frame = av.AudioFrame(format="s16", layout="mono", samples=_SAMPLES)
    frame.sample_rate = RATE
    frame.planes[0].update(sound.ljust(frame.planes[0].buffer_size, b"\0"))
    return [bytes(packet) for packet in codec.encode(frame)]
