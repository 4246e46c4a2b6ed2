"""The worker's one UDP port: which datagram is whose, and the way in and out of the hot path.

Nothing is answered before a connectivity check has proven to come from a client that we answered: no other
datagram makes us send anything. What goes wrong with one datagram is counted and touches no other.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from core.errors import Refused
from video import ice
from video.dtls import Certificate, Tunnel
from video.forward import Forwarder, Out
from video.ice import Address, Credentials
from video.streams import Destination

log: Final = structlog.get_logger(__name__)

_AT_ONCE: Final = 64
"""Datagrams taken before anything else gets a turn."""
_LARGEST: Final = 2_048
_BUFFER: Final = 4 * 1024 * 1024
"""One socket for everybody: its buffer has to hold what all send while Python is busy elsewhere."""
_PATHS: Final = 8
"""Addresses from which one client was proven to reach us."""
_REMEMBERED: Final = 256
"""Checks of one client that are recognised when they come again."""
SILENT_S: Final = 30.0
"""A client that has not checked its path for so long is gone (RFC 7675 has it check every five seconds)."""
_MALFORMED: Final = (ValueError, IndexError, KeyError, struct.error)


@dataclass(slots=True)
class EdgeCounters:
    """What came to the port and went no further, since the start; and what could not be sent."""

    unknown: int = 0
    """From an address that has proven nothing."""
    unproven: int = 0
    """Checks without or with wrong integrity, or for nobody."""
    malformed: int = 0
    """Forged, repeated, cut off, or no protocol of ours."""
    failed: int = 0
    """Made our own code raise what it should not; the log has the first."""
    unsent: int = 0


@dataclass(frozen=True, slots=True)
class Client:
    """What an offer says of the connection itself."""

    fingerprints: Sequence[tuple[str, str]]
    """Algorithm and digest of its certificate."""
    sctp_port: int | None
    """None without data channels."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told of a connection."""

    ready: Callable[[], None]
    """Media can flow."""
    gone: Callable[[str], None]
    """It ended by itself; why: see `video.messages.Left`."""
    message: Callable[[str, bytes | str], None]
    """A data channel's label, and what came on it."""


@dataclass(slots=True, eq=False)
class Connection:
    """One client at the network."""

    id: Destination
    tunnel: Tunnel
    start: Callable[[], None]
    """Begins the handshake, once a path is proven."""
    keys: list[Credentials]
    """The newest last; the one before stays until the newest is used."""
    opened_at: float
    paths: list[Address] = field(default_factory=list)
    address: Address | None = None
    """Where packets are sent."""
    checked_at: float = -1.0
    started: bool = False
    checks: dict[bytes, Address] = field(default_factory=dict)
    """The last checks by their transaction."""

    def first_time(self, transaction: bytes, address: Address) -> bool:
        """Whether a check was not copied: who overhears one must not lead the media to another address by it."""
        if self.checks.setdefault(transaction, address) != address:
            return False
        while len(self.checks) > _REMEMBERED:
            del self.checks[next(iter(self.checks))]
        return True


