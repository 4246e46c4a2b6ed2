"""How fast a page in a call may say something. Pure: time is an argument."""

from __future__ import annotations

from typing import Final

BURST: Final = 40
"""Messages at once: a page that comes back sends again what it had not got through."""
EVERY_S: Final = 0.2


class Pace:
    """One page's turns: so many at once, then one every so many seconds (a leaky bucket)."""

    def __init__(self, burst: int = BURST, every_s: float = EVERY_S) -> None:
        self._spare_s = burst * every_s
        self._every_s = every_s
        self._free_at = 0.0
        """When everything taken so far will have had its time."""

    def wait_s(self, now: float) -> float:
        """Take a turn at ``now`` (seconds); return for how long nothing more is to be read after it."""
        self._free_at = max(self._free_at, now) + self._every_s
        return max(self._free_at - now - self._spare_s, 0.0)
