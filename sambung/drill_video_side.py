"""One side of the drill by video: a browser, by what it is known, and what it sees and hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from core.errors import TryLater
from sambung.drill_timeline import until
from sambung.drill_video_browser import Browser, open_browser
from sambung.drill_video_media import Face, write_picture, write_sound

# Longer than anybody would wait: a process that starts again on a busy machine takes its time.
_PAGE_S: Final = 60.0
_MEDIA_S: Final = 60.0
_FRAMES: Final = 20
_NEAR_HZ: Final = 25.0
_AUDIBLE_DB: Final = -70.0
_SCRIPT: Final = Path(__file__).with_name("drill_video_page.js")


class Side:
    """One of the two, with a browser."""

    def __init__(self, name: str, browser: Browser, face: Face) -> None:
        self.name = name
        self.face = face
        self._browser = browser

    async def open(self, url: str) -> None:
        """Go to an address."""
        await self._browser.open(url)

    async def ask(self, function: str, *arguments: object) -> Any:
        """Return what a function of ``drill_video_page.js`` answers."""
        return await self._browser.call(f"drill.{function}", *arguments)

    async def does(self, function: str, *arguments: object) -> None:
        """Do something as soon as the page lets one."""
        what = f"{function} {arguments[0]!r}" if arguments else function
        await self.until(lambda: self.ask(function, *arguments), f"{self.name} cannot {what}")

    async def on(self, screen: str, within: float = _PAGE_S) -> None:
        """Wait for a screen of the visitor's page."""

        async def there() -> bool:
            return bool(await self.ask("screen") == screen)

        await self.until(there, f"the page does not show {screen!r}", within)

    async def until(self, look: Callable[[], Any], otherwise: str, within: float = _PAGE_S) -> None:
        """Wait for something of the page; where it does not come, say what the page shows."""
        try:
            await until(look, within, otherwise)
        except TryLater as late:
            shown = f"{await self.ask('screen')} {await self.ask('alarm')}".strip()
            raise TryLater(f"{late}; the page shows {shown}" if shown else str(late)) from None

    async def sees(self, colour: str, within: float = _MEDIA_S) -> int:
        """Wait until a picture of that colour moves, and return how many frames of it were decoded."""
        before = -1

        async def moves() -> int:
            nonlocal before
            count = int(await self.ask("frames", colour))
            # A picture that comes anew counts from nothing.
            before = count if before < 0 or count < before else before
            return count if before >= 0 and count >= before + _FRAMES else 0

        return await until(moves, within, f"no {colour} picture moves")

    async def hears(self, hertz: int, within: float = _MEDIA_S) -> tuple[float, float]:
        """Wait until a tone is the strongest of what is heard, and return its frequency and level."""
        last = {"hz": 0.0, "db": -200.0}

        async def sounds() -> bool:
            last.update(await self.ask("hear"))
            return abs(last["hz"] - hertz) < _NEAR_HZ and last["db"] > _AUDIBLE_DB

        try:
            await until(sounds, within, f"{hertz} Hz is not heard")
        except TryLater as late:
            raise TryLater(f"{late}; {last['hz']:.0f} Hz at {last['db']:.0f} dB is") from None
        return last["hz"], last["db"]


@asynccontextmanager
async def open_side(name: str, face: Face, program: str, folder: Path) -> AsyncIterator[Side]:
    """Run one side's browser, with a camera and a microphone of its own."""
    picture, sound = await asyncio.to_thread(_props, face, folder)
    async with open_browser(program, folder, picture, sound) as browser:
        await browser.prepare(_SCRIPT.read_text(encoding="utf-8"))
        yield Side(name, browser, face)


def _props(face: Face, folder: Path) -> tuple[Path, Path]:
    """Write what a side's camera shows and its microphone hears."""
    folder.mkdir()
    picture, sound = folder / "camera.y4m", folder / "microphone.wav"
    write_picture(picture, face.colour)
    write_sound(sound, face.hz)
    return picture, sound
