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
from typing import NamedTuple

from sqlalchemy import create_engine, make_url, text

from core.errors import Gone, Refused, TryLater
from core.ids import AgentId
from pbx import secrets
from pbx.probe.mix import Leaves, Mix, Went, open_mix
from pbx.probe.phone import open_telephone
from sambung.client import AgentState
from sambung.settings import Settings
from tests.integration.centre_fixture import MENU, RunningCentre, started

WRAP_UP_S = 1
QUICK_MENU = MENU.replace("timeout: 30 s", "timeout: 2 s").replace("tries: 3", "tries: 1")


class MixedCentre(NamedTuple):
    """A running centre, the telephones around it, and its agents."""

    centre: RunningCentre
    mix: Mix
    agents: tuple[str, ...]

    @property
    def uri(self) -> str:
        """Where callers dial."""
        return f"sip:169@127.0.0.1:{self.centre.settings.asterisk.trunk.bind_port}"


@asynccontextmanager
async def mixed_centre(folder: Path, agents: int) -> AsyncIterator[MixedCentre]:
    """Run a centre with so many agents on duty, who wrap up for a second."""
    async with started(folder, QUICK_MENU, _prepare(agents)) as (settings, arguments):
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
            keeper = asyncio.create_task(_stay_ready(centre, names, random.Random(169)), name="keeper")
            try:
                await all_ready(centre, names)
                yield MixedCentre(centre, mix, names)
            finally:
                keeper.cancel()


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


def account(settings: Settings, went: Sequence[Went], away: Sequence[tuple[float, float]] = ()) -> Account:
    """Hold every call against the database. ``away`` is when control was away, in monotonic seconds."""
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
    by_caller: dict[str, list[object]] = {}
    for contact in contacts:
        by_caller.setdefault(contact.caller, []).append(contact)
    refused = aside = 0
    for call in went:
        found = by_caller.pop(call.number, [])
        if len(found) == 1:
            alone = any(begin - 1.0 <= (call.connected or 0) <= end for begin, end in away)
            wrong += _disagrees(call, found[0], alone)
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


def _disagrees(call: Went, contact: object, alone: bool) -> list[str]:
    """Return what does not agree. Who is ``alone`` was answered when there was nobody to put the two together."""
    phase, outcome = contact.phase, contact.outcome  # type: ignore[attr-defined]
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
