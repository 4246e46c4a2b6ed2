"""The sound of a room for one telephone, and the telephone's for the room. Pure: packets in, packets out, no time.

Both directions go on by themselves: a telephone that sends nothing, or loses packets, hears the room all the same.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Final, Literal

import av

from video.rtp import HEADER, padding, payload_at
from video.voice import RATE, SAMPLES, SILENCE, Voice

OPUS: Final = 111
"""The payload type that we offer to the room."""
TICK_S: Final = SAMPLES / RATE
"""``Exchange.tick`` is to be called so often."""
_LAW: Final = 8
"""G.711 A-law (RFC 3551)."""
_VOICES: Final = 16
"""As many as a room has participants."""
_BITRATE: Final = 24_000
_LOUDEST: Final = 32_000
_EASE: Final = 0.05
"""By so much of full loudness a frame what was too loud may come back."""


class Mixer:
    """Adds voices up. What is too loud together is turned down, not cut off, and comes back slowly."""

    def __init__(self) -> None:
        self._gain = 1.0

    def mixed(self, frames: Sequence[bytes]) -> bytes:
        """Return the sum of 20 ms each, 16 bits a sample."""
        if len(frames) < 2 and self._gain == 1.0:
            return frames[0] if frames else SILENCE
        sums = [sum(samples) for samples in zip(*(array("h", f) for f in frames or [SILENCE]), strict=True)]
        loudest = max(map(abs, sums))
        before, after = self._gain, min(1.0, self._gain + _EASE, _LOUDEST / max(loudest, 1))
        self._gain = after
        if before == after == 1.0:
            return array("h", sums).tobytes()
        step = (after - before) / SAMPLES
        return array("h", [_cut(int(s * (before + step * n))) for n, s in enumerate(sums)]).tobytes()


class Exchange:
    """Both directions of one telephone. It does not hear itself: the room does not send it its own voice."""

    def __init__(self, ssrc: int) -> None:
        self.ssrc: Final = ssrc
        self._voices: dict[int, Voice] = {}
        self._mixer = Mixer()
        self._said = Voice("pcm_alaw")
        self._law = _encoder("pcm_alaw")
        self._opus = _encoder("libopus")
        self._up = self._down = 0

    def from_room(self, packet: bytes) -> None:
        """Take an RTP packet of somebody's voice, decrypted."""
        if (opus := _payload(packet)) is None:
            return
        _, _, sequence, _, ssrc = HEADER.unpack_from(packet)
        if ssrc not in self._voices:
            if len(self._voices) >= _VOICES:
                # Who has left is never heard again.
                del self._voices[next(iter(self._voices))]
            self._voices[ssrc] = Voice("libopus")
        self._voices[ssrc].take(sequence, opus)

    def from_telephone(self, packet: bytes) -> None:
        """Take an RTP packet of G.711 A-law."""
        if (law := _payload(packet)) is not None and packet[1] & 0x7F == _LAW:
            self._said.take(HEADER.unpack_from(packet)[2], law)

    def tick(self) -> tuple[list[bytes], list[bytes]]:
        """Return the next 20 ms: what goes to the room, and what to the telephone."""
        heard = [part for voice in self._voices.values() if (part := voice.next()) is not None]
        room = [self._upwards(opus) for opus in _encoded(self._opus, self._said.next() or SILENCE)]
        back = [self._downwards(law) for law in _encoded(self._law, self._mixer.mixed(heard))]
        return room, back

    def _upwards(self, opus: bytes) -> bytes:
        self._up += 1
        # RTP counts Opus at 48,000 a second whatever is inside (RFC 7587, 4.1).
        head = HEADER.pack(0x80, OPUS, self._up & 0xFFFF, self._up * 6 * SAMPLES & 0xFFFFFFFF, self.ssrc)
        return head + opus

    def _downwards(self, law: bytes) -> bytes:
        self._down += 1
        return (
            HEADER.pack(0x80, _LAW, self._down & 0xFFFF, self._down * SAMPLES & 0xFFFFFFFF, self.ssrc) + law
        )


def _payload(packet: bytes) -> bytes | None:
    try:
        return packet[payload_at(packet) : len(packet) - padding(packet)] or None
    except ValueError:
        return None


def _cut(sample: int) -> int:
    return max(-32_768, min(32_767, sample))


def _encoder(name: Literal["pcm_alaw", "libopus"]) -> av.AudioCodecContext:
    codec = av.CodecContext.create(name, "w")
    codec.sample_rate, codec.layout, codec.format = RATE, "mono", "s16"
    if name == "libopus":
        codec.bit_rate = _BITRATE
        # A visitor in a weak network makes a lost packet good from the next one.
        codec.options = {"frame_duration": "20", "application": "voip", "fec": "1", "packet_loss": "5"}
    return codec


def _encoded(codec: av.AudioCodecContext, sound: bytes) -> list[bytes]:
    frame = av.AudioFrame(format="s16", layout="mono", samples=SAMPLES)
    frame.sample_rate = RATE
    frame.planes[0].update(sound.ljust(frame.planes[0].buffer_size, b"\0"))
    return [bytes(packet) for packet in codec.encode(frame)]
