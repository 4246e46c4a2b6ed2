"""The worker's life: rooms that fill and empty, a control process that goes, a worker that is killed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.errors import Gone, Refused, TryLater
from sambung.bench.video_peer import Peer
from tests.browser.sfu_client import ROOM, Owner, running_worker
from tests.integration.sfu_fixture import Lab, lab
from tests.integration.test_sfu_hostile import flows
from tests.waiting import until
from video.messages import Left
from video.model import ParticipantId, Role, RoomId
from video.service import VideoService

ROUNDS = 160  # bin/bench video does it 500 times


def memory(it: Lab) -> int:
    """Resident kilobytes of the worker."""
    assert it.worker.process is not None
    status = Path(f"/proc/{it.worker.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


async def come_and_go(it: Lab, rounds: int) -> None:
    """Let clients join, send and leave, several at a time."""

    async def one(number: int) -> None:
        id_ = ParticipantId(f"p{number % 4}")
        peer = Peer()
        try:
            await peer.connect((await it.service.join(ROOM, id_, Role.PARTICIPANT, peer.offer())).answer)
            for i in range(20):
                peer.send(peer.camera(800, key=i == 0))
            await asyncio.sleep(0)
        finally:
            await it.service.leave(ROOM, id_)
            await peer.close()

    for first in range(0, rounds, 4):
        await asyncio.gather(*(one(first + i) for i in range(4)))


async def test_joins_and_leaves_leave_nothing_behind(tmp_path: Path) -> None:
    async with lab(tmp_path) as it:
        await come_and_go(it, 60)
        before = memory(it)
        await come_and_go(it, ROUNDS)
        assert memory(it) <= before * 1.1
        assert (await it.service.stats(ROOM)).participants == 0
        assert (await it.counters())["failed"] == 0, it.worker.log


async def test_a_killed_worker_is_noticed_at_once_and_its_room_made_anew(tmp_path: Path) -> None:
    async with lab(tmp_path) as it:
        await flows(it, await it.join("visitor"), await it.join("agent"))
        await it.worker.kill()
        await until(lambda: it.owner.lost == [{ROOM}], within=1)
        with pytest.raises(Gone):
            await it.service.stats(ROOM)
        with pytest.raises(TryLater):
            await it.service.create_room(ROOM)
        await it.worker.start()
        await until(lambda: it.service.up)
        await it.service.create_room(ROOM)
        await flows(it, await it.join("visitor"), await it.join("agent"))


async def test_rooms_go_on_without_control_and_are_found_again(tmp_path: Path) -> None:
    async with lab(tmp_path) as it:
        visitor, agent = await it.join("visitor"), await it.join("agent")
        other_owner = Owner()
        second = VideoService([it.worker.settings.worker_socket(0)], other_owner)
        running = asyncio.create_task(second.run())
        await until(lambda: other_owner.found == [{ROOM}])
        await flows(it, visitor, agent)
        assert {p.participant for p in (await second.stats(ROOM)).room} == {"visitor", "agent"}
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await flows(it, visitor, agent)


async def test_who_hangs_up_is_gone_and_who_comes_again_replaces_himself(tmp_path: Path) -> None:
    async with lab(tmp_path) as it:
        visitor, agent = await it.join("visitor"), await it.join("agent")
        again = await it.join("visitor")
        await flows(it, again, agent)
        assert not any(isinstance(event, Left) for event in it.owner.events)
        assert visitor.received == 0
        dtls = again._dtls
        assert dtls is not None
        await dtls.stop()
        await until(
            lambda: (
                [e for e in it.owner.events if isinstance(e, Left)]
                == [Left(ROOM, ParticipantId("visitor"), "closed")]
            )
        )
        assert it.owner.slots("agent") == {}


async def test_what_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    async with running_worker(tmp_path) as (_, service, _owner):
        agent = ParticipantId("agent")
        for offer, words in (
            ("", "bundle"),
            ("v=0\r\n" * 20_000, "too long"),
            ("v=0\r\nm=nonsense\r\n", "cannot be read"),
        ):
            with pytest.raises(Refused, match=words):
                await service.join(ROOM, agent, Role.PARTICIPANT, offer)
        with pytest.raises(Gone):
            await service.join(RoomId("nowhere"), agent, Role.PARTICIPANT, "")
        peers = [Peer() for _ in range(17)]
        for number, peer in enumerate(peers):
            joining = service.join(ROOM, ParticipantId(f"p{number}"), Role.PARTICIPANT, peer.offer())
            if number == 16:
                with pytest.raises(Refused, match="full"):
                    await joining
            else:
                await joining
            peer.socket.close()
        assert len((await service.stats(ROOM)).room) == 16
