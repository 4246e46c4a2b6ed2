"""Passwords for coturn end by themselves, and its configuration opens no other door."""

from __future__ import annotations

import base64
import hashlib
import hmac

from video.turn import TurnServer, TurnSettings, ice_servers, turnserver_conf

SETTINGS = TurnSettings(("turns:turn.test:443?transport=tcp",), "a secret of twenty characters")
SERVER = TurnServer("192.0.2.1", 443, "/etc/turn.crt", "/etc/turn.key", "sambung")


def test_a_password_is_made_of_its_end() -> None:
    (server,) = ice_servers(SETTINGS, "visitor", 1_000)
    digest = hmac.new(SETTINGS.secret.encode(), b"4600:visitor", hashlib.sha1).digest()
    assert (server.urls, server.username) == (("turns:turn.test:443?transport=tcp",), "4600:visitor")
    assert server.credential == base64.b64encode(digest).decode()


def test_only_workers_may_be_reached() -> None:
    lines = turnserver_conf(SERVER, SETTINGS, ["203.0.113.5"]).splitlines()
    assert [line for line in lines if "peer" in line] == [
        "no-multicast-peers",
        "allowed-peer-ip=203.0.113.5",
        "denied-peer-ip=0.0.0.0-255.255.255.255",
        "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]
    assert {"no-udp", "no-tcp", "no-cli", "use-auth-secret"} <= set(lines)
