"""The public interface of control: what is wired to what, and the port on which it is served."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeAlias

import msgspec
import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler as WebHandler

from acd.engine import Engine
from core.clock import Clock
from core.errors import Fatal, Refused, SambungError
from core.ids import QueueId
from desk.account_routes import AccountRoutes
from desk.address import behind
from desk.admin_accounts import AdminAccountRoutes
from desk.admin_routes import AdminRoutes
from desk.agent_routes import AgentRoutes
from desk.app import Interface, errors
from desk.appointment_routes import AppointmentRoutes
from desk.call_routes import CallRoutes
from desk.customer_routes import CustomerRoutes
from desk.desk import Desk, Live, Outside
from desk.directory import Directory
from desk.feed import Feed
from desk.gate import Gate
from desk.live import StreamDoor
from desk.oidc import Oidc
from desk.oidc_routes import CALLBACK, OidcRoutes
from desk.openapi import document
from desk.pages import Pages
from desk.passwords import Passwords
from desk.ports import Calls, Devices
from desk.presence import Presence
from desk.receipts import Words
from desk.repeats import Repeats
from desk.ring import Ring
from desk.room import Room
from desk.room_routes import RoomRoutes
from desk.routes import MAX_BODY, PREFIX
from desk.stream import Streams
from desk.views import Views
from desk.voicemail_ports import Box
from desk.voicemail_routes import VoicemailRoutes
from desk.voicemail_watch import VoicemailWatch
from desk.webhooks import Webhooks
from pbx.settings import Secrets
from reports.tally import Tally
from sambung.administration import Reload
from sambung.administration_shelf import Shelf
from sambung.administration_sounds import Administration
from sambung.appointments import KEPT_MS, AppointmentDesk, Links
from sambung.centre import Centre
from sambung.closure import EmergencySwitch
from sambung.demo_users import demo_users, wall_token
from sambung.reload import Reloaded
from sambung.settings import Settings
from sambung.try_call import Citizen
from sambung.web_parts import DeskOffers, WrittenDown, directory, midnight, voicemail_due
from sambung.wishes import KeptWishes
from store.appointments import SqlAppointments
from store.customers import SqlCustomers
from store.database import Database, parse
from store.desk_accounts import SqlAccounts
from store.desk_figures import SqlFigures
from store.desk_record import SqlRecord
from store.desk_webhooks import SqlWebhooks
from store.queries import Queries
from store.versions import SqlVersions
from store.views import History, Summary
from store.voicemails import SqlVoicemails

_log = structlog.get_logger("web")

_SWEEP_S: Final = 3.0
"""How soon a session that another process ended loses its streams."""


More: TypeAlias = Callable[[Desk, Interface, EmergencySwitch], Sequence[web.RouteDef]]


_TIDY_MS: Final = 3_600_000
_DRAFTS_MS: Final = 3 * 86_400_000
"""A draft that nobody handed in is looked for no longer."""


class Web:
    """The public interface. ``open`` it once the line has its state; then serve what ``application`` returns."""

    def __init__(
        self,
        settings: Settings,
        centre: Centre,
        engine: Engine,
        queries: Queries,
        clock: Clock,
        passwords: Passwords | None = None,
    ) -> None:
        self._settings = settings
        self._centre = centre
        self._engine = engine
        self._queries = queries
        self._clock = clock
        self._database = Database(parse(settings.database))
        self.record = SqlRecord(self._database)
        self.accounts = SqlAccounts(self._database)
        self.figures = SqlFigures(self._database)
        self.customers = SqlCustomers(self._database)
        self.voicemails = SqlVoicemails(self._database)
        self.appointments = SqlAppointments(self._database)
        self.closure = EmergencySwitch(self.record, clock)
        self.webhooks = Webhooks(SqlWebhooks(self._database), clock)
        self._passwords = passwords or Passwords()
        self._secrets: Secrets | None = None
        self._desk: Desk | None = None
        self._watch: VoicemailWatch | None = None
        self._citizen = Citizen(settings, centre)
        self.predict: Callable[[QueueId], int | None] = lambda queue: None
        """Returns the P80 of the wait of who joins a queue now, if it can be said."""
        self.reload: Reload = _not_running
        """Puts the centre's files in force."""
        self.demo_made = asyncio.Event()
        """Set once the demo accounts are there, or are not wanted."""

    async def open(self, calls: Calls, devices: Devices, secrets: Secrets) -> Desk:
        """Put the parts together and publish everything as it is."""
        await self.closure.load()
        self._secrets = secrets
        live = await self._live(calls, devices)
        gate = Gate(self.accounts, self._passwords, self._clock)
        gate.on_end = live.streams.end
        self._desk = Desk(
            live=live,
            outside=Outside(
                accounts=self.accounts,
                audit=self.record,
                calls=calls,
                offers=DeskOffers(self._engine),
                devices=devices,
                closure=self.closure,
                history=WrittenDown(self._queries, self.figures),
                customers=self.customers,
                voicemails=await self._box(live),
                try_out=self._citizen,
                appointments=AppointmentDesk(
                    self.appointments,
                    Links(secrets.agents, self._settings.web.address),
                    lambda: self._centre,
                    self._clock,
                ),
            ),
            gate=gate,
            passwords=self._passwords,
            repeats=Repeats(self.record, self._clock),
            clock=self._clock,
            wall_token=wall_token(secrets),
        )
        return self._desk

    async def _box(self, live: Live) -> Box:
        def due(at: int) -> int:
            return voicemail_due(self._centre, self._settings, at)

        self._watch = VoicemailWatch(self.voicemails, live.views, live.feed, due)
        await self._watch.look()
        return Box(self.voicemails, self._settings.recordings, due, self._watch.look)

    async def _live(self, calls: Calls, devices: Devices) -> Live:
        words = directory(self._centre)
        room = await self._room(words)
        views = Views(self._engine, words, calls, devices, self.closure, room)
        ring = Ring(self._clock.now_ms())
        presence = Presence(self._engine, words, views, KeptWishes(self.record, self._clock))
        feed = Feed(self._engine, views, room, ring, self._clock)
        feed.on_agents = presence.look
        feed.on_seen = self.webhooks.wake
        presence.on_change = lambda agent: feed.touch(agent=agent)
        streams = Streams(ring, presence, self._clock)
        self._engine.watch(feed)
        feed.start()
        await presence.start()
        return Live(self._engine, words, views, ring, feed, presence, streams)

    async def _room(self, words: Directory) -> Room:
        """Return the room with what was written down of today."""
        now = self._clock.now_ms()
        today = midnight(self._centre.zone, now)
        tally = Tally({channel: target.threshold_ms for channel, target in words.targets.items()}, today)
        tally.begin(*await self.figures.stays(today))
        tally.age(now)
        room = Room(words, tally, self._clock)
        room.predict = lambda queue: self.predict(queue)
        for contact, category in (await self.figures.categories()).items():
            room.disposed(contact, category)
        return room

    def use(self, centre: Centre) -> None:
        """Show the words and people of ``centre`` from here on."""
        self._centre = centre
        if self._desk is not None:
            self._desk.live.directory.become(directory(centre))
            self._desk.live.feed.touch_everybody()

    def application(self, desk: Desk, more: More = lambda *_: ()) -> web.Application:
        """Return everything that is served; ``more`` adds the routes of visitors."""
        settings = self._settings.web
        words = Words(desk.live.directory.name_of, self._centre.zone)
        callback = settings.address + CALLBACK
        oidc = Oidc(settings.oidc, callback, self._clock) if settings.oidc else None
        handlers = {
            **AccountRoutes(desk, oidc.name if oidc else None).handlers(),
            **AgentRoutes(desk).handlers(),
            **CallRoutes(desk).handlers(),
            **CustomerRoutes(desk).handlers(),
            **VoicemailRoutes(desk).handlers(),
            **AppointmentRoutes(desk).handlers(),
            **RoomRoutes(desk, words).handlers(),
            **AdminAccountRoutes(desk).handlers(),
            **AdminRoutes(self._administration()).handlers(),
        }
        interface = Interface(desk, handlers, settings.origins, secure=settings.secure)
        middlewares = [behind(settings.proxies), _headers(self._settings), errors]
        app = web.Application(client_max_size=MAX_BODY, middlewares=middlewares)
        app.add_routes(interface.routes())
        app.add_routes(StreamDoor(desk, interface).routes())
        app.add_routes(OidcRoutes(desk, oidc, secure=settings.secure).routes())
        app.add_routes(more(desk, interface, self.closure))
        app.add_routes([web.get(f"{PREFIX}/openapi.json", _described(settings.address))])
        app.add_routes(Pages(settings.pages).routes())
        return app

    def _administration(self) -> Administration:
        shelf = Shelf(self._settings.centre, SqlVersions(self._database), self._clock)
        return Administration(self._settings, shelf, lambda: self.reload())

    async def run(self, desk: Desk) -> None:
        """Publish figures and end the streams of sessions that are over, until cancelled."""
        zone = self._centre.zone
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(desk.live.feed.run(lambda now: midnight(zone, now)), name="figures")
                tasks.create_task(self._sweep(desk), name="sessions")
                tasks.create_task(self._make_demo_users(), name="demo-users")
                tasks.create_task(self.webhooks.run(), name="webhooks")
                if self._watch is not None:
                    tasks.create_task(self._watch.run(), name="voicemails")
        finally:
            desk.live.presence.stop()
            await self._citizen.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._database.close()

    async def _sweep(self, desk: Desk) -> None:
        tidied = 0
        while True:
            await asyncio.sleep(_SWEEP_S)
            with suppress(SambungError):
                await desk.gate.sweep(desk.live.streams)
                now = self._clock.now_ms()
                if now - tidied > _TIDY_MS:
                    tidied = now
                    await self.accounts.forget_expired(now)
                    await self.customers.forget_drafts(now - _DRAFTS_MS)
                    await self.appointments.forget(now - KEPT_MS)

    async def _make_demo_users(self) -> None:
        """Hashing takes seconds on a small machine: nobody's call waits for it."""
        if self._settings.demo_users and self._secrets is not None:
            for demo in demo_users(self._centre, self._secrets):
                if await self.accounts.user(demo.user.name) is None:
                    hashed = await self._passwords.hash(demo.password)
                    with suppress(Refused):
                        await self.accounts.add(demo.user, hashed)
        self.demo_made.set()


