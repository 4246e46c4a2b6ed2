"""The administration of the centre's files: fills desk.admin_ports.CentreFiles. The files stay the one truth."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.errors import Problem, Refused, SambungError
from desk.admin_model import (
    Change,
    Checked,
    Drawing,
    FileInfo,
    FileText,
    InForce,
    Saved,
    Undo,
    Version,
    VersionText,
)
from desk.errors import Answered, invalid, unknown
from ivr.picture_svg import svg
from sambung.administration_check import checked, told
from sambung.administration_data import data_of
from sambung.administration_edits import edited
from sambung.administration_shelf import SCRIPTS, Present, Shelf
from sambung.administration_versions import difference
from sambung.centre import Centre
from sambung.documents import shown
from sambung.ivr_cli import texts
from sambung.reload import Reloaded
from sambung.settings import Settings
from store.versions import Kept

HISTORY: Final = 100
"""So many versions are shown; all are kept."""

Reload = Callable[[], Awaitable[Reloaded]]


class Requests:
    """What every request needs. ``reload`` puts the centre in force as ``sambung reload`` does."""

    def __init__(self, settings: Settings, shelf: Shelf, reload: Reload) -> None:
        self._settings = settings
        self._shelf = shelf
        self._reload = reload


class Files(Requests):
    """Every request about a file."""

    async def files(self) -> Sequence[FileInfo]:
        """Return every file of the centre."""
        ids = self._shelf.ids()
        async with self._shelf.closed():
            present = await self._shelf.present(*ids)
        _, problems = await asyncio.to_thread(checked, self._settings)
        return [self._info(id_, present[id_].kept, problems) for id_ in ids]

    async def file(self, file: str) -> FileText:
        """Return a file as it is now. Raises Answered 404."""
        present = await self._present(file)
        text = text_of(present.content)
        _, problems = await asyncio.to_thread(checked, self._settings)
        return FileText(
            id=file,
            path=shown(self._shelf.path(file)),
            base=base_of(present.content),
            version=present.kept.version if present.kept else 0,
            text=text,
            data=None if file.startswith(SCRIPTS) else await asyncio.to_thread(data_of, text),
            problems=told(problems),
        )

    async def check(self, file: str, change: Change) -> Checked:
        """Return what a change would make, and what would be wrong with it. Raises Answered 404, 409 or 422."""
        present = await self._present(file)
        content = await self._changed(file, present, change)
        _, problems = await self._checked(file, content)
        return Checked(text_of(content), told(problems))

    async def save(self, file: str, change: Change, by: str) -> Saved:
        """Write a change and put it in force. Raises Answered 404, 409 or 422."""
        self._known(file)
        async with self._shelf.closed():
            present = (await self._shelf.present(file))[file]
            content = await self._changed(file, present, change)
            kept = await self._write(file, present, content, by, change.note)
        return Saved(kept.version, base_of(content), await in_force(self._reload))

    async def history(self, file: str) -> Sequence[Version]:
        """Return what a file was, newest first. Raises Answered 404."""
        await self._present(file)
        rows = await self._shelf.versions.of(file, HISTORY + 1)
        return await asyncio.to_thread(_compared, rows)

    async def version(self, file: str, version: int) -> VersionText:
        """Return one text that a file had. Raises Answered 404."""
        self._known(file)
        kept, content = await self._kept(file, version)
        return VersionText(kept.version, kept.at, kept.by or None, kept.note, text_of(content))

    async def undo(self, file: str, undo: Undo, by: str) -> Saved:
        """Write an earlier text as a new version. Raises Answered 404, 409 or 422."""
        self._known(file)
        async with self._shelf.closed():
            present = (await self._shelf.present(file))[file]
            _same_base(present, undo.base)
            _, content = await self._kept(file, undo.version)
            note = undo.note or f"as in version {undo.version}"
            kept = await self._write(file, present, content or b"", by, note)
        return Saved(kept.version, base_of(content), await in_force(self._reload))

    async def draw(self, menu: str, text: str) -> Drawing:
        """Return a menu's picture, or what would be wrong in the centre with it. Raises Answered 404."""
        file = f"ivr/{menu}"
        self._known(file)
        centre, problems = await self._checked(file, text.encode("utf-8", "replace"))
        if centre is None:
            return Drawing(None, told(problems))
        return Drawing(await asyncio.to_thread(_drawn, centre, menu), ())

    # --- one file ------------------------------------------------------------------------------------------

    def _known(self, file: str) -> None:
        if file not in self._shelf.ids():
            raise unknown("file")

    async def _present(self, file: str) -> Present:
        self._known(file)
        async with self._shelf.closed():
            return (await self._shelf.present(file))[file]

    async def _kept(self, file: str, version: int) -> tuple[Kept, bytes | None]:
        found = await self._shelf.versions.content(file, version)
        if found is None:
            raise unknown("version")
        return found

    async def _changed(self, file: str, present: Present, change: Change) -> bytes:
        """Return what the file would hold."""
        _same_base(present, change.base)
        if (change.text is None) == (change.edits is None):
            raise invalid("either text or edits", "edits")
        if change.text is not None:
            return change.text.encode("utf-8", "replace")
        if file.startswith(SCRIPTS):
            raise invalid("a script has no values to edit; send its text", "edits")
        assert change.edits is not None, "one of the two is there"
        try:
            made = await asyncio.to_thread(edited, text_of(present.content), change.edits)
        except Refused as error:
            raise invalid(str(error), "edits") from None
        return made.encode()

    async def _checked(self, file: str, content: bytes) -> tuple[Centre | None, Sequence[Problem]]:
        below = self._shelf.path(file).relative_to(self._shelf.folder)
        changed: Mapping[Path, bytes] = {below: content}
        return await asyncio.to_thread(checked, self._settings, changed)

    async def _write(self, file: str, present: Present, content: bytes, by: str, note: str) -> Kept:
        if content == present.content and present.kept is not None:
            return present.kept
        _, problems = await self._checked(file, content)
        if problems:
            raise Answered(422, "invalid", "the centre would have mistakes", problems=told(problems))
        return await self._shelf.write(file, content, by, note)

    def _info(self, id_: str, kept: Kept | None, problems: Sequence[Problem]) -> FileInfo:
        path = shown(self._shelf.path(id_))
        return FileInfo(
            id=id_,
            path=path,
            version=kept.version if kept else 0,
            changed_at=kept.at if kept else 0,
            changed_by=(kept.by or None) if kept else None,
            note=kept.note if kept else "",
            problems=sum(problem.file == path for problem in problems),
        )


