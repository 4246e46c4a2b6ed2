"""Messages that callers left: taken from where Asterisk wrote them to where recordings are kept.

A row comes before a file, and stays open until the file is where the row says: killed at any point it goes on from
there. A message whose call ended while control was away is kept as well, if there is one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, NoReturn, Protocol

import structlog

from core.clock import Clock
from core.errors import TryLater
from core.ids import AgentId, InteractionId, QueueId
from recording.measure import close, measure
from recording.policy import LegMeasure
from recording.spool import move

log: Final = structlog.get_logger(__name__)


class State(StrEnum):
    """How far a message is."""

    RECORDING = "recording"
    """The caller speaks, or spoke when control went away."""
    LEFT = "left"
    """Complete; the file is still where Asterisk wrote it."""
    NEW = "new"
    """Can be listened to, and nobody has yet."""
    TAKEN = "taken"
    """An agent works on it."""
    DONE = "done"
    MISSING = "missing"
    """Left, and its file is not there."""
    DELETED = "deleted"
    """Taken out by a supervisor. The row stays, the sound does not."""


OPEN: Final = (State.NEW, State.TAKEN, State.MISSING)
"""Messages that are work."""


@dataclass(frozen=True, slots=True)
class Voicemail:
    """A message. Its id is the call's."""

    id: InteractionId
    state: State
    queue: QueueId
    language: str
    at: int
    """When it began, in milliseconds UTC."""
    caller: str = ""
    """Whom to call back. Personal data."""
    call_over: bool = True
    length_ms: int | None = None
    spooled: str = ""
    """The file's name where Asterisk wrote it."""
    file: str = ""
    """Where it is kept, from the recordings folder down."""
    agent: AgentId = AgentId("")  # noqa: RUF009 -- a NewType costs nothing
    """Who took it; stays when it is done."""
    taken_at: int | None = None
    called_at: int | None = None
    callback: InteractionId = InteractionId("")  # noqa: RUF009
    """The newest call to the caller about it."""
    done_at: int | None = None
    done_by: str = ""
    """The account that finished it, or took it out."""
    category: str = ""
    note: str = ""


class Count(NamedTuple):
    """How many messages of a queue are in a state."""

    queue: QueueId
    state: State
    number: int
    oldest_at: int
    changed_at: int | None
    """When one of them last changed."""


class Rows(Protocol):
    """The rows of messages."""

    async def open_ones(self) -> Sequence[Voicemail]:
        """Return messages whose files are not kept yet."""
        ...

    async def kept(self, id_: InteractionId, file: str, length_ms: int, at: int) -> None:
        """Write down where a message is kept."""
        ...

    async def missing(self, id_: InteractionId, at: int) -> None:
        """Write down that a message's file is not there."""
        ...

    async def deleted_ones(self) -> Sequence[Voicemail]:
        """Return deleted messages whose files are still kept."""
        ...

    async def erased(self, id_: InteractionId) -> None:
        """Write down that the file of a deleted message is gone."""
        ...

    async def none(self, id_: InteractionId) -> None:
        """Write down that there is no message."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait for what."""

    look_s: float = 1.0
    settled_ms: int = 2_000
    """Nothing is written any more to a file to which nothing was written for so long."""
    missing_ms: int = 60_000
    """A file that is not there so long after the message began is missing."""
    least_ms: int = 2_000
    """An adopted message shorter than this is none."""


class Keeper:
    """Keeps messages, one at a time."""

    def __init__(self, rows: Rows, spool: Path, kept: Path, clock: Clock, pace: Pace | None = None) -> None:
        """``spool`` is where Asterisk writes ARI's recordings, ``kept`` the recordings folder."""
        self._rows = rows
        self._spool = spool
        self._kept = kept
        self._clock = clock
        self._pace = pace or Pace()

    async def run(self) -> NoReturn:
        """Work until cancelled."""
        while True:
            try:
                await self.look()
            except TryLater as error:
                log.warning("the messages' rows cannot be reached", reason=str(error))
            await asyncio.sleep(self._pace.look_s)

    async def look(self) -> int:
        """Keep every message that can be kept now, and return how many were."""
        count = 0
        for voicemail in await self._rows.open_ones():
            if voicemail.state is State.RECORDING and not voicemail.call_over:
                continue
            try:
                count += await self._keep(voicemail)
            except OSError as error:
                log.error("a message cannot be kept", interaction=voicemail.id, reason=error.strerror)
        for voicemail in await self._rows.deleted_ones():
            await self._erase(voicemail)
        return count

    async def _erase(self, voicemail: Voicemail) -> None:
        try:
            (self._kept / voicemail.file).unlink(missing_ok=True)
        except OSError as error:
            log.error("a deleted message cannot be erased", interaction=voicemail.id, reason=error.strerror)
            return
        await self._rows.erased(voicemail.id)
        log.info("message erased", interaction=voicemail.id)

    async def _keep(self, voicemail: Voicemail) -> bool:
        source, target = self._spool / voicemail.spooled, self._kept / file_name(voicemail)
        there = next((path for path in (source, target) if path.is_file()), None)
        now = self._clock.now_ms()
        if there is None:
            if now - voicemail.at < self._pace.missing_ms:
                return False
            if voicemail.state is State.RECORDING:
                await self._rows.none(voicemail.id)
            else:
                log.error("a message is missing", interaction=voicemail.id)
                await self._rows.missing(voicemail.id, now)
            return False
        if now - there.stat().st_mtime_ns // 1_000_000 < self._pace.settled_ms:
            return False
        measured = await asyncio.to_thread(_length_ms, there)
        length = measured if voicemail.length_ms is None else voicemail.length_ms
        if voicemail.state is State.RECORDING and length < self._pace.least_ms:
            await self._rows.none(voicemail.id)
            there.unlink()
            return False
        await asyncio.to_thread(move, source, target)
        await self._rows.kept(voicemail.id, file_name(voicemail), length, now)
        log.info("message kept", interaction=voicemail.id, length_ms=length)
        return True


def file_name(voicemail: Voicemail) -> str:
    """Return what a message is called where it is kept."""
    day = datetime.fromtimestamp(voicemail.at / 1000, UTC)
    return f"{day:%Y/%m/%d}/{voicemail.id}-message.wav"


def _length_ms(path: Path) -> int:
    """Return the length of a file, and complete its header if Asterisk was killed over it."""
    found = measure(path)
    if not isinstance(found, LegMeasure):
        return 0
    if not found.closed:
        close(path)
    return found.length_ms
