"""One file of a recording in progress: one track, muxed as it came, playable up to a second before any crash."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import av

from video.frames import Frame, picture_size
from video.model import Codec

OPTIONS: Final = {"cluster_time_limit": "1000", "flush_packets": "1"}


class Part:
    """A Matroska file with one stream."""

    def __init__(self, path: Path, codec: Codec, first: Frame) -> None:
        """``first`` is a keyframe. Raises OSError if the file cannot be written."""
        self._base = Fraction(1, codec.clock_hz)
        self._zero = first.timestamp
        self._last = -1
        self._container = av.open(str(path), "w", format="matroska", options=OPTIONS)
        self._stream = self._add(codec, first)

    def write(self, frame: Frame) -> None:
        """Add a frame. Raises OSError if the disk takes no more."""
        pts = frame.timestamp - self._zero
        # Matroska wants time to go on; a source that repeats a time has a fault of its own.
        if pts <= self._last:
            return
        self._last = pts
        packet = av.Packet(frame.data)
        packet.stream = self._stream
        packet.pts = packet.dts = pts
        packet.time_base = self._base
        packet.is_keyframe = frame.key
        self._container.mux(packet)

    def close(self) -> None:
        """Write what makes it easy to seek."""
        self._container.close()

    def _add(self, codec: Codec, first: Frame) -> Any:
        match codec:
            case Codec.OPUS:
                return self._container.add_stream("libopus", rate=48_000)
            case Codec.VP8:
                width, height = picture_size(first.data)
                return self._container.add_mux_stream(
                    "vp8", rate=30, width=width, height=height, time_base=self._base
                )
            case Codec.H264:
                with av.open(BytesIO(first.data), format="h264") as probe:
                    return self._container.add_stream_from_template(probe.streams.video[0])
