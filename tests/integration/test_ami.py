"""The manager interface of a real Asterisk: what it tells, what it does for us, and what it refuses."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest

from core.errors import Refused, TryLater
from core.ids import AgentId, LegId
from pbx.ami import Ami
from pbx.ami_events import (
    AmiEvent,
    AsideChanged,
    CallRefused,
    ContactStatus,
    RtcpReport,
    SecurityEvent,
    TrunkStatus,
)
from pbx.probe.listen import until_silent, until_tone
from pbx.probe.phone import Kind, best_kind, open_telephone
from tests.integration import sip
from tests.integration.asterisk_fixture import RunningAsterisk, StartAsterisk
from tests.waiting import until


class Listener:
    """Keeps what is told."""

    def __init__(self, ami: Ami) -> None:
        self.ami = ami
        self.ups = 0
        self.downs = 0
        self.contacts: dict[str, bool] = {}
        self.events: list[AmiEvent] = []

    async def on_up(self) -> None:
        self.contacts = await self.ami.contacts()
        self.ups += 1

    def on_event(self, event: AmiEvent) -> None:
        self.events.append(event)

    def on_down(self) -> None:
        self.downs += 1


@asynccontextmanager
async def connected(host: str, port: int, secret: str, within: float = 10.0) -> AsyncIterator[Listener]:
    """Run a connection for as long as the block."""
    listener = Listener(Ami(host, port, "sambung", secret))
    running = asyncio.create_task(listener.ami.run(listener), name="ami")
    try:
        await until(lambda: listener.ups, within=within)
        yield listener
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def listening(pbx: RunningAsterisk) -> AbstractAsyncContextManager[Listener]:
    return connected("127.0.0.1", pbx.settings.ami_port, pbx.secrets.ami)


async def test_phones_come_and_go(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi", "siti"))
    async with listening(pbx) as told:
        assert not any(told.contacts.values())
        async with open_telephone() as phone:
            await phone.register("budi", pbx.password("budi"), pbx.registrar)
            await until(lambda: ContactStatus("budi", True) in told.events)
            snapshot = await told.ami.contacts()
            assert snapshot["budi"]
            assert not snapshot.get("siti")
        await until(lambda: told.events[-1] == ContactStatus("budi", False))
        assert not (await told.ami.contacts())["budi"]


async def test_who_is_there_is_known_again_after_a_restart(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with open_telephone() as phone, listening(pbx) as told:
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        await until(lambda: ContactStatus("budi", True) in told.events)
        await pbx.stop()
        await until(lambda: told.downs)
        told.events.clear()
        await pbx.start()
        await until(lambda: told.ups == 2)
        # The contact is remembered, and counts as soon as the phone has answered.
        await until(lambda: ContactStatus("budi", True) in told.events, within=20)
        assert (await told.ami.contacts())["budi"]


async def test_the_trunk_is_lost_and_found(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    async with listening(pbx) as told:
        assert not told.contacts["trunk169"]
        async with open_telephone(port=pbx.peer_port):
            await until(lambda: told.events[-1:] == [TrunkStatus(True)], within=20)
        await until(lambda: told.events[-1:] == [TrunkStatus(False)], within=20)


async def test_who_is_turned_away_is_told(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with listening(pbx) as told, sip.over_udp(pbx.registrar) as caller:
        await sip.register(caller(), "budi", "0" * 20)
        found = await until(lambda: [e for e in told.events if isinstance(e, SecurityEvent)])
        assert (found[0].service, found[0].account) == ("PJSIP", "budi")
        assert found[0].address.startswith("IPV4/UDP/127.0.0.1/")


async def test_refused_callers_are_told(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(trunk={"channels": 0})
    async with listening(pbx) as told, open_telephone(port=pbx.peer_port) as operator:
        for number in ("170", "169"):
            await (await operator.dial(f"sip:{number}@{pbx.trunk}", user="0812")).ended()
        await until(lambda: told.events[-2:] == [CallRefused("unknown_number"), CallRefused("full")])


async def test_calls_taken_without_control_are_adopted_and_forgotten(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with (
        listening(pbx) as told,
        open_telephone(port=pbx.peer_port) as operator,
        open_telephone() as phone,
    ):
        assert await told.ami.aside_calls() == []
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        call = await operator.dial(f"sip:169@{pbx.trunk}", user="0812")
        ring = await phone.incoming()
        [waiting] = await told.ami.aside_calls()
        assert (waiting.state, waiting.number, waiting.ended_at) == ("waiting", "0812", None)
        await ring.answer()
        await call.confirmed()
        await until(lambda: AsideChanged(waiting.id, "waiting") in told.events)
        await ring.hang_up()
        await until(lambda: AsideChanged(waiting.id, "answered") in told.events)
        [answered] = await told.ami.aside_calls()
        assert (answered.id, answered.agent) == (waiting.id, AgentId("budi"))
        await told.ami.forget_aside(waiting.id)
        await told.ami.forget_aside(waiting.id)
        assert await told.ami.aside_calls() == []


async def test_a_recording_pauses_in_silence_and_goes_on(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with (
        listening(pbx) as told,
        open_telephone(port=pbx.peer_port) as operator,
        open_telephone() as phone,
    ):
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        await operator.dial(f"sip:169@{pbx.trunk}", user="0812", tone=600)
        ring = await phone.incoming()
        await ring.answer(tone=1200)
        customer, heard = pbx.recordings()
        await until_tone(heard, 1200)
        leg = await customers_leg(pbx)
        await told.ami.mute_recording(leg)
        await until_silent(customer)
        await until_silent(heard)
        muted_ms = customer.stat().st_size // 16
        await told.ami.unmute_recording(leg)
        await until_tone(customer, 600, after_ms=muted_ms)
        await until_tone(heard, 1200, after_ms=muted_ms)


async def customers_leg(pbx: RunningAsterisk) -> LegId:
    headers = {"Authorization": aiohttp.encode_basic_auth("sambung", pbx.secrets.ari)}
    url = f"http://127.0.0.1:{pbx.settings.http_port}/ari/channels"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return next(
            LegId(leg["id"]) for leg in await answer.json() if leg["name"].startswith("PJSIP/trunk169")
        )


@pytest.mark.skipif(best_kind() is not Kind.PJSUA, reason="the telephone without PJSIP sends no RTCP")
async def test_the_quality_of_a_call_is_reported(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    async with (
        listening(pbx) as told,
        open_telephone(port=pbx.peer_port) as operator,
        open_telephone() as phone,
    ):
        await phone.register("budi", pbx.password("budi"), pbx.registrar)
        await operator.dial(f"sip:169@{pbx.trunk}", user="0812", tone=600)
        await (await phone.incoming()).answer(tone=1200)
        [report, *_] = await until(lambda: [e for e in told.events if isinstance(e, RtcpReport)], within=30)
        assert report.lost == 0


async def test_the_account_cannot_do_what_leads_to_a_shell(asterisk: StartAsterisk) -> None:
    pbx = await asterisk(agents=("budi",))
    answers = await pbx.manager(
        "Action: Originate\r\nChannel: Local/*43@from-agent\r\nApplication: System\r\nData: id",
        "Action: Command\r\nCommand: core show version",
        "Action: MixMonitor\r\nChannel: x\r\nCommand: id",
        "Action: ModuleLoad\r\nLoadType: load\r\nModule: app_system.so",
        "Action: UpdateConfig\r\nSrcFilename: x.conf\r\nDstFilename: x.conf",
        "Action: DBPut\r\nFamily: x\r\nKey: x\r\nVal: x",
        "Action: Reload",
        "Action: DialplanExtensionAdd\r\nContext: inbound\r\nExtension: x\r\nPriority: 1\r\nApplication: NoOp",
        "Action: QueueAdd\r\nQueue: fallback\r\nInterface: PJSIP/x",
    )
    assert [answer.splitlines()[0] for answer in answers] == ["Response: Error"] * 9
    assert all("Permission denied" in answer for answer in answers)
    for function in ("SHELL(id)", "FILE(/etc/passwd)", "ENV(PATH)"):
        [answer] = await pbx.manager(f"Action: Setvar\r\nVariable: {function}\r\nValue: x")
        assert answer.startswith("Response: Error")


async def test_a_line_end_in_a_value_never_reaches_the_wire(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    async with listening(pbx) as told:
        smuggled = "x\r\n\r\nAction: Setvar\r\nVariable: SMUGGLED\r\nValue: 1"
        with pytest.raises(Refused):
            await told.ami.ask("Setvar", {"Variable": "HARMLESS", "Value": smuggled})
        await told.ami.ask("Setvar", {"Variable": "HARMLESS", "Value": "1"})
        variables = await pbx.console("dialplan show globals")
        assert "HARMLESS=1" in variables
        assert "SMUGGLED" not in variables


async def test_letters_of_any_alphabet_arrive_whole(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    async with listening(pbx) as told:
        await pbx.console('database put sambung-test x "Pérez Ñusta 信"')
        answer = await told.ami.ask("DBGetTree", {"Family": "sambung-test"})
        assert [m["Val"] for m in answer if "Val" in m] == ["Pérez Ñusta 信"]


async def test_a_wrong_password_is_no_connection(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    with pytest.raises(AssertionError):
        async with connected("127.0.0.1", pbx.settings.ami_port, "0" * 32, within=2):
            pass


async def test_asterisks_death_fails_what_waits_and_its_return_is_noticed(asterisk: StartAsterisk) -> None:
    pbx = await asterisk()
    async with listening(pbx) as told:
        await pbx.freeze()
        waiting = asyncio.gather(
            *(told.ami.ask("Ping", within_s=60) for _ in range(50)), return_exceptions=True
        )
        await asyncio.sleep(0)
        await pbx.stop(signal.SIGKILL)
        assert [type(answer) for answer in await asyncio.wait_for(waiting, 10)] == [TryLater] * 50
        await until(lambda: told.downs)
        with pytest.raises(TryLater):
            await told.ami.contacts()
        await pbx.start()
        await until(lambda: told.ups == 2)
