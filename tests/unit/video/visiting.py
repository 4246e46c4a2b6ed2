"""Visits over a real line (engine, journal in memory), with rooms that do what the worker's would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec

from acd.effects import Effect
from acd.engine import Engine
from acd.events import (
    AgentSignedIn,
    Event,
    IntentSet,
    OfferAccepted,
    ReachChanged,
)
from acd.model import (
    AgentRule,
    Channel,
    ChannelRule,
    LineRules,
    Phase,
    Profile,
    QueueRule,
    Row,
)
from acd.ports import Entry, Snapshot
from acd.views import InteractionView
from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId, OfferId, ProfileId, QueueId
from tests.waiting import until
from video import messages as m
from video.book import Message, Rating, Visitor
from video.model import Label, Mid, ParticipantId, Role, RoomId
from video.visit import Destination
from video.visits import Visits

ID, QUEUE, RANI = InteractionId("c" * 32), QueueId("licensing"), AgentId("ag301")
SARI = Visitor(ID, "Sari", "kbli", "id", True, "2026-11", 1)
NUMBER = "+628123456789"
RULES = LineRules(
    channels=(ChannelRule(Channel.VIDEO, 100), ChannelRule(Channel.VOICE, 100)),
    queues=(QueueRule(QUEUE, wrap_up_ms=0, priority=2),),
    profiles=(Profile(ProfileId("video"), (Row(QUEUE, Channel.VIDEO),)),),
    agents=(AgentRule(RANI, ProfileId("video")),),
)


class Time:
    def now_ms(self) -> int:
        return 1_700_000_000_000


class Memory:
    """A journal that outlives the engine."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.appends: list[list[type[Event]]] = []

    async def append(self, entries: Sequence[Entry]) -> None:
        self.entries += entries
        self.appends.append([type(entry.event) for entry in entries])

    async def read(self, after: int = 0) -> AsyncIterator[tuple[int, int, Event]]:
        for entry in self.entries[after:]:
            yield entry.seq, entry.at, entry.event

    async def save_snapshot(self, snapshot: Snapshot) -> None: ...

    async def snapshots(self) -> Sequence[Snapshot]:
        return ()


class Notebook:
    def __init__(self) -> None:
        self.visitors: dict[InteractionId, Visitor] = {}
        self.lines: list[Message] = []

    async def add(self, visitor: Visitor) -> None:
        self.visitors.setdefault(visitor.id, visitor)

    async def visitor(self, interaction: InteractionId) -> Visitor | None:
        return self.visitors.get(interaction)

    async def say(self, interaction: InteractionId, key: str, at: int, sender: str, text: str) -> Message:
        self.lines.append(Message(len(self.lines) + 1, at, sender, text, key))
        return self.lines[-1]

    async def messages(self, interaction: InteractionId) -> Sequence[Message]:
        return tuple(self.lines)

    async def rate(self, interaction: InteractionId, rating: Rating, at: int) -> bool:
        return True


class Worker:
    """Rooms, without media: a join is connected when the test says so."""

    def __init__(self) -> None:
        self.rooms: dict[RoomId, dict[ParticipantId, Role]] = {}
        self.recorded: set[RoomId] = set()
        self.up = True

    async def create_room(self, room: RoomId) -> None:
        if not self.up:
            raise TryLater("no video worker is up")
        self.rooms.setdefault(room, {})

    async def close_room(self, room: RoomId) -> None:
        self.rooms.pop(room, None)

    async def join(
        self,
        room: RoomId,
        participant: ParticipantId,
        role: Role,
        offer: str,
        labels: Mapping[Mid, Label] | None = None,
    ) -> m.Joined:
        if room not in self.rooms:
            raise Gone("there is no such room")
        if offer == "bad":
            raise Refused("the offer cannot be read")
        self.rooms[room][participant] = role
        return m.Joined(f"answer to {offer}", ())

    async def offer(
        self, room: RoomId, participant: ParticipantId, offer: str, labels: Mapping[Mid, Label] | None = None
    ) -> m.Joined:
        return m.Joined(f"renewed {offer}", ())

    async def leave(self, room: RoomId, participant: ParticipantId) -> None:
        self.rooms.get(room, {}).pop(participant, None)

    async def record(self, room: RoomId, *, on: bool) -> None:
        self.recorded.add(room)

    async def stats(self, room: RoomId) -> m.Stats:
        there = self.rooms[room].items()
        return m.Stats(0, {}, tuple(m.ParticipantStats(p, r, True, None, (), ()) for p, r in there))


