"""Agents' phones sign in with the right password only, by UDP and from a browser, and may not transfer calls."""

from __future__ import annotations

import aiohttp
import pytest

from core.ids import AgentId
from pbx.asterisk import reload
from pbx.render import PhoneAccount, render, write
from tests.integration import sip
from tests.integration.asterisk_fixture import MACHINE, RunningAsterisk, StartAsterisk
from tests.waiting import until


async def _contacts(pbx: RunningAsterisk, endpoint: str) -> int:
    said = await pbx.console(f"pjsip show aor {endpoint}")
    return said.count(f"Contact:  {endpoint}/sip:")


async def test_the_right_password_signs_a_phone_in(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with sip.over_udp(pbx.registrar) as caller:
        assert (await sip.register(caller(), "budi", pbx.password("budi"))).code == 200
        assert await _contacts(pbx, "budi") == 1


async def test_the_newest_phone_of_an_agent_takes_the_older_ones_place(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with sip.over_udp(pbx.registrar) as old, sip.over_udp(pbx.registrar) as new:
        assert (await sip.register(old(), "budi", pbx.password("budi"))).code == 200
        assert (await sip.register(new(), "budi", pbx.password("budi"))).code == 200
        assert await _contacts(pbx, "budi") == 1


async def test_a_wrong_password_and_an_unknown_agent_get_the_same_answer(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with sip.over_udp(pbx.registrar) as caller:
        wrong = await sip.register(caller(), "budi", "0" * 20)
        nobody = await sip.register(caller(), "nobody", "0" * 20)
    assert wrong.code == nobody.code == 401
    assert await _contacts(pbx, "budi") == 0


async def test_one_agents_password_does_not_open_anothers_phone(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi", "siti"))
    async with sip.over_udp(pbx.registrar) as caller:
        assert (await sip.register(caller(), "siti", pbx.password("budi"))).code == 401


async def test_a_new_agent_signs_in_after_a_reload_while_calls_go_on(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with sip.over_udp(pbx.registrar) as caller:
        budi = caller()
        await sip.register(budi, "budi", pbx.password("budi"))
        await sip.proven(budi, "INVITE", "*43", "budi", pbx.password("budi"), body=sip.SDP)
        assert (await sip.register(caller(), "siti", pbx.password("siti"))).code == 401
        phones = [*pbx.phones, PhoneAccount(AgentId("siti"), pbx.password("siti"))]
        write(pbx.settings, render(pbx.settings, pbx.install, pbx.secrets, phones, MACHINE))
        await reload(pbx.install, pbx.settings)

        async def is_signed_in() -> bool:
            return (await sip.register(caller(), "siti", pbx.password("siti"))).code == 200

        await until(is_signed_in)
        assert "siti" in await pbx.console("queue show fallback")
        assert await pbx.channels() == 1


async def test_a_browser_signs_in_over_a_secure_websocket(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with sip.over_websocket(f"wss://127.0.0.1:{pbx.settings.https_port}/ws") as browser:
        assert (await sip.register(browser, "budi-web", pbx.password("budi"))).code == 200
        assert await _contacts(pbx, "budi-web") == 1

    async def is_gone() -> bool:
        return await _contacts(pbx, "budi-web") == 0

    await until(is_gone)


async def test_a_browser_with_a_wrong_password_stays_outside(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with sip.over_websocket(f"wss://127.0.0.1:{pbx.settings.https_port}/ws") as browser:
        assert (await sip.register(browser, "budi-web", "0" * 20)).code == 401
        assert await _contacts(pbx, "budi-web") == 0


async def test_a_phone_cannot_transfer_a_call(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with sip.over_udp(pbx.registrar) as caller:
        phone, password = caller(), pbx.password("budi")
        assert (await sip.register(phone, "budi", password)).code == 200
        assert (await sip.proven(phone, "INVITE", "*43", "budi", password, body=sip.SDP)).code == 200
        target = f"Refer-To: <sip:0811@{pbx.registrar}>\r\n".encode()
        answer = await sip.proven(phone, "REFER", "*43", "budi", password, target)
        assert 400 <= answer.code < 700
        assert await pbx.channels() == 1


@pytest.mark.parametrize("path", ["/ari/channels", "/ari/asterisk/info"])
async def test_ari_wants_its_password(asterisk: StartAsterisk, path: str) -> None:
    pbx = await asterisk()
    url = f"http://127.0.0.1:{pbx.settings.http_port}{path}"
    right = {"Authorization": aiohttp.encode_basic_auth("sambung", pbx.secrets.ari)}
    wrong = {"Authorization": aiohttp.encode_basic_auth("sambung", "0" * 32)}
    async with aiohttp.ClientSession() as session:
        assert (await session.get(url, headers=right)).status == 200
        assert (await session.get(url, headers=wrong)).status == 401
        assert (await session.get(url)).status == 401
