"""When control looks for garbage: by the clock, so that no step of the line stands still for it."""

from __future__ import annotations

import asyncio
import gc
from typing import Final

EVERY_S: Final = 600.0

_NEVER: Final = 1_000_000_000


def settle() -> None:
    """Set aside all that is there, and have only young objects looked through automatically.

    To look through thousands of waiting contacts takes tens of milliseconds, and they are no garbage.
    """
    young, middle, _ = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(young, middle, _NEVER)


async def collect() -> None:
    """Look through everything that came since ``settle``, now and then, until cancelled."""
    while True:
        await asyncio.sleep(EVERY_S)
        gc.collect()
