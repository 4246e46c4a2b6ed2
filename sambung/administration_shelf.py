"""The centre's files on disk with their versions: one is never changed without the other for long.

A version is written down first, then the file is replaced in one step, then the version is marked as written. Whoever
looks next, after a kill too, settles what is open: so a version that never reached its file is dropped, and a file that
somebody changed by hand becomes a version from outside.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from core.clock import Clock
from core.errors import Refused, TryLater
from sambung.administration_versions import digest_of, settling
from sambung.centre import FILES, VIDEO
from store.versions import Kept, SqlVersions

SOUNDS: Final = "prompts/"
"""What the ids of recordings begin with."""
SCRIPTS: Final = "scripts/"
"""What the ids of agents' scripts and articles begin with; ``scripts/lkpm.id`` is one in one language."""

_MODE: Final = 0o644
_TRIES: Final = 100
_PAUSE_S: Final = 0.05


class Present(NamedTuple):
    """A file as it is, and the version that says so; None where there is no file and never was."""

    content: bytes | None
    kept: Kept | None


class Shelf:
    """The files of one centre. ``id`` is a path below its folder without the ending."""

    def __init__(self, folder: Path, versions: SqlVersions, clock: Clock) -> None:
        self.folder = folder
        self.versions = versions
        self._clock = clock
        self._one = asyncio.Lock()

    def ids(self) -> tuple[str, ...]:
        """Return every file that there has to be, or that there is."""
        names = [*FILES, *([VIDEO] if self.path(VIDEO).exists() else [])]
        menus = sorted(f"ivr/{path.stem}" for path in (self.folder / "ivr").glob("*.yaml"))
        scripts = sorted(f"{SCRIPTS}{path.stem}" for path in (self.folder / SCRIPTS).glob("[!.]*.md"))
        return (*names, *menus, *scripts)

    def path(self, id_: str) -> Path:
        """Return where a file lies."""
        ending = "wav" if id_.startswith(SOUNDS) else "md" if id_.startswith(SCRIPTS) else "yaml"
        return self.folder / f"{id_}.{ending}"

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Keep every other writer of ours out, in this process and in others."""
        async with self._one, _locked(self.folder):
            yield

    async def present(self, *ids: str) -> Mapping[str, Present]:
        """Return files with their versions, after settling what is open. Call it inside ``closed``."""
        rows = await self.versions.latest()
        found = {}
        for id_ in ids:
            content = await asyncio.to_thread(_read, self.path(id_))
            newest, before = (*rows.get(id_, ()), None, None)[:2]
            found[id_] = Present(content, await self._settled(id_, content, newest, before))
        return found

    async def _settled(
        self, id_: str, content: bytes | None, newest: Kept | None, before: Kept | None
    ) -> Kept | None:
        digest = digest_of(content)
        todo = settling(newest, before, digest)
        if newest is not None and todo.mark:
            await self.versions.settle(id_, newest.version, written=True)
            return newest
        if newest is not None and todo.drop:
            await self.versions.settle(id_, newest.version, written=False)
            newest = before
        if not todo.outside:
            return newest
        row = Kept(id_, (newest.version if newest else 0) + 1, self._clock.now_ms(), "", "", digest, True)
        if not await self.versions.add(row, content):
            raise TryLater("another process looked at the same file")
        return row

    async def write(self, id_: str, content: bytes | None, by: str, note: str) -> Kept:
        """Replace a file, or remove it where ``content`` is None. Call it inside ``closed``, after ``present``.

        Raises:
            Refused: the disk does not take it; nothing was changed.
        """
        rows = (await self.versions.latest()).get(id_, ())
        number = (rows[0].version if rows else 0) + 1
        row = Kept(id_, number, self._clock.now_ms(), by, note, digest_of(content), False)
        if not await self.versions.add(row, content):
            raise TryLater("another process changed the same file")
        try:
            await asyncio.to_thread(_replace, self.path(id_), content)
        except OSError as error:
            await self.versions.settle(id_, number, written=False)
            raise Refused(
                f"{self.path(id_).name} cannot be written: {(error.strerror or 'error').lower()}"
            ) from error
        await self.versions.settle(id_, number, written=True)
        return row._replace(written=True)


@asynccontextmanager
async def _locked(folder: Path) -> AsyncIterator[None]:
    """Hold the folder's lock. Raises TryLater while another process does, Refused where there is no folder."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Refused(f"{folder} cannot be opened: {(error.strerror or 'error').lower()}") from error
    try:
        for _ in range(_TRIES):
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            await asyncio.sleep(_PAUSE_S)
        else:
            raise TryLater("another process is changing the centre's files")
        yield
    finally:
        os.close(handle)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {(error.strerror or 'error').lower()}") from error


def _replace(path: Path, content: bytes | None) -> None:
    """Put a file in the place of another, so that nobody ever sees half of it, after a power cut too."""
    # A file that is a link stays one.
    path = Path(os.path.realpath(path))
    if content is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = path.stat().st_mode & 0o777 if path.exists() else _MODE
        # The ending keeps it out of sight of whatever reads *.yaml, *.wav or *.md.
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as part:
            try:
                part.write(content)
                part.flush()
                os.fchmod(part.fileno(), mode)
                os.fsync(part.fileno())
                Path(part.name).replace(path)
            except OSError:
                Path(part.name).unlink(missing_ok=True)
                raise
    if path.parent.is_dir():
        handle = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
