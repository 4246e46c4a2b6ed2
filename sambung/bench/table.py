"""A figure, the table of them, and their JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value, beside a peer's from the same run where there is one."""

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    goal: float | None = None
    """A bound on the ratio to the peer, or on the value (``on``); None if there is no goal."""
    on: Literal["ratio", "value"] = "ratio"
    better: Literal["less", "more"] = "less"

    @property
    def ratio(self) -> float | None:
        """The value divided by the peer's, or None."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def met(self) -> bool | None:
        """Whether the goal was reached; None without one. What could not be measured missed it."""
        if self.goal is None:
            return None
        measured = self.ratio if self.on == "ratio" else self.value
        if measured is None or math.isnan(measured):
            return False
        return measured <= self.goal if self.better == "less" else measured >= self.goal


def to_json(figures: Sequence[Figure]) -> bytes:
    """Return a list of {name, value, unit, peer, peer_value, ratio, goal, met}."""
    rows = [
        {
            "name": figure.name,
            "value": figure.value,
            "unit": figure.unit,
            "peer": figure.peer,
            "peer_value": figure.peer_value,
            "ratio": figure.ratio,
            "goal": figure.goal,
            "met": figure.met,
        }
        for figure in figures
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2)


def to_text(figures: Sequence[Figure]) -> str:
    """Return the table for people. A goal that was missed is shown as missed."""
    head = ("figure", "value", "unit", "peer", "peer's", "ratio", "goal", "")
    rows = [head, *(_row(figure) for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _row(figure: Figure) -> tuple[str, ...]:
    sign = "<=" if figure.better == "less" else ">="
    goal = "" if figure.goal is None else f"{sign} {_short(figure.goal)}{'x' if figure.on == 'ratio' else ''}"
    verdict = {None: "", True: "met", False: "MISSED"}[figure.met]
    peer_value, ratio = _short(figure.peer_value), _short(figure.ratio)
    return (figure.name, _short(figure.value), figure.unit, figure.peer, peer_value, ratio, goal, verdict)


def _short(value: float | None) -> str:
    if value is None:
        return ""
    if math.isnan(value):
        return "none"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
