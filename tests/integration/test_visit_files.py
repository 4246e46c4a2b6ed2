"""Files of a visit, kept on a real disk with rows in SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from core.errors import TryLater
from core.ids import InteractionId
from store.database import Database, parse
from store.migrate import upgrade
from store.visit_files import SqlFiles
from store.visits import SqlBook
from tests.waiting import until
from video.file_rules import FileKind, FileLimits
from video.files import FileEntry, FileKeeper, NotTaken, Offered

pytest_plugins = ("tests.integration.postgres_fixture",)

ONE, OTHER = InteractionId("1" * 32), InteractionId("2" * 32)
PDF = b"%PDF-1.7\n" + b"x" * 3_000
LIMITS = FileLimits(largest=4_000, most=3, at_once=2, reserve=0)


class Noon:
    def now_ms(self) -> int:
        return 1_764_072_000_000


class Kept:
    def __init__(self, database: Database, folder: Path) -> None:
        self.rows, self.book = SqlFiles(database), SqlBook(database)
        self.folder = folder
        self.keeper = FileKeeper(self.rows, folder, Noon(), LIMITS)

    def on_disk(self) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


@pytest_asyncio.fixture
async def kept(store_url: str, tmp_path: Path) -> AsyncIterator[Kept]:
    database = Database(parse(store_url))
    await upgrade(database.engine)
    yield Kept(database, tmp_path / "recordings")
    await database.close()


def offered(id_: str, name: str = "NIB.pdf", declared: int | None = None) -> Offered:
    return Offered(id_, ONE, "visitor", name, declared)


async def pieces(*each: bytes, gate: asyncio.Event | None = None) -> AsyncIterator[bytes]:
    for piece in each:
        yield piece
    if gate is not None:
        await gate.wait()


async def test_a_file_is_kept_as_it_came_and_shows_in_the_conversation(kept: Kept) -> None:
    await kept.book.say(ONE, "k", 1, "ag1", "mana NIB-nya?")
    line = await kept.keeper.take(
        offered("f1", "<b>NIB</b>\u202e.exe"), pieces(PDF[:5], PDF[5:1_000], PDF[1_000:])
    )
    assert line.file is not None
    assert (line.sender, line.file.size, line.file.kind) == ("visitor", len(PDF), "application/pdf")
    assert (line.file.name, line.file.snapshot) == ("b_ .exe.pdf", False)
    assert list(await kept.book.messages(ONE))[1] == line
    found = await kept.keeper.find(ONE, "f1")
    assert found is not None
    entry, path = found
    assert path.read_bytes() == PDF
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept.on_disk() == [entry.file] == [f"2025/11/25/{ONE}-f1.pdf"]
    assert list(await kept.keeper.all(ONE)) == [entry]
    assert list(await kept.keeper.all(OTHER)) == []
    assert await kept.keeper.find(OTHER, "f1") is None, "it is another visit's"
    assert await kept.keeper.find(ONE, "f\ud8002") is None
    path.unlink()
    assert await kept.keeper.find(ONE, "f1") is None


@pytest.mark.parametrize(
    ("code", "declared", "content"),
    [
        ("file_kind", None, (b"MZ\x90\0", b"\0" * 100)),
        ("file_empty", None, ()),
        ("file_large", 4_001, (PDF,)),
        ("file_large", None, (PDF, PDF)),
    ],
)
async def test_what_is_refused_leaves_nothing_behind(
    kept: Kept, code: str, declared: int | None, content: tuple[bytes, ...]
) -> None:
    with pytest.raises(NotTaken) as refused:
        await kept.keeper.take(offered("f1", declared=declared), pieces(*content))
    assert refused.value.code == code
    assert kept.on_disk() == []
    assert list(await kept.rows.unfinished()) == []
    assert list(await kept.book.messages(ONE)) == []


async def test_a_sender_who_goes_away_leaves_nothing_and_gives_the_place_back(kept: Kept) -> None:
    async def torn() -> AsyncIterator[bytes]:
        yield PDF
        raise ConnectionResetError

    for number in range(LIMITS.most + 1):
        with pytest.raises(ConnectionResetError):
            await kept.keeper.take(offered(f"t{number}"), torn())
    going = asyncio.create_task(kept.keeper.take(offered("f1"), pieces(PDF, gate=asyncio.Event())))
    await until(kept.rows.unfinished)
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert kept.on_disk() == []
    assert (await kept.keeper.take(offered("f2"), pieces(PDF))).file is not None


async def test_no_more_than_the_limit_is_taken_even_at_the_same_moment(kept: Kept) -> None:
    for number in range(LIMITS.most - 1):
        await kept.keeper.take(offered(f"f{number}"), pieces(PDF))
    both = await asyncio.gather(
        *(kept.keeper.take(offered(id_), pieces(PDF)) for id_ in "ab"), return_exceptions=True
    )
    assert [type(one) for one in both].count(NotTaken) == 1
    assert len(kept.on_disk()) == LIMITS.most


async def test_only_so_many_are_on_their_way_at_once(kept: Kept) -> None:
    gate = asyncio.Event()
    going = [asyncio.create_task(kept.keeper.take(offered(id_), pieces(PDF, gate=gate))) for id_ in "ab"]

    async def both_came() -> bool:
        return len(await kept.rows.unfinished()) == 2

    await until(both_came)
    with pytest.raises(TryLater):
        await kept.keeper.take(offered("c"), pieces(PDF))
    gate.set()
    await asyncio.gather(*going)
    await kept.keeper.take(offered("c"), pieces(PDF))


async def test_what_a_crash_left_half_done_is_removed_at_the_next_start(kept: Kept) -> None:
    await kept.keeper.take(offered("whole"), pieces(PDF))
    half = FileEntry("half", ONE, 1, "visitor", "x.pdf", FileKind.PDF, "2025/11/25/half.pdf")
    assert await kept.rows.begin(half, 10)
    (kept.folder / half.file).write_bytes(b"%PDF")
    never = FileEntry("never", ONE, 1, "visitor", "y.pdf", FileKind.PDF, "2025/11/26/never.pdf")
    assert await kept.rows.begin(never, 10)
    await kept.keeper.tidy()
    assert kept.on_disk() == [f"2025/11/25/{ONE}-whole.pdf"]
    assert list(await kept.rows.unfinished()) == []


async def test_a_nearly_full_disk_is_left_to_the_recordings(kept: Kept) -> None:
    full = FileKeeper(kept.rows, kept.folder, Noon(), FileLimits(reserve=10**18))
    with pytest.raises(TryLater):
        await full.take(offered("f1"), pieces(PDF))
    assert kept.on_disk() == []
