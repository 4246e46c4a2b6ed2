"""Supervisors: who hears them, whom they hear, and taking a call over. And a pause of the recording."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Refused
from core.ids import AgentId
from pbx import commands as ask
from pbx.commands import Monitoring
from pbx.probe.listen import until_silent, until_tone
from pbx.probe.tone import longest_ms
from pbx.probe.wav import read
from tests.integration.centre_fixture import AGENT_HZ, CALLER_HZ, RunningCentre, running_centre
from tests.integration.control_fixture import CUSTOMER, in_conversation, over

AGENT, BOSS = AgentId("ag101"), AgentId("ag103")
BOTH = frozenset({CUSTOMER, AGENT})


async def listening_whispering_barging_in_and_taking_over(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, AGENT, BOSS)
    with pytest.raises(Refused, match="Listen"):
        await stage.command(ask.TakeOver(stage.id, BOSS))
    await stage.command(ask.Monitor(stage.id, BOSS, Monitoring.LISTEN))
    assert await stage.answer() == BOSS
    listening = {"customer": frozenset({AGENT}), "ag101": frozenset({CUSTOMER}), "ag103": BOTH}
    await stage.hear(**listening)
    await stage.command(ask.Monitor(stage.id, BOSS, Monitoring.WHISPER))
    await stage.hear(customer=frozenset({AGENT}), ag101=frozenset({CUSTOMER, BOSS}), ag103=BOTH)
    await stage.command(ask.Monitor(stage.id, BOSS, Monitoring.BARGE))
    await stage.talk(CUSTOMER, AGENT, BOSS)
    await stage.command(ask.Monitor(stage.id, BOSS, Monitoring.LISTEN))
    await stage.hear(**listening)
    assert (await stage.view()).monitored_by == (BOSS,)
    await stage.command(ask.Monitor(stage.id, BOSS, Monitoring.WHISPER))
    await stage.hear(customer=frozenset({AGENT}), ag101=frozenset({CUSTOMER, BOSS}), ag103=BOTH)

    await stage.command(ask.TakeOver(stage.id, BOSS))
    await stage.ears[AGENT].ended(within=5)
    await stage.talk(CUSTOMER, BOSS)
    await stage.command(ask.HangUp(stage.id, BOSS))
    await stage.ears[CUSTOMER].ended()
    await stage.ears[BOSS].ended()
    history = await centre.until_phase(stage.id, "closed")
    assert [s.agent for s in history.segments] == [AGENT, BOSS]
    await over(centre)


async def a_supervisor_leaves_and_the_recording_pauses(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, AGENT, BOSS)
    await stage.command(ask.Monitor(stage.id, BOSS, Monitoring.BARGE))
    assert await stage.answer() == BOSS
    await stage.talk(CUSTOMER, AGENT, BOSS)
    await stage.command(ask.Monitor(stage.id, BOSS, None))
    await stage.ears[BOSS].ended()
    await stage.talk(CUSTOMER, AGENT)
    with pytest.raises(Refused, match="cannot be reached"):
        await stage.command(ask.Monitor(stage.id, AgentId("ag110"), Monitoring.LISTEN))

    customer, heard = sorted(centre.settings.asterisk.spool.glob(f"{stage.id}-?.wav"))
    await stage.command(ask.PauseRecording(stage.id, AGENT, True, "card"))
    assert (await stage.view()).recording_paused
    for leg in (customer, heard):
        await until_silent(leg, for_ms=600, within=10)
    await stage.talk(CUSTOMER, AGENT)
    paused = read(heard).ms
    await stage.command(ask.PauseRecording(stage.id, AGENT, False))
    await until_tone(heard, AGENT_HZ, after_ms=paused, within=10)
    await until_tone(customer, CALLER_HZ, after_ms=paused, within=10)
    assert longest_ms(read(customer).samples, 8000, CALLER_HZ) >= 1000
    await stage.ears[CUSTOMER].hang_up()
    await over(centre)


async def test_supervisors_and_a_pause_of_the_recording(tmp_path: Path) -> None:
    async with running_centre(tmp_path) as centre:
        await listening_whispering_barging_in_and_taking_over(centre)
        await a_supervisor_leaves_and_the_recording_pauses(centre)
