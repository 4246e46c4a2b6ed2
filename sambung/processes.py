"""What `sambung up` leaves below the home for `sambung status`: which processes run, since when.

One `up` owns a home at a time; the kernel drops the lock when it ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from core.errors import Refused

_LOCK: Final = "run/up.lock"
_REPORT: Final = "run/processes.json"


class Process(msgspec.Struct, frozen=True):
    """One process of the centre. Times are UTC milliseconds."""

    name: str
    phase: str
    """See `sambung.policy.Phase`."""
    pid: int | None
    since_ms: int
    """When the phase began."""
    restarts: int
    status: str
    """What the process itself says it is doing."""


class Report(msgspec.Struct, frozen=True):
    """All processes of one `sambung up`."""

    pid: int
    since_ms: int
    processes: tuple[Process, ...]


@contextmanager
def hold(home: Path) -> Iterator[None]:
    """Own ``home`` until the end of the block. Raises ``Refused`` if another `up` has it."""
    path = home / _LOCK
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        # `read` holds the lock for a moment to see whether anybody has it.
        for patience in (0.05, 0.05, 0.05, 0.0):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(patience)
        else:
            raise Refused(
                f"`sambung up` already runs on {home}; stop it first, or give another folder with --home."
            )
        try:
            yield
        finally:
            (home / _REPORT).unlink(missing_ok=True)


def write(home: Path, report: Report) -> None:
    """Replace the report; a reader sees the old one or the new one, never a part."""
    path = home / _REPORT
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_bytes(msgspec.json.format(msgspec.json.encode(report)))
    draft.replace(path)


def read(home: Path) -> Report | None:
    """Return the report of the `up` that runs on ``home``, or None if none does."""
    try:
        with (home / _LOCK).open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except FileNotFoundError:
        return None
    except BlockingIOError:
        pass
    try:
        return msgspec.json.decode((home / _REPORT).read_bytes(), type=Report)
    except FileNotFoundError:
        return None
