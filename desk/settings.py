"""Where the interface is served, and who else may say who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desk.address import Network

PAGES = Path(__file__).resolve().parent / "static"
"""Where set-up puts the built pages."""


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """An identity provider (OpenID Connect)."""

    issuer: str
    """Its address; the rest is read from there (OpenID Connect Discovery)."""
    client_id: str
    secret_file: Path | None = None
    """A file with the client's secret; without one the client is public and PKCE alone protects the code."""
    name: str = "SSO"
    """What the button says."""


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The public HTTP interface."""

    host: str = "127.0.0.1"
    port: int = 18080
    public_url: str = ""
    """The address in people's browsers, without a path; empty: ``host`` and ``port``."""
    pages: Path = PAGES
    phone_url: str = ""
    """The WebSocket with which browser phones register; empty: Asterisk's own, by ``public_url``."""
    oidc: OidcSettings | None = None
    voicemail_due_ms: int = 4 * 3_600_000
    """So long after a message was left, or after the next opening, its caller should have been called back."""

    proxies: tuple[Network, ...] = ()
    """Who may say, by X-Forwarded-For, for whom a request is."""

    @property
    def address(self) -> str:
        """Where people go."""
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104 -- it is compared
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by HTTPS."""
        return self.address.startswith("https://")

    @property
    def origins(self) -> frozenset[str]:
        """The origins of our own pages."""
        local = {f"http://127.0.0.1:{self.port}", f"http://localhost:{self.port}"}
        return frozenset({self.address} | (set() if self.public_url else local))
