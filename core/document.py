"""A configuration document in which every value knows its file, line and key.

Accessors do not stop at the first mistake: each notes a ``Problem`` in the document's list and returns something
harmless (the default, or the lowest allowed value), so that one reading tells a person everything there is to mend.
``insist`` turns what was noted into one ``ConfigError``. A scalar is its text, whatever the file's syntax
thinks of it: YAML 1.1 would make ``no`` a boolean and ``08:00`` a number to base 60.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, NamedTuple, TypeAlias

from core.errors import ConfigError, Problem

Content: TypeAlias = "str | tuple[Node, ...] | dict[str, Node] | None"

_SHOWN: Final = 20
# Line breaks, control characters, and halves of characters that no file or terminal takes.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) *(ms|s|min|h)")
_UNIT_MS: Final = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000}
_TRUTH: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class Form(NamedTuple):
    """What a text must look like, for the machine and in words."""

    pattern: re.Pattern[str]
    words: str


IDENTIFIER: Final = Form(
    re.compile(r"[a-z][a-z0-9_-]{0,39}"), "a name of a-z, 0-9, - and _, letter first, 40 at most"
)
TELEPHONE_NUMBER: Final = Form(
    re.compile(r"\+?[0-9]{2,15}"), "a telephone number: 2 to 15 digits, with + or without"
)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands. ``content`` is None for a key that is not there."""

    file: str
    line: int
    """From 1; 0 where there are no lines (a command line)."""
    key: str
    """The path from the top: ``queues.licensing.offer``, ``rows[0].queues``."""
    content: Content
    problems: list[Problem] = field(compare=False, repr=False)
    """Shared by the whole document."""

    @property
    def present(self) -> bool:
        """Whether the key is there."""
        return self.content is not None

    def wrong(self, message: str) -> None:
        """Note that this value cannot be used, and what is allowed."""
        self.problems.append(Problem(self.file, self.line, _printable(self.key), message))

    def text(self, default: str | None = None, *, form: Form | None = None) -> str:
        """Return one line of text; empty if there is none."""
        text = self._scalar("a text", default)
        if text is None:
            return default or ""
        if not text:
            self.wrong("empty; write a text" + ("" if default is None else ", or remove the key"))
        elif _UNPRINTABLE.search(text):
            self.wrong("holds a line break or control character; write it on one line")
        elif form and not form.pattern.fullmatch(text):
            self.wrong(f"{_quoted(text)} is not {form.words}")
        else:
            return text
        return default or ""

    def prose(self) -> str:
        """Return text that may run over several lines, with every run of white space made one space."""
        text = self._scalar("a text", None)
        prose = " ".join(text.split()) if text else ""
        if text is not None and not prose:
            self.wrong("empty; write a text")
        elif _UNPRINTABLE.search(prose):
            self.wrong("holds a control character; write plain text")
        return prose

    def flag(self, default: bool) -> bool:
        """Return yes or no."""
        text = self._scalar("true or false", "")
        if text is None:
            return default
        if text.lower() not in _TRUTH:
            self.wrong(f"{_quoted(text)} is not true or false")
        return _TRUTH.get(text.lower(), default)

    def integer(self, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number from ``low`` to ``high``."""
        return int(self._number(low, high, default, re.compile(r"[+-]?[0-9]{1,15}"), "a whole number"))

    def number(self, low: float, high: float, default: float | None = None) -> float:
        """Return a number from ``low`` to ``high``."""
        return self._number(low, high, default, re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,9})?"), "a number")

    def duration(self, low_ms: int, high_ms: int, default: int | None = None) -> int:
        """Return milliseconds, written with their unit: ``500 ms``, ``20 s``, ``5 min``, ``1 h``."""
        harmless = low_ms if default is None else default
        text = self._scalar("a duration such as 20 s", "" if default is not None else None)
        if text is None:
            return harmless
        match = _DURATION.fullmatch(text)
        if match is None:
            self.wrong(f"{_quoted(text)} is not a duration with its unit, such as 500 ms, 20 s, 5 min or 1 h")
            return harmless
        ms = round(float(match[1]) * _UNIT_MS[match[2]])
        if not low_ms <= ms <= high_ms:
            self.wrong(f"{text} is outside {_duration(low_ms)} to {_duration(high_ms)}")
            return harmless
        return ms

    def choice(self, names: Collection[str], default: str | None = None) -> str:
        """Return one of ``names``; empty if it is none of them and there is no default."""
        text = self._scalar(f"one of {_listed(names)}", default)
        if text is None:
            return default or ""
        if text not in names:
            self.wrong(unknown(text, names))
            return default or ""
        return text

    def day(self) -> date:
        """Return a date written ``2026-12-31``."""
        text = self._scalar("a date such as 2026-12-31", None)
        if text is None:
            return date.min
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        self.wrong(f"{_quoted(text)} is not a date such as 2026-12-31")
        return date.min

    def items(self, *, optional: bool = False) -> Sequence[Node]:
        """Return the nodes of a list. A single scalar is a list of what its commas part."""
        match self.content:
            case tuple(items):
                return items
            case str(text) if text:
                parts = [part.strip() for part in text.split(",")]
                return [Node(self.file, self.line, self.key, part, self.problems) for part in parts]
            case None if optional:
                return ()
            case None:
                self.wrong("missing; a list is needed")
            case _:
                self.wrong("a list is needed" + (", [] for none" if optional else ""))
        return ()

    def entries(self, *, optional: bool = False, names: Form | None = None) -> Mapping[str, Node]:
        """Return the nodes of a mapping with free keys. A key that is not of the form ``names`` is noted and kept,
        so that its mention elsewhere is no second mistake.
        """
        entries = self._mapping("keys with values are needed", optional)
        for name, node in entries.items():
            if names and not names.pattern.fullmatch(name):
                node.wrong(f"{_quoted(name)} is not {names.words}")
        return entries

    def fields(self, *known: str, optional: bool = False) -> Mapping[str, Node]:
        """Return a node for each of the ``known`` keys, present or not; note every other key.

        One mistake is noted once: if there is no mapping at all, or a key is misspelt, what is missing for that
        reason says nothing of it.
        """
        entries = self._mapping(f"keys with values are needed: {_listed(known)}", optional)
        there = isinstance(self.content, dict) or (optional and not self.present)
        excused = set() if there else set(known)
        for name, node in entries.items():
            if name not in known:
                node.wrong(unknown(name, known, "unknown key"))
                excused.add(_nearest(name, known))
        silent = replace(self, problems=[])
        return {
            name: entries.get(name) or (silent if name in excused else self).absent(name) for name in known
        }

    def absent(self, name: str) -> Node:
        """Return the node of a key that this mapping does not have."""
        return Node(self.file, self.line, self.path(name), None, self.problems)

    def path(self, name: str) -> str:
        """Return the key of an entry of this mapping."""
        return f"{self.key}.{name}" if self.key else name

    def _mapping(self, need: str, optional: bool) -> Mapping[str, Node]:
        match self.content:
            case dict(entries):
                return entries
            case None if optional:
                return {}
            case None:
                self.wrong(f"missing; {need}")
            case _:
                self.wrong(need + (", {} for none" if optional else ""))
        return {}

    def _scalar(self, what: str, default: str | None) -> str | None:
        match self.content:
            case str(text):
                return text.strip()
            case None if default is None:
                self.wrong(f"missing; {what} is needed")
            case tuple() | dict():
                self.wrong(f"{what} is needed, not {'a list' if isinstance(self.content, tuple) else 'keys'}")
        return None

    def _number(
        self, low: float, high: float, default: float | None, form: re.Pattern[str], what: str
    ) -> float:
        harmless = low if default is None else default
        text = self._scalar(what, None if default is None else "")
        if text is None:
            return harmless
        if not form.fullmatch(text):
            self.wrong(f"{_quoted(text)} is not {what} from {low} to {high}")
        elif not low <= float(text) <= high:
            self.wrong(f"{text} is outside {low} to {high}")
        else:
            return float(text)
        return harmless


def insist(problems: Sequence[Problem]) -> None:
    """Raise one ``ConfigError`` with every problem, by file and line, if there is any."""
    if problems:
        raise ConfigError(sorted(problems, key=lambda p: (p.file, p.line)))


def unknown(given: str, names: Collection[str], what: str = "unknown") -> str:
    """Say that ``given`` is not among ``names``: the nearest, and all that is allowed."""
    near = _nearest(given, names)
    hint = f' did you mean "{near}"?' if near else ""
    return f"{what} {_quoted(given)};{hint} allowed: {_listed(names)}"


def _nearest(given: str, names: Collection[str]) -> str:
    return next(iter(difflib.get_close_matches(given, names, n=1)), "")


def _listed(names: Collection[str]) -> str:
    shown = list(names)[:_SHOWN]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return (", ".join(shown) or "nothing, none is defined") + more


def _quoted(text: str) -> str:
    return f'"{_printable(text[:60])}{"..." if len(text) > 60 else ""}"'


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _duration(ms: int) -> str:
    for unit in ("h", "min", "s"):
        if ms and ms % _UNIT_MS[unit] == 0:
            return f"{ms // _UNIT_MS[unit]} {unit}"
    return f"{ms} ms"
