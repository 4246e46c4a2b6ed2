"""A centre under many short calls: agents who stay ready, and an account of every call against what was written."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import create_engine, make_url, text

from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId, QueueId, new_interaction_id
from pbx import commands as ask
from pbx import secrets
from pbx.probe.mix import Mix, Went, open_mix
from pbx.probe.mix_scripts import SET_ASIDE, Leaves, Script
from pbx.probe.phone import open_telephone
from pbx.view import CallView
from sambung.client import AgentState, ControlClient
from store.views import History
from tests.integration.asterisk_fixture import write_tone
from tests.integration.centre_fixture import MENU, RunningCentre, started

QUEUE = QueueId("licensing")
WRAP_UP_S = 1
OUTBOUND = {"callback_again": "1 s"}
QUICK_MENU = (
    MENU.replace("timeout: 30 s", "timeout: 2 s")
    .replace("tries: 3", "tries: 1")
    .replace("{1: licensing}", "{1: licensing, 2: message, 3: promise, 4: asked, 5: alone}")
    + """\
  message:
    {kind: voicemail, prompts: voicemail.greeting, queue: licensing, longest: 10 s, shortest: 1 s, otherwise: bye}
  promise:
    {kind: callback, queue: licensing, back: licensing, timeout: 3 s, on_timeout: licensing, on_invalid: licensing}
  asked: {kind: queue, queue: licensing, after: survey}
  alone: {kind: queue, queue: lkpm}
  survey:
    {kind: survey, questions: {csat: {prompts: wait.busy}, nps: {prompts: wait.long}}, timeout: 2 s, next: bye}
  bye: {kind: hangup, prompts: goodbye, outcome: deflected}
