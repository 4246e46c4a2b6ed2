"""The HTTP interface: every route of the table is read, allowed, done once, written down and answered here."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

import msgspec
import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler as WebHandler

from core.errors import SambungError
from desk.access import admit
from desk.desk import Ask, Blob, Desk, File, Handler, Reply
from desk.errors import Answered, answered, invalid, invalid_body
from desk.gate import COOKIE, Entry, cookie
from desk.policy import WALL, Who
from desk.repeats import Given
from desk.routes import MAX_BODY, PREFIX, ROUTES, Route
from workforce.accounts import Act

_log = structlog.get_logger("desk")

_MARK: Final = "X-Sambung"
_ENCODER: Final = msgspec.json.Encoder()
_JSON: Final = "application/json"
_FORBIDDEN: Final = 403
_REPEATED: Final = "repeated"
"""Written of a request that was answered as its first time, and did nothing."""


class Interface:
    """Dispatches by the table. ``origins`` are where our own pages come from."""

    def __init__(
        self, desk: Desk, handlers: Mapping[str, Handler], origins: frozenset[str], *, secure: bool
    ) -> None:
        """``secure``: browsers reach us by HTTPS, so the cookie must never go another way."""
        self._desk = desk
        self._handlers = handlers
        self._origins = origins
        self._secure = secure

    def routes(self) -> list[web.RouteDef]:
        """Return what aiohttp is told."""
        return [web.route(route.method, PREFIX + _raw(route.path), self._serve(route)) for route in ROUTES]

    # --- one request ---------------------------------------------------------------------------------------

    def _serve(self, route: Route) -> Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]:
        handler = self._handlers[route.name]
        decoder = None if route.body is None else msgspec.json.Decoder(route.body)

        async def serve(request: web.Request) -> web.StreamResponse:
            who = Who("", None)
            try:
                entry, by_cookie = await self.enter(request)
                who = self._who(request, route, entry)
                self._guard(request, route, by_cookie=by_cookie or entry is None)
                return await self._admitted(request, route, handler, decoder, who, entry)
            except SambungError as error:
                problem = answered(error)
                await self._note(route, who, request, problem.status, problem.problem.code)
                return refusal(problem)

        return serve

    async def _admitted(
        self,
        request: web.Request,
        route: Route,
        handler: Handler,
        decoder: msgspec.json.Decoder[Any] | None,
        who: Who,
        entry: Entry | None,
    ) -> web.StreamResponse:
        values = await admit(self._desk, route, who, request.match_info)
        raw = await _read(request, route) if route.changes else b""
        key = request.headers.get("Idempotency-Key") if route.changes else None
        ask = Ask(
            route=route,
            who=who,
            entry=entry,
            values=values,
            query=_query(route, request),
            body=raw if route.takes else None if decoder is None else _body(decoder, raw),
            key=key or "",
            address=request.remote or "",
            device=request.headers.get(hdrs.USER_AGENT, ""),
        )
        if key is None or route.right is None or route.secret:
            return await self._done(request, ask, handler)
        asked = hashlib.sha256(b"\0".join((route.method.encode(), request.rel_url.raw_path.encode(), raw)))
        given = await self._desk.repeats.once(
            who.user, key, asked.hexdigest(), lambda: self._once(request, ask, handler)
        )
        response = web.Response(body=given.body.encode(), status=given.status, content_type=_JSON)
        if given.again:
            response.headers["Idempotent-Replay"] = "true"
            await self._note(route, who, request, given.status, _REPEATED)
        return response

    async def _done(self, request: web.Request, ask: Ask, handler: Handler) -> web.StreamResponse:
        value = await handler(ask)
        response = _answer(value)
        if isinstance(value, Reply):
            response.set_cookie(**cookie(value.cookie, secure=self._secure))
        await self._note(ask.route, _doer(ask, value), request, 200, _reason(ask.body))
        return response

    async def _once(self, request: web.Request, ask: Ask, handler: Handler) -> Given:
        try:
            response: web.StreamResponse = await self._done(request, ask, handler)
        except SambungError as error:
            problem = answered(error)
            await self._note(ask.route, ask.who, request, problem.status, problem.problem.code)
            response = refusal(problem)
        assert isinstance(response, web.Response), "nothing that changes anything answers with a file"
        assert isinstance(response.body, bytes)
        return Given(response.status, response.body.decode())

    # --- who it is -----------------------------------------------------------------------------------------

    async def enter(self, request: web.Request) -> tuple[Entry | None, bool]:
        """Return who sent a request, and whether a cookie says so."""
        kind, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if kind.lower() == "bearer":
            return await self._desk.gate.by_token(token.strip()), False
        token = request.cookies.get(COOKIE, "")
        return (await self._desk.gate.by_cookie(token) if token else None), True

    def wall(self, request: web.Request) -> bool:
        """Whether a request shows the wallboard's token."""
        token = request.query.get("token", "")
        return bool(token) and _same(token, self._desk.wall_token)

    def own_origin(self, request: web.Request) -> bool:
        """Whether a request names one of our own pages as its origin."""
        return request.headers.get(hdrs.ORIGIN) in self._origins

    def _who(self, request: web.Request, route: Route, entry: Entry | None) -> Who:
        if entry is not None:
            return entry.who
        if route.right is not None and route.name == "wallboard" and self.wall(request):
            return WALL
        if route.right is not None:
            raise Answered(401, "signed_out", "nobody is signed in")
        return Who("", None)

    def _guard(self, request: web.Request, route: Route, *, by_cookie: bool) -> None:
        """Refuse what another site made the browser send."""
        if not route.changes or not by_cookie:
            return
        origin = request.headers.get(hdrs.ORIGIN)
        if _MARK not in request.headers or (origin is not None and origin not in self._origins):
            raise Answered(403, "forged", f"a change needs the header {_MARK} and an Origin of our own pages")

    async def _note(self, route: Route, who: Who, request: web.Request, status: int, detail: str) -> None:
        looked = status == _FORBIDDEN and not route.changes
        if not (route.audited or looked) or (not who.user and status != 200 and route.name != "sign-in"):
            return
        act = Act(
            at=self._desk.clock.now_ms(),
            user=who.user[:64],
            role=who.role or "",
            action=route.name,
            target="/".join(request.match_info.values())[:100],
            status=status,
            detail=detail[:200],
            address=(request.remote or "")[:64],
        )
        try:
            await self._desk.outside.audit.note(act)
        except Exception:
            # What was done stays done; the log has the lack.
            _log.exception("an act is not in the audit", action=act.action, status=status)


