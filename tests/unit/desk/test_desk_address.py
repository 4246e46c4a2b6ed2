"""For whom a request is that a proxy brings."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from desk.address import client

OURS = (ip_network("10.0.0.0/24"), ip_network("127.0.0.1"), ip_network("fd00::/64"))


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.7", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.7", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.7", ["6.6.6.6", "198.51.100.1, 10.0.0.8"], "198.51.100.1"),
        ("fd00::1", [" 2001:DB8::1 "], "2001:db8::1"),
        ("10.0.0.7", ["10.0.0.8, 10.0.0.9"], "10.0.0.8"),
        ("10.0.0.7", ["198.51.100.1, unknown"], "10.0.0.7"),
        ("10.0.0.7", [""], "10.0.0.7"),
        ("/run/socket", ["198.51.100.1"], "/run/socket"),
    ],
)
def test_the_last_that_is_no_proxy_of_ours_is_the_client(
    remote: str, forwarded: list[str], address: str
) -> None:
    assert client(remote, forwarded, OURS) == address
