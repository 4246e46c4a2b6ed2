"""Many short calls at a steady rate: callers on the trunk, and agents' phones that answer at once.

Signalling only: nobody sends sound. Each call has a caller's number of its own, by which the INVITE at an
agent's phone is known to belong to it.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from core.errors import Refused
from pbx.probe import protocol as p
from pbx.probe import sip
from pbx.probe.dialog import Account, Dialog, Here, invite_of, register
from pbx.probe.sip import Address, Message
from pbx.probe.transactions import Transactions

_NUMBER: Final = re.compile(r"0812\d{7}")
_ANSWER_S: Final = 10.0
"""A call that no agent has answered by then has failed."""
_DISCARD: Final = 9
"""The port to which nobody's sound goes."""


class Placed(NamedTuple):
    """What became of one call. Times are seconds of the monotonic clock."""

    began: float
    """When the caller's INVITE was sent."""
    invited: float | None
    """When the first INVITE for it reached an agent's phone."""
    connected: float | None
    """When an agent's answer was acknowledged."""
    failure: str = ""

    @property
    def setup_ms(self) -> float | None:
        """From the caller's INVITE to the agent's."""
        return None if self.invited is None else (self.invited - self.began) * 1000


class Load:
    """Callers on one port, agents on another. Get one from ``open_load``."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.late_ms = 0.0
        """By how much a call was begun behind its time; much of it means that this generator is too slow."""
        self._callers = Transactions(self._at_caller)
        self._phones = Transactions(self._at_phone)
        self._numbers = itertools.count()
        self._invited: dict[str, float] = {}
        self._connected: dict[str, asyncio.Future[float]] = {}
        self._left: set[str] = set()
        """Call-IDs of callers' calls that the other side ended."""
        self._ringing: dict[str, tuple[str, asyncio.Event]] = {}
        """By Call-ID at an agent's phone: the caller's number, and whether the answer was acknowledged."""
        self._tasks = tasks

    async def open(self, trunk_port: int) -> None:
        """Take the ports."""
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: self._callers, local_addr=("127.0.0.1", trunk_port))
        await loop.create_datagram_endpoint(lambda: self._phones, local_addr=("127.0.0.1", 0))

    async def register(self, passwords: Mapping[str, str], registrar: str) -> None:
        """Register each agent's phone at ``registrar`` (host:port). Raises Refused if one is refused."""
        place = sip.place_of(f"sip:{registrar}")
        if place is None:
            raise Refused(f"not an address: {registrar}")
        here = Here(self._phones.port)
        for user, password in passwords.items():
            account = Account(p.Register(user, password, registrar, 3600), place)
            answer = await self._phones.request(register(account, here, 3600), place)
            if answer.status == 401:
                answer = await self._phones.request(register(account, here, 3600, answer), place)
            if answer.status != 200:
                raise Refused(f"registration of {user} was refused with {answer.status}")

    async def run(self, uri: str, calls: int, per_s: float, hold_s: float) -> list[Placed]:
        """Dial ``uri`` so many times; each call is hung up ``hold_s`` after an agent answered."""
        self.late_ms = 0.0
        began = time.monotonic()
        placed = []
        for number in range(calls):
            due = began + number / per_s
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.late_ms = max(self.late_ms, (time.monotonic() - due) * 1000)
            placed.append(self._tasks.create_task(self._call(uri, hold_s)))
        return await asyncio.gather(*placed)

    def close(self) -> None:
        """Free the ports and stop waiting for acknowledgements."""
        for _, acked in self._ringing.values():
            acked.set()
        self._callers.close()
        self._phones.close()

    async def _call(self, uri: str, hold_s: float) -> Placed:
        number = f"0812{next(self._numbers):07}"
        place = sip.place_of(uri)
        if place is None:
            raise Refused(f"not an address: {uri}")
        connected = self._connected[number] = asyncio.get_running_loop().create_future()
        here = Here(self._callers.port)
        invite = invite_of(p.Dial("", uri, user=number), None, here, sip.describe(_DISCARD, 1))
        began = time.monotonic()
        answer = await self._callers.request(invite, place)
        if answer.status >= 300:
            return Placed(began, None, None, f"refused with {answer.status}")
        dialog = Dialog.accepted(invite, answer)
        self._callers.acknowledge(invite, dialog.request("ACK", 1, here.via()), place)
        failure = ""
        try:
            await asyncio.wait_for(asyncio.shield(connected), _ANSWER_S)
            await asyncio.sleep(hold_s)
        except TimeoutError:
            failure = "no agent answered"
        if invite["call-id"] in self._left:
            failure = failure or "hung up by the other side"
        else:
            farewell = await self._callers.request(dialog.request("BYE", 2, here.via()), place)
            failure = failure or ("" if farewell.status == 200 else f"hung up with {farewell.status}")
        at = connected.result() if connected.done() else None
        return Placed(began, self._invited.get(number), at, failure)

    def _at_caller(self, request: Message, peer: Address) -> None:
        if request.method == "BYE":
            self._left.add(request["call-id"])
        if request.method != "ACK":
            self._callers.answer(request, sip.reply(request, 200, secrets.token_hex(4)), peer)

    def _at_phone(self, request: Message, peer: Address) -> None:
        match request.method:
            case "INVITE":
                self._ring(request, peer)
            case "ACK":
                self._acknowledged(request["call-id"])
            case _:
                self._phones.answer(request, sip.reply(request, 200, secrets.token_hex(4)), peer)

    def _ring(self, request: Message, peer: Address) -> None:
        now = time.monotonic()
        found = _NUMBER.search(request["from"]) or _NUMBER.search(request["p-asserted-identity"])
        number = found[0] if found else ""
        self._invited.setdefault(number, now)
        tag = secrets.token_hex(4)
        self._phones.answer(request, sip.reply(request, 180, tag), peer)
        more = (
            ("Contact", Here(self._phones.port).contact(sip.user_of(request.uri))),
            ("Content-Type", "application/sdp"),
        )
        answer = sip.reply(request, 200, tag, more, sip.describe(_DISCARD, 1, (sip.PCMA,)))
        acked = asyncio.Event()
        self._ringing[request["call-id"]] = number, acked
        self._tasks.create_task(self._phones.insist(request, answer, peer, acked))

    def _acknowledged(self, call_id: str) -> None:
        number, acked = self._ringing.get(call_id, ("", asyncio.Event()))
        acked.set()
        connected = self._connected.get(number)
        if connected and not connected.done():
            connected.set_result(time.monotonic())


@asynccontextmanager
async def open_load(trunk_port: int) -> AsyncIterator[Load]:
    """Open the callers' socket on 127.0.0.1:``trunk_port`` and the agents' on any."""
    async with asyncio.TaskGroup() as tasks:
        load = Load(tasks)
        try:
            await load.open(trunk_port)
            yield load
        finally:
            load.close()
