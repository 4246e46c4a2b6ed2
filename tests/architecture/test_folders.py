"""Folders are the architecture: each says what it is, and stays readable."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, folders, project, shown, sources, tracked, tree

LONGEST_FILE = 400


def test_folders_import_downwards_only() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run(
        [lint, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_folder_has_its_place_in_the_layers() -> None:
    (layers,) = (c["layers"] for c in project()["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    placed = [name for layer in layers for name in re.split(r"\s*\|\s*", layer)]
    packages = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    assert sorted(placed) == sorted(folders()) == sorted(packages)


@pytest.mark.parametrize("folder", folders())
def test_a_folder_says_what_it_is_what_it_may_import_and_where_to_start(folder: str) -> None:
    text = ast.get_docstring(tree(ROOT / folder / "__init__.py")) or ""
    assert re.search(r"May import|Imports", text), text
    start = re.search(r"Start\s+reading\s+at\s+(\w+\.py)", text)
    modules = [path for path in (ROOT / folder).glob("*.py") if path.name != "__init__.py"]
    if modules or start:
        assert start, f"{folder} does not say where to start reading"
        assert (ROOT / folder / start[1]).is_file(), (
            f"{folder} says to start at {start[1]}, which is not there"
        )


@pytest.mark.parametrize("path", list(sources()), ids=shown)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "no docstring"


def test_no_file_is_too_long_to_read_in_one_go() -> None:
    python = [path for path in tracked() if path.suffix == ".py"]
    long = {
        shown(path): count for path in python if (count := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}
