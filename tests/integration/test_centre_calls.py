"""Whole calls through the running centre, by ear and by what is written down."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from core.ids import AgentId
from pbx.probe.listen import until_sound
from pbx.probe.phone import Call
from pbx.probe.wav import read
from sambung.client import AgentState
from sambung.settings import Settings
from tests.integration.centre_fixture import (
    AGENT_HZ,
    MENU,
    Place,
    RunningCentre,
    hear_each_other,
    kept,
    sambung,
    second_menu,
    started,
    visiting,
)
from tests.waiting import until

IMPATIENT = "021169"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with kept(tmp_path_factory.mktemp("c"), MENU, _impatient) as place:
        yield place


@pytest.fixture
async def centre(place: Place, tmp_path: Path) -> AsyncIterator[RunningCentre]:
    async with visiting(place, tmp_path) as centre:
        yield centre


def _impatient(folder: Path) -> None:
    impatient = MENU.replace("timeout: 30 s", "timeout: 1 s").replace("tries: 3", "tries: 2")
    second_menu(folder, IMPATIENT, MENU, impatient)


async def state(centre: RunningCentre, agent: str) -> AgentState:
    async with centre.client() as client:
        return next(one for one in await client.agents() if one.id == agent)


def wavs(settings: Settings) -> list[Path]:
    """Return every recording, in the spool or finished."""
    return [*settings.asterisk.spool.rglob("*.wav"), *settings.recordings.rglob("*.wav")]


def logged(settings: Settings) -> str:
    """Return all that our processes logged."""
    return "".join(path.read_text(errors="replace") for path in (settings.home / "log").iterdir())


async def test_the_drill_proves_a_whole_call_and_the_receipt_explains_it(tmp_path: Path) -> None:
    async with started(tmp_path, None) as (_, arguments):
        status, said = await sambung(arguments, "drill", "call")
        assert status == 0, said
        timeline = json.loads(said)
        assert timeline["ok"]
        steps = [step["step"] for step in timeline["steps"]]
        assert "each tone is on its side of the recording" in steps
        identity = timeline["interaction"]

        status, said = await sambung(arguments, "why", identity)
        assert status == 0
        assert "rule: " in said
        assert "winner: ag101" in said
        assert "candidates" in said
        status, said = await sambung(arguments, "why", "--replay")
        assert (status, " 1 decisions, 0 different." in said) == (0, True), said
        status, said = await sambung(arguments, "calls")
        assert identity in said
        assert "handled" in said
        status, said = await sambung(arguments, "status")
        assert status == 0, said


async def test_a_wrong_step_of_the_drill_is_named(tmp_path: Path) -> None:
    refusing = MENU.replace("kind: queue, queue: licensing", "kind: hangup, outcome: refused")
    async with started(tmp_path, refusing, video=0) as (_, arguments):
        status, said = await sambung(arguments, "drill", "call")
    assert status == 1
    assert "sambung: " in said
    assert "queue" in said


async def test_hanging_up_at_every_step_has_one_outcome_each_and_leaves_nothing(
    centre: RunningCentre,
) -> None:
    in_menu = await centre.dial()
    await until_sound(in_menu.heard)
    await in_menu.hang_up()
    waiting, waiting_id = await centre.in_line()
    await centre.until_phase(waiting_id, "waiting")
    await waiting.hang_up()
    await centre.until_phase(waiting_id, "closed")

    await centre.on_duty("ag101")
    ringing, ringing_id = await centre.in_line()
    bell = await centre.desks.incoming()
    await ringing.hang_up()
    await bell.ended()
    await centre.until_phase(ringing_id, "closed")
    by_caller, _ = await centre.in_line()
    agent = await centre.answered()
    await hear_each_other(by_caller, agent)
    await by_caller.hang_up()
    await agent.ended()
    by_agent, _ = await centre.in_line()
    agent = await centre.answered()
    await hear_each_other(by_agent, agent)
    await agent.hang_up()
    await by_agent.ended()
    await centre.nothing_left()

    assert await centre.outcomes() == {"abandoned": 3, "handled": 2}
    phases = {s.interaction.abandoned_in for s in await centre.recent()}
    assert phases == {"in_menu", "waiting", "offered", None}


async def test_silence_and_wrong_keys_lead_on(centre: RunningCentre) -> None:
    silent = await centre.dial(IMPATIENT)
    wrong = await centre.dial(IMPATIENT)
    await until_sound(wrong.heard)
    await wrong.press("9")
    heard = read(wrong.heard).ms
    await until_sound(wrong.heard, after_ms=heard, within=10)
    await wrong.press("9")

    async def both_wait() -> bool:
        phases = [s.interaction.phase for s in await centre.recent()]
        return phases == ["waiting", "waiting"]

    await until(both_wait, within=60)
    # Keys while waiting belong to no question.
    await wrong.press("1#*")
    await silent.hang_up()
    await wrong.hang_up()
    await centre.nothing_left()
    assert await centre.outcomes() == {"abandoned": 2}


async def test_who_does_not_answer_is_set_not_ready_and_the_next_agent_is_rung(centre: RunningCentre) -> None:
    await centre.on_duty("ag101")
    caller, identity = await centre.in_line()
    missed = await centre.desks.incoming()
    assert missed.account == "ag101"
    await centre.on_duty("ag102")
    await missed.ended(within=20)
    bell = await centre.desks.incoming(20)
    assert bell.account == "ag102"
    await bell.answer(tone=AGENT_HZ)
    await hear_each_other(caller, bell)
    absent = await state(centre, "ag101")
    assert (absent.ready, absent.reason) == (False, "rona")
    await bell.hang_up()
    history = await centre.until_phase(identity, "closed")
    assert [segment.result for segment in history.segments] == ["not_taken", "handled"]
    await centre.nothing_left()


@pytest.mark.parametrize("code", [486, 603])
async def test_who_declines_is_passed_over_and_stays_ready(centre: RunningCentre, code: int) -> None:
    await centre.on_duty("ag101")
    caller, _ = await centre.in_line()
    bell = await centre.desks.incoming()
    await centre.on_duty("ag102")
    await bell.reject(code)
    other = await centre.answered()
    assert other.account == "ag102"
    await hear_each_other(caller, other)
    assert (await state(centre, "ag101")).ready
    await caller.hang_up()
    await centre.nothing_left()


async def test_first_come_first_served(centre: RunningCentre) -> None:
    callers: list[Call] = []
    for _ in range(4):
        caller, _identity = await centre.in_line()
        callers.append(caller)
    await centre.on_duty("ag101")
    for caller in callers:
        agent = await centre.answered()
        await hear_each_other(caller, agent)
        await agent.hang_up()
        await caller.ended()
    await centre.nothing_left()
    assert await centre.outcomes() == {"handled": 4}


@pytest.mark.parametrize(
    ("display", "user"),
    [
        ('Budi "; DROP TABLE', "0811"),
        ("x" * 300, "y" * 300),
        ("../../etc/passwd", "..%2F..%2Fetc"),
        ("<b>Siti</b>", "$%7BSYSTEM(id)%7D"),
    ],
)
async def test_a_hostile_name_or_number_is_only_text(centre: RunningCentre, display: str, user: str) -> None:
    await centre.on_duty("ag101")
    call = await centre.dial(display=display, user=user)
    await until_sound(call.heard)
    await call.press("1")
    agent = await centre.answered()
    await hear_each_other(call, agent)
    await call.hang_up()
    await centre.nothing_left()
    (summary,) = await centre.recent()
    assert summary.interaction.outcome == "handled"
    recorded = {path.name.partition("-")[0] for path in wavs(centre.settings)} - centre.earlier
    assert recorded <= {summary.interaction.id}
    assert user == "0811" or user not in logged(centre.settings)
    assert display not in logged(centre.settings)


async def test_an_agent_gets_ready_by_dialling_a_code(centre: RunningCentre) -> None:
    await centre.register("ag101")
    asterisk = centre.settings.asterisk
    uri = f"sip:*11@{asterisk.host}:{asterisk.sip_port}"
    await (await centre.desks.dial(uri, account="ag101")).ended()

    async def ready() -> bool:
        return (await state(centre, "ag101")).ready

    await until(ready)
    off = uri.replace("*11", "*10")
    await (await centre.desks.dial(off, account="ag101")).ended()

    async def not_ready() -> bool:
        agent = await state(centre, "ag101")
        return agent.signed_in and not agent.ready

    await until(not_ready)


async def test_the_local_interface_says_what_is_wrong(centre: RunningCentre) -> None:
    wrong = [
        (("agents", "ready", "nobody"), "no agent 'nobody'"),
        (("agents", "not-ready", "ag101", "--reason", "bored"), "allowed: "),
        (("why", "zzz"), "`sambung calls` lists them"),
        (("why", "0" * 32), "there is no interaction"),
    ]
    for command, words in wrong:
        status, said = await centre.run(*command)
        assert status == 1, command
        assert words in said, said
    assert not (await state(centre, AgentId("ag101"))).signed_in
