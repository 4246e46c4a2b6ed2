"""Carries the actions of a conversation out over ARI (and AMI for the recording), and says what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Protocol, TypeAlias

from core.errors import Gone, Refused, SambungError, TryLater
from core.ids import AgentId, BridgeId, LegId
from pbx.ari import Ari
from pbx.call import Happening, LegDown, Muted, RecordingMuted, Seated, SeatFailed
from pbx.effects import Enter, Mute, MuteRecording, RingTone, RingWatcher, Seat, SendKeys, Spy
from pbx.model import LINE_BRIDGE, MUTED, PAUSED, Bridge, Leg

TalkAction: TypeAlias = Seat | RingTone | Mute | SendKeys | MuteRecording | RingWatcher | Spy | Enter
_RING_TIMEOUT_S: Final = 30
_KEY_MS: Final = "120"
_PAUSE_MS: Final = "80"


class Recorder(Protocol):
    """Whoever can silence a recording. Errors as ``Ami.ask``."""

    async def mute_recording(self, leg: LegId) -> None:
        """Record silence from now on."""
        ...

    async def unmute_recording(self, leg: LegId) -> None:
        """Record sound again."""
        ...


class TalkWiring:
    """Asterisk's hands for a conversation. Raises TryLater and Refused; what is gone already is fine."""

    def __init__(self, ari: Ari, app: str, endpoint: Callable[[AgentId], str], recorder: Recorder) -> None:
        self._ari = ari
        self._app = app
        self._endpoint = endpoint
        self._recorder = recorder

    async def do(self, action: TalkAction) -> Happening | None:
        """Carry ``action`` out and return what is to be reported to its call."""
        match action:
            case Seat():
                return await self._seat(action)
            case RingTone(bridge=bridge, playback=playback):
                await self._ari.send("POST", f"bridges/{bridge}/play/{playback}", media="tone:ring")
            case Mute(leg=leg, on=on):
                await self._mute(leg, on)
                return Muted(leg, on)
            case SendKeys(leg=leg, keys=keys):
                await self._ari.send(
                    "POST", f"channels/{leg}/dtmf", dtmf=keys, duration=_KEY_MS, between=_PAUSE_MS
                )
            case MuteRecording():
                await self._mute_recording(action)
                return RecordingMuted(action.on, action.reason, action.by)
            case RingWatcher():
                return await self._ring(action)
            case Spy():
                return await self._spy(action)
            case Enter(leg=leg, bridge=bridge):
                await _twice(lambda: self._enter(bridge, leg))
        return None

    async def _seat(self, seat: Seat) -> Happening:
        failed: list[LegId] = []
        for bridge, legs in ((LINE_BRIDGE, seat.music), (seat.bridge, seat.talk)):
            for leg in legs:
                # What could not be taken out must not be joined by others: they would hear each other.
                if failed or not await self._moved(bridge, leg):
                    failed.append(leg)
        if failed:
            return SeatFailed(seat.seating, seat.before, tuple(failed), seat.again)
        return Seated(seat.seating)

    async def _moved(self, bridge: BridgeId, leg: LegId) -> bool:
        try:
            await _twice(lambda: self._enter(bridge, leg))
        except Gone:
            return True  # the leg's own end says so
        except (Refused, TryLater):
            return False
        return True

    async def _enter(self, bridge: BridgeId, leg: LegId) -> None:
        # Without this role a leg in a holding bridge hears nothing (seen on 22.10.1).
        role = "holding_participant" if bridge == LINE_BRIDGE else ""
        path = f"bridges/{bridge}/addChannel"
        await self._ari.send("POST", path, channel=leg, role=role, inhibitConnectedLineUpdates="true")

    async def _mute(self, leg: LegId, on: bool) -> None:
        await self._ari.send("POST" if on else "DELETE", f"channels/{leg}/mute", direction="in")
        await self._remember(leg, MUTED, on)

    async def _remember(self, leg: LegId, variable: str, on: bool) -> None:
        value = "yes" if on else ""
        await self._ari.send("POST", f"channels/{leg}/variable", variable=variable, value=value)

    async def _mute_recording(self, mute: MuteRecording) -> None:
        if not mute.on:
            await self._recorder.unmute_recording(mute.leg)
            await self._remember(mute.leg, PAUSED, False)
            return
        # Noted first: a pause that nobody remembers after a restart would never end.
        await self._remember(mute.leg, PAUSED, True)
        await self._recorder.mute_recording(mute.leg)

    async def _ring(self, ring: RingWatcher) -> Happening | None:
        try:
            await self._ari.send(
                "POST",
                "channels",
                endpoint=f"PJSIP/{self._endpoint(ring.agent)}",
                app=self._app,
                appArgs="watch",
                channelId=ring.leg,
                originator=ring.customer,
                timeout=str(_RING_TIMEOUT_S),
            )
        except TryLater:
            try:
                await self._ari.get(f"channels/{ring.leg}", Leg)
            except SambungError:
                return LegDown(ring.leg)
        except (Refused, Gone):
            return LegDown(ring.leg)
        return None

    async def _spy(self, spy: Spy) -> Happening | None:
        await self._make(spy.bridge)
        await _twice(lambda: self._enter(spy.bridge, spy.leg))
        try:
            await self._ari.send(
                "POST",
                f"channels/{spy.spied}/snoop/{spy.spy}",
                spy="both",
                whisper="out" if spy.whisper else "none",
                app=self._app,
                appArgs="spy",
            )
        except Gone:
            return LegDown(spy.spy)  # the agent left; whoever comes next is listened to anew
        return None

    async def _make(self, booth: BridgeId) -> None:
        try:
            await self._ari.send("POST", f"bridges/{booth}", type="mixing", name="booth")
        except Refused:
            # Made for an earlier turn, or before a restart.
            await self._ari.get(f"bridges/{booth}", Bridge)


async def _twice(request: Callable[[], Awaitable[None]]) -> None:
    """Make a request that may be repeated, once more if there was no answer in time."""
    try:
        await request()
    except TryLater:
        await request()
