"""No way leads from a caller, a menu or a telephone to an outside line, except the one that is guarded."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from pbx.probe.listen import until_sound, until_tone
from pbx.probe.wav import read
from tests.integration import sip
from tests.integration.asterisk_fixture import RunningAsterisk, StartAsterisk, write_tone
from tests.integration.centre_fixture import RunningCentre, running_centre
from tests.integration.test_callback import MENU, promised, short
from tests.waiting import until

OUTSIDE = (
    "08123456789",
    "+628123456789",
    "00114155550100",
    "+14155550100",
    "+881612345678",
    "900123456",
    "9081234567",
    "0809123456",
    "customer",
    "other",
    "s",
    "dialled",
    "trunk169",
    "+628123456789%2cdialled",
)


def invited(asked: list[str]) -> list[str]:
    """Return the calls that the operator was asked for."""
    return [line for line in asked if line.startswith("INVITE")]


async def test_a_caller_of_the_trunk_reaches_no_number_outside(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    asked: list[str] = []
    async with sip.over_udp(pbx.trunk, pbx.peer_port, asked) as line:
        for number in OUTSIDE:
            for caller in (b"<sip:0812@127.0.0.1>", b"<sip:budi@127.0.0.1>", b"<sip:trunk169@127.0.0.1>"):
                answer = await line().request("INVITE", number, caller, body=sip.SDP)
                assert 400 <= answer.code < 500, number
        assert await pbx.channels() == 0
        call = line()
        assert (await call.request("INVITE", "169", body=sip.SDP)).code == 200
        for target in ("+628123456789", "dialled", "budi"):
            for headers in (
                f"Refer-To: <sip:{target}@{pbx.trunk}>\r\n",
                f"Refer-To: <sip:{target}@{pbx.trunk}?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>\r\n",
            ):
                answer = await call.request("REFER", "169", headers=headers.encode())
                assert answer.code >= 400, target
        await until(lambda: _quiet(pbx), within=20)
    assert invited(asked) == []


async def _quiet(pbx: RunningAsterisk) -> bool:
    return await pbx.channels() == 0


async def test_an_agents_telephone_dials_no_number(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    asked: list[str] = []
    async with sip.over_udp(pbx.trunk, pbx.peer_port, asked), sip.over_udp(pbx.registrar) as phones:
        password = pbx.password("budi")
        assert (await sip.register(phones(), "budi", password)).code == 200
        for number in (*OUTSIDE, "169", "*11+62812"):
            answer = await sip.proven(phones(), "INVITE", number, "budi", password, body=sip.SDP)
            assert 400 <= answer.code < 500, number
        assert await pbx.channels() == 0
    assert invited(asked) == []


async def test_an_operator_that_sends_our_call_elsewhere_is_not_followed(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    asked: list[str] = []
    headers = {"Authorization": aiohttp.encode_basic_auth("sambung", pbx.secrets.ari)}
    call = {
        "endpoint": "PJSIP/+628123456789@trunk169",
        "context": "dialled",
        "extension": "customer",
        "priority": "1",
        "callerId": "+6221169",
        "timeout": "5",
    }
    async with (
        sip.over_udp(pbx.trunk, pbx.peer_port, asked),
        aiohttp.ClientSession(headers=headers) as session,
    ):
        url = f"http://127.0.0.1:{pbx.settings.http_port}/ari/channels"
        assert (await session.post(url, params=call)).status == 200
        await until(lambda: invited(asked))
        await until(lambda: _quiet(pbx), within=20)
    assert {line.split()[1].partition("@")[0] for line in invited(asked)} == {"sip:+628123456789"}


FLAW_HZ, ASK_HZ = 700, 1_500


def tones(folder: Path) -> None:
    """Say what matters of a callback as tones."""
    for name, hertz in (("premium", FLAW_HZ), ("own", FLAW_HZ), ("foreign", FLAW_HZ), ("ask", ASK_HZ)):
        for language in ("id", "en"):
            path = folder / "config" / "centre" / "prompts" / language / f"callback.{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, hertz, 1)


async def test_a_caller_cannot_have_another_number_called_than_the_rules_allow(tmp_path: Path) -> None:
    async with running_centre(tmp_path, MENU, prepare=tones) as centre:
        call = await centre.dial(user="08123456789")
        await until_sound(call.heard)
        # Keys that mean nothing in a menu or in line lead nowhere but into the line, however many there are.
        await call.press("9*#00628")
        await in_line(centre)
        await call.press("9*00628#")
        heard = read(call.heard).ms
        await call.press("1")
        await until_sound(call.heard, after_ms=heard)
        await call.press("2")
        heard = 0
        for typed in ("08091234567", "00814155550100"):
            await until_tone(call.heard, ASK_HZ, within=15, after_ms=heard)
            heard = read(call.heard).ms
            await call.press(f"{typed}#")
            await until_tone(call.heard, FLAW_HZ, within=15, after_ms=heard)
        await call.hang_up()
        await centre.nothing_left()
        assert [c.dialled for c in centre.callers.calls.values() if c.dialled] == []


async def in_line(centre: RunningCentre) -> None:
    async def waiting() -> bool:
        return [s.interaction.phase for s in await centre.recent()] == ["waiting"]

    await until(waiting, within=60)


async def test_a_day_whose_calls_are_used_up_rings_nobody(tmp_path: Path) -> None:
    rules = {"per_day": 0, "callback_again": "1 h"}
    async with running_centre(tmp_path, MENU, prepare=short, outbound=rules) as centre:
        _, second = await promised(centre)
        await centre.on_duty("ag101")
        agent = await centre.answered()
        await agent.ended()
        history = await centre.until_phase(second, "parked")
        assert history.transitions[-1].cause == "denied_day_cap"
        assert [c.dialled for c in centre.callers.calls.values() if c.dialled] == []
