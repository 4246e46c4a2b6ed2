"""Whoever can reach the port can send anything; a call must not notice, and nobody may be made to send."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pylibsrtp
from aiortc.rtp import RtcpRtpfbPacket

from sambung.bench.video_peer import Peer
from tests.integration.sfu_fixture import Lab, lab
from tests.waiting import until
from video.model import Role

DATAGRAMS = 100_000


async def flows(it: Lab, sender: Peer, receiver: Peer) -> None:
    """The receiver gets what the sender sends from now on."""
    before = receiver.received

    def send() -> bool:
        sender.send(sender.camera(400, key=True))
        return receiver.received >= before + 5

    await until(send, within=10)
    assert it.worker.process is not None
    assert it.worker.process.returncode is None, it.worker.log


def garbage(chance: random.Random, valid: bytes) -> Iterator[bytes]:
    """Yield datagrams that begin like each protocol, cut off or too long, and plain noise."""
    starts = [
        b"",
        b"\x00\x01",
        b"\x16\xfe\xfd",
        b"\x16\xfe\xff",
        b"\x80",
        b"\x90\x60",
        b"\x80\xc8",
        b"\x40",
        b"\xff",
    ]
    for i in range(DATAGRAMS):
        size = chance.choice(
            [0, 1, 2, 3, 11, 12, 20, 28, 100, 600, 1_200, 1_499, 1_501, 2_047, 2_048, 2_049, 9_000]
        )
        if i % 10 == 0:
            changed = bytearray(valid[: chance.randrange(len(valid) + 1)])
            for _ in range(chance.randrange(3)):
                if changed:
                    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            yield bytes(changed)
        else:
            yield (chance.choice(starts) + chance.randbytes(size))[: max(size, 1)]


async def test_datagrams_of_strangers_do_nothing(tmp_path: Path) -> None:
    async with lab(tmp_path) as it:
        visitor, agent = await it.join("visitor"), await it.join("agent")
        await flows(it, visitor, agent)
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        with stranger:
            stranger.bind(("127.0.0.1", 0))
            hello = b"\x16\xfe\xff" + bytes(10) + b"\x01" + bytes(60)
            others = [
                visitor.check(password=""),
                visitor.check(password="wrong" * 5),
                visitor.check(ufrag="nobody", password="x"),
                hello,
                struct.pack("!BBHII", 0x80, 96, 1, 1, visitor.ssrc) + bytes(100),
                bytes(RtcpRtpfbPacket(1, 0, visitor.ssrc, list(range(17)))),
            ]
            overheard = visitor.check()
            visitor.raw(overheard)
            await flows(it, visitor, agent)
            for i, data in enumerate(garbage(random.Random(5), overheard)):
                for one in (data, others[i % len(others)]) if i % 50 == 0 else (data,):
                    try:
                        stranger.sendto(one, visitor.worker)
                    except (BlockingIOError, PermissionError):
                        await asyncio.sleep(0)
                if i % 500 == 0:
                    visitor.send(visitor.camera(300, key=True))
                    await asyncio.sleep(0.002)
            await flows(it, visitor, agent)
            await flows(it, agent, visitor)
            try:
                reflected = stranger.recv(2048)
            except BlockingIOError:
                reflected = b""
        assert reflected == b""
        counters = await it.counters()
        assert counters["failed"] == 0, it.worker.log
        assert min(counters[name] for name in ("unknown", "unproven", "malformed")) > 100
        # The receive buffer drops the rest of a flood; most of it has to have been looked at.
        assert sum(counters[name] for name in ("unknown", "unproven", "malformed")) > DATAGRAMS / 10


async def test_a_participant_cannot_pass_for_another_or_break_the_worker(tmp_path: Path) -> None:
    async with lab(tmp_path) as it:
        visitor, agent, attacker = await it.join("visitor"), await it.join("agent"), await it.join("attacker")
        await flows(it, visitor, agent)
        before = (await it.counters())["foreign"]
        taken = agent.received
        for i in range(100):
            attacker.send(struct.pack("!BBHII", 0x80, 96, i, i, visitor.ssrc) + bytes(50))
        await until(lambda: _reached(it, "foreign", before + 100))
        assert agent.received == taken
        chance = random.Random(7)
        for i in range(3_000):
            size = chance.randrange(12, 1_200)
            head = struct.pack(
                "!BBHII", chance.randrange(128, 192), chance.randrange(256), i, i, attacker.ssrc
            )
            # libsrtp does not encrypt all of this; what it does encrypt, the worker has to read.
            with suppress(pylibsrtp.Error):
                attacker.send((head + chance.randbytes(size))[:size])
            if i % 100 == 0:
                await asyncio.sleep(0)
        for lost in ([0], list(range(1_000)), [0xFFFF]):
            attacker.send(bytes(RtcpRtpfbPacket(1, 1, chance.randrange(2**32), lost)))
        await flows(it, visitor, agent)
        counters = await it.counters()
        assert counters["failed"] == 0, it.worker.log
        assert counters["malformed"] > 0


async def test_garbage_from_a_proven_address_harms_nobody_else(tmp_path: Path) -> None:
    async with lab(tmp_path) as it:
        visitor, agent, attacker = await it.join("visitor"), await it.join("agent"), await it.join("attacker")
        await flows(it, visitor, agent)
        for valid in (attacker.sealed(attacker.camera(600, key=True)), attacker.check()):
            for i, data in enumerate(garbage(random.Random(11), valid)):
                if i >= DATAGRAMS // 20:
                    break
                attacker.raw(data)
                if i % 100 == 0:
                    visitor.send(visitor.camera(300, key=True))
                    await asyncio.sleep(0.002)
        await flows(it, visitor, agent)
        await flows(it, agent, visitor)
        counters = await it.counters()
        assert counters["failed"] == 0, it.worker.log
        # As above: the receive buffer may drop most of it.
        assert counters["malformed"] > DATAGRAMS / 200


async def test_a_listener_can_send_nothing(tmp_path: Path) -> None:
    async with lab(tmp_path) as it:
        visitor, agent = await it.join("visitor"), await it.join("agent")
        supervisor = await it.join("supervisor", Role.LISTENER)
        await flows(it, visitor, supervisor)
        taken = (visitor.received, agent.received)
        before = (await it.counters())["foreign"]
        for _ in range(50):
            supervisor.send(supervisor.camera(100, key=True))
        await until(lambda: _reached(it, "foreign", before + 50))
        assert (visitor.received, agent.received) == (taken[0], agent.received)
        assert it.owner.slots("agent").keys() == {"1"}


async def _reached(it: Lab, counter: str, value: int) -> bool:
    return (await it.counters())[counter] >= value
