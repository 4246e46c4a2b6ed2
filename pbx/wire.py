"""Carries a call's actions out over ARI, one request or two each, and says what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from acd.model import DeviceFault
from core.errors import Gone, Refused, SambungError, TryLater
from core.ids import AgentId, LegId
from ivr.effects import Prompt
from pbx.ari import Ari
from pbx.call import Happening, Joined, JoinFailed, RingFailed
from pbx.dial_out import Outside
from pbx.effects import (
    Action,
    DialOut,
    Drop,
    Enter,
    Follow,
    HangUp,
    Hold,
    Join,
    KeepMessage,
    Mute,
    MuteRecording,
    Play,
    RecordMessage,
    Ring,
    RingBack,
    RingTone,
    RingWatcher,
    Seat,
    SendKeys,
    Spy,
    Stop,
    Unhold,
)
from pbx.model import LINE_BRIDGE, Bridge, Leg
from pbx.recover import Wire
from pbx.voicemail import Messages
from pbx.wire_talk import Recorder, TalkWiring

APP: Final = "sambung"
"""The name in Stasis(); the rendered dialplan uses the same."""

_LEAVING_S: Final = (0.02, 0.1, 0.0)
"""A leg that is being hung up is refused for a moment before it is gone; so long is waited before each further try."""

_RING_TIMEOUT_S: Final = 120
"""Only a last resort: the offer's lease ends ringing long before."""


class _Status(msgspec.Struct):
    startup_time: str


class _Info(msgspec.Struct):
    status: _Status


class Sound(NamedTuple):
    """A prompt as a file."""

    path: Path
    ms: int


class Wiring:
    """Asterisk's hands."""

    def __init__(
        self,
        ari: Ari,
        sound: Callable[[Prompt], Sound],
        endpoint: Callable[[AgentId], str],
        recorder: Recorder,
        outside: Outside,
        messages: Messages,
    ) -> None:
        """``sound`` finds a prompt's file; ``endpoint`` the PJSIP endpoint on which an agent is reached."""
        self.outside = outside
        """The way to telephones outside."""
        self.messages = messages
        """The recorder of voicemail."""
        self._ari = ari
        self._talk = TalkWiring(ari, APP, endpoint, recorder)
        self._sound = sound
        self._endpoint = endpoint

    def length_ms(self, play: Play) -> int:
        """Return how long ``play`` takes."""
        return sum(self._sound(prompt).ms for prompt in play.prompts)

    async def snapshot(self) -> Wire:
        """Return every leg and bridge there is, and when Asterisk started."""
        legs = await self.legs()
        bridges = await self._ari.get("bridges", list[Bridge])
        info = await self._ari.get("asterisk/info", _Info, only="status")
        started = datetime.strptime(info.status.startup_time, "%Y-%m-%dT%H:%M:%S.%f%z")
        return Wire({leg.id: leg for leg in legs}, tuple(bridges), int(started.timestamp() * 1000))

    async def legs(self) -> list[Leg]:
        """Return every leg there is."""
        return await self._ari.get("channels", list[Leg])

    async def prepare(self, wire: Wire) -> None:
        """Make the bridge of the waiting, with its music, if it is not there."""
        if all(bridge.id != LINE_BRIDGE for bridge in wire.bridges):
            await self._ari.send("POST", f"bridges/{LINE_BRIDGE}", type="holding", name="line")
            await self._ari.send("POST", f"bridges/{LINE_BRIDGE}/moh")

    async def do(self, action: Action) -> Happening | None:
        """Carry ``action`` out and return what is to be reported to its call.

        What is gone already is fine: its own event says so.
        """
        try:
            match action:
                case (
                    Seat()
                    | RingTone()
                    | Mute()
                    | SendKeys()
                    | MuteRecording()
                    | RingWatcher()
                    | Spy()
                    | Enter()
                ):
                    return await self._talk.do(action)
                case DialOut() | Follow() | RingBack():
                    return await self.outside.do(action)
                case RecordMessage() | KeepMessage():
                    return await self.messages.do(action)
                case Play():
                    await self._play(action)
                case Stop(playback=playback):
                    await self._ari.send("DELETE", f"playbacks/{playback}")
                case Ring():
                    return await self._ring(action)
                case Hold(leg=leg):
                    await self._hold(leg)
                case Unhold(leg=leg):
                    await self._ari.send("POST", f"bridges/{LINE_BRIDGE}/removeChannel", channel=leg)
                case Join():
                    return await self._join(action)
                case HangUp(leg=leg):
                    await self._hang_up(leg)
                case Drop(bridge=bridge):
                    await self._ari.send("DELETE", f"bridges/{bridge}")
                case _:
                    raise ValueError(f"{type(action).__name__} is not done on the wire")
        except Gone:
            pass
        return None

    async def _play(self, play: Play) -> None:
        media = ",".join(f"sound:{self._sound(prompt).path.with_suffix('')}" for prompt in play.prompts)
        await self._ari.send("POST", f"channels/{play.leg}/play/{play.playback}", media=media)

    async def _ring(self, ring: Ring) -> Happening | None:
        # A call that we make has nobody to take the number from until its customer has answered.
        caller: dict[str, str] = {"originator": ring.customer} if ring.customer else {}
        try:
            await self._ari.send(
                "POST",
                "channels",
                None,
                endpoint=f"PJSIP/{self._endpoint(ring.agent)}",
                app=APP,
                appArgs=f"agent,{ring.offer}",
                channelId=ring.leg,
                timeout=str(_RING_TIMEOUT_S),
                **caller,
            )
        except TryLater:
            return await self._check_ringing(ring)
        except (Refused, Gone):
            return RingFailed(ring.offer, DeviceFault.UNREACHABLE)
        return None

    async def _check_ringing(self, ring: Ring) -> Happening | None:
        """After a lost reply: asking is safe, sending the POST again would be a second call."""
        try:
            await self._ari.get(f"channels/{ring.leg}", Leg)
        except SambungError:
            return RingFailed(ring.offer, DeviceFault.ERROR)
        return None

    async def _hold(self, leg: LegId) -> None:
        # Without this role a leg in a holding bridge hears nothing (seen on 22.10.1); with it, music of its own.
        await self._ari.send(
            "POST", f"bridges/{LINE_BRIDGE}/addChannel", channel=leg, role="holding_participant"
        )

    async def _join(self, join: Join) -> Happening | None:
        for pause in _LEAVING_S:
            try:
                await self._ari.send("POST", f"bridges/{join.bridge}", type="mixing", name="talk")
                # The connected-line re-INVITE would tell the agent's phone what it knows already.
                await self._ari.send(
                    "POST",
                    f"bridges/{join.bridge}/addChannel",
                    channel=f"{join.customer},{join.agent}",
                    inhibitConnectedLineUpdates="true",
                )
            except TryLater:
                return JoinFailed(join.offer)
            except Refused:
                if not (await self._is_there(join.customer) and await self._is_there(join.agent)):
                    # Somebody hung up in this moment. Who it was is said by the end of that leg.
                    return None
                await asyncio.sleep(pause)
            else:
                return Joined(join.offer)
        return JoinFailed(join.offer)

    async def _is_there(self, leg: LegId) -> bool:
        try:
            await self._ari.get(f"channels/{leg}", Leg)
        except Gone:
            return False
        except SambungError:
            return True
        return True

    async def _hang_up(self, leg: LegId) -> None:
        for _ in range(2):
            try:
                return await self._ari.send("DELETE", f"channels/{leg}", reason="normal")
            except TryLater:
                continue
        await self._ari.send("DELETE", f"channels/{leg}", reason="normal")
        return None
