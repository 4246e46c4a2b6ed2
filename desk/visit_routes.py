"""Video calls from the browser: a visitor's requests without sign-in, and the pages' connections of everybody."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, hdrs, web

from acd.events import Surveyed
from core.errors import SambungError
from core.ids import InteractionId, new_interaction_id
from desk.app import refusal
from desk.desk import Desk
from desk.errors import Answered, answered, unknown
from desk.pace import Pace
from desk.passwords import Tries
from desk.policy import Right, may
from desk.routes import PREFIX
from desk.visit_door import VisitDoor
from desk.visit_entrance import Entrance
from desk.visit_http import PUBLIC, answering, read
from desk.visit_model import SURVEY, CodeGood, NewCode, NewRating, NewVisit, ShownToken, Standing, Visiting
from desk.visit_ports import Lobby
from video import pages
from video.appointment import Appointment
from video.book import Book, Rating, Visitor
from video.visit_track import Who
from video.visits import Visits

_VISITS: Final = 60
_WINDOW_MS: Final = 10 * 60_000
"""From one address no more visits than this in so long: many people share the one of their mobile network."""

_HEARTBEAT_S: Final = 10.0
_QUEUED: Final = 64
"""Messages that a page may leave unread."""

SLOW: Final = 4408
"""Close code: the page does not read."""


class VisitRoutes:
    """Serves visitors, and the agents they talk to."""

    def __init__(
        self, desk: Desk, door: VisitDoor, visits: Visits, book: Book, lobby: Lobby, entrance: Entrance
    ) -> None:
        self._desk = desk
        self._door = door
        self._visits = visits
        self._book = book
        self._lobby = lobby
        self._entrance = entrance
        self._came = Tries(_VISITS, _WINDOW_MS)

    def routes(self) -> list[web.RouteDef]:
        """Return what aiohttp is told."""
        return [
            web.get(PUBLIC, answering(self._welcome)),
            web.post(f"{PUBLIC}/visits", answering(self._come)),
            web.post(f"{PUBLIC}/code", answering(self._look_up)),
            web.post(f"{PUBLIC}/appointment", answering(self._agreed)),
            web.get(f"{PUBLIC}/visits/{{id}}", answering(self._standing)),
            web.post(f"{PUBLIC}/visits/{{id}}/rating", answering(self._rate)),
            web.get(f"{PUBLIC}/visits/{{id}}/page", self._visitor_page),
            web.get(f"{PREFIX}/interactions/{{id}}/room", self._agent_page),
        ]

    # --- visitors ------------------------------------------------------------------------------------------

    async def _welcome(self, request: web.Request) -> object:
        return self._lobby.welcome()

    async def _come(self, request: web.Request) -> object:
        self._door.own(request)
        body = await read(request, NewVisit)
        if not body.appointment:
            return await self._stand_in_line(body, request.remote or "", None)
        async with self._entrance.one_by_one:
            appointment, here = await self._entrance.admitted(body.appointment)
            if here and appointment.visit is not None:
                # Another page, or another device: the same call, and the earlier page is told so.
                return self._visiting(appointment.visit)
            return await self._stand_in_line(body, request.remote or "", appointment)

    async def _stand_in_line(self, body: NewVisit, address: str, appointment: Appointment | None) -> Visiting:
        now = self._desk.clock.now_ms()
        if wait := self._came.wait_ms(address, now):
            raise Answered(429, "later", "too many visits from this address", after_s=wait / 1_000)
        destination = self._entrance.destination(body, appointment, address)
        self._check(body)
        self._came.failed(address, now)
        id_ = new_interaction_id()
        if appointment is not None:
            await self._entrance.taken(appointment, id_)
        visitor = Visitor(
            id=id_,
            name=body.name.strip() or "–",
            topic=body.topic or (appointment.topic if appointment else ""),
            language=body.language,
            camera=body.camera,
            consent=body.consent,
            consented_at=now if body.consent else None,
            appointment_at=appointment.begins_at if appointment else None,
        )
        await self._visits.come(visitor, destination)
        return self._visiting(id_)

    def _check(self, body: NewVisit) -> None:
        """Refuse who comes while it is closed, or has not agreed to what has to be agreed to."""
        welcome = self._lobby.welcome()
        if not welcome.open:
            raise Answered(409, "closed", "nobody can wait by video now")
        if body.consent not in ("", welcome.consent.version):
            raise Answered(409, "consent", "the text that was agreed to has changed", key="consent")
        if not body.consent and not welcome.consent.without:
            raise Answered(409, "consent", "a video call needs consent to its recording", key="consent")

    def _visiting(self, id_: InteractionId) -> Visiting:
        return Visiting(id_, self._door.token(id_))

    async def _look_up(self, request: web.Request) -> object:
        self._door.own(request)
        body = await read(request, NewCode)
        return CodeGood(self._entrance.place(body.code, request.remote or "").queue)

    async def _agreed(self, request: web.Request) -> object:
        self._door.own(request)
        return await self._entrance.agreed((await read(request, ShownToken)).token)

    async def _standing(self, request: web.Request) -> object:
        id_ = self._door.visitor(request)
        visitor = await self._book.visitor(id_)
        if visitor is None:
            raise unknown("visit")
        return Standing(self._visits.has(id_), visitor.rated)

    async def _rate(self, request: web.Request) -> object:
        self._door.own(request)
        id_ = self._door.visitor(request)
        body = await read(request, NewRating)
        rating = Rating(body.score, body.comment.strip())
        if await self._book.rate(id_, rating, self._desk.clock.now_ms()):
            self._desk.live.engine.post(Surveyed(id=id_, question=SURVEY, score=body.score))
        return Standing(self._visits.has(id_), rated=True)

    # --- pages ---------------------------------------------------------------------------------------------

    async def _visitor_page(self, request: web.Request) -> web.StreamResponse:
        try:
            self._door.own(request)
            id_ = self._door.visitor(request)
        except SambungError as error:
            return refusal(answered(error))
        return await self._serve(request, id_, None)

    async def _agent_page(self, request: web.Request) -> web.StreamResponse:
        try:
            id_, who = await self._agent(request)
        except SambungError as error:
            return refusal(answered(error))
        return await self._serve(request, id_, who)

    async def _agent(self, request: web.Request) -> tuple[InteractionId, Who]:
        """Return whose call it is and which agent asks. Having no part in it is found out by ``Visits.open``."""
        id_, agent, who = await self._door.agent_page(request)
        if request.query.get("listen") == "1":
            if not may(who, Right.LISTEN):
                raise Answered(403, "forbidden", "this role may not listen")
            self._visits.listen(id_, agent, on=True)
        return id_, agent

    async def _serve(self, request: web.Request, id_: InteractionId, who: Who) -> web.StreamResponse:
        if request.headers.get(hdrs.UPGRADE, "").lower() != "websocket":
            return refusal(Answered(426, "upgrade", "this is a WebSocket"))
        socket = web.WebSocketResponse(heartbeat=_HEARTBEAT_S, compress=False, max_msg_size=pages.LONGEST)
        await socket.prepare(request)
        page = SocketPage()
        try:
            self._visits.open(id_, who, page)
        except SambungError as error:
            await socket.close(code=4403 if answered(error).status == 409 else 4410)
            return socket
        writing = asyncio.create_task(page.write(socket), name="page-write")
        pace, loop = Pace(), asyncio.get_running_loop()
        try:
            with suppress(ConnectionError):
                async for message in socket:
                    if message.type is not WSMsgType.TEXT:
                        break
                    self._visits.received(id_, who, page, message.data)
                    # Whoever says more than that is not refused but read more slowly; others are not troubled.
                    await asyncio.sleep(pace.wait_s(loop.time()))
        finally:
            self._visits.closed(id_, who, page)
            page.close(WSCloseCode.OK)
            with suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(2):
                    await writing
            writing.cancel()
            if not socket.closed and request.transport is not None:
                request.transport.abort()
        return socket


class SocketPage:
    """A browser's connection: fills ``video.visit_ports.Page``."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[str | int] = asyncio.Queue()
        self._closing = False

    def send(self, text: str) -> None:
        """Send a message, unless the page is being closed; one that does not read is."""
        if self._closing:
            return
        if self._waiting.qsize() >= _QUEUED:
            self.close(SLOW)
            return
        self._waiting.put_nowait(text)

    def close(self, code: int) -> None:
        """End the connection once what was sent has gone out."""
        if not self._closing:
            self._closing = True
            self._waiting.put_nowait(code)

    async def write(self, socket: web.WebSocketResponse) -> None:
        """Send what is to be sent until the page is closed."""
        while not isinstance(said := await self._waiting.get(), int):
            await socket.send_str(said)
        await socket.close(code=said)
