"""Tell whoever supervises this process that it is ready and alive, and hear that as a supervisor.

The protocol is systemd's (sd_notify(3), sd_watchdog_enabled(3)): datagrams to the socket that
``NOTIFY_SOCKET`` names. `sambung up` speaks the other end, so a process behaves alike under both; started by
hand it reports to nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import Mapping
from typing import Final, Self

import structlog

log: Final = structlog.get_logger(__name__)

_UCRED: Final = struct.Struct("3i")
"""Process, user and group id of a message's sender (unix(7))."""

_REPORTS_PER_PERIOD: Final = 4
"""systemd advises two; four let one report be missed and one be withheld."""


class Notifier:
    """One process's line to its supervisor. Sending never raises: a process works without a listener."""

    def __init__(self, address: str, watchdog_s: float | None) -> None:
        """``address`` is a path, ``@name`` for the abstract namespace, or empty for nobody."""
        self.watchdog_s = watchdog_s
        self._address = "\0" + address[1:] if address.startswith("@") else address

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read ``NOTIFY_SOCKET``, and ``WATCHDOG_USEC`` if it is meant for this process."""
        ours = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        period = environment.get("WATCHDOG_USEC", "")
        watchdog_s = int(period) / 1e6 if ours and period.isdecimal() and int(period) else None
        return cls(environment.get("NOTIFY_SOCKET", ""), watchdog_s)

    def ready(self, status: str = "") -> None:
        """All that this process needs is there, and it does its work from now on."""
        self._send("READY=1", status)

    def alive(self) -> None:
        """The event loop turns."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """Say in one line what this process is doing."""
        self._send("", text)

    def stopping(self, status: str = "") -> None:
        """The process is ending of its own accord."""
        self._send("STOPPING=1", status)

    def _send(self, state: str, status: str = "") -> None:
        if not self._address:
            return
        lines = [state] if state else []
        if status:
            lines.append("STATUS=" + " ".join(status.split()))
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.setblocking(False)
                line.sendto("\n".join(lines).encode(), self._address)
        except OSError as e:
            log.warning("the supervisor cannot be told", reason=e.strerror)


async def watchdog(notifier: Notifier) -> None:
    """Report that the loop is alive until cancelled; return at once if nobody asked for it.

    A loop that lags by more than a report's period is not reported alive: a process that answers seconds late
    is of no more use to callers than a dead one, and the supervisor ends it when the lag lasts.
    """
    if notifier.watchdog_s is None:
        return
    loop = asyncio.get_running_loop()
    period = notifier.watchdog_s / _REPORTS_PER_PERIOD
    notifier.alive()
    while True:
        due = loop.time() + period
        await asyncio.sleep(period)
        lag = loop.time() - due
        if lag <= period:
            notifier.alive()
        else:
            log.warning("the event loop lags", lag_ms=round(lag * 1000))


class NotifySocket:
    """The supervisor's end, on which one child reports.

    Its name is the kernel's choice in the abstract namespace: no file to remove, no limit on the length of a
    path. Anybody on the machine may write to it, so the kernel is asked who did (unix(7), ``SO_PASSCRED``).
    """

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind("")
        self.address: Final[str] = "@" + self._socket.getsockname()[1:].decode()

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._socket.fileno()

    def received(self) -> list[tuple[int, list[str]]]:
        """Return what has come: each message's sender by process id, and its lines."""
        messages: list[tuple[int, list[str]]] = []
        with contextlib.suppress(BlockingIOError):
            while True:
                data, ancillary, _, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(_UCRED.size))
                for level, kind, credentials in ancillary:
                    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
                        pid, _, _ = _UCRED.unpack(credentials)
                        messages.append((pid, data.decode(errors="replace").splitlines()))
        return messages

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()
