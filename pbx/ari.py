"""The ARI client: one WebSocket for events and, where Asterisk can (20.14, 22.4 on), for requests too.

It keeps a connection, reports what happens on it, and gives every request a deadline. It decides nothing.
Source: Asterisk documentation, "Asterisk REST Interface" and "ARI REST over WebSocket".
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from typing import Final, Protocol, TypeVar
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
import structlog

from core.errors import Gone, Refused, TryLater
from pbx.model import EVENT_TYPES, AriEvent, Response, parse

_log = structlog.get_logger("ari")

_DEADLINE_S: Final = 3.0
_HEARTBEAT_S: Final = 5.0
_BACKOFF_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0)
_LOST: Final = (aiohttp.ClientError, OSError, EOFError, TryLater, Refused, Gone)
"""What ends a connection. ``Fatal`` is not among them: it ends the process."""
_T = TypeVar("_T")


class Owner(Protocol):
    """Whoever owns the calls on a connection."""

    async def on_up(self) -> None:
        """Bring everything known into agreement with Asterisk: what happened meanwhile is not replayed."""
        ...

    def on_event(self, event: AriEvent) -> None:
        """Take an event. Must return quickly: a slow reader makes Asterisk slow."""
        ...

    def on_down(self) -> None:
        """The connection ended."""
        ...


class Ari:
    """A connection to one Asterisk, made again whenever it ends."""

    def __init__(self, url: str, user: str, password: str, app: str) -> None:
        """``url`` is the HTTP address of Asterisk, without ``/ari``; ``app`` the name given to Stasis()."""
        self._url = url.rstrip("/")
        self._headers = {"Authorization": aiohttp.encode_basic_auth(user, password)}
        self._app = app
        self._session: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._over_socket = False
        self._replies: dict[str, asyncio.Future[Response]] = {}
        self._numbers = itertools.count(1)

    async def run(self, owner: Owner) -> None:
        """Keep the connection. Ends only by cancellation or by an error of the owner's."""
        async with aiohttp.ClientSession(headers=self._headers) as self._session:
            attempt = 0
            while True:
                was_up = await self._connect_once(self._session, owner)
                attempt = 0 if was_up else min(attempt + 1, len(_BACKOFF_S) - 1)
                await asyncio.sleep(_BACKOFF_S[attempt])

    async def _connect_once(self, session: aiohttp.ClientSession, owner: Owner) -> bool:
        was_up = False
        address = f"{self._url}/ari/events?{urlencode({'app': self._app})}"
        timeout = aiohttp.ClientWSTimeout(ws_close=_DEADLINE_S)
        try:
            async with (
                session.ws_connect(
                    address, heartbeat=_HEARTBEAT_S, max_msg_size=0, timeout=timeout
                ) as self._socket,
                asyncio.TaskGroup() as tasks,
            ):
                early: list[AriEvent] = []
                ready = asyncio.Event()
                tasks.create_task(self._read(self._socket, owner, early, ready), name="ari-read")
                await self._prepare()
                await owner.on_up()
                was_up = True
                for event in early:
                    owner.on_event(event)
                ready.set()
                _log.info("asterisk is connected", over_socket=self._over_socket)
        except* _LOST as errors:
            reason = type(errors.exceptions[0]).__name__
            if was_up:
                _log.warning("asterisk is disconnected", reason=reason)
            else:
                _log.debug("asterisk cannot be reached", reason=reason)
        finally:
            self._socket = None
            for reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(TryLater("the connection to Asterisk ended"))
            self._replies.clear()
            if was_up:
                owner.on_down()
        return was_up

    async def _read(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        owner: Owner,
        early: list[AriEvent],
        ready: asyncio.Event,
    ) -> None:
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                event = parse(message.data)
            except msgspec.DecodeError:
                _log.exception("asterisk sent an event that cannot be read")
                continue
            if isinstance(event, Response):
                reply = self._replies.pop(event.request_id, None)
                if reply is not None and not reply.done():
                    reply.set_result(event)
            elif event is not None:
                if ready.is_set():
                    owner.on_event(event)
                else:
                    early.append(event)
        # A close that was asked for by nobody is an error like any other: the app would be alive and deaf.
        raise EOFError("Asterisk closed the event socket")

    async def _prepare(self) -> None:
        """Send the event filter, which dies with the application object, and find the way for requests."""
        allowed = [{"type": name} for name in (*EVENT_TYPES, "ApplicationReplaced", "RESTResponse")]
        await self._over_http("PUT", f"applications/{quote(self._app)}/eventFilter", {}, {"allowed": allowed})
        self._over_socket = True
        try:
            async with asyncio.timeout(1.0):
                await self._exchange("GET", "asterisk/ping", {}, None)
        except (TimeoutError, TryLater):
            self._over_socket = False

    async def get(self, path: str, kind: type[_T], **params: str) -> _T:
        """Read a resource as ``kind``. Errors as ``send``."""
        body = await self._request("GET", path, params, None)
        return msgspec.json.decode(body, type=kind)

    async def send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, **params: str
    ) -> None:
        """Make a request whose answer does not matter beyond success.

        A POST carries an id of our choosing, so a conflict on the second try means that the first succeeded.

        Raises:
            Gone: what is named does not exist (any more). To a request to end something, this is success.
            TryLater: no connection, no answer in time, or Asterisk is overloaded.
            Refused: Asterisk will not do it (state conflict, bad parameter, endpoint not there).
        """
        await self._request(method, path, params, body)

    async def _request(
        self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, object] | None
    ) -> bytes:
        exchange = self._exchange if self._over_socket else self._over_http
        try:
            async with asyncio.timeout(_DEADLINE_S):
                return await exchange(method, path, params, body)
        except TimeoutError:
            raise TryLater(f"Asterisk did not answer {method} {path.partition('/')[0]} in time") from None

    async def _exchange(
        self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, object] | None
    ) -> bytes:
        if self._socket is None:
            raise TryLater("Asterisk is not connected")
        number = str(next(self._numbers))
        reply = asyncio.get_running_loop().create_future()
        self._replies[number] = reply
        request: dict[str, object] = {
            "type": "RESTRequest",
            "request_id": number,
            "method": method,
            "uri": f"{path}?{urlencode(params)}" if params else path,
        }
        if body is not None:
            request |= {
                "content_type": "application/json",
                "message_body": msgspec.json.encode(body).decode(),
            }
        try:
            await self._socket.send_str(msgspec.json.encode(request).decode())
            response: Response = await reply
        except (aiohttp.ClientError, ConnectionError) as error:
            raise TryLater("the connection to Asterisk ended") from error
        finally:
            self._replies.pop(number, None)
        _check(response.status_code, method, path, response.message_body)
        return response.message_body.encode()

    async def _over_http(
        self, method: str, path: str, params: Mapping[str, str], body: Mapping[str, object] | None
    ) -> bytes:
        if self._session is None:
            raise TryLater("Asterisk is not connected")
        try:
            async with self._session.request(
                method,
                f"{self._url}/ari/{path}",
                params=params,
                json=body,
                timeout=aiohttp.ClientTimeout(total=_DEADLINE_S),
            ) as response:
                text = await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise TryLater("the connection to Asterisk ended") from error
        _check(response.status, method, path, text.decode(errors="replace"))
        return text


def _check(status: int, method: str, path: str, text: str) -> None:
    if status < 300:
        return
    what = f"{method} {path.partition('/')[0]}: {status} {text[:200]}"
    match status:
        case 404 | 410:
            raise Gone(what)
        case 429 | 503:
            raise TryLater(what)
        case _:
            raise Refused(what)
