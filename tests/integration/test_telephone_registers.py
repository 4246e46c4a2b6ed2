"""Every telephone registers with a real Asterisk, is called through it and calls through it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.errors import Refused
from pbx.probe.listen import until_sound, until_tone
from pbx.probe.phone import Kind, Telephone, open_telephone
from tests.integration.asterisk_fixture import PROMPT_TONES, RunningAsterisk, StartAsterisk
from tests.waiting import until


@pytest.fixture(
    params=[
        pytest.param(
            Kind.PJSUA,
            marks=pytest.mark.skipif(not find_spec("pjsua2"), reason="PJSIP has no wheel for this Python"),
        ),
        Kind.PLAIN,
    ]
)
def kind(request: pytest.FixtureRequest) -> Kind:
    return Kind(request.param)


@pytest.fixture
async def phone(kind: Kind, tmp_path: Path) -> AsyncIterator[Telephone]:
    async with open_telephone(kind=kind, folder=tmp_path / "phone", trace=True) as telephone:
        yield telephone


async def test_a_phone_registers_is_reachable_and_leaves(asterisk: StartAsterisk, phone: Telephone) -> None:
    pbx = await asterisk(agents=["budi", "sari"])
    for agent in ("budi", "sari"):
        await phone.register(agent, pbx.password(agent), pbx.registrar)
    assert f"budi@127.0.0.1:{phone.port}" in await pbx.console("pjsip show contacts")
    await phone.unregister("budi")
    contacts = await pbx.console("pjsip show contacts")
    assert "budi@" not in contacts
    assert "sari@" in contacts


async def test_a_wrong_password_is_refused(asterisk: StartAsterisk, phone: Telephone) -> None:
    pbx = await asterisk(agents=["budi"])
    with pytest.raises(Refused, match="budi was refused with 401"):
        await phone.register("budi", "not-the-password", pbx.registrar)


async def test_a_registered_phone_calls_and_hears_itself(asterisk: StartAsterisk, phone: Telephone) -> None:
    pbx = await asterisk(agents=["budi"])
    await phone.register("budi", pbx.password("budi"), pbx.registrar)
    call = await phone.dial(f"sip:*43@{pbx.registrar}", account="budi", tone=600)
    await call.confirmed()
    await until_tone(call.heard, 600)
    await call.hang_up()
    await until(lambda: has_no_leg(pbx))


async def test_a_caller_on_the_trunk_reaches_a_registered_phone(
    asterisk: StartAsterisk, phone: Telephone, kind: Kind
) -> None:
    pbx = await asterisk(agents=["budi"])
    await phone.register("budi", pbx.password("budi"), pbx.registrar)
    async with open_telephone(port=pbx.peer_port, kind=kind) as caller:
        out = await caller.dial(f"sip:169@{pbx.trunk}", user="08123456789", display="Siti", tone=600)
        await out.confirmed()
        await until_tone(out.heard, PROMPT_TONES["notice.degraded"])
        come = await phone.incoming(within=20)
        assert come.account == "budi"
        assert "08123456789" in come.caller
        await until_sound(out.heard, for_ms=1000)
        await come.answer(tone=1200)
        await until_tone(out.heard, 1200)
        await until_tone(come.heard, 600)
        await out.hang_up()
        await come.ended()
    await until(lambda: has_no_leg(pbx))


async def has_no_leg(pbx: RunningAsterisk) -> bool:
    return await pbx.channels() == 0