class Screen:
    """A page."""

    def __init__(self) -> None:
        self.heard: list[dict[str, object]] = []
        self.code: int | None = None

    def send(self, text: str) -> None:
        self.heard.append(msgspec.json.decode(text))

    def close(self, code: int) -> None:
        self.code = code

    def last(self, kind: str) -> dict[str, object] | None:
        return next((message for message in reversed(self.heard) if message["type"] == kind), None)

    def stage(self) -> object:
        state = self.last("state")
        return state and state["stage"]


class Line:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def post(self, event: Event) -> None:
        self.engine.post(event)

    async def submit(self, *events: Event) -> Sequence[Effect]:
        return await self.engine.submit(*events)

    def live_visits(self) -> Iterable[InteractionView]:
        return [contact for contact in self.engine.state.live() if contact.channel is Channel.VIDEO]

    def contact(self, interaction: InteractionId) -> InteractionView | None:
        return self.engine.state.interaction(interaction)

    def position(self, interaction: InteractionId) -> int | None:
        return self.engine.state.position(interaction)

    def predicted_ms(self, interaction: InteractionId) -> int | None:
        return 60_000


class Hall:
    def __init__(self, engine: Engine, visits: Visits, worker: Worker, book: Notebook) -> None:
        self.engine, self.visits, self.worker, self.book = engine, visits, worker, book
        self.visitor, self.agent = Screen(), Screen()

    def phase(self) -> Phase | None:
        contact = self.engine.state.interaction(ID)
        return contact and contact.phase

    async def ready(self) -> None:
        await self.engine.submit(
            AgentSignedIn(agent=RANI),
            ReachChanged(agent=RANI, channel=Channel.VIDEO, ok=True),
            IntentSet(agent=RANI, ready=True),
        )

    def say(self, page: Screen, who: AgentId | None, **message: object) -> None:
        self.visits.received(ID, who, page, msgspec.json.encode(message))

    async def offered(self) -> OfferId:
        await self.visits.come(SARI, Destination(QUEUE))
        self.visits.open(ID, None, self.visitor)
        await self.ready()
        await until(lambda: self.phase() is Phase.OFFERED)
        contact = self.engine.state.interaction(ID)
        assert contact is not None
        assert contact.offer is not None
        return contact.offer

    async def talking(self) -> None:
        await self.engine.submit(OfferAccepted(offer=await self.offered()))
        self.visits.open(ID, RANI, self.agent)
        await until(lambda: self.visitor.last("invited") and self.agent.last("invited"))
        self.say(self.visitor, None, type="join", sdp="v")
        self.say(self.agent, RANI, type="join", sdp="a")
        await until(lambda: self.visitor.last("answer") and self.agent.last("answer"))
        for participant in self.worker.rooms[RoomId(ID)]:
            self.visits.happened(m.Connected(RoomId(ID), participant))
        await until(lambda: self.phase() is Phase.TALKING)


@asynccontextmanager
async def hall(memory: Memory, worker: Worker, book: Notebook) -> AsyncIterator[Hall]:
    visits = Visits(book, Time(), {RANI: "Rani"}.__getitem__)
    engine = Engine(memory, [visits], Time(), RULES)
    await engine.start()
    started = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        running = [
            tasks.create_task(engine.run()),
            tasks.create_task(visits.run(Line(engine), worker, started)),
        ]
        await started.wait()
        yield Hall(engine, visits, worker, book)
        for task in running:
            task.cancel()
