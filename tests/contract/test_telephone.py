"""Every telephone keeps the same promises: two of them call each other on the loopback."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.errors import Gone, Refused, TryLater
from pbx.probe import protocol
from pbx.probe.listen import until_silent, until_tone
from pbx.probe.phone import Call, Kind, Telephone, open_telephone
from pbx.probe.tone import has_tone
from pbx.probe.wav import read
from tests.integration.asterisk_fixture import write_tone

needs_pjsua = pytest.mark.skipif(not find_spec("pjsua2"), reason="PJSIP has no wheel for this Python")


@pytest.fixture(
    params=[
        pytest.param((Kind.PJSUA, Kind.PJSUA), marks=needs_pjsua, id="pjsua-pjsua"),
        pytest.param((Kind.PLAIN, Kind.PLAIN), id="plain-plain"),
        pytest.param((Kind.PJSUA, Kind.PLAIN), marks=needs_pjsua, id="pjsua-plain"),
        pytest.param((Kind.PLAIN, Kind.PJSUA), marks=needs_pjsua, id="plain-pjsua"),
    ]
)
def kinds(request: pytest.FixtureRequest) -> tuple[Kind, Kind]:
    first, second = request.param
    return Kind(first), Kind(second)


@pytest.fixture
async def alice(kinds: tuple[Kind, Kind], tmp_path: Path) -> AsyncIterator[Telephone]:
    async with open_telephone(kind=kinds[0], folder=tmp_path / "alice", trace=True) as phone:
        yield phone


@pytest.fixture
async def bob(kinds: tuple[Kind, Kind], tmp_path: Path) -> AsyncIterator[Telephone]:
    async with open_telephone(kind=kinds[1], folder=tmp_path / "bob", trace=True) as phone:
        yield phone


async def talking(
    alice: Telephone, bob: Telephone, tones: tuple[int, int] = (600, 1200)
) -> tuple[Call, Call]:
    out = await alice.dial(f"sip:169@127.0.0.1:{bob.port}", user="0812", tone=tones[0])
    come = await bob.incoming()
    await come.answer(tone=tones[1])
    await out.confirmed()
    await come.confirmed()
    return out, come


async def test_two_telephones_hear_each_others_tone_and_nothing_else(
    alice: Telephone, bob: Telephone
) -> None:
    out, come = await talking(alice, bob)
    await until_tone(out.heard, 1200)
    await until_tone(come.heard, 600)
    await out.hang_up()
    await come.ended()
    for call, foreign in ((out, 600), (come, 1200)):
        sound = read(call.heard)
        assert not has_tone(sound.samples, sound.rate, foreign, for_ms=100)


async def test_a_call_tells_what_happens_to_it_in_order(alice: Telephone, bob: Telephone) -> None:
    out = await alice.dial(f"sip:169@127.0.0.1:{bob.port}", user="0812", display="Siti")
    come = await bob.incoming()
    assert "sip:0812@" in come.caller
    assert "Siti" in come.caller
    assert (await out.ringing()).code == 180
    await come.answer()
    await out.confirmed()
    await come.hang_up()
    assert (await out.ended()).code == 200
    assert [type(event) for event in out.events] == [
        protocol.Ringing,
        protocol.Confirmed,
        protocol.Disconnected,
    ]
    times = [event.at for event in out.events]
    assert times == sorted(times)


@pytest.mark.parametrize("code", [486, 603])
async def test_a_refusal_reaches_the_caller_with_its_code(
    alice: Telephone, bob: Telephone, code: int
) -> None:
    out = await alice.dial(f"sip:169@127.0.0.1:{bob.port}")
    come = await bob.incoming()
    await come.reject(code)
    assert (await out.ended()).code == code
    with pytest.raises(Gone, match=str(code)):
        await out.confirmed()
    await come.ended()


async def test_a_caller_who_gives_up_leaves_a_call_that_is_over(alice: Telephone, bob: Telephone) -> None:
    out = await alice.dial(f"sip:169@127.0.0.1:{bob.port}")
    come = await bob.incoming()
    await out.ringing()
    await out.hang_up()
    await come.ended()
    with pytest.raises(Gone):
        await come.confirmed()
    with pytest.raises(Refused):
        await come.answer()


async def test_keys_arrive_as_pressed(alice: Telephone, bob: Telephone) -> None:
    out, come = await talking(alice, bob, tones=(0, 0))
    await out.press("0123456789*#")
    await come.pressed("0123456789*#")
    assert come.keys == "0123456789*#"


async def test_the_tone_can_be_changed_and_stopped(alice: Telephone, bob: Telephone) -> None:
    out, come = await talking(alice, bob)
    await until_tone(come.heard, 600)
    await out.send_tone(900)
    await until_tone(come.heard, 900)
    await out.send_tone(0)
    await until_silent(come.heard, for_ms=500)


async def test_calls_answer_themselves_after_the_time_asked_for(alice: Telephone, bob: Telephone) -> None:
    bob.answer_after_ms, bob.answer_tone = 200, 1200
    out = await alice.dial(f"sip:169@127.0.0.1:{bob.port}")
    confirmed = await out.confirmed()
    assert confirmed.at - (await out.ringing()).at >= 0.15
    await until_tone(out.heard, 1200)


async def test_one_telephone_carries_several_calls_each_with_its_own_sound(
    alice: Telephone, bob: Telephone
) -> None:
    tones = (500, 700, 900, 1100)
    calls = [await talking(alice, bob, tones=(tone, tone + 1500)) for tone in tones]
    for (out, come), tone in zip(calls, tones, strict=True):
        await until_tone(come.heard, tone)
        await until_tone(out.heard, tone + 1500)
    first, *others = calls
    await first[0].hang_up()
    await first[1].ended()
    assert not any(call.is_over for pair in others for call in pair)


async def test_thirty_callers_share_a_telephone_that_is_asked_to_carry_them(tmp_path: Path) -> None:
    async with (
        open_telephone(calls=30, folder=tmp_path / "callers") as callers,
        open_telephone(calls=30, folder=tmp_path / "desks") as desks,
    ):
        desks.answer_after_ms, desks.answer_tone = 0, 1200
        uri = f"sip:169@127.0.0.1:{desks.port}"
        out = [await callers.dial(uri, user=f"08{n:02}", tone=400 + 50 * n) for n in range(30)]
        for call in out:
            await call.confirmed()
            await until_tone(call.heard, 1200, for_ms=1000)
        for _ in out:
            come = await desks.incoming()
            number = int(come.caller.partition("sip:08")[2][:2])
            await until_tone(come.heard, 400 + 50 * number, for_ms=1000)


async def test_a_dead_process_fails_every_waiter_at_once(alice: Telephone, bob: Telephone) -> None:
    out, _ = await talking(alice, bob)
    async with asyncio.TaskGroup() as tasks:
        waiters = [
            tasks.create_task(outcome(alice.incoming(within=60))),
            tasks.create_task(outcome(out.ended(within=60))),
            tasks.create_task(outcome(out.pressed("1", within=60))),
        ]
        await asyncio.sleep(0)
        os.kill(alice.pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            assert [await waiter for waiter in waiters] == ["Gone", "Gone", "Gone"]


async def outcome(waiting: object) -> str:
    try:
        await waiting  # type: ignore[misc]
    except Gone as gone:
        return type(gone).__name__
    return "nothing"


async def test_waiting_for_what_does_not_come_ends_at_its_deadline(alice: Telephone) -> None:
    with pytest.raises(TryLater, match="a call"):
        await alice.incoming(within=0.1)
    with pytest.raises(Refused):
        await alice.ask(protocol.HangUp("out99"))


async def test_closing_ends_the_process_and_its_calls(bob: Telephone, kinds: tuple[Kind, Kind]) -> None:
    async with open_telephone(kind=kinds[0]) as phone:
        _, come = await talking(phone, bob)
        pid = phone.pid
    await come.ended()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_port_that_is_taken_is_named(alice: Telephone) -> None:
    with pytest.raises(Refused, match=str(alice.port)):
        async with open_telephone(port=alice.port):
            pass


async def test_a_wish_for_a_telephone_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMBUNG_TELEPHONE", "bakelite")
    with pytest.raises(Refused, match="bakelite"):
        async with open_telephone():
            pass


async def test_a_telephone_says_a_file_again_and_again(
    alice: Telephone, bob: Telephone, tmp_path: Path
) -> None:
    write_tone(tmp_path / "said.wav", 900, 1.0)
    out, come = await talking(alice, bob)
    await out.say(tmp_path / "said.wav")
    await until_tone(come.heard, 900, after_ms=read(come.heard).ms + 1_500)
    await out.send_tone(600)
    await until_tone(come.heard, 600, after_ms=read(come.heard).ms)
