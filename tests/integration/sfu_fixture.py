"""A worker process with synthetic clients."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sambung.bench.video_peer import Peer
from tests.browser.sfu_client import ROOM, Owner, Worker, running_worker
from video.model import ParticipantId, Role
from video.service import VideoService


class Lab:
    """A worker and who is connected to it."""

    def __init__(self, worker: Worker, service: VideoService, owner: Owner) -> None:
        self.worker, self.service, self.owner = worker, service, owner
        self.peers: list[Peer] = []

    async def join(
        self, id_: str, role: Role = Role.PARTICIPANT, slots: int = 4, *, sends: bool = True
    ) -> Peer:
        peer = Peer(slots, sends)
        self.peers.append(peer)
        joined = await self.service.join(ROOM, ParticipantId(id_), role, peer.offer())
        return await peer.connect(joined.answer)

    async def counters(self) -> dict[str, int]:
        return (await self.service.stats(ROOM)).counters


@asynccontextmanager
async def lab(folder: Path) -> AsyncIterator[Lab]:
    async with running_worker(folder) as (worker, service, owner):
        it = Lab(worker, service, owner)
        try:
            yield it
        finally:
            for peer in it.peers:
                await peer.close()
