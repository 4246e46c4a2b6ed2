"""Running Asterisk: the command that starts it, when it is ready, and its console."""

from __future__ import annotations

import asyncio
from typing import Final

from core.errors import Refused, TryLater
from pbx.render import control_socket
from pbx.root import AsteriskInstall
from pbx.settings import AsteriskSettings

_POLL_S: Final = 0.1
_RELOADED: Final = ("res_pjsip.so", "pbx_config.so", "app_queue.so")


def command(install: AsteriskInstall, settings: AsteriskSettings) -> tuple[str, ...]:
    """Return the command that runs Asterisk in the foreground as the calling user."""
    return (*install.command, "-C", _conf(settings), "-f")


async def console(
    install: AsteriskInstall, settings: AsteriskSettings, line: str, within_s: float = 5.0
) -> str:
    """Return what Asterisk's console answers to ``line``.

    Raises ``Refused`` for a line that is not one line of printable text, ``TryLater`` when Asterisk is not
    there or does not answer in time.
    """
    if not line.isprintable():
        raise Refused("A console command is one line of printable text.")
    process = await asyncio.create_subprocess_exec(
        *install.command,
        "-C",
        _conf(settings),
        "-rx",
        line,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), within_s)
    except TimeoutError:
        raise TryLater(f"Asterisk's console did not answer in {within_s:g} seconds.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise TryLater("Asterisk is not running.")
    return said.decode(errors="replace")


async def reload(install: AsteriskInstall, settings: AsteriskSettings) -> None:
    """Take over phones, dialplan and queue as they are on the disk now; calls go on. Errors as ``console``.

    The manager account has no right to do this: the same right loads modules and starts programs.
    """
    for module in _RELOADED:
        await console(install, settings, f"module reload {module}")


async def wait_ready(install: AsteriskInstall, settings: AsteriskSettings, within_s: float = 30.0) -> None:
    """Return once every module is loaded. Raises ``TryLater`` after ``within_s``."""
    try:
        async with asyncio.timeout(within_s):
            while not await _booted(install, settings):  # noqa: ASYNC110 -- another process; nothing to be woken by
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise TryLater(f"Asterisk was not ready after {within_s:g} seconds.") from None


async def _booted(install: AsteriskInstall, settings: AsteriskSettings) -> bool:
    if not control_socket(settings).exists():
        return False
    try:
        return "fully booted" in await console(install, settings, "core waitfullybooted")
    except TryLater:
        return False


def _conf(settings: AsteriskSettings) -> str:
    return str(settings.home.absolute() / "etc" / "asterisk.conf")
