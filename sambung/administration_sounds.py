"""What callers hear, prompt by prompt, and the recordings of it: fills desk.admin_ports.CentreSounds."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Final

from core.errors import Refused
from desk.admin_model import PromptInfo, SoundSaved, SoundUndo, SoundVersion
from desk.errors import Answered, invalid, unknown
from ivr.model import Flow, Spoken
from ivr.prompts import sound_file
from ivr.spoken import PIECES
from sambung.administration import HISTORY, Files, Requests, in_force
from sambung.administration_check import checked, told
from sambung.administration_data import data_of
from sambung.administration_recode import recode
from sambung.administration_shelf import SOUNDS, Present
from sambung.centre import Centre

_HEADER: Final = 44
_BYTES_A_MS: Final = 16
"""Of what callers hear: 8,000 Hz, 16 bits."""


class Sounds(Requests):
    """Every request about a prompt."""

    async def prompts(self) -> Sequence[PromptInfo]:
        """Return every prompt. Raises Refused while the centre's files have mistakes."""
        return await asyncio.to_thread(self._prompts)

    async def sound(self, language: str, prompt: str, version: int | None = None) -> bytes:
        """Return a WAV file: what callers hear, or an earlier recording. Raises Answered 404."""
        id_ = await self._id(language, prompt)
        if version is None:
            heard = self._settings.asterisk.prompts / sound_file(language, prompt)
            content = await asyncio.to_thread(_bytes, heard)
        else:
            found = await self._shelf.versions.content(id_, version)
            content = found[1] if found else None
        if content is None:
            raise unknown("sound")
        return content

    async def record(self, language: str, prompt: str, sound: bytes, by: str) -> SoundSaved:
        """Keep an uploaded recording and put it in force. Raises Answered 404 or 422."""
        id_ = await self._id(language, prompt)
        try:
            made = await recode(sound)
        except Refused as error:
            raise invalid(str(error)) from None
        async with self._shelf.closed():
            present = await self._present_sound(id_)
            version = await self._write_sound(id_, present, made, by, "")
        return await self._saved(language, prompt, version)

    async def speak(self, language: str, prompt: str, by: str) -> SoundSaved:
        """Return to the spoken text. Raises Answered 404 where nothing is recorded."""
        id_ = await self._id(language, prompt)
        async with self._shelf.closed():
            present = await self._present_sound(id_)
            if present.content is None:
                raise unknown("recording")
            version = await self._write_sound(id_, present, None, by, "")
        return await self._saved(language, prompt, version)

    async def sound_history(self, language: str, prompt: str) -> Sequence[SoundVersion]:
        """Return which recordings a prompt had, newest first. Raises Answered 404."""
        id_ = await self._id(language, prompt)
        async with self._shelf.closed():
            await self._present_sound(id_)
        return [
            SoundVersion(
                *(kept.version, kept.at, kept.by or None, kept.note),
                recorded=content is not None,
                length_ms=_length_ms(content),
            )
            for kept, content in await self._shelf.versions.of(id_, HISTORY)
        ]

    async def sound_undo(self, language: str, prompt: str, undo: SoundUndo, by: str) -> SoundSaved:
        """Return to an earlier recording, or to none. Raises Answered 404 or 422."""
        id_ = await self._id(language, prompt)
        async with self._shelf.closed():
            present = await self._present_sound(id_)
            found = await self._shelf.versions.content(id_, undo.version)
            if found is None:
                raise unknown("version")
            note = undo.note or f"as in version {undo.version}"
            version = await self._write_sound(id_, present, found[1], by, note)
        return await self._saved(language, prompt, version)

    # --- one recording -------------------------------------------------------------------------------------

    async def _id(self, language: str, prompt: str) -> str:
        """Return the recording's id. Raises Answered 404, Refused while the centre's files have mistakes."""
        centre = await asyncio.to_thread(self._centre)
        if language not in centre.prompts.texts.get(prompt, {}):
            raise unknown("prompt")
        return f"{SOUNDS}{language}/{prompt}"

    async def _present_sound(self, id_: str) -> Present:
        return (await self._shelf.present(id_))[id_]

    async def _write_sound(
        self, id_: str, present: Present, content: bytes | None, by: str, note: str
    ) -> int:
        if content == present.content and present.kept is not None:
            return present.kept.version
        if present.kept is None:
            # The first recording: so that one can go back to the spoken text, that is a version too.
            await self._shelf.write(id_, None, "", "")
        below = self._shelf.path(id_).relative_to(self._shelf.folder)
        _, problems = await asyncio.to_thread(checked, self._settings, {below: content})
        if problems:
            raise Answered(422, "invalid", problems[0].message, problems=told(problems))
        return (await self._shelf.write(id_, content, by, note)).version

    async def _saved(self, language: str, prompt: str, version: int) -> SoundSaved:
        reloaded = await in_force(self._reload)
        heard = self._settings.asterisk.prompts / sound_file(language, prompt)
        return SoundSaved(version, await asyncio.to_thread(_heard_ms, heard), reloaded)

    # --- all of them ---------------------------------------------------------------------------------------

    def _centre(self) -> Centre:
        centre, problems = checked(self._settings)
        if centre is None:
            raise Refused(f"the centre's files have {len(problems)} mistakes; mend them first")
        return centre

    def _prompts(self) -> Sequence[PromptInfo]:
        centre = self._centre()
        named = data_of(self._shelf.path("prompts").read_text("utf-8-sig")) or {}
        used = self._used(centre)
        folder = self._settings.asterisk.prompts
        return [
            PromptInfo(
                name=name,
                texts=dict(texts),
                recorded={one: (one, name) in centre.prompts.recorded for one in texts},
                length_ms={one: _heard_ms(folder / sound_file(one, name)) for one in texts},
                used_by=tuple(used.get(name, ())),
                builtin=name not in named and any(name in pieces for pieces in PIECES.values()),
            )
            for name, texts in centre.prompts.texts.items()
        ]

    def _used(self, centre: Centre) -> Mapping[str, Sequence[str]]:
        used: dict[str, list[str]] = {}
        menus = [id_.removeprefix("ivr/") for id_ in self._shelf.ids() if id_.startswith("ivr/")]
        for menu in menus:
            for prompt, node in _said(centre.flows[menu]):
                places = used.setdefault(prompt, [])
                if f"{menu}/{node}" not in places:
                    places.append(f"{menu}/{node}")
        return used


def _said(flow: Flow) -> Iterator[tuple[str, str]]:
    """Yield each prompt with the node that says it; nodes that nobody wrote have parentheses and are left out."""
    for name, node in flow.nodes.items():
        if not name.startswith("("):
            yield from ((spoken.prompt, name) for spoken in _spoken(node))


def _spoken(value: object) -> Iterator[Spoken]:
    match value:
        case Spoken():
            yield value
        case tuple() | list():
            for one in value:
                yield from _spoken(one)
        case dict():
            yield from _spoken(tuple(value.values()))
        case _ if is_dataclass(value):
            yield from _spoken(tuple(getattr(value, field.name) for field in fields(value)))


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _heard_ms(path: Path) -> int | None:
    return (path.stat().st_size - _HEADER) // _BYTES_A_MS if path.is_file() else None


def _length_ms(content: bytes | None) -> int | None:
    if content is None:
        return None
    try:
        with wave.open(io.BytesIO(content), "rb") as sound:
            return sound.getnframes() * 1_000 // sound.getframerate()
    except (wave.Error, EOFError, RuntimeError, ZeroDivisionError):
        return None


class Administration(Files, Sounds):
    """All of it: fills desk.admin_ports.Administration."""
