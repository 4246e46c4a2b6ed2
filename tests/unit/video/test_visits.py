"""The shell of visits over a real line (engine, journal in memory), with rooms that do what the worker's would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from acd.effects import Effect, Moved
from acd.engine import Engine
from acd.events import (
    AgentSignedIn,
    Arrived,
    Dismissed,
    Event,
    IntentSet,
    OfferAccepted,
    Queued,
    ReachChanged,
    Unqueued,
)
from acd.model import (
    AgentRule,
    Channel,
    ChannelRule,
    Kind,
    LineRules,
    Need,
    Outcome,
    Phase,
    Profile,
    QueueRule,
    Row,
)
from acd.ports import Entry, Snapshot
from acd.views import InteractionView
from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId, OfferId, ProfileId, QueueId, SkillId
from tests.waiting import until
from video import messages as m
from video.book import Message, Rating, Visitor
from video.model import Label, Mid, ParticipantId, Role, RoomId
from video.visit_commands import callback_id
from video.visit_errands import OVER
from video.visits import REPLACED, Visits

ID, QUEUE, RANI = InteractionId("c" * 32), QueueId("licensing"), AgentId("ag301")
SARI = Visitor(ID, "Sari", "kbli", "id", True, "2026-11", 1)
NUMBER = "+628123456789"
RULES = LineRules(
    channels=(ChannelRule(Channel.VIDEO, 100), ChannelRule(Channel.VOICE, 100)),
    queues=(QueueRule(QUEUE, wrap_up_ms=0),),
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
        await self.visits.come(SARI, QUEUE)
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


@pytest.fixture
async def there() -> AsyncIterator[Hall]:
    async with hall(Memory(), Worker(), Notebook()) as made:
        yield made


async def test_a_visitor_waits_talks_and_leaves(there: Hall) -> None:
    await there.talking()
    state = there.visitor.last("state")
    assert state is not None
    assert state["stage"] == "talking"
    assert [(p["side"], p["name"]) for p in state["people"]] == [("visitor", "Sari"), ("agent", "Rani")]  # type: ignore[attr-defined]
    assert state["recorded"] is True
    assert there.worker.recorded == {RoomId(ID)}
    there.say(there.visitor, None, type="leave")
    await until(lambda: there.phase() is None and there.worker.rooms == {})
    assert there.visitor.stage() == "over"
    await until(lambda: there.visitor.code == OVER and there.agent.code == OVER)
    assert not there.visits.has(ID)


async def test_place_and_wait_are_shown_while_waiting(there: Hall) -> None:
    await there.visits.come(SARI, QUEUE)
    there.visits.open(ID, None, there.visitor)
    await until(lambda: there.visitor.stage() == "waiting")
    state = there.visitor.last("state")
    assert state is not None
    assert (state["position"], state["wait_ms"]) == (1, 60_000)


async def test_chat_reaches_everybody_and_whoever_comes_later(there: Hall) -> None:
    await there.talking()
    there.say(there.visitor, None, type="write", key="k1", text=" NIB saya belum terbit ")
    await until(lambda: (there.agent.last("chat") or {}).get("lines"))
    again = Screen()
    there.visits.open(ID, RANI, again)
    await until(lambda: again.last("chat"))
    lines = again.last("chat")
    assert lines is not None
    text, at = "NIB saya belum terbit", Time().now_ms()
    assert lines["lines"] == [
        {"id": 1, "at": at, "sender": "visitor", "text": text, "key": "k1", "file": None}
    ]
    assert there.agent.code == REPLACED


async def test_nobody_connects_uninvited(there: Hall) -> None:
    await there.offered()
    there.say(there.visitor, None, type="join", sdp="v")
    await until(lambda: there.visitor.last("problem"))
    assert there.worker.rooms == {}
    with pytest.raises(Refused):
        there.visits.open(ID, AgentId("ag999"), Screen())
    with pytest.raises(Gone):
        there.visits.open(InteractionId("d" * 32), None, Screen())


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b'{"type":"join"}', b'{"type":"sudo"}', b"\xff", b'{"type":"write","key":"","text":"x"}'],
)
async def test_what_is_no_message_is_said_to_be_none(there: Hall, raw: bytes) -> None:
    await there.visits.come(SARI, QUEUE)
    there.visits.open(ID, None, there.visitor)
    there.visits.received(ID, None, there.visitor, raw)
    assert (there.visitor.last("problem") or {})["code"] == "refused"
    assert there.visits.has(ID)


async def test_a_lost_worker_brings_everybody_back_to_a_new_one(there: Hall) -> None:
    await there.talking()
    there.worker.rooms.clear()
    there.worker.up = False
    there.visitor.heard.clear()
    there.visits.worker_lost([RoomId(ID)])
    await until(lambda: there.visitor.last("state"))
    assert there.visitor.last("invited") is None, "there is no room to join yet"
    there.worker.up = True
    await until(lambda: there.visitor.last("invited"))
    assert there.phase() is Phase.TALKING


async def test_control_comes_back_to_a_call_that_goes_on() -> None:
    memory, worker, book = Memory(), Worker(), Notebook()
    async with hall(memory, worker, book) as before:
        await before.talking()
    async with hall(memory, worker, book) as after:
        stray = RoomId("e" * 32)
        worker.rooms[stray] = {}
        after.visits.worker_found([RoomId(ID), stray])
        await until(lambda: stray not in worker.rooms)
        after.visits.open(ID, None, after.visitor)
        after.visits.open(ID, RANI, after.agent)
        await until(lambda: after.visitor.stage() == "talking")
        assert after.visitor.last("invited") is None, "the media runs: nobody connects anew"
        after.say(after.agent, RANI, type="leave")
        await until(lambda: after.phase() is None)
    closed = [
        effect
        for entry in memory.entries
        for effect in entry.effects
        if getattr(effect, "phase", 0) is Phase.CLOSED
    ]
    assert [effect.outcome for effect in closed] == [Outcome.HANDLED]  # type: ignore[union-attr]


async def test_a_worker_that_goes_as_control_stops_is_no_loss() -> None:
    async with hall(Memory(), Worker(), Notebook()) as there:
        await there.talking()
    there.visits.worker_lost([RoomId(ID)])
    assert there.worker.rooms, "the room is left to the control process that comes next"


async def test_a_waiting_visitor_is_called_back_at_the_old_place() -> None:
    memory = Memory()
    async with hall(memory, Worker(), Notebook()) as there:
        await there.visits.come(SARI, QUEUE, (Need(SkillId("id")),))
        there.visits.open(ID, None, there.visitor)
        contact = there.engine.state.interaction(ID)
        assert contact is not None
        await there.visits.call_back(ID, NUMBER)
        promised = there.engine.state.interaction(callback_id(ID))
        assert promised is not None
        assert (promised.channel, promised.phase, promised.kind) == (
            Channel.VOICE,
            Phase.WAITING,
            Kind.CALLBACK,
        )
        assert (promised.caller, promised.parent, promised.queue) == (NUMBER, ID, QUEUE)
        assert (promised.arrived_at, promised.score) == (contact.arrived_at, contact.score)
        assert (promised.language, promised.needs) == ("id", (("id", 1),))
        await until(lambda: there.visitor.code == OVER)
        assert there.visitor.stage() == "over"
        with pytest.raises(Gone):
            await there.visits.call_back(ID, NUMBER)
    assert _closed(memory) == {ID: Outcome.CALLBACK}
    assert memory.appends[-1] == [Dismissed, Arrived, Queued], "all of it or nothing"


async def test_two_wishes_at_once_make_one_callback_and_an_agent_who_was_rung_is_let_go(there: Hall) -> None:
    offer = await there.offered()
    done = await asyncio.gather(
        *(there.visits.call_back(ID, NUMBER) for _ in range(3)), return_exceptions=True
    )
    assert [type(one) for one in done].count(Refused) == 2
    assert there.phase() is None
    await there.engine.submit(OfferAccepted(offer=offer))
    assert there.engine.state.interaction(callback_id(ID)) is not None
    live = [contact.id for contact in there.engine.state.live()]
    assert live == [callback_id(ID)]


async def test_who_was_accepted_at_the_same_moment_talks_and_is_not_called(there: Hall) -> None:
    offer = await there.offered()
    there.engine.post(OfferAccepted(offer=offer))
    with pytest.raises(Refused, match="an agent has taken the call"):
        await there.visits.call_back(ID, NUMBER)
    assert there.phase() is Phase.CONNECTING
    assert there.engine.state.interaction(callback_id(ID)) is None


async def test_a_promise_that_was_not_written_down_leaves_the_visitor_in_line() -> None:
    memory, worker, book = Memory(), Worker(), Notebook()
    async with hall(memory, worker, book) as before:
        await before.visits.come(SARI, QUEUE, (Need(SkillId("id")),))
        # Control dies between the two appends.
        await before.engine.submit(Unqueued(id=ID, cause="callback_wanted"))
    async with hall(memory, worker, book) as after:
        await until(lambda: after.phase() is Phase.WAITING)
        contact = after.engine.state.interaction(ID)
        assert contact is not None
        assert (contact.queue, contact.needs, contact.language) == (QUEUE, (("id", 1),), "id")
        after.visits.open(ID, None, after.visitor)
        await until(lambda: after.visitor.stage() == "waiting")
        await after.visits.call_back(ID, NUMBER)
        assert after.phase() is None


def _closed(memory: Memory) -> dict[InteractionId, Outcome | None]:
    return {
        effect.id: effect.outcome
        for entry in memory.entries
        for effect in entry.effects
        if isinstance(effect, Moved) and effect.phase is Phase.CLOSED
    }
