"""The centre's words: languages, labels, prompts, not-ready reasons and categories."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from core.document import IDENTIFIER, Form, Node, unknown
from core.errors import Problem
from core.ids import SkillId
from ivr.prompts import NAME, Catalogue, Voice
from ivr.speak import flaw_in
from ivr.spoken import DIGITS, PIECES
from sambung.documents import shown

_VOICE: Final = Form(
    re.compile(r"[A-Za-z][A-Za-z0-9+_/-]{0,39}"),
    "an espeak-ng voice such as id or en-us; espeak-ng --voices lists them",
)

Label: TypeAlias = Mapping[str, str]
"""What people read, by language."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language in which the centre speaks."""

    id: str
    name: str
    voice: Voice
    skill: SkillId | None
    """What an agent must have to serve a caller in it; None if everybody speaks it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an agent is not ready."""

    id: str
    name: Label
    limit_ms: int | None
    """How long it usually lasts at most."""


@dataclass(frozen=True, slots=True)
class Category:
    """What a contact was about."""

    id: str
    name: Label
    served: bool
    """False for contacts that led to nothing: spam, no response."""


def read_languages(node: Node, skills: Sequence[str]) -> dict[str, Language]:
    """Return the languages, the default first."""
    languages: dict[str, Language] = {}
    for id_, entry in node.entries(names=IDENTIFIER).items():
        it = entry.fields("name", "voice", "speed", "pitch", "skill")
        voice = Voice(
            it["voice"].text(id_, form=_VOICE),
            it["speed"].integer(80, 400, 140),
            it["pitch"].integer(0, 99, 50),
        )
        skill = it["skill"].choice(skills, "")
        languages[id_] = Language(id_, it["name"].text(), voice, SkillId(skill) if skill else None)
    if node.present and not languages:
        node.wrong("empty; at least one language is needed")
    return languages


def read_label(node: Node, languages: Sequence[str]) -> Label:
    """Return a text in every language."""
    it = node.fields(*languages)
    return {language: it[language].text() for language in languages}


def read_reasons(node: Node, languages: Sequence[str]) -> tuple[Reason, ...]:
    """Return the not-ready reasons."""
    reasons = []
    for id_, entry in node.entries(names=IDENTIFIER).items():
        it = entry.fields("name", "limit")
        limit = it["limit"].duration(60_000, 86_400_000) if it["limit"].present else None
        reasons.append(Reason(id_, read_label(it["name"], languages), limit))
    return tuple(reasons)


def read_categories(node: Node, languages: Sequence[str]) -> tuple[Category, ...]:
    """Return the categories."""
    categories = []
    for id_, entry in node.entries(names=IDENTIFIER).items():
        it = entry.fields("name", "kind")
        served = it["kind"].choice(("topic", "unserved"), "topic") == "topic"
        categories.append(Category(id_, read_label(it["name"], languages), served))
    return tuple(categories)


def read_prompts(node: Node, recordings: Path, languages: Mapping[str, Language]) -> Catalogue:
    """Return the prompts of ``node``, the pieces of numbers and dates, and the sound recorded for any of them.

    A piece that ``node`` has itself is as it says there. A language without pieces of its own has to bring its digits.
    """
    texts: dict[str, dict[str, str]] = {}
    for name, entry in node.entries(names=NAME).items():
        it = entry.fields(*languages)
        texts[name] = {language: it[language].prose() for language in languages}
    for language in languages:
        pieces = PIECES.get(language, {})
        for name in pieces.keys() - node.entries().keys():
            texts.setdefault(name, {})[language] = pieces[name]
        missing = [name for name in DIGITS if language not in texts.get(name, {})]
        if missing and node.present:
            node.wrong(f"how to say numbers in {language!r} is not known; write {', '.join(missing)}")
    texts = dict(sorted(texts.items()))
    recorded = dict(_recorded(recordings, texts, languages, node.problems))
    return Catalogue({id_: language.voice for id_, language in languages.items()}, texts, recorded)


def _recorded(
    folder: Path,
    names: Mapping[str, Mapping[str, str]],
    languages: Mapping[str, Language],
    problems: list[Problem],
) -> Iterator[tuple[tuple[str, str], Path]]:
    for sound in sorted(folder.glob("*/*.wav")):
        language, name = sound.parent.name, sound.stem
        if language not in languages:
            flaw = unknown(language, tuple(languages), "unknown language")
        elif language not in names.get(name, {}):
            flaw = unknown(name, tuple(names), "unknown prompt")
        else:
            flaw = flaw_in(sound)
            yield (language, name), sound
        if flaw:
            problems.append(Problem(shown(sound), 0, "", flaw))
