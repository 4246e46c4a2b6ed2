"""Asterisk's part of a telephone in a video room: the line outside, mixed with a stream of plain RTP on loopback.

Source: Asterisk documentation, "External Media and ARI".
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final, NamedTuple

import msgspec

from core.errors import Refused, SambungError
from core.ids import AgentId, InteractionId, LegId
from pbx.ari import Ari
from pbx.call import DialDenied
from pbx.dial_out import WORDS, Outside
from pbx.effects import DialOut
from pbx.model import media_leg, talk_bridge
from pbx.wire import APP

_LOOPBACK: Final = "127.0.0.1"


class _Value(msgspec.Struct):
    value: str


class Source(NamedTuple):
    """Where Asterisk sends a stream from."""

    host: str
    port: int


class RoomLine:
    """Rings telephones outside for rooms, and leads their sound out of Asterisk."""

    def __init__(self, ari: Ari, outside: Outside) -> None:
        self._ari = ari
        self._outside = outside

    async def check(self, agent: AgentId, number: str) -> None:
        """Raise Refused, in words for a person, if ``number`` may not be rung now on the agent's account."""
        self._outside.number(number)
        await self._outside.check(agent)

    async def ring(self, leg: LegId, room: InteractionId, agent: AgentId, number: str) -> None:
        """Ring ``number``. Raises Refused, in words for a person, TryLater or Gone."""
        came_of_it = await self._outside.do(DialOut(leg, room, agent, number, customer=False))
        if isinstance(came_of_it, DialDenied):
            why = WORDS[came_of_it.denial] if came_of_it.denial else "The telephone could not be rung."
            raise Refused(why)

    async def stream(self, leg: LegId, port: int) -> None:
        """Begin a stream to ``port`` of this machine. Errors as ``Ari.send``."""
        await self._ari.send(
            "POST",
            "channels/externalMedia",
            channelId=media_leg(leg),
            app=APP,
            external_host=f"{_LOOPBACK}:{port}",
            format="alaw",
        )

    async def join(self, leg: LegId) -> Source:
        """Bring line and stream together once both are in our application. Errors as ``Ari.send``."""
        stream, bridge = media_leg(leg), talk_bridge(leg)
        host = await self._variable(stream, "UNICASTRTP_LOCAL_ADDRESS")
        port = await self._variable(stream, "UNICASTRTP_LOCAL_PORT")
        await self._ari.send("POST", f"bridges/{bridge}", type="mixing", name="room")
        await self._ari.send("POST", f"bridges/{bridge}/addChannel", channel=f"{leg},{stream}")
        if not port.isdecimal():
            raise Refused("Asterisk does not say where it sends from")
        return Source(host or _LOOPBACK, int(port))

    async def end(self, leg: LegId) -> None:
        """Let go of everything. What cannot be reached is ended when Asterisk is back."""
        for path in (f"channels/{leg}", f"channels/{media_leg(leg)}", f"bridges/{talk_bridge(leg)}"):
            with suppress(SambungError):
                await self._ari.send("DELETE", path)

    async def _variable(self, leg: LegId, name: str) -> str:
        return (await self._ari.get(f"channels/{leg}/variable", _Value, variable=name)).value
