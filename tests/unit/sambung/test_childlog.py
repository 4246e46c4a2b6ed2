"""What a child prints is kept, within bounds, and its errors are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from sambung.childlog import ChildLog


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "control cannot go on", "level": "critical"}',
        '{"level":"error","event":"no"}',
        "[Nov 25 07:00:00] ERROR[12][C-1]: res_pjsip.c:1 no transport",
        "Traceback (most recent call last):",
    ],
)
def test_an_error_is_shown_even_if_it_comes_in_two_pieces(tmp_path: Path, line: str) -> None:
    shown: list[str] = []
    log = ChildLog(tmp_path / "c.log", shown.append)
    text = f"all is well\n{line}\nNOERROR[ is none\n".encode()
    log.write(text[:20])
    log.write(text[20:])
    log.close()
    assert shown == [line]
    assert (tmp_path / "c.log").read_bytes() == text


def test_a_full_log_is_put_aside_once(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "c.log", print, keep_bytes=100)
    for number in range(100):
        log.write(f"line {number:03}\n".encode())
    log.close()
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == ["c.log", "c.log.1"]
    assert all(path.stat().st_size < 120 for path in tmp_path.iterdir())
    assert (tmp_path / "c.log").read_bytes().endswith(b"line 099\n")


def test_the_tail_is_of_this_life_and_ends_with_the_last_words(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "c.log", print)
    log.write(b"an earlier life\n")
    log.begin()
    log.write(b"\n".join(b"%d" % n for n in range(30)) + b"\nlast words")
    tail = log.tail()
    log.close()
    assert tail[-1] == "last words"
    assert "an earlier life" not in tail
    assert len(tail) <= 12


def test_a_line_without_end_is_bounded(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "c.log", print)
    for _ in range(100):
        log.write(b"x" * 10_000)
    assert [len(line) for line in log.tail()] == [2_000]
    log.close()
