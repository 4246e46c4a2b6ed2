"""An agent takes a call in the browser: from sign-in to the category, with sound both ways."""

from __future__ import annotations

from pathlib import Path

from pbx.probe.listen import until_tone
from pbx.probe.wav import read
from tests.browser.desk_fixture import desk_centre
from tests.integration.centre_fixture import AGENT_HZ, CALLER_HZ


async def test_an_agent_takes_a_call_from_ring_to_category(tmp_path: Path) -> None:
    async with desk_centre(tmp_path) as centre:
        desk = await centre.agent()
        await desk.start_shift()
        call, identity = await centre.caller()
        await desk.accept()
        await desk.state("Bicara")
        await until_tone(call.heard, AGENT_HZ, within=15)
        await desk.hears(CALLER_HZ)

        await desk.page.keyboard.press("Alt+h")
        await desk.state("Tahan")
        await desk.page.keyboard.press("Alt+h")
        await desk.state("Bicara")
        since = read(call.heard).ms
        await until_tone(call.heard, AGENT_HZ, after_ms=since, within=15)

        await desk.page.keyboard.press("Control+Shift+E")
        await desk.page.get_by_role("button", name="Akhiri panggilan").click()
        await call.ended(within=10)
        await desk.state("Rangkum")
        await desk.page.keyboard.press("Alt+k")
        await desk.page.keyboard.press("2")
        await desk.page.keyboard.press("Enter")
        history = await centre.centre.until_phase(identity, "closed")
        assert history.interaction.outcome == "handled"
