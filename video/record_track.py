"""A recording in progress: its folder, its journal, and the files of its tracks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import av
import msgspec
import structlog

from video.frames import Assembler, Frame
from video.record_journal import (
    Alive,
    AnyLine,
    ClockRead,
    Finished,
    Opened,
    PartBegan,
    TrackBegan,
    TrackEnded,
)
from video.record_part import Part
from video.tap import Begin, Report

log: Final = structlog.get_logger(__name__)

JOURNAL: Final = "journal.jsonl"
_ASK_US: Final = 500_000
_CLOCKS: Final = 5_000_000
"""Sender reports are written down this far apart."""


class Recording:
    """The folder of one room. A file that cannot be written costs what would be in it, not the recording."""

    def __init__(self, folder: Path, at: int) -> None:
        """Begin with ``folder`` or go on with it. Raises OSError if it cannot be had."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder: Final = folder
        self.last = at
        """When something last came, in microseconds UTC."""
        self.troubled = False
        self._journal = (folder / JOURNAL).open("a+b")
        self._journal.seek(0)
        # At most one number was used a line.
        self._numbers = sum(1 for _ in self._journal)
        # What a crash left of a line must not spoil the next one.
        self._journal.write(b"\n")
        self.note(Opened(at))

    def number(self) -> int:
        """Return a number for a track or a file that was not used in this folder."""
        self._numbers += 1
        return self._numbers

    def note(self, line: AnyLine) -> None:
        """Write a line down."""
        try:
            self._journal.write(msgspec.json.encode(line) + b"\n")
            self._journal.flush()
        except OSError as error:
            self.trouble(error)

    def trouble(self, error: Exception) -> None:
        """Say once that something could not be written."""
        if not self.troubled:
            self.troubled = True
            log.error("a recording cannot be written", room=self.folder.name, reason=str(error))

    def alive(self, at: int) -> None:
        """Note that time passes and is recorded."""
        self.note(Alive(at))

    def close(self, at: int, *, finished: bool) -> None:
        """Let go of the folder."""
        if finished:
            self.note(Finished(at))
        self._journal.close()


class TrackWriter:
    """One track of a recording."""

    def __init__(self, recording: Recording, begin: Begin) -> None:
        self.recording: Final = recording
        self.worker_track: Final = begin.track
        self._number = recording.number()
        self._assembler = Assembler(begin.codec)
        self._part: Part | None = None
        self._asked_at = 0
        self._clock_at = 0
        recording.note(TrackBegan(self._number, begin.participant, begin.label, begin.codec, begin.at))

    def packet(self, packet: bytes, at: int) -> bool:
        """Take a packet; return whether a keyframe has to be asked for."""
        self.recording.last = at
        self._write(self._assembler.push(packet, at))
        if self._assembler.wants_keyframe and at - self._asked_at > _ASK_US:
            self._asked_at = at
            return True
        return False

    def report(self, report: Report) -> None:
        """Take what the publisher says of its clock."""
        if report.at - self._clock_at >= _CLOCKS:
            self._clock_at = report.at
            rtp = self._assembler.extend(report.rtp)
            self.recording.note(ClockRead(self._number, report.ntp, rtp, report.at))

    def end(self, at: int) -> None:
        """Write what is left and close the file."""
        self._write(self._assembler.flush())
        if self._part is not None:
            with self._guarded():
                self._part.close()
        self.recording.note(TrackEnded(self._number, at))

    def _write(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            with self._guarded():
                if self._part is None:
                    self._begin_part(frame)
                else:
                    self._part.write(frame)

    def _begin_part(self, frame: Frame) -> None:
        name = f"{self.recording.number():05d}.mkv"
        self._part = Part(self.recording.folder / name, self._assembler.codec, frame)
        self.recording.note(PartBegan(self._number, name, frame.at, frame.timestamp))
        self._part.write(frame)

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (OSError, av.FFmpegError, ValueError) as error:
            self.recording.trouble(error)
