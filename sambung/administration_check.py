"""The whole centre checked with some files changed, as ``sambung check`` checks it, before anything is written."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.errors import Problem
from desk.bodies import FileProblem
from ivr.speak import speaks
from sambung.centre import Centre, read_centre
from sambung.centre_checks import Outside
from sambung.documents import shown
from sambung.settings import Settings


def checked(
    settings: Settings, changed: Mapping[Path, bytes | None] | None = None
) -> tuple[Centre | None, list[Problem]]:
    """Return the centre, and all that is wrong in it, by file and line; None with any problem.

    ``changed``: what files would hold, by their path below the centre's folder; None for one that would be gone.
    Blocks.
    """
    problems: list[Problem] = []
    if not changed:
        return _read(settings, settings.centre, problems), _ordered(problems)
    with tempfile.TemporaryDirectory(prefix="sambung-check-") as name:
        folder = Path(name)
        _lay_out(settings.centre, folder, changed)
        centre = _read(settings, folder, problems)
        here, there = shown(folder), shown(settings.centre)
        named = [replace(p, file=p.file.replace(here, there, 1)) for p in problems]
    return centre, _ordered(named)


def told(problems: Sequence[Problem]) -> tuple[FileProblem, ...]:
    """Return problems as they are answered."""
    return tuple(FileProblem(one.file, one.line, one.key, one.message) for one in problems)


def _read(settings: Settings, folder: Path, problems: list[Problem]) -> Centre | None:
    outside = Outside(settings.asterisk.trunk.numbers, speaks, settings.outbound.hours)
    return read_centre(folder, problems, always_open=settings.always_open, outside=outside)


def _ordered(problems: Sequence[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: (problem.file, problem.line))


def _lay_out(centre: Path, folder: Path, changed: Mapping[Path, bytes | None]) -> None:
    """Make the centre as it would be: links to what stays, files for what changes."""
    for path in sorted(centre.rglob("*")):
        below = path.relative_to(centre)
        if path.is_file() and below not in changed:
            (folder / below).parent.mkdir(parents=True, exist_ok=True)
            (folder / below).symlink_to(path.absolute())
    for below, content in changed.items():
        if content is not None:
            (folder / below).parent.mkdir(parents=True, exist_ok=True)
            (folder / below).write_bytes(content)
