"""Consultation, toggling, conference and attended transfer, by ear and by what is written down."""

from __future__ import annotations

from pathlib import Path

from core.ids import AgentId, InteractionId, QueueId, new_interaction_id
from pbx import commands as ask
from pbx.probe.tone import longest_ms, runs
from pbx.probe.wav import read
from store.views import History
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.integration.control_fixture import (
    CUSTOMER,
    HERTZ,
    MUSIC,
    RINGING,
    Stage,
    bye_at,
    ended,
    in_conversation,
    near,
    over,
    turns,
    written_as_heard,
)

FIRST, SECOND = AgentId("ag101"), AgentId("ag102")
OTHER_QUEUE = QueueId("general")


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
    written_as_heard_aside(history, stage)
    aside = (await centre.history(asked)).interaction
    assert (aside.outcome, aside.phase) == ("handled", "closed")
    await over(centre)


def written_as_heard_aside(history: History, stage: Stage) -> None:
    """The agent talked as long as the customer heard that agent, and held otherwise; then came the colleague."""
    heard = read(stage.ears[CUSTOMER].heard)
    first, second = history.segments
    assert (first.agent, second.agent) == (FIRST, SECOND)
    begins, ends = ended(first)
    assert begins < ends <= ended(second)[0]
    assert near(ends, bye_at(stage.ears[FIRST]))
    assert near(ended(second)[1], bye_at(stage.ears[SECOND]))
    said = turns(heard, FIRST)
    assert near(first.talk_ms, sum(turn.heard_ms for turn in said)), (first, said)
    alone = [run for run in runs(heard.samples, heard.rate, HERTZ[SECOND]) if run.ms >= 700][-1]
    assert near(second.talk_ms, alone.ms), (second, alone)
    held = [run for run in runs(heard.samples, heard.rate, HERTZ[FIRST]) if run.ms >= 120]
    assert near(first.talk_ms + first.hold_ms, alone.start_ms - held[0].start_ms), (first, held, alone)


async def attended_to_a_queue(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, SECOND)
    phones = [stage.ears[FIRST]]
    asked = await consult(stage, ask.ToQueue(OTHER_QUEUE))
    phones.append(stage.ears[SECOND])
    assert (await centre.history(asked)).interaction.queue == OTHER_QUEUE
    await stage.command(ask.Complete(stage.id, FIRST))
    await stage.ears[FIRST].ended(within=5)
    await stage.talk(CUSTOMER, SECOND)
    assert not stage.ears[CUSTOMER].is_over
    await stage.ears[SECOND].hang_up()
    await stage.ears[CUSTOMER].ended()
    history = await centre.until_phase(stage.id, "closed")
    assert history.interaction.outcome == "handled"
    written_as_heard(history, read(stage.ears[CUSTOMER].heard), phones)
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
        await attended_to_a_queue(centre)
        await what_comes_to_nothing_brings_the_customer_back(centre)
        await whoever_hangs_up_leaves_the_others_together(centre)
