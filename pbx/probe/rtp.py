"""The sound of one call over RTP (RFC 3550): a tone out, a WAV file in, and keys both ways (RFC 4733).

Nothing here waits: the telephone calls ``tick`` every 20 ms for each of its calls.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import struct
import wave
from bisect import bisect_left
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

from pbx.probe.sip import PCMA, Address, Media

TICK_S: Final = 0.02
DISCARD: Final = 9
"""The port to which nobody's sound goes."""
_RATE: Final = 8000
_FRAME: Final = 160
_AMPLITUDE: Final = 12000
_PRIME: Final = 3
"""Frames to hold before the first is written, so that a late packet leaves no hole."""
_LATE: Final = 25
"""Frames to hold at most."""
_KEYS: Final = "0123456789*#ABCD"
_KEY_FRAMES: Final = 5
_GAP_FRAMES: Final = 4
_FIRST: Final = itertools.count(65_000, -1_000)
"""Where sequence numbers begin. Real ones do so by chance; each of ours begins lower than the last, because it is
lower numbers that Asterisk takes for packets that come too late (docs/decisions/0020)."""


class Sound(asyncio.DatagramProtocol):
    """One RTP socket on 127.0.0.1. Get one from ``open_sound``."""

    def __init__(self, on_key: Callable[[str], None]) -> None:
        self.port = 0
        self.tone = 0
        """Hertz to send; 0 is silence."""
        self.said = b""
        """Samples of 16 bits to send again and again instead."""
        self._on_key = on_key
        self._transport: asyncio.DatagramTransport | None = None
        self._media: Media | None = None
        self._wav: wave.Wave_write | None = None
        self._heard: deque[bytes] = deque(maxlen=_LATE)
        self._primed = False
        self._sent = next(_FIRST) & 0xFFFF
        self._events: deque[tuple[int, bytes] | None] = deque()
        self._last_event = -1

    @property
    def has_started(self) -> bool:
        """Whether sound goes to and fro."""
        return self._media is not None

    def start(self, media: Media, file: Path) -> None:
        """Begin to send and to write, or go on with another address."""
        self._media = media
        if self._wav is None:
            self._wav = wave.open(str(file), "wb")  # noqa: SIM115 - closed by close()
            self._wav.setparams((1, 2, _RATE, 0, "NONE", "not compressed"))

    def press(self, keys: str) -> None:
        """Send keys, one after the other. Raises ValueError if one is no key or the other side takes none."""
        if not self._media or self._media.events is None:
            raise ValueError("the other side takes no keys")
        for key in keys:
            self._queue_key(_KEYS.index(key.upper()))

    def tick(self) -> None:
        """Write 20 ms of what was heard, and send 20 ms."""
        if not self._media or not self._wav or not self._transport:
            return
        self._primed = self._primed or len(self._heard) >= _PRIME
        frame = self._heard.popleft() if self._primed and self._heard else bytes(2 * _FRAME)
        self._wav.writeframes(frame)
        payload, kind, marker, back = self._tone_frame(), self._media.codec, False, 0
        if self._events and (event := self._events.popleft()):
            back, payload = event
            kind, marker = self._media.events or 0, back == 0
        header = struct.pack(
            "!BBHII",
            0x80,
            kind | 0x80 * marker,
            self._sent & 0xFFFF,
            (self._sent - back) * _FRAME & 0xFFFFFFFF,
            self.port,
        )
        self._transport.sendto(header + payload, self._media.to)
        self._sent += 1

    def close(self) -> None:
        """Complete the file and free the port."""
        if self._wav:
            self._wav.close()
        if self._transport:
            self._transport.close()
        self._media = self._wav = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the socket (asyncio calls this)."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Take a packet (asyncio calls this)."""
        if len(data) < 12 or data[0] >> 6 != 2 or not self._media:
            return
        kind, timestamp = data[1] & 0x7F, int.from_bytes(data[4:8], "big")
        payload = data[12 + 4 * (data[0] & 15) :]
        if kind == self._media.events and len(payload) >= 4:
            if timestamp != self._last_event and payload[0] < len(_KEYS):
                self._last_event = timestamp
                self._on_key(_KEYS[payload[0]])
        elif kind == self._media.codec:
            table = _linear(kind)
            self._heard.append(b"".join(map(table.__getitem__, payload)))

    def _queue_key(self, event: int) -> None:
        """Queue one key: frames of growing duration, the last thrice with the end bit, then a pause."""
        for number in range(_KEY_FRAMES + 2):
            ended = number >= _KEY_FRAMES - 1
            duration = _FRAME * min(number + 1, _KEY_FRAMES)
            self._events.append((number, struct.pack("!BBH", event, 10 | 0x80 * ended, duration)))
        self._events.extend([None] * _GAP_FRAMES)

    def _tone_frame(self) -> bytes:
        """Return the next 20 ms of a second that repeats; whole hertz keep it free of clicks."""
        assert self._media is not None
        if self.said:
            frames = len(self.said) // (2 * _FRAME)
            at = self._sent % frames * _FRAME
            samples = memoryview(self.said).cast("h")[at : at + _FRAME]
            return bytes(_nearest(sample, self._media.codec) for sample in samples)
        at = self._sent % (_RATE // _FRAME) * _FRAME
        return _second(self.tone, self._media.codec)[at : at + _FRAME]


async def open_sound(on_key: Callable[[str], None]) -> Sound:
    """Return a socket on any port of 127.0.0.1."""
    loop = asyncio.get_running_loop()
    _, sound = await loop.create_datagram_endpoint(lambda: Sound(on_key), local_addr=("127.0.0.1", 0))
    return sound


def expand(code: int, codec: int) -> int:
    """Return the 16-bit sample of a G.711 byte."""
    if codec == PCMA:
        code ^= 0x55
        segment, step = code >> 4 & 7, code & 15
        size = (step << 4) + 8 if segment == 0 else (step << 4) + 0x108 << segment - 1
        return size if code & 0x80 else -size
    code ^= 0xFF
    size = ((code & 15) << 3) + 0x84 << (code >> 4 & 7)
    return 0x84 - size if code & 0x80 else size - 0x84


@lru_cache
def _linear(codec: int) -> list[bytes]:
    """Return the little-endian sample of each G.711 byte."""
    return [struct.pack("<h", expand(code, codec)) for code in range(256)]


@lru_cache
def _second(tone: int, codec: int) -> bytes:
    """Return a second of a tone (0: silence) in G.711."""
    turn = 2 * math.pi * tone / _RATE
    wanted = (round(_AMPLITUDE * math.sin(turn * n)) for n in range(_RATE))
    return bytes(_nearest(sample, codec) for sample in wanted)


def _nearest(sample: int, codec: int) -> int:
    values, codes = _ordered(codec)
    return codes[min(bisect_left(values, sample), 255)]


@lru_cache
def _ordered(codec: int) -> tuple[list[int], bytes]:
    """Return the samples that G.711 has, the lowest first, and the byte of each."""
    pairs = sorted((expand(code, codec), code) for code in range(256))
    return [value for value, _ in pairs], bytes(code for _, code in pairs)
