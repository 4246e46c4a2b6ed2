"""The centre's files are changed as a whole or not at all, and every change has a version and a name."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from core.errors import Refused, TryLater
from desk.admin_model import Change, Edit, Undo
from desk.errors import Answered
from sambung import administration_shelf
from sambung.administration import Files, base_of
from sambung.administration_shelf import Shelf
from sambung.administration_versions import Settling, difference, settling
from sambung.load import load
from sambung.reload import Reloaded
from store.database import Database, parse
from store.migrate import upgrade
from store.versions import Kept, SqlVersions
from tests.unit.sambung.mistakes import copy


class Ticking:
    now = 1_000

    def now_ms(self) -> int:
        self.now += 1
        return self.now


class Place:
    """A centre's folder with its administration; made again it is what a restart finds."""

    def __init__(self, folder: Path, database: Database) -> None:
        settings = load(copy(folder), folder / "home")
        self.settings = settings
        self.folder = settings.centre
        self.database = database
        self.reloads = 0
        self.busy = False
        self.restart()

    def restart(self) -> None:
        self.shelf = Shelf(self.folder, SqlVersions(self.database), Ticking())
        self.files = Files(self.settings, self.shelf, self._reload)

    async def _reload(self) -> Reloaded:
        self.reloads += 1
        if self.busy:
            raise TryLater("the line is busy")
        return Reloaded(rules=True, later=("names on screens",))

    def text(self, file: str) -> str:
        return (self.folder / f"{file}.yaml").read_text()

    def base(self, file: str) -> str:
        return base_of((self.folder / f"{file}.yaml").read_bytes())

    async def edit(self, file: str, path: Sequence[str | int], value: Any, by: str = "rina") -> Any:
        change = Change(self.base(file), edits=(Edit(tuple(path), value),), note="why")
        return await self.files.save(file, change, by)

    async def said(self, file: str) -> list[tuple[int, str | None, str]]:
        return [(one.version, one.by, one.note) for one in await self.files.history(file)]


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    database = Database(parse(f"sqlite:///{folder / 'centre.db'}"))
    try:
        await upgrade(database.engine)
        yield Place(folder, database)
    finally:
        await database.close()


