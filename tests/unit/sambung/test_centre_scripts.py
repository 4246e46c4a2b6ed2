"""Scripts of queues: both languages or none, a title, and nothing longer than anybody reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Problem
from core.ids import QueueId
from knowledge.model import Article
from sambung.centre import load_centre
from sambung.centre_scripts import read_articles

ROOT = Path(__file__).resolve().parents[3]


def read(folder: Path, **files: str) -> tuple[tuple[Article, ...], list[Problem]]:
    for name, text in files.items():
        (folder / f"{name.replace('__', '.')}.md").write_text(text)
    problems: list[Problem] = []
    return read_articles(folder, ("id", "en"), ("lkpm",), problems), problems


def test_a_script_belongs_to_the_queue_of_its_name_and_others_to_none(tmp_path: Path) -> None:
    both = {"lkpm__id": "# Lapor\n\nTeks", "lkpm__en": "\n# Report\nText\n", "x__id": "# X", "x__en": "# X"}
    found, problems = read(tmp_path, **both)
    assert problems == []
    assert found[0] == Article(
        "lkpm", QueueId("lkpm"), {"id": "Lapor", "en": "Report"}, {"id": "Teks", "en": "Text"}
    )
    assert (found[1].id, found[1].queue, found[1].text["id"]) == ("x", None, "")


@pytest.mark.parametrize(
    ("files", "file", "said"),
    [
        ({"a__id": "# A"}, "a.en.md", "cannot be read"),
        ({"a__id": "A", "a__en": "# A"}, "a.id.md", "the first line is the title"),
        ({"a__id": "# ", "a__en": "# A"}, "a.id.md", "the first line is the title"),
        ({"a__id": "# A\n" + "x" * 20_000, "a__en": "# A"}, "a.id.md", "longer than 20,000"),
        ({"a__id": "# A", "a__en": "# A", "a__fr": "# A"}, "a.fr.md", "says no language"),
        ({"A b__id": "# A", "A b__en": "# A"}, "A b.id.md", "small letters"),
    ],
)
def test_what_is_wrong_is_said_by_file(tmp_path: Path, files: dict[str, str], file: str, said: str) -> None:
    found, problems = read(tmp_path, **files)
    (problem,) = problems
    assert problem.file.endswith(file)
    assert said in problem.message
    assert len(found) == (1 if "a__fr" in files else 0)


def test_a_centre_may_do_without(tmp_path: Path) -> None:
    assert read_articles(tmp_path / "none", ("id",), (), []) == ()


def test_each_queue_of_the_shipped_centre_has_its_script() -> None:
    centre = load_centre(ROOT / "config" / "centre")
    assert {article.queue for article in centre.articles} == {*centre.queues, None}
