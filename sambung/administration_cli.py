"""``sambung history`` and ``sambung undo``: versions of the centre's files, also while nothing runs."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from core.clock import SystemClock
from core.errors import Refused, TryLater
from desk.admin_model import FileInfo, Undo, Version
from desk.errors import Answered
from sambung.administration import Files
from sambung.administration_shelf import Shelf
from sambung.client import ControlClient
from sambung.reload import Reloaded
from sambung.settings import Settings
from store.database import Database, parse
from store.migrate import upgrade
from store.versions import SqlVersions

_AWAY = "control is not running; the file is in force once it is"


async def history(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print the files of the centre, or the versions of one, and return the exit status. Raises Refused, TryLater."""
    async with _files(settings) as files:
        if arguments.file is None:
            _print(_listed(await files.files()))
        else:
            _print(_told(await files.history(arguments.file), diff=arguments.diff))
    return 0


async def undo(settings: Settings, arguments: argparse.Namespace) -> int:
    """Write an earlier version again, put it in force and return the exit status. Raises Refused, TryLater."""
    async with _files(settings) as files:
        present = await files.file(arguments.file)
        undone = Undo(arguments.version, present.base, arguments.note)
        saved = await files.undo(arguments.file, undone, f"{getpass.getuser()} (console)")
    if saved.version == present.version:
        _print([f"{arguments.file} is as in version {arguments.version} already."])
        return 0
    _print([f"{arguments.file} is as in version {arguments.version} again, as version {saved.version}."])
    problems = saved.reloaded.problems
    _print(problems or ["New calls go by it."])
    if saved.reloaded.later:
        _print([f"In force once the centre is started anew: {', '.join(saved.reloaded.later)}."])
    return 0 if problems in ((), (_AWAY,)) else 1


@asynccontextmanager
async def _files(settings: Settings) -> AsyncIterator[Files]:
    database = Database(parse(settings.database))
    try:
        await upgrade(database.engine)
        shelf = Shelf(settings.centre, SqlVersions(database), SystemClock())
        yield Files(settings, shelf, lambda: _reload(settings))
    except Answered as error:
        for problem in error.problem.problems:
            sys.stderr.write(f"{problem.file}:{problem.line}: {problem.key}: {problem.message}\n")
        raise Refused(f"{error}; nothing was changed. `sambung history` lists what there is") from None
    finally:
        await database.close()


async def _reload(settings: Settings) -> Reloaded:
    try:
        async with ControlClient(settings.control_socket) as client:
            return await client.reload()
    except TryLater:
        return Reloaded((_AWAY,))


def _listed(files: Sequence[FileInfo]) -> Iterator[str]:
    yield f"{'file':16}{'version':>7}  {'changed':18}{'by':20}note"
    for file in files:
        at, by = _at(file.changed_at), file.changed_by or "(by hand)"
        yield f"{file.id:16}{file.version:>7}  {at:18}{by:20}{file.note}"


def _told(versions: Sequence[Version], *, diff: bool) -> Iterator[str]:
    yield f"{'version':>7}  {'changed':18}{'by':20}{'lines':12}note"
    for one in versions:
        lines = f"+{one.lines_added} -{one.lines_removed}"
        yield f"{one.version:>7}  {_at(one.at):18}{one.by or '(by hand)':20}{lines:12}{one.note}"
        if diff:
            yield from (f"    {line}" for line in one.diff.splitlines())


def _at(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1_000, UTC).astimezone():%Y-%m-%d %H:%M}" if ms else "-"


def _print(lines: Iterator[str] | Sequence[str]) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
