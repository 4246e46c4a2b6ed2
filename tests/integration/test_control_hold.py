"""Hold, mute, keypad tones and hanging up, by ear and by what is written down."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from core.errors import Gone, Refused
from core.ids import AgentId
from pbx import commands as ask
from pbx.probe.tone import runs
from pbx.probe.wav import read
from tests.integration.centre_fixture import running_centre
from tests.integration.control_fixture import (
    CUSTOMER,
    HERTZ,
    MUSIC,
    NOTHING,
    TOLERANCE_MS,
    bye_at,
    ended,
    in_conversation,
    near,
)

AGENT = AgentId("ag101")


async def test_hold_mute_keys_and_hanging_up(tmp_path: Path) -> None:
    async with running_centre(tmp_path) as centre:
        stage = await in_conversation(centre, AGENT)
        await stage.command(ask.Hold(stage.id, AGENT))
        await stage.hear(customer=MUSIC, ag101=NOTHING)
        assert (await centre.history(stage.id)).interaction.phase == "held"
        assert (await stage.view()).held
        with pytest.raises(Refused, match="hold"):
            await stage.command(ask.SendKeys(stage.id, AGENT, "1"))
        await stage.command(ask.Resume(stage.id, AGENT))
        await stage.talk(CUSTOMER, AGENT)
        assert (await centre.history(stage.id)).interaction.phase == "talking"

        await stage.command(ask.Mute(stage.id, AGENT, True))
        await stage.hear(customer=NOTHING, ag101=frozenset({CUSTOMER}))
        assert [party.muted for party in (await stage.view()).parties] == [False, True]
        await stage.command(ask.Mute(stage.id, AGENT, False))
        await stage.talk(CUSTOMER, AGENT)

        await stage.command(ask.SendKeys(stage.id, AGENT, "1590*#"))
        await stage.ears[CUSTOMER].pressed("1590*#")
        with pytest.raises(Refused, match="not yours"):
            await stage.command(ask.Hold(stage.id, AgentId("ag102")))

        await stage.command(ask.HangUp(stage.id, AGENT))
        await stage.ears[AGENT].ended()
        await stage.ears[CUSTOMER].ended()
        with pytest.raises(Gone):
            await stage.command(ask.Hold(stage.id, AGENT))
        history = await centre.until_phase(stage.id, "closed")
        (segment,) = history.segments
        # The first break in what the customer heard of the agent is the hold; being mute later on is talk.
        heard = read(stage.ears[CUSTOMER].heard)
        said = [run for run in runs(heard.samples, heard.rate, HERTZ[AGENT]) if run.ms >= 120]
        breaks = [later.start_ms - earlier.end_ms for earlier, later in pairwise(said)]
        assert near(segment.hold_ms, next(ms for ms in breaks if ms >= TOLERANCE_MS)), (segment, said)
        assert near(segment.talk_ms + segment.hold_ms, said[-1].end_ms - said[0].start_ms), (segment, said)
        assert near(ended(segment)[1], bye_at(stage.ears[AGENT]))
        assert history.interaction.outcome == "handled"
        await centre.nothing_left()
