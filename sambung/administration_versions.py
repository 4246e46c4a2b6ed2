"""How the file on disk and the versions written down agree, and what differs between two versions. Pure."""

from __future__ import annotations

import difflib
import hashlib
from typing import Final, NamedTuple

from store.versions import Kept

_MOST_LINES: Final = 400
_MOST_CHARACTERS: Final = 40_000
_MOST_COMPARED: Final = 20_000
"""Lines of a file above which it is not compared."""


class Settling(NamedTuple):
    """What has to be written down for a file and its newest version to agree."""

    drop: bool = False
    """The newest version was never written to the file: whoever asked for it was told of no success."""
    mark: bool = False
    """It was; only that was not written down."""
    outside: bool = False
    """The file is what no version says: somebody changed it by hand."""


class Difference(NamedTuple):
    """What changed from one text to the next."""

    added: int
    removed: int
    diff: str


def digest_of(content: bytes | None) -> str:
    """Return the SHA-256 of a file; empty where there is none."""
    return "" if content is None else hashlib.sha256(content).hexdigest()


def settling(newest: Kept | None, before: Kept | None, digest: str) -> Settling:
    """Return what to do for a file of ``digest`` whose two newest versions are these."""
    if newest is None:
        return Settling(outside=bool(digest))
    if newest.written:
        return Settling(outside=newest.digest != digest)
    if newest.digest == digest:
        return Settling(mark=True)
    return Settling(drop=True, outside=digest != (before.digest if before else ""))


def difference(old: str, new: str) -> Difference:
    """Return what changed, line by line, cut off where it is long."""
    was, now = old.splitlines(), new.splitlines()
    if max(len(was), len(now)) > _MOST_COMPARED:
        return Difference(len(now), len(was), "")
    lines = list(difflib.unified_diff(was, now, lineterm="", n=2))[2:]
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    shown = "\n".join(lines[:_MOST_LINES])[:_MOST_CHARACTERS]
    cut = len(lines) > _MOST_LINES or len(shown) == _MOST_CHARACTERS
    return Difference(added, removed, shown + ("\n..." if cut else ""))
