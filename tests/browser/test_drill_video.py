"""The drill by video proves a whole visit; what is wrong it names, and it leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sambung import drill_video as drill
from sambung.centre import load_centre
from sambung.client import ControlClient
from sambung.drill_video_account import PREFIX
from sambung.drill_video_media import write_sound
from sambung.settings import Settings
from store.database import Database, parse
from store.desk_accounts import SqlAccounts
from store.views import Summary
from tests.integration.centre_fixture import MENU, sambung, started

Running = tuple[Settings, tuple[str, ...]]


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    async with started(tmp_path, MENU) as centre:
        yield centre


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


async def test_the_drill_proves_a_visit_and_names_what_is_wrong(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, arguments = running
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

    # A microphone with another sound than it should have, as if somebody else were heard.
    monkeypatch.setattr(drill, "write_sound", lambda path, _: write_sound(path, 900))
    monkeypatch.setattr(drill, "_HEARING_S", 2.0)
    centre = load_centre(settings.centre, always_open=settings.always_open)
    wrong = await drill.drill_video(settings, centre)
    assert wrong.failure.startswith("the visitor hears the agent: 1200 Hz is not heard within 2 s; 89"), wrong
    assert wrong.steps[-1].ok, "it tidies up"
    assert await left_behind(settings) == []
