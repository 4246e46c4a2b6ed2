"""The project's own files, as the architecture tests look at them."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@cache
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def folders() -> list[str]:
    """Return the project's packages: the boxes of the architecture."""
    names: list[str] = project()["tool"]["importlinter"]["root_packages"]
    return names


def sources() -> Iterator[Path]:
    for folder in folders():
        yield from sorted((ROOT / folder).rglob("*.py"))


def tracked() -> list[Path]:
    """Return every file that belongs to the project, as git sees it, whoever owns the checkout."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [file for file in files if file.is_file()]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that ``path`` imports when it runs, in full; what only a type checker reads is left out."""
    for node in _running(tree(path)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for alias in names:
                    whole = f"{module}.{alias.name}"
                    yield whole if module_file(whole) else module


def module_file(name: str) -> Path | None:
    """Return the file of one of the project's modules."""
    if name.partition(".")[0] not in folders():
        return None
    path = ROOT.joinpath(*name.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


def _running(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _running(child)
