"""The pages: their types, their own tests, and what a browser has to load."""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path
from typing import Final

import msgspec
import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
STATIC: Final = ROOT / "desk" / "static"
SOURCES: Final = ROOT / "desk" / "web" / "src"
SCRIPT_BUDGET: Final = 200_000
"""Bytes of script, packed with gzip, that the desk may load (desk/web is read over office lines)."""
LONGEST_FILE: Final = 400


class _Page(msgspec.Struct):
    routes: tuple[str, ...]
    scripts: tuple[str, ...]
    styles: tuple[str, ...]


def _run(*arguments: str) -> str:
    done = subprocess.run(
        [ROOT / "bin" / "build-web", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def manifest() -> dict[str, _Page]:
    _run()
    return msgspec.json.decode((STATIC / "manifest.json").read_bytes(), type=dict[str, _Page])


def test_types_hold() -> None:
    _run("--check")


def test_the_pages_own_tests_pass() -> None:
    said = _run("--test")
    assert int(re.search(r"# pass (\d+)", said)[1]) > 30  # type: ignore[index]


def test_every_page_loads_less_than_the_budget(manifest: dict[str, _Page]) -> None:
    assert "desk" in manifest
    for name, page in manifest.items():
        packed = {script: len(gzip.compress((STATIC / script).read_bytes(), 9)) for script in page.scripts}
        assert 0 < sum(packed.values()) < SCRIPT_BUDGET, (name, packed)


def test_a_shell_loads_only_files_that_are_there_and_runs_nothing_inline(manifest: dict[str, _Page]) -> None:
    for name in manifest:
        shell = (STATIC / f"{name}.html").read_text()
        for file in re.findall(r'(?:src|href)="/([^"]+)"', shell):
            assert (STATIC / file).is_file(), (name, file)
        assert re.findall(r"<script(?![^>]* src=)[^>]*>|<style|\son\w+=", shell) == [], name


def test_no_page_is_for_developers_only(manifest: dict[str, _Page]) -> None:
    assert not any("komponen" in route for page in manifest.values() for route in page.routes)


def test_what_is_bundled_comes_with_its_licence(manifest: dict[str, _Page]) -> None:
    licences = (STATIC / "assets" / "licences.txt").read_text()
    for package in ("preact", "jssip", "@tabler/icons", "@fontsource-variable/public-sans"):
        assert re.search(rf"^{re.escape(package)}$", licences, re.MULTILINE), package


def test_no_source_grows_too_long() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text().splitlines())
        for file in SOURCES.rglob("*")
        if file.suffix in {".ts", ".tsx"} and file.parent.name != "text"
    }
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_nothing_is_put_into_a_page_as_markup() -> None:
    risky = re.compile(
        r"dangerouslySetInnerHTML|\.(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|\beval\("
    )
    found = [str(file) for file in SOURCES.rglob("*.ts*") if risky.search(file.read_text())]
    assert found == []
