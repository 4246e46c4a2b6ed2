"""What a file of the centre says, as plain data: a scalar is its text, as ``core.document`` takes it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import yaml

from core.errors import Refused

Data: TypeAlias = "str | list[Data] | dict[str, Data]"
Path: TypeAlias = Sequence[str | int]

_DEEPEST: Final = 20


def composed(text: str) -> yaml.MappingNode | None:
    """Return the positioned tree of a text; None where it is no YAML of keys with values."""
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None
    return top if isinstance(top, yaml.MappingNode) else None


def data_of(text: str) -> dict[str, Data] | None:
    """Return what a text says; None where it is no YAML of keys with values, or has a key twice or one that is none."""
    top = composed(text)
    if top is None:
        return None
    try:
        found = plain(top)
    except (Refused, RecursionError):
        return None
    assert isinstance(found, dict)
    return found


def plain(node: yaml.Node) -> Data:
    """Return what a tree says. Raises Refused for a key that is no word or is there twice."""
    match node:
        case yaml.SequenceNode():
            return [plain(item) for item in node.value]
        case yaml.MappingNode():
            entries: dict[str, Data] = {}
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode) or key.value in entries:
                    raise Refused("a key is no word, or is there twice; mend the text first")
                entries[key.value] = plain(value)
            return entries
    return str(node.value)


def normal(value: Any, depth: int = 0) -> Data:
    """Return a value from JSON as data, texts without the white space around them, which nothing reads.

    Raises Refused for a value that no file can hold.
    """
    if depth > _DEEPEST:
        raise Refused("nested too deeply")
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            if not value.isascii() and value != value.encode("utf-8", "replace").decode():
                raise Refused("holds half a character")
            return value.replace("\r\n", "\n").strip()
        case int() | float():
            return str(value)
        case list():
            return [normal(item, depth + 1) for item in value]
        case dict():
            return {str(key): normal(item, depth + 1) for key, item in value.items()}
    raise Refused("a value is needed; to take the key away, remove it")


def put(data: Data, path: Path, value: Data | None) -> Data:
    """Return ``data`` with the value at ``path`` set, or removed where it is None. Raises Refused where it cannot."""
    if not path:
        assert value is not None, "an empty path is never removed"
        return value
    step, rest = path[0], path[1:]
    if isinstance(data, str) and not data.strip() and value is not None:
        data = {}
    match data:
        case dict():
            return _in_keys(data, str(step), rest, value)
        case list():
            return _in_list(data, step, rest, value)
    raise Refused(f"{step!r} cannot be in a text")


def _in_keys(data: dict[str, Data], key: str, rest: Path, value: Data | None) -> dict[str, Data]:
    if value is None:
        if key not in data:
            raise Refused(f"there is no {key!r}")
        if not rest:
            return {name: entry for name, entry in data.items() if name != key}
    return {**data, key: put(data.get(key, {}), rest, value)}


def _in_list(data: list[Data], step: str | int, rest: Path, value: Data | None) -> list[Data]:
    index = index_of(step)
    if index > len(data) or (index == len(data) and value is None):
        raise Refused(f"the list has {len(data)} items; there is no item {index}")
    if value is None and not rest:
        return [*data[:index], *data[index + 1 :]]
    old = data[index] if index < len(data) else {}
    return [*data[:index], put(old, rest, value), *data[index + 1 :]]


def index_of(step: str | int) -> int:
    """Return which item of a list a step of a path means. Raises Refused for a word."""
    if isinstance(step, str) and not (step.isascii() and step.isdigit() and len(step) < 6):
        raise Refused(f"{step!r} is no number of an item; here is a list")
    return int(step)
