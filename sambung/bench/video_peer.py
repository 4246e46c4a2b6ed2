"""A client of the forwarding unit without a browser: it sends ready-made packets and counts what comes back.

It is the load of `bin/bench video` and the attacker of the tests, so it can also send what no browser would.
"""

from __future__ import annotations

import itertools
import re
import secrets
import struct
from typing import Final

from video.client import Client


class Peer(Client):
    """One connection: a microphone-less camera, and slots."""

    def __init__(self, slots: int = 1, sends: bool = True) -> None:
        super().__init__()
        self.ssrc: Final = secrets.randbelow(0xFFFFFFFE) + 1
        self.received = 0
        self.bytes = 0
        self._slots, self._sends = slots, sends
        self._sequence = itertools.count(secrets.randbelow(0x8000))

    def offer(self) -> str:
        """Return the offer: a VP8 camera that sends, if it does, and slots."""
        directions = ["sendonly"] * self._sends + ["recvonly"] * self._slots
        lines = self.head([str(mid) for mid in range(len(directions))], "actpass")
        for mid, direction in enumerate(directions):
            lines += self._section(str(mid), direction, 96)
        return "\r\n".join(lines) + "\r\n"

    def answer(self, offer: str) -> str:
        """Return an answer that takes the VP8 of another's offer (Janus offers to subscribers)."""
        found = re.search(r"a=rtpmap:(\d+) VP8/90000", offer)
        mid = re.search(r"a=mid:(\S+)", offer)
        if not found or not mid:
            raise ConnectionError("the offer has no VP8")
        lines = self.head([mid[1]], "active") + self._section(mid[1], "recvonly", int(found[1]))
        return "\r\n".join(lines) + "\r\n"

    def _section(self, mid: str, direction: str, payload_type: int) -> list[str]:
        port = self.socket.getsockname()[1]
        lines = [
            f"m=video 9 UDP/TLS/RTP/SAVPF {payload_type}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            f"a={direction}",
        ]
        lines += ["a=rtcp-mux", f"a=rtpmap:{payload_type} VP8/90000"]
        lines += [f"a=rtcp-fb:{payload_type} {said}" for said in ("nack", "nack pli")]
        lines += [f"a=candidate:1 1 udp 2122260223 127.0.0.1 {port} typ host", "a=end-of-candidates"]
        return lines + [f"a=ssrc:{self.ssrc} cname:bench"] * (direction == "sendonly")

    def camera(self, size: int, *, key: bool = False, timestamp: int = 0) -> bytes:
        """Return the next packet of the camera, with ``size`` bytes of payload."""
        head = struct.pack("!BBHII", 0x80, 96, next(self._sequence) & 0xFFFF, timestamp, self.ssrc)
        return head + bytes([0x10, 0x00 if key else 0x01]) + bytes(max(size - 2, 0))

    def media(self, data: bytes) -> None:
        """Count what comes."""
        if not 192 <= data[1] <= 223:
            self.received += 1
            self.bytes += len(data)
        super().media(data)
