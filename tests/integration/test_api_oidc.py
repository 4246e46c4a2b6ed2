"""Signing in by an identity provider, and every token that must not let anybody in."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import OctKey

from desk.settings import OidcSettings
from tests.integration.provider_fixture import Provider, running_provider
from tests.integration.web_fixture import Browser, RunningWeb, running_web, settings_for


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[Provider]:
    async with running_provider() as running:
        yield running


@pytest_asyncio.fixture
async def web(tmp_path: Path, provider: Provider) -> AsyncIterator[RunningWeb]:
    oidc = OidcSettings(provider.issuer, "sambung", name="Pegawai")
    async with running_web(tmp_path, settings_for(tmp_path, oidc=oidc)) as running:
        await running.web.accounts.change("agen", {"sso": provider.subject})
        yield running


async def go(browser: Browser, path: str, **query: str) -> str:
    """Follow one address and return where it leads."""
    async with browser.session.get(f"{browser.api}{path}", params=query, allow_redirects=False) as response:
        assert response.status == 302, await response.text()
        return response.headers["Location"]


async def come_back(browser: Browser, provider: Provider, to: str = "/meja") -> str:
    away = await go(browser, "/oidc/start", to=to)
    assert away.startswith(provider.issuer)
    return await go(browser, "/oidc/callback", **provider.authorise(away))


async def test_somebody_whom_the_provider_knows_is_signed_in(web: RunningWeb, provider: Provider) -> None:
    async with web.browser() as browser:
        assert await browser.get("/sign-in-ways") == {"password": True, "oidc": "Pegawai"}
        assert await come_back(browser, provider, to="/meja/mulai") == "/meja/mulai"
        assert (await browser.get("/session"))["user"] == "agen"
    assert provider.exchanged[0]["redirect_uri"] == f"{web.base}/api/v1/oidc/callback"
    assert (await web.acts())[0].target == "sso"


async def test_the_browser_is_never_led_to_another_site(web: RunningWeb, provider: Provider) -> None:
    for to in ("//evil.example", "https://evil.example", "/\\evil.example", "/meja?x=//e"):
        async with web.browser() as browser:
            assert await come_back(browser, provider, to=to) == "/meja"


async def test_an_answer_is_taken_once_and_from_the_browser_that_asked(
    web: RunningWeb, provider: Provider
) -> None:
    async with web.browser() as browser, web.browser() as thief:
        answer = provider.authorise(await go(browser, "/oidc/start"))
        assert "sso_failed" in await go(thief, "/oidc/callback", **answer)
        # The state is used up: whoever was led here by somebody else's link is not signed in as that somebody.
        assert "sso_failed" in await go(browser, "/oidc/callback", **answer)
        assert (await browser.ask("GET", "/session"))[0] == 401


async def test_who_has_no_account_or_a_disabled_one_stays_out(web: RunningWeb, provider: Provider) -> None:
    async with web.browser() as browser:
        provider.subject = "somebody-else"
        assert "sso_unknown" in await come_back(browser, provider)
        provider.subject = "staff-17"
        await web.web.accounts.change("agen", {"disabled": True})
        assert "sso_unknown" in await come_back(browser, provider)
        assert (await browser.ask("GET", "/session"))[0] == 401


async def test_new_keys_of_the_provider_are_looked_up(
    web: RunningWeb, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with web.browser() as browser:
        await come_back(browser, provider)
    provider.new_key("two")
    monkeypatch.setattr("desk.oidc._AGAIN_MS", -1)
    async with web.browser() as browser:
        assert await come_back(browser, provider) == "/meja"


def _unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    def part(value: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({**header, 'alg': 'none'})}.{part(claims)}."


def _with_public_key(provider: Provider) -> Callable[[dict[str, Any], dict[str, Any]], str]:
    """Sign with what everybody knows, as if it were a shared secret."""

    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        shared = OctKey.import_key(provider.key.as_pem(private=False))
        return jwt.encode({**header, "alg": "HS256"}, claims, shared)

    return sign


SPOILT: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    "nonce": lambda header, claims: claims.update(nonce="of another sign-in"),
    "no nonce": lambda header, claims: claims.pop("nonce"),
    "audience": lambda header, claims: claims.update(aud="another client"),
    "issuer": lambda header, claims: claims.update(iss="http://127.0.0.1:1"),
    "expired": lambda header, claims: claims.update(exp=int(time.time()) - 3_600),
    "no expiry": lambda header, claims: claims.pop("exp"),
    "no subject": lambda header, claims: claims.pop("sub"),
    "party": lambda header, claims: claims.update(azp="another client"),
    "key id": lambda header, claims: header.update(kid="three"),
}


@pytest.mark.parametrize("what", SPOILT)
async def test_a_token_that_does_not_hold_lets_nobody_in(
    web: RunningWeb, provider: Provider, what: str
) -> None:
    provider.spoil = SPOILT[what]
    async with web.browser() as browser:
        assert "sso_failed" in await come_back(browser, provider)
        assert (await browser.ask("GET", "/session"))[0] == 401


@pytest.mark.parametrize("how", ["none", "HS256 with the public key", "another key"])
async def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    web: RunningWeb, provider: Provider, how: str
) -> None:
    other = Provider(provider.issuer).key
    provider.sign = {
        "none": _unsigned,
        "HS256 with the public key": _with_public_key(provider),
        "another key": lambda header, claims: jwt.encode(header, claims, other),
    }[how]
    async with web.browser() as browser:
        assert "sso_failed" in await come_back(browser, provider)
        assert (await browser.ask("GET", "/session"))[0] == 401
