"""The local HTTP interface of control, on a Unix socket: what the command line and the drill use.

Whoever may open the socket may do everything here; the file's mode is the authorisation. JSON in and out.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from acd.engine import Engine
from acd.events import AgentSignedIn, AgentSignedOut, IntentSet, WrapUpDone
from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId, parse_interaction_id
from pbx.commands import Command

_MAX_BODY: Final = 64 * 1024
_MAX_ROWS: Final = 1000


class Readings(Protocol):
    """What the interface shows beside the line's own state."""

    def status(self) -> Mapping[str, object]:
        """Return what is up, what is not, and since when."""
        ...

    async def interaction(self, identity: InteractionId) -> object | None:
        """Return all that is written down of one interaction."""
        ...

    async def recent(self, limit: int) -> object:
        """Return the newest interactions."""
        ...


class Calls(Protocol):
    """What may be asked of calls."""

    async def command(self, want: Command) -> None:
        """Do it, or raise Refused, Gone or TryLater."""
        ...

    def calls_view(self) -> Sequence[object]:
        """Return every call in which somebody talks, and every parked one."""
        ...


class Intent(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a change of intent."""

    ready: bool
    reason: str = ""


class Api:
    """Routes over an engine."""

    def __init__(
        self,
        engine: Engine,
        readings: Readings,
        calls: Calls,
        reasons: frozenset[str],
        reload: Callable[[], Awaitable[object]],
    ) -> None:
        """``reasons`` are the not-ready reasons of the centre; ``reload`` reads its files again."""
        self._engine = engine
        self._readings = readings
        self._calls = calls
        self._reasons = reasons
        self._reload = reload

    def application(self) -> web.Application:
        """Return the routes."""
        app = web.Application(client_max_size=_MAX_BODY, middlewares=[_errors])
        app.add_routes(
            [
                web.get("/status", self._status),
                web.get("/agents", self._agents),
                web.post("/agents/{agent}/sign-in", self._sign_in),
                web.post("/agents/{agent}/sign-out", self._sign_out),
                web.post("/agents/{agent}/intent", self._intent),
                web.get("/calls", self._calls_now),
                web.post("/commands", self._command),
                web.post("/reload", self._read_again),
                web.get("/interactions", self._recent),
                web.get("/interactions/{id}", self._interaction),
                web.post("/interactions/{id}/wrap-up-done", self._wrap_up_done),
            ]
        )
        return app

    async def _status(self, request: web.Request) -> web.Response:
        return _json(self._readings.status())

    async def _read_again(self, request: web.Request) -> web.Response:
        return _json(await self._reload())

    async def _agents(self, request: web.Request) -> web.Response:
        return _json([_agent(agent) for agent in self._engine.state.agents()])

    async def _sign_in(self, request: web.Request) -> web.Response:
        agent = self._known(request)
        await self._engine.submit(AgentSignedIn(agent=agent))
        return _json(_agent(self._engine.state.agent(agent)))

    async def _sign_out(self, request: web.Request) -> web.Response:
        agent = self._known(request)
        await self._engine.submit(AgentSignedOut(agent=agent))
        return _json(_agent(self._engine.state.agent(agent)))

    async def _intent(self, request: web.Request) -> web.Response:
        agent = self._known(request)
        try:
            wish = msgspec.json.decode(await request.read(), type=Intent)
        except msgspec.MsgspecError as error:
            raise Refused(
                f'the body must be {{"ready": true}} or {{"ready": false, "reason": …}}: {error}'
            ) from None
        if not wish.ready and wish.reason not in self._reasons:
            raise Refused(f"reason {wish.reason!r} is unknown; allowed: {', '.join(sorted(self._reasons))}")
        await self._engine.submit(IntentSet(agent=agent, ready=wish.ready, reason=wish.reason))
        return _json(_agent(self._engine.state.agent(agent)))

    async def _recent(self, request: web.Request) -> web.Response:
        text = request.query.get("limit", "20")
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= _MAX_ROWS:
            raise Refused(f"limit must be a number from 1 to {_MAX_ROWS}")
        return _json(await self._readings.recent(int(text)))

    async def _interaction(self, request: web.Request) -> web.Response:
        found = await self._readings.interaction(_identity(request))
        if found is None:
            raise web.HTTPNotFound(text="no such interaction")
        return _json(found)

    async def _wrap_up_done(self, request: web.Request) -> web.Response:
        await self._engine.submit(WrapUpDone(id=_identity(request)))
        return _json({})

    async def _calls_now(self, request: web.Request) -> web.Response:
        return _json(self._calls.calls_view())

    async def _command(self, request: web.Request) -> web.Response:
        try:
            want = msgspec.json.decode(await request.read(), type=Command)
        except msgspec.MsgspecError as error:
            raise Refused(f'the body must be a command such as {{"command": "hold", …}}: {error}') from None
        await self._calls.command(want)
        return _json({})

    def _known(self, request: web.Request) -> AgentId:
        agent = AgentId(request.match_info["agent"])
        if self._engine.state.agent(agent) is None:
            raise web.HTTPNotFound(text=f"no agent {agent!r}; `sambung agents` lists them")
        return agent


def _agent(view: Any) -> Mapping[str, object]:
    return {
        "id": view.id,
        "signed_in": view.signed_in,
        "ready": view.ready,
        "reason": view.reason,
        "reachable": list(view.reach),
        "load": view.load,
        "work": list(view.work),
    }


def _identity(request: web.Request) -> InteractionId:
    identity = parse_interaction_id(request.match_info["id"])
    if identity is None:
        raise Refused("an interaction is named by 32 hexadecimal digits")
    return identity


def _json(value: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), status=status, content_type="application/json")


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as error:
        return _json({"error": str(error)}, 422)
    except Gone as error:
        return _json({"error": str(error)}, 410)
    except TryLater as error:
        return _json({"error": str(error)}, 503)
    except web.HTTPException as error:
        return _json({"error": error.text}, error.status)


async def serve(app: web.Application, path: Path) -> web.AppRunner:
    """Serve ``app`` on a Unix socket that only this user may open. The caller cleans the runner up."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, _private_socket(path)).start()
    return runner


def _private_socket(path: Path) -> socket.socket:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(path))
    path.chmod(0o600)
    return listening
