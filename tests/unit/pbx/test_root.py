"""Finding an Asterisk, and saying what to do when there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.errors import Refused
from pbx.root import debian_mirror, ensure, locate, major

ONE_LINE = "# a comment\ndeb [signed-by=/k.gpg] http://mirror.example/debian bookworm main\n"
DEB822 = """Types: deb
# http://elsewhere.example/debian
URIs: http://mirror.example/debian/
Suites: bookworm
Components: main
"""
OTHERS = """deb http://mirror.example/debian-security bookworm-security main
deb-src http://mirror.example/debian bookworm main
URIs: https://apt.example/node_20.x
"""


@pytest.mark.parametrize("text", [ONE_LINE, DEB822, OTHERS + ONE_LINE])
def test_the_mirror_is_the_machines_own(text: str) -> None:
    assert debian_mirror([text]) == "http://mirror.example/debian"


def test_several_uris_on_a_line_are_looked_through() -> None:
    assert (
        debian_mirror(["URIs: http://a.example/other http://b.example/debian"]) == "http://b.example/debian"
    )


def test_security_updates_and_other_repositories_are_no_mirror() -> None:
    assert debian_mirror([OTHERS, ""]) is None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6.17.60671434-1", 22),
        ("Asterisk 18.10.0~dfsg+~cs6.10.40431411-2", 18),
        ("1:20.6.0~dfsg+~cs6.13.40431414-2build5", 20),
        ("(none)", 0),
    ],
)
def test_the_release_series_is_read_from_what_asterisk_and_apt_say(said: str, expected: int) -> None:
    assert major(said) == expected


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the system's programs, so that the machine has neither Asterisk nor a tool to fetch it."""
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)


@pytest.mark.usefixtures("bare_machine")
def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert locate(tmp_path) is None


@pytest.mark.usefixtures("bare_machine")
def test_a_half_made_root_is_not_taken_for_an_asterisk(tmp_path: Path) -> None:
    library = tmp_path / "asterisk-forky/usr/lib/x86_64-linux-gnu"
    library.mkdir(parents=True)
    (library / "ld-linux-x86-64.so.2").write_bytes(b"not a loader")
    assert locate(tmp_path) is None


@pytest.mark.usefixtures("bare_machine")
def test_without_mmdebstrap_the_sentence_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="apt-get install mmdebstrap"):
        ensure(tmp_path, lambda line: None)
