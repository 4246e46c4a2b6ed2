"""The rendered configuration on a real Asterisk, with no control process: it must work alone."""

from __future__ import annotations

import os

import pytest

from pbx.probe.listen import until_tone
from pbx.probe.phone import open_telephone
from tests.integration.asterisk_fixture import PROMPT_TONES, StartAsterisk
from tests.waiting import until


async def test_it_starts_as_the_calling_user_without_a_complaint(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi", "siti"), test_line=True)
    assert pbx.process is not None
    assert f"\nUid:\t{os.getuid()}\t" in open(f"/proc/{pbx.process.pid}/status").read()
    await pbx.stop()
    assert pbx.process.returncode == 0
    assert pbx.complaints() == []


async def test_the_home_may_hold_spaces_and_letters_of_any_language(asterisk: StartAsterisk) -> None: ...


@pytest.mark.parametrize("number", ["169", "021169", "+6221169"])
async def test_our_number_is_taken_in_every_form(asterisk: StartAsterisk, number: str) -> None:
    pbx = await asterisk()
    async with open_telephone(port=pbx.peer_port) as operator:
        call = await operator.dial(f"sip:{number}@{pbx.trunk}", user="08123456789")
        await call.confirmed()
        await until_tone(call.heard, PROMPT_TONES["notice.degraded"])


@pytest.mark.parametrize("number", ["170", "9001", "00441234", "s", "*43", "*11", "budi", "h", "i", "+"])
async def test_another_number_does_not_exist(asterisk: StartAsterisk, number: str) -> None:
    pbx = await asterisk(agents=("budi",))
    async with open_telephone(port=pbx.peer_port) as operator:
        call = await operator.dial(f"sip:{number}@{pbx.trunk}", user="08123456789")
        assert (await call.ended()).code == 404
    assert pbx.recordings() == []


async def test_one_call_more_than_the_trunk_may_carry_hears_busy(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(trunk={"channels": 2}, agents=("budi",))
    async with (
        open_telephone(port=pbx.peer_port) as operator,
        open_telephone() as phone,
    ):
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        calls = [await operator.dial(f"sip:169@{pbx.trunk}", user="0812") for _ in range(2)]
        for call in calls:
            await call.confirmed()
        third = await operator.dial(f"sip:169@{pbx.trunk}", user="0812")
        assert (await third.ended()).code == 486
        await calls[0].hang_up()
        await until(lambda: _is_taken(pbx, operator))
