"""SIP transactions over one UDP socket: what is repeated until it is answered (RFC 3261, 17)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, cast

from pbx.probe.sip import Address, Message, acknowledge, parse, reply

_T1_S: Final = 0.5
_T2_S: Final = 4.0
_GIVE_UP_S: Final = 32.0
_RING_S: Final = 3600.0


class Transactions(asyncio.DatagramProtocol):
    """The socket of a telephone. ``on_request`` gets each new request once, with where it came from."""

    def __init__(self, on_request: Callable[[Message, Address], None]) -> None:
        self.port = 0
        self._on_request = on_request
        self._transport: asyncio.DatagramTransport | None = None
        self._open: dict[tuple[str, str], asyncio.Queue[Message]] = {}
        self._acks: dict[str, tuple[Message, Address]] = {}
        self._answers: dict[tuple[str, str], tuple[Message, Address]] = {}

    async def request(
        self, request: Message, to: Address, provisional: Callable[[Message], None] = lambda _: None
    ) -> Message:
        """Send a request until it is answered for good; a made-up 408 after 32 seconds of silence.

        An INVITE may ring for an hour. Its refusal is acknowledged here, its acceptance by the caller.
        """
        key = (request.branch, request.method)
        responses = self._open[key] = asyncio.Queue()
        wait, waited = _T1_S, 0.0
        self.send(request, to)
        try:
            while waited < _GIVE_UP_S:
                try:
                    response = await asyncio.wait_for(responses.get(), wait)
                except TimeoutError:
                    waited += wait
                    wait = 2 * wait if request.method == "INVITE" else min(2 * wait, _T2_S)
                    self.send(request, to)
                    continue
                if response.status >= 200:
                    if request.method == "INVITE" and response.status >= 300:
                        self.acknowledge(request, acknowledge(request, response), to)
                    return response
                if request.method == "INVITE":
                    wait = _RING_S
                    provisional(response)
            return reply(request, 408)
        finally:
            del self._open[key]

    def acknowledge(self, invite: Message, ack: Message, to: Address) -> None:
        """Send an ACK, now and whenever the final response comes again."""
        self._acks[invite.branch] = (ack, to)
        self.send(ack, to)

    def answer(self, request: Message, response: Message, to: Address) -> None:
        """Send a response, now and whenever the request comes again."""
        self._answers[request.branch, request.method] = (response, to)
        self.send(response, to)

    async def insist(self, request: Message, response: Message, to: Address, acked: asyncio.Event) -> None:
        """Send a final response to an INVITE until it is acknowledged."""
        self.answer(request, response, to)
        wait, waited = _T1_S, 0.0
        while waited < _GIVE_UP_S:
            with suppress(TimeoutError):
                await asyncio.wait_for(acked.wait(), wait)
                return
            waited, wait = waited + wait, min(2 * wait, _T2_S)
            self.send(response, to)

    def send(self, message: Message, to: Address) -> None:
        """Send a datagram once."""
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(message.encode(), to)

    def close(self) -> None:
        """Free the port."""
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note the socket (asyncio calls this)."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Take a message (asyncio calls this)."""
        message = parse(data)
        if message is None:
            return
        key = (message.branch, message.method)
        if not message.status:
            if key in self._answers:
                self.send(*self._answers[key])
            else:
                self._on_request(message, addr)
        elif key in self._open:
            self._open[key].put_nowait(message)
        elif message.method == "INVITE" and message.status >= 200 and message.branch in self._acks:
            self.send(*self._acks[message.branch])
