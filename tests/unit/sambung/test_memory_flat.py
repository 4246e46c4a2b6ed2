"""What the line and its watchers hold does not grow with how many contacts there were."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from typing import cast

from acd.effects import Effect, SendOffer, StartWrapUp
from acd.engine import Engine
from acd.estimate_learner import Learner
from acd.events import Arrived as Comes
from acd.events import Connected, Disposed, Ended, Event, OfferAccepted, OfferRejected, Queued, WrapUpDone
from acd.model import Channel, Party, QueueRule
from core.ids import AgentId, InteractionId, QueueId
from desk.bodies import Reference
from desk.directory import TARGETS, Directory
from desk.feed import Feed
from desk.model import CallLive, LinkState, Phone
from desk.ports import Calls, Closure, Devices
from desk.ring import Ring
from desk.room import Room
from desk.views import Views
from reports.tally import Tally
from tests.unit.acd.world import START, World, agent, rules

CONTACTS = 1_200
SPACING_S = 0.3
CALLERS = 300
A_CONTACT = 200
"""Bytes; what has a bound may still fill up a little. It was more than 500 before things were let go of."""

QUEUE = QueueId("oss")
AGENTS = tuple(f"ag{number}" for number in range(4))


class Around:
    """No telephones and no switch."""

    state = (False, "", "", 0)

    def view(self, id_: InteractionId) -> CallLive | None:
        return None

    def phones(self, agent: str) -> tuple[Phone, ...]:
        return ()

    def links(self) -> tuple[LinkState, ...]:
        return ()


class Day(World):
    """A line with everything that watches it."""

    def __init__(self) -> None:
        self.watched = False
        super().__init__(rules(*map(agent, AGENTS), queues=(QueueRule(QUEUE, return_ms=60_000),)))
        self.count = 0
        around = Around()
        words = Directory({}, {}, {}, {}, {}, TARGETS, (Channel.VOICE,), cast("Reference", None))
        self.tally = Tally({Channel.VOICE: 20_000}, START)
        room = Room(words, self.tally, self)
        engine = cast("Engine", self)
        views = Views(
            engine, words, cast("Calls", around), cast("Devices", around), cast("Closure", around), room
        )
        self.learner = Learner()
        self.feed = Feed(engine, views, room, Ring(0, size=200), self)
        self.feed.start()
        self.watched = True
        self.sign_in(*AGENTS)

    def now_ms(self) -> int:
        return self.now

    def do(self, *events: Event) -> list[Effect]:
        out = super().do(*events)
        self.effects.clear()
        if self.watched:
            self.learner.see(self.state, out)
            self.feed.saw(self.entries)
            self.entries.clear()
        return out

    async def contacts(self, count: int) -> None:
        """Let so many come: one in four gives up, one offer in four is declined."""
        for _ in range(count):
            self.after(SPACING_S)
            self.count += 1
            id_ = InteractionId(f"{self.count:032x}")
            caller = f"+62810{self.count % CALLERS:04d}"
            out = self.do(Comes(id_, Channel.VOICE, self.now, caller=caller), Queued(id_, QUEUE))
            offers = [effect for effect in out if isinstance(effect, SendOffer)]
            if self.count % 4 == 1 or not offers:
                self.do(Ended(id_, Party.CUSTOMER, "hung_up"))
            elif self.count % 4 == 2:
                self.do(OfferRejected(offers[0].offer), Ended(id_, Party.CUSTOMER, "hung_up"))
            else:
                self.do(OfferAccepted(offers[0].offer), Connected(id_))
                ended = self.do(Ended(id_, Party.CUSTOMER, "hung_up"))
                self.do(Disposed(id_, AgentId(AGENTS[0]), f"category{self.count % 7}"))
                self.do(*(WrapUpDone(wrap.id) for wrap in ended if isinstance(wrap, StartWrapUp)))
            self.tally.age(self.now)
            await asyncio.sleep(0)


async def test_what_is_held_does_not_grow_with_the_contacts_that_are_over() -> None:
    tracemalloc.start()
    try:
        day = Day()
        await day.contacts(CONTACTS)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        await day.contacts(CONTACTS)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not day.state.contacts
    assert (after - before) / CONTACTS < A_CONTACT
