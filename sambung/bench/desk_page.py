"""How long a browser that was never here takes to show the desk."""

from __future__ import annotations

import asyncio
import statistics
from pathlib import Path
from typing import Final

from core.errors import Refused
from sambung.bench.table import Figure
from sambung.drill_video_browser import find, open_browser

_TURNS: Final = 3
_SHOWN: Final = """new Promise((done, failed) => {
    const look = () => {
        if (document.querySelector('.top-bar .presence')) requestAnimationFrame(() => done(performance.now()));
        else if (performance.now() > 15_000) failed(new Error('the desk does not show'));
        else setTimeout(look, 2);
    };
    look();
})"""


async def first_load(address: str, token: str, folder: Path) -> list[Figure]:
    """Return the milliseconds from asking for the desk to its first picture, the median of three new browsers.

    ``token`` is that of an agent's session. Nothing is returned where there is no Chromium.
    """
    try:
        program = find(None)
    except Refused:
        return []
    taken = [await _turn(program, address, token, folder / f"browser{turn}") for turn in range(_TURNS)]
    return [Figure("first load of the desk, new browser", statistics.median(taken), "ms")]


async def _turn(program: str, address: str, token: str, folder: Path) -> float:
    await asyncio.to_thread(folder.mkdir)
    async with open_browser(program, folder, folder / "none.y4m", folder / "none.wav") as browser:
        await browser.prepare("")
        # A page of the same origin that loads nothing of the desk.
        await browser.open(f"{address}/api/v1/sign-in-ways")
        await browser.run(f"document.cookie = 'sambung={token}; path=/'")
        await browser.open(f"{address}/meja")
        return float(await browser.run(_SHOWN))
