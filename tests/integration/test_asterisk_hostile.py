"""What a caller writes into its own name and number leaves nothing odd behind."""

from __future__ import annotations

import pytest

from tests.integration import sip
from tests.integration.asterisk_fixture import RunningAsterisk, StartAsterisk
from tests.waiting import until

HOSTILE = {
    "quotes": b'"a\\"b;DROP TABLE x" <sip:0812%22%3b%00@127.0.0.1>',
    "three hundred letters": b'"' + b"x" * 300 + b'" <sip:' + b"9" * 300 + b"@127.0.0.1>",
    "invalid UTF-8": b'"\xff\xfe\xc3" <sip:08%ff%fe%c312@127.0.0.1>',
    "a path": b'"../../etc/passwd" <sip:..%2f..%2ftmp%2fx@127.0.0.1>',
    "escaped line ends": b'"x%0d%0aAction: Originate" <sip:0812%0d%0aAction%3a%20Originate@127.0.0.1>',
    "dialplan": b'"${SHELL(id)}" <sip:%24%7bSYSTEM(id)%7d%7cx%7c,x)@127.0.0.1>',
    "a database key": b'"x" <sip:0812%7canswered%7cbudi%2fsambung-aside@127.0.0.1>',
}


async def _records(pbx: RunningAsterisk) -> list[list[str]]:
    said = await pbx.console("database show")
    keys = [line for line in said.splitlines() if line.startswith("/sambung-aside/")]
    return [[part.strip() for part in line.partition(": ")[::2]] for line in keys]


@pytest.mark.parametrize("caller", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_hostile_caller_is_a_caller_like_any_other(asterisk: StartAsterisk, caller: bytes) -> None:
    pbx = await asterisk(agents=("budi",))
    async with sip.over_udp(pbx.trunk, pbx.peer_port) as line:
        asserted = b"P-Asserted-Identity: " + caller + b"\r\n"
        call = line()
        answer = await call.request("INVITE", "169", caller, asserted, sip.SDP)
        if answer.code == 200:
            # Nobody is there to answer, so the dialplan ends the call by itself.
            await until(lambda: _is_quiet(pbx), within=15)
        else:
            assert 400 <= answer.code < 500
    assert await pbx.channels() == 0
    for key, value in await _records(pbx):
        assert key.removeprefix("/sambung-aside/").isalnum()
        started, ended, state, agent, number = value.split("|")
        assert started.isdigit()
        assert ended.isdigit()
        assert (state, agent) == ("nobody", "")
        assert set(number) <= set("0123456789+")
        assert len(number) <= 20
    for recording in pbx.recordings():
        assert len(recording.stem) == 34
    assert [file for file in pbx.settings.home.parent.iterdir() if "x" in file.name.split("-")] == []
    assert "SHELL" not in pbx.log()


async def _is_quiet(pbx: RunningAsterisk) -> bool:
    return await pbx.channels() == 0


async def test_a_hostile_number_is_an_unknown_one(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    async with sip.over_udp(pbx.trunk, pbx.peer_port) as line:
        for number in ("1" * 300, "%2e%2e%2f", "169%0d%0aX", "169,2,Hangup", "%24%7bSHELL(id)%7d", "%ff%fe"):
            answer = await line().request("INVITE", number, body=sip.SDP)
            assert answer.code in (404, 416, 484), number
    assert await pbx.channels() == 0
    assert pbx.recordings() == []


async def test_a_request_that_is_no_sip_is_dropped_and_the_next_one_is_heard(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with sip.over_udp(pbx.trunk, pbx.peer_port) as line:
        with pytest.raises(TimeoutError):
            await line().request("INVITE", "169", b"<sip:08\xff12@127.0.0.1>", body=sip.SDP, within=1)
        assert (await line().request("INVITE", "169", body=sip.SDP)).code == 200
