"""From which address a request comes, when a proxy brings it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Final, TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

FORWARDED: Final = "X-Forwarded-For"


def client(remote: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """Return the address of the client: the last one in ``forwarded`` (the headers' values) that is no proxy of ours.

    Every proxy writes behind what it was given, so that what stands before the last foreign address may be
    anybody's invention. A connection that is not from a proxy of ours is from the client itself.
    """
    address = remote
    for step in reversed([part.strip() for line in forwarded for part in line.split(",")]):
        if not _within(address, proxies):
            break
        try:
            address = str(ipaddress.ip_address(step))
        except ValueError:
            break
    return address


def behind(proxies: Sequence[Network]) -> Middleware:
    """Return what gives handlers the client's address as ``request.remote``."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        forwarded = request.headers.getall(FORWARDED, ())
        if forwarded and proxies and request.remote is not None:
            request = request.clone(remote=client(request.remote, forwarded, proxies))
        return await handler(request)

    return middleware


def _within(address: str, networks: Sequence[Network]) -> bool:
    try:
        one = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(one in network for network in networks)
