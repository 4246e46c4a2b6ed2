"""The recorder on real files and both databases: every recording ends in one state, and nothing is lost."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.events import Arrived
from acd.model import Channel, Kind, Outcome, Party, Phase
from recording.policy import Problem
from recording.ports import Recording, State
from recording.spool import Spool
from recording.worker import Pace, Recorder
from store.journal import SqlJournal
from store.queries import Queries
from store.recordings import SqlRecordings
from tests.unit.recording.sounds import NOTHING, VOICE, sound, write
from tests.unit.store.stories import START, Story, iid

pytest_plugins = ("tests.integration.postgres_fixture",)

_DAY = "2026/09/21"
"""Of START, by UTC."""


class _Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.ms = START

    def now_ms(self) -> int:
        return self.ms


class Desk:
    """A journal, a spool and a recorder."""

    def __init__(self, folder: Path, journal: SqlJournal, rows: SqlRecordings, queries: Queries) -> None:
        self.spool = folder / "spool"
        self.kept = folder / "kept"
        self.spool.mkdir(exist_ok=True)
        self.clock = _Clock()
        self.journal = journal
        self.queries = queries
        self.recorder = Recorder(rows, Spool(self.spool, self.kept), self.clock, Pace())

    async def tell(self, story: Story) -> None:
        await self.journal.append(story.entries)

    def record(self, number: int, data: bytes, agent: bytes | None = None, *, closed: bool = True) -> None:
        """Write both legs; their last byte is written when they end."""
        for letter, leg in (("r", data), ("t", data if agent is None else agent)):
            path = write(self.spool / f"{iid(number)}-{letter}.wav", leg, closed=closed)
            ns = (START + len(leg) // 16) * 1_000_000
            os.utime(path, ns=(ns, ns))

    async def look(self, s: float) -> int:
        self.clock.ms = START + round(s * 1000)
        return await self.recorder.look()

    async def recording(self, number: int) -> Recording:
        history = await self.queries.history(iid(number))
        assert history is not None
        assert history.recording is not None
        return history.recording

    def files(self) -> set[str]:
        return {str(p.relative_to(self.kept)) for p in self.kept.rglob("*") if p.is_file()}


@pytest_asyncio.fixture
async def desk(store_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    journal = await SqlJournal.open(store_url)
    rows, queries = await SqlRecordings.open(store_url), await Queries.open(store_url)
    yield Desk(tmp_path, journal, rows, queries)
    for closing in (journal, rows, queries):
        await closing.close()


def _handled(number: int = 1) -> Story:
    """A call of 70 s, of which the last 60 were talk."""
    story = Story()
    story.handled(0, number, "ag101")
    return story


def _names(number: int) -> set[str]:
    return {f"{_DAY}/{iid(number)}-customer.wav", f"{_DAY}/{iid(number)}-agent.wav"}


async def test_a_good_recording_is_kept(desk: Desk) -> None:
    await desk.tell(_handled())
    desk.record(1, sound((70, VOICE)), sound((10, 8_000), (60.05, 6_000)))
    assert await desk.look(80) == 1
    assert await desk.recording(1) == Recording(
        id=iid(1),
        state=State.FINISHED,
        started_at=START,
        ended_at=START + 70_000,
        customer_file=f"{_DAY}/{iid(1)}-customer.wav",
        agent_file=f"{_DAY}/{iid(1)}-agent.wav",
        length_ms=70_050,
        call_ms=70_000,
        level_customer_db=-23.8,
        level_agent_db=-17.3,
    )
    assert desk.files() == _names(1)
    assert await desk.look(81) == 0


async def test_a_call_that_goes_on_is_left_alone(desk: Desk) -> None:
    story = _handled()
    del story.entries[-2:]
    await desk.tell(story)
    desk.record(1, sound((3, VOICE)))
    assert await desk.look(3_600) == 0
    assert (await desk.recording(1)).state is State.OPEN
    assert desk.files() == set()


async def test_a_file_that_is_still_being_written_is_left_alone(desk: Desk) -> None:
    await desk.tell(_handled())
    desk.record(1, sound((70, VOICE)))
    assert await desk.look(71.9) == 0
    assert await desk.look(72) == 1


async def test_a_file_that_is_not_there_is_waited_for_then_missing_and_welcome_later(desk: Desk) -> None:
    await desk.tell(_handled())
    assert await desk.look(129.9) == 0
    assert await desk.look(130) == 1
    missing = await desk.recording(1)
    assert (missing.state, missing.customer_file) == (State.MISSING, "")
    assert missing.problems == (Problem.NO_CUSTOMER, Problem.NO_AGENT)

    desk.record(1, sound((70, VOICE)))
    assert await desk.look(200) == 1
    assert (await desk.recording(1)).state is State.FINISHED
    assert desk.files() == _names(1)


async def test_one_leg_only_is_kept_and_an_alarm(desk: Desk) -> None:
    await desk.tell(_handled())
    desk.record(1, sound((70, VOICE)))
    (desk.spool / f"{iid(1)}-t.wav").unlink()
    assert await desk.look(100) == 0
    assert await desk.look(130) == 1
    recording = await desk.recording(1)
    assert (recording.state, recording.problems) == (State.ALARM, (Problem.NO_AGENT,))
    assert desk.files() == {f"{_DAY}/{iid(1)}-customer.wav"}


@pytest.mark.parametrize(
    ("customer", "agent", "problem"),
    [
        (sound((70, VOICE)), sound((10, VOICE), (60, NOTHING)), Problem.AGENT_SILENT),
        (sound((10, VOICE), (60, NOTHING)), sound((70, VOICE)), Problem.CUSTOMER_SILENT),
        (sound((40, VOICE)), sound((40, VOICE)), Problem.LENGTH),
        (sound((70, VOICE)), sound((70.5, VOICE)), Problem.LEGS_DIFFER),
    ],
)
async def test_a_bad_recording_is_kept_and_an_alarm(
    desk: Desk, customer: bytes, agent: bytes, problem: Problem
) -> None:
    await desk.tell(_handled())
    desk.record(1, customer, agent)
    assert await desk.look(100) == 1
    recording = await desk.recording(1)
    assert (recording.state, recording.problems) == (State.ALARM, (problem,))
    assert desk.files() == _names(1)


async def test_a_file_that_is_no_recording_is_kept_for_a_person_to_see(desk: Desk) -> None:
    await desk.tell(_handled())
    desk.record(1, sound((70, VOICE)))
    (desk.spool / f"{iid(1)}-r.wav").write_bytes(b"rubbish")
    assert await desk.look(10**9) == 1
    recording = await desk.recording(1)
    assert (recording.state, recording.problems) == (State.ALARM, (Problem.CUSTOMER_UNREADABLE,))
    assert (desk.kept / recording.customer_file).read_bytes() == b"rubbish"


async def test_asterisk_was_killed_while_recording(desk: Desk) -> None:
    story = Story()
    story.arrive(0, 1)
    story.queue(1, 1)
    story.offer(2, 1, "ag101")
    story.accept(3, 1)
    story.connect(3, 1)
    story.fail(33, 1)
    await desk.tell(story)
    desk.record(1, sound((30, VOICE)), sound((29.7, VOICE)), closed=False)
    assert await desk.look(40) == 1
    recording = await desk.recording(1)
    assert (recording.state, recording.problems) == (State.FINISHED, (Problem.CUT_OFF,))
    assert recording.length_ms == 30_000


async def test_a_call_that_came_while_control_was_down_is_adopted(desk: Desk) -> None:
    desk.record(1, sound((20, VOICE)))
    (desk.spool / "notes.txt").touch()
    assert await desk.look(49.9) == 0
    assert await desk.look(50) == 1
    assert desk.files() == _names(1)
    # Control comes back, and hears of the same call: its row is there already, and that is no error.
    story = Story()
    story.arrive(0, 1)
    story.abandon(20, 1, Phase.WAITING)
    await desk.tell(story)
    recording = await desk.recording(1)
    assert (recording.state, recording.started_at, recording.call_ms) == (State.ADOPTED, START, None)
    assert (recording.ended_at, recording.problems) == (START + 20_000, ())
    assert (desk.spool / "notes.txt").exists()


async def test_a_callback_is_as_long_as_its_conversation_however_long_it_was_waited_for(desk: Desk) -> None:
    story = Story()
    arrived = Arrived(iid(1), Channel.VOICE, START, caller="+62811", kind=Kind.CALLBACK)
    story.add(0, arrived, story.moved(1, Phase.IN_MENU, "arrived", Party.CUSTOMER))
    story.queue(0, 1)
    story.offer(3_600, 1, "ag101")
    story.accept(3_605, 1)
    story.connect(3_610, 1)
    story.end(3_670, 1)
    story.wrapped(3_690, 1)
    await desk.tell(story)
    desk.record(1, sound((60, VOICE)), sound((60, 6_000)))
    assert await desk.look(7_300) == 1
    kept = await desk.recording(1)
    assert (kept.state, kept.problems) == (State.FINISHED, ())
    assert kept.call_ms == 60_000


async def test_abandoned_and_refused_calls_are_kept_and_a_chat_has_none(desk: Desk) -> None:
    story = Story()
    story.arrive(0, 1)
    story.abandon(4, 1, Phase.IN_MENU)
    story.arrive(4, 2)
    story.dismiss(8, 2, Outcome.REFUSED)
    story.arrive(8, 3, Channel.CHAT)
    story.dismiss(9, 3, Outcome.DEFLECTED)
    await desk.tell(story)
    desk.record(1, sound((4, VOICE)))
    desk.record(2, sound((4, VOICE)))
    assert await desk.look(100) == 2
    assert {(await desk.recording(n)).state for n in (1, 2)} == {State.FINISHED}
    assert desk.files() == _names(1) | _names(2)
    chat = await desk.queries.history(iid(3))
    assert chat is not None
    assert chat.recording is None


async def test_a_folder_that_cannot_be_written_stops_nothing_else(desk: Desk) -> None:
    story = Story()
    story.arrive(0, 1)
    story.abandon(5, 1, Phase.IN_MENU)
    story.arrive(86_400, 2)
    story.abandon(86_405, 2, Phase.IN_MENU)
    await desk.tell(story)
    desk.record(1, sound((5, VOICE)))
    desk.record(2, sound((5, VOICE)))
    obstacle = desk.kept / "2026" / "09"
    obstacle.mkdir(parents=True)
    (obstacle / "21").touch()
    assert await desk.look(90_000) == 1
    assert (await desk.recording(2)).state is State.FINISHED
    assert (await desk.recording(1)).state is State.OPEN
    (obstacle / "21").unlink()
    assert await desk.look(90_001) == 1
    assert (await desk.recording(1)).state is State.FINISHED
