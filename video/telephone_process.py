"""Starts and steers the process that codes a telephone's sound (``video.telephone``)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec

from core.errors import TryLater
from video.telephone_messages import Answer, Offer, Offered, Source

_ANSWER_S: Final = 15.0
_END_S: Final = 2.0
_LONGEST: Final = 1 << 17


class TelephoneProcess:
    """One telephone's sound."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def offer(self) -> Offered:
        """Return a new offer for a room, and the port for Asterisk. Raises TryLater if the process ended."""
        self._say(Offer())
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_ANSWER_S):
                line = await self._process.stdout.readline()
            return msgspec.json.decode(line, type=Offered)
        except (TimeoutError, ValueError, msgspec.DecodeError) as error:
            raise TryLater("the telephone's sound cannot be coded now") from error

    def answer(self, sdp: str, host: str) -> None:
        """Connect with the room, whose worker listens on ``host``."""
        self._say(Answer(sdp, host))

    def source(self, host: str, port: int) -> None:
        """Take Asterisk's sound, which comes from there and nowhere else."""
        self._say(Source(host, port))

    async def ended(self) -> None:
        """Return when the process has ended by itself."""
        await self._process.wait()

    def _say(self, command: Offer | Answer | Source) -> None:
        assert self._process.stdin is not None
        with suppress(ConnectionError, RuntimeError):
            self._process.stdin.write(msgspec.json.encode(command) + b"\n")


@asynccontextmanager
async def telephone_process() -> AsyncIterator[TelephoneProcess]:
    """Run a process for one telephone; it ends with the block, and with us however we end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "video.telephone",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LONGEST,
    )
    try:
        yield TelephoneProcess(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(_END_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
