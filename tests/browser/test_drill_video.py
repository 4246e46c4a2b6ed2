"""The drill by video proves a whole visit; what is wrong it names, and it leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator

import pytest

from core.ids import InteractionId
from sambung import processes
from sambung.centre import load_centre
from sambung.client import ControlClient
from sambung.drill_timeline import Step
from sambung.drill_video import drill_video
from sambung.drill_video_account import PREFIX
from sambung.drill_video_media import AGENT, VISITOR, check
from sambung.settings import Settings
from store.database import Database, parse
from store.desk_accounts import SqlAccounts
from store.media import SqlMedia
from store.views import Summary
from tests.browser.recorded import pictures
from tests.integration.centre_fixture import MENU, Place, kept, sambung
from video.model import ParticipantId, RoomId
from video.ports import Media


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with kept(tmp_path_factory.mktemp("c"), MENU, video=2) as place:
        yield place


async def left_behind(settings: Settings) -> list[object]:
    """What a drill may not leave: an account, an agent signed in, a visit that goes on."""
    database = Database(parse(settings.database))
    try:
        users = [user.name for user in await SqlAccounts(database).users() if user.name.startswith(PREFIX)]
    finally:
        await database.close()
    async with ControlClient(settings.control_socket) as control:
        agents = [agent.id for agent in await control.agents() if agent.signed_in]
        recent = await control.get("/interactions", list[Summary])
    return [*users, *agents, *(one.interaction for one in recent if one.interaction.phase != "closed")]


def kill(settings: Settings, *names: str) -> None:
    """Kill processes without a word."""
    report = processes.read(settings.home)
    assert report is not None
    for process in report.processes:
        if process.name in names:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)


async def recording(settings: Settings, id_: InteractionId) -> Media:
    media = await SqlMedia.open(settings.database)
    try:
        found = await media.find(RoomId(id_))
    finally:
        await media.close()
    assert found is not None
    return found


async def test_the_drill_proves_a_visit_and_names_what_is_wrong(place: Place) -> None:
    settings, arguments = place
    status, said = await sambung(arguments, "drill", "video")
    assert status == 0, said
    timeline = json.loads(said)
    assert timeline["ok"]
    assert len(timeline["interaction"]) == 32
    details = {step["step"]: step["detail"] for step in timeline["steps"]}
    for one, other, hertz in (("visitor", "agent", 1_200), ("agent", "visitor", 650)):
        assert int(details[f"the {one} sees the {other}"].split()[0]) >= 20
        assert abs(int(details[f"the {one} hears the {other}"].split()[0]) - hertz) < 25
        assert f"the {other} reads what the {one} writes" in details
    assert "pictures of visitor" in details["the recording shows and sounds like both"]
    assert await left_behind(settings) == []

    status, said = await sambung(arguments, "drill", "video", "--browser", "/bin/false")
    assert (status, "sambung: the drill failed at both browsers run: the browser has ended" in said) == (
        1,
        True,
    )
    assert await left_behind(settings) == []


async def test_a_visit_outlives_every_process_and_its_recording_names_the_gap(place: Place) -> None:
    settings, _ = place
    steps: list[str] = []

    def told(step: Step) -> None:
        steps.append(step.step)
        if step.step == "the agent hears the visitor":
            kill(settings, "recorder", *(f"sfu@{n}" for n in range(settings.video.workers)), "sfu")
        if step.step == "the agent sees the visitor's screen":
            kill(settings, "control")

    centre = load_centre(settings.centre, always_open=settings.always_open)
    timeline = await drill_video(settings, centre, told=told)
    # Screen, chat and the end of the call came to pass after the deaths; only the recording is not whole.
    assert timeline.failure.startswith("the recording is finished: it has gaps: "), (timeline.failure, steps)
    assert timeline.interaction is not None
    media = await recording(settings, timeline.interaction)
    # Of two that are away at the same time, one names the gap.
    assert {gap.why for gap in media.gaps} in ({"recorder"}, {"recorder", "worker"})
    (agent,) = {leg.participant for leg in media.legs} - {"visitor"}
    visitor = ParticipantId("visitor")
    assert check(media, settings.recordings, {visitor: VISITOR, agent: AGENT}, visitor)
    begin = (min(gap.begin for gap in media.gaps) - media.started_at * 1_000) / 1e6
    end = (max(gap.end for gap in media.gaps) - media.started_at * 1_000) / 1e6
    for who in (visitor, agent):
        seen = [at for at, _ in pictures(settings.recordings / media.file, f"{who} camera")]
        assert any(at < begin for at in seen)
        assert any(at > end for at in seen), "the picture is recorded again after the gap"
    assert await left_behind(settings) == []
