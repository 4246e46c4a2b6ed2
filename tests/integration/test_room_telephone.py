"""A telephone outside in a visitor's video room, by ear: real Asterisk, forwarding unit, recorder, and telephone."""

from __future__ import annotations

import signal
import wave
from array import array
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from pbx.probe.listen import until_tone
from pbx.probe.phone import Call
from pbx.probe.tone import longest_ms
from pbx.probe.wav import read
from tests.integration.centre_fixture import CALLER_HZ, hear_each_other
from tests.integration.room_fixture import (
    AGENT_HZ,
    COLLEAGUE_HZ,
    NUMBER,
    OUTSIDE_HZ,
    PATIENCE,
    VISITOR_HZ,
    Visit,
    visited,
)
from tests.unit.video.speech import looped
from tests.waiting import until
from video.visit_commands import callback_id

CALLED: Final = "+628123456789"
SECOND_HZ: Final = 2_450
SPEECH: Final = 4 * 8_000
"""Samples of a voice that is repeated."""


async def refused_and_busy(visit: Visit) -> None:
    for number in ("+14155550100", "169", "+628091234567"):
        status, answer = await visit.ask("consult", {"to": {"kind": "number", "number": number}})
        assert status == 409, (number, answer)
    status, _ = await visit.ask("consult", {"to": {"kind": "number", "number": NUMBER}})
    assert status == 200
    await (await visit.centre.callers.incoming(PATIENCE)).reject(486)
    await visit.nobody_outside()


async def a_voice_is_heard_whole_both_ways(visit: Visit, outside: Call) -> None:
    """The centre's prompts as voices, over everything there is between a browser and a telephone."""
    folder = visit.centre.settings.asterisk.prompts / "id"
    longest = sorted(folder.glob("*.wav"), key=lambda one: -one.stat().st_size)[:2]
    visitors, telephones = (read(one) for one in longest)
    assert visitors.rate == telephones.rate == 8_000
    (_, visitor), (_, agent) = visit.people["visitor"], visit.people["agent"]
    visitor.said, agent.said = visitors.samples[:SPEECH], array("h", [0] * 8_000)
    said = telephones.samples[:SPEECH]
    with wave.open(str(outside.heard.with_suffix(".said.wav")), "wb") as file:
        file.setparams((1, 2, 8_000, 0, "NONE", "not compressed"))
        file.writeframes(said.tobytes())
    await outside.say(outside.heard.with_suffix(".said.wav"))
    await until(lambda: not agent.hears(OUTSIDE_HZ), within=PATIENCE)
    since = 0

    def heard_since() -> int:
        return len(read(outside.heard).since(since).samples)

    for _ in range(4):
        # A machine that stood still is no fault of the telephone's; one that never keeps up is.
        visitor.forget()
        since = read(outside.heard).ms
        await until(
            lambda: min(heard_since(), max(map(len, visitor.ears()), default=0)) > 3 * SPEECH, within=60
        )
        outwards = looped(visitor.said, read(outside.heard).since(since).samples)
        inwards = looped(said, max(visitor.ears(), key=lambda ear: max(map(abs, ear))))
        if all(it.alike >= 0.8 and it.longest_gap_ms <= 60 for it in (outwards, inwards)):
            break
    for it in (outwards, inwards):
        assert it.alike >= 0.8, (outwards, inwards)
        assert (it.longest_gap_ms <= 60, abs(it.level_db) <= 6, it.clipped) == (True, True, 0), it
        assert it.delay_ms <= 300, it
    echo = looped(said, read(outside.heard).since(since).samples)
    assert echo.alike < 0.3, "its own voice"
    visitor.said = agent.said = None
    await outside.send_tone(OUTSIDE_HZ)


async def with_a_colleague_and_a_second_telephone(visit: Visit, outside: Call) -> None:
    await visit.colleague.post("/me/intent", {"ready": True})
    consult = await visit.call_in_colleague()
    await visit.colleague.post("/me/intent", {"ready": False, "reason": "break"})
    second = await visit.call_in(SECOND_HZ)
    by_browser = {"visitor": VISITOR_HZ, "agent": AGENT_HZ, "colleague": COLLEAGUE_HZ}
    everybody = {*by_browser.values(), OUTSIDE_HZ, SECOND_HZ}
    for name, hertz in by_browser.items():
        voice = visit.people[name][1]
        voice.forget()
        for other in everybody - {hertz}:
            await until(partial(voice.hears, other), within=PATIENCE)
        assert not voice.hears(hertz), f"{name} hears an echo"
    for call, hertz in ((outside, OUTSIDE_HZ), (second, SECOND_HZ)):
        since = read(call.heard).ms
        for other in everybody - {hertz}:
            await until_tone(call.heard, other, after_ms=since, within=PATIENCE)
        heard = read(call.heard).since(since)
        assert longest_ms(heard.samples, heard.rate, hertz) == 0, "a telephone hears an echo"
    status, answer = await visit.ask("consult", {"to": {"kind": "number", "number": NUMBER}})
    assert (status, answer["error"]["code"]) == (409, "conflict"), "two telephones at most"

    # Each leaves without ending it for the others.
    parties = (await visit.agent.get("/live"))["desk"][0]["call"]["parties"]
    telephones = [one["consult"] for one in parties if one["who"] == "outside"]
    assert len(telephones) == 2
    assert (await visit.ask("end-consult", {"consult": telephones[1]}))[0] == 200
    await second.ended()
    status, _ = await visit.colleague.ask("POST", f"/interactions/{consult}/hang-up", {})
    assert status == 200
    page, _ = visit.people.pop("colleague")
    await until(lambda: page.socket.closed, within=PATIENCE)
    assert (await visit.ask("end-consult", {"consult": telephones[1]}))[0] == 410
    await visit.all_hear(outside)


