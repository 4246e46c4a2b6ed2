"""The public interface of a centre that has no Asterisk: the real line, store and server, on a real port."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import CookieJar
from argon2 import PasswordHasher

from acd.effects import Connect, Effect
from acd.engine import Engine
from acd.events import (
    AgentSignedIn,
    Arrived,
    Connected,
    Dismissed,
    IntentSet,
    OfferAccepted,
    Queued,
    ReachChanged,
)
from acd.model import Channel, Outcome, Phase
from core.clock import SystemClock
from core.errors import SambungError
from core.ids import AgentId, InteractionId, OfferId, QueueId, new_interaction_id
from desk.bodies import PhoneAccount
from desk.desk import Desk
from desk.model import CallLive, LinkState, Phone
from desk.passwords import Passwords, digest, new_token
from pbx import secrets
from pbx.commands import Command
from pbx.settings import Secrets
from sambung.centre import Centre, load_centre
from sambung.demo_users import password
from sambung.load import load
from sambung.settings import Settings
from sambung.web import Web, serve
from store.journal import SqlJournal
from store.queries import Queries
from tests.integration.asterisk_fixture import write_tone
from tests.integration.ports import free_ports
from tests.waiting import until
from workforce.accounts import Act, Token

ROOT: Final = Path(__file__).resolve().parents[2]
CHEAP: Final = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
MARK: Final = {"X-Sambung": "1"}


class Connecting:
    """Connects at once whoever the line puts together: text channels have no sound to wait for."""

    engine: Engine

    def perform(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, Connect):
                self.engine.post(Connected(id=effect.id))


class Commanded:
    """Takes down what calls are asked to do."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.refusal: SambungError | None = None
        self.pause = asyncio.Event()
        self.pause.set()

    async def command(self, command: Command) -> None:
        await self.pause.wait()
        if self.refusal is not None:
            raise self.refusal
        self.commands.append(command)

    def view(self, id_: InteractionId) -> CallLive | None:
        return None


class NoDevices:
    def phones(self, agent: AgentId) -> tuple[Phone, ...]:
        return (Phone(f"{agent}-web", "browser", False),)

    def account(self, agent: AgentId) -> PhoneAccount:
        return PhoneAccount("ws://127.0.0.1:1/ws", f"sip:{agent}-web@127.0.0.1", f"{agent}-web", "x", "y", ())

    def links(self) -> tuple[LinkState, ...]:
        return (LinkState("ari", True, 1),)