async def test_a_change_is_written_attributed_put_in_force_and_undone(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        before = centre.text("queues")
        shown = await centre.files.file("queues")
        assert (shown.version, shown.base, shown.text) == (1, centre.base("queues"), before)
        assert shown.data["licensing"]["offer"] == "20 s"
        assert shown.problems == ()

        saved = await centre.edit("queues", ["licensing", "offer"], "25 s")
        assert (saved.version, saved.base, saved.reloaded.rules) == (2, centre.base("queues"), True)
        assert centre.text("queues") == before.replace("offer: 20 s", "offer: 25 s", 1)
        newest, first = await centre.files.history("queues")
        assert (newest.by, newest.note, newest.lines_added, newest.lines_removed) == ("rina", "why", 1, 1)
        assert "-  offer: 20 s\n+  offer: 25 s" in newest.diff
        assert (first.by, first.version) == (None, 1)
        assert (await centre.files.version("queues", 1)).text == before

        undone = await centre.files.undo("queues", Undo(1, saved.base), "ketua")
        assert undone.version == 3
        assert centre.text("queues") == before
        assert (await centre.said("queues"))[0] == (3, "ketua", "as in version 1")
        assert centre.reloads == 2


async def test_what_is_written_but_not_in_force_is_said(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        centre.busy = True
        saved = await centre.edit("queues", ["licensing", "offer"], "25 s")
        assert saved.reloaded.problems == ("the line is busy",)
        assert centre.base("queues") == saved.base


async def test_nobodys_change_is_overwritten(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        old = centre.base("queues")
        await centre.edit("queues", ["lkpm", "offer"], "30 s")
        for late in (
            centre.files.save("queues", Change(old, text="licensing: {}\n"), "budi"),
            centre.files.check("queues", Change(old, edits=())),
            centre.files.undo("queues", Undo(1, old), "budi"),
        ):
            with pytest.raises(Answered, match="changed meanwhile") as refused:
                await late
            assert (refused.value.status, refused.value.problem.code) == (409, "conflict")
        assert [by for _, by, _ in await centre.said("queues")] == ["rina", None]


async def test_of_many_at_once_one_wins(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        edits = [centre.edit("queues", ["lkpm", "offer"], f"{n} s", f"u{n}") for n in range(21, 26)]
        done = await asyncio.gather(*edits, return_exceptions=True)
        won = [one for one in done if not isinstance(one, BaseException)]
        lost = [one for one in done if isinstance(one, Answered)]
        assert (len(won), len(lost)) == (1, 4)
        assert {one.problem.code for one in lost} == {"conflict"}


async def test_what_does_not_validate_is_not_written(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        before = centre.text("queues")
        change = Change(centre.base("queues"), edits=(Edit(("licensing", "overflow"), "nobody"),))
        checked = await centre.files.check("queues", change)
        (problem,) = checked.problems
        assert problem.file.endswith("config/centre/queues.yaml")
        assert (problem.key, problem.line) == ("licensing.overflow", 28)
        assert 'unknown "nobody"' in problem.message
        with pytest.raises(Answered) as refused:
            await centre.files.save("queues", change, "rina")
        assert (refused.value.status, refused.value.problem.problems) == (422, checked.problems)
        # What other files need is looked at too.
        change = Change(centre.base("queues"), edits=(Edit(("lkpm",), remove=True),))
        assert {Path(p.file).name for p in (await centre.files.check("queues", change)).problems} >= {
            "video.yaml"
        }
        assert centre.text("queues") == before
        assert await centre.said("queues") == [(1, None, "")]
        assert centre.reloads == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (Change("", text="a: 1\n", edits=()), "either text or edits"),
        (Change(""), "either text or edits"),
        (Change("", edits=(Edit(("x", "y"), remove=True),)), "x.y: there is no 'x'"),
    ],
)
async def test_a_change_that_cannot_be_read_is_refused(tmp_path: Path, change: Change, why: str) -> None:
    async with place(tmp_path) as centre:
        change = Change(centre.base("queues"), change.text, change.edits)
        with pytest.raises(Answered, match=why) as refused:
            await centre.files.save("queues", change, "rina")
        assert (refused.value.status, refused.value.problem.key) == (422, "edits")


@pytest.mark.parametrize(
    "id_",
    [
        "../sambung",
        "ivr/../queues",
        "/etc/passwd",
        "ivr/nobody",
        "prompts/id/greeting",
        "",
        "queues\0",
        "ivr",
    ],
)
async def test_only_known_files_are_looked_at(tmp_path: Path, id_: str) -> None:
    async with place(tmp_path) as centre:
        for asked in (
            centre.files.file(id_),
            centre.files.history(id_),
            centre.files.version(id_, 1),
            centre.files.save(id_, Change(base_of(None), text="a: 1\n"), "rina"),
            centre.files.undo(id_, Undo(1, base_of(None)), "rina"),
            centre.files.draw(id_, "a: 1\n"),
        ):
            with pytest.raises(Answered) as refused:
                await asked
            assert refused.value.status == 404


async def test_everything_else_of_the_centre_is_looked_at_as_it_is(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        (centre.folder / "prompts" / "id").mkdir(parents=True)
        (centre.folder / "prompts" / "id" / "nobody.wav").write_bytes(b"")
        change = Change(centre.base("queues"), edits=(Edit(("lkpm", "offer"), "30 s"),))
        (problem,) = (await centre.files.check("queues", change)).problems
        assert problem.file.endswith("config/centre/prompts/id/nobody.wav")
        assert 'unknown prompt "nobody"' in problem.message


async def test_a_change_by_hand_is_a_version_that_nobody_made(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        await centre.edit("queues", ["lkpm", "offer"], "30 s")
        by_hand = centre.text("queues") + "# by hand\n"
        (centre.folder / "queues.yaml").write_text(by_hand)
        infos = {one.id: one for one in await centre.files.files()}
        assert (infos["queues"].version, infos["queues"].changed_by) == (3, None)
        assert (infos["ivr/main"].version, infos["ivr/main"].problems) == (1, 0)
        assert (await centre.files.version("queues", 3)).text == by_hand
        assert len(await centre.files.history("queues")) == 3


async def test_files_that_are_broken_by_hand_are_shown_and_can_be_mended(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        good = centre.text("reasons")
        (centre.folder / "reasons.yaml").write_text("break: [\n")
        shown = await centre.files.file("reasons")
        assert shown.data is None
        assert [Path(problem.file).name for problem in shown.problems] == ["reasons.yaml"]
        infos = {one.id: one.problems for one in await centre.files.files()}
        assert (infos["reasons"], infos["queues"]) == (1, 0)
        await centre.files.save("reasons", Change(shown.base, text=good), "rina")
        assert (await centre.files.file("reasons")).problems == ()


async def test_killed_before_the_file_was_replaced_the_version_never_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place(tmp_path) as centre:
        before = centre.text("queues")

        def killed(path: Path, content: bytes | None) -> None:
            raise KeyError("killed")

        with monkeypatch.context() as patch:
            patch.setattr(administration_shelf, "_replace", killed)
            with pytest.raises(KeyError):
                await centre.edit("queues", ["lkpm", "offer"], "30 s")
        assert len(await SqlVersions(centre.database).of("queues", 9)) == 2
        centre.restart()
        assert (centre.text("queues"), await centre.said("queues")) == (before, [(1, None, "")])
        assert (await centre.edit("queues", ["lkpm", "offer"], "30 s")).version == 2


async def test_killed_after_the_file_was_replaced_the_version_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place(tmp_path) as centre:

        async def killed(*_: object, **__: object) -> None:
            raise KeyError("killed")

        with monkeypatch.context() as patch:
            patch.setattr(SqlVersions, "settle", killed)
            with pytest.raises(KeyError):
                await centre.edit("queues", ["lkpm", "offer"], "30 s")
        centre.restart()
        assert await centre.said("queues") == [(2, "rina", "why"), (1, None, "")]


async def test_a_disk_that_takes_nothing_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place(tmp_path) as centre:

        def full(path: Path, content: bytes | None) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(administration_shelf, "_replace", full)
        with pytest.raises(Refused, match="cannot be written: no space left"):
            await centre.edit("queues", ["lkpm", "offer"], "30 s")
        assert await centre.said("queues") == [(1, None, "")]


async def test_a_file_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        real = tmp_path / "elsewhere.yaml"
        (centre.folder / "queues.yaml").rename(real)
        (centre.folder / "queues.yaml").symlink_to(real)
        real.chmod(0o640)
        await centre.edit("queues", ["lkpm", "offer"], "30 s")
        assert (centre.folder / "queues.yaml").is_symlink()
        assert real.stat().st_mode & 0o777 == 0o640
        assert "offer: 30 s" in real.read_text()
        assert "part" not in {name.rpartition(".")[2] for name in names_in(tmp_path)}


async def test_a_menu_is_drawn_before_it_is_saved(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        text = centre.text("ivr/main")
        drawn = await centre.files.draw("main", text.replace("[greeting, menu.topic]", "[menu.topic]"))
        assert drawn.svg is not None
        assert drawn.svg.startswith("<svg")
        assert "language" in drawn.svg
        wrong = await centre.files.draw("main", text.replace("kind: hours", "kind: hour"))
        assert wrong.svg is None
        assert wrong.problems[0].key == "nodes.office.kind"
        assert centre.text("ivr/main") == text


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def kept(digest: str, *, written: bool) -> Kept:
    return Kept("queues", 2, 0, "rina", "", digest, written)


@pytest.mark.parametrize(
    ("newest", "before", "digest", "todo"),
    [
        (None, None, "a", Settling(outside=True)),
        (None, None, "", Settling()),
        (kept("a", written=True), None, "a", Settling()),
        (kept("a", written=True), None, "b", Settling(outside=True)),
        (kept("a", written=True), None, "", Settling(outside=True)),
        (kept("b", written=False), kept("a", written=True), "b", Settling(mark=True)),
        (kept("b", written=False), kept("a", written=True), "a", Settling(drop=True)),
        (kept("b", written=False), kept("a", written=True), "c", Settling(drop=True, outside=True)),
        (kept("b", written=False), None, "", Settling(drop=True)),
    ],
)
def test_the_file_and_the_newest_version_are_made_to_agree(
    newest: Kept | None, before: Kept | None, digest: str, todo: Settling
) -> None:
    assert settling(newest, before, digest) == todo


def test_a_long_difference_is_cut() -> None:
    what = difference("", "\n".join(f"line {n}" for n in range(5_000)))
    assert (what.added, what.removed) == (5_000, 0)
    assert what.diff.endswith("\n...")
    assert len(what.diff) < 41_000
    assert difference("a\n", "a\n") == (0, 0, "")


async def test_a_script_for_agents_is_kept_like_every_other_file_by_its_text(tmp_path: Path) -> None:
    async with place(tmp_path) as centre:
        script = centre.folder / "scripts" / "lkpm.id.md"
        first = await centre.files.file("scripts/lkpm.id")
        assert (first.text, first.data, first.version) == (script.read_text(), None, 1)
        text = f"{first.text}\n- Tanyakan **NIB** lebih dulu.\n"
        saved = await centre.files.save("scripts/lkpm.id", Change(first.base, text, note="NIB"), "rina")
        assert (saved.version, script.read_text()) == (2, text)

        untitled = Change(saved.base, "Tanpa judul\n")
        (problem,) = (await centre.files.check("scripts/lkpm.id", untitled)).problems
        assert problem.file.endswith("scripts/lkpm.id.md")
        assert "the first line is the title" in problem.message
        with pytest.raises(Answered, match="mistakes"):
            await centre.files.save("scripts/lkpm.id", untitled, "rina")
        with pytest.raises(Answered, match="send its text"):
            await centre.files.save("scripts/lkpm.id", Change(saved.base, edits=(Edit(("a",), "b"),)), "rina")
        with pytest.raises(Answered, match="file"):
            await centre.files.file("scripts/nobody.id")

        await centre.files.undo("scripts/lkpm.id", Undo(1, saved.base), "budi")
        assert script.read_text() == first.text
        assert [by for _, by, _ in await centre.said("scripts/lkpm.id")] == ["budi", "rina", None]
