"""The two addresses a browser passes on its way to the identity provider and back."""

from __future__ import annotations

import re
import secrets
from typing import Final
from urllib.parse import quote

import structlog
from aiohttp import hdrs, web

from core.errors import Refused, SambungError
from desk.desk import Desk
from desk.gate import cookie
from desk.oidc import Oidc
from desk.routes import PREFIX
from workforce.accounts import Act

_log = structlog.get_logger("desk")

CALLBACK: Final = f"{PREFIX}/oidc/callback"
_COOKIE: Final = "sambung-oidc"
_OURS: Final = re.compile(r"/[A-Za-z0-9/_-]{0,200}")
"""A page of ours: a path without a host, a query or a second slash to begin with."""


class OidcRoutes:
    """Served in any case; without a provider they lead back to the sign-in page."""

    def __init__(self, desk: Desk, oidc: Oidc | None, *, secure: bool) -> None:
        self._desk = desk
        self._oidc = oidc
        self._secure = secure

    def routes(self) -> list[web.RouteDef]:
        """Return what aiohttp is told."""
        return [web.get(f"{PREFIX}/oidc/start", self._start), web.get(CALLBACK, self._callback)]

    async def _start(self, request: web.Request) -> web.StreamResponse:
        wanted = request.query.get("to", "/meja")
        to = wanted if _OURS.fullmatch(wanted) and not wanted.startswith("//") else "/meja"
        browser = secrets.token_urlsafe(32)
        try:
            if self._oidc is None:
                raise Refused("no identity provider is set")
            response = _to(await self._oidc.begin(to, browser))
        except SambungError as error:
            return self._failed("sso_unavailable", error)
        # Lax: the provider sends the browser back from another site.
        response.set_cookie(
            _COOKIE, browser, max_age=600, path=CALLBACK, httponly=True, samesite="Lax", secure=self._secure
        )
        return response

    async def _callback(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        if "error" in query or "code" not in query or "state" not in query:
            return self._failed("sso_refused", None)
        try:
            if self._oidc is None:
                raise Refused("no identity provider is set")
            browser = request.cookies.get(_COOKIE, "")
            subject, to = await self._oidc.finish(query["state"], query["code"], browser)
        except SambungError as error:
            return self._failed("sso_failed", error)
        found = await self._desk.outside.accounts.user_by_sso(subject)
        if found is None or found[0].disabled:
            return self._failed("sso_unknown", None)
        device, address = request.headers.get(hdrs.USER_AGENT, ""), request.remote or ""
        entry, token = await self._desk.gate.begin(found[0], address, device)
        now = self._desk.clock.now_ms()
        act = Act(now, entry.user.name, entry.user.role, "sign-in", "sso", 200, address=address[:64])
        await self._desk.outside.audit.note(act)
        response = _to(to)
        response.set_cookie(**cookie(token, secure=self._secure))
        response.del_cookie(_COOKIE, path=CALLBACK)
        return response

    def _failed(self, code: str, error: SambungError | None) -> web.StreamResponse:
        _log.warning("a sign-in by the identity provider failed", code=code, reason=str(error or ""))
        return _to(f"/masuk?error={quote(code)}")


def _to(address: str) -> web.Response:
    return web.Response(status=302, headers={hdrs.LOCATION: address, hdrs.CACHE_CONTROL: "no-store"})
