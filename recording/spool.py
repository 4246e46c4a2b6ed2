"""The two folders: where Asterisk writes, and where finished recordings are kept.

A name is an interaction's id and a side, nothing else; it never comes from a caller, so no path can lead out.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.ids import InteractionId

_NAME: Final = re.compile(r"([0-9a-f]{32})-([rt])\.wav")


class Side(StrEnum):
    """Whose voice is on a leg."""

    CUSTOMER = "customer"
    AGENT = "agent"
    """What the customer hears: agents one after the other, prompts and music."""


_LETTER: Final = {Side.CUSTOMER: "r", Side.AGENT: "t"}
"""As in MixMonitor's options: received from the customer, transmitted to it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies in the spool."""

    written: Mapping[InteractionId, int]
    """When a file of each id was last written to, in milliseconds UTC."""
    strangers: int
    """How many files have another name. They are left alone."""


class Spool:
    """Files of recordings, on their way from ``spool`` to ``kept``."""

    def __init__(self, spool: Path, kept: Path) -> None:
        self._spool = spool
        self._kept = kept

    def contents(self) -> Contents:
        """List the spool."""
        written: dict[InteractionId, int] = {}
        strangers = 0
        for entry in self._entries():
            match = _NAME.fullmatch(entry.name)
            if match is None or not entry.is_file(follow_symlinks=False):
                strangers += 1
                continue
            id_ = InteractionId(match[1])
            at = entry.stat(follow_symlinks=False).st_mtime_ns // 1_000_000
            written[id_] = max(at, written.get(id_, 0))
        return Contents(written, strangers)

    def find(self, id_: InteractionId, side: Side, started_at: int) -> Path | None:
        """Return the leg's file: in the spool, or already kept."""
        for path in (self._source(id_, side), self._kept / self.name(id_, side, started_at)):
            if _is_file(path):
                return path
        return None

    def name(self, id_: InteractionId, side: Side, started_at: int) -> str:
        """Return what the leg is called where it is kept."""
        day = datetime.fromtimestamp(started_at / 1000, UTC)
        return f"{day:%Y/%m/%d}/{id_}-{side}.wav"

    def keep(self, id_: InteractionId, side: Side, started_at: int) -> None:
        """Move the leg to where it is kept, durably. Killed at any point, it can be done again."""
        move(self._source(id_, side), self._kept / self.name(id_, side, started_at))

    def _source(self, id_: InteractionId, side: Side) -> Path:
        return self._spool / f"{id_}-{_LETTER[side]}.wav"

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(self._spool) as entries:
                yield from entries
        except FileNotFoundError:
            return  # Asterisk was never started


def move(source: Path, target: Path) -> None:
    """Move a file durably, to another disk if need be. Killed at any point, it can be done again."""
    if not _is_file(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sync(source)
    if source.stat().st_dev == target.parent.stat().st_dev:
        source.rename(target)
    else:
        part = target.with_suffix(".part")
        shutil.copy2(source, part)
        _sync(part)
        part.rename(target)
        _sync(target.parent)
        source.unlink()
    _sync(target.parent)
    _sync(source.parent)


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
