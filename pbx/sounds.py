"""Prompts as files that Asterisk can play."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.errors import Refused
from ivr.effects import Prompt
from pbx.wire import Sound

_HEADER: Final = 44
_BYTES_A_MS: Final = 16
"""8,000 Hz, mono, 16 bits."""


class Sounds:
    """The folder of rendered prompts, ``<language>/<name>.wav``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[Prompt, Sound] = {}

    def find(self, prompt: Prompt) -> Sound:
        """Return the prompt's file. Raises Refused if there is nothing to play."""
        sound = self._found.get(prompt)
        if sound is None:
            path = (self._folder / prompt.language / f"{prompt.name}.wav").absolute()
            size = path.stat().st_size if path.is_file() else 0
            if size <= _HEADER:
                raise Refused(f"the prompt {prompt.language}/{prompt.name} has no sound")
            sound = self._found[prompt] = Sound(path, (size - _HEADER) // _BYTES_A_MS)
        return sound

    def forget(self) -> None:
        """Look at every file anew: some may have been made again."""
        self._found.clear()
