"""Call control by ear: everybody in a call sends a tone of their own, and everybody's ears are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.ids import InteractionId
from pbx.commands import Command
from pbx.probe.phone import Call
from pbx.probe.tone import longest_ms, sound_runs
from pbx.probe.wav import Sound, read
from pbx.view import CallView
from tests.integration.centre_fixture import CALLER_HZ, RunningCentre
from tests.waiting import until

CUSTOMER: Final = "customer"
OUTSIDE: Final = "outside"
HERTZ: Final = {
    CUSTOMER: CALLER_HZ,
    "ag101": 1200,
    "ag102": 950,
    "ag103": 1550,
    OUTSIDE: 1850,
    "ringing": 425,
}
MUSIC: Final = frozenset({"music"})
RINGING: Final = frozenset({"ringing"})
NOTHING: Final[frozenset[str]] = frozenset()
_WINDOW_MS: Final = 700
_TONE_MS: Final = 350
_TRACE_MS: Final = 120


@dataclass
class Stage:
    """A centre with one customer, and everybody's telephone by name."""

    centre: RunningCentre
    id: InteractionId
    ears: dict[str, Call]

    async def command(self, want: Command) -> None:
        async with self.centre.client() as client:
            await client.command(want)

    async def view(self) -> CallView:
        async with self.centre.client() as client:
            found = [call for call in await client.calls() if call.id == self.id]
        assert found, "the call is not shown"
        return found[0]

    async def answer(self) -> str:
        """Let whoever is rung next answer; return who it was."""
        ringing = await self.centre.desks.incoming(20)
        agent = ringing.account
        await ringing.answer(tone=HERTZ[agent])
        await ringing.confirmed()
        self.ears[agent] = ringing
        return agent

    async def hear(self, **expected: frozenset[str]) -> None:
        """Wait until each of those named hears just the tones of ``expected``, from now on."""
        begun = {name: read(self.ears[name].heard).ms for name in expected}

        def so() -> bool:
            for name, tones in expected.items():
                heard = read(self.ears[name].heard)
                assert heard.ms - begun[name] >= _WINDOW_MS, f"{name} has heard too little yet"
                found = _found(heard.since(heard.ms - _WINDOW_MS))
                assert found == tones - {name}, f"{name} hears {sorted(found)}"
            return True

        await until(so, within=20)

    async def talk(self, *names: str) -> None:
        """Wait until all of ``names`` hear one another and nobody else."""
        await self.hear(**{name: frozenset(names) for name in names})


def _found(sound: Sound) -> frozenset[str]:
    """Return whose tones are in ``sound``; music is what sounds and is none of them."""
    tones = {
        name for name, hertz in HERTZ.items() if longest_ms(sound.samples, sound.rate, hertz) >= _TONE_MS
    }
    if tones:
        traces = {
            name for name, hertz in HERTZ.items() if longest_ms(sound.samples, sound.rate, hertz) >= _TRACE_MS
        }
        assert traces == tones, f"in between: {sorted(traces)}"
        return frozenset(tones)
    audible = sum(run.ms for run in sound_runs(sound.samples, sound.rate))
    return MUSIC if audible >= _WINDOW_MS // 3 else NOTHING


async def in_conversation(centre: RunningCentre, *agents: str) -> Stage:
    """Bring a customer to the first of ``agents``; the others are registered and ready afterwards."""
    first, *others = agents
    await centre.on_duty(first)
    caller, identity = await centre.in_line()
    stage = Stage(centre, identity, {CUSTOMER: caller})
    assert await stage.answer() == first
    await centre.until_phase(identity, "talking")
    for agent in others:
        await centre.on_duty(agent)
    await stage.talk(CUSTOMER, first)
    return stage


async def over(centre: RunningCentre) -> None:
    """Wait until nothing is left of a call, and send everybody home: the next one begins anew."""
    await centre.emptied()
