"""The prompts by name: what each says in each language, and whose recorded voice says it if one does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from core.document import Form

NAME: Final = Form(
    re.compile(r"[a-z0-9][a-z0-9._-]{0,59}"),
    "a prompt's name of a-z, 0-9, dot, - and _, letter or digit first",
)


class Voice(NamedTuple):
    """How espeak-ng speaks a language."""

    name: str
    """A voice of ``espeak-ng --voices``: ``id``, ``en``, ``en-us``."""
    words_per_minute: int = 140
    pitch: int = 50
    """0 to 99."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every prompt in every language."""

    voices: Mapping[str, Voice]
    """By language."""
    texts: Mapping[str, Mapping[str, str]]
    """By name, then by language."""
    recorded: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    """Recorded sound by (language, name); it wins over the text."""


def sound_file(language: str, name: str) -> str:
    """Return where a prompt's sound lies below the folder of prompts."""
    return f"{language}/{name}.wav"
