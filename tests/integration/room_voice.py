"""Somebody in a video room who is only a tone and ears."""

from __future__ import annotations

import asyncio
import itertools
import math
from array import array
from contextlib import suppress
from typing import Final

import av

from pbx.probe.tone import longest_ms
from video.client import Client
from video.rtp import HEADER, payload_at

_RATE: Final = 48_000
_STEP: Final = 960
_OPUS: Final = 111
_SLOTS: Final = 5


class RoomVoice(Client):
    """Sends a tone in Opus, or what it is given to say, and keeps what it hears of everybody, by sender."""

    def __init__(self, hertz: int) -> None:
        super().__init__()
        self.hertz = hertz
        self.heard = self._hear
        self.said: array[int] | None = None
        """Said again and again instead of the tone: 8,000 samples a second."""
        self._ears: dict[int, tuple[av.AudioCodecContext, av.AudioResampler, array[int]]] = {}
        self._saying: asyncio.Task[None] | None = None

    def offer(self) -> str:
        directions = ("sendonly", *["recvonly"] * _SLOTS)
        lines = self.head([str(mid) for mid in range(len(directions))], "actpass")
        for mid, direction in enumerate(directions):
            lines += [f"m=audio 9 UDP/TLS/RTP/SAVPF {_OPUS}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}"]
            lines += [f"a={direction}", "a=rtcp-mux", f"a=rtpmap:{_OPUS} opus/48000/2"]
            lines += [f"a=ssrc:{self.hertz} cname:tone"] * (direction == "sendonly")
        return "\r\n".join(lines) + "\r\n"

    def speak(self) -> None:
        self._saying = asyncio.create_task(self._say(), name=f"tone-{self.hertz}")

    async def close(self) -> None:
        if self.socket.fileno() < 0:
            return
        if self._saying is not None:
            self._saying.cancel()
            with suppress(asyncio.CancelledError):
                await self._saying
        await super().close()

    def hears(self, hertz: int) -> bool:
        """Whether a tone was in the last second of anybody's sound."""
        return any(longest_ms(sound[-8_000:], 8_000, hertz) >= 300 for _, _, sound in self._ears.values())

    def ears(self) -> list[array[int]]:
        """Return what was heard of each, 8,000 samples a second."""
        return [sound for _, _, sound in self._ears.values()]

    def forget(self) -> None:
        """Hear only what comes from now on."""
        self._ears.clear()

    async def _say(self) -> None:
        codec = av.CodecContext.create("libopus", "w")
        codec.sample_rate, codec.layout, codec.format = _RATE, "mono", "s16"
        begun = asyncio.get_running_loop().time()
        for number in itertools.count():
            at = number * _STEP
            wave = self._wave(at)
            frame = av.AudioFrame(format="s16", layout="mono", samples=_STEP)
            frame.sample_rate = _RATE
            frame.planes[0].update(wave.tobytes().ljust(frame.planes[0].buffer_size, b"\0"))
            for packet in codec.encode(frame):
                self.send(HEADER.pack(0x80, _OPUS, number & 0xFFFF, at, self.hertz) + bytes(packet))
            await asyncio.sleep(max(0, begun + (number + 1) * 0.02 - asyncio.get_running_loop().time()))

    def _wave(self, at: int) -> array[int]:
        if self.said is not None:
            # Six times each: the steps between lie above what a telephone lets through.
            return array("h", (self.said[(at + i) // 6 % len(self.said)] for i in range(_STEP)))
        turn = 2 * math.pi * self.hertz / _RATE
        return array("h", (int(8_000 * math.sin(turn * (at + i))) for i in range(_STEP)))

    def _hear(self, data: bytes) -> None:
        if 192 <= data[1] <= 223:
            return
        packet = self.open_media(data)
        ssrc = HEADER.unpack_from(packet)[4]
        if ssrc not in self._ears:
            narrow = av.AudioResampler(format="s16", layout="mono", rate=8_000)
            self._ears[ssrc] = (av.CodecContext.create("libopus", "r"), narrow, array("h"))
        codec, narrow, sound = self._ears[ssrc]
        for frame in codec.decode(av.Packet(packet[payload_at(packet) :])):
            for part in narrow.resample(frame):
                sound.frombytes(bytes(part.planes[0])[: 2 * part.samples])