async def on_by_telephone_without_the_page(visit: Visit) -> None:
    await visit.begin()
    for number, code in (
        ("169", "number_own"),
        ("0812", "number_malformed"),
        ("+14155550100", "number_foreign"),
    ):
        status, answer = await visit.by_telephone(number)
        assert (status, answer["error"]["code"]) == (422, code)
    assert await visit.by_telephone("021-5296-1000") == (200, {"number": NUMBER})
    assert await visit.by_telephone(NUMBER) == (200, {"number": NUMBER}), "an answer that was lost"
    assert (await visit.by_telephone(CALLED))[0] == 409, "it rings already"
    ringing = await visit.centre.callers.incoming(PATIENCE)
    await ringing.answer(tone=OUTSIDE_HZ)
    page, voice = visit.people["visitor"]

    def by_telephone() -> bool:
        state = page.last("state")
        return state is not None and state["telephone"] == "here"

    await until(by_telephone, within=PATIENCE)
    assert visit.outside() == [], "the visitor, and no stranger"
    _, agent = visit.people["agent"]
    await page.socket.close()
    await voice.close()
    agent.forget()
    await until(lambda: agent.hears(OUTSIDE_HZ) and not agent.hears(VISITOR_HZ), within=PATIENCE)
    await until_tone(ringing.heard, AGENT_HZ, after_ms=read(ringing.heard).ms, within=PATIENCE)
    await visit.centre.until_phase(visit.id, "talking")
    await ringing.hang_up()
    history = await visit.centre.until_phase(visit.id, "closed")
    assert history.interaction.outcome == "handled"
    await visit.centre.nothing_left()
    await visit.ask("wrap-up-done")


async def hung_up_by_each_side(visit: Visit) -> None:
    outside = await visit.call_in()
    await visit.all_hear(outside)
    await a_voice_is_heard_whole_both_ways(visit, outside)
    await until(lambda: visit.outside() == [True], within=PATIENCE)
    await with_a_colleague_and_a_second_telephone(visit, outside)
    await outside.hang_up()
    await visit.nobody_outside()

    outside = await visit.call_in()
    await until_tone(outside.heard, VISITOR_HZ, within=PATIENCE)
    assert (await visit.ask("end-consult"))[0] == 200
    await outside.ended()
    await visit.nobody_outside()


async def over_the_loss_of_a_worker(visit: Visit) -> Call:
    outside = await visit.call_in()
    await visit.all_hear(outside)
    restarts = visit.centre.signal("sfu", signal.SIGKILL)
    await visit.centre.back("sfu", restarts)
    await visit.anew()
    await visit.all_hear(outside)
    return outside


async def ended_with_the_visit_and_recorded(visit: Visit, outside: Call) -> None:
    assert (await visit.ask("hang-up"))[0] == 200
    await outside.ended()
    await visit.centre.nothing_left()
    kept = visit.centre.settings.recordings

    def voices() -> list[Path]:
        found = sorted(kept.rglob(f"{visit.id}-*.wav"))
        assert len(found) == 5, found
        return found

    tones = [
        hertz
        for path in await until(voices, within=40)
        for hertz in (VISITOR_HZ, AGENT_HZ, OUTSIDE_HZ, COLLEAGUE_HZ, SECOND_HZ)
        if longest_ms((sound := read(path)).samples, sound.rate, hertz) >= 300
    ]
    assert sorted(tones) == sorted([VISITOR_HZ, AGENT_HZ, OUTSIDE_HZ, COLLEAGUE_HZ, SECOND_HZ])


async def let_go_after_the_death_of_control(visit: Visit, waits: Visit) -> None:
    """A telephone in a call is let go; a callback that was promised in another visit is made once all the same."""
    await visit.begin()
    outside = await visit.call_in()
    await until_tone(outside.heard, VISITOR_HZ, within=PATIENCE)
    await waits.come()
    path = f"/public/video/visits/{waits.id}/callback?token={waits.token}"
    assert await waits.agent.ask("POST", path, {"number": CALLED}) == (200, {"number": CALLED})
    restarts = visit.centre.signal("control", signal.SIGKILL)
    await visit.centre.back("control", restarts)
    await outside.ended(within=PATIENCE)

    async def clean() -> bool:
        return await visit.centre.ari("channels") == [] and len(await visit.centre.ari("bridges")) == 1

    await until(clean, within=PATIENCE)
    centre, promised = visit.centre, callback_id(waits.id)
    kept, left = await centre.history(promised), await centre.history(waits.id)
    assert kept.interaction.arrived_at == left.interaction.arrived_at, "the place is kept"
    assert kept.interaction.phase == "waiting"
    await centre.on_duty("ag101")
    agent = await centre.answered()
    visitor = await centre.callers.incoming(PATIENCE)
    assert visitor.dialled == CALLED
    await visitor.answer(tone=CALLER_HZ)
    await hear_each_other(visitor, agent)
    await visitor.hang_up()
    await agent.ended()
    assert (await centre.until_phase(promised, "closed")).interaction.outcome == "handled"
    calls = [call.dialled for call in centre.callers.calls.values() if call.dialled == CALLED]
    assert calls == [CALLED], "exactly once"


async def test_telephones_in_video_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The plain telephone keeps time on a busy machine; what it hears can be held against what was said.
    monkeypatch.setenv("SAMBUNG_TELEPHONE", "plain")
    async with visited(tmp_path) as visitor:
        first = visitor()
        await first.begin()
        await refused_and_busy(first)
        await hung_up_by_each_side(first)
        outside = await over_the_loss_of_a_worker(first)
        await ended_with_the_visit_and_recorded(first, outside)
        await on_by_telephone_without_the_page(visitor())
        await let_go_after_the_death_of_control(visitor(), visitor())
