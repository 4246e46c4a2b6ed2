"""Finishing a recording: its files become one, without transcoding; each voice also becomes a WAV file to transcribe.

Works on what `record_journal` tells and on files that a crash may have cut off.
"""

from __future__ import annotations

import heapq
import wave
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from av.audio.resampler import AudioResampler

from video.model import Codec, ParticipantId
from video.record_journal import PartBegan, Recorded, Track, clock_offset
from video.record_part import OPTIONS

WAV_HZ: Final = 16_000
_MILLISECOND: Final = Fraction(1, 1000)
_SLACK: Final = WAV_HZ // 25
"""Samples that sound may be late or early before silence is put in or sound left out: 40 ms."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A file and when it begins, in microseconds after the recording's beginning."""

    path: Path
    track: Track
    part: PartBegan
    begins: int
    scale: float
    """Real microseconds a tick of the codec's clock."""


def pieces(folder: Path, recorded: Recorded) -> list[Piece]:
    """Return the files of a recording in order, put in step by their publishers' clocks."""
    found = []
    for track in recorded.tracks:
        same = [other for other in recorded.tracks if other.began.participant == track.began.participant]
        # Clocks are of one connection; tracks that began together are of one.
        offset = clock_offset(other for other in same if abs(other.began.at - track.began.at) < 1_000_000)
        for part in track.parts:
            begins = track.time_of(part, offset) - recorded.began
            if (folder / part.file).is_file():
                found.append(Piece(folder / part.file, track, part, max(begins, 0), track.scale()))
    return sorted(found, key=lambda piece: piece.begins)


def merge(found: Sequence[Piece], target: Path) -> int:
    """Write all files as one Matroska file; return its length in milliseconds.

    Raises OSError if it cannot be written. A piece that nothing can be read of is left out.
    """
    length = 0
    with av.open(str(target), "w", format="matroska", options=OPTIONS) as out:
        streams: dict[tuple[str, Codec], Any] = {}
        last: dict[Any, int] = {}
        for piece in found:
            name = (piece.track.kind_name, piece.track.began.codec)
            if name not in streams and (stream := _like(out, piece)) is not None:
                streams[name] = stream
                last[stream] = -1
        sources = [_packets(piece) for piece in found]
        for at, _, piece, packet in heapq.merge(*sources, key=lambda one: one[:2]):
            stream = streams.get((piece.track.kind_name, piece.track.began.codec))
            if stream is None:
                continue
            pts = max(at // 1000, last[stream] + 1)
            last[stream] = pts
            packet.stream = stream
            packet.time_base = _MILLISECOND
            packet.pts = packet.dts = pts
            out.mux(packet)
            length = max(length, pts)
    return length


def write_leg(found: Sequence[Piece], participant: ParticipantId, length_ms: int, target: Path) -> bool:
    """Write what somebody said as mono WAV, as long as the recording; return whether there was anything."""
    spoken = [
        p for p in found if p.track.began.participant == participant and p.track.began.codec is Codec.OPUS
    ]
    if not spoken:
        return False
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(WAV_HZ)
        written = 0
        for piece in spoken:
            for at, sound in _sound(piece):
                place = at * WAV_HZ // 1_000_000
                if place - written > _SLACK:
                    written += _silence(out, place - written)
                late = 2 * (written - place) if written - place > _SLACK else 0
                out.writeframesraw(sound[late:])
                written += max(len(sound) - late, 0) // 2
        _silence(out, length_ms * WAV_HZ // 1000 - written)
    return True


def _like(out: Any, piece: Piece) -> Any:
    """Return a stream of ``out`` for a piece, or None if it cannot be read."""
    with suppress(av.FFmpegError, IndexError), av.open(str(piece.path)) as source:
        stream = out.add_stream_from_template(source.streams[0])
        stream.metadata["title"] = piece.track.kind_name
        stream.time_base = _MILLISECOND
        return stream
    return None


def _packets(piece: Piece) -> Iterator[tuple[int, int, Piece, Any]]:
    """Yield (microseconds, order, piece, packet). The end of a file that was cut off is its end."""
    with suppress(av.FFmpegError), av.open(str(piece.path)) as source:
        for packet in source.demux():
            if packet.pts is None or packet.size == 0:
                continue
            yield piece.begins + _real(piece, packet.pts, packet.time_base), piece.part.track, piece, packet


def _sound(piece: Piece) -> Iterator[tuple[int, bytes]]:
    """Yield (microseconds, samples) of a voice."""
    resampler = AudioResampler(format="s16", layout="mono", rate=WAV_HZ)
    with suppress(av.FFmpegError), av.open(str(piece.path)) as source:
        for frame in source.decode(audio=0):
            if frame.pts is None:
                continue
            at = piece.begins + _real(piece, frame.pts, frame.time_base)
            frame.pts = None
            sound = b"".join(bytes(one.planes[0])[: one.samples * 2] for one in resampler.resample(frame))
            yield at, sound


def _real(piece: Piece, pts: int, base: Fraction | None) -> int:
    """Return a time within a piece in real microseconds: publishers' clocks run fast or slow."""
    nominal = 1e6 / piece.track.began.codec.clock_hz
    return round(pts * float(base or _MILLISECOND) * 1e6 * piece.scale / nominal)


def _silence(out: wave.Wave_write, samples: int) -> int:
    for left in range(samples, 0, -WAV_HZ):
        out.writeframesraw(bytes(2 * min(left, WAV_HZ)))
    return max(samples, 0)
