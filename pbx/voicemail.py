"""Records messages that callers leave.

Asterisk records the caller's leg by itself: it ends at ``#``, at silence, at the longest length or when the caller
hangs up, whether or not control is there. The row is written first.

ARI's own recording and not MixMonitor, which runs on the leg anyway: it knows silence and the key, and its file is the
message alone. Source: Asterisk documentation, "Channels REST API", "Recordings REST API".
"""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path
from typing import Final, Protocol

import structlog

from core.clock import Clock
from core.errors import Gone, SambungError
from core.ids import InteractionId, QueueId
from ivr import effects as menu
from pbx.ari import Ari
from pbx.effects import KeepMessage, RecordMessage
from pbx.model import Recording

_log = structlog.get_logger("voicemail")

_BEEP: Final = "beep"
_RATE: Final = 8_000
_BEEP_HZ: Final = 1_000
_BEEP_MS: Final = 400
_HEADER: Final = 44


class Rows(Protocol):
    """The rows of messages."""

    async def begin(self, id_: InteractionId, queue: QueueId, language: str, at: int, spooled: str) -> None:
        """Write down that a message is about to be recorded in file ``spooled``. A second try replaces the first."""
        ...

    async def left(self, id_: InteractionId, length_ms: int) -> None:
        """Write down that the message is complete."""
        ...

    async def none(self, id_: InteractionId) -> None:
        """Write down that there is no message: it was too short to be one."""
        ...


class Messages:
    """The recorder of messages."""

    def __init__(self, ari: Ari, rows: Rows, recorded: Path, prompts: Path, clock: Clock) -> None:
        """``recorded`` is where Asterisk keeps ARI's recordings, ``prompts`` where the tone is put."""
        self._ari = ari
        self._rows = rows
        self._recorded = recorded
        self._beep = prompts / f"{_BEEP}.wav"
        self._clock = clock

    async def do(self, action: RecordMessage | KeepMessage) -> menu.Recorded | None:
        """Carry ``action`` out and return what is to be reported to its call."""
        if isinstance(action, RecordMessage):
            return await self._record(action)
        if action.ms is not None:
            await self._rows.left(action.id, action.ms)
        else:
            await self._rows.none(action.id)
            self._file(action.name).unlink(missing_ok=True)
        return None

    def length_ms(self, name: str, silence_s: int) -> int:
        """Return how much of a recording is before the silence that ended it; 0 if there is none of it."""
        try:
            size = self._file(name).stat().st_size
        except OSError:
            return 0
        return max(0, (size - _HEADER) * 1000 // (2 * _RATE) - silence_s * 1000)

    async def _record(self, record: RecordMessage) -> menu.Recorded | None:
        if record.begun:
            return await self._ended_meanwhile(record)
        await self._rows.begin(
            record.id, record.queue, record.language, self._clock.now_ms(), f"{record.name}.wav"
        )
        if not self._beep.exists():
            write_beep(self._beep)
        try:
            # A leg does one thing after the other: the recording begins when the tone has ended.
            await self._ari.send(
                "POST",
                f"channels/{record.leg}/play/beep-{record.name}",
                media=f"sound:{self._beep.with_suffix('')}",
            )
            await self._ari.send(
                "POST",
                f"channels/{record.leg}/record",
                name=record.name,
                format="wav",
                ifExists="overwrite",
                maxDurationSeconds=str(math.ceil(record.max_ms / 1000)),
                maxSilenceSeconds=str(math.ceil(record.silence_ms / 1000)),
                terminateOn="#",
                beep="false",
            )
        except SambungError as error:
            _log.warning("a message could not be recorded", interaction=record.id, reason=str(error))
            return menu.Recorded(record.token, 0)
        return None

    async def _ended_meanwhile(self, record: RecordMessage) -> menu.Recorded | None:
        try:
            await self._ari.get(f"recordings/live/{record.name}", Recording)
        except Gone:
            # The silence that may have ended it is kept with it: whoever was away did not hear how it ended.
            return menu.Recorded(record.token, self.length_ms(record.name, 0))
        except SambungError as error:
            _log.warning("how a message went on is not known", interaction=record.id, reason=str(error))
        return None

    def _file(self, name: str) -> Path:
        return self._recorded / f"{name}.wav"


def write_beep(path: Path) -> None:
    """Write the tone after which one speaks, faded in and out."""
    count = _RATE * _BEEP_MS // 1000
    fade = _RATE // 50
    values = (
        int(9_000 * min(1.0, n / fade, (count - n) / fade) * math.sin(2 * math.pi * _BEEP_HZ * n / _RATE))
        for n in range(count)
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(b"".join(struct.pack("<h", value) for value in values))
