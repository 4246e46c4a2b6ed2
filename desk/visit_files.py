"""Files of a visit over HTTP: in as the bare body, out as a download. Only who has or had a part in the visit may.

A request's body is never held whole: it goes to the disk as it comes.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final
from urllib.parse import quote

import msgspec
from aiohttp import ClientError, hdrs, web

from core.errors import SambungError, TryLater
from core.ids import AgentId, InteractionId
from desk.app import refusal
from desk.desk import Desk
from desk.errors import Answered, answered, over, unknown
from desk.policy import Who
from desk.routes import PREFIX
from desk.visit_door import VisitDoor
from desk.visit_http import answering
from desk.visit_model import Handed
from video.book import FileInfo
from video.files import FileKeeper, NotTaken, Offered
from video.model import Role
from video.visit import VISITOR
from video.visits import Visits
from workforce.accounts import Act

_PIECE: Final = 64 * 1024
_DRAIN_S: Final = 30.0
_STATUS: Final = {"file_kind": 415, "file_large": 413, "file_many": 409, "file_empty": 422}
_VISITOR: Final = f"{PREFIX}/public/video/visits/{{id}}/files"
_AGENT: Final = f"{PREFIX}/interactions/{{id}}/room/files"


class FileRoutes:
    """Takes files in and gives them out, for both sides."""

    def __init__(self, desk: Desk, door: VisitDoor, visits: Visits, keeper: FileKeeper) -> None:
        self._desk = desk
        self._door = door
        self._visits = visits
        self._keeper = keeper

    def routes(self) -> list[web.RouteDef]:
        """Return what aiohttp is told."""
        return [
            web.post(_VISITOR, self._visitor_gives),
            web.get(_VISITOR + "/{file}", self._visitor_takes),
            web.post(_AGENT, self._agent_gives),
            web.get(_AGENT, answering(self._all)),
            web.get(_AGENT + "/{file}", self._agent_takes),
        ]

    async def _visitor_gives(self, request: web.Request) -> web.StreamResponse:
        try:
            self._door.own(request)
            id_ = self._door.visitor(request)
            if self._visits.part(id_, None) is None:
                raise over("visit")
            return await self._take(request, id_, VISITOR)
        except SambungError as error:
            await self._drain(request)
            return _refused(error)

    async def _visitor_takes(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._give(request, self._door.visitor(request))
        except SambungError as error:
            return _refused(error)

    async def _agent_gives(self, request: web.Request) -> web.StreamResponse:
        try:
            id_, agent, who = await self._door.agent(request, changes=True)
            # Who only listens is not there for the visitor, and must not show.
            if self._visits.part(id_, agent) is not Role.PARTICIPANT:
                raise Answered(403, "not_yours", "this contact is not yours")
            snapshot = request.query.get("snapshot") == "1"
            response = await self._take(request, id_, agent, snapshot=snapshot)
            await self._note(request, who, "visit-snapshot" if snapshot else "visit-file-give")
            return response
        except SambungError as error:
            await self._drain(request)
            return _refused(error)

    async def _agent_takes(self, request: web.Request) -> web.StreamResponse:
        try:
            id_, agent, who = await self._door.agent(request, changes=False)
            await self._must_have_had(id_, agent)
            response = await self._give(request, id_)
            await self._note(request, who, "visit-file-take")
            return response
        except SambungError as error:
            return _refused(error)

    async def _all(self, request: web.Request) -> object:
        """Return what was handed over: for the work after the visit, when its room is gone."""
        id_, agent, _ = await self._door.agent(request, changes=False)
        await self._must_have_had(id_, agent)
        return [
            Handed(
                entry.at, entry.sender, FileInfo(entry.id, entry.name, entry.kind, entry.size, entry.snapshot)
            )
            for entry in await self._keeper.all(id_)
            if entry.size is not None
        ]

    async def _must_have_had(self, id_: InteractionId, agent: AgentId) -> None:
        if self._visits.part(id_, agent) is None and not await self._desk.outside.history.had(agent, id_):
            raise Answered(403, "not_yours", "this contact is not yours")

    async def _take(
        self, request: web.Request, id_: InteractionId, sender: str, *, snapshot: bool = False
    ) -> web.Response:
        offered = Offered(
            id=secrets.token_hex(16),
            interaction=id_,
            sender=sender,
            name=request.query.get("name", ""),
            declared=request.content_length,
            snapshot=snapshot,
        )
        line = await self._keeper.take(offered, _pieces(request))
        self._visits.said(id_, line)
        return web.Response(body=msgspec.json.encode(line), content_type="application/json")

    async def _give(self, request: web.Request, id_: InteractionId) -> web.StreamResponse:
        found = await self._keeper.find(id_, request.match_info["file"])
        if found is None:
            raise unknown("file")
        entry, path = found
        # Always saved, never opened in our own origin.
        disposition = f"attachment; filename*=UTF-8''{quote(entry.name, safe='')}"
        return web.FileResponse(
            path, headers={hdrs.CONTENT_TYPE: entry.kind, hdrs.CONTENT_DISPOSITION: disposition}
        )

    async def _drain(self, request: web.Request) -> None:
        """Read on a while: a browser looks at the answer only when it has sent everything."""
        left = 2 * self._keeper.limits.largest
        with suppress(TimeoutError, ConnectionError, ClientError, web.RequestPayloadError):
            async with asyncio.timeout(_DRAIN_S):
                while left > 0 and (piece := await request.content.read(_PIECE)):
                    left -= len(piece)

    async def _note(self, request: web.Request, who: Who, action: str) -> None:
        await self._desk.outside.audit.note(
            Act(
                at=self._desk.clock.now_ms(),
                user=who.user[:64],
                role=who.role or "",
                action=action,
                target=request.match_info["id"][:100],
                status=200,
                detail=request.match_info.get("file", "")[:200],
                address=(request.remote or "")[:64],
            )
        )


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.content.iter_chunked(_PIECE):
            yield piece
    except (ConnectionError, ClientError, web.RequestPayloadError) as error:
        raise TryLater("the sender is gone") from error


def _refused(error: SambungError) -> web.Response:
    if isinstance(error, NotTaken):
        return refusal(Answered(_STATUS[error.code], error.code, str(error)))
    return refusal(answered(error))
