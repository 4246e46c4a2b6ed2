"""The far end of a forwarding unit without a browser: the path, the handshake, encryption. Loopback only.

What is sent and what becomes of what comes is for whoever holds it: a telephone in a room, the bench, the tests.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

from aioice import stun
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)

_CHECK_S: Final = 2.5
_SETUP_S: Final = 15.0

Address = tuple[str, int]


class Client:
    """One connection."""

    def __init__(self) -> None:
        self.heard: Callable[[bytes], None] | None = None
        """Gets each datagram of media, if set; encrypted as it came."""
        self.socket: Final = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(("127.0.0.1", 0))
        self._ufrag, self._password = secrets.token_hex(4), secrets.token_hex(16)
        self._certificate = RTCCertificate.generateCertificate()
        self.worker: Address = ("", 0)
        self._wire: asyncio.Queue[bytes] = asyncio.Queue()
        self._keys = ("", "")
        self._dtls: RTCDtlsTransport | None = None
        self._checks: asyncio.Task[None] | None = None

    def head(self, mids: list[str], setup: str) -> list[str]:
        """Return how a description of ours begins."""
        digest = next(f.value for f in self._certificate.getFingerprints() if f.algorithm == "sha-256")
        return [
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            f"a=group:BUNDLE {' '.join(mids)}",
            f"a=fingerprint:sha-256 {digest}",
            f"a=setup:{setup}",
            f"a=ice-ufrag:{self._ufrag}",
            f"a=ice-pwd:{self._password}",
        ]

    async def connect(self, answer: str, host: str = "") -> Self:
        """Prove the path and shake hands with whom ``answer`` (or offer) is from; ``host`` is where, if known better.

        Raises ConnectionError if it does not take part.
        """
        candidate = re.search(r"(?i)candidate:\S+ 1 udp \d+ (\S+) (\d+) typ", answer)
        ufrag, password = re.search(r"ice-ufrag:(\S+)", answer), re.search(r"ice-pwd:(\S+)", answer)
        digest = re.search(r"fingerprint:(\S+) (\S+)", answer)
        if not (candidate and ufrag and password and digest):
            raise ConnectionError("the answer lacks something")
        self.worker = (host or candidate[1], int(candidate[2]))
        self._keys = (ufrag[1], password[1])
        asyncio.get_running_loop().add_reader(self.socket.fileno(), self._readable)
        self._checks = asyncio.create_task(self._check(), name="checks")
        self._dtls = RTCDtlsTransport(self, [self._certificate])  # type: ignore[arg-type] # it is the wire
        self._dtls._srtp_profiles = [SRTP_AEAD_AES_128_GCM]
        # Janus answers as the client; whoever offers leaves it to us.
        self._dtls._set_role("server" if "a=setup:active" in answer else "client")
        with suppress(TimeoutError):
            async with asyncio.timeout(_SETUP_S):
                await asyncio.sleep(0.02)  # the first check goes first
                await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(digest[1], digest[2])]))
        if self._dtls.state != "connected":
            raise ConnectionError(f"DTLS is {self._dtls.state}")
        return self

    async def close(self) -> None:
        """Go away."""
        if self._checks is not None:
            self._checks.cancel()
            with suppress(asyncio.CancelledError):
                await self._checks
            asyncio.get_running_loop().remove_reader(self.socket.fileno())
        if self._dtls is not None:
            await self._dtls.stop()
        self.socket.close()

    # --- sending -------------------------------------------------------------------------------------------

    def send(self, packet: bytes) -> None:
        """Encrypt and send RTP or RTCP."""
        self.raw(self.sealed(packet))

    def sealed(self, packet: bytes) -> bytes:
        """Encrypt RTP or RTCP."""
        assert self._dtls is not None
        session: Any = self._dtls._tx_srtp
        protect = session.protect_rtcp if 192 <= packet[1] <= 223 else session.protect
        data: bytes = protect(packet)
        return data

    def raw(self, data: bytes) -> None:
        """Send a datagram as it is."""
        with suppress(BlockingIOError):
            self.socket.sendto(data, self.worker)

    def check(self, ufrag: str | None = None, password: str | None = None) -> bytes:
        """Return a connectivity check, with wrong credentials if given; an empty password leaves the proof out."""
        ours, secret = self._keys
        name = f"{ours if ufrag is None else ufrag}:{self._ufrag}"
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={"USERNAME": name})
        message.attributes["PRIORITY"] = 1
        message.attributes["ICE-CONTROLLING"] = 1
        message.attributes["USE-CANDIDATE"] = None
        key = secret if password is None else password
        if key:
            message.add_message_integrity(key.encode())
        return bytes(message)

    def _answer_check(self, data: bytes) -> None:
        """Prove to be here to one who asks: Janus does."""
        with suppress(ValueError):
            asked = stun.parse_message(data)
            reply = stun.Message(
                stun.Method.BINDING,
                stun.Class.RESPONSE,
                transaction_id=asked.transaction_id,
                attributes={"XOR-MAPPED-ADDRESS": self.worker},
            )
            reply.add_message_integrity(self._password.encode())
            self.raw(bytes(reply))

    async def _check(self) -> None:
        while True:
            self.raw(self.check())
            await asyncio.sleep(_CHECK_S)

    # --- as aiortc sees a wire -----------------------------------------------------------------------------

    role = "controlling"

    async def _recv(self) -> bytes:
        return await self._wire.get()

    async def _send(self, data: bytes) -> None:
        self.raw(data)

    def _readable(self) -> None:
        for _ in range(256):
            try:
                data = self.socket.recv(2048)
            except BlockingIOError:
                return
            except OSError:
                continue
            if 128 <= data[0] <= 191:
                self.media(data)
            elif 20 <= data[0] <= 63:
                self._wire.put_nowait(data)
            elif data[:2] == b"\0\1":
                self._answer_check(data)

    def media(self, data: bytes) -> None:
        """Take a datagram of media."""
        if self.heard is not None:
            self.heard(data)

    def open_media(self, data: bytes) -> bytes:
        """Decrypt what came."""
        assert self._dtls is not None
        session: Any = self._dtls._rx_srtp
        plain: bytes = (session.unprotect_rtcp if 192 <= data[1] <= 223 else session.unprotect)(data)
        return plain
