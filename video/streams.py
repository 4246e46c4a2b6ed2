"""State of the hot path: publishers' streams, subscribers' slots. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from video import rtp
from video.model import Codec, Extensions, Format, Kind
from video.reception import Arrivals, Rate, Reception

Destination = int
"""Where a packet goes: a peer's number, or a negative one for a recording. The shell knows the address."""

_MEASURE_S: Final = 0.9
_REPORTS: Final = 8
"""Sender reports that are remembered, to measure round trips."""


@dataclass(slots=True, eq=False)
class Source:
    """One stream of a publisher. It has one SSRC, and one more on which it repeats what was lost."""

    owner: Destination
    ssrc: int
    rtx_ssrc: int
    codec: Codec
    format: Format
    ids: Extensions
    slots: tuple[Slot, ...] = ()
    tap: Destination = 0
    """The recording that gets every packet as it came; 0 for none."""
    muted: bool = False
    """Kept from everybody, by the control process."""
    reception: Reception = field(init=False)
    begins_keyframe: Callable[[bytes, int], bool] = field(init=False)
    """Whether the payload at that place in a packet begins a keyframe."""
    wanted: bool = False
    """Whether somebody cannot show a picture until a keyframe comes."""
    asked_at: float = -10.0
    keyframes: int = 0
    requests: int = 0
    """Keyframe requests sent."""
    last_at: float = -10.0
    """When the last packet came."""
    report: tuple[int, int, float] | None = None
    """The last sender report: NTP time, RTP time, when it came."""

    def __post_init__(self) -> None:
        self.reception = Reception(self.codec.clock_hz, mends=self.kind is Kind.VIDEO)
        self.begins_keyframe = rtp.BEGINS_KEYFRAME[self.codec]

    @property
    def kind(self) -> Kind:
        """What it carries."""
        return self.codec.kind


@dataclass(slots=True, eq=False)
class Slot:
    """A place on a subscriber's connection that shows one source at a time, under an SSRC of its own.

    Its sequence numbers and timestamps go on without a gap whatever source it shows.
    """

    owner: Destination
    ssrc: int
    rtx_ssrc: int
    kind: Kind
    formats: Mapping[Codec, Format]
    """What the subscriber can decode."""
    ids: Extensions
    source: Source | None = None
    open: bool = False
    """Whether packets pass. A closed slot waits for the first packet of a keyframe."""
    payload_type: int = 0
    rtx_type: int = 0
    shift: int = 0
    """Added to the source's extended numbers."""
    time_shift: int = 0
    """Added to the source's timestamps."""
    first: int = 0
    """The source's packet with which it opened; earlier ones belong to nobody."""
    last: int = 0xFFFF
    """The highest number sent."""
    last_timestamp: int = 0
    last_at: float = -1.0
    packets: int = 0
    octets: int = 0
    rtx_sequence: int = 0
    resends: Rate = field(default_factory=lambda: Rate(400.0))
    """Packets a second that are sent again."""
    reports: dict[int, float] = field(default_factory=dict)
    """When a sender report was passed on, by the middle 32 bits of its NTP time."""
    loss: float = 0.0
    """The share that the subscriber last said it lost."""
    round_trip: float | None = None
    """Seconds."""

    def begin(self, number: int, timestamp: int, now: float) -> None:
        """Open with a source's packet, going on where the last one ended."""
        assert self.source is not None
        self.open = True
        self.first = number
        self.shift = self.last + 1 - number
        if self.last_at >= 0:
            gone = max(int((now - self.last_at) * self.source.codec.clock_hz), 1)
            self.time_shift = self.last_timestamp + gone - timestamp & 0xFFFFFFFF

    def show(self, source: Source | None) -> None:
        """Show ``source``, or nothing. Raises KeyError if the subscriber cannot decode it."""
        if source is not None:
            self.payload_type, self.rtx_type = self.formats[source.codec]
        if self.source is not None:
            self.source.slots = tuple(slot for slot in self.source.slots if slot is not self)
        self.source, self.open = source, False
        self.reports.clear()
        if source is not None:
            source.slots = (*source.slots, self)

    def passed_on(self, ntp: int, now: float) -> None:
        """Note that the sender report with ``ntp`` was passed on."""
        self.reports[ntp >> 16 & 0xFFFFFFFF] = now
        while len(self.reports) > _REPORTS:
            del self.reports[next(iter(self.reports))]


@dataclass(slots=True, eq=False)
class Peer:
    """One connection: what it publishes and what it receives."""

    id: Destination
    bitrate: int
    """Bits a second that it may publish."""
    counts: bool = True
    """Whether a bad line of its own slows publishers down. Not for listeners: they must not be noticed."""
    sources: dict[int, Source] = field(default_factory=dict)
    """By SSRC."""
    repairs: dict[int, Source] = field(default_factory=dict)
    """By the SSRC of their retransmissions."""
    slots: dict[int, Slot] = field(default_factory=dict)
    """By SSRC."""
    arrivals: Arrivals = field(default_factory=Arrivals)
    rate: Rate = field(init=False)
    reports: Rate = field(default_factory=lambda: Rate(200.0))
    """RTCP packets a second that are looked at; a browser sends some tens."""
    estimate: int | None = None
    """Bits a second that its line can receive, as it says. Of a line that is sent little it cannot say more than a
    half above that.
    """
    sent: float = 0.0
    """Bits a second that it was sent lately."""
    measured: tuple[float, int] = (0.0, 0)
    """When that was looked at, and the octets until then."""
    feedback_at: float = 0.0
    report_at: float = 0.0

    def __post_init__(self) -> None:
        self.rate = Rate(self.bitrate * 2 / 8)

    def measure(self, now: float) -> None:
        """Bring ``sent`` up to date."""
        at, before = self.measured
        if now - at >= _MEASURE_S:
            octets = sum(slot.octets for slot in self.slots.values())
            self.sent = max(octets - before, 0) * 8 / (now - at)
            self.measured = (now, octets)


@dataclass(slots=True)
class Counters:
    """What happened, since the start."""

    received: int = 0
    forwarded: int = 0
    malformed: int = 0
    foreign: int = 0
    """RTP with an SSRC that its sender did not announce."""
    oversized: int = 0
    over_rate: int = 0
    repeated: int = 0
    nacks_in: int = 0
    resent: int = 0
    nacks_out: int = 0
    keyframe_requests_in: int = 0
    keyframe_requests_out: int = 0
    keyframes: int = 0
