"""Makes the prompts' sound: espeak-ng speaks texts, sox brings everything to telephone sound at one level.

Sound is 8,000 Hz, mono, 16-bit WAV, which Asterisk plays without transcoding to A-law more than once. What was
made is remembered in ``index.json`` beside it, by a hash of all it was made of, so that a second start makes nothing.
"""

from __future__ import annotations

import array
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from core.errors import ConfigError, Problem, Refused
from ivr.prompts import Catalogue, Voice, sound_file

RATE: Final = 8_000
INDEX: Final = "index.json"

_RECIPE: Final = "1"
"""Changed with the commands below, so that sound made by older ones is made anew."""
_DEADLINE_S: Final = 30
_WORKERS: Final = 2
_SHORTEST_S: Final = 0.1
_QUIETEST: Final = 100
"""Of 32,767: below this peak there is nothing to hear."""
_LEVEL: Final = ("gain", "-6", "highpass", "100", "gain", "-n", "-3", "pad", "0.05", "0.1")


@dataclass(frozen=True, slots=True)
class _Job:
    file: str
    """Below the folder of prompts."""
    made_of: str
    text: str
    voice: Voice
    recorded: Path | None


def render(catalogue: Catalogue, out: Path, *, sweep: bool = True, kept: Path | None = None) -> int:
    """Make every prompt as ``out/<language>/<name>.wav`` and return how many had to be made.

    A file is replaced in one step, so a prompt being played is never half written. With ``sweep``, prompts that are no
    longer in the catalogue are removed, if it was this function that made them. What is spoken is also kept in the
    folder ``kept``, if one is given, and taken from there another time: no centre need say "dua puluh" again.

    Raises:
        ConfigError: a recorded prompt cannot be used; the file is named.
        Refused: a program is missing, or fails on a text.
    """
    problems = [
        Problem(str(path), 0, "", flaw) for path in catalogue.recorded.values() if (flaw := flaw_in(path))
    ]
    if problems:
        raise ConfigError(problems)
    for program in ("espeak-ng", "sox"):
        if shutil.which(program) is None:
            raise Refused(f"{program} is not installed; on Debian and Ubuntu: apt install {program}")
    out.mkdir(parents=True, exist_ok=True)
    known = _read_index(out)
    jobs = list(_jobs(catalogue))
    due = [job for job in jobs if known.get(job.file) != job.made_of or not (out / job.file).is_file()]
    if due:
        # Until all is done nothing is known of these: a half-finished run must not pass for the one before it.
        unfinished = {job.file for job in due}
        _write_index(out, {file: of for file, of in known.items() if file not in unfinished})
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="prompts") as pool:
        for _ in pool.map(lambda job: _make_or_take(job, out, kept), due):
            pass
    made = {job.file: job.made_of for job in jobs}
    others = {file: of for file, of in known.items() if file not in made}
    if sweep:
        for file in others:
            (out / file).unlink(missing_ok=True)
        others = {}
    _write_index(out, others | made)
    return len(due)


