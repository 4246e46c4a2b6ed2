"""The worker's Unix socket: commands in, answers and events out. More than one control process may be connected."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import structlog

from core.errors import Gone, Refused, TryLater
from video.messages import (
    LONGEST,
    AnyCommand,
    AnyEvent,
    AnyResult,
    Call,
    Failed,
    Hello,
    Notice,
    Reply,
    framed,
)

log: Final = structlog.get_logger(__name__)

_UNREAD: Final = 4 * 1024 * 1024
"""Bytes that a control process may leave unread before it is cut off: it is frozen, and will ask anew."""


class ControlSocket:
    """Who is connected, and what is said to all of them."""

    def __init__(self, epoch: str) -> None:
        """``epoch`` names this run of the worker."""
        self._epoch = epoch
        self._writers: set[asyncio.StreamWriter] = set()

    def emit(self, event: AnyEvent) -> None:
        """Tell every control process."""
        frame = framed(Notice(self._epoch, event))
        for writer in list(self._writers):
            self._write(writer, frame)

    async def serve(
        self,
        path: Path,
        obey: Callable[[AnyCommand], AnyResult],
        hello: Callable[[], Hello],
        ready: Callable[[], None],
    ) -> None:
        """Listen at ``path`` until cancelled. ``ready`` is called when control can connect."""
        _make_way(path)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writers.add(writer)
            self._write(writer, framed(Notice(self._epoch, hello())))
            try:
                while True:
                    self._write(writer, framed(self._answer(await _frame(reader), obey)))
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            except (msgspec.DecodeError, Refused) as error:
                log.warning("control says what is not understood", reason=str(error))
            finally:
                self._writers.discard(writer)
                writer.close()

        server = await asyncio.start_unix_server(connected, str(path))
        os.chmod(path, 0o600)  # noqa: PTH101 -- a moment's work
        try:
            ready()
            await server.serve_forever()
        finally:
            for writer in list(self._writers):
                writer.close()

    def _answer(self, body: bytes, obey: Callable[[AnyCommand], AnyResult]) -> Reply:
        call = msgspec.json.decode(body, type=Call)
        result: AnyResult
        try:
            if call.epoch != self._epoch:
                raise Gone("that was meant for a worker that is no more")
            result = obey(call.command)
        except Refused as error:
            result = Failed("refused", str(error))
        except Gone as error:
            result = Failed("gone", str(error))
        except TryLater as error:
            result = Failed("later", str(error))
        except Exception as error:
            # One command that cannot be done must not take the rooms of all others down.
            log.exception("a command failed", command=type(call.command).__name__)
            result = Failed("refused", type(error).__name__)
        return Reply(call.id, result)

    def _write(self, writer: asyncio.StreamWriter, frame: bytes) -> None:
        if writer.is_closing():
            return
        if writer.transport.get_write_buffer_size() > _UNREAD:
            log.warning("a control process does not listen and was cut off")
            self._writers.discard(writer)
            writer.transport.abort()
            return
        writer.write(frame)


async def _frame(reader: asyncio.StreamReader) -> bytes:
    size = int.from_bytes(await reader.readexactly(4), "big")
    if size > LONGEST:
        raise Refused("a message is too long")
    return await reader.readexactly(size)


def _make_way(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
