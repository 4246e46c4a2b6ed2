"""Blind transfers and parking, by ear and by what is written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Refused
from core.ids import AgentId, QueueId
from pbx import commands as ask
from pbx.probe.tone import runs
from pbx.probe.wav import Sound, read
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.integration.control_fixture import (
    CUSTOMER,
    HERTZ,
    MUSIC,
    NOTHING,
    Stage,
    in_conversation,
    over,
    written_as_heard,
)
from tests.waiting import until

FIRST, SECOND, THIRD = AgentId("ag101"), AgentId("ag102"), AgentId("ag103")
OTHER_QUEUE = QueueId("general")
_EDGES_MS = 300
"""A recording is cut in frames and by beginnings and ends, at most so much in a call."""


async def from_agent_to_agent_each_has_a_segment(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, SECOND)
    phones = [stage.ears[FIRST]]
    await stage.command(ask.Transfer(stage.id, FIRST, ask.ToAgent(SECOND)))
    await stage.ears[FIRST].ended(within=2)
    await stage.hear(customer=MUSIC)
    assert await stage.answer() == SECOND
    phones.append(stage.ears[SECOND])
    assert stage.ears[SECOND].caller == stage.ears[FIRST].caller
    await stage.talk(CUSTOMER, SECOND)

    await centre.on_duty(THIRD)
    await stage.command(ask.Hold(stage.id, SECOND))
    await stage.hear(customer=MUSIC, ag102=NOTHING)
    await stage.command(ask.Transfer(stage.id, SECOND, ask.ToAgent(THIRD)))
    await stage.ears[SECOND].ended(within=2)
    await stage.hear(customer=MUSIC)
    assert await stage.answer() == THIRD
    phones.append(stage.ears[THIRD])
    await stage.talk(CUSTOMER, THIRD)
    assert not stage.ears[CUSTOMER].is_over

    # Back to whom it came from, at once.
    await stage.command(ask.Transfer(stage.id, THIRD, ask.ToAgent(SECOND)))
    await stage.ears[THIRD].ended(within=2)
    await stage.hear(customer=MUSIC)
    assert await stage.answer() == SECOND
    phones.append(stage.ears[SECOND])
    await stage.talk(CUSTOMER, SECOND)
    await stage.command(ask.HangUp(stage.id, SECOND))
    await stage.ears[CUSTOMER].ended()
    await stage.ears[SECOND].ended()

    history = await centre.until_phase(stage.id, "closed")
    assert [s.hold_ms > 0 for s in history.segments] == [False, True, False, False]
    written_as_heard(history, read(stage.ears[CUSTOMER].heard), phones)
    await over(centre)
    await everybody_is_in_the_recording(centre, stage, (FIRST, SECOND, THIRD))


async def to_a_queue_whoever_is_free_has_the_customer(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, SECOND)
    phones = [stage.ears[FIRST]]
    await stage.command(ask.Transfer(stage.id, FIRST, ask.ToQueue(OTHER_QUEUE)))
    await stage.ears[FIRST].ended(within=2)
    await stage.hear(customer=MUSIC)
    assert await stage.answer() == SECOND
    phones.append(stage.ears[SECOND])
    await stage.talk(CUSTOMER, SECOND)
    await stage.ears[CUSTOMER].hang_up()
    await stage.ears[SECOND].ended()
    history = await centre.until_phase(stage.id, "closed")
    assert [part.queue for part in history.segments] == [QueueId("licensing"), OTHER_QUEUE]
    written_as_heard(history, read(stage.ears[CUSTOMER].heard), phones)
    await over(centre)


async def everybody_is_in_the_recording(
    centre: RunningCentre, stage: Stage, agents: tuple[AgentId, ...]
) -> None:
    """What is kept of a call holds each agent for as long as the customer heard that agent."""

    def kept(side: str) -> Sound | None:
        return next(map(read, centre.settings.recordings.rglob(f"{stage.id}-{side}.wav")), None)

    told, said = await until(lambda: kept("agent"), within=20), await until(lambda: kept("customer"))
    assert told is not None
    assert said is not None
    heard = read(stage.ears[CUSTOMER].heard)
    for agent in agents:
        wanted = _tone_ms(heard, HERTZ[agent])
        assert wanted >= 700
        assert _tone_ms(told, HERTZ[agent]) >= wanted - _EDGES_MS, agent
    assert _tone_ms(said, HERTZ[CUSTOMER]) >= said.ms - 2 * _EDGES_MS


def _tone_ms(sound: Sound, hertz: int) -> int:
    return sum(run.ms for run in runs(sound.samples, sound.rate, hertz))


async def a_colleague_who_does_not_come_loses_nobody(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, SECOND)
    queue = (await centre.history(stage.id)).interaction.queue
    assert queue is not None
    for wrong, words in (
        (ask.ToAgent(AgentId("nobody")), "no agent"),
        (ask.ToAgent(AgentId("ag110")), "not signed in"),
        (ask.ToAgent(FIRST), "yourself"),
        (ask.ToQueue(QueueId("nowhere")), "no queue"),
    ):
        with pytest.raises(Refused, match=words):
            await stage.command(ask.Transfer(stage.id, FIRST, wrong))
    await stage.talk(CUSTOMER, FIRST)
    await stage.command(ask.Transfer(stage.id, FIRST, ask.ToAgent(SECOND)))
    bell = await centre.desks.incoming(20)
    assert bell.account == SECOND
    await bell.reject(603)
    await centre.on_duty(THIRD)
    assert await stage.answer() == THIRD
    await stage.talk(CUSTOMER, THIRD)
    await stage.ears[CUSTOMER].hang_up()
    await stage.ears[THIRD].ended()
    await over(centre)


async def parked_with_music_until_somebody_retrieves(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, SECOND)
    await stage.command(ask.Park(stage.id, FIRST, 600_000))
    await stage.ears[FIRST].ended(within=5)
    await stage.hear(customer=MUSIC)
    assert (await stage.view()).parked
    await centre.until_phase(stage.id, "parked")
    await stage.command(ask.Retrieve(stage.id, SECOND))
    assert await stage.answer() == SECOND
    await stage.talk(CUSTOMER, SECOND)
    with pytest.raises(Refused, match="not parked"):
        await stage.command(ask.Retrieve(stage.id, FIRST))
    await stage.ears[SECOND].hang_up()
    await stage.ears[CUSTOMER].ended()
    await over(centre)


async def test_blind_transfers_and_parking(tmp_path: Path) -> None:
    async with running_centre(tmp_path) as centre:
        await from_agent_to_agent_each_has_a_segment(centre)
        await to_a_queue_whoever_is_free_has_the_customer(centre)
        await a_colleague_who_does_not_come_loses_nobody(centre)
        await parked_with_music_until_somebody_retrieves(centre)
