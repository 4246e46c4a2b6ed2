"""The ``[web]`` part of the settings file."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final

from core.document import Form, Node
from desk.address import Network
from desk.settings import OidcSettings, WebSettings

_ORIGIN: Final = Form(
    re.compile(r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?"),
    "an address without a path, such as https://desk.example.go.id",
)
_SOCKET: Final = Form(
    re.compile(r"wss?://[^\s\"'<>]{1,300}"), "a WebSocket's address, such as wss://pbx.example/ws"
)
_DAY_MS: Final = 86_400_000
_ISSUER: Final = Form(
    re.compile(r"https?://[^\s\"'<>?#]{1,300}"), "an address such as https://login.example.go.id"
)


def read_web(node: Node, home: Path) -> WebSettings:
    """Return the settings; what is wrong is noted in the document."""
    names = ("address", "port", "public_url", "pages", "phone_url", "oidc", "voicemail_due", "proxies")
    it = node.fields(*names, optional=True)
    default = WebSettings()
    host = it["address"].text(default.host)
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        it["address"].wrong(f'"{host[:60]}" is not an IPv4 address of this machine, or 0.0.0.0 for all')
    pages = it["pages"].text("")
    return WebSettings(
        host=host,
        port=it["port"].integer(1, 65_535, default.port),
        public_url=it["public_url"].text("", form=_ORIGIN) if it["public_url"].present else "",
        pages=(home / pages) if pages else default.pages,
        phone_url=it["phone_url"].text("", form=_SOCKET) if it["phone_url"].present else "",
        oidc=_oidc(it["oidc"], home) if it["oidc"].present else None,
        voicemail_due_ms=it["voicemail_due"].duration(60_000, 30 * _DAY_MS, default.voicemail_due_ms),
        proxies=tuple(_network(one) for one in it["proxies"].items(optional=True)),
    )


def _network(node: Node) -> Network:
    text = node.text("")
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        node.wrong(f'"{text[:60]}" is not the address of a proxy, or of a network such as 10.0.0.0/24')
        return ipaddress.ip_network("127.0.0.1")


def _oidc(node: Node, home: Path) -> OidcSettings:
    it = node.fields("issuer", "client_id", "secret_file", "name")
    issuer = it["issuer"].text(form=_ISSUER)
    if issuer.startswith("http://") and not re.match(r"http://(127\.0\.0\.1|localhost)(:|/|$)", issuer):
        it["issuer"].wrong("without https anybody on the way could sign in as anybody")
    secret = it["secret_file"].text("") if it["secret_file"].present else ""
    file = home / secret if secret else None
    if file is not None and not file.is_file():
        it["secret_file"].wrong(f"there is no file {file}")
    return OidcSettings(
        issuer=issuer.rstrip("/"),
        client_id=it["client_id"].text(),
        secret_file=file,
        name=it["name"].text("SSO") if it["name"].present else "SSO",
    )
