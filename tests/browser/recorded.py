"""What is seen and heard in a recording of a room."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from statistics import mean, median

import av

from pbx.probe.tone import dominant
from pbx.probe.wav import read


def streams(file: Path) -> dict[str, str]:
    """Title and codec of each stream."""
    with av.open(str(file)) as media:
        return {str(s.metadata["title"]): str(s.codec_context.name) for s in media.streams}


def pictures(file: Path, title: str) -> list[tuple[float, tuple[float, float, float]]]:
    """(Seconds, mean red, green, blue) of each picture of a stream. A damaged one raises."""
    seen = []
    with av.open(str(file)) as media:
        stream = next(s for s in media.streams.video if s.metadata["title"] == title)
        stream.codec_context.options = {"err_detect": "explode"}
        for frame in media.decode(stream):
            small = frame.reformat(16, 16, "rgb24")
            plane, line = bytes(small.planes[0]), small.planes[0].line_size
            rows = [plane[y * line : y * line + 48] for y in range(16)]
            red, green, blue = (mean(row[x] for row in rows for x in range(c, 48, 3)) for c in range(3))
            seen.append((float(frame.time or 0), (red, green, blue)))
    return seen


def sound(file: Path, title: str) -> tuple[list[float], list[float]]:
    """Seconds and level (0 to 1) of a voice, each 10 ms or so."""
    times, levels = [], []
    with av.open(str(file)) as media:
        stream = next(s for s in media.streams.audio if s.metadata["title"] == title)
        resampler = av.AudioResampler(format="s16", layout="mono", rate=8_000)
        for frame in media.decode(stream):
            at = float(frame.time or 0)
            for one in resampler.resample(frame):
                samples = memoryview(bytes(one.planes[0])[: one.samples * 2]).cast("h")
                for start in range(0, len(samples) - 79, 80):
                    times.append(at + start / 8_000)
                    levels.append(max(map(abs, samples[start : start + 80])) / 32_768)
    return times, levels


def risings(times: list[float], levels: list[float], threshold: float) -> list[float]:
    """When the level rose above the threshold."""
    return [b for (_, x), (b, y) in pairwise(zip(times, levels, strict=True)) if x < threshold <= y]


def apart(file: Path, participant: str) -> float:
    """How many seconds, typically, sound follows picture for a participant whose page `beats`."""
    seen = pictures(file, f"{participant} camera")
    flashes = risings([at for at, _ in seen], [sum(rgb) / 765 for _, rgb in seen], 0.5)
    beeps = risings(*sound(file, f"{participant} microphone"), 0.1)
    pairs = [min((beep - flash for beep in beeps), key=abs) for flash in flashes]
    near = [pair for pair in pairs if abs(pair) < 0.5]
    assert len(near) >= 4, (flashes, beeps)
    return median(near)


def tone(file: Path) -> float | None:
    """The strongest frequency of a WAV file."""
    heard = read(file)
    return dominant(heard.samples, heard.rate)
