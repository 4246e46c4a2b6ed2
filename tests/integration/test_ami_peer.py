"""The manager connection against a peer that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from core.errors import TryLater
from pbx.ami_events import CallRefused
from tests.integration.test_ami import connected
from tests.waiting import until


class Peer:
    """Speaks enough of the protocol to let us in, then does what the test says."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self.is_silent = False
        self.writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        writer.write(b"Asterisk Call Manager/10.0.0\r\n")
        try:
            while True:
                action = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.received.append(action)
                if not self.is_silent:
                    number = action.partition("ActionID: ")[2].partition("\r\n")[0]
                    writer.write(f"Response: Success\r\nActionID: {number}\r\n\r\n".encode())
                    if "Action: Login" in action:
                        writer.write(b"Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


@asynccontextmanager
async def peer() -> AsyncIterator[tuple[Peer, int]]:
    """Listen on a free port."""
    it = Peer()
    server = await asyncio.start_server(it.serve, "127.0.0.1", 0)
    try:
        yield it, server.sockets[0].getsockname()[1]
    finally:
        for writer in it.writers:
            writer.close()
        server.close()
        await server.wait_closed()


async def test_a_letter_split_between_packets_survives() -> None:
    async with peer() as (it, port), connected("127.0.0.1", port, "secret") as told:
        event = "Event: UserEvent\r\nUserEvent: SambungRefused\r\nReason: Pérez 信\r\n\r\n"
        for byte in event.encode():
            it.writers[-1].write(bytes([byte]))
            await asyncio.sleep(0)  # a turn of the loop, in which the other end reads
        await until(lambda: told.events == [CallRefused("Pérez 信")])


async def test_bytes_that_are_no_text_do_not_end_the_connection() -> None:
    async with peer() as (it, port), connected("127.0.0.1", port, "secret") as told:
        it.writers[-1].write(b"Event: UserEvent\r\nUserEvent: SambungRefused\r\nReason: \xff\xfe\r\n\r\n")
        it.writers[-1].write(b"Event: UserEvent\r\nUserEvent: SambungRefused\r\nReason: full\r\n\r\n")
        await until(lambda: CallRefused("full") in told.events)
        assert told.downs == 0


async def test_a_peer_that_falls_silent_is_noticed_and_another_connection_made() -> None:
    async with peer() as (it, port), connected("127.0.0.1", port, "secret") as told:
        it.is_silent = True
        await until(lambda: told.downs, within=30)
        it.is_silent = False
        await until(lambda: told.ups == 2, within=30)


async def test_what_was_not_answered_is_not_said_again() -> None:
    async with peer() as (it, port), connected("127.0.0.1", port, "secret") as told:
        it.is_silent = True
        waiting = asyncio.gather(
            told.ami.ask("Setvar", {"Variable": "X", "Value": "1"}, within_s=60), return_exceptions=True
        )
        await until(lambda: "Action: Setvar" in "".join(it.received))
        it.is_silent = False
        it.writers[-1].transport.abort()
        assert isinstance((await waiting)[0], TryLater)
        await until(lambda: told.ups == 2)
        await told.ami.ask("Ping")
        assert "".join(it.received).count("Action: Setvar") == 1


async def test_no_answer_in_time_is_an_answer_and_a_late_one_goes_to_nobody() -> None:
    async with peer() as (it, port), connected("127.0.0.1", port, "secret") as told:
        it.is_silent = True
        with pytest.raises(TryLater):
            await told.ami.ask("Ping", within_s=0.05)
        number = it.received[-1].partition("ActionID: ")[2].partition("\r\n")[0]
        it.is_silent = False
        it.writers[-1].write(f"Response: Error\r\nActionID: {number}\r\nMessage: late\r\n\r\n".encode())
        await told.ami.ask("Ping")
        assert told.downs == 0