async def in_force(reload: Reload) -> InForce:
    """Read the centre again and return what came of it. The change is written whatever becomes of that."""
    try:
        done = await reload()
    except (SambungError, OSError) as error:
        return InForce(0, rules=False, later=(), problems=(str(error),))
    return InForce(done.spoken, done.rules, done.later, done.problems)


def text_of(content: bytes | None) -> str:
    """Return a file's text; what is no UTF-8 comes out as replacement characters."""
    return (content or b"").decode("utf-8-sig", "replace")


def base_of(content: bytes | None) -> str:
    """Return what names a file's present text; one that is not there is like an empty one."""
    return hashlib.sha256(content or b"").hexdigest()


def _same_base(present: Present, base: str) -> None:
    if base_of(present.content) != base:
        raise Answered(409, "conflict", "the file was changed meanwhile; read it again")


def _drawn(centre: Centre, menu: str) -> str:
    try:
        return "\n".join(svg(centre.flows[menu], texts(centre), menu)) + "\n"
    except RecursionError:
        raise Refused("the menu is too deep to be drawn") from None


def _compared(rows: Sequence[tuple[Kept, bytes | None]]) -> list[Version]:
    """Return versions with what changed since the one before; the oldest of more is only compared with."""
    found = []
    for (kept, content), older in zip(rows, [*rows[1:], None], strict=True):
        if older is None and kept.version > 1:
            continue
        what = difference(text_of(older[1]) if older else "", text_of(content))
        by = kept.by or None
        found.append(Version(kept.version, kept.at, by, kept.note, what.added, what.removed, what.diff))
    return found
