"""Call control by ear: everybody in a call sends a tone of their own, and everybody's ears are compared."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from core.ids import InteractionId
from pbx.commands import Command
from pbx.probe.phone import Call
from pbx.probe.protocol import Disconnected
from pbx.probe.tone import longest_ms, runs, sound_runs
from pbx.probe.wav import Sound, read
from pbx.view import CallView
from store.views import History, Segment
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
TOLERANCE_MS: Final = 500
"""Between what was heard and what is written down: the way of the sound, and of the news of it."""


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


# --- what is written down, by ear --------------------------------------------------------------------------


class Turn(NamedTuple):
    """A stretch in which one agent was heard, and no other."""

    who: str
    heard_ms: int
    away_ms: int
    """Breaks in it: there was music instead."""


def turns(heard: Sound, *names: str) -> list[Turn]:
    """Return who of ``names`` was heard one after the other. Whoever is heard with others begins no turn."""
    found = sorted(
        (run.start_ms, run.end_ms, name)
        for name in names
        for run in runs(heard.samples, heard.rate, HERTZ[name])
        if run.ms >= _TRACE_MS
    )
    out: list[Turn] = []
    end = 0
    for begins, ends, name in found:
        if out and out[-1].who == name:
            last = out.pop()
            lost = begins - end if begins - end < _TRACE_MS else 0
            out.append(Turn(name, last.heard_ms + ends - begins + lost, last.away_ms + begins - end - lost))
        else:
            out.append(Turn(name, ends - begins, 0))
        end = ends
    return out


def near(written: int, seen: int) -> bool:
    """Whether two times or durations in milliseconds are the same but for the tolerance."""
    return abs(written - seen) <= TOLERANCE_MS


def bye_at(call: Call) -> int:
    """Return when a telephone's call ended, in milliseconds UTC."""
    (over,) = [event for event in call.events if isinstance(event, Disconnected)]
    return round((time.time() - time.monotonic() + over.at) * 1000)


def written_as_heard(history: History, heard: Sound, phones: Sequence[Call]) -> None:
    """Each of ``phones``, in the order in which they had the customer, has a segment, as long as it was heard.

    The segment ends when the telephone does, and no two of them overlap.
    """
    parts = history.segments
    said = turns(heard, *dict.fromkeys(phone.account for phone in phones))
    assert (
        [part.agent for part in parts] == [phone.account for phone in phones] == [turn.who for turn in said]
    )
    for part, turn, phone in zip(parts, said, phones, strict=True):
        answered_at, left_at = ended(part)
        assert part.talk_ms + part.hold_ms == left_at - answered_at, part
        assert near(part.talk_ms, turn.heard_ms), (part, said)
        assert near(left_at, bye_at(phone)), (part, bye_at(phone))
    for earlier, later in pairwise(parts):
        assert ended(earlier)[1] <= ended(later)[0], (earlier, later)


def ended(part: Segment) -> tuple[int, int]:
    """Return when a segment's agent was first heard and when the agent left."""
    assert part.answered_at is not None
    assert part.left_at is not None
    return part.answered_at, part.left_at
