"""Scripts and articles of a centre: ``scripts/NAME.LANGUAGE.md``. One with a queue's name is that queue's script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.errors import Problem
from core.ids import QueueId
from knowledge.model import Article
from sambung.documents import read_text, shown

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_LONGEST: Final = 20_000
"""Characters. Nobody reads more while somebody waits."""


def read_articles(
    folder: Path, languages: Sequence[str], queues: Sequence[str], problems: list[Problem]
) -> tuple[Article, ...]:
    """Read every article, in the order of their names. What is wrong is noted in ``problems``.

    A centre without the folder has none.
    """
    files = sorted(folder.glob("*.md"))
    names = list(dict.fromkeys(file.name.split(".")[0] for file in files))
    wanted = {f"{name}.{language}.md" for name in names for language in languages}
    for file in files:
        if file.name not in wanted:
            allowed = ", ".join(f"NAME.{language}.md" for language in languages)
            problems.append(Problem(shown(file), 0, "", f"the name says no language; allowed: {allowed}"))
    found = [_article(folder, name, languages, queues, problems) for name in names]
    return tuple(article for article in found if article is not None)


def _article(
    folder: Path, name: str, languages: Sequence[str], queues: Sequence[str], problems: list[Problem]
) -> Article | None:
    before = len(problems)
    titles, texts = {}, {}
    for language in languages:
        file = folder / f"{name}.{language}.md"
        if not _NAME.fullmatch(name):
            problems.append(Problem(shown(file), 0, "", "the name needs small letters, digits, - and _"))
            return None
        text = read_text(file, problems)
        if text is None:
            continue
        first, _, rest = text.strip().partition("\n")
        if not first.startswith("# ") or not first[2:].strip():
            problems.append(Problem(shown(file), 1, "", 'the first line is the title: "# Title"'))
        elif len(text) > _LONGEST:
            problems.append(Problem(shown(file), 0, "", f"longer than {_LONGEST:,} characters"))
        titles[language], texts[language] = first[2:].strip(), rest.strip()
    if len(problems) > before:
        return None
    return Article(name, QueueId(name) if name in queues else None, titles, texts)
