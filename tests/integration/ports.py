"""Ports that no other test takes meanwhile, in this process or in another on this machine.

A port that was found free may be taken before the server that it is for has started. So each is claimed by a socket
with a name that is no file (unix(7), "abstract"): such names are known to exactly those who share the ports, whatever
folder they take for their root, and the system gives them back when the process ends. All are outside the range from
which the system itself hands out ports for outgoing connections.
"""

from __future__ import annotations

import random
import socket
from collections import deque
from contextlib import closing
from typing import Final

_SINGLE: Final = range(61_000, 65_500)
_SPAN: Final = 400
"""So many for the sound of one Asterisk: 100 calls."""
_SPANS: Final = range(10_000, 32_000, _SPAN)

# Whatever outlives so many claims of one process ended long ago.
_singles: deque[socket.socket] = deque(maxlen=200)
_spans: deque[socket.socket] = deque(maxlen=10)


def free_ports(count: int) -> list[int]:
    """Return ports that are free for UDP and TCP on the loopback."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.choice(_SINGLE)
        if _free(port) and _claim(port, _singles):
            ports.append(port)
    return ports


def free_span() -> int:
    """Return the first of 400 ports for sound."""
    while True:
        first = random.choice(_SPANS)
        if _claim(first, _spans):
            return first


def _free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with closing(socket.socket(socket.AF_INET, kind)) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def _claim(port: int, held: deque[socket.socket]) -> bool:
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        claim.bind(f"\0sambung-test-port-{port}")
    except OSError:
        claim.close()
        return False
    if len(held) == held.maxlen:
        held.popleft().close()
    held.append(claim)
    return True
