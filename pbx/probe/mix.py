"""Many calls of every kind at once: callers who leave in every phase, agents' phones that answer, decline or ring on.

Signalling, and as much sound as a key takes. Each call has a caller's number of its own, by which the INVITE at an
agent's phone is known to belong to it, and by which each contact of the centre can be held against its call.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from core.errors import Refused
from pbx.probe import protocol as p
from pbx.probe import sip
from pbx.probe.dialog import Account, Dialog, Here, invite_of, register
from pbx.probe.mix_home import Homes
from pbx.probe.mix_scripts import SET_ASIDE, Leaves, Phone, Script
from pbx.probe.rtp import DISCARD, TICK_S, Sound, open_sound
from pbx.probe.sip import Address, Message
from pbx.probe.transactions import Transactions

_NUMBER: Final = re.compile(r"0813\d{7}")
_LEARN_TICKS: Final = 8
"""So much sound is sent before a key that the other side knows where it comes from."""
_KEY_TICKS: Final = 14
_VOICE_HZ: Final = 600
_ASK_S: Final = 1.0
"""From one key to the next for a caller who asks to be called back and waits to be understood."""
_ASKS: Final = 6
_THANKS_S: Final = 5.0
"""So long a caller listens who has left a message."""
_REJECT_S: Final = 0.3


class Went(NamedTuple):
    """What the telephones saw of a call."""

    number: str
    script: Script
    began: float
    """Monotonic seconds."""
    status: int
    """The final response to the INVITE."""
    rang: int
    """How many agents' phones rang for it."""
    connected: float | None
    """When the first answer of an agent was acknowledged, in monotonic seconds."""
    by_caller: bool
    """Whether the caller's end hung up first."""
    tired: bool
    """Whether what the script waited for did not come in time."""


@dataclass(slots=True)
class _Call:
    number: str
    script: Script
    rings: int = 0
    rang: asyncio.Event = field(default_factory=asyncio.Event)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    connected_at: float | None = None
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """The other side hung up."""
    aside: asyncio.Event = field(default_factory=asyncio.Event)
    """The agent did what the script waits for."""
    agent_left: asyncio.Event = field(default_factory=asyncio.Event)


class _Leg(NamedTuple):
    """A call at an agent's phone."""

    call: _Call | None
    invite: Message
    peer: Address
    tag: str
    acked: asyncio.Event
    over: asyncio.Event


