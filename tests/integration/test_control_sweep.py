"""Events that Asterisk never sends: what a call is not told of is noticed all the same, and nobody stays stuck."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import ClientSession, encode_basic_auth

from core.ids import AgentId, OfferId
from pbx import secrets
from pbx.model import EVENT_TYPES, agent_leg
from pbx.wire import APP
from sambung.control import generation
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.integration.control_fixture import CUSTOMER, Stage, in_conversation
from tests.waiting import until

AGENT, OTHER = AgentId("ag101"), AgentId("ag102")
LOST: Final = ("StasisStart", "StasisEnd", "ChannelDestroyed")
WITHIN_S: Final = 25
"""Two sweeps, the time between, and what a busy machine takes."""


@asynccontextmanager
async def asterisk(centre: RunningCentre) -> AsyncIterator[ClientSession]:
    """ARI beside control's own connection."""
    settings = centre.settings
    auth = encode_basic_auth("sambung", secrets.load(settings.home).ari)
    base = f"http://{settings.asterisk.host}:{settings.asterisk.http_port}/ari/"
    async with ClientSession(base, headers={"Authorization": auth}, raise_for_status=True) as session:
        yield session


async def tell(ari: ClientSession, types: Sequence[str]) -> None:
    """Let Asterisk send control events of these types, and no others: the others are lost."""
    allowed = [{"type": name} for name in (*types, "ApplicationReplaced", "RESTResponse")]
    async with ari.put(f"applications/{APP}/eventFilter", json={"allowed": allowed}):
        pass


async def free(centre: RunningCentre, agent: AgentId) -> bool:
    async with centre.client() as client:
        found = next(one for one in await client.agents() if one.id == agent)
    return not found.load and not found.work


async def test_what_no_event_tells_of_is_noticed_within_two_sweeps(tmp_path: Path) -> None:
    async with running_centre(tmp_path) as centre, asterisk(centre) as ari:
        stage = await in_conversation(centre, AGENT)
        bereaved = await in_conversation(centre, OTHER)
        await tell(ari, [name for name in EVENT_TYPES if name not in LOST])
        # An agent and a customer hang up, a caller comes, and there is a leg that nobody knows.
        await stage.ears[AGENT].hang_up()
        await bereaved.ears[CUSTOMER].hang_up()
        nobodys = agent_leg(OfferId(4711), generation(centre.settings.home))
        stream = {"external_host": "127.0.0.1:9", "format": "alaw", "app": APP, "channelId": nobodys}
        async with ari.post("channels/externalMedia", params=stream):
            pass
        caller = await centre.dial()
        known = {stage.id, bereaved.id}

        async def noticed() -> bool:
            assert await free(centre, AGENT)
            assert await free(centre, OTHER)
            assert nobodys not in [leg["id"] for leg in await centre.ari("channels")]
            assert {row.interaction.id for row in await centre.recent()} - known
            return True

        await until(noticed, within=WITHIN_S)
        await tell(ari, EVENT_TYPES)
        await stage.ears[CUSTOMER].ended()
        await bereaved.ears[OTHER].ended()
        for identity, outcome in ((stage.id, "handled"), (bereaved.id, "handled")):
            assert (await centre.until_phase(identity, "closed")).interaction.outcome == outcome
        await _is_served(centre, caller_stage=Stage(centre, stage.id, {CUSTOMER: caller}))
        await centre.nothing_left()


async def _is_served(centre: RunningCentre, caller_stage: Stage) -> None:
    """The caller whose coming nobody heard gets an agent like any other."""
    await caller_stage.ears[CUSTOMER].press("1")
    agent = await caller_stage.answer()
    await caller_stage.talk(CUSTOMER, agent)
    await caller_stage.ears[CUSTOMER].hang_up()
    await caller_stage.ears[agent].ended()
