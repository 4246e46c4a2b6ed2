"""Purity shows in the file name: these decide, and touch nothing."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.sources import imported, module_file, shown, sources, tree

PURE_NAMES = {"model.py", "step.py", "policy.py", "routing.py", "effects.py"}

LIBRARY = {
    *("__future__", "abc", "array", "bisect", "collections", "dataclasses", "datetime", "decimal", "enum"),
    *("fractions", "functools", "hashlib", "heapq", "itertools", "math", "operator", "re", "statistics"),
    *(
        "string",
        "struct",
        "textwrap",
        "types",
        "typing",
        "unicodedata",
        "zoneinfo",
        "msgspec",
        "typing_extensions",
    ),
}
"""What a decision may import: no clock, no chance, no file, no connection, no log."""

PURE = [path for path in sources() if path.name in PURE_NAMES]


def impure(path: Path, seen: set[Path]) -> Iterator[str]:
    """Yield each import that is out of place, following the project's own modules to the end."""
    seen.add(path)
    for name in imported(path):
        top = name.partition(".")[0]
        # core is below everything and imports the standard library only; core.ids makes ids for shells.
        if top in LIBRARY or top == "core":
            continue
        file = module_file(name)
        if file is None:
            yield f"{shown(path)} imports {name}"
        elif file not in seen:
            yield from impure(file, seen)


def test_there_is_something_to_look_at() -> None:
    assert len(PURE) >= 10
    assert {
        "asyncio",
        "time",
        "random",
        "logging",
        "socket",
        "os",
        "pathlib",
    } <= sys.stdlib_module_names - LIBRARY


@pytest.mark.parametrize("path", PURE, ids=shown)
def test_a_pure_file_imports_nothing_that_acts(path: Path) -> None:
    assert list(impure(path, set())) == []


@pytest.mark.parametrize("path", PURE, ids=shown)
def test_a_pure_file_is_told_the_time(path: Path) -> None:
    calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    clocks = [
        ast.unparse(f) for f in calls if isinstance(f, ast.Attribute) and f.attr in {"now", "utcnow", "today"}
    ]
    assert clocks == []


@pytest.mark.parametrize("path", PURE, ids=shown)
def test_a_pure_file_has_no_coroutines(path: Path) -> None:
    assert not [node for node in ast.walk(tree(path)) if isinstance(node, ast.AsyncFunctionDef | ast.Await)]