class Mix:
    """Callers on one port, agents on another. Get one from ``open_mix``."""

    def __init__(self, tasks: asyncio.TaskGroup, tired_s: float) -> None:
        self._tasks = tasks
        self._tired_s = tired_s
        self._callers = Transactions(self._at_caller)
        self._phones = Transactions(self._at_phone)
        self._calls: dict[str, _Call] = {}
        self._by_call_id: dict[str, _Call] = {}
        self._legs: dict[str, _Leg] = {}
        """By Call-ID at an agent's phone."""
        self._count = 0
        self.homes = Homes(tasks, self._callers)
        """Where callers are called back."""

    def script_of(self, number: str) -> Script | None:
        """Return how the call from ``number`` is to go, while it goes on."""
        call = self._calls.get(number)
        return None if call is None else call.script

    def set_aside(self, number: str) -> None:
        """Let the caller know that the agent has done what the script waits for."""
        if number in self._calls:
            self._calls[number].aside.set()

    async def open(self, trunk_port: int) -> None:
        """Take the ports."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self._callers, local_addr=("127.0.0.1", trunk_port))
        await loop.create_datagram_endpoint(lambda: self._phones, local_addr=("127.0.0.1", 0))

    async def register(self, passwords: Mapping[str, str], registrar: str) -> None:
        """Register each agent's phone at ``registrar`` (host:port). Raises Refused if one is refused."""
        place = _place(f"sip:{registrar}")
        here = Here(self._phones.port)
        for user, password in passwords.items():
            account = Account(p.Register(user, password, registrar, 3600), place)
            answer = await self._phones.request(register(account, here, 3600), place)
            if answer.status == 401:
                answer = await self._phones.request(register(account, here, 3600, answer), place)
            if answer.status != 200:
                raise Refused(f"registration of {user} was refused with {answer.status}")

    async def run(self, uri: str, scripts: Sequence[Script], per_s: float) -> list[Went]:
        """Dial ``uri`` once for each script, evenly; return what became of each when all are over."""
        began = time.monotonic()
        placed = []
        for number, script in enumerate(scripts):
            await asyncio.sleep(max(0.0, began + number / per_s - time.monotonic()))
            placed.append(self._tasks.create_task(self._call(uri, script)))
        # Only now: an acknowledgement may reach an agent's phone after the caller has gone.
        return [over() for over in await asyncio.gather(*placed)]

    @property
    def legs(self) -> int:
        """Calls that are up or ringing at agents' phones."""
        return len(self._legs)

    def close(self) -> None:
        """Free the ports and stop waiting for acknowledgements."""
        for leg in self._legs.values():
            leg.acked.set()
            leg.over.set()
        self.homes.close()
        self._callers.close()
        self._phones.close()

    # --- callers -------------------------------------------------------------------------------------------

    async def _call(self, uri: str, script: Script) -> Callable[[], Went]:
        self._count += 1
        call = _Call(f"0813{self._count:07}", script)
        self._calls[call.number] = call
        place, here = _place(uri), Here(self._callers.port)
        sound = await open_sound(lambda key: None)
        try:
            invite = invite_of(p.Dial("", uri, user=call.number), None, here, sip.describe(sound.port, 1))
            self._by_call_id[invite["call-id"]] = call
            began = time.monotonic()
            answer = await self._invite(invite, place, script)
            if answer.status >= 300:
                by_caller = script.leaves is Leaves.RINGING
                return partial(_went, call, began, answer.status, by_caller=by_caller)
            dialog = Dialog.accepted(invite, answer)
            self._callers.acknowledge(invite, dialog.request("ACK", 1, here.via()), place)
            media = sip.media_of(answer.body)
            if media is not None and script.key:
                sound.start(media, Path(os.devnull))
                await _ticks(sound, _LEARN_TICKS)
                await _press(sound, script.key)
            tired = await self._to_the_end(call, sound)
            by_caller = not call.left.is_set()
            if by_caller:
                await self._callers.request(dialog.request("BYE", 2, here.via()), place)
            return partial(_went, call, began, answer.status, by_caller=by_caller, tired=tired)
        finally:
            sound.close()
            del self._by_call_id[invite["call-id"]]
            del self._calls[call.number]

    async def _invite(self, invite: Message, place: Address, script: Script) -> Message:
        if script.leaves is not Leaves.RINGING:
            return await self._callers.request(invite, place)
        cancelled = False

        def give_up(_: Message) -> None:
            nonlocal cancelled
            if not cancelled:
                cancelled = True
                self._tasks.create_task(self._callers.request(sip.cancel(invite), place))

        return await self._callers.request(invite, place, give_up)

    async def _to_the_end(self, call: _Call, sound: Sound) -> bool:
        """Do as the script says until it is time to go, or the other side left; return if something came too late."""
        script = call.script
        match script.leaves:
            case Leaves.CALLBACK:
                self.homes.promised[call.number] = script
                for _ in range(_ASKS):
                    if await _either(call.left, call.left, _ASK_S):
                        return False
                    await _press(sound, "1")
                return not await _either(call.left, call.left, _ASK_S)
            case Leaves.VOICEMAIL:
                sound.tone = _VOICE_HZ
                await _ticks(sound, round(script.after_s / TICK_S))
                if script.presses:
                    await _press(sound, "#")
                    await _either(call.left, call.left, _THANKS_S)
                return False
            case Leaves.SURVEY:
                if not await _either(call.agent_left, call.left, self._tired_s):
                    return True
                await _ticks(sound, round(script.after_s / TICK_S))
                await _press(sound, "4")
                await _either(call.left, call.left, script.after_s)
                return False
            case _:
                return await self._until_time_to_go(call)

    async def _until_time_to_go(self, call: _Call) -> bool:
        """Wait until the script says that the caller leaves, or the other side left; return if it came too late."""
        awaited = {
            Leaves.OFFERED: call.rang,
            Leaves.CONNECTING: call.answering,
            Leaves.TALKING: call.connected,
            Leaves.OVERFLOW: call.connected,
            Leaves.AGENT: call.left,
            **dict.fromkeys(SET_ASIDE, call.aside),
        }.get(call.script.leaves)
        tired = False
        if awaited is not None:
            tired = not await _either(awaited, call.left, self._tired_s)
        if not tired and call.script.leaves is not Leaves.AGENT:
            await _either(call.left, call.left, call.script.after_s)
        return tired

    def _at_caller(self, request: Message, peer: Address) -> None:
        if self.homes.took(request, peer):
            return
        if request.method == "BYE" and (call := self._by_call_id.get(request["call-id"])):
            call.left.set()
        if request.method != "ACK":
            self._callers.answer(request, sip.reply(request, 200, secrets.token_hex(4)), peer)

    # --- agents' phones ------------------------------------------------------------------------------------

    def _at_phone(self, request: Message, peer: Address) -> None:
        leg = self._legs.get(request["call-id"])
        match request.method:
            case "INVITE" if leg is None:
                self._ring(request, peer)
            case "ACK":
                if leg is not None and not leg.acked.is_set():
                    leg.acked.set()
                    if leg.call is not None and not leg.over.is_set():
                        leg.call.connected_at = leg.call.connected_at or time.monotonic()
                        leg.call.connected.set()
            case "CANCEL" | "BYE":
                self._phones.answer(request, sip.reply(request, 200, leg.tag if leg else "gone"), peer)
                if leg is not None:
                    leg.over.set()
            case _:
                # A new INVITE in a call changes its sound; this phone sends none.
                more = (("Content-Type", "application/sdp"),) if request.method == "INVITE" else ()
                body = sip.describe(DISCARD, 1, (sip.PCMA,)) if request.method == "INVITE" else ""
                tag = leg.tag if leg else "gone"
                self._phones.answer(request, sip.reply(request, 200, tag, more, body), peer)

    def _ring(self, invite: Message, peer: Address) -> None:
        found = _NUMBER.search(invite["from"]) or _NUMBER.search(invite["p-asserted-identity"])
        call = self._calls.get(found[0]) if found else None
        leg = _Leg(call, invite, peer, secrets.token_hex(4), asyncio.Event(), asyncio.Event())
        self._legs[invite["call-id"]] = leg
        self._phones.answer(invite, sip.reply(invite, 180, leg.tag), peer)
        self._tasks.create_task(self._at_work(leg))

    async def _at_work(self, leg: _Leg) -> None:
        """Ring, answer and talk as the call's script says, until the leg is over."""
        call = leg.call
        try:
            first = False
            if call is not None:
                call.rings += 1
                first = call.rings == 1
                call.rang.set()
            does = call.script.phone if call is not None and first else Phone.ANSWERS
            wait = {Phone.ANSWERS: call.script.answer_s if call else 0.3, Phone.DECLINES: _REJECT_S}.get(does)
            if await _either(leg.over, leg.over, wait):
                self._refuse(leg, 487)
            elif does is Phone.DECLINES:
                self._refuse(leg, 486)
            else:
                await self._answer(leg)
        finally:
            del self._legs[leg.invite["call-id"]]

    def _refuse(self, leg: _Leg, code: int) -> None:
        self._phones.answer(leg.invite, sip.reply(leg.invite, code, leg.tag), leg.peer)

    async def _answer(self, leg: _Leg) -> None:
        more = (
            ("Contact", Here(self._phones.port).contact(sip.user_of(leg.invite.uri))),
            ("Content-Type", "application/sdp"),
        )
        answer = sip.reply(leg.invite, 200, leg.tag, more, sip.describe(DISCARD, 1, (sip.PCMA,)))
        if leg.call is not None:
            leg.call.answering.set()
        await self._phones.insist(leg.invite, answer, leg.peer, leg.acked)
        hangs_up = leg.call is not None and leg.call.script.leaves in (Leaves.AGENT, Leaves.SURVEY)
        hold_s = leg.call.script.after_s if leg.call is not None and hangs_up else None
        if not await _either(leg.over, leg.over, hold_s):
            bye = Dialog.offered(leg.invite, leg.tag).request("BYE", 1, Here(self._phones.port).via())
            await self._phones.request(bye, leg.peer)
            if leg.call is not None:
                leg.call.agent_left.set()


