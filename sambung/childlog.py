"""What a child process prints: kept in a file of bounded size, its errors shown on the console at once."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

_KEEP_BYTES: Final = 10_000_000
_LONGEST_LINE: Final = 2_000
_TAIL_LINES: Final = 12

_LOUD: Final = re.compile(rb'"level": ?"(?:error|critical)"|\[(?:error|critical) *\]|\bERROR\[|^Traceback ')
"""An error in structlog's JSON or console form, in Asterisk's form, or an uncaught exception."""


class ChildLog:
    """The log of one child, over all its lives. Once it is full it is put aside as ``<name>.log.1``."""

    def __init__(self, path: Path, loud: Callable[[str], None], keep_bytes: int = _KEEP_BYTES) -> None:
        """``loud`` is called with each line that reports an error."""
        self.path = path
        self._loud = loud
        self._keep_bytes = keep_bytes
        self._file = path.open("ab", buffering=0)
        self._rest = b""
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)

    def begin(self) -> None:
        """Another life begins: `tail` speaks of it alone."""
        self._tail.clear()
        self._rest = b""

    def write(self, data: bytes) -> None:
        """Keep what the child printed. A full disk costs the log, never the child."""
        try:
            if self._file.tell() > self._keep_bytes:
                self._rotate()
            self._file.write(data)
        except OSError as e:
            self._loud(f"{self.path} cannot be written: {e.strerror}")
        *lines, rest = (self._rest + data).split(b"\n")
        # A child that never ends its line must not fill our memory.
        self._rest = rest[:_LONGEST_LINE]
        for line in lines:
            self._take(line)

    def tail(self) -> list[str]:
        """Return the last lines of this life."""
        if self._rest:
            self._take(self._rest)
            self._rest = b""
        return list(self._tail)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _take(self, line: bytes) -> None:
        text = line[:_LONGEST_LINE].decode(errors="replace").rstrip()
        if text:
            self._tail.append(text)
        if _LOUD.search(line):
            self._loud(text)

    def _rotate(self) -> None:
        self.path.replace(self.path.with_name(self.path.name + ".1"))
        self._file.close()
        self._file = self.path.open("ab", buffering=0)
