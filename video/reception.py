"""What has come of one publisher: which packets, which are missing, and when they came. Pure: time is an argument.

Sequence numbers are extended to integers that do not wrap (RFC 3550, A.1). Times are seconds on a steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from aiortc.rtp import RtcpReceiverInfo, clamp_packets_lost

from video import rtp

HISTORY: Final = 512
"""Packets kept to be sent again: two seconds at 2.5 Mbit/s. A power of two."""
_JUMP: Final = 300
"""A gap longer than this is a new beginning, not a loss that could be mended."""
_RETRY_S: Final = 0.1
"""Between two requests for the same packet: more than a round trip within the country."""
_TRIES: Final = 8
_NUMBERS: Final = 2_000
"""Transport-wide numbers in one feedback packet."""


@dataclass(slots=True)
class Missing:
    """A packet that was asked for."""

    due: float
    tries: int = 1


@dataclass(slots=True, eq=False)
class Reception:
    """One stream as it comes in."""

    clock_hz: int
    mends: bool
    """Whether lost packets are asked for again."""
    base: int = -1
    highest: int = -1
    received: int = 0
    kept: list[tuple[int, bytes] | None] = field(default_factory=lambda: [None] * HISTORY)
    missing: dict[int, Missing] = field(default_factory=dict)
    fresh: list[int] = field(default_factory=list)
    """Numbers found missing since this was last emptied."""
    restarted: bool = False
    """Whether there was a jump since this was last looked at."""
    jitter: float = 0.0
    _transit: float = 0.0
    _prior: tuple[int, int] = (0, 0)

    def take(self, sequence: int, timestamp: int, packet: bytes, now: float) -> int:
        """Keep a packet and return its extended number, or -1 for a repeat and for one that comes too late."""
        highest = self.highest
        if highest < 0:
            # The first one is given room below it for those that it overtook.
            number = self.base = sequence + 0x10000
            self.highest = number
        else:
            step = (sequence - highest) & 0xFFFF
            if step == 1:
                number = self.highest = highest + 1
            elif step < 0x8000:
                if step == 0:
                    return -1
                number = highest + step
                self._skip(highest, number, now)
            else:
                number = highest + step - 0x10000
                if number <= highest - HISTORY or self.packet(number) is not None:
                    return -1
                self.missing.pop(number, None)
        self.kept[number % HISTORY] = (number, packet)
        self.received += 1
        transit = now * self.clock_hz - timestamp
        distance = abs(transit - self._transit)
        # Timestamps wrap; what looks like a day's delay is not jitter.
        if self.received > 1 and distance < self.clock_hz:
            self.jitter += (distance - self.jitter) / 16
        self._transit = transit
        return number

    def packet(self, number: int) -> bytes | None:
        """Return a packet that came not long ago."""
        entry = self.kept[number % HISTORY]
        return entry[1] if entry is not None and entry[0] == number else None

    def _skip(self, highest: int, number: int, now: float) -> None:
        self.highest = number
        if number - highest > _JUMP:
            self.missing.clear()
            self.restarted = True
        elif self.mends:
            self.fresh.extend(range(highest + 1, number))
            for one in range(highest + 1, number):
                self.missing[one] = Missing(now + _RETRY_S)

    def overdue(self, now: float) -> tuple[list[int], bool]:
        """Return which packets to ask for once more, and whether any was given up: only a keyframe helps then."""
        again: list[int] = []
        lost: list[int] = []
        for number, one in self.missing.items():
            if one.due > now:
                continue
            if one.tries >= _TRIES or number <= self.highest - HISTORY:
                lost.append(number)
            else:
                one.tries += 1
                one.due = now + _RETRY_S
                again.append(number)
        for number in lost:
            del self.missing[number]
        return sorted(again), bool(lost)

    def report(self, ssrc: int, lsr: int, dlsr: int) -> RtcpReceiverInfo:
        """Return a block of a receiver report, over the time since the last one."""
        expected = self.highest - self.base + 1 if self.highest >= 0 else 0
        wanted, got = expected - self._prior[0], self.received - self._prior[1]
        self._prior = (expected, self.received)
        lost = max(wanted - got, 0)
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=min(lost * 256 // wanted, 255) if wanted > 0 else 0,
            packets_lost=clamp_packets_lost(expected - self.received),
            highest_sequence=max(self.highest, 0) & 0xFFFFFFFF,
            jitter=min(int(self.jitter), 0xFFFFFFFF),
            lsr=lsr,
            dlsr=dlsr,
        )


@dataclass(slots=True, eq=False)
class Arrivals:
    """When the packets of one publisher came, over all its streams, for its congestion control."""

    highest: int = -1
    pending: dict[int, int] = field(default_factory=dict)
    """Arrival times not yet told, in units of 250 us."""
    after: int = -1
    """The number after the last that was told."""
    count: int = 0

    def add(self, number: int, now: float) -> None:
        """Note that transport-wide packet ``number`` came."""
        if self.highest < 0:
            extended = number + 0x10000
        else:
            step = (number - self.highest) & 0xFFFF
            extended = self.highest + (step if step < 0x8000 else step - 0x10000)
        if extended > self.highest:
            self.highest = extended
        elif extended < self.highest - _NUMBERS:
            return
        self.pending[extended] = int(now * 4000)

    def feedback(self, ssrc: int) -> list[bytes]:
        """Return what there is to tell now."""
        packets = []
        while self.pending:
            first, last = min(self.pending), max(self.pending)
            if 0 <= self.after < first and first - self.after < _JUMP:
                first = self.after
            last = min(last, first + _NUMBERS - 1)
            packet, self.after = rtp.transport_feedback(ssrc, self.pending, first, last, self.count)
            self.count += 1
            self.pending = {n: at for n, at in self.pending.items() if n >= self.after}
            packets.append(packet)
        return packets


@dataclass(slots=True, eq=False)
class Rate:
    """A cap on bytes a second, with one second's worth to spare at any time."""

    bytes_s: float
    left: float = -1.0
    at: float = 0.0

    def spend(self, size: int, now: float) -> bool:
        """Return whether ``size`` bytes may pass now."""
        most, left = self.bytes_s, self.left
        left = most if left < 0 else left + (now - self.at) * most
        if left > most:
            left = most
        self.at = now
        passes = size <= left
        self.left = left - size if passes else left
        return passes
