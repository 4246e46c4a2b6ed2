"""Telephones outside: passed on to, asked, conferred with, called by the agent; by ear."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from core.errors import Refused
from core.ids import AgentId, QueueId, new_interaction_id
from pbx import commands as ask
from pbx.probe.wav import read
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.integration.control_fixture import (
    CUSTOMER,
    HERTZ,
    MUSIC,
    NOTHING,
    OUTSIDE,
    RINGING,
    Stage,
    in_conversation,
    over,
    written_as_heard,
)
from tests.waiting import until

AGENT = AgentId("ag101")
NUMBER = ask.ToNumber("+622152961000")


async def trunk_is_up(centre: RunningCentre) -> bool:
    """Whether the operator answers: before that no call leaves."""
    async with centre.client() as client:
        links = (await client.get("/status", dict[str, object]))["links"]
    # Nothing is said of the trunk before it was asked the first time.
    return isinstance(links, dict) and links.get("trunk", {}).get("up") is True


async def answer_outside(stage: Stage) -> None:
    """Let the telephone outside ring, and answer."""
    ringing = await stage.centre.callers.incoming(20)
    await stage.hear(customer=MUSIC, ag101=RINGING)
    await ringing.answer(tone=HERTZ[OUTSIDE])
    await ringing.confirmed()
    stage.ears[OUTSIDE] = ringing


async def passed_on_outside_and_staying_there(centre: RunningCentre) -> None:
    await until(lambda: trunk_is_up(centre), within=30)
    stage = await in_conversation(centre, AGENT)
    for number in ("+14155550100", "169", "+628091234567", "abc"):
        with pytest.raises(Refused):
            await stage.command(ask.Transfer(stage.id, AGENT, ask.ToNumber(number)))
    await stage.talk(CUSTOMER, AGENT)
    await stage.command(ask.Transfer(stage.id, AGENT, NUMBER))
    busy = await centre.callers.incoming(20)
    await busy.reject(486)
    await stage.talk(CUSTOMER, AGENT)

    await stage.command(ask.Transfer(stage.id, AGENT, NUMBER))
    await answer_outside(stage)
    await stage.ears[AGENT].ended(within=5)
    await stage.talk(CUSTOMER, OUTSIDE)
    await centre.until_phase(stage.id, "closed")
    restarts = centre.signal("control", signal.SIGKILL)
    await stage.talk(CUSTOMER, OUTSIDE)
    await centre.back("control", restarts)
    await stage.talk(CUSTOMER, OUTSIDE)
    await stage.ears[CUSTOMER].hang_up()
    await stage.ears[OUTSIDE].ended()
    await over(centre)


async def asked_outside_and_given_the_customer(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, AGENT)
    await stage.command(ask.Consult(stage.id, AGENT, NUMBER, new_interaction_id()))
    await answer_outside(stage)
    await stage.hear(customer=MUSIC, ag101=frozenset({OUTSIDE}), outside=frozenset({AGENT}))
    await stage.command(ask.Complete(stage.id, AGENT))
    await stage.ears[AGENT].ended(within=5)
    await stage.talk(CUSTOMER, OUTSIDE)
    history = await centre.until_phase(stage.id, "closed")
    written_as_heard(history, read(stage.ears[CUSTOMER].heard), [stage.ears[AGENT]])
    async with centre.client() as client:
        (agent,) = [one for one in await client.agents() if one.id == AGENT]
    assert not agent.load
    # Whoever was asked hangs up this time.
    assert not stage.ears[CUSTOMER].is_over
    await stage.ears[OUTSIDE].hang_up()
    await stage.ears[CUSTOMER].ended()
    await over(centre)


async def asking_outside_and_calling_a_customer(centre: RunningCentre) -> None:
    stage = await in_conversation(centre, AGENT)
    await stage.command(ask.Consult(stage.id, AGENT, NUMBER, new_interaction_id()))
    await answer_outside(stage)
    await stage.hear(customer=MUSIC, ag101=frozenset({OUTSIDE}), outside=frozenset({AGENT}))
    await stage.command(ask.Confer(stage.id, AGENT))
    await stage.talk(CUSTOMER, AGENT, OUTSIDE)
    await stage.ears[OUTSIDE].hang_up()
    await stage.talk(CUSTOMER, AGENT)
    await stage.ears[AGENT].hang_up()
    await stage.ears[CUSTOMER].ended()
    await over(centre)

    await centre.on_duty(AGENT)
    own = Stage(centre, new_interaction_id(), {})
    await own.command(ask.Dial(own.id, AGENT, NUMBER.number, QueueId("licensing")))
    assert await own.answer() == AGENT
    called = await centre.callers.incoming(20)
    await called.answer(tone=HERTZ[OUTSIDE])
    own.ears[OUTSIDE] = called
    await own.talk(AGENT, OUTSIDE)
    await own.command(ask.Hold(own.id, AGENT))
    await own.hear(outside=MUSIC, ag101=NOTHING)
    await own.command(ask.HangUp(own.id, AGENT))
    await called.ended()
    await over(centre)


async def test_telephones_outside(tmp_path: Path) -> None:
    async with running_centre(tmp_path) as centre:
        await passed_on_outside_and_staying_there(centre)
        await asked_outside_and_given_the_customer(centre)
        await asking_outside_and_calling_a_customer(centre)
