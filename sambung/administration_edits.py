"""Edits of a file of the centre that leave everything else as people wrote it, byte by byte. Pure.

Only the lines of the entry that changes are written anew; comments, order and the form of the others stay. What comes
out is read again and compared with what was meant: an edit is exactly right or it is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import yaml

from core.errors import Refused
from desk.admin_model import Edit
from sambung.administration_data import Data, Path, composed, data_of, index_of, normal, plain, put
from sambung.administration_yaml import entry, item

_COMMENT: Final = re.compile(r"(?:^|(?<=[ \t]))#.*", re.MULTILINE)
_BLOCK: Final = ("|", ">")


class Slot(NamedTuple):
    """An entry of a mapping or an item of a list that has lines of its own."""

    start: int
    """Where its key, or its dash, begins in the text."""
    end: int
    """Where its last value ends; a comment may follow on the line."""
    column: int
    key: str | None
    """None for an item of a list."""
    value: yaml.Node


def edited(text: str, edits: Sequence[Edit]) -> str:
    """Return the text with all edits, one after the other.

    Raises Refused: the text is no YAML of keys with values, or an edit does not fit what is there.
    """
    if not text.endswith("\n"):
        text += "\n"
    for edit in edits:
        path = tuple(edit.path)
        try:
            text = _applied(text, path, None if edit.remove else normal(edit.value))
        except Refused as error:
            raise Refused(f"{shown(path)}: {error}") from None
    return text


def shown(path: Path) -> str:
    """Return a path as problems name it: ``voice[0].queues``."""
    words = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(words).removeprefix(".")


def comments(text: str) -> Counter[str]:
    """Return every comment of a YAML text."""
    masked = list(text)
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.ScalarToken):
            start, end = token.start_mark.index, token.end_mark.index
            # The line of a block text's indicator may end in a comment.
            start = text.index("\n", start) if token.style in _BLOCK else start
            masked[start:end] = ["\n" if one == "\n" else "x" for one in masked[start:end]]
    return Counter(comment.strip() for comment in _COMMENT.findall("".join(masked)))


def _applied(text: str, path: Path, value: Data | None) -> str:
    before = data_of(text)
    if before is None:
        raise Refused("the file is no YAML of keys with values; mend its text first")
    after = put(before, path, value)
    made = _step_by_step(text, tuple(_smaller(before, path, value)))
    if data_of(made) == after:
        return made
    made = _spliced(text, path, value)
    if data_of(made) != after:
        raise Refused("this cannot be done to the text as it is written; edit the text itself")
    if value is not None and comments(text) - comments(made):
        raise Refused("comments stand inside what is replaced; edit the text itself")
    return made


def _step_by_step(text: str, steps: Sequence[tuple[Path, Data | None]]) -> str:
    """Return the text with the steps, or as it was if one of them cannot be done: all at once still may."""
    made = text
    for path, value in steps:
        try:
            made = _applied(made, path, value)
        except Refused:
            return text
    return made


def _smaller(before: Data, path: Path, value: Data | None) -> Iterator[tuple[Path, Data | None]]:
    """Yield what makes one mapping of another, so that entries which stay keep their comments."""
    old: Data = before
    for step in path:
        if isinstance(old, dict) and str(step) in old:
            old = old[str(step)]
        elif isinstance(old, list) and index_of(step) < len(old):
            old = old[index_of(step)]
        else:
            return
    if isinstance(old, dict) and isinstance(value, dict) and old and value:
        for key, new in value.items():
            if old.get(key) != new:
                yield (*path, key), new
        yield from (((*path, key), None) for key in old if key not in value)


def _spliced(text: str, path: Path, value: Data | None) -> str:
    top = composed(text)
    assert top is not None, "it was read a moment ago"
    node: yaml.Node = top
    slot, depth = Slot(top.start_mark.index, _end(text, top), 0, None, top), 0
    for depth, step in enumerate(path):
        if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
            return _replaced(text, slot, depth, put(plain(node), path[depth:], value))
        slots, rest = _slots(text, node), path[depth + 1 :]
        key = str(step) if isinstance(node, yaml.MappingNode) else index_of(step)
        which = next((n for n, one in enumerate(slots) if key == (n if one.key is None else one.key)), None)
        if which is None:
            assert value is not None, "what is not there was refused"
            return _inserted(text, slots, key, put({}, rest, value), top=depth == 0)
        if value is None and not rest:
            if len(slots) > 1:
                return _removed(text, slots, which)
            return _replaced(text, slot, depth, [] if isinstance(node, yaml.SequenceNode) else {})
        slot, node = slots[which], slots[which].value
    assert value is not None, "a removal ends above"
    return _replaced(text, slot, depth + 1, value)


def _replaced(text: str, slot: Slot, depth: int, value: Data) -> str:
    """Write an entry anew; the whole file at depth 0."""
    if depth == 0:
        assert isinstance(value, dict)
        body = "".join(entry(key, one, 0, top=True) for key, one in value.items()) or "{}\n"
        return text[: slot.start] + body.removesuffix("\n") + text[slot.end :]
    old = slot.value if isinstance(slot.value, yaml.ScalarNode) else None
    if slot.key is None:
        made = item(value, slot.column, old)
    else:
        made = entry(slot.key, value, slot.column, old, top=depth == 1)
    return _exchanged(text, slot, made.removesuffix("\n").lstrip(" "))


def _exchanged(text: str, slot: Slot, made: str) -> str:
    line_end = text.index("\n", slot.end)
    tail = text[slot.end : line_end].strip()
    if tail and "\n" in made:
        # After several lines the comment would be read as a part of the last one.
        line = text.rfind("\n", 0, slot.start) + 1
        above = f"{' ' * slot.column}{tail}\n"
        return text[:line] + above + text[line : slot.start] + made + text[line_end:]
    return text[: slot.start] + made + text[slot.end :]


def _inserted(text: str, slots: Sequence[Slot], key: str | int, value: Data, *, top: bool) -> str:
    last = slots[-1]
    made = item(value, last.column) if isinstance(key, int) else entry(key, value, last.column, top=top)
    apart = len(slots) > 1 and "\n\n" in text[slots[-2].end : last.start]
    at = text.index("\n", last.end) + 1
    return text[:at] + ("\n" if apart else "") + made + text[at:]


def _removed(text: str, slots: Sequence[Slot], which: int) -> str:
    slot = slots[which]
    line = text.rfind("\n", 0, slot.start) + 1
    after = text.index("\n", slot.end) + 1
    if text[line : slot.start].strip():
        # It shares its line with the dash of a list: the next entry takes its place.
        return text[: slot.start] + text[slots[which + 1].start :] if which + 1 < len(slots) else text
    if text[:line].endswith("\n\n") and (text[after:].startswith("\n") or not text[after:]):
        line -= 1
    return text[:line] + text[after:]


def _slots(text: str, node: yaml.CollectionNode) -> list[Slot]:
    column = node.start_mark.column
    if isinstance(node, yaml.MappingNode):
        return [
            Slot(key.start_mark.index, _end(text, value), column, key.value, value)
            for key, value in node.value
        ]
    return [
        Slot(text.rindex("-", 0, one.start_mark.index), _end(text, one), column, None, one)
        for one in node.value
    ]


def _end(text: str, node: yaml.Node) -> int:
    """Return where the last character of a value is, without the blank lines and comments after it."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in _BLOCK:
        return start + len(text[start:end].rstrip())
    return int(end)
