"""Callbacks on the real Asterisk; a telephone acts as the operator and as the customer behind it."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.ids import AgentId, InteractionId
from pbx import commands as ask
from pbx.probe.listen import until_sound
from pbx.probe.phone import Call
from pbx.probe.wav import read
from sambung.outside import outbound_rules
from tests.integration.asterisk_fixture import write_tone
from tests.integration.centre_fixture import (
    CALLER_HZ,
    Place,
    RunningCentre,
    hear_each_other,
    kept,
    running_centre,
    visiting,
)
from tests.waiting import until

NUMBER = "+628123456789"

MENU = """\
numbers: ["169", "021169", "+6221169"]
start: topic
nodes:
  topic:
    kind: menu
    prompts: language
    choices: {1: licensing}
    timeout: 30 s
    on_timeout: licensing
    on_invalid: licensing
  licensing:
    kind: queue
    queue: licensing
    waiting: {first: 5 s, every: 60 s, offer: [wait.long], keys: {1: promise}}
  promise: {kind: callback, back: licensing, timeout: 10 s, on_timeout: licensing, on_invalid: licensing}
"""


def short(folder: Path) -> None:
    """Say what is not waited for to its end, or again and again, in less than a second each."""
    for name in ("number", "kept", "answer"):
        for language in ("id", "en"):
            path = folder / "config" / "centre" / "prompts" / language / f"callback.{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, 500, 0.7)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with kept(tmp_path_factory.mktemp("c"), MENU, short, outbound={"callback_again": "2 s"}) as place:
        yield place


@pytest.fixture
async def centre(place: Place, tmp_path: Path) -> AsyncIterator[RunningCentre]:
    async with visiting(place, tmp_path) as centre:
        yield centre


async def promised(centre: RunningCentre) -> tuple[InteractionId, InteractionId]:
    """Call, wait in line, ask to be called back at the caller's number; return the call and the callback."""
    known = {summary.interaction.id for summary in await centre.recent()}
    call = await centre.dial(user="08123456789")
    await until_sound(call.heard)
    await call.press("1")

    async def waiting() -> InteractionId | None:
        for summary in await centre.recent():
            if summary.interaction.id not in known and summary.interaction.phase == "waiting":
                return summary.interaction.id
        return None

    first = await until(waiting)
    assert first is not None
    await call.press("1")
    await centre.until_phase(first, "in_menu")
    # The number is read out: a key may come before the end.
    await until_sound(call.heard, after_ms=read(call.heard).ms)
    await call.press("1")
    assert (await centre.until_phase(first, "closed")).interaction.outcome == "callback"

    async def there() -> InteractionId | None:
        for summary in await centre.recent():
            if summary.interaction.id not in {*known, first}:
                return summary.interaction.id
        return None

    second = await until(there)
    assert second is not None
    await call.ended(within=30)
    return first, second


async def customer(centre: RunningCentre) -> Call:
    """Wait until the operator is asked for the customer's number, with the centre's as the caller."""
    ringing = await centre.callers.incoming(20)
    assert ringing.dialled == NUMBER
    assert "+6221169" in ringing.caller
    return ringing


async def test_the_agent_is_rung_first_and_nobody_who_is_busy_is_rung_twice(centre: RunningCentre) -> None:
    first, second = await promised(centre)
    assert outbound_rules(centre.settings).caller == "+6221169"
    # The place is kept: the callback stands in line since the customer called.
    kept, left = await centre.history(second), await centre.history(first)
    assert kept.interaction.arrived_at == left.interaction.arrived_at
    assert kept.interaction.phase == "waiting"
    await centre.on_duty("ag101")
    agent = await centre.answered()
    # Who waits for somebody to answer hears that it rings.
    await until_sound(agent.heard)
    await (await customer(centre)).reject(486)
    await agent.ended()
    await centre.until_phase(second, "parked")
    agent = await centre.answered()
    machine = await customer(centre)
    await machine.answer(tone=CALLER_HZ)
    await hear_each_other(machine, agent)
    async with centre.client() as client:
        await client.command(ask.Machine(second, AgentId("ag101")))
    await machine.ended()
    await agent.ended()
    assert (await centre.until_phase(second, "parked")).transitions[-1].cause == "machine"
    agent = await centre.answered()
    found = await customer(centre)
    await found.answer(tone=CALLER_HZ)
    await hear_each_other(found, agent)
    await found.hang_up()
    await agent.ended()
    assert (await centre.until_phase(second, "closed")).interaction.outcome == "handled"
    await centre.nothing_left()
    assert await centre.outcomes() == {"callback": 1, "handled": 1}
    recorded = {path.name[:32] for path in centre.settings.asterisk.spool.glob("*.wav")}
    assert recorded - centre.earlier <= {first, second}


async def test_who_never_answers_is_given_up_and_an_agent_who_hangs_up_frees_the_line(tmp_path: Path) -> None:
    rules = {"callback_again": "1 s", "callback_tries": 2, "ring": "5 s"}
    async with running_centre(tmp_path, MENU, prepare=short, outbound=rules) as centre:
        _, second = await promised(centre)
        await centre.on_duty("ag101")
        for _ in range(2):
            agent = await centre.answered()
            ringing = await customer(centre)
            await ringing.ended(within=15)
            await agent.ended()
        history = await centre.until_phase(second, "closed")
        assert history.interaction.outcome == "unreached"
        await centre.nothing_left()


async def test_customer_first_a_machine_is_not_passed_to_an_agent_and_a_person_is(tmp_path: Path) -> None:
    rules = {"callback": "customer_first", "callback_again": "1 s", "callback_confirm": "2 s"}
    async with running_centre(tmp_path, MENU, prepare=short, outbound=rules) as centre:
        _, second = await promised(centre)
        await centre.on_duty("ag101")
        machine = await customer(centre)
        await machine.answer(tone=CALLER_HZ)
        await machine.ended(within=60)
        person = await customer(centre)
        await person.answer(tone=CALLER_HZ)
        await until_sound(person.heard)
        await person.press("1")
        agent = await centre.answered()
        await hear_each_other(person, agent)
        await agent.hang_up()
        await person.ended()
        history = await centre.until_phase(second, "closed")
        assert history.interaction.outcome == "handled"
        await centre.nothing_left()


@pytest.mark.parametrize("moment", ["promised", "ringing", "answering"])
async def test_a_customer_is_called_once_whenever_control_dies(centre: RunningCentre, moment: str) -> None:
    _, second = await promised(centre)
    if moment == "promised":
        restarts = centre.signal("control", signal.SIGKILL)
        await centre.back("control", restarts)
    await centre.on_duty("ag101")
    agent = await centre.answered()
    found = await customer(centre)
    if moment == "ringing":
        restarts = centre.signal("control", signal.SIGKILL)
        await centre.back("control", restarts)
    await found.answer(tone=CALLER_HZ)
    if moment == "answering":
        restarts = centre.signal("control", signal.SIGKILL)
        await centre.back("control", restarts)
    await hear_each_other(found, agent)
    await agent.hang_up()
    await found.ended()
    assert (await centre.until_phase(second, "closed")).interaction.outcome == "handled"
    await centre.nothing_left()
    assert [call.dialled for call in centre.callers.calls.values() if call.dialled] == [NUMBER]
