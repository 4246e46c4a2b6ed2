"""Messages that callers leave, on the real Asterisk."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from core.ids import InteractionId
from pbx import secrets
from pbx.probe.listen import until_silent, until_tone
from pbx.probe.phone import Call
from pbx.probe.tone import longest_ms
from pbx.probe.wav import read
from sambung.demo_users import password
from tests.integration.asterisk_fixture import write_tone
from tests.integration.centre_fixture import (
    CALLER_HZ,
    Place,
    RunningCentre,
    hear_each_other,
    second_menu,
    visiting,
)
from tests.integration.centre_fixture import (
    kept as keeps,
)
from tests.integration.web_fixture import Browser
from tests.waiting import until

BEEP_HZ = 1_000
PATIENT = "021169"
"""The number where a message may be long."""

MENU = """\
numbers: ["169", "021169", "+6221169"]
start: message
nodes:
  message:
    kind: voicemail
    prompts: voicemail.greeting
    queue: licensing
    longest: 6 s
    silence: 2 s
    shortest: 1 s
    tries: 2
    otherwise: bye
  bye: {kind: hangup, prompts: goodbye, outcome: deflected}
"""


def short(folder: Path) -> None:
    """Say what is said around a message in half a second each."""
    settings = folder / "config" / "sambung.toml"
    settings.write_text(settings.read_text().replace("[demo]\n", "[demo]\nusers = true\n"))
    second_menu(folder, PATIENT, MENU, MENU.replace("longest: 6 s", "longest: 60 s"))
    for name, hertz in (("greeting", 500), ("empty", 1_800), ("kept", 2_200)):
        for language in ("id", "en"):
            path = folder / "config" / "centre" / "prompts" / language / f"voicemail.{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, hertz, 0.5)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with keeps(tmp_path_factory.mktemp("c"), MENU, short) as place:
        yield place


@pytest.fixture
async def centre(place: Place, tmp_path: Path) -> AsyncIterator[RunningCentre]:
    async with visiting(place, tmp_path) as centre:
        yield centre


async def beeped(centre: RunningCentre, number: str = "169") -> tuple[Call, InteractionId]:
    """Call and wait for the tone after which one speaks."""
    known = {summary.interaction.id for summary in await centre.recent()}
    call = await centre.dial(number, user="08123456789")
    await until_tone(call.heard, BEEP_HZ, for_ms=200, within=15)
    (identity,) = {summary.interaction.id for summary in await centre.recent()} - known
    return call, identity


async def kept(centre: RunningCentre, identity: InteractionId) -> Path:
    """Wait until the recorder has kept the message, and return its file."""

    def found() -> Path | None:
        return next(iter(centre.settings.recordings.rglob(f"{identity}-message.wav")), None)

    path = await until(found, within=20)
    assert path is not None
    return path


async def listed(centre: RunningCentre) -> str:
    status, said = await centre.run("voicemails")
    assert status == 0, said
    return said


async def test_too_short_a_message_is_asked_for_again_and_nothing_is_kept(centre: RunningCentre) -> None:
    silent, first = await beeped(centre)
    await silent.send_tone(0)
    await until_tone(silent.heard, 1_800, within=15)
    await until_silent(silent.heard, within=10)
    await silent.press("#")
    await silent.ended(within=20)
    assert (await centre.until_phase(first, "closed")).interaction.outcome == "deflected"
    hasty, second = await beeped(centre)
    await hasty.hang_up()
    assert (await centre.until_phase(second, "closed")).interaction.outcome == "abandoned"
    assert "No messages." in await listed(centre)
    assert list(centre.settings.asterisk.home.rglob("vm-*")) == []
    await centre.nothing_left()


async def test_a_message_is_kept_and_listed_whichever_way_it_ends(centre: RunningCentre) -> None:
    # By the key, by silence, by length, and by hanging up.
    by_length, third = await beeped(centre)
    by_key, first = await beeped(centre)
    heard = read(by_key.heard).ms
    await until(lambda: read(by_key.heard).ms > heard + 2_500)
    await by_key.press("#")
    await until_tone(by_key.heard, 2_200)
    await by_key.ended()
    await until_tone(by_length.heard, 2_200, within=15)
    by_silence, second = await beeped(centre)
    heard = read(by_silence.heard).ms
    await until(lambda: read(by_silence.heard).ms > heard + 2_500)
    await by_silence.send_tone(0)
    await until_tone(by_silence.heard, 2_200)
    await by_silence.ended()
    by_hanging_up, fourth = await beeped(centre)
    heard = read(by_hanging_up.heard).ms
    await until(lambda: read(by_hanging_up.heard).ms > heard + 2_500)
    await by_hanging_up.hang_up()
    for identity in (first, second, third, fourth):
        history = await centre.until_phase(identity, "closed")
        assert history.interaction.outcome == "voicemail", identity
        sound = read(await kept(centre, identity))
        assert 1_000 < longest_ms(sound.samples, sound.rate, CALLER_HZ) <= 7_500
    said = await until(lambda: _four(centre))
    assert said is not None
    status, _ = await centre.run("voicemails", "take", first, "ag101")
    assert status == 0
    status, refused = await centre.run("voicemails", "take", first, "ag102")
    assert (status, "somebody has it" in refused) == (1, True)
    assert (await centre.run("voicemails", "done", first))[0] == 0
    assert first not in await listed(centre)
    await centre.nothing_left()


async def _four(centre: RunningCentre) -> str | None:
    said = await listed(centre)
    return said if said.count("08123456789") == said.count(" new ") == 4 else None


async def test_the_agent_who_takes_a_message_calls_back_and_hears_the_caller(centre: RunningCentre) -> None:
    call, identity = await beeped(centre)
    await _speaks(call, 2_500)
    await call.press("#")
    await call.ended(within=20)
    await kept(centre, identity)
    await centre.on_duty("ag101")
    async with signed_in(centre, "agen") as agent, signed_in(centre, "agen2") as other:

        async def shown() -> bool:
            return identity in {one["id"] for one in (await agent.get("/voicemails"))["items"]}

        await until(shown, within=20)
        status, sound, _ = await agent.exchange("GET", f"/voicemails/{identity}/sound")
        assert (status, sound) == (200, (await kept(centre, identity)).read_bytes())
        made = await agent.post(f"/voicemails/{identity}/call-back")
        status, answer = await other.ask("POST", f"/voicemails/{identity}/take", {})
        assert (status, answer["error"]["code"]) == (409, "taken")
        phone = await centre.answered()
        ringing = await centre.callers.incoming(20)
        assert ringing.dialled == "+628123456789"
        await ringing.answer(tone=CALLER_HZ)
        await hear_each_other(ringing, phone)
        await ringing.hang_up()
        await phone.ended()
        called = (await centre.until_phase(made["id"], "closed")).interaction
        assert (called.kind, called.parent, called.outcome) == ("outbound", identity, "handled")
        await agent.post(f"/voicemails/{identity}/done", {"note": "Sudah dijelaskan."})
    assert identity not in await listed(centre)
    await centre.nothing_left()


@asynccontextmanager
async def signed_in(centre: RunningCentre, user: str) -> AsyncIterator[Browser]:
    """Open a browser, signed in as one of the demo accounts."""
    secret = password(secrets.load(centre.settings.home), user)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        browser = Browser(session, centre.settings.web.address)

        async def entered() -> bool:
            # The accounts are made while the centre runs already.
            status, _ = await browser.ask("POST", "/session", {"name": user, "password": secret})
            return status == 200

        await until(entered, within=30)
        yield browser


async def test_a_message_spoken_while_control_dies_is_kept(centre: RunningCentre) -> None:
    gone, first = await beeped(centre, PATIENT)
    await _speaks(gone, 2_500)
    restarts = centre.signal("control", signal.SIGKILL)
    await gone.hang_up()
    await centre.back("control", restarts)
    await centre.until_phase(first, "closed")
    # Whoever still speaks when control is back is not interrupted, and nothing said is lost.
    speaking, second = await beeped(centre, PATIENT)
    await _speaks(speaking, 2_500)
    restarts = centre.signal("control", signal.SIGKILL)
    await centre.back("control", restarts)
    await _speaks(speaking, 2_500)
    await speaking.press("#")
    await until_tone(speaking.heard, 2_200)
    await speaking.ended()
    # So is whoever ends before control is back, and waits to be thanked.
    ended, third = await beeped(centre, PATIENT)
    await _speaks(ended, 2_500)
    restarts = centre.signal("control", signal.SIGKILL)
    await ended.press("#")
    await centre.back("control", restarts)
    await until_tone(ended.heard, 2_200)
    await ended.ended()
    for identity, least_ms in ((first, 1_500), (second, 4_500), (third, 1_500)):
        assert (await centre.until_phase(identity, "closed")).interaction.id == identity
        sound = read(await kept(centre, identity))
        assert longest_ms(sound.samples, sound.rate, CALLER_HZ) > least_ms
        assert identity in await listed(centre)
    await centre.nothing_left()


async def _speaks(call: Call, ms: int) -> None:
    """Wait until a caller has spoken for ``ms`` more."""
    heard = read(call.heard).ms
    await until(lambda: read(call.heard).ms > heard + ms, within=20)
