"""A stretch of network that loses packets, between browsers and a worker."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

Address = tuple[str, int]


class Relay:
    """A port that stands for the worker's. ``loss`` is the share of media packets lost, each way."""

    def __init__(self, worker: Address, seed: int = 1) -> None:
        self.loss = 0.0
        self.lost = 0
        self.seen = 0
        self._worker = worker
        self._chance = random.Random(seed)
        self._front = self._socket(self._from_browser)
        self._backs: dict[Address, socket.socket] = {}

    def through(self, answer: str) -> str:
        """Return an answer that leads a browser to the worker by this way."""
        port = self._front.getsockname()[1]
        return answer.replace(f" 127.0.0.1 {self._worker[1]} typ", f" 127.0.0.1 {port} typ")

    def close(self) -> None:
        for one in (self._front, *self._backs.values()):
            if one.fileno() >= 0:
                asyncio.get_running_loop().remove_reader(one.fileno())
                one.close()

    def _from_browser(self) -> None:
        with suppress(BlockingIOError):
            while True:
                data, browser = self._front.recvfrom(2048)
                if browser not in self._backs:
                    assert _is_here(browser[0])
                    self._backs[browser] = self._socket(partial(self._from_worker, browser))
                if self._passes(data):
                    self._backs[browser].sendto(data, self._worker)

    def _from_worker(self, browser: Address) -> None:
        with suppress(BlockingIOError):
            while True:
                data = self._backs[browser].recv(2048)
                if self._passes(data):
                    # Not sendto, which the tests keep to 127.0.0.1: Chromium has the address of an interface.
                    self._front.sendmsg([data], [], 0, browser)

    def _passes(self, data: bytes) -> bool:
        """Whether a datagram gets through: handshakes always do."""
        self.seen += 1
        if 128 <= data[0] <= 191 and self._chance.random() < self.loss:
            self.lost += 1
            return False
        return True

    @staticmethod
    def _socket(reader: Callable[[], None]) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        sock.bind(("127.0.0.1", 0))
        asyncio.get_running_loop().add_reader(sock.fileno(), reader)
        return sock


def _is_here(host: str) -> bool:
    """Whether an address is this machine's own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


@asynccontextmanager
async def lossy(port: int) -> AsyncIterator[Relay]:
    """Run a relay to a worker on that port."""
    relay = Relay(("127.0.0.1", port))
    try:
        yield relay
    finally:
        relay.close()