def _doer(ask: Ask, value: Any) -> Who:
    """Return who did it: at a sign-in nobody was there before."""
    if ask.route.name == "sign-in" and isinstance(value, Reply):
        return Who(value.value.user, value.value.role)
    return ask.who


def _reason(body: Any) -> str:
    reason = getattr(body, "detail", getattr(body, "reason", ""))
    return reason if isinstance(reason, str) else ""


def _query(route: Route, request: web.Request) -> Mapping[str, str]:
    found = {}
    for parameter in route.query:
        value = request.query.get(parameter.name)
        if value is None:
            continue
        if not re.fullmatch(parameter.pattern, value):
            raise invalid(parameter.description, parameter.name)
        found[parameter.name] = value
    return found


def _body(decoder: msgspec.json.Decoder[Any], raw: bytes) -> Any:
    try:
        return decoder.decode(raw or b"{}")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise invalid_body(error) from None


async def _read(request: web.Request, route: Route) -> bytes:
    try:
        # The limit of the application is that of most requests.
        return await request.clone(client_max_size=route.most).read()
    except web.HTTPRequestEntityTooLarge:
        raise Answered(413, "too_large", f"this body has at most {route.most:,} bytes") from None


def _answer(value: Any) -> web.StreamResponse:
    if isinstance(value, File):
        # It answers ranges: a player asks for the part to which somebody jumped.
        return web.FileResponse(value.path, headers={hdrs.CONTENT_TYPE: value.kind})
    if isinstance(value, Blob):
        return web.Response(body=value.content, content_type=value.kind)
    return _json(value.value if isinstance(value, Reply) else value)


def _raw(path: str) -> str:
    """Return the path for aiohttp: one segment for each value, whatever is in it; a menu's file may have two."""
    one = re.sub(r"\{(\w+)\}", r"{\1:[^/]+}", path)
    return one.replace("{file:[^/]+}", "{file:(?:(?:ivr|scripts)/)?[^/]+}")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode())


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=_ENCODER.encode(value), status=status, content_type=_JSON)


def refusal(error: Answered) -> web.Response:
    """Return an error as it is answered."""
    response = _json({"error": error.problem}, error.status)
    if error.after_s is not None:
        response.headers[hdrs.RETRY_AFTER] = str(max(round(error.after_s), 1))
    return response


@web.middleware
async def errors(request: web.Request, handler: WebHandler) -> web.StreamResponse:
    """Answer in our form whatever aiohttp itself refuses, and whatever goes wrong unforeseen."""
    try:
        return await handler(request)
    except web.HTTPRequestEntityTooLarge:
        return refusal(Answered(413, "too_large", f"a body has at most {MAX_BODY} bytes"))
    except web.HTTPMethodNotAllowed as error:
        response = refusal(Answered(405, "method", f"allowed: {', '.join(sorted(error.allowed_methods))}"))
        response.headers[hdrs.ALLOW] = ", ".join(sorted(error.allowed_methods))
        return response
    except web.HTTPNotFound:
        return refusal(Answered(404, "unknown", "there is no such request"))
    except web.HTTPException:
        raise
    except ConnectionError:
        raise
    except Exception:
        _log.exception("a request failed", method=request.method, route=_route_of(request))
        return refusal(Answered(500, "failed", "the server failed; its log says why"))


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""
