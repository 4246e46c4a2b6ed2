"""A centre under many short calls: agents who stay ready, and an account of every call against what was written."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import create_engine, make_url, text

from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId, QueueId
from pbx import commands as ask
from pbx import secrets
from pbx.probe.mix import Leaves, Mix, Went, open_mix
from pbx.probe.phone import open_telephone
from pbx.view import CallView
from sambung.client import AgentState
from tests.integration.centre_fixture import MENU, RunningCentre, started

WRAP_UP_S = 1
QUICK_MENU = MENU.replace("timeout: 30 s", "timeout: 2 s").replace("tries: 3", "tries: 1")


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
    async with started(folder, QUICK_MENU, _prepare(agents), video=0) as (settings, arguments):
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
        names = ", ".join(f"Agent {number}" for number in range(agents))
        (centre / "agents.yaml").write_text(
            "groups:\n  mixed:\n    first: ag101\n    profile: voice\n    languages: [id, en]\n"
            f"    skills: {{oss-technical: 1}}\n    names: [{names}]\n"
        )

    return prepare


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
    """Do now and then what agents do in a call: hold, resume, pass on, park, hang up."""
    while True:
        await asyncio.sleep(0.5)
        try:
            async with busy.centre.client() as client:
                calls = [
                    (c, p.agent)
                    for c in await client.calls()
                    for p in c.parties
                    if p.who == "agent" and p.agent
                ]
                if not calls:
                    continue
                call, agent = chance.choice(calls)
                await client.command(_verb(call, agent, busy.moved, chance))
        except (TryLater, Gone, Refused):
            # The call was over first, or control is away.
            continue


def _verb(call: CallView, agent: AgentId, moved: set[InteractionId], chance: random.Random) -> ask.Command:
    what = chance.choice(("hold", "hold", "hold", "transfer", "park", "hang_up"))
    if what == "hold":
        return ask.Resume(call.id, agent) if call.held else ask.Hold(call.id, agent)
    moved.add(call.id)
    match what:
        case "transfer":
            return ask.Transfer(call.id, agent, ask.ToQueue(QueueId("licensing")))
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
    talked = call.connected is not None and call.script.leaves in (Leaves.TALKING, Leaves.AGENT)
    if talked and not alone and outcome != "handled":
        return [f"talked, but {outcome}: {call}"]
    if not call.rang and outcome != "abandoned":
        return [f"never rang, but {outcome}: {call}"]
    if call.connected is None and outcome == "handled":
        return [f"nobody answered, but {outcome}: {call}"]
    return []
