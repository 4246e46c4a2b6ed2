"""Memory of the control process: garbage is looked for by the clock, and the C library's heap stays in one piece."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from typing import Final

EVERY_S: Final = 600.0

_NEVER: Final = 1_000_000_000

_M_MMAP_THRESHOLD: Final = -3
"""See mallopt(3)."""

_LARGE: Final = 131_072
"""What glibc begins with. Once a larger block was freed it takes all up to that size from its heap, too."""


def keep_large_apart() -> bool:
    """Have blocks of 128 KiB and more mapped and unmapped one by one; return whether the C library can (glibc).

    asyncio reads into 256 KiB, many times for each call. In the heap, what such a block leaves behind is split for
    small ones, the next finds no room, and the heap grows by a kilobyte and a half a call though nothing is held.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and mallopt(_M_MMAP_THRESHOLD, _LARGE) == 1


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
