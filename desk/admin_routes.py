"""The administration's requests: files, prompts and menus of the centre."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from desk.admin_model import (
    Checked,
    Drawing,
    Files,
    FileText,
    PromptInfo,
    Saved,
    SoundSaved,
    SoundVersion,
    Version,
    VersionText,
)
from desk.admin_ports import Administration
from desk.desk import Ask, Blob, Handler

WAV = "audio/wav"


class AdminRoutes:
    """Requests about the centre itself; ``administration`` does what they ask."""

    def __init__(self, administration: Administration) -> None:
        self._does = administration

    def handlers(self) -> Mapping[str, Handler]:
        """Return what serves each route, by its name."""
        return {
            "admin-files": self._files,
            "admin-file": self._file,
            "admin-file-check": self._check,
            "admin-file-save": self._save,
            "admin-file-history": self._history,
            "admin-file-version": self._version,
            "admin-file-undo": self._undo,
            "admin-menu-draw": self._draw,
            "admin-prompts": self._prompts,
            "admin-sound": self._sound,
            "admin-sound-record": self._record,
            "admin-sound-speak": self._speak,
            "admin-sound-history": self._sound_history,
            "admin-sound-undo": self._sound_undo,
        }

    async def _files(self, ask: Ask) -> Files:
        return Files(tuple(await self._does.files()))

    async def _file(self, ask: Ask) -> FileText:
        return await self._does.file(ask.values["file"])

    async def _check(self, ask: Ask) -> Checked:
        return await self._does.check(ask.values["file"], ask.body)

    async def _save(self, ask: Ask) -> Saved:
        return await self._does.save(ask.values["file"], ask.body, ask.who.user)

    async def _history(self, ask: Ask) -> Sequence[Version]:
        return await self._does.history(ask.values["file"])

    async def _version(self, ask: Ask) -> VersionText:
        return await self._does.version(ask.values["file"], int(ask.values["version"]))

    async def _undo(self, ask: Ask) -> Saved:
        return await self._does.undo(ask.values["file"], ask.body, ask.who.user)

    async def _draw(self, ask: Ask) -> Drawing:
        return await self._does.draw(ask.values["menu"], ask.body.text)

    async def _prompts(self, ask: Ask) -> Sequence[PromptInfo]:
        return await self._does.prompts()

    async def _sound(self, ask: Ask) -> Blob:
        version = ask.query.get("version")
        sound = await self._does.sound(*_prompt(ask), int(version) if version else None)
        return Blob(sound, WAV)

    async def _record(self, ask: Ask) -> SoundSaved:
        return await self._does.record(*_prompt(ask), ask.body, ask.who.user)

    async def _speak(self, ask: Ask) -> SoundSaved:
        return await self._does.speak(*_prompt(ask), ask.who.user)

    async def _sound_history(self, ask: Ask) -> Sequence[SoundVersion]:
        return await self._does.sound_history(*_prompt(ask))

    async def _sound_undo(self, ask: Ask) -> Any:
        return await self._does.sound_undo(*_prompt(ask), ask.body, ask.who.user)


def _prompt(ask: Ask) -> tuple[str, str]:
    return ask.values["language"], ask.values["prompt"]
