"""How visitors' requests are read and answered: as those of ``desk.app``, but nobody is signed in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import msgspec
from aiohttp import web

from core.errors import SambungError
from desk.app import refusal
from desk.errors import answered, invalid_body
from desk.routes import PREFIX

PUBLIC: Final = f"{PREFIX}/public/video"

B = TypeVar("B")


def answering(
    handler: Callable[[web.Request], Coroutine[Any, Any, object]],
) -> Callable[[web.Request], Coroutine[Any, Any, web.StreamResponse]]:
    """Return a handler that answers with what ``handler`` returns, or with the error it raises."""

    async def serve(request: web.Request) -> web.StreamResponse:
        try:
            return web.Response(
                body=msgspec.json.encode(await handler(request)), content_type="application/json"
            )
        except SambungError as error:
            return refusal(answered(error))

    return serve


async def read(request: web.Request, kind: type[B]) -> B:
    """Return a request's body. Raises Answered 422 for one that is not of this kind."""
    raw = await request.read()
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise invalid_body(error) from None
