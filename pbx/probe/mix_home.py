"""Customers at home: they are called back, once busy perhaps, and hang up when they have talked."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import Counter
from contextlib import suppress
from typing import Final, NamedTuple

from pbx.probe import sip
from pbx.probe.dialog import Dialog, Here
from pbx.probe.mix_scripts import Phone, Script
from pbx.probe.rtp import DISCARD
from pbx.probe.sip import Address, Message
from pbx.probe.transactions import Transactions

_MOBILE: Final = re.compile(r"\+62(813\d{7})")
_ANSWER_S: Final = 0.3


class _Ring(NamedTuple):
    invite: Message
    peer: Address
    tag: str
    acked: asyncio.Event
    over: asyncio.Event


class Homes:
    """The telephones to which the operator leads the centre's calls."""

    def __init__(self, tasks: asyncio.TaskGroup, socket: Transactions) -> None:
        self.promised: dict[str, Script] = {}
        """Who asked to be called back, by number as dialled from home."""
        self.rung: Counter[str] = Counter()
        """How often each number was called."""
        self.reached: Counter[str] = Counter()
        """How often each answered."""
        self._tasks = tasks
        self._socket = socket
        self._rings: dict[str, _Ring] = {}

    def took(self, request: Message, peer: Address) -> bool:
        """Take a request of the operator's if it belongs to such a call."""
        ring = self._rings.get(request["call-id"])
        if ring is None:
            found = _MOBILE.search(request.uri) if request.method == "INVITE" else None
            if found is None:
                return False
            self._tasks.create_task(self._at_home(f"0{found[1]}", request, peer))
            return True
        match request.method:
            case "ACK":
                ring.acked.set()
            case "CANCEL" | "BYE":
                self._socket.answer(request, sip.reply(request, 200, ring.tag), peer)
                ring.over.set()
            case _:
                self._socket.answer(request, sip.reply(request, 200, ring.tag), peer)
        return True

    def close(self) -> None:
        """Hang up everywhere."""
        for ring in self._rings.values():
            ring.acked.set()
            ring.over.set()

    async def _at_home(self, number: str, invite: Message, peer: Address) -> None:
        ring = _Ring(invite, peer, secrets.token_hex(4), asyncio.Event(), asyncio.Event())
        self._rings[invite["call-id"]] = ring
        self.rung[number] += 1
        script = self.promised.get(number)
        self._socket.answer(invite, sip.reply(invite, 180, ring.tag), peer)
        try:
            if await _over(ring, _ANSWER_S):
                self._socket.answer(invite, sip.reply(invite, 487, ring.tag), peer)
            elif script is None or (script.phone is Phone.DECLINES and self.rung[number] == 1):
                self._socket.answer(invite, sip.reply(invite, 486, ring.tag), peer)
            else:
                self.reached[number] += 1
                await self._talk(ring, script.after_s)
        finally:
            del self._rings[invite["call-id"]]

    async def _talk(self, ring: _Ring, seconds: float) -> None:
        here = Here(self._socket.port)
        more = (("Contact", here.contact("home")), ("Content-Type", "application/sdp"))
        answer = sip.reply(ring.invite, 200, ring.tag, more, sip.describe(DISCARD, 1, (sip.PCMA,)))
        await self._socket.insist(ring.invite, answer, ring.peer, ring.acked)
        if not await _over(ring, seconds):
            bye = Dialog.offered(ring.invite, ring.tag).request("BYE", 1, here.via())
            await self._socket.request(bye, ring.peer)


async def _over(ring: _Ring, seconds: float) -> bool:
    """Wait until the other side ended it; return whether it did in time."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await ring.over.wait()
    return False
