"""Single entries of a file written as YAML, in the style of the shipped files. Pure."""

from __future__ import annotations

from typing import Any, Final

import yaml

from sambung.administration_data import Data

WIDTH: Final = 110
_LONG: Final = 100
"""A text above so many characters is folded."""

_STR: Final = "tag:yaml.org,2002:str"
_SEQ: Final = "tag:yaml.org,2002:seq"
_MAP: Final = "tag:yaml.org,2002:map"
_QUOTES: Final = ("'", '"')
_RESOLVER: Final = yaml.resolver.Resolver()


class _Dumper(yaml.SafeDumper):
    """Lists are indented below their key, as in the shipped files."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


def entry(
    key: str, value: Data, column: int, old: yaml.ScalarNode | None = None, *, top: bool = False
) -> str:
    """Return the lines of an entry whose key stands at ``column``; the first is indented too.

    ``old`` is the text it had, whose quotes are kept. A mapping at the ``top`` of a file has a line for each key.
    """
    written = _value(value, column + len(key) + 2, old, block=top)
    return _lines(yaml.MappingNode(_MAP, [(_scalar(key), written)], flow_style=False), column)


def item(value: Data, column: int, old: yaml.ScalarNode | None = None) -> str:
    """Return the lines of a list's item whose dash stands at ``column``."""
    return _lines(yaml.SequenceNode(_SEQ, [_value(value, column + 2, old)], flow_style=False), column)


def _lines(node: yaml.Node, column: int) -> str:
    made: str = yaml.serialize(node, Dumper=_Dumper, allow_unicode=True, width=WIDTH - column)
    return "".join(f"{' ' * column}{line}" if line.strip() else line for line in made.splitlines(True))


def _value(value: Data, column: int, old: yaml.ScalarNode | None = None, *, block: bool = False) -> yaml.Node:
    if isinstance(value, str):
        return _scalar(value, old, fold=True)
    flow = _flow(value)
    simple = isinstance(value, list) and all(isinstance(one, str) for one in value)
    if not value or simple or (not block and column + len(_lines(flow, 0)) <= WIDTH):
        return flow
    if isinstance(value, list):
        return yaml.SequenceNode(_SEQ, [_value(one, column + 2) for one in value], flow_style=False)
    pairs = [(_scalar(key), _value(one, column + len(key) + 2)) for key, one in value.items()]
    return yaml.MappingNode(_MAP, pairs, flow_style=False)


def _flow(value: Data) -> yaml.Node:
    match value:
        case list():
            return yaml.SequenceNode(_SEQ, [_flow(one) for one in value], flow_style=True)
        case dict():
            pairs = [(_scalar(key), _flow(one)) for key, one in value.items()]
            return yaml.MappingNode(_MAP, pairs, flow_style=True)
    return _scalar(value)


def _scalar(text: str, old: yaml.ScalarNode | None = None, *, fold: bool = False) -> yaml.ScalarNode:
    if not text:
        return yaml.ScalarNode(_STR, text, style='"')
    if fold and "\n" in text:
        return yaml.ScalarNode(_STR, text, style="|")
    if fold and len(text) > _LONG:
        return yaml.ScalarNode(_STR, text, style=">")
    if old is not None and old.style in _QUOTES:
        return yaml.ScalarNode(_STR, text, style=old.style)
    # With the tag that its form suggests it needs no quotes: whoever reads it takes the text.
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    return yaml.ScalarNode(tag, text)
