"""A Chromium without a window, steered by its DevTools protocol, whose camera and microphone are files.

The protocol goes over a pair of pipes: nobody else on the machine reaches the browser, and it ends with us however we
end. Messages are JSON, each with a zero byte after it. https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from core.errors import Refused, TryLater

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

_FLAGS: Final = (
    "--headless=new",
    "--remote-debugging-pipe",
    # It visits our own pages only; the sandbox works neither for root nor in most containers.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
)
_DEVTOOLS: Final = 'exec "$@" 3<&"$DEVTOOLS_IN" 4>&"$DEVTOOLS_OUT"'
"""It reads from descriptor 3 and writes to 4."""
_LARGEST: Final = 8 << 20
_ANSWER_S: Final = 20.0
_END_S: Final = 5.0


def find(named: str | None) -> str:
    """Return the path of a browser: the one that is named, or the system's. Raises Refused where there is none."""
    for name in (named,) if named else NAMES:
        if path := shutil.which(name):
            return path
    if named:
        raise Refused(f"{named} is no program; name a Chromium with --browser")
    raise Refused(
        "there is no Chromium here; install one (Debian: apt-get install chromium) or name it with --browser"
    )


class _Error(msgspec.Struct):
    message: str


class _Message(msgspec.Struct):
    """An answer, or an event, which has no id."""

    id: int = 0
    result: dict[str, Any] = {}
    error: _Error | None = None


class Browser:
    """One running browser with one page. Open it with `open_browser`."""

    def __init__(self, reader: asyncio.StreamReader, pipe: asyncio.WriteTransport) -> None:
        self._reader = reader
        self._pipe = pipe
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._session = ""
        self._ended = False

    async def read(self) -> None:
        """Take answers until the browser ends."""
        with suppress(asyncio.IncompleteReadError, OSError):
            while True:
                raw = await self._reader.readuntil(b"\0")
                message = msgspec.json.decode(raw[:-1], type=_Message)
                waiting = self._waiting.get(message.id)
                if waiting is None or waiting.done():
                    continue
                if message.error is not None:
                    waiting.set_exception(TryLater(f"the browser says: {message.error.message}"))
                else:
                    waiting.set_result(message.result)
        self._ended = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(TryLater("the browser has ended"))

    async def prepare(self, script: str) -> None:
        """Open the page; ``script`` runs in each document before the document's own."""
        made = await self._ask("Target.createTarget", {"url": "about:blank"})
        flat = {"targetId": made["targetId"], "flatten": True}
        self._session = (await self._ask("Target.attachToTarget", flat))["sessionId"]
        await self._ask("Page.enable")
        await self._ask("Page.addScriptToEvaluateOnNewDocument", {"source": script})

    async def open(self, url: str) -> None:
        """Go to an address. Raises TryLater where there is no page."""
        gone = await self._ask("Page.navigate", {"url": url})
        if gone.get("errorText"):
            raise TryLater(f"{url} does not open: {gone['errorText']}")

    async def run(self, expression: str) -> Any:
        """Return the value of JavaScript; a promise's when it is kept. Raises TryLater with what it throws."""
        how = {"expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        done = await self._ask("Runtime.evaluate", how)
        if thrown := done.get("exceptionDetails"):
            what = thrown.get("exception", {}).get("description") or thrown.get("text", "")
            raise TryLater(f"the page says: {what.splitlines()[0] if what else 'nothing'}")
        return done["result"].get("value")

    async def call(self, function: str, *arguments: object) -> Any:
        """Return what a function of the page answers."""
        return await self.run(f"{function}(...{msgspec.json.encode(arguments).decode()})")

    async def _ask(self, method: str, parameters: Mapping[str, object] | None = None) -> dict[str, Any]:
        if self._ended:
            raise TryLater("the browser has ended")
        number = next(self._ids)
        message = {"id": number, "method": method, "params": parameters or {}}
        if self._session:
            message["sessionId"] = self._session
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self._pipe.write(msgspec.json.encode(message) + b"\0")
            async with asyncio.timeout(_ANSWER_S):
                return await answer
        except TimeoutError:
            raise TryLater(f"the browser does not answer {method} within {_ANSWER_S:g} s") from None
        finally:
            del self._waiting[number]


@asynccontextmanager
async def open_browser(program: str, folder: Path, picture: Path, sound: Path) -> AsyncIterator[Browser]:
    """Run a browser with its files in ``folder``, which exists. It is ended, and waited for, with the block.

    Its camera shows ``picture``, a YUV4MPEG2 file, again and again; its microphone hears ``sound``, a WAV file.
    """
    flags = (
        *_FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        f"--use-file-for-fake-video-capture={picture}",
        f"--use-file-for-fake-audio-capture={sound}",
    )
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    numbers = {"DEVTOOLS_IN": str(theirs_in), "DEVTOOLS_OUT": str(theirs_out)}
    try:
        with (folder / "browser.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                *("bash", "-c", _DEVTOOLS, "bash", program, *flags),
                env={**os.environ, **numbers, "HOME": str(folder)},
                pass_fds=(theirs_in, theirs_out),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
    finally:
        os.close(theirs_in)
        os.close(theirs_out)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_LARGEST)
    incoming, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours_in, "rb", 0)
    )
    outgoing, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(ours_out, "wb", 0))
    browser = Browser(reader, outgoing)
    reading = loop.create_task(browser.read(), name="browser")
    try:
        yield browser
    finally:
        outgoing.close()
        try:
            await asyncio.wait_for(process.wait(), _END_S)
        except TimeoutError:
            process.kill()
            await process.wait()
        incoming.close()
        await reading
