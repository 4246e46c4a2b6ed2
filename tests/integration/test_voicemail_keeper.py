"""Messages on their way from Asterisk's folder to the recordings, on SQLite and PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from core.ids import AgentId, InteractionId, QueueId
from recording.voicemail import Keeper, State
from store.voicemails import SqlVoicemails
from tests.integration.asterisk_fixture import write_tone

pytest_plugins = ("tests.integration.postgres_fixture",)

ONE, OTHER = InteractionId("1" * 32), InteractionId("2" * 32)
BEGAN = 1_700_000_000_000


class At:
    """A clock that stands."""

    def __init__(self, now: int) -> None:
        self.now = now

    def now_ms(self) -> int:
        return self.now


@pytest_asyncio.fixture
async def rows(store_url: str) -> AsyncIterator[SqlVoicemails]:
    rows = await SqlVoicemails.open(store_url)
    yield rows
    await rows.close()


def spoken(folder: Path, name: str, seconds: float, at: int = BEGAN) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    write_tone(path, 600, seconds)
    os.utime(path, (at / 1000, at / 1000))
    return path


async def begun(rows: SqlVoicemails, id_: InteractionId = ONE) -> None:
    await rows.begin(id_, QueueId("licensing"), "id", BEGAN, f"vm-{id_}-4.wav")


async def test_a_message_is_moved_once_it_is_complete_and_then_it_is_work(
    rows: SqlVoicemails, tmp_path: Path
) -> None:
    spool, kept = tmp_path / "spool", tmp_path / "kept"
    keeper = Keeper(rows, spool, kept, At(BEGAN + 10_000))
    await begun(rows)
    path = spoken(spool, f"vm-{ONE}-4.wav", 3)
    await rows.left(ONE, 2_700)
    assert await keeper.look() == 1
    assert not path.exists()
    (message,) = await rows.listed()
    assert (message.state, message.length_ms) == (State.NEW, 2_700)
    assert (kept / message.file).stat().st_size > 40_000
    assert await keeper.look() == 0
    assert await rows.take(ONE, AgentId("ag101"), BEGAN)
    assert not await rows.take(ONE, AgentId("ag102"), BEGAN)
    assert await rows.done(ONE, BEGAN)
    assert not await rows.done(ONE, BEGAN)
    assert list(await rows.listed()) == []
    assert [one.state for one in await rows.listed(done=True)] == [State.DONE]


async def test_a_file_that_is_still_written_to_waits(rows: SqlVoicemails, tmp_path: Path) -> None:
    keeper = Keeper(rows, tmp_path / "spool", tmp_path / "kept", At(BEGAN + 1_000))
    await begun(rows)
    spoken(tmp_path / "spool", f"vm-{ONE}-4.wav", 3)
    await rows.left(ONE, 2_700)
    assert await keeper.look() == 0


async def test_killed_between_the_file_and_the_row_it_goes_on(rows: SqlVoicemails, tmp_path: Path) -> None:
    keeper = Keeper(rows, tmp_path / "spool", tmp_path / "kept", At(BEGAN + 10_000))
    await begun(rows)
    await rows.left(ONE, 2_700)
    kept = tmp_path / "kept" / "2023" / "11" / "14"
    kept.mkdir(parents=True)
    spoken(kept, f"{ONE}-message.wav", 3)
    assert await keeper.look() == 1
    assert [one.state for one in await rows.listed()] == [State.NEW]


async def test_one_left_without_its_file_is_missing_and_too_short_a_one_is_none(
    rows: SqlVoicemails, tmp_path: Path
) -> None:
    keeper = Keeper(rows, tmp_path / "spool", tmp_path / "kept", At(BEGAN + 100_000))
    await begun(rows)
    await begun(rows, OTHER)
    await rows.left(ONE, 2_700)
    await rows.none(OTHER)
    await keeper.look()
    assert [(one.id, one.state) for one in await rows.listed()] == [(ONE, State.MISSING)]


async def test_a_message_is_one_agents_until_put_back_and_lists_are_read_in_pages(
    rows: SqlVoicemails, tmp_path: Path
) -> None:
    for number in range(3):
        id_ = InteractionId(str(number) * 32)
        await rows.begin(id_, QueueId("licensing" if number else "general"), "id", BEGAN + number, "x.wav")
        await rows.left(id_, 2_000)
        await rows.kept(id_, f"{number}.wav", 2_000, BEGAN + 10)
    zero, one, two = (InteractionId(str(number) * 32) for number in range(3))
    states = {State.NEW, State.TAKEN}
    found = await rows.page(states, None, None, 2, newest=False)
    assert [message.id for message in found] == [zero, one]
    found = await rows.page(states, None, one, 2, newest=False)
    assert [message.id for message in found] == [two]
    found = await rows.page(states, {QueueId("licensing")}, two, 2, newest=True)
    assert [message.id for message in found] == [one]
    mine, other = AgentId("ag101"), AgentId("ag102")
    assert await rows.take(one, mine, BEGAN + 20)
    assert not await rows.take(one, other, BEGAN + 21)
    assert not await rows.put_back(one, other, BEGAN + 22)
    assert not await rows.done(one, BEGAN + 23, holder=other)
    counts = {(count.queue, count.state): count[2:] for count in await rows.counts()}
    assert counts == {
        ("general", State.NEW): (1, BEGAN, BEGAN + 10),
        ("licensing", State.TAKEN): (1, BEGAN + 1, BEGAN + 20),
        ("licensing", State.NEW): (1, BEGAN + 2, BEGAN + 10),
    }
    assert await rows.put_back(one, mine, BEGAN + 24)
    assert await rows.take(one, other, BEGAN + 25)
    assert await rows.called(one, two, BEGAN + 26)
    assert await rows.done(one, BEGAN + 27, "agen2", "lkpm", "Sudah\x00dihubungi", other)
    message = await rows.one(one)
    assert message is not None
    assert (message.agent, message.callback, message.category) == (other, two, "lkpm")
    assert "\x00" not in message.note


async def test_the_sound_of_a_deleted_message_is_erased(rows: SqlVoicemails, tmp_path: Path) -> None:
    keeper = Keeper(rows, tmp_path / "spool", tmp_path / "kept", At(BEGAN + 10_000))
    await begun(rows)
    spoken(tmp_path / "spool", f"vm-{ONE}-4.wav", 3)
    await rows.left(ONE, 2_700)
    await keeper.look()
    (message,) = await rows.listed()
    assert await rows.delete(ONE, "penyelia", BEGAN)
    assert not await rows.delete(ONE, "penyelia", BEGAN)
    await keeper.look()
    assert not (tmp_path / "kept" / message.file).exists()
    assert list(await rows.deleted_ones()) == []
    gone = await rows.one(ONE)
    assert gone is not None
    assert (gone.state, gone.file) == (State.DELETED, "")


async def test_a_second_try_replaces_the_first(rows: SqlVoicemails) -> None:
    await begun(rows)
    await rows.begin(ONE, QueueId("general"), "en", BEGAN + 9, "vm-x-6.wav")
    (message,) = await rows.open_ones()
    assert (message.queue, message.spooled, message.at) == ("general", "vm-x-6.wav", BEGAN + 9)