"""
)
"""Key 5 leads to where nobody is on duty, and from there to the others, at once if somebody waits there."""
TALKED = (Leaves.TALKING, Leaves.AGENT, Leaves.HELD, Leaves.SURVEY, Leaves.OVERFLOW)
SPOKEN = (
    *("voicemail.greeting", "voicemail.empty", "voicemail.kept"),
    *("callback.number", "callback.confirm", "callback.kept", "wait.busy", "wait.long", "goodbye"),
    *("survey.intro", "survey.thanks"),
)
"""What is said in a third of a second."""


class MixedCentre(NamedTuple):
    """A running centre, the telephones around it, and its agents."""

    centre: RunningCentre
    mix: Mix
    agents: tuple[str, ...]
    moved: set[InteractionId]
    """Contacts that an agent passed on, parked or ended at the desk."""

    @property
    def uri(self) -> str:
        """Where callers dial."""
        return f"sip:169@127.0.0.1:{self.centre.settings.asterisk.trunk.bind_port}"


@asynccontextmanager
async def mixed_centre(folder: Path, agents: int) -> AsyncIterator[MixedCentre]:
    """Run a centre with so many agents on duty, who wrap up for a second."""
    async with started(folder, QUICK_MENU, _prepare(agents), video=0, outbound=OUTBOUND) as (
        settings,
        arguments,
    ):
        port = int(settings.asterisk.trunk.peer.rpartition(":")[2])
        async with (
            open_telephone(calls=1, folder=folder / "spare") as spare,
            open_mix(port, tired_s=25) as mix,
        ):
            centre = RunningCentre(settings, arguments, spare, spare)
            names = tuple(f"ag{101 + number}" for number in range(agents))
            passwords = secrets.load(settings.home)
            await mix.register(
                {name: secrets.agent_password(passwords, AgentId(name)) for name in names},
                f"{settings.asterisk.host}:{settings.asterisk.sip_port}",
            )
            busy = MixedCentre(centre, mix, names, set())
            at_work = [
                asyncio.create_task(_stay_ready(centre, names, random.Random(169)), name="keeper"),
                asyncio.create_task(_at_desks(busy, random.Random(170)), name="desks"),
            ]
            try:
                await all_ready(centre, names)
                yield busy
            finally:
                for task in at_work:
                    task.cancel()


def _prepare(agents: int) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        centre = folder / "config" / "centre"
        queues = centre / "queues.yaml"
        queues.write_text(
            re.sub(
                r"offer: 8 s",
                "offer: 5 s",
                queues.read_text().replace("wrap_up: 0 s", f"wrap_up: {WRAP_UP_S} s"),
            )
        )
        text = queues.read_text()
        assert "lkpm:\n" in text
        queues.write_text(
            text.replace("lkpm:\n", "lkpm:\n  max_length: 1\n  max_wait: 10 s\n  overflow: licensing\n")
        )
        _nobody_for_lkpm(centre / "profiles.yaml")
        for language in ("id", "en"):
            prompts = centre / "prompts" / language
            prompts.mkdir(parents=True, exist_ok=True)
            for name in SPOKEN:
                write_tone(prompts / f"{name}.wav", 500, 0.3)
        names = ", ".join(f"Agent {number}" for number in range(agents))
        (centre / "agents.yaml").write_text(
            "groups:\n  mixed:\n    first: ag101\n    profile: voice\n    languages: [id, en]\n"
            f"    skills: {{oss-technical: 1}}\n    names: [{names}]\n"
            "  away:\n    first: ag190\n    profile: lonely\n    languages: [id, en]\n    names: [Agent Away]\n"
        )

    return prepare


def _nobody_for_lkpm(profiles: Path) -> None:
    """Leave a queue to agents of whom none is on duty."""
    shared, alone = "[licensing, lkpm, technical, general]", "[licensing, technical, general]"
    text = profiles.read_text()
    assert f"queues: {shared}, channels: voice" in text
    text = text.replace(f"queues: {shared}, channels: voice", f"queues: {alone}, channels: voice")
    profiles.write_text(f"{text}\nlonely:\n  - {{queues: [lkpm], channels: voice}}\n")


async def all_ready(centre: RunningCentre, names: Sequence[str], within_s: float = 30) -> None:
    """Wait until every agent could be offered a call."""
    deadline = time.monotonic() + within_s
    while True:
        states = await _agents(centre)
        if states and all(a.ready and a.reachable for a in states if a.id in names):
            return
        assert time.monotonic() < deadline, states
        await asyncio.sleep(0.1)


async def _stay_ready(centre: RunningCentre, names: Sequence[str], chance: random.Random) -> None:
    """Make agents ready again whom a missed call took out; end a wrap-up early now and then."""
    while True:
        for agent in await _agents(centre):
            try:
                async with centre.client() as client:
                    if agent.id in names and not agent.signed_in:
                        await client.agent(agent.id, "sign-in")
                    if agent.id in names and not agent.ready:
                        await client.agent(agent.id, "intent", ready=True)
                    for interaction in agent.work if chance.random() < 0.2 else ():
                        await client.wrap_up_done(interaction)
            except (TryLater, Gone, Refused):
                # Control is away for a moment, or the contact is over.
                continue
        await asyncio.sleep(0.3)


async def _at_desks(busy: MixedCentre, chance: random.Random) -> None:
    """Do what agents do in a call: what its script waits for, and in the others now and then something."""
    numbers: dict[InteractionId, str] = {}
    while True:
        await asyncio.sleep(0.25)
        # Control may be away, and a call over first.
        with suppress(TryLater):
            async with busy.centre.client() as client:
                for call in await client.calls():
                    with suppress(Gone, Refused):
                        await _at_desk(busy, client, call, numbers, chance)


async def _at_desk(
    busy: MixedCentre,
    client: ControlClient,
    call: CallView,
    numbers: dict[InteractionId, str],
    chance: random.Random,
) -> None:
    if call.id not in numbers:
        numbers[call.id] = (await client.get(f"/interactions/{call.id}", History)).interaction.caller
    number = numbers[call.id]
    agent = next((party.agent for party in call.parties if party.who == "agent"), None)
    script = busy.mix.script_of(number)
    want = _wanted(call, agent, script, chance)
    if want is None:
        return
    if not isinstance(want, ask.Hold | ask.Resume):
        busy.moved.add(call.id)
    await client.command(want)
    if script is not None and script.leaves in SET_ASIDE:
        busy.mix.set_aside(number)


def _wanted(
    call: CallView, agent: AgentId | None, script: Script | None, chance: random.Random
) -> ask.Command | None:
    """Return what an agent wants to do in a call, if anything."""
    if agent is None:
        return None
    match script.leaves if script else None:
        case Leaves.HELD:
            return None if call.held else ask.Hold(call.id, agent)
        case Leaves.PARKED:
            return ask.Park(call.id, agent, 10_000)
        case Leaves.CONSULT if call.consult is None:
            return ask.Consult(call.id, agent, ask.ToQueue(QUEUE), new_interaction_id())
        case Leaves.CONSULT:
            ends = chance.choice((ask.Complete, ask.Confer, ask.EndConsult, ask.Toggle))
            return ends(call.id, agent) if chance.random() < 0.2 else None
        case _:
            return _verb(call, agent, chance) if chance.random() < 0.15 else None


def _verb(call: CallView, agent: AgentId, chance: random.Random) -> ask.Command:
    what = chance.choice(("hold", "hold", "hold", "transfer", "park", "hang_up"))
    if what == "hold":
        return ask.Resume(call.id, agent) if call.held else ask.Hold(call.id, agent)
    match what:
        case "transfer":
            return ask.Transfer(call.id, agent, ask.ToQueue(QUEUE))
        case "park":
            return ask.Park(call.id, agent, 1_000)
        case _:
            return ask.HangUp(call.id, agent)


async def _agents(centre: RunningCentre) -> tuple[AgentState, ...]:
    try:
        async with centre.client() as client:
            return await client.agents()
    except TryLater:
        return ()


# --- the account -------------------------------------------------------------------------------------------


class Account(NamedTuple):
    """What was written, against what the telephones saw."""

    outcomes: Counter[str]
    phases: Counter[str]
    """Where those were who abandoned."""
    refused: int
    """INVITEs that were not answered: called off in time, or refused."""
    aside: int
    """Calls that Asterisk took care of while control was away."""
    wrong: tuple[str, ...]
    """What does not agree."""


def account(busy: MixedCentre, went: Sequence[Went], away: Sequence[tuple[float, float]] = ()) -> Account:
    """Hold every call against the database. ``away`` is when control was away, in monotonic seconds."""
    settings = busy.centre.settings
    engine = create_engine(f"sqlite:///{make_url(settings.database).database}")
    with engine.connect() as connection:
        contacts = connection.execute(
            text("select id, caller, phase, outcome, abandoned_in from interactions where kind = 'inbound'")
        ).all()
        open_segments = connection.execute(
            text("select count(*) from segments where ended_at is null")
        ).scalar_one()
    engine.dispose()
    wrong = [f"{open_segments} segments are open"] if open_segments else []
    by_caller: dict[str, list[Any]] = {}
    for contact in contacts:
        by_caller.setdefault(contact.caller, []).append(contact)
    refused = aside = 0
    for call in went:
        found = by_caller.pop(call.number, [])
        if len(found) == 1:
            alone = any(begin - 1.0 <= (call.connected or 0) <= end for begin, end in away)
            wrong += _disagrees(call, found[0], alone or found[0].id in busy.moved)
        elif found:
            wrong.append(f"{len(found)} contacts are one call: {call}")
        elif call.status >= 300:
            refused += 1
        elif any(begin - 1.0 <= call.began <= end for begin, end in away):
            aside += 1
        elif call.script.leaves is Leaves.RINGING or (call.script.leaves is Leaves.PROMPT and not call.rang):
            # It was gone before the dialplan came to us.
            refused += 1
        else:
            wrong.append(f"never written: {call}")
    wrong += [f"nobody called from there: {contact}" for contact in by_caller.values()]
    return Account(
        outcomes=Counter(contact.outcome for contact in contacts),
        phases=Counter(contact.abandoned_in for contact in contacts if contact.outcome == "abandoned"),
        refused=refused,
        aside=aside,
        wrong=tuple(wrong),
    )


def _disagrees(call: Went, contact: Any, alone: bool) -> list[str]:
    """Return what does not agree.

    Who is ``alone`` may have given up after an agent's telephone answered: there was nobody to put the two
    together, or the agent passed the call on.
    """
    phase, outcome = contact.phase, contact.outcome
    if phase != "closed":
        return [f"open: {contact} of {call}"]
    talked = call.connected is not None and call.script.leaves in TALKED
    other = {Leaves.VOICEMAIL: "voicemail", Leaves.CALLBACK: "callback"}.get(call.script.leaves)
    if outcome not in ("handled", "abandoned", other):
        return [f"{outcome}: {call}"]
    if talked and not alone and outcome != "handled":
        return [f"talked, but {outcome}: {call}"]
    if not call.rang and outcome == "handled":
        return [f"never rang, but {outcome}: {call}"]
    if call.connected is None and outcome == "handled":
        return [f"nobody answered, but {outcome}: {call}"]
    return []
