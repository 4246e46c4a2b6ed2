"""A worker's line to the recorder: decrypted packets over a Unix socket, never over a network.

The socket is SOCK_SEQPACKET: as with datagrams each send is one message, but the kernel's limit is bytes, not ten
messages, and the end of the recorder is noticed at once. While it is away packets are dropped: a worker waits for
nobody. When it is back every track begins anew, so the gap is known.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from struct import Struct
from typing import Final

import msgspec
import structlog

from video.model import Codec, Label, ParticipantId, RoomId

log: Final = structlog.get_logger(__name__)

PACKET: Final = Struct("!BIQ")
"""Kind, track, arrival in microseconds UTC; the RTP packet follows."""
KIND_PACKET: Final = 1
KIND_MESSAGE: Final = 2
LONGEST: Final = 4_096

_BUFFER: Final = 4 * 1024 * 1024


class Begin(msgspec.Struct, frozen=True, tag=True):
    """Packets of a track follow."""

    track: int
    room: RoomId
    participant: ParticipantId
    label: Label
    codec: Codec
    at: int
    """Microseconds UTC."""


class Report(msgspec.Struct, frozen=True, tag=True):
    """The publisher says which RTP time is which moment of its own clock (RFC 3550, 6.4.1)."""

    track: int
    ntp: int
    rtp: int
    at: int


class End(msgspec.Struct, frozen=True, tag=True):
    """No more packets of a track."""

    track: int
    at: int


class Finish(msgspec.Struct, frozen=True, tag=True):
    """A room's recording is over."""

    room: RoomId
    at: int


class KeyframeWanted(msgspec.Struct, frozen=True, tag=True):
    """From the recorder: it cannot go on with a track until a keyframe comes."""

    track: int


ToRecorder = Begin | Report | End | Finish
FromRecorder = KeyframeWanted


class RecorderLink:
    """The worker's end."""

    def __init__(self, path: Path, keyframe: Callable[[int], None], away: Callable[[bool], None]) -> None:
        """``keyframe`` is called with a track; ``away`` when the recorder went or came back."""
        self.dropped = 0
        """Packets that the recorder did not take in time."""
        self._path = path
        self._keyframe = keyframe
        self._away = away
        self._socket: socket.socket | None = None
        self._open: dict[int, Begin] = {}
        self._told_away = False

    def connect(self) -> None:
        """Connect unless connected. Call it now and then: there is nobody to wait for."""
        if self._socket is not None:
            return
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        try:
            sock.connect(str(self._path))
        except OSError:
            sock.close()
            # A worker without a recording needs no recorder.
            if self._open and not self._told_away:
                self._tell(away=True)
            return
        self._socket = sock
        asyncio.get_running_loop().add_reader(sock.fileno(), self._readable)
        if self._told_away:
            self._tell(away=False)
        for begin in self._open.values():
            self._say(begin)

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    @property
    def tracks(self) -> frozenset[int]:
        """The tracks that are being recorded."""
        return frozenset(self._open)

    def begin(self, begin: Begin) -> None:
        """Record a track from now on."""
        self._open[begin.track] = begin
        self.connect()
        self._say(begin)

    def packet(self, track: int, at: int, packet: bytes) -> None:
        """Hand over a packet that came at ``at`` (microseconds UTC)."""
        if self._socket is None:
            self.dropped += 1
            return
        try:
            self._socket.send(PACKET.pack(KIND_PACKET, track, at) + packet)
        except BlockingIOError:
            self.dropped += 1
        except OSError:
            self._lost()

    def report(self, report: Report) -> None:
        """Hand over what a publisher says of its clock."""
        self._say(report)

    def end(self, end: End) -> None:
        """Record a track no longer."""
        if self._open.pop(end.track, None) is not None:
            self._say(end)

    def finish(self, finish: Finish) -> None:
        """Let the recorder finish a room."""
        self.connect()
        self._say(finish)

    def _say(self, message: ToRecorder) -> None:
        if self._socket is None:
            return
        try:
            self._socket.send(bytes([KIND_MESSAGE]) + msgspec.json.encode(message))
        except OSError:
            # One that does not take a message is as good as gone; when it is back it hears everything again.
            self._lost()

    def _readable(self) -> None:
        assert self._socket is not None
        try:
            data = self._socket.recv(LONGEST)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._lost()
            return
        try:
            self._keyframe(msgspec.json.decode(data, type=FromRecorder).track)
        except msgspec.DecodeError:
            log.warning("the recorder says what is not understood")

    def _lost(self) -> None:
        self.close()
        if self._open:
            self._tell(away=True)

    def _tell(self, *, away: bool) -> None:
        self._told_away = away
        log.warning("the recorder is away" if away else "the recorder is back")
        self._away(away)
