"""A flow's drawing as SVG: columns by the number of steps, each way out a row of its box. Pure.

A line is drawn to the node that a way leads to first; wherever else it is led to, the row says its name. So no
line crosses a box, and few cross one another.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Final

from ivr.model import LINE, Flow
from ivr.picture import Box, Texts, boxes

_WIDTH: Final = 268
_GAP_X: Final = 64
_GAP_Y: Final = 18
_ROW: Final = 17
_HEAD: Final = 24
_PAD: Final = 8
_LETTERS: Final = 42
"""So many letters of 11 px fit into a row."""
_MARGIN: Final = 24
_TITLE: Final = 34
_FILLS: Final = {
    "say": "#eef2f7",
    "menu": "#dbeafe",
    "collect": "#dbeafe",
    "survey": "#dbeafe",
    "hours": "#fef3c7",
    "branch": "#fef3c7",
    "status": "#fef3c7",
    "queue": "#dcfce7",
    "callback": "#ede9fe",
    "voicemail": "#ede9fe",
    "hangup": "#fee2e2",
}
_PLAIN: Final = "#f3f4f6"


@dataclass(slots=True)
class _Placed:
    box: Box
    lines: list[str]
    x: int
    y: int = 0

    @property
    def height(self) -> int:
        return _HEAD + _PAD + _ROW * (len(self.lines) + len(self.box.exits))

    def row(self, i: int) -> int:
        """Return the middle of the row of the exit number ``i``."""
        return self.y + _HEAD + _ROW * (len(self.lines) + i) + _ROW // 2


def svg(flow: Flow, texts: Texts, title: str) -> Iterator[str]:
    """Yield the lines of an SVG file."""
    found = boxes(flow, texts)
    children = _children(found)
    placed: dict[str, _Placed] = {}
    y = _MARGIN + _TITLE
    for root in (name for name, box in found.items() if not box.parent):
        y += _place(root, 0, y, (found, children, placed)) + _GAP_Y
    width = max(one.x for one in placed.values()) + _WIDTH + _MARGIN
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y + _MARGIN}" '
        f'viewBox="0 0 {width} {y + _MARGIN}" font-family="system-ui, sans-serif" font-size="11">'
    )
    yield '<rect width="100%" height="100%" fill="#ffffff"/>'
    operator = flow.operator
    words = f"{title}   (key {operator.key} in any other question: {operator.next})" if operator else title
    yield (
        f'<text x="{_MARGIN}" y="{_MARGIN + 12}" font-size="16" font-weight="600" fill="#111827">'
        f"{escape(words)}</text>"
    )
    for one in placed.values():
        yield from _lines(one, children, placed)
    for one in placed.values():
        yield from _drawn(one, children)
    yield "</svg>"


def _children(found: Mapping[str, Box]) -> dict[str, list[str]]:
    """Return for each node those that are led to from it first, in the order of its rows."""
    return {
        name: [to for _, to in box.exits if to in found and found[to].parent == name]
        for name, box in found.items()
    }


def _place(
    name: str,
    column: int,
    y: int,
    drawing: tuple[Mapping[str, Box], Mapping[str, list[str]], dict[str, _Placed]],
) -> int:
    """Place a node in the middle beside those that follow it, and return the height of all."""
    found, children, placed = drawing
    box = found[name]
    one = _Placed(box, textwrap.wrap(box.summary, _LETTERS), _MARGIN + column * (_WIDTH + _GAP_X))
    below = y
    for child in children[name]:
        below += _place(child, column + 1, below, drawing) + _GAP_Y
    height = max(one.height, below - y - _GAP_Y)
    one.y = y + (height - one.height) // 2
    placed[name] = one
    return height


def _lines(one: _Placed, children: Mapping[str, list[str]], placed: Mapping[str, _Placed]) -> Iterator[str]:
    for i, (_, to) in enumerate(one.box.exits):
        if to in children[one.box.name]:
            x1, y1, x2, y2 = one.x + _WIDTH, one.row(i), placed[to].x, placed[to].y + _HEAD // 2
            bend = (x2 - x1) // 2
            yield (
                f'<path d="M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}" fill="none" '
                f'stroke="#6b7280" stroke-width="1.3"/>'
            )
            yield f'<path d="M{x2},{y2} l-7,-4 v8 z" fill="#6b7280"/>'


def _drawn(one: _Placed, children: Mapping[str, list[str]]) -> Iterator[str]:
    box, x, y = one.box, one.x, one.y
    fill = _FILLS.get(box.kind, _PLAIN)
    yield (
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{one.height}" rx="6" fill="{fill}" '
        f'stroke="#9ca3af"/>'
    )
    yield (
        f'<text x="{x + 10}" y="{y + 16}" font-size="12" font-weight="600" fill="#111827">{escape(box.name)}'
        f'<tspan fill="#4b5563" font-weight="400">  {box.kind}</tspan></text>'
    )
    for i, line in enumerate(one.lines):
        yield f'<text x="{x + 10}" y="{y + _HEAD + _ROW * i + 12}" fill="#374151">{escape(line)}</text>'
    for i, (label, to) in enumerate(box.exits):
        end = "" if to in children[box.name] else f" → {'back in line' if to == LINE else to}"
        words = textwrap.shorten(label, _LETTERS - len(end), placeholder="…") + end
        yield (
            f'<text x="{x + _WIDTH - 10}" y="{one.row(i) + 4}" text-anchor="end" fill="#1f2937" '
            f'font-weight="500">{escape(words)}</text>'
        )
