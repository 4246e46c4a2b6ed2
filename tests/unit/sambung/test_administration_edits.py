"""Edits of the centre's files: exactly what was meant changes, and nothing else, to the byte."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refused
from desk.admin_model import Edit
from sambung.administration_data import Data, data_of, normal, put
from sambung.administration_edits import comments, edited, shown

CENTRE: Final = Path(__file__).resolve().parents[3] / "config" / "centre"
FILES: Final = {path.stem: path.read_text() for path in sorted(CENTRE.rglob("*.yaml"))}
AWAY: Final = object()


def edit(path: tuple[str | int, ...], value: Any = AWAY) -> Edit:
    return Edit(path, remove=True) if value is AWAY else Edit(path, value)


def changed(file: str, *edits: Edit) -> list[str]:
    """Return the lines that went and came, in order."""
    old = FILES[file]
    lines = difflib.ndiff(old.splitlines(), edited(old, edits).splitlines())
    return [line for line in lines if line[0] in "-+"]


def test_one_value_changes_one_line() -> None:
    assert changed("queues", edit(("licensing", "offer"), "25 s")) == ["-   offer: 20 s", "+   offer: 25 s"]
    assert changed("queues", edit(("general", "max_length"), 50)) == [
        "-   max_length: 100",
        "+   max_length: 50",
    ]
    assert changed("video", edit(("consent", "without"), False)) == [
        "-   without: true",
        "+   without: false",
    ]
    assert changed("video", edit(("consent", "version"), "2027-01")) == [
        '-   version: "2026-11"',
        '+   version: "2027-01"',
    ]


def test_a_value_in_braces_is_changed_in_its_line() -> None:
    assert changed("queues", edit(("lkpm", "name", "en"), "Reports: all")) == [
        "-   name: {id: Pelaporan LKPM, en: Investment activity reports (LKPM)}",
        "+   name: {id: Pelaporan LKPM, en: 'Reports: all'}",
    ]


def test_what_is_new_follows_what_it_belongs_to() -> None:
    new = {"name": {"id": "Baru", "en": "New"}, "offer": "20 s"}
    assert changed("queues", edit(("lkpm", "max_length"), 50)) == ["+   max_length: 50"]
    assert changed("queues", edit(("new",), new))[1:] == [
        "+ new:",
        "+   name: {id: Baru, en: New}",
        "+   offer: 20 s",
    ]
    text = edited(FILES["queues"], [edit(("lkpm", "max_length"), 50)])
    assert "  return: 3 min\n  max_length: 50\n\ntechnical:" in text


def test_mappings_on_the_way_are_made() -> None:
    assert changed("hours", edit(("walkin", "special", "2026-12-31"), "closed")) == [
        "+   special: {2026-12-31: closed}"
    ]
    assert changed("agents", edit(("agents", "ag701"), {"name": "Zahra", "profile": "voice"}))[1:] == [
        "+ agents:",
        "+   ag701: {name: Zahra, profile: voice}",
    ]


def test_what_is_removed_takes_its_lines_and_no_comment_of_another() -> None:
    text = edited(FILES["main"], [edit(("nodes", "language", "on_timeout"))])
    assert "    # Whoever has no keys is served in the first language.\n    on_invalid: topic\n" in text
    whole = edited(FILES["queues"], [edit(("lkpm",))])
    assert "\n\n\n" not in whole
    assert comments(whole) == comments(FILES["queues"])


def test_the_last_entry_leaves_an_empty_mapping_or_list() -> None:
    assert "+ email: []" in changed("profiles", edit(("email", 0)))
    text = edited("# why\na:\n  b: 1 # two\nc: 3\n", [edit(("a", "b"))])
    assert text == "# why\na: {} # two\nc: 3\n"
    assert edited("# why\na: 1\n", [edit(("a",))]) == "# why\n{}\n"


def test_lists_are_changed_item_by_item() -> None:
    rows = {"queues": ["general"], "channels": "email"}
    assert changed("profiles", edit(("voice", 1), rows)) == ["+   - {queues: [general], channels: email}"]
    assert changed("video", edit(("prepare", 0)))[0].startswith('-   - {id: "NIB')
    assert changed("agents", edit(("fallback", 4), "ag122"))[1] == (
        "+ fallback: [ag101, ag102, ag103, ag121, ag122]"
    )


def test_a_long_text_is_folded_and_keeps_what_it_says() -> None:
    said = "Untuk perizinan berusaha, tekan satu. " * 8
    text = edited(FILES["prompts"], [edit(("menu.topic", "id"), said)])
    found = data_of(text)
    assert found is not None
    assert found["menu.topic"]["id"] == said.strip()  # type: ignore[call-overload, index]
    assert "  id: >-\n    Untuk perizinan" in text
    assert max(len(line) for line in text.splitlines() if "perizinan berusaha" in line) <= 112


def test_a_comment_on_the_line_of_a_value_stays_a_comment() -> None:
    long = "kata " * 40
    assert edited("a: 1  # why\n", [edit(("a",), 2)]) == "a: 2  # why\n"
    made = edited("x:\n  a: short  # why\n", [edit(("x", "a"), long)])
    assert made.startswith("x:\n  # why\n  a: >-\n    kata")
    assert data_of(made) == {"x": {"a": long.strip()}}


def test_a_mapping_over_a_mapping_keeps_the_comments_of_what_stays() -> None:
    text = "a:\n  # first\n  b: 1\n  # second\n  c: 2\n  d: 3\n"
    assert edited(text, [edit(("a",), {"b": "1", "c": "9", "e": "4"})]) == (
        "a:\n  # first\n  b: 1\n  # second\n  c: 9\n  e: 4\n"
    )


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        (("nobody",), AWAY, "there is no 'nobody'"),
        (("licensing", "offer", "deeper"), 1, "cannot be in a text"),
        (("licensing", "offer"), None, "a value is needed"),
        (("licensing", "offer"), "\ud800", "half a character"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_place(path: tuple[str, ...], value: Any, why: str) -> None:
    with pytest.raises(Refused, match=why) as refused:
        edited(FILES["queues"], [edit(path, value)])
    assert str(refused.value).startswith(shown(path))


def test_comments_inside_what_is_replaced_are_not_lost_silently() -> None:
    with pytest.raises(Refused, match="comments stand inside"):
        edited("a:\n  - b # one\n  - c\n", [edit(("a",), ["c"])])


def test_a_text_that_is_no_yaml_is_not_edited() -> None:
    for text in ("a: [", "- a\n", "a: 1\na: 2\n", "[a]: 1\n", ""):
        with pytest.raises(Refused, match="mend its text first"):
            edited(text, [edit(("a",), 1)])


def places(data: Data, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for step, one in inner for place in places(one, (*path, step)))]


WORDS: Final = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=130)
VALUES: Final = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=5
)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_value_at_any_place_says_what_was_meant_and_keeps_comments(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FILES)))
    old = data_of(FILES[name])
    assert old is not None
    path = data.draw(st.sampled_from(places(old)[1:]))
    value = data.draw(st.just(AWAY) | VALUES)
    try:
        text = edited(FILES[name], [edit(path, value)])
    except Refused as refused:
        said = str(refused)
    else:
        said = "comments stand inside"
        assert data_of(text) == put(old, path, None if value is AWAY else normal(value))
        assert value is AWAY or not comments(FILES[name]) - comments(text)
    assert "comments stand inside" in said
