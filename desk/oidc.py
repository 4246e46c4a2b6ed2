"""Signing in by an identity provider: OpenID Connect, authorisation code with PKCE (RFC 7636)."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import aiohttp
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core.clock import Clock
from core.errors import Refused, TryLater
from desk.settings import OidcSettings

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that only the provider has. Never ``none``, never one with a secret that we share."""

_PENDING_MS: Final = 600_000
_PENDING: Final = 1_000
_FRESH_MS: Final = 3_600_000
_AGAIN_MS: Final = 10_000
"""A key we do not know has us look again, but no more often."""

_LEEWAY_S: Final = 60
_MAX: Final = 256 * 1024
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


class Found(msgspec.Struct, frozen=True):
    """What the provider says of itself; more is allowed."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str


class Pending(NamedTuple):
    """A sign-in that was begun here."""

    nonce: str
    verifier: str
    browser: str
    """Hash of the cookie of the browser that began it."""
    to: str
    at: int


class Oidc:
    """One provider. ``redirect`` is our callback's address, which the provider has to know."""

    def __init__(self, settings: OidcSettings, redirect: str, clock: Clock) -> None:
        self._settings = settings
        self._redirect = redirect
        self._clock = clock
        self._pending: OrderedDict[str, Pending] = OrderedDict()
        self._found: Found | None = None
        self._keys: KeySet | None = None
        self._keys_at = 0
        self._looking = asyncio.Lock()

    @property
    def name(self) -> str:
        """What the button says."""
        return self._settings.name

    async def begin(self, to: str, browser: str) -> str:
        """Return where to send a browser, whose cookie holds ``browser``. Raises TryLater without the provider."""
        found = await self._discover()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        now = self._clock.now_ms()
        self._pending[state] = Pending(nonce, verifier, _hash(browser), to, now)
        while len(self._pending) > _PENDING:
            self._pending.popitem(last=False)
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": _hash(verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in found.authorization_endpoint else "?"
        return found.authorization_endpoint + joint + urlencode(asked)

    async def finish(self, state: str, code: str, browser: str) -> tuple[str, str]:
        """Return the person's subject at the provider, and where the browser wanted to go.

        Raises Refused for what was not begun by this browser, was used, is too old or is not proven; TryLater.
        """
        pending = self._pending.pop(state, None)
        if pending is None or self._clock.now_ms() - pending.at > _PENDING_MS:
            raise Refused("this sign-in was not begun here, or too long ago")
        if not secrets.compare_digest(pending.browser, _hash(browser)):
            raise Refused("this sign-in was begun in another browser")
        found = await self._discover()
        claims = await self._verified(
            await self._exchange(found, code, pending.verifier), found, pending.nonce
        )
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise Refused("the provider names nobody")
        return subject, pending.to

    async def _exchange(self, found: Found, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect,
            "client_id": self._settings.client_id,
            "code_verifier": verifier,
        }
        auth = None
        if self._settings.secret_file is not None:
            secret = (await asyncio.to_thread(self._settings.secret_file.read_text, "utf-8")).strip()
            auth = {"Authorization": aiohttp.encode_basic_auth(self._settings.client_id, secret)}
        tokens: _Tokens = await _fetch("POST", found.token_endpoint, _Tokens, data=form, headers=auth)
        return tokens.id_token

    async def _verified(self, token: str, found: Found, nonce: str) -> Mapping[str, Any]:
        keys = await self._key_set(found, fresh=False)
        try:
            try:
                decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            except (JoseError, ValueError):
                # The provider may have changed its keys.
                keys = await self._key_set(found, fresh=True)
                decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            now = self._clock.now_ms() // 1_000
            jwt.JWTClaimsRegistry(
                now=now,
                leeway=_LEEWAY_S,
                iss={"essential": True, "value": found.issuer},
                aud={"essential": True, "value": self._settings.client_id},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(decoded.claims)
        except (JoseError, ValueError) as error:
            raise Refused(f"the provider's token does not hold: {type(error).__name__}") from None
        parties = decoded.claims.get("azp", self._settings.client_id)
        if parties != self._settings.client_id:
            raise Refused("the provider's token is for another client")
        return dict(decoded.claims)

    async def _key_set(self, found: Found, *, fresh: bool) -> KeySet:
        async with self._looking:
            age = self._clock.now_ms() - self._keys_at
            if self._keys is None or age > _FRESH_MS or (fresh and age > _AGAIN_MS):
                keys = await _fetch("GET", found.jwks_uri, dict[str, Any])
                try:
                    self._keys = KeySet.import_key_set(keys)
                except (JoseError, ValueError, KeyError, TypeError) as error:
                    raise TryLater("the identity provider's keys cannot be read", 30) from error
                self._keys_at = self._clock.now_ms()
            return self._keys

    async def _discover(self) -> Found:
        if self._found is None:
            found = await _fetch("GET", f"{self._settings.issuer}/.well-known/openid-configuration", Found)
            if found.issuer.rstrip("/") != self._settings.issuer:
                raise TryLater("the identity provider names itself otherwise than the setting issuer", 60)
            self._found = found
        return self._found


async def _fetch(method: str, url: str, kind: type[Any], **more: Any) -> Any:
    try:
        async with (
            aiohttp.ClientSession(timeout=_TIMEOUT) as session,
            session.request(method, url, allow_redirects=False, **more) as response,
        ):
            body = await response.content.read(_MAX)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise TryLater("the identity provider is out of reach", 10) from error
    if response.status != 200:
        raise Refused(f"the identity provider answered {response.status}")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise Refused("the identity provider answered something else") from error


def _hash(text: str) -> str:
    """Return SHA-256, base64 without padding: also PKCE's S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
