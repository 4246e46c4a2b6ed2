"""The dialplan records the customer's leg: both directions, apart, on one clock."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from pbx.probe.listen import until_silent, until_tone
from pbx.probe.phone import open_telephone
from pbx.probe.tone import has_tone, runs
from pbx.probe.wav import read
from tests.integration.asterisk_fixture import RunningAsterisk, StartAsterisk
from tests.waiting import until


async def test_both_directions_are_recorded_apart_and_in_step(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with open_telephone(port=pbx.peer_port) as operator, open_telephone() as phone:
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        call = await operator.dial(f"sip:169@{pbx.trunk}", user="08123", tone=600)
        ring = await phone.incoming()
        await ring.answer(tone=1200)
        await until_tone(call.heard, 1200, for_ms=1000)
        await call.hang_up()
    await until(lambda: _no_legs(pbx))
    customer, heard = pbx.recordings()
    assert re.fullmatch(r"[0-9a-f]{32}-r\.wav", customer.name)
    assert heard.name == customer.name.replace("-r", "-t")
    spoken, given = read(customer), read(heard)
    assert has_tone(spoken.samples, spoken.rate, 600, for_ms=1000)
    assert has_tone(given.samples, given.rate, 1200, for_ms=800)
    assert not has_tone(spoken.samples, spoken.rate, 1200)
    assert not has_tone(given.samples, given.rate, 600)
    assert abs(spoken.ms - given.ms) <= 40


async def test_the_two_directions_of_a_recording_run_on_one_clock(asterisk: StartAsterisk) -> None:
    """The caller hears an echo of itself: what is recorded of it and what it hears must stay as far apart."""
    pbx = await asterisk(agents=("budi",))
    async with open_telephone(port=pbx.peer_port) as operator:
        call = await operator.dial(f"sip:169@{pbx.trunk}", user="08123")
        await call.confirmed()
        leg = (await pbx.console("core show channels concise")).partition("!")[0]
        await pbx.manager(
            f"Action: Redirect\r\nChannel: {leg}\r\nContext: from-agent\r\nExten: *43\r\nPriority: 1"
        )
        customer, heard = pbx.recordings()
        for count in range(1, 4):
            await call.send_tone(600)
            await until(partial(_has_bursts, heard, count))
            await call.send_tone(0)
            await until_silent(heard)
        await call.hang_up()
    await until(lambda: _no_legs(pbx))
    delays = [given - spoken for spoken, given in zip(_bursts(customer), _bursts(heard), strict=True)]
    assert len(delays) == 3
    assert max(delays) - min(delays) <= 40
    assert abs(min(delays)) <= 100


def _bursts(recording: Path) -> list[int]:
    sound = read(recording)
    return [run.start_ms for run in runs(sound.samples, sound.rate, 600)]


def _has_bursts(recording: Path, count: int) -> bool:
    return len(_bursts(recording)) == count


async def _no_legs(pbx: RunningAsterisk) -> bool:
    return await pbx.channels() == 0
