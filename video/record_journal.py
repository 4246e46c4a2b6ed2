"""What is written down of a recording while it runs, a line each: enough to finish it after any crash. Pure.

The master clock is the worker's arrival time in microseconds UTC. Publishers say by sender reports which RTP time is
which moment of their own clock; that puts sound and picture of one person in step (`Track.time_of`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from video.model import Codec, Label, ParticipantId

_NTP_UNIX_S: Final = 2_208_988_800
_SLOPE_US: Final = 10_000_000
"""Two reports so far apart tell how fast a publisher's clock runs."""
_PPM: Final = 1e-3
"""A clock that is further off than this is not believed."""


class Line(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """One line. Times are microseconds UTC."""


class Opened(Line, frozen=True):
    """The recorder began with a recording, or went on with it after it had ended itself."""

    at: int


class TrackBegan(Line, frozen=True):
    """A stream began; it is numbered within the recording."""

    track: int
    participant: ParticipantId
    label: Label
    codec: Codec
    at: int


class PartBegan(Line, frozen=True):
    """A file of a track began."""

    track: int
    file: str
    at: int
    """When the first packet of its first frame came."""
    rtp: int
    """That frame's timestamp, not wrapping."""


class ClockRead(Line, frozen=True):
    """A sender report: an RTP time, which NTP time (64 bits) that is, and when it came."""

    track: int
    ntp: int
    rtp: int
    """Not wrapping."""
    at: int


class TrackEnded(Line, frozen=True):
    """No more comes of a track."""

    track: int
    at: int


class Alive(Line, frozen=True):
    """The recorder was there."""

    at: int


class Finished(Line, frozen=True):
    """The recording is over."""

    at: int


AnyLine = Opened | TrackBegan | PartBegan | ClockRead | TrackEnded | Alive | Finished


@dataclass(frozen=True, slots=True)
class Gap:
    """A time in which something was not recorded, in microseconds UTC."""

    begin: int
    end: int
    why: str
    """``recorder`` was away, or ``worker``: nothing came from anybody."""


@dataclass(slots=True)
class Track:
    """One stream."""

    began: TrackBegan
    parts: list[PartBegan] = field(default_factory=list)
    clocks: list[ClockRead] = field(default_factory=list)
    ended: int = 0

    @property
    def kind_name(self) -> str:
        """Whose it is and what it shows: tracks with one name follow each other in one stream."""
        return f"{self.began.participant} {self.began.label}"

    def ntp_us(self, clock: ClockRead) -> int:
        """Return a report's NTP time as microseconds of the publisher's clock."""
        return (
            (clock.ntp >> 32) * 1_000_000
            + ((clock.ntp & 0xFFFFFFFF) * 1_000_000 >> 32)
            - _NTP_UNIX_S * 1_000_000
        )

    def scale(self) -> float:
        """Return how many microseconds a tick of the track's clock lasts."""
        nominal = 1e6 / self.began.codec.clock_hz
        if len(self.clocks) > 1:
            first, last = self.clocks[0], self.clocks[-1]
            real, ticks = self.ntp_us(last) - self.ntp_us(first), last.rtp - first.rtp
            if real > _SLOPE_US and ticks > 0 and abs(real / ticks / nominal - 1) < _PPM:
                return real / ticks
        return nominal

    def time_of(self, part: PartBegan, offset: int | None) -> int:
        """Return when a part begins, in microseconds UTC.

        ``offset`` is from the publisher's clock to ours (`clock_offset`); None without reports, when the arrival
        is all that is known.
        """
        if offset is None or not self.clocks:
            return part.at
        nearest = min(self.clocks, key=lambda clock: abs(clock.rtp - part.rtp))
        return round(self.ntp_us(nearest) + (part.rtp - nearest.rtp) * self.scale()) + offset


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the lines tell."""

    tracks: Sequence[Track]
    gaps: Sequence[Gap]
    began: int
    ended: int


def clock_offset(tracks: Iterable[Track]) -> int | None:
    """Return what to add to the clock of the publisher of ``tracks``: the report that travelled fastest tells."""
    return min((clock.at - track.ntp_us(clock) for track in tracks for clock in track.clocks), default=None)


def read(lines: Iterable[bytes]) -> Recorded:
    """Return what the lines of a recording tell. A last line that was cut off is left out."""
    tracks: dict[int, Track] = {}
    gaps: list[Gap] = []
    began: int | None = None
    last = 0
    empty_since: int | None = None
    for raw in lines:
        try:
            line = msgspec.json.decode(raw, type=AnyLine)
        except msgspec.DecodeError:
            continue
        match line:
            case Opened(at=at):
                if began is not None:
                    gaps.append(Gap(last, at, "recorder"))
                    for track in tracks.values():
                        track.ended = track.ended or last
                    empty_since = None
                else:
                    began = at
            case TrackBegan(track=number, at=at):
                if empty_since is not None:
                    gaps.append(Gap(empty_since, at, "worker"))
                    empty_since = None
                tracks[number] = Track(line)
            # A full disk may have kept the line that began the track.
            case PartBegan(track=number) if number in tracks:
                tracks[number].parts.append(line)
            case ClockRead(track=number) if number in tracks:
                tracks[number].clocks.append(line)
            case TrackEnded(track=number, at=at) if number in tracks:
                tracks[number].ended = at
                if all(track.ended for track in tracks.values()):
                    empty_since = at
        last = max(last, getattr(line, "at", 0))
    for track in tracks.values():
        track.ended = track.ended or last
    return Recorded(list(tracks.values()), gaps, began or 0, last)