async def _not_running() -> Reloaded:
    return Reloaded(("the line is not running here; the files are in force once it is",))


class User(Protocol):
    """Whoever has to know the centre's words."""

    def use(self, centre: Centre) -> None:
        """Go by ``centre`` from here on."""


class Together:
    """Several who are given the centre's words at once."""

    def __init__(self, *users: User) -> None:
        self._users = users

    def use(self, centre: Centre) -> None:
        """Have everybody go by ``centre`` from here on."""
        for user in self._users:
            user.use(centre)


async def serve(app: web.Application, settings: Settings) -> web.AppRunner:
    """Serve ``app`` on the port of the settings. The caller cleans the runner up. Raises Fatal if it is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.web.host, settings.web.port).start()
    except OSError as error:
        await runner.cleanup()
        raise Fatal(f"web.port = {settings.web.port}: {error.strerror}; give it another") from error
    return runner


ANSWERS: Final[Mapping[str, Any]] = {"interaction": History, "recent": Sequence[Summary]}
"""Types of answers that the store defines, by route."""


def described(address: str) -> bytes:
    """Return the interface's description as JSON (OpenAPI 3.1)."""
    return msgspec.json.format(msgspec.json.encode(document(ANSWERS, "1", address)), indent=1)


def _described(address: str) -> WebHandler:
    body = described(address)

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    return handler


def _headers(settings: Settings) -> Any:
    from sambung.web_parts import phone_url

    phones = phone_url(settings)
    sockets = f"{settings.web.address.replace('http', 'ws', 1)} {phones.rpartition('/')[0]}"
    policy = (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'; "
        f"connect-src 'self' {sockets}; img-src 'self' data: blob:; media-src 'self' blob:; "
        "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
    }

    @web.middleware
    async def middleware(request: web.Request, handler: WebHandler) -> web.StreamResponse:
        response = await handler(request)
        if not response.prepared:
            response.headers.update(headers)
            if request.path.startswith(PREFIX):
                response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
        return response

    return middleware