def _went(call: _Call, began: float, status: int, *, by_caller: bool, tired: bool = False) -> Went:
    return Went(call.number, call.script, began, status, call.rings, call.connected_at, by_caller, tired)


async def _either(one: asyncio.Event, other: asyncio.Event, seconds: float | None) -> bool:
    """Wait until one of two things happened; return whether it did in time."""
    waits = [asyncio.ensure_future(event.wait()) for event in {one, other}]
    try:
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        for wait in waits:
            wait.cancel()


async def _ticks(sound: Sound, count: int) -> None:
    """Send so many frames of sound, in their time."""
    for _ in range(count):
        sound.tick()
        await asyncio.sleep(TICK_S)


async def _press(sound: Sound, key: str) -> None:
    """Press a key, if there is sound at all."""
    if sound.has_started:
        sound.press(key)
    await _ticks(sound, _KEY_TICKS)


def _place(uri: str) -> Address:
    place = sip.place_of(uri)
    if place is None:
        raise Refused(f"not an address: {uri}")
    return place


@asynccontextmanager
async def open_mix(trunk_port: int, tired_s: float = 40.0) -> AsyncIterator[Mix]:
    """Open the callers' socket on 127.0.0.1:``trunk_port`` and the agents' on any."""
    async with asyncio.TaskGroup() as tasks:
        mix = Mix(tasks, tired_s)
        try:
            await mix.open(trunk_port)
            yield mix
        finally:
            mix.close()