class Edge:
    """The port and its connections."""

    def __init__(self, sock: socket.socket, forwarder: Forwarder, tasks: asyncio.TaskGroup) -> None:
        """``sock`` is bound and not blocking; connections' handshakes run in ``tasks``."""
        self.counters: Final = EdgeCounters()
        self.certificate: Final = Certificate()
        self.taps: dict[Destination, Callable[[bytes], None]] = {}
        """Where the packets of recordings go."""
        self._socket = sock
        self._forwarder = forwarder
        self._tasks = tasks
        self._connections: dict[Destination, Connection] = {}
        self._running: dict[Destination, asyncio.Task[None]] = {}
        self._by_ufrag: dict[str, Connection] = {}
        self._by_path: dict[Address, Connection] = {}

    def listen(self) -> None:
        """Take datagrams from now on."""
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def close(self) -> None:
        """Stop taking datagrams and end every connection."""
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        for id_ in list(self._connections):
            self.hang_up(id_)
        self._socket.close()

    # --- connections ---------------------------------------------------------------------------------------

    def open(self, id_: Destination, client: Client, listener: Listener) -> Credentials:
        """Expect a client and return what it needs to reach us."""
        tunnel = Tunnel(self.certificate, lambda data: self._send_to(id_, data), listener.message)

        async def run() -> None:
            reason = "closed"
            try:
                await tunnel.run(client.fingerprints, client.sctp_port, listener.ready)
            except Refused:
                reason = "handshake"
            except Exception:
                reason = "failed"
                log.exception("a connection failed")
            self._running.pop(id_, None)
            listener.gone(reason)

        def start() -> None:
            self._running[id_] = self._tasks.create_task(run(), name=f"tunnel:{id_}")

        keys = _new_keys()
        connection = Connection(id_, tunnel, start, [keys], time.monotonic())
        self._connections[id_] = connection
        self._by_ufrag[keys.ufrag] = connection
        return keys

    def restart(self, id_: Destination) -> Credentials:
        """Return new credentials for a connection whose network changed; its secrets stay."""
        connection = self._connections[id_]
        keys = _new_keys()
        connection.keys.append(keys)
        self._by_ufrag[keys.ufrag] = connection
        for old in connection.keys[:-2]:
            self._by_ufrag.pop(old.ufrag, None)
        connection.keys = connection.keys[-2:]
        return keys

    def keys(self, id_: Destination) -> Credentials:
        """Return a connection's newest credentials."""
        return self._connections[id_].keys[-1]

    def hang_up(self, id_: Destination) -> None:
        """Forget a connection; what it still sends is a stranger's."""
        connection = self._connections.pop(id_, None)
        if connection is None:
            return
        for keys in connection.keys:
            self._by_ufrag.pop(keys.ufrag, None)
        for path in list(connection.paths):
            self._forget(connection, path)
        if task := self._running.pop(id_, None):
            task.cancel()

    def say(self, id_: Destination, label: str, message: bytes | str) -> bool:
        """Send a message on a data channel of a connection; return whether it was taken."""
        connection = self._connections.get(id_)
        return connection is not None and connection.tunnel.secure and connection.tunnel.say(label, message)

    def silent(self, now: float) -> list[Destination]:
        """Return the connections that nothing proves to be there any more."""
        return [c.id for c in self._connections.values() if now - max(c.checked_at, c.opened_at) > SILENT_S]

    def addresses(self) -> Mapping[Destination, Address | None]:
        """Return where packets to each connection go."""
        return {id_: connection.address for id_, connection in self._connections.items()}

    # --- out -----------------------------------------------------------------------------------------------

    def send(self, out: Out) -> None:
        """Encrypt and send what the hot path wants sent."""
        for packet, to in out:
            if to < 0:
                if tap := self.taps.get(to):
                    tap(packet)
                continue
            connection = self._connections.get(to)
            if connection is None or connection.address is None:
                continue
            tunnel = connection.tunnel
            if not tunnel.secure:
                continue
            try:
                self._socket.sendto(tunnel.protect(packet), connection.address)
            except (OSError, ValueError):
                # As on any network: what cannot be sent now is lost, and asked for again.
                self.counters.unsent += 1

    def _send_to(self, id_: Destination, data: bytes) -> None:
        connection = self._connections.get(id_)
        if connection is not None and connection.address is not None:
            try:
                self._socket.sendto(data, connection.address)
            except OSError:
                self.counters.unsent += 1

    # --- in ------------------------------------------------------------------------------------------------

    def _readable(self) -> None:
        receive = self._socket.recvfrom
        for _ in range(_AT_ONCE):
            try:
                data, address = receive(_LARGEST)
            except BlockingIOError:
                return
            except OSError:
                # An ICMP error of an earlier datagram.
                continue
            try:
                self._take(data, address)
            except _MALFORMED:
                self.counters.malformed += 1
            except Exception:
                self.counters.failed += 1
                if self.counters.failed == 1:
                    log.exception("a datagram made the hot path fail")

    def _take(self, data: bytes, address: Address) -> None:
        first = data[0]
        if 128 <= first <= 191:
            connection = self._by_path.get(address)
            if connection is None or not connection.tunnel.secure:
                self.counters.unknown += 1
            elif 192 <= data[1] <= 223:
                plain = connection.tunnel.unprotect_rtcp(data)
                self.send(self._forwarder.rtcp(connection.id, plain, time.monotonic()))
            else:
                plain = connection.tunnel.unprotect(data)
                self.send(self._forwarder.rtp(connection.id, plain, time.monotonic()))
        elif first <= 3:
            self._check(data, address)
        elif 20 <= first <= 63:
            connection = self._by_path.get(address)
            if connection is None:
                self.counters.unknown += 1
            else:
                connection.tunnel.feed(data)
        else:
            self.counters.malformed += 1

    def _check(self, data: bytes, address: Address) -> None:
        check = ice.read(data)
        connection = self._by_ufrag.get(check.ufrag) if check is not None else None
        if check is None or connection is None:
            self.counters.unproven += 1
            return
        keys = next(keys for keys in connection.keys if keys.ufrag == check.ufrag)
        if not check.proven(keys) or not connection.first_time(check.transaction, address):
            self.counters.unproven += 1
            return
        self._proven(connection, keys, address, nominated=check.nominated)
        try:
            self._socket.sendto(check.answer(keys, address), address)
        except OSError:
            self.counters.unsent += 1
        if not connection.started:
            connection.started = True
            connection.start()

    def _proven(
        self, connection: Connection, keys: Credentials, address: Address, *, nominated: bool
    ) -> None:
        connection.checked_at = time.monotonic()
        if self._by_path.get(address) is not connection:
            self._by_path[address] = connection
            connection.paths.append(address)
            if len(connection.paths) > _PATHS:
                self._forget(
                    connection, next(path for path in connection.paths if path != connection.address)
                )
        if nominated or connection.address is None:
            connection.address = address
        if keys is connection.keys[-1] and len(connection.keys) > 1:
            # The restart has succeeded; the way before it leads nowhere now.
            self._by_ufrag.pop(connection.keys[0].ufrag, None)
            connection.keys = [keys]

    def _forget(self, connection: Connection, path: Address) -> None:
        connection.paths.remove(path)
        if self._by_path.get(path) is connection:
            del self._by_path[path]


def bind(host: str, port: int) -> socket.socket:
    """Return the worker's socket. Raises OSError if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        sock.bind((host, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _new_keys() -> Credentials:
    return Credentials(secrets.token_hex(4), secrets.token_hex(16))
