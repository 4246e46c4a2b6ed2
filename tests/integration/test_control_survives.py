"""Control is killed with -9 in the middle of a call: nobody notices, and everything can be asked for afterwards."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from core.ids import AgentId, new_interaction_id
from pbx import commands as ask
from pbx.commands import Monitoring
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.integration.control_fixture import CUSTOMER, MUSIC, NOTHING, Stage, in_conversation, over
from tests.waiting import until

FIRST, SECOND, BOSS = AgentId("ag101"), AgentId("ag102"), AgentId("ag103")
PRIVATE = {"customer": MUSIC, "ag101": frozenset({SECOND}), "ag102": frozenset({FIRST})}


async def killed(centre: RunningCentre, stage: Stage, **expected: frozenset[str]) -> None:
    """Kill control and hear that nothing changes, neither while it is away nor when it is back."""
    restarts = centre.signal("control", signal.SIGKILL)
    await asyncio.gather(stage.hear(**expected), centre.back("control", restarts))

    async def shown() -> bool:
        return (await stage.view()).id == stage.id

    await until(shown)
    await stage.hear(**expected)


async def on_hold_muted_and_parked(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST)
    await stage.command(ask.Mute(stage.id, FIRST, True))
    await stage.command(ask.Hold(stage.id, FIRST))
    await killed(centre, stage, customer=MUSIC, ag101=NOTHING)
    view = await stage.view()
    assert (view.held, [party.muted for party in view.parties]) == (True, [False, True])
    await stage.command(ask.Resume(stage.id, FIRST))
    await stage.hear(customer=NOTHING, ag101=frozenset({CUSTOMER}))
    await stage.command(ask.Mute(stage.id, FIRST, False))
    await stage.talk(CUSTOMER, FIRST)
    await stage.command(ask.Park(stage.id, FIRST, 600_000))
    await stage.ears[FIRST].ended()
    await killed(centre, stage, customer=MUSIC)
    await centre.until_phase(stage.id, "parked")
    await centre.on_duty(FIRST)
    await stage.command(ask.Retrieve(stage.id, FIRST))
    await stage.answer()
    await stage.talk(CUSTOMER, FIRST)
    await stage.ears[CUSTOMER].hang_up()
    await over(centre)


async def in_a_consultation_and_in_a_conference(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, SECOND)
    await stage.command(ask.Consult(stage.id, FIRST, ask.ToAgent(SECOND), new_interaction_id()))
    ringing = await centre.desks.incoming(20)
    restarts = centre.signal("control", signal.SIGKILL)
    await centre.back("control", restarts)
    assert not ringing.is_over
    await ringing.answer(tone=950)
    stage.ears[SECOND] = ringing
    await stage.hear(**PRIVATE)
    await killed(centre, stage, **PRIVATE)
    await stage.command(ask.Confer(stage.id, FIRST))
    everybody = {CUSTOMER, FIRST, SECOND}
    await stage.talk(*everybody)
    await killed(centre, stage, **{name: frozenset(everybody) for name in everybody})
    await stage.command(ask.Toggle(stage.id, FIRST))
    await stage.hear(**PRIVATE)
    await stage.command(ask.Complete(stage.id, FIRST))
    await stage.ears[FIRST].ended()
    await stage.talk(CUSTOMER, SECOND)
    await killed(centre, stage, customer=frozenset({SECOND}), ag102=frozenset({CUSTOMER}))
    await stage.ears[SECOND].hang_up()
    await stage.ears[CUSTOMER].ended()
    history = await centre.until_phase(stage.id, "closed")
    assert [s.agent for s in history.segments] == [FIRST, SECOND]
    await over(centre)


async def test_who_hangs_up_meanwhile_is_noticed(tmp_path: Path) -> None:
    async with running_centre(tmp_path, restart_s=3.0) as centre:
        stage = await in_conversation(centre, FIRST, SECOND)
        await stage.command(ask.Consult(stage.id, FIRST, ask.ToAgent(SECOND), new_interaction_id()))
        await stage.answer()
        await stage.hear(**PRIVATE)
        restarts = centre.signal("control", signal.SIGKILL)
        await stage.ears[FIRST].hang_up()
        await centre.back("control", restarts)
        await stage.talk(CUSTOMER, SECOND)
        await stage.ears[CUSTOMER].hang_up()
        await stage.ears[SECOND].ended()
        await over(centre)


async def with_a_supervisor(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, FIRST, BOSS)
    both = frozenset({CUSTOMER, FIRST})
    await stage.command(ask.Monitor(stage.id, BOSS, Monitoring.WHISPER))
    await stage.answer()
    whispering = {"customer": frozenset({FIRST}), "ag101": frozenset({CUSTOMER, BOSS}), "ag103": both}
    await stage.hear(**whispering)
    await killed(centre, stage, **whispering)
    await stage.command(ask.Monitor(stage.id, BOSS, Monitoring.BARGE))
    everybody = {CUSTOMER, FIRST, BOSS}
    await stage.talk(*everybody)
    await killed(centre, stage, **{name: frozenset(everybody) for name in everybody})
    await stage.command(ask.TakeOver(stage.id, BOSS))
    await stage.ears[FIRST].ended()
    await stage.talk(CUSTOMER, BOSS)
    await killed(centre, stage, customer=frozenset({BOSS}), ag103=frozenset({CUSTOMER}))
    await stage.ears[CUSTOMER].hang_up()
    await stage.ears[BOSS].ended()
    await over(centre)


async def test_control_is_killed_in_the_middle_of_everything(tmp_path: Path) -> None:
    async with running_centre(tmp_path) as centre:
        await on_hold_muted_and_parked(centre)
        await in_a_consultation_and_in_a_conference(centre)
        await with_a_supervisor(centre)
