"""Configuration files as positioned documents: YAML and TOML in, ``core.document.Node`` out."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import yaml

from core.document import Node
from core.errors import Problem

_MAX_BYTES: Final = 1_000_000
_DEEPEST: Final = 100
_TOML_LINE: Final = re.compile(r"line (\d+)")
_TOML_HEADER: Final = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?")
_TOML_KEY: Final = re.compile(r"""\s*([A-Za-z0-9_.\-"']+)\s*=""")


def read_yaml(path: Path, problems: list[Problem], name: str = "") -> Node:
    """Read a YAML file of keys with values. One that cannot be read is noted and comes back as an absent node.

    ``name`` is how problems call the file; its path unless given. Anchors, aliases, a second document and a
    repeated key are refused: each is either a mistake or unreadable to the person who has to mend the file.
    """
    name = name or shown(path)
    text = _text(path, name, problems)
    if text is None:
        return Node(name, 0, "", None, problems)
    try:
        top = _composed(text)
        if isinstance(top, yaml.MappingNode):
            return _Yaml(name, problems).node(top, "", 1)
    except yaml.MarkedYAMLError as e:
        what = ", ".join(part for part in (e.context, e.problem) if part)
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        problems.append(Problem(name, line, "", f"not YAML: {what}"))
    except RecursionError:
        problems.append(Problem(name, 1, "", "nested too deeply"))
    except yaml.YAMLError as e:
        line = text.count("\n", 0, getattr(e, "position", 0)) + 1
        problems.append(Problem(name, line, "", "not YAML: holds a control character"))
    else:
        what = "empty; write {} if nothing is meant" if top is None else "keys with values are needed"
        problems.append(Problem(name, 1, "", what))
    return Node(name, 0, "", None, problems)


def read_toml(path: Path, problems: list[Problem], name: str = "") -> Node:
    """Read a TOML file. What cannot be read is noted in ``problems`` and comes back as an absent node."""
    name = name or shown(path)
    text = _text(path, name, problems)
    if text is None:
        return Node(name, 0, "", None, problems)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        line = _TOML_LINE.search(str(e))
        problems.append(Problem(name, int(line[1]) if line else 1, "", f"not TOML: {e}"))
        return Node(name, 0, "", None, problems)
    return _toml_node(name, problems, data, "", 1, dict(_toml_lines(text)))


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """Read a file of plain text; None if it cannot be read, which is noted in ``problems``."""
    return _text(path, shown(path), problems)


def overlay(node: Node, overrides: Mapping[str, str], name: str = "--set") -> Node:
    """Return ``node`` with the values of dotted keys replaced, or added, by ``overrides``."""
    for key, value in overrides.items():
        node = _replaced(node, key, key.split("."), value, name)
    return node


def _replaced(node: Node, key: str, path: list[str], value: str, name: str) -> Node:
    if not path:
        return Node(name, 0, key, value, node.problems)
    entries = dict(node.content) if isinstance(node.content, dict) else {}
    child = entries.get(path[0]) or node.absent(path[0])
    entries[path[0]] = _replaced(child, key, path[1:], value, name)
    return Node(node.file, node.line, node.key, entries, node.problems)


def shown(path: Path) -> str:
    """Return how a person in the working directory would name ``path``."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _text(path: Path, name: str, problems: list[Problem]) -> str | None:
    try:
        raw = path.read_bytes()
    except OSError as e:
        problems.append(Problem(name, 0, "", f"cannot be read: {(e.strerror or 'error').lower()}"))
        return None
    if len(raw) > _MAX_BYTES:
        problems.append(Problem(name, 0, "", f"larger than {_MAX_BYTES:,} bytes"))
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        line = raw.count(b"\n", 0, e.start) + 1
        problems.append(Problem(name, line, "", "not UTF-8; save the file in that encoding"))
        return None


def _composed(text: str) -> yaml.Node | None:
    """Compose a file by libyaml, where it is there, and what that refuses by the parser whose words people know."""
    if yaml.__with_libyaml__:
        with suppress(yaml.YAMLError):
            return _without_aliases(text, yaml.CSafeLoader)
    return _without_aliases(text, yaml.SafeLoader)


def _without_aliases(text: str, loader: type[yaml.SafeLoader | yaml.CSafeLoader]) -> yaml.Node | None:
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise yaml.MarkedYAMLError(
                problem="anchors and aliases are not used here",
                problem_mark=event.start_mark,  # type: ignore[arg-type]  # stubs miss the C parser's mark
            )
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            # libyaml would compose it on the stack until the process dies.
            raise RecursionError
    return yaml.compose(text, Loader=loader)


class _Yaml:
    """Turns composed YAML nodes into positioned ones."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self._file = file
        self._problems = problems

    def node(self, node: yaml.Node | None, key: str, line: int) -> Node:
        match node:
            case yaml.ScalarNode():
                return self._made(line, key, str(node.value))
            case yaml.SequenceNode():
                items = (
                    self.node(item, f"{key}[{i}]", item.start_mark.line + 1)
                    for i, item in enumerate(node.value)
                )
                return self._made(line, key, tuple(items))
            case yaml.MappingNode():
                return self._made(line, key, dict(self._entries(node, key)))
        return self._made(line, key, {})

    def _entries(self, node: yaml.MappingNode, key: str) -> Iterator[tuple[str, Node]]:
        first: dict[str, int] = {}
        for name, value in node.value:
            line = name.start_mark.line + 1
            if not isinstance(name, yaml.ScalarNode):
                self._made(line, key, None).wrong("a key must be a word, not a list or keys")
                continue
            path = f"{key}.{name.value}" if key else name.value
            if name.value in first:
                self._made(line, path, None).wrong(
                    f"written twice; it is already on line {first[name.value]}"
                )
                continue
            first[name.value] = line
            yield name.value, self.node(value, path, line)

    def _made(self, line: int, key: str, content: str | tuple[Node, ...] | dict[str, Node] | None) -> Node:
        return Node(self._file, line, key, content, self._problems)


def _toml_node(
    file: str, problems: list[Problem], value: Any, key: str, line: int, lines: Mapping[str, int]
) -> Node:
    match value:
        case dict():
            paths = {name: f"{key}.{name}" if key else name for name in value}
            content: Any = {
                name: _toml_node(file, problems, item, paths[name], lines.get(paths[name], line), lines)
                for name, item in value.items()
            }
        case list():
            content = tuple(
                _toml_node(file, problems, item, f"{key}[{i}]", line, lines) for i, item in enumerate(value)
            )
        case bool():
            content = "true" if value else "false"
        case _:
            content = str(value)
    return Node(file, line, key, content, problems)


def _toml_lines(text: str) -> Iterator[tuple[str, int]]:
    """Yield (dotted key, line), the first line of a key last, so that a dictionary keeps it.

    Text inside a multi-line string may add keys that nothing asks for.
    """
    for number, (table, key) in reversed(list(enumerate(_headed(text), 1))):
        yield ".".join(part for part in (table, key) if part), number


def _headed(text: str) -> Iterator[tuple[str, str]]:
    """Yield (table, key) of each line; the key is empty on a line that has none."""
    table = ""
    for line in text.split("\n"):
        header = _TOML_HEADER.fullmatch(line)
        if header:
            table = _bare(header[1])
        key = _TOML_KEY.match(line)
        yield table, _bare(key[1]) if key else ""


def _bare(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))
