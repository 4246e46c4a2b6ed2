"""The drill: a synthetic caller and a synthetic agent prove the running centre from outside, by ear.

The caller sends 600 Hz, the agent 1,200 Hz; who hears whom is told by frequency, and so is which side of the
recording holds whom.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Final

from acd.model import Channel, Outcome, Phase
from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId
from pbx.probe.listen import until_silent, until_sound, until_tone
from pbx.probe.phone import Call, Kind, Telephone, open_telephone
from pbx.probe.tone import has_tone
from pbx.probe.wav import read
from pbx.secrets import agent_password, load
from recording.ports import Recording, State
from sambung.centre import Centre
from sambung.client import ControlClient
from sambung.drill_timeline import Over, Step, Steps, Timeline, until
from sambung.drill_way import Way, takers, ways
from sambung.settings import Settings
from store.views import History, Summary

CALLER_HZ: Final = 600
AGENT_HZ: Final = 1200

_TALK_MS: Final = 1_000
_EDGE_MS: Final = 300
"""Left out at either end of the talk: the tone begins and stops somewhere there."""
_PROMPT_S: Final = 60.0
_LINE_S: Final = 15.0
_RECORDER_S: Final = 60.0


async def drill_call(
    settings: Settings,
    centre: Centre,
    *,
    kind: Kind | None = None,
    told: Callable[[Step], None] = lambda _: None,
) -> Timeline:
    """Call the running centre on its trunk and answer as one of its agents.

    ``told`` hears of each step at once. Nothing is raised for a centre that does not do its part: the timeline
    says which step went wrong. The agent is one whom nobody uses at the time, and is signed out in the end.
    """
    steps = Steps(told)
    drill = _Drill(settings, centre, steps)
    async with AsyncExitStack() as stack:
        with suppress(Over):
            await drill.prepare(stack, kind)
            await drill.call()
            await drill.wait_in_line()
            await drill.talk()
            await drill.look_back()
    return steps.timeline


class _Drill:
    def __init__(self, settings: Settings, centre: Centre, steps: Steps) -> None:
        self._settings = settings
        self._centre = centre
        self._steps = steps
        self._number = f"0999{secrets.randbelow(10**8):08}"

    # --- the parts in order -------------------------------------------------------------------------------

    async def prepare(self, stack: AsyncExitStack, kind: Kind | None) -> None:
        """Find a way and an agent, and get the telephones ready."""
        async with self._steps.step("control answers"):
            self._control = await stack.enter_async_context(ControlClient(self._settings.control_socket))
            self._agent, self._way = await self._choose()
        async with self._steps.step("the telephones are ready"):
            self._trunk = await stack.enter_async_context(open_telephone(port=self._trunk_port(), kind=kind))
            self._desk = await stack.enter_async_context(open_telephone(kind=kind))
        async with self._steps.step(f"agent {self._agent} registers and signs in"):
            await self._register(self._desk)
            stack.push_async_callback(self._sign_out)
            await self._control.agent(self._agent, "sign-in")
            await until(self._is_reachable, _LINE_S, "control does not see the agent's phone")

    async def call(self) -> None:
        """Dial in on the trunk and go through the menu."""
        asterisk = self._settings.asterisk
        async with self._steps.step("the call is answered"):
            number = asterisk.trunk.numbers[0]
            uri = f"sip:{number}@{_local(asterisk.host)}:{asterisk.trunk.bind_port}"
            self._caller = await self._trunk.dial(uri, user=self._number, tone=CALLER_HZ)
            await self._caller.confirmed(_LINE_S)
        async with self._steps.step("the caller hears the prompt"):
            await until_sound(self._caller.heard, for_ms=1000, within=_LINE_S)
        async with self._steps.step("the line knows the call"):
            found = await until(self._find, _LINE_S, "there is no interaction with the caller's number")
            self._steps.timeline.interaction = found
        for press in self._way.presses:
            async with self._steps.step(f"the caller presses {press.keys}"):
                quiet = min(1000, press.patience_ms // 3)
                await until_silent(self._caller.heard, for_ms=quiet, within=_PROMPT_S)
                pressed = read(self._caller.heard).ms
                await self._caller.press(press.keys)
                await until_sound(self._caller.heard, after_ms=pressed, within=_LINE_S)

    async def wait_in_line(self) -> None:
        """Stand in the queue and hear music."""
        async with self._steps.step(f"the caller stands in the queue {self._way.queue}"):
            history = await self._until_phase((Phase.WAITING,), _PROMPT_S)
            if history.interaction.queue != self._way.queue:
                raise Refused(f"it is the queue {history.interaction.queue}")
        async with self._steps.step("the caller hears hold music"):
            since = read(self._caller.heard).ms
            await until_sound(self._caller.heard, after_ms=since, for_ms=2000, within=_LINE_S)

    async def talk(self) -> None:
        """Answer as the agent, hear each other, hang up."""
        async with self._steps.step(f"the phone of agent {self._agent} rings"):
            await self._control.agent(self._agent, "intent", ready=True, reason="")
            desk = await self._ring()
        async with self._steps.step("the agent answers"):
            since = read(self._caller.heard).ms
            await desk.answer(tone=AGENT_HZ)
            await desk.confirmed(_LINE_S)
            await self._until_phase((Phase.TALKING,), _LINE_S)
        async with self._steps.step("the caller hears the agent"):
            await until_tone(self._caller.heard, AGENT_HZ, for_ms=_TALK_MS, within=_LINE_S, after_ms=since)
        async with self._steps.step("the agent hears the caller"):
            await until_tone(desk.heard, CALLER_HZ, for_ms=_TALK_MS, within=_LINE_S)
            heard = read(desk.heard)
            if has_tone(heard.samples, heard.rate, AGENT_HZ):
                raise Refused("the agent hears itself")
        async with self._steps.step("both hang up"):
            await self._caller.hang_up()
            await desk.ended(_LINE_S)

    async def look_back(self) -> None:
        """Check what is written down and what was recorded."""
        async with self._steps.step("the interaction is closed as handled") as done:
            await self._until_phase((Phase.WRAPPING, Phase.CLOSED), _LINE_S)
            await self._control.wrap_up_done(self._interaction)
            history = await self._until_phase((Phase.CLOSED,), _LINE_S)
            if history.interaction.outcome is not Outcome.HANDLED:
                raise Refused(f"its outcome is {history.interaction.outcome}")
            talk_ms = sum(segment.talk_ms for segment in history.segments)
            done(f"talk {talk_ms} ms, {len(history.receipts)} receipts")
        async with self._steps.step("the recording is finished") as done:
            recording = await until(self._recorded, _RECORDER_S, "the recorder has not finished it")
            if recording.state is not State.FINISHED or recording.problems:
                raise Refused(f"{recording.state}: {', '.join(map(str, recording.problems))}")
            done(f"{recording.length_ms} ms")
        async with self._steps.step("each tone is on its side of the recording"):
            self._check_sides(recording, talk_ms)

    # --- what they are made of ----------------------------------------------------------------------------

    async def _choose(self) -> tuple[AgentId, Way]:
        """Return an agent whom nobody uses, and a way to a queue whose calls that agent takes."""
        used = {a.id for a in await self._control.agents() if a.signed_in or Channel.VOICE in a.reachable}
        around = self._centre.surroundings(time.time_ns() // 1_000_000)
        found = list(ways(self._centre.flow(self._settings.asterisk.trunk.numbers[0]), around))
        if not found:
            raise Refused("the menu leads into no queue now (closed? see demo.always_open in sambung.toml)")
        for way in sorted(found, key=lambda way: not way.presses):
            for agent in takers(way, self._centre.line_rules):
                if agent not in used:
                    return agent, way
        raise TryLater("every voice agent is signed in; the drill needs one whom nobody uses")

    def _trunk_port(self) -> int:
        host, _, port = self._settings.asterisk.trunk.peer.rpartition(":")
        if host not in {"127.0.0.1", "localhost"}:
            raise Refused(f"the trunk belongs to {host}; a drill needs a trunk on this machine")
        return int(port)

    async def _register(self, phone: Telephone) -> None:
        password = agent_password(load(self._settings.home), self._agent)
        asterisk = self._settings.asterisk
        await phone.register(self._agent, password, f"{_local(asterisk.host)}:{asterisk.sip_port}")

    async def _sign_out(self) -> None:
        with suppress(Over):
            async with self._steps.step(f"agent {self._agent} signs out"):
                await self._control.agent(self._agent, "sign-out")

    async def _is_reachable(self) -> bool:
        return any(a.id == self._agent and Channel.VOICE in a.reachable for a in await self._control.agents())

    async def _find(self) -> InteractionId | None:
        for summary in await self._control.get("/interactions?limit=50", list[Summary]):
            if summary.interaction.caller.endswith(self._number[-8:]):
                return summary.interaction.id
        return None

    async def _ring(self) -> Call:
        """Wait for the agent's phone; say who got the call if it was somebody else."""
        try:
            return await self._desk.incoming(_LINE_S)
        except TryLater as late:
            now = (await self._history()).interaction
            raise TryLater(f"{late}; the interaction is {now.phase}, offered to {now.agent}") from None

    @property
    def _interaction(self) -> InteractionId:
        if self._steps.timeline.interaction is None:
            raise Gone("the call has no interaction")
        return self._steps.timeline.interaction

    async def _history(self) -> History:
        return await self._control.get(f"/interactions/{self._interaction}", History)

    async def _until_phase(self, phases: tuple[Phase, ...], within: float) -> History:
        async def reached() -> History | None:
            history = await self._history()
            return history if history.interaction.phase in phases else None

        return await until(reached, within, f"the interaction does not reach {phases[0]}")

    async def _recorded(self) -> Recording | None:
        recording = (await self._history()).recording
        return recording if recording and recording.state is not State.OPEN else None

    def _check_sides(self, recording: Recording, talk_ms: int) -> None:
        """The talk ends the recording; on the agent's side hold music before it may hold any frequency."""
        customer = read(self._settings.recordings / recording.customer_file)
        agent = read(self._settings.recordings / recording.agent_file)
        for side, sound, wanted in (("customer", customer, CALLER_HZ), ("agent", agent, AGENT_HZ)):
            talk = sound.since(max(0, sound.ms - talk_ms + _EDGE_MS))
            if not has_tone(talk.samples, talk.rate, wanted, for_ms=_TALK_MS - 2 * _EDGE_MS):
                raise Refused(f"the {side}'s side has no {wanted} Hz in its last {talk.ms} ms")
            whole, foreign = (sound, AGENT_HZ) if side == "customer" else (talk, CALLER_HZ)
            if has_tone(whole.samples, whole.rate, foreign):
                raise Refused(f"the {side}'s side has {foreign} Hz, which belongs to the other")


def _local(host: str) -> str:
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
