"""A small process for one telephone in a room: RTP from Asterisk on one side, a participant of the room on the other.

Coding sound would hold up whoever forwards or decides, so it is done here. Control says what to do on our standard
input, a JSON text a line; when that ends, so do we, and nothing is left of us.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec
import pylibsrtp

from video.client import Client
from video.telephone_messages import Answer, Offer, Offered, Source
from video.telephone_sound import OPUS, TICK_S, Exchange

_SLOTS: Final = 8
"""Voices that are heard at once."""
_BEHIND: Final = 5
"""Ticks that are made up for at once after a stop; more are left out."""


_decoder: Final = msgspec.json.Decoder(Offer | Answer | Source)


class Telephone:
    """The telephone's end in the room."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._connected = False
        self._exchange = Exchange(ssrc=secrets.randbelow(0xFFFFFFFE) + 1)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(("127.0.0.1", 0))
        self._clock: asyncio.TimerHandle | None = None

    async def offer(self) -> Offered:
        """Return an offer for the room, and where Asterisk's sound is expected."""
        await self._leave()
        self._client = Client()
        self._client.heard = self._from_room
        directions = ("sendonly", *["recvonly"] * _SLOTS)
        lines = self._client.head([str(mid) for mid in range(len(directions))], "actpass")
        for mid, direction in enumerate(directions):
            lines += [f"m=audio 9 UDP/TLS/RTP/SAVPF {OPUS}", "c=IN IP4 0.0.0.0", f"a=mid:{mid}"]
            lines += [f"a={direction}", "a=rtcp-mux", f"a=rtpmap:{OPUS} opus/48000/2"]
            lines += [f"a=ssrc:{self._exchange.ssrc} cname:telephone"] * (direction == "sendonly")
        return Offered("\r\n".join(lines) + "\r\n", int(self._socket.getsockname()[1]))

    async def answer(self, answer: Answer) -> None:
        """Connect. Raises ConnectionError."""
        if self._client is not None:
            await self._client.connect(answer.sdp, answer.host)
            self._connected = True

    def source(self, source: Source) -> None:
        """Take sound from there, and send it there."""
        self._socket.connect((source.host, source.port))
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket.fileno(), self._from_asterisk)
        if self._clock is None:
            self._clock = loop.call_later(0, self._tick, loop.time())

    async def close(self) -> None:
        """Let go of everything."""
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        if self._clock is not None:
            self._clock.cancel()
        self._socket.close()
        await self._leave()

    async def _leave(self) -> None:
        self._connected = False
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _from_room(self, data: bytes) -> None:
        if self._client is None or not self._connected or 192 <= data[1] <= 223:
            return
        with suppress(pylibsrtp.Error, ValueError):
            self._exchange.from_room(self._client.open_media(data))

    def _from_asterisk(self) -> None:
        for _ in range(16):
            try:
                packet = self._socket.recv(2048)
            except BlockingIOError:
                return
            except OSError:
                # Asterisk was not there for a moment.
                return
            self._exchange.from_telephone(packet)

    def _tick(self, due: float) -> None:
        """Send what is due by now, and come again."""
        loop = asyncio.get_running_loop()
        due = max(due, loop.time() - _BEHIND * TICK_S)
        while due <= loop.time():
            due += TICK_S
            room, back = self._exchange.tick()
            for one in back:
                with suppress(OSError):
                    self._socket.send(one)
            if self._client is not None and self._connected:
                for one in room:
                    with suppress(pylibsrtp.Error, OSError):
                        self._client.send(one)
        self._clock = loop.call_at(due, self._tick, due)


async def serve(reader: asyncio.StreamReader, say: Callable[[bytes], object]) -> None:
    """Do what is said until there is nothing more to come. Raises ConnectionError if the room does not take part."""
    telephone = Telephone()
    try:
        while line := await reader.readline():
            match _decoder.decode(line):
                case Offer():
                    say(msgspec.json.encode(await telephone.offer()) + b"\n")
                case Answer() as answer:
                    await telephone.answer(answer)
                case Source() as source:
                    telephone.source(source)
    finally:
        await telephone.close()


async def _main() -> None:
    reader = asyncio.StreamReader(limit=1 << 17)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)

    def say(line: bytes) -> None:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()

    await serve(reader, say)


if __name__ == "__main__":
    try:
        asyncio.run(_main())
    except ConnectionError:
        sys.exit(1)
