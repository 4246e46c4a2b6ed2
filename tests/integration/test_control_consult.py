"""Consultation, toggling, conference and attended transfer, by ear and by what is written down."""

from __future__ import annotations

from pathlib import Path

from core.ids import AgentId, InteractionId, new_interaction_id
from pbx import commands as ask
from pbx.probe.tone import longest_ms
from pbx.probe.wav import read
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.integration.control_fixture import CUSTOMER, HERTZ, MUSIC, RINGING, Stage, in_conversation, over

FIRST, SECOND = AgentId("ag101"), AgentId("ag102")


async def consult(stage: Stage, to: ask.Target | None = None) -> InteractionId:
    """Ask the second agent, who answers."""
    asked = new_interaction_id()
    await stage.command(ask.Consult(stage.id, FIRST, to or ask.ToAgent(SECOND), asked))
    await stage.hear(customer=MUSIC, ag101=RINGING)
    assert await stage.answer() == SECOND
    await stage.hear(customer=MUSIC, ag101=frozenset({SECOND}), ag102=frozenset({FIRST}))
    return asked


async def toggling_conference_and_attended_transfer(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, SECOND)
    asked = await consult(stage)
    (heard,) = centre.settings.asterisk.spool.glob(f"{stage.id}-t.wav")
    assert longest_ms(read(heard).samples, 8000, HERTZ[SECOND]) < 300, "the consultation was recorded"
    view = await stage.view()
    assert (view.consult, view.consult_answered, view.talking_to) == (asked, True, "colleague")
    await stage.command(ask.Toggle(stage.id, FIRST))
    await stage.hear(customer=frozenset({FIRST}), ag101=frozenset({CUSTOMER}), ag102=MUSIC)
    await stage.command(ask.Confer(stage.id, FIRST))
    await stage.talk(CUSTOMER, FIRST, SECOND)
    await stage.command(ask.Toggle(stage.id, FIRST))
    await stage.hear(customer=MUSIC, ag101=frozenset({SECOND}), ag102=frozenset({FIRST}))
    await stage.command(ask.Complete(stage.id, FIRST))
    await stage.ears[FIRST].ended(within=5)
    await stage.talk(CUSTOMER, SECOND)
    await stage.ears[CUSTOMER].hang_up()
    await stage.ears[SECOND].ended()

    history = await centre.until_phase(stage.id, "closed")
    assert [s.agent for s in history.segments] == [FIRST, SECOND]
    assert all(s.talk_ms >= 700 for s in history.segments)
    assert history.segments[0].hold_ms >= 1400
    aside = (await centre.history(asked)).interaction
    assert (aside.outcome, aside.phase) == ("handled", "closed")
    await over(centre)


async def what_comes_to_nothing_brings_the_customer_back(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, SECOND)
    await stage.command(ask.Consult(stage.id, FIRST, ask.ToAgent(SECOND), new_interaction_id()))
    bell = await centre.desks.incoming(20)
    await bell.reject(603)
    await stage.talk(CUSTOMER, FIRST)
    assert (await stage.view()).consult is None

    await consult(stage)
    await stage.command(ask.EndConsult(stage.id, FIRST))
    await stage.ears[SECOND].ended()
    await stage.talk(CUSTOMER, FIRST)
    await consult(stage)
    await stage.ears[SECOND].hang_up()
    await stage.talk(CUSTOMER, FIRST)
    assert (await centre.history(stage.id)).interaction.phase == "talking"
    await stage.ears[FIRST].hang_up()
    await stage.ears[CUSTOMER].ended()
    await over(centre)


async def whoever_hangs_up_leaves_the_others_together(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, SECOND)
    await consult(stage)
    await stage.ears[CUSTOMER].hang_up()
    await centre.until_phase(stage.id, "closed")
    await stage.talk(FIRST, SECOND)
    await stage.ears[FIRST].hang_up()
    await stage.ears[SECOND].ended()
    await over(centre)

    stage = await in_conversation(centre, FIRST, SECOND)
    await consult(stage)
    await stage.command(ask.Confer(stage.id, FIRST))
    await stage.ears[FIRST].hang_up()
    await stage.talk(CUSTOMER, SECOND)
    await stage.ears[SECOND].hang_up()
    await stage.ears[CUSTOMER].ended()
    history = await centre.until_phase(stage.id, "closed")
    assert [s.agent for s in history.segments] == [FIRST, SECOND]
    await over(centre)


async def test_consultations(tmp_path: Path) -> None:
    async with running_centre(tmp_path) as centre:
        await toggling_conference_and_attended_transfer(centre)
        await what_comes_to_nothing_brings_the_customer_back(centre)
        await whoever_hangs_up_leaves_the_others_together(centre)
