"""What the administration's requests need from outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from desk.admin_model import (
    Change,
    Checked,
    Drawing,
    FileInfo,
    FileText,
    PromptInfo,
    Saved,
    SoundSaved,
    SoundUndo,
    SoundVersion,
    Undo,
    Version,
    VersionText,
)


class CentreFiles(Protocol):
    """The files of the centre. Each method raises Answered 404 for a file or version that there is not."""

    async def files(self) -> Sequence[FileInfo]:
        """Return every file of the centre."""
        ...

    async def file(self, file: str) -> FileText:
        """Return a file as it is now."""
        ...

    async def check(self, file: str, change: Change) -> Checked:
        """Return what a change would make, and what would be wrong with it. Raises Answered 409 for another base."""
        ...

    async def save(self, file: str, change: Change, by: str) -> Saved:
        """Write a change and put it in force.

        Raises Answered: 409 where the file is another by now, 422 with every problem where it does not validate.
        """
        ...

    async def history(self, file: str) -> Sequence[Version]:
        """Return what a file was, newest first."""
        ...

    async def version(self, file: str, version: int) -> VersionText:
        """Return one text that a file had."""
        ...

    async def undo(self, file: str, undo: Undo, by: str) -> Saved:
        """Write an earlier text as a new version; raises as ``save`` does."""
        ...

    async def draw(self, menu: str, text: str) -> Drawing:
        """Return a menu's picture, or what would be wrong in the centre with it."""
        ...


class CentreSounds(Protocol):
    """What callers hear. Each method raises Answered 404 for a prompt that there is not."""

    async def prompts(self) -> Sequence[PromptInfo]:
        """Return every prompt. Raises Refused while the centre's files have mistakes."""
        ...

    async def sound(self, language: str, prompt: str, version: int | None = None) -> bytes:
        """Return a WAV file: what callers hear, or an earlier recording."""
        ...

    async def record(self, language: str, prompt: str, sound: bytes, by: str) -> SoundSaved:
        """Keep an uploaded recording and put it in force. Raises Answered 422 for what cannot be played."""
        ...

    async def speak(self, language: str, prompt: str, by: str) -> SoundSaved:
        """Return to the spoken text. Raises Answered 404 where nothing is recorded."""
        ...

    async def sound_history(self, language: str, prompt: str) -> Sequence[SoundVersion]:
        """Return which recordings a prompt had, newest first."""
        ...

    async def sound_undo(self, language: str, prompt: str, undo: SoundUndo, by: str) -> SoundSaved:
        """Return to an earlier recording, or to none."""
        ...


class Administration(CentreFiles, CentreSounds, Protocol):
    """All of it."""
