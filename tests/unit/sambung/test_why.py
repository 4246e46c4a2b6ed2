"""``sambung why`` in words, from a line that really ran; nothing personal among them."""

from __future__ import annotations

from pathlib import Path

import pytest
import pytest_asyncio

from acd.events import (
    Arrived,
    Disposed,
    Queued,
    RecordingPaused,
    Requeued,
    Surveyed,
    TransferCompleted,
)
from acd.model import Channel, Kind
from core.ids import AgentId, QueueId
from pbx.settings import AsteriskSettings
from sambung.centre import load_centre
from sambung.settings import Settings
from sambung.why import replay, why
from store.journal import SqlJournal
from tests.unit.acd.world import World, agent, iid, rules
from tests.unit.sambung.mistakes import SHIPPED

A1, A2, A3 = (AgentId(f"a{n}") for n in (1, 2, 3))


def told() -> World:
    """A call that a1 discussed with a2, who passed it on to a3 after a while."""
    world = World(rules(agent("a1"), agent("a2"), agent("a3")))
    world.do(Arrived(iid(1), Channel.VOICE, world.now, caller="+6281169"), Queued(iid(1), QueueId("oss")))
    world.after(2)
    world.sign_in("a1")
    world.after(3)
    world.talk(1)
    world.sign_in("a2", "a3")
    world.do(Arrived(iid(2), Channel.VOICE, world.now, kind=Kind.CONSULT, parent=iid(1)))
    world.do(Queued(iid(2), QueueId("oss"), preferred=A2, grace_ms=20_000, strict=True))
    world.after(4)
    world.talk(2)
    world.after(10)
    world.do(TransferCompleted(iid(1), iid(2)), Disposed(iid(1), A1, "oss.login", "calls as Budi", True))
    world.do(RecordingPaused(iid(1), True, "card", A2), RecordingPaused(iid(1), False))
    world.after(20)
    world.do(Requeued(iid(1), QueueId("tax"), preferred=A3, grace_ms=20_000, strict=True))
    world.talk(1)
    world.finish(1)
    world.do(Surveyed(iid(1), "csat", 5))
    world.after(60)
    return world


@pytest_asyncio.fixture
async def settings(tmp_path: Path) -> Settings:
    home = AsteriskSettings(tmp_path / "asterisk", tmp_path / "prompts", tmp_path / "spool")
    database = f"sqlite+aiosqlite:///{tmp_path}/sambung.db"
    settings = Settings(tmp_path, SHIPPED / "centre", database, home, tmp_path / "recordings")
    journal = await SqlJournal.open(settings.database)
    await journal.append(told().entries)
    await journal.close()
    return settings


async def test_why_tells_each_part_and_what_belongs_to_the_call(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    centre = load_centre(settings.centre)
    assert await why(settings, centre, iid(1)) == 0
    said = capsys.readouterr().out
    for line in (
        "part: a1 in queue oss: wait 2.0 s, ring 3.0 s, talk 14.0 s, wrap-up 30.0 s, transferred",
        "part: a2 in queue oss: talk 20.0 s, wrap-up 30.0 s, transferred",
        f"consult {iid(2)} at",
        "category: oss.login (by a1, to be followed up)",
        "survey: csat 5",
        "recording paused: card (by a2)",
        "recording goes on (by itself)",
        "rule: the contact was for this agent alone",
    ):
        assert line in said
    assert "Budi" not in said
    assert "6281169" not in said
    assert await why(settings, centre, iid(2)) == 0
    assert f"about {iid(1)}" in capsys.readouterr().out


async def test_a_replay_decides_all_of_it_again_and_the_same(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await replay(settings) == 0
    assert capsys.readouterr().out.endswith("3 decisions, 0 different.\n")
