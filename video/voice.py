"""One voice as it comes over a network, made even: 20 ms whenever they are asked for. Pure: no time but the asking.

Packets come early, late, twice, in the wrong order or never, and their clock is not ours. What is late puts the
voice back by as much; what is put back for longer than needed is caught up with where nobody notices it.
"""

from __future__ import annotations

from array import array
from collections import deque
from typing import Final, Literal

import av

RATE: Final = 8_000
"""Samples a second. G.711 has no more."""
SAMPLES: Final = 160
"""In 20 ms."""
FRAME: Final = 2 * SAMPLES
"""Bytes of 20 ms, 16 bits a sample."""
SILENCE: Final = bytes(FRAME)

_READY: Final = 2
"""A voice is begun with once so many packets are there."""
_SPARE: Final = 2
"""So many frames may lie ready without being needed."""
_HURRY: Final = 5
"""More than so many are caught up with even while somebody speaks."""
_MOST: Final = 15
"""Packets kept at most; of more, all but the last few are dropped."""
_WATCHED: Final = 75
"""Frames over which nothing was needed of what lay ready."""
_HIDDEN: Final = 3
"""Frames that are made up in a row; then it is silent."""
_FADE: Final = 0.7
_QUIET: Final = 400
"""The loudest sample of a frame that nobody misses."""
_FAR: Final = 100
"""Numbers by which a sender may go on; what is further off begins anew."""


class Voice:
    """Somebody's sound, asked for every 20 ms."""

    def __init__(self, codec: Literal["libopus", "pcm_alaw"]) -> None:
        self._decoder = av.CodecContext.create(codec, "r")
        if codec == "pcm_alaw":
            self._decoder.sample_rate, self._decoder.layout = RATE, "mono"
        self._narrow = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        self._packets: dict[int, bytes] = {}
        self._sound = bytearray()
        self._next: int | None = None
        self._begun = False
        self._last = SILENCE
        self._hidden = 0
        self._owed = 0
        self._spare: deque[int] = deque(maxlen=_WATCHED)

    def take(self, sequence: int, payload: bytes) -> None:
        """Take a packet. What comes twice, or when it is past, is dropped."""
        if self._next is None:
            self._next = sequence
        at = self._next + ((sequence - self._next + 0x8000) & 0xFFFF) - 0x8000
        if abs(at - self._next) > _FAR:
            self._packets.clear()
            self._next = at = sequence
        if at < self._next:
            if self._begun:
                return
            # The very first ones came in the wrong order.
            self._next = at
        self._packets[at] = payload
        if len(self._packets) > _MOST:
            self._next = sorted(self._packets)[-_READY]
            self._packets = {n: one for n, one in self._packets.items() if n >= self._next}
            self._sound.clear()

    def next(self) -> bytes | None:
        """Return the next 20 ms, or None while nothing is said."""
        if not self._begun:
            if len(self._packets) < _READY:
                return None
            self._begun, self._next = True, min(self._packets)
            self._spare.clear()
        frame = self._frame()
        if frame is None:
            return self._made_up()
        self._catch_up()
        if self._hidden:
            frame = blended(self._last, frame)
        self._hidden, self._owed, self._last = 0, 0, frame
        return frame

    def _frame(self) -> bytes | None:
        while len(self._sound) < FRAME:
            if not self._decode():
                return None
        frame = bytes(self._sound[:FRAME])
        del self._sound[:FRAME]
        return frame

    def _decode(self) -> bool:
        """Decode the next packet, or make up for a lost one; return whether there is any."""
        if self._next is None or not self._packets:
            return False
        payload = self._packets.pop(self._next, None)
        self._next += 1
        if payload is None and self._owed:
            # It was made up for when it was only late.
            self._owed -= 1
            return True
        if payload is None:
            self._sound += faded(self._last)
            self._last = bytes(self._sound[-FRAME:])
            return True
        try:
            frames = self._decoder.decode(av.Packet(payload))
        except av.FFmpegError:
            return True
        for frame in frames:
            assert isinstance(frame, av.AudioFrame)
            for part in self._narrow.resample(frame):
                self._sound += bytes(part.planes[0])[: 2 * part.samples]
        return True

    def _made_up(self) -> bytes | None:
        """Go on with what was heard last while something is late, ever more quietly. What is late is said after it."""
        self._hidden, self._owed = self._hidden + 1, self._owed + 1
        if self._hidden > _HIDDEN:
            self._begun, self._hidden, self._owed, self._last = False, 0, 0, SILENCE
            return None
        self._last = faded(self._last)
        return self._last

    def _catch_up(self) -> None:
        """Leave 20 ms out if more lies ready than was needed for a while."""
        self._spare.append(len(self._packets) + len(self._sound) // FRAME)
        least = min(self._spare)
        if len(self._spare) < _WATCHED or least <= _SPARE:
            return
        frame = self._frame()
        if frame is None:
            return
        if least <= _HURRY and max(map(abs, array("h", frame))) > _QUIET:
            self._sound[:0] = frame
            return
        following = self._frame()
        self._sound[:0] = frame if following is None else blended(frame, following)
        self._spare = deque((spare - 1 for spare in self._spare), maxlen=_WATCHED)


def faded(frame: bytes) -> bytes:
    """Return a frame more quietly."""
    return array("h", [int(sample * _FADE) for sample in array("h", frame)]).tobytes()


def blended(old: bytes, new: bytes) -> bytes:
    """Return a frame that begins as one and ends as the other: a join that does not click."""
    pairs = zip(array("h", old), array("h", new), strict=True)
    return array("h", [(a * (SAMPLES - n) + b * n) // SAMPLES for n, (a, b) in enumerate(pairs)]).tobytes()