@cache
def speaks(voice: str) -> bool:
    """Whether espeak-ng has this voice. Where there is no espeak-ng it cannot be told; ``render`` asks for it."""
    program = shutil.which("espeak-ng")
    if program is None:
        return True
    said = [program, "-q", "-v", voice, "--stdin"]
    try:
        done = subprocess.run(said, input=b"1", capture_output=True, timeout=_DEADLINE_S, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return True
    return done.returncode == 0


def flaw_in(recorded: Path) -> str:
    """Return why a recorded prompt cannot be played, and what is needed; empty if nothing is wrong."""
    needed = f"record it as 16-bit PCM WAV, {RATE:,} Hz or more"
    try:
        with wave.open(str(recorded), "rb") as sound:
            width, rate, channels = sound.getsampwidth(), sound.getframerate(), sound.getnchannels()
            frames = sound.readframes(sound.getnframes())
    # wave raises a bare RuntimeError where a chunk is longer than the one it lies in.
    except (OSError, EOFError, RuntimeError, wave.Error) as e:
        return f"not a sound file ({str(e) or 'it ends too early'}); {needed}"
    if width != 2:
        return f"{8 * width} bits a sample; {needed}"
    if rate < RATE:
        return f"{rate:,} Hz is too low; {needed}"
    seconds = len(frames) / (rate * width * channels)
    if seconds < _SHORTEST_S:
        return f"{seconds:.2f} s long, there is nothing to hear; {needed}"
    if _peak(frames) < _QUIETEST:
        return f"silent; {needed}"
    return ""


def _jobs(catalogue: Catalogue) -> Iterator[_Job]:
    for name, texts in catalogue.texts.items():
        for language, text in texts.items():
            voice = catalogue.voices[language]
            recorded = catalogue.recorded.get((language, name))
            what = recorded.read_bytes() if recorded else json.dumps([text, *voice]).encode()
            made_of = hashlib.sha256(f"{_RECIPE}:{bool(recorded)}:".encode() + what).hexdigest()
            yield _Job(sound_file(language, name), made_of, text, voice, recorded)


def _make_or_take(job: _Job, out: Path, kept: Path | None) -> None:
    if kept is None or job.recorded is not None:
        return _make(job, out)
    known = kept / f"{job.made_of}.wav"
    (out / job.file).parent.mkdir(exist_ok=True)
    with suppress(OSError):
        if not flaw_in(known):
            return _copy(known, out / job.file)
    _make(job, out)
    # Only a convenience: a folder that cannot be written to is none of the centre's worries.
    with suppress(OSError):
        kept.mkdir(parents=True, exist_ok=True)
        _copy(out / job.file, known)
    return None


def _copy(source: Path, to: Path) -> None:
    """Copy a file so that nobody ever sees half of it."""
    with tempfile.NamedTemporaryFile(dir=to.parent, prefix=".copying-", delete=False) as part:
        try:
            part.write(source.read_bytes())
            part.flush()
            Path(part.name).replace(to)
        except OSError:
            Path(part.name).unlink(missing_ok=True)
            raise


def _make(job: _Job, out: Path) -> None:
    with tempfile.TemporaryDirectory(dir=out, prefix=".making-") as folder:
        spoken, sound = Path(folder, "spoken.wav"), Path(folder, "sound.wav")
        if job.recorded is None:
            voice = ["-v", job.voice.name, "-s", str(job.voice.words_per_minute), "-p", str(job.voice.pitch)]
            # The text goes in by standard input: one that begins with a hyphen is no option.
            _run(["espeak-ng", *voice, "-b", "1", "--stdin", "-w", str(spoken)], job, job.text)
        source = job.recorded or spoken
        _run(["sox", str(source), "-r", str(RATE), "-c", "1", "-b", "16", str(sound), *_LEVEL], job)
        flaw = flaw_in(sound)
        if flaw:
            raise Refused(f"prompt {job.file}: came out {flaw}")
        (out / job.file).parent.mkdir(exist_ok=True)
        sound.replace(out / job.file)


def _run(command: Sequence[str], job: _Job, text: str = "") -> None:
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, no shell
            command, input=text.encode(), capture_output=True, timeout=_DEADLINE_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"prompt {job.file}: {command[0]} took longer than {_DEADLINE_S} s") from None
    if done.returncode:
        raise Refused(
            f"prompt {job.file}: {command[0]}: {done.stderr.decode(errors='replace').strip()[:300]}"
        )


def _read_index(out: Path) -> dict[str, str]:
    try:
        index = json.loads((out / INDEX).read_bytes())
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in index.items() if isinstance(v, str)} if isinstance(index, dict) else {}


def _write_index(out: Path, made: Mapping[str, str]) -> None:
    part = out / f".{INDEX}.{os.getpid()}"
    part.write_text(json.dumps(made, indent=1), encoding="utf-8")
    part.replace(out / INDEX)


def _peak(frames: bytes) -> int:
    samples = array.array("h", frames[: len(frames) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return max(max(samples, default=0), -min(samples, default=0))
