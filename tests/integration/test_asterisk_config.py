"""The rendered configuration on a real Asterisk without a control process: it must work alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pbx.probe.listen import until_sound, until_tone
from pbx.probe.phone import Call, open_telephone
from pbx.probe.tone import has_tone
from pbx.probe.wav import read
from tests.integration.asterisk_fixture import PROMPT_TONES, RunningAsterisk, StartAsterisk
from tests.waiting import until

NOTICE = PROMPT_TONES["notice.degraded"]
NOBODY = PROMPT_TONES["notice.nobody"]


async def aside(pbx: RunningAsterisk) -> list[list[str]]:
    """Return the record of each call taken while control was away, field by field."""
    said = await pbx.console("database show sambung-aside")
    return [line.partition(":")[2].strip().split("|") for line in said.splitlines() if line.startswith("/")]


async def test_it_starts_as_the_calling_user_without_a_complaint(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi", "siti"), test_line=True)
    assert pbx.process is not None
    assert os.stat(f"/proc/{pbx.process.pid}").st_uid == os.getuid()  # noqa: PTH116 -- /proc does not block
    await pbx.stop()
    assert pbx.process.returncode == 0
    assert pbx.complaints() == []


async def test_folders_may_have_spaces_and_letters_of_any_language(
    asterisk: StartAsterisk, tmp_path: Path
) -> None:
    folder = tmp_path / "pusat layanan é"
    pbx = await asterisk(home=folder / "pbx", prompts=folder / "suara kita", spool=folder / "rekaman baru")
    async with open_telephone(port=pbx.peer_port) as operator:
        call = await operator.dial(f"sip:169@{pbx.trunk}", user="0812")
        await until_tone(call.heard, NOTICE)
        assert len(pbx.recordings()) == 2


@pytest.mark.parametrize("number", ["169", "021169", "+6221169"])
async def test_our_number_is_taken_in_every_form(asterisk: StartAsterisk, number: str) -> None:
    pbx = await asterisk(agents=("budi",))
    async with open_telephone(port=pbx.peer_port) as operator:
        call = await operator.dial(f"sip:{number}@{pbx.trunk}", user="08123456789")
        await call.confirmed()
        await until_tone(call.heard, NOTICE)


async def test_another_number_does_not_exist(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with open_telephone(port=pbx.peer_port) as operator:
        for number in ("170", "9001", "00441234", "s", "*43", "*11", "budi", "h", "+"):
            call = await operator.dial(f"sip:{number}@{pbx.trunk}", user="08123456789")
            assert (await call.ended()).code == 404, number
    assert pbx.recordings() == []


async def test_a_caller_from_elsewhere_is_not_the_trunk(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    async with open_telephone() as stranger:
        for address in (pbx.trunk, pbx.registrar):
            call = await stranger.dial(f"sip:169@{address}", user="08123456789")
            assert (await call.ended()).code == 401


async def test_a_trunk_caller_named_like_an_agent_is_still_a_caller(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with open_telephone(port=pbx.peer_port) as operator:
        call = await operator.dial(f"sip:169@{pbx.trunk}", user="budi")
        await call.confirmed()


async def test_one_call_more_than_the_trunk_carries_hears_busy(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",), trunk={"channels": 2})
    async with open_telephone(port=pbx.peer_port) as operator, open_telephone() as phone:
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        calls = [await operator.dial(f"sip:169@{pbx.trunk}", user="0812") for _ in range(2)]
        for call in calls:
            await call.confirmed()
        third = await operator.dial(f"sip:169@{pbx.trunk}", user="0812")
        assert (await third.ended()).code == 486
        await calls[0].hang_up()

        async def is_taken() -> bool:
            again = await operator.dial(f"sip:169@{pbx.trunk}", user="0812")
            await until(lambda: again.is_over or _confirmed(again))
            return not again.is_over

        assert await until(is_taken)


def _confirmed(call: Call) -> bool:
    return any(type(event).__name__ == "Confirmed" for event in call.events)


async def test_without_control_a_member_of_the_fallback_queue_answers(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi", "siti"))
    async with open_telephone(port=pbx.peer_port) as operator, open_telephone() as phone:
        await phone.register("siti", pbx.password("siti"), pbx.registrar)
        call = await operator.dial(f"sip:169@{pbx.trunk}", user="+62812345", tone=600)
        await until_tone(call.heard, NOTICE)
        ring = await phone.incoming()
        assert [record[1:] for record in await aside(pbx)] == [["", "waiting", "", "+62812345"]]
        await ring.answer(tone=1200)
        await until_tone(call.heard, 1200)
        await until_tone(ring.heard, 600)
        await call.hang_up()
        await ring.ended()
    [(started, ended, state, agent, number)] = await until(lambda: _finished(pbx))
    assert (state, agent, number) == ("answered", "siti", "+62812345")
    assert int(started) <= int(ended)


async def _finished(pbx: RunningAsterisk) -> list[list[str]]:
    records = await aside(pbx)
    return [] if any(record[2] == "waiting" for record in records) else records


async def test_who_hangs_up_in_the_fallback_queue_is_remembered(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with open_telephone(port=pbx.peer_port) as operator, open_telephone() as phone:
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        call = await operator.dial(f"sip:169@{pbx.trunk}", user="08123")
        ring = await phone.incoming()
        await call.hang_up()
        await ring.ended()
    [(_, _, state, agent, number)] = await until(lambda: _finished(pbx))
    assert (state, agent, number) == ("abandoned", "", "08123")


async def test_with_no_phone_there_the_caller_is_told_and_the_call_ends(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with open_telephone(port=pbx.peer_port) as operator:
        call = await operator.dial(f"sip:169@{pbx.trunk}", user="08123")
        await call.ended(within=15)
        sound = read(call.heard)
        assert has_tone(sound.samples, sound.rate, NOTICE)
        assert has_tone(sound.samples, sound.rate, NOBODY)
    [(_, _, state, _, _)] = await until(lambda: _finished(pbx))
    assert state == "nobody"
    assert await pbx.channels() == 0


async def _no_legs(pbx: RunningAsterisk) -> bool:
    return await pbx.channels() == 0


async def test_a_leg_that_sends_nothing_is_hung_up(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",), rtp_timeout_s=2)
    async with open_telephone() as phone:
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        async with open_telephone(port=pbx.peer_port) as operator:
            call = await operator.dial(f"sip:169@{pbx.trunk}", user="08123", tone=600)
            await call.confirmed()
            os.kill(operator.pid, 9)
        await until(lambda: _no_legs(pbx), within=30)


async def test_an_agents_phone_dials_codes_and_nothing_else(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi", "siti"))
    async with open_telephone() as phone:
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        echo = await phone.dial(f"sip:*43@{pbx.registrar}", account="budi", tone=600)
        await until_tone(echo.heard, 600)
        await echo.hang_up()
        for number in ("169", "siti", "0811", "9011", "trunk169", "+62811"):
            call = await phone.dial(f"sip:{number}@{pbx.registrar}", account="budi")
            assert (await call.ended()).code == 404


async def test_a_softphone_may_be_the_caller_where_the_test_line_is_on(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",), test_line=True)
    async with open_telephone() as citizen:
        await citizen.register("citizen", pbx.password(), pbx.registrar)
        call = await citizen.dial(f"sip:169@{pbx.registrar}", account="citizen")
        await call.confirmed()
        await until_sound(call.heard)
