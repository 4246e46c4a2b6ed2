"""The way in from closed networks: coturn on TLS, for the worker's address alone (RFC 8656). Pure.

A client gets a name and a password that end by themselves (the "TURN REST" scheme that coturn calls use-auth-secret).
coturn relays to the workers and to nothing else: without that, whoever has a password has a door into our network.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

LIFETIME_S: Final = 3_600
"""How long credentials hold. An allocation that is in use goes on."""


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """A coturn beside the workers."""

    urls: tuple[str, ...]
    """As a browser wants them: ``turns:turn.example.go.id:443?transport=tcp``."""
    secret: str
    """Shared with coturn."""


@dataclass(frozen=True, slots=True)
class TurnServer:
    """What coturn has to know of its machine."""

    listen: str
    tls_port: int
    certificate: str
    key: str
    """Paths of PEM files."""
    realm: str
    relay_first: int = 49_152
    relay_last: int = 65_535


class IceServer(msgspec.Struct, frozen=True):
    """An entry of ``iceServers`` as ``RTCPeerConnection`` takes it."""

    urls: tuple[str, ...]
    username: str
    credential: str


def ice_servers(settings: TurnSettings, client: str, now_s: int) -> tuple[IceServer, ...]:
    """Return what a page gives to ``RTCPeerConnection`` as ``iceServers``.

    ``client`` tells clients apart in coturn's log.
    """
    user = f"{now_s + LIFETIME_S}:{client}"
    digest = hmac.new(settings.secret.encode(), user.encode(), hashlib.sha1).digest()
    return (IceServer(settings.urls, user, base64.b64encode(digest).decode()),)


def turnserver_conf(server: TurnServer, settings: TurnSettings, workers: Sequence[str]) -> str:
    """Return coturn's configuration. ``workers`` are the addresses to which it may relay."""
    loopback = any(ipaddress.ip_address(worker).is_loopback for worker in workers)
    lines = [
        f"listening-ip={server.listen}",
        f"relay-ip={server.listen}",
        f"tls-listening-port={server.tls_port}",
        f"cert={server.certificate}",
        f"pkey={server.key}",
        f"realm={server.realm}",
        f"min-port={server.relay_first}",
        f"max-port={server.relay_last}",
        "use-auth-secret",
        f"static-auth-secret={settings.secret}",
        "no-udp",
        "no-tcp",
        "no-dtls",
        "no-tcp-relay",
        "no-multicast-peers",
        "no-tlsv1",
        "no-tlsv1_1",
        "no-cli",
        "no-software-attribute",
        "fingerprint",
        "user-quota=12",
        "total-quota=1200",
        "log-file=stdout",
        *(["allow-loopback-peers"] if loopback else []),
        *(f"allowed-peer-ip={worker}" for worker in workers),
        "denied-peer-ip=0.0.0.0-255.255.255.255",
        "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]
    return "\n".join(lines) + "\n"
