"""Files move to where they are kept; nothing else is touched and nothing leads out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.ids import InteractionId
from recording.spool import Side, Spool

_ID = InteractionId("0123456789abcdef" * 2)
_AT = 1_798_736_399_000
"""2026-12-31 16:59:59 UTC: in Jakarta nearly a new year, in UTC not."""


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    (tmp_path / "spool").mkdir()
    return Spool(tmp_path / "spool", tmp_path / "kept")


def test_only_names_of_recordings_are_seen(spool: Spool, tmp_path: Path) -> None:
    names = [
        f"{_ID}-r.wav",
        f"{_ID}-t.wav",
        f"{_ID}-x.wav",
        f"{_ID}-r.wav.part",
        f"{_ID.upper()}-r.wav",
        f"{_ID}-r.wav\n",
        "..wav",
        "+62811-r.wav",
        "%2e%2e%2fetc-r.wav",
    ]
    for name in names:
        (tmp_path / "spool" / name).touch()
    os.utime(tmp_path / "spool" / names[0], ns=(0, 5_000_000_000))
    os.utime(tmp_path / "spool" / names[1], ns=(0, 7_000_000_000))
    contents = spool.contents()
    assert contents.written == {_ID: 7_000}
    assert contents.strangers == len(names) - 2


def test_a_link_is_not_followed(spool: Spool, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not yours")
    (tmp_path / "spool" / f"{_ID}-r.wav").symlink_to(secret)
    (tmp_path / "spool" / f"{_ID}-t.wav").mkdir()
    assert spool.contents().written == {}
    assert spool.find(_ID, Side.CUSTOMER, _AT) is None
    assert spool.find(_ID, Side.AGENT, _AT) is None


def test_a_leg_is_kept_by_its_utc_day(spool: Spool, tmp_path: Path) -> None:
    (tmp_path / "spool" / f"{_ID}-r.wav").write_bytes(b"hello")
    spool.keep(_ID, Side.CUSTOMER, _AT)
    kept = tmp_path / "kept" / "2026/12/31" / f"{_ID}-customer.wav"
    assert spool.name(_ID, Side.CUSTOMER, _AT) == str(kept.relative_to(tmp_path / "kept"))
    assert kept.read_bytes() == b"hello"
    assert spool.contents().written == {}
    assert spool.find(_ID, Side.CUSTOMER, _AT) == kept
    spool.keep(_ID, Side.CUSTOMER, _AT)
    assert kept.read_bytes() == b"hello"


def test_kept_on_another_disk(tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system to write to")
    (tmp_path / f"{_ID}-t.wav").write_bytes(b"hello")
    os.utime(tmp_path / f"{_ID}-t.wav", ns=(0, 5_000_000_000))
    kept = other / f"sambung-test-{os.getpid()}"
    try:
        spool = Spool(tmp_path, kept)
        spool.keep(_ID, Side.AGENT, _AT)
        target = kept / spool.name(_ID, Side.AGENT, _AT)
        assert target.read_bytes() == b"hello"
        assert target.stat().st_mtime == 5
        assert list(tmp_path.iterdir()) == []
        assert [p for p in kept.rglob("*") if p.is_file()] == [target]
    finally:
        for path in sorted(kept.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        kept.rmdir()


def test_no_spool_yet(tmp_path: Path) -> None:
    assert Spool(tmp_path / "none", tmp_path).contents().written == {}
