"""A camera and its viewers on networks that lose packets, in a time of their own: nothing here waits.

The ends do what browsers do: the camera repeats what it is asked for again and makes a keyframe when one is wanted;
a viewer shows a picture when all of it is there and the one before was shown, asks again for packets that are missing,
and for a keyframe while it has nothing to go on from.
"""

from __future__ import annotations

import heapq
import itertools
import struct
from collections.abc import Callable
from functools import partial
from random import Random

from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRtpfbPacket

from tests.unit.video.media import CAMERA, CAMERA_RTX, PUBLISHER, camera, fields, is_rtcp, packet, peer, slot
from video import rtp
from video.forward import Forwarder
from video.streams import Slot

DELAY_S = 0.02
STEP_S = 0.005
FRAME_S = 1 / 15
TICK_S = 0.05
RETRY_S = 0.06
STALLED_S = 0.3
DELTA, KEY = 3, 12
"""Packets of a picture."""

_BODY = struct.Struct("!IBB?")
_BEGIN, _GO_ON = 0x10, 0x00


class Camera:
    """What a browser's sender does."""

    def __init__(self) -> None:
        self.sent: dict[int, bytes] = {}
        self.wanted = True
        self.repeats = itertools.count()
        self._frames = itertools.count()

    def picture(self, now: float) -> list[bytes]:
        """The packets of the next picture."""
        key, self.wanted = self.wanted, False
        count, number = KEY if key else DELTA, next(self._frames)
        packets = []
        for index in range(count):
            sequence = len(self.sent)
            whole = bytearray(
                packet(
                    sequence,
                    timestamp=int(now * 90_000),
                    key=key,
                    body=_BODY.pack(number, index, count, key),
                )
            )
            whole[12] = _GO_ON if index else _BEGIN
            self.sent[sequence] = bytes(whole)
            packets.append(self.sent[sequence])
        return packets

    def hear(self, data: bytes) -> list[bytes]:
        """Act on what the unit says; return what is sent again."""
        again = []
        for one in RtcpPacket.parse(data):
            if isinstance(one, RtcpPsfbPacket) and one.fmt == 1:
                self.wanted = True
            if isinstance(one, RtcpRtpfbPacket) and one.fmt == 1:
                again += [
                    rtp.to_rtx(self.sent[n], 12, 97, next(self.repeats), CAMERA_RTX)
                    for n in one.lost
                    if n in self.sent
                ]
        return again


class Viewer:
    """What a browser's receiver does."""

    def __init__(self, slot: Slot, now: float) -> None:
        self.slot = slot
        self.joined = now
        self.shown: list[float] = []
        self._pieces: dict[int, dict[int, bool]] = {}
        self._counts: dict[int, tuple[int, bool]] = {}
        self._last = -1
        self._highest = -1
        self._missing: dict[int, float] = {}
        self._asked_at = now

    def take(self, data: bytes, now: float) -> None:
        kind, sequence, _, ssrc = fields(data)
        if ssrc == self.slot.rtx_ssrc:
            sequence, body = struct.unpack_from("!H", data, 12)[0], data[14:]
        else:
            body = data[12:]
        assert kind in (self.slot.payload_type, self.slot.rtx_type)
        self._note(sequence, now)
        number, index, count, key = _BODY.unpack_from(body, 2)
        self._pieces.setdefault(number, {})[index] = True
        self._counts[number] = count, key
        self._show(now)

    def _note(self, sequence: int, now: float) -> None:
        self._missing.pop(sequence, None)
        if sequence > self._highest:
            if self._highest >= 0:
                self._missing |= dict.fromkeys(range(self._highest + 1, sequence), now)
            self._highest = sequence

    def _show(self, now: float) -> None:
        whole = sorted(n for n, got in self._pieces.items() if len(got) == self._counts[n][0])
        for number in whole:
            if number > self._last and (self._counts[number][1] or (self.shown and number == self._last + 1)):
                self._last = number
                self.shown.append(now)

    def says(self, now: float) -> list[bytes]:
        """What it asks for by now."""
        out = []
        if due := sorted(n for n, at in self._missing.items() if at <= now):
            self._missing |= dict.fromkeys(due, now + RETRY_S)
            out.append(bytes(RtcpRtpfbPacket(1, 1, self.slot.ssrc, due)))
        since = max(self._asked_at, self.shown[-1] if self.shown else 0.0)
        if now - since >= STALLED_S:
            self._asked_at = now
            out.append(bytes(RtcpPsfbPacket(1, 1, self.slot.ssrc)))
        return out


class LossyRoom:
    """One camera, and viewers who come later; ``loss`` is the share of packets lost on each way."""

    def __init__(self, seed: int, loss: float) -> None:
        self.now = 100.0
        self.asked: list[float] = []
        """When the camera was asked for a keyframe."""
        self.viewers: dict[int, Viewer] = {}
        self.loss = loss
        self._chance = Random(seed)
        self._forwarder = Forwarder(1_356)
        self._source = camera()
        self._camera = Camera()
        self._forwarder.join(peer(PUBLISHER), [self._source], [])
        self._flying: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._due = {"picture": self.now, "tick": self.now}

    def join(self) -> Viewer:
        """Have one more viewer."""
        number = 10 + len(self.viewers)
        one = slot(number, 5_000 + 10 * number)
        viewer = self.viewers[number] = Viewer(one, self.now)
        self._forwarder.join(peer(number), [], [one])
        self._send(self._forwarder.attach(one, self._source, self.now))
        return viewer

    def run(self, seconds: float) -> None:
        """Let that much time go by."""
        end = self.now + seconds
        while self.now < end:
            self.now += STEP_S
            while self._flying and self._flying[0][0] <= self.now:
                heapq.heappop(self._flying)[2]()
            if self._is_due("picture", FRAME_S):
                for data in self._camera.picture(self.now):
                    self._fly(partial(self._arrives, data))
            if self._is_due("tick", TICK_S):
                self._send(self._forwarder.tick(self.now))
            for number, viewer in self.viewers.items():
                for data in viewer.says(self.now):
                    self._fly(partial(self._heard, number, data))

    def _is_due(self, what: str, every: float) -> bool:
        if self.now < self._due[what]:
            return False
        self._due[what] += every
        return True

    def _fly(self, arrives: Callable[[], None]) -> None:
        if self._chance.random() >= self.loss:
            heapq.heappush(self._flying, (self.now + DELAY_S, next(self._order), arrives))

    def _arrives(self, data: bytes) -> None:
        self._send(self._forwarder.rtp(PUBLISHER, data, self.now))

    def _heard(self, number: int, data: bytes) -> None:
        self._send(self._forwarder.rtcp(number, data, self.now))

    def _send(self, out: list[tuple[bytes, int]]) -> None:
        for data, to in out:
            if to == PUBLISHER:
                if data == rtp.pli(CAMERA):
                    self.asked.append(self.now)
                self._fly(partial(self._answered, data))
            elif not is_rtcp(data):
                self._fly(partial(self._seen, to, data))

    def _seen(self, number: int, data: bytes) -> None:
        self.viewers[number].take(data, self.now)

    def _answered(self, data: bytes) -> None:
        for again in self._camera.hear(data):
            self._fly(partial(self._arrives, again))
