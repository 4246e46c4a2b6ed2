"""Takes the files that are handed over in a visit, a piece at a time, and gives them out again.

A row comes before a file; what is left half done by a crash is removed at the next start. Files lie beside the
recordings, under names of our own making, below nothing that is served.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final, Protocol

import msgspec
import structlog

from core.clock import Clock
from core.errors import Refused, TryLater
from core.ids import InteractionId
from video.book import Message
from video.file_rules import HEAD, LIMITS, FileKind, FileLimits, kind_of, safe_name

_log = structlog.get_logger("visits")

_STALLED_S: Final = 30.0
"""A sender from whom nothing comes for so long has gone."""

_WHOLE_S: Final = 600.0
"""So long a whole file may take."""


class FileEntry(msgspec.Struct, frozen=True):
    """A file of a visit. ``name`` may be personal data: never logged."""

    id: str
    interaction: InteractionId
    at: int
    """When it began to come; milliseconds UTC."""
    sender: str
    """As in ``video.book.Message``."""
    name: str
    kind: FileKind
    file: str
    """From the recordings folder down."""
    snapshot: bool = False
    """A still that an agent took of what the visitor showed."""
    size: int | None = None
    """Bytes; None until it is whole."""


class FileRows(Protocol):
    """Where files are noted."""

    async def begin(self, entry: FileEntry, most: int) -> bool:
        """Note a file that is about to come; False, and nothing noted, if the visit has ``most`` already."""
        ...

    async def finish(self, id_: str, size: int, at: int) -> Message:
        """Note that a file is whole, and put it into the conversation. Both or neither."""
        ...

    async def drop(self, id_: str) -> None:
        """Forget a file."""
        ...

    async def file(self, id_: str) -> FileEntry | None:
        """Return a file that is whole."""
        ...

    async def files(self, interaction: InteractionId) -> Sequence[FileEntry]:
        """Return a visit's files that are whole, the oldest first."""
        ...

    async def unfinished(self) -> Sequence[FileEntry]:
        """Return what is not whole."""
        ...


class NotTaken(Refused):
    """A file that is refused for good. ``code`` is stable and is what a page chooses its text by."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Offered(msgspec.Struct, frozen=True):
    """A file that somebody wants to hand over."""

    id: str
    """New, and not to be guessed."""
    interaction: InteractionId
    sender: str
    name: str
    """As the sender's machine calls it."""
    declared: int | None
    """Bytes, if the sender says so."""
    snapshot: bool = False


class FileKeeper:
    """The files of every visit."""

    def __init__(self, rows: FileRows, folder: Path, clock: Clock, limits: FileLimits = LIMITS) -> None:
        """``folder`` is where recordings are kept."""
        self._rows = rows
        self._folder = folder
        self._clock = clock
        self.limits = limits
        self._coming: Counter[InteractionId] = Counter()
        self._counting = asyncio.Lock()
        """Two files at the same moment must not both be the last that is taken."""

    async def tidy(self) -> None:
        """Remove what was left half done. Call before anything is taken."""
        for entry in await self._rows.unfinished():
            await asyncio.to_thread(self._remove, entry)
            await self._rows.drop(entry.id)
            _log.info("a file that never came whole was removed", interaction=entry.interaction)

    async def take(self, offered: Offered, pieces: AsyncIterator[bytes]) -> Message:
        """Take a file in, and return the line of the conversation that has it.

        Raises NotTaken with the code ``file_kind``, ``file_empty``, ``file_large`` or ``file_many``; TryLater where
        too much is coming at once, or the disk is nearly full. Whatever is raised, nothing is left behind.
        """
        if offered.declared is not None and offered.declared > self.limits.largest:
            raise self._large()
        if self._coming[offered.interaction] >= self.limits.at_once:
            raise TryLater("other files of this visit are on their way", 2.0)
        self._coming[offered.interaction] += 1
        try:
            async with asyncio.timeout(_WHOLE_S):
                return await self._take(offered, pieces)
        except TimeoutError:
            raise TryLater("the file came too slowly") from None
        finally:
            self._coming -= Counter((offered.interaction,))

    async def _take(self, offered: Offered, pieces: AsyncIterator[bytes]) -> Message:
        head, ended = b"", False
        while len(head) < HEAD and not ended:
            piece = await _next(pieces)
            head, ended = head + piece, not piece
        if not head:
            raise NotTaken("file_empty", "the file is empty")
        kind = kind_of(head)
        if kind is None or (offered.snapshot and kind is FileKind.PDF):
            raise NotTaken("file_kind", "only PDF, JPEG, PNG and WebP are taken, whatever the name says")
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        if (await asyncio.to_thread(shutil.disk_usage, self._folder)).free < self.limits.reserve:
            _log.error("a file was not taken: the disk of the recordings is nearly full")
            raise TryLater("there is no room for files now", 60.0)
        entry = self._entry(offered, kind)
        async with self._counting:
            begun = await self._rows.begin(entry, self.limits.most)
        if not begun:
            raise NotTaken("file_many", f"a visit has at most {self.limits.most} files")
        try:
            size = await self._write(entry, head, pieces)
            return await self._rows.finish(entry.id, size, self._clock.now_ms())
        except BaseException:
            # Also when the sender is gone and this task is cancelled.
            await asyncio.shield(self._forget(entry))
            raise

    def _entry(self, offered: Offered, kind: FileKind) -> FileEntry:
        now = self._clock.now_ms()
        day = datetime.fromtimestamp(now / 1_000, UTC).strftime("%Y/%m/%d")
        return FileEntry(
            id=offered.id,
            interaction=offered.interaction,
            at=now,
            sender=offered.sender,
            name=safe_name(offered.name, kind),
            kind=kind,
            file=f"{day}/{offered.interaction}-{offered.id}{kind.ending}",
            snapshot=offered.snapshot,
        )

    async def _write(self, entry: FileEntry, head: bytes, pieces: AsyncIterator[bytes]) -> int:
        path = self._folder / entry.file
        file = await asyncio.to_thread(_create, path)
        try:
            size, piece = 0, head
            while piece:
                size += len(piece)
                if size > self.limits.largest:
                    raise self._large()
                await asyncio.to_thread(file.write, piece)
                piece = await _next(pieces)
            await asyncio.to_thread(_settle, file)
        finally:
            await asyncio.shield(asyncio.to_thread(file.close))
        return size

    async def _forget(self, entry: FileEntry) -> None:
        await asyncio.to_thread(self._remove, entry)
        await self._rows.drop(entry.id)

    def _remove(self, entry: FileEntry) -> None:
        (self._folder / entry.file).unlink(missing_ok=True)

    async def find(self, interaction: InteractionId, id_: str) -> tuple[FileEntry, Path] | None:
        """Return a file of this visit and where it lies; None if the visit has no such file."""
        entry = await self._rows.file(id_)
        if entry is None or entry.interaction != interaction:
            return None
        path = self._folder / entry.file
        return (entry, path) if await asyncio.to_thread(path.is_file) else None

    async def all(self, interaction: InteractionId) -> Sequence[FileEntry]:
        """Return what was handed over in a visit, the oldest first."""
        return await self._rows.files(interaction)

    def _large(self) -> NotTaken:
        return NotTaken("file_large", f"a file has at most {self.limits.largest} bytes")


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    """Return the next piece, or nothing at the end."""
    try:
        async with asyncio.timeout(_STALLED_S):
            return await anext(pieces, b"")
    except TimeoutError:
        raise TryLater("nothing came of the file any more") from None


def _create(path: Path) -> BinaryIO:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0)


def _settle(file: BinaryIO) -> None:
    os.fsync(file.fileno())
