"""A room for tests of the hot path: one publisher with a camera, one subscriber."""

from __future__ import annotations

from aiortc.rtp import AnyRtcpPacket, RtcpPacket, RtcpPsfbPacket, RtcpRtpfbPacket, unpack_remb_fci

from tests.unit.video.media import PUBLISHER, SUBSCRIBER, camera, peer, slot
from video.forward import Forwarder
from video.streams import Slot


class Room:
    """A publisher with a camera and a subscriber with one slot."""

    def __init__(self, one: Slot | None = None) -> None:
        self.now = 100.0
        self.forwarder = Forwarder(1_356)
        self.camera = camera()
        self.slot = one or slot()
        self.forwarder.join(peer(PUBLISHER), [self.camera], [])
        self.forwarder.join(peer(SUBSCRIBER), [], [self.slot])
        self.said: list[bytes] = []
        self.keep(self.forwarder.attach(self.slot, self.camera, self.now))

    def keep(self, out: list[tuple[bytes, int]]) -> list[bytes]:
        """Put what goes to the publisher aside and return what goes to the subscriber."""
        self.said += [data for data, to in out if to == PUBLISHER]
        return [data for data, to in out if to == SUBSCRIBER]

    def send(self, data: bytes, after: float = 0.005) -> list[bytes]:
        self.now += after
        return self.keep(self.forwarder.rtp(PUBLISHER, data, self.now))

    def subscriber_says(self, *packets: AnyRtcpPacket) -> list[bytes]:
        return self.keep(self.forwarder.rtcp(SUBSCRIBER, b"".join(bytes(one) for one in packets), self.now))

    def tick(self, after: float = 0.05) -> list[bytes]:
        self.now += after
        return self.keep(self.forwarder.tick(self.now))

    def feedback(self) -> list[RtcpRtpfbPacket | RtcpPsfbPacket]:
        parsed = [one for data in self.said for one in RtcpPacket.parse(data)]
        return [one for one in parsed if isinstance(one, RtcpRtpfbPacket | RtcpPsfbPacket)]

    def asked_again(self) -> list[int]:
        nacks = [one for one in self.feedback() if isinstance(one, RtcpRtpfbPacket) and one.fmt == 1]
        return [number & 0xFFFF for one in nacks for number in one.lost]

    def keyframe_requests(self) -> int:
        return sum(isinstance(one, RtcpPsfbPacket) and one.fmt == 1 for one in self.feedback())

    def allowance(self) -> int:
        (got,) = [one for one in self.feedback() if isinstance(one, RtcpPsfbPacket) and one.fmt == 15]
        return unpack_remb_fci(got.fci)[0]
