"""DTLS, SRTP and the data channel of one connection, by aiortc.

The only file that touches private names of aiortc and pylibsrtp (tests/contract/test_aiortc.py pins them). aiortc
is given a stand-in for its ICE transport and gets DTLS datagrams only: its own packet pump ends at the first
datagram of an unusual size, and costs a task switch a packet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from aiortc import RTCCertificate, RTCDataChannel
from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AES128_CM_SHA1_80,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcsctptransport import RTCSctpCapabilities, RTCSctpTransport
from pylibsrtp import _binding

from core.errors import Refused

_ffi: Final = _binding.ffi
_lib: Final = _binding.lib

_LARGEST: Final = 1_500
_BUFFER: Final = _ffi.new("char[]", 2_048)
"""One for the whole process: a packet is in it from copying in until sent, without an await between."""
_BYTES: Final = _ffi.buffer(_BUFFER)
_VIEW: Final = memoryview(_BYTES)
_LENGTH: Final = _ffi.new("int *")

_HANDSHAKE_S: Final = 10.0
_WAITING: Final = 32
"""DTLS datagrams that wait to be looked at."""
_UNSENT: Final = 262_144
"""Bytes that may wait in a data channel whose other end does not take them."""


class Certificate:
    """The worker's identity: one for all its connections, for as long as the process runs."""

    def __init__(self) -> None:
        self.inner: Final = RTCCertificate.generateCertificate()

    @property
    def fingerprint(self) -> str:
        """What an answer says of it: algorithm and digest."""
        one = next(f for f in self.inner.getFingerprints() if f.algorithm == "sha-256")
        return f"{one.algorithm} {one.value}"


class _Wire:
    """What aiortc takes for an ICE transport."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.arrived: asyncio.Queue[bytes] = asyncio.Queue(_WAITING)
        self._send_now = send

    async def _recv(self) -> bytes:
        return await self.arrived.get()

    async def _send(self, data: bytes) -> None:
        self._send_now(data)


class Tunnel:
    """One connection's secrets. Packets pass once `secure` is true."""

    def __init__(
        self,
        certificate: Certificate,
        send: Callable[[bytes], None],
        heard: Callable[[str, bytes | str], None],
    ) -> None:
        """``send`` puts a DTLS datagram on the wire; ``heard`` gets (label, message) of the data channels."""
        self.secure = False
        self._wire = _Wire(send)
        self._heard = heard
        self._dtls = RTCDtlsTransport(self._wire, [certificate.inner])  # type: ignore[arg-type] # the stand-in
        self._dtls._srtp_profiles = [SRTP_AEAD_AES_128_GCM, SRTP_AES128_CM_SHA1_80]
        self._channels: dict[str, RTCDataChannel] = {}
        self._sessions: tuple[Any, ...] = ()
        """They own the two contexts below."""
        self._receive: Any = None
        self._transmit: Any = None

    async def run(
        self, fingerprints: Sequence[tuple[str, str]], sctp_port: int | None, ready: Callable[[], None]
    ) -> None:
        """Shake hands, call ``ready``, and return when the other side ends the connection.

        ``fingerprints`` are (algorithm, digest) of the certificate that the client announced. Raises Refused
        if it shows another, or none within ten seconds.
        """
        ended = asyncio.Event()
        sctp: RTCSctpTransport | None = None

        def changed() -> None:
            if self._dtls.state in {"closed", "failed"}:
                ended.set()

        self._dtls.on("statechange", changed)
        self._dtls._set_role("server")
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_HANDSHAKE_S):
                    await self._dtls.start(
                        RTCDtlsParameters([RTCDtlsFingerprint(*one) for one in fingerprints])
                    )
            if self._dtls.state != "connected":
                raise Refused("the DTLS handshake failed")
            self._sessions = (self._dtls._rx_srtp, self._dtls._tx_srtp)
            self._receive, self._transmit = (session._srtp[0] for session in self._sessions)
            self.secure = True
            ready()
            if sctp_port is not None:
                sctp = self._sctp()
                await sctp.start(RTCSctpCapabilities(_LARGEST * 8), sctp_port)
            await ended.wait()
        finally:
            self.secure = False
            with suppress(ConnectionError):
                if sctp is not None:
                    await sctp.stop()
                await self._dtls.stop()
            self._channels.clear()

    def feed(self, data: bytes) -> None:
        """Take a DTLS datagram. With too many waiting it is dropped, as a network would."""
        with suppress(asyncio.QueueFull):
            self._wire.arrived.put_nowait(data)

    # --- packets -------------------------------------------------------------------------------------------

    def unprotect(self, data: bytes) -> bytes:
        """Return a received RTP packet decrypted. Raises ValueError for one that is forged, repeated or too long."""
        return self._open(_lib.srtp_unprotect, data)

    def unprotect_rtcp(self, data: bytes) -> bytes:
        """Do so with RTCP."""
        return self._open(_lib.srtp_unprotect_rtcp, data)

    def protect(self, packet: bytes) -> memoryview:
        """Return a packet encrypted, in memory that the next packet takes: send it at once.

        Raises ValueError for one that is too long.
        """
        size = len(packet)
        if size > _LARGEST:
            raise ValueError("too long")
        _BYTES[0:size] = packet
        _LENGTH[0] = size
        seal = _lib.srtp_protect_rtcp if 192 <= packet[1] <= 223 else _lib.srtp_protect
        if code := seal(self._transmit, _BUFFER, _LENGTH):
            raise ValueError(f"libsrtp error {code}")
        return _VIEW[: _LENGTH[0]]

    def _open(self, unseal: Callable[[Any, Any, Any], int], data: bytes) -> bytes:
        size = len(data)
        if size > _LARGEST:
            raise ValueError("too long")
        _BYTES[0:size] = data
        _LENGTH[0] = size
        if code := unseal(self._receive, _BUFFER, _LENGTH):
            raise ValueError(f"libsrtp error {code}")
        plain: bytes = _BYTES[0 : _LENGTH[0]]
        return plain

    # --- messages ------------------------------------------------------------------------------------------

    def say(self, label: str, message: bytes | str) -> bool:
        """Send a message on the data channel with ``label``; return whether there is one that takes it."""
        channel = self._channels.get(label)
        if channel is None or channel.readyState != "open" or channel.bufferedAmount > _UNSENT:
            return False
        channel.send(message)
        return True

    def _sctp(self) -> RTCSctpTransport:
        sctp = RTCSctpTransport(self._dtls)

        def opened(channel: RTCDataChannel) -> None:
            if len(self._channels) >= 4:
                channel.close()
                return
            self._channels[channel.label] = channel
            channel.on("message", lambda message: self._heard(channel.label, message))
            channel.on("close", lambda: self._channels.pop(channel.label, None))

        sctp.on("datachannel", opened)
        return sctp