class Browser:
    """Somebody with a cookie jar."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        self.session = session
        self.base = base
        self.api = f"{base}/api/v1"

    async def ask(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Return status and answer."""
        status, answer, _ = await self.exchange(method, path, body, headers=headers)
        return status, answer

    async def exchange(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        """Return status, answer and headers."""
        raw = body if isinstance(body, bytes) or body is None else msgspec.json.encode(body)
        sent = MARK if headers is None else headers
        async with self.session.request(method, self.api + path, data=raw, headers=sent) as response:
            text = await response.read()
            answer = msgspec.json.decode(text) if response.content_type == "application/json" else text
            return response.status, answer, dict(response.headers)

    async def get(self, path: str) -> Any:
        status, answer = await self.ask("GET", path)
        assert status == 200, answer
        return answer

    async def post(self, path: str, body: Any = None) -> Any:
        status, answer = await self.ask("POST", path, body or {})
        assert status == 200, (path, answer)
        return answer

    @asynccontextmanager
    async def stream(self, query: str = "", origin: str | None = None) -> AsyncIterator[Screen]:
        """Open the live stream."""
        headers = {"Origin": origin or self.base}
        async with self.session.ws_connect(
            f"{self.api}/stream{query}", headers=headers, max_msg_size=0
        ) as socket:
            yield Screen(socket)


class Screen:
    """What a client of the stream holds: nothing but snapshots and events make it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.seq = 0
        self.values: dict[tuple[str, str], Any] = {}
        self.notices: list[Any] = []
        self.frames: list[str] = []

    async def frame(self, within: float = 10.0) -> Any:
        """Take the next frame, or return the close code."""
        message = await self.socket.receive(within)
        if message.type is not aiohttp.WSMsgType.TEXT:
            return self.socket.close_code
        frame = msgspec.json.decode(message.data)
        self.take(frame)
        return frame

    async def until(self, holds: Any, within: float = 10.0) -> Any:
        """Take frames until ``holds`` is true of this screen; return what it returned."""
        async with asyncio.timeout(within):
            while not (found := holds(self)):
                frame = await self.frame(within)
                assert isinstance(frame, dict), f"closed with {frame}"
            return found

    def take(self, frame: Any) -> None:
        self.frames.append(frame["type"])
        assert frame["seq"] >= self.seq
        self.seq = frame["seq"]
        if frame["type"] == "snapshot":
            self.values = dict(held(frame))
        else:
            for event in frame["events"]:
                self.apply(event)

    def apply(self, event: Any) -> None:
        match event["op"]:
            case "put":
                self.values[event["topic"], event["key"]] = event["value"]
            case "drop":
                del self.values[event["topic"], event["key"]]
            case "tell":
                self.notices.append(event["value"])

    def get(self, topic: str, key: str) -> Any:
        return self.values.get((topic, key))


def held(snapshot: Any) -> list[tuple[tuple[str, str], Any]]:
    """Return what a snapshot says, by topic and key."""
    found = [((topic, one["id"]), one) for topic in _MANY for one in snapshot[topic]]
    for topic, key, name in _ONE:
        if snapshot[name] is not None:
            found.append(((topic, key), snapshot[name]))
    return found


_MANY: Final = ("desk", "queues", "colleagues", "agents", "contacts")
_ONE: Final = (("desk", "me", "me"), ("centre", "centre", "centre"), ("wallboard", "wallboard", "wallboard"))


@dataclasses.dataclass
class RunningWeb:
    """A served interface, and what is behind it."""

    settings: Settings
    centre: Centre
    engine: Engine
    web: Web
    desk: Desk
    calls: Commanded
    secrets: Secrets
    base: str

    @asynccontextmanager
    async def browser(self, user: str | None = None) -> AsyncIterator[Browser]:
        """Open a browser, signed in as one of the demo accounts."""
        async with aiohttp.ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
            browser = Browser(session, self.base)
            if user is not None:
                await browser.post("/session", {"name": user, "password": self.password(user)})
            yield browser

    async def on_duty(self, agent: str, *channels: Channel) -> None:
        """Sign the agent in and make the agent ready, with devices for ``channels``; voice unless said."""
        id_ = AgentId(agent)
        reach = [ReachChanged(id_, channel, True) for channel in channels or (Channel.VOICE,)]
        await self.engine.submit(AgentSignedIn(id_), IntentSet(id_, True), *reach)

    async def arrive(self, queue: str = "licensing", channel: Channel = Channel.VOICE) -> InteractionId:
        """A contact comes and joins a queue."""
        id_ = new_interaction_id()
        arrived = Arrived(id_, channel, self.desk.clock.now_ms(), caller="081234567890")
        await self.engine.submit(arrived, Queued(id_, QueueId(queue)))
        return id_

    async def offered(self, agent: str, queue: str = "licensing") -> tuple[InteractionId, OfferId]:
        """A contact comes and is offered to the agent, who alone is on duty."""
        id_ = await self.arrive(queue)
        await self.engine.submit()
        view = self.engine.state.interaction(id_)
        assert view is not None
        assert view.agent == agent
        assert view.offer is not None
        return id_, view.offer

    async def talking(self, agent: str) -> InteractionId:
        """A contact comes, and the agent talks with the customer."""
        id_, offer = await self.offered(agent)
        await self.engine.submit(OfferAccepted(offer))
        await until(lambda: self.phase(id_) == Phase.TALKING)
        return id_

    async def voicemail(
        self, queue: str = "licensing", caller: str = "081234567890", ago_ms: int = 0
    ) -> InteractionId:
        """A caller leaves a message of two seconds, and the recorder keeps it."""
        id_, at = new_interaction_id(), self.desk.clock.now_ms() - ago_ms
        arrived = Arrived(id_, Channel.VOICE, at, caller=caller)
        await self.engine.submit(arrived, Dismissed(id_, Outcome.VOICEMAIL))
        rows, file = self.web.voicemails, self.settings.recordings / f"{id_}.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_tone(file, 600, 2.0)
        await rows.begin(id_, QueueId(queue), "id", at, "x.wav")
        await rows.left(id_, 2_000)
        await rows.kept(id_, file.name, 2_000, at)
        return id_

    def phase(self, id_: InteractionId) -> Phase | None:
        view = self.engine.state.interaction(id_)
        return None if view is None else view.phase

    async def token(self, user: str) -> str:
        """Return a machine's token in the name of an account."""
        now, token = self.desk.clock.now_ms(), new_token()
        await self.web.accounts.add_token(Token("0123", user, "test", now, now + 60_000), digest(token))
        return token

    async def acts(self) -> list[Act]:
        """Return the audit, the newest first."""
        return list(await self.web.record.acts(1000))

    def password(self, user: str) -> str:
        return password(self.secrets, user)

    def agent(self, number: int) -> AgentId:
        return list(self.centre.agents)[number]


def settings_for(folder: Path, **changes: Any) -> Settings:
    """Return the shipped settings for a home below ``folder``, on a free port."""
    settings = load(ROOT / "config", folder / "home", {})
    web = dataclasses.replace(settings.web, port=free_ports(1)[0], pages=folder / "pages", **changes)
    return dataclasses.replace(settings, web=web)


@asynccontextmanager
async def running_web(folder: Path, settings: Settings | None = None) -> AsyncIterator[RunningWeb]:
    """Serve the interface of the shipped centre until the end of the block."""
    settings = settings or settings_for(folder)
    settings.home.mkdir(exist_ok=True)
    centre = load_centre(settings.centre, always_open=True)
    clock = SystemClock()
    journal = await SqlJournal.open(settings.database)
    queries = await Queries.open(settings.database)
    connecting, calls = Connecting(), Commanded()
    engine = connecting.engine = Engine(journal, (connecting,), clock, centre.line_rules)
    passwords = secrets.load(settings.home)
    try:
        await engine.start()
        web = Web(settings, centre, engine, queries, clock, Passwords(CHEAP))
        async with web, asyncio.TaskGroup() as tasks:
            desk = await web.open(calls, NoDevices(), passwords)
            line = tasks.create_task(engine.run())
            feeding = tasks.create_task(web.run(desk))
            runner = await serve(web.application(desk), settings)
            await web.demo_made.wait()
            yield RunningWeb(settings, centre, engine, web, desk, calls, passwords, settings.web.address)
            desk.live.streams.close()
            await runner.cleanup()
            await engine.stop()
            await line
            feeding.cancel()
    finally:
        await queries.close()
        await journal.close()
