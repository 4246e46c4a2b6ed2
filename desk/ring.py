"""What was published and what is: the last events by number, and the newest value of every key. Bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from core.ids import AgentId
from desk.model import Drop, Notice, Put, Tell, Topic

SIZE: Final = 10_000
"""Events held: minutes of a busy room."""

ALL: Final = AgentId("")
"""The audience of what everybody may have who may have the topic."""

_ENCODER: Final = msgspec.json.Encoder()


class Published(NamedTuple):
    """An event, encoded once for everybody."""

    seq: int
    topic: Topic
    audience: AgentId
    """Whose desk it is for."""
    body: bytes


class Ring:
    """Numbers grow by one; the first is beyond every number of an earlier process if its clock was right."""

    def __init__(self, first: int, size: int = SIZE) -> None:
        self._size = size
        self._first = first + 1
        self._seq = first
        self._slots: list[Published | None] = [None] * size
        self._values: dict[tuple[Topic, AgentId], dict[str, bytes]] = {}
        self.on_event: Callable[[], None] = lambda: None
        """Called after each event."""

    @property
    def seq(self) -> int:
        """The number of the newest event."""
        return self._seq

    def put(self, topic: Topic, audience: AgentId, key: str, value: msgspec.Struct | None) -> None:
        """Publish the value of a key, or with None that it is gone; nothing where that was so already."""
        values = self._values.setdefault((topic, audience), {})
        if value is None:
            if values.pop(key, None) is not None:
                self._add(topic, audience, Drop(self._seq + 1, topic, key))
            return
        body = _ENCODER.encode(value)
        if values.get(key) != body:
            values[key] = body
            self._add(topic, audience, Put(self._seq + 1, topic, key, value))  # type: ignore[arg-type]

    def tell(self, topic: Topic, audience: AgentId, notice: Notice) -> None:
        """Publish a notice."""
        self._add(topic, audience, Tell(self._seq + 1, topic, notice))

    def values(self, topic: Topic, audience: AgentId = ALL) -> Mapping[str, bytes]:
        """Return the newest value of every key, as JSON."""
        return self._values.get((topic, audience), {})

    def holds(self, after: int) -> bool:
        """Whether every event past ``after`` is still held."""
        return max(self._first, self._seq - self._size + 1) - 1 <= after <= self._seq

    def after(self, seq: int, limit: int) -> Iterator[Published]:
        """Yield at most ``limit`` events past ``seq``, which must be held."""
        for number in range(seq + 1, min(self._seq, seq + limit) + 1):
            published = self._slots[number % self._size]
            assert published is not None
            assert published.seq == number
            yield published

    def _add(self, topic: Topic, audience: AgentId, event: Put | Drop | Tell) -> None:
        self._seq += 1
        self._slots[self._seq % self._size] = Published(self._seq, topic, audience, _ENCODER.encode(event))
        self.on_event()


def events_frame(seq: int, now: int, events: Iterable[Published]) -> bytes:
    """Return a ``model.Batch`` as JSON."""
    head = b'{"type":"events","seq":%d,"now":%d,"events":[' % (seq, now)
    return head + b",".join(event.body for event in events) + b"]}"


def snapshot_frame(ring: Ring, now: int, topics: Iterable[Topic], agent: AgentId | None) -> bytes:
    """Return a ``model.Snapshot`` as JSON: what is published by now of ``topics``."""
    having = tuple(topics)

    def one(topic: Topic, key: str, audience: AgentId = ALL) -> bytes:
        return ring.values(topic, audience).get(key, b"null") if topic in having else b"null"

    def many(topic: Topic, audience: AgentId = ALL) -> bytes:
        values = ring.values(topic, audience) if topic in having else {}
        return b"[" + b",".join(value for key, value in values.items() if key != "me") + b"]"

    mine = agent or ALL
    parts = {
        b"topics": _ENCODER.encode(having),
        b"me": one(Topic.DESK, "me", mine),
        b"desk": many(Topic.DESK, mine),
        b"centre": one(Topic.CENTRE, "centre"),
        b"queues": many(Topic.QUEUES),
        b"colleagues": many(Topic.COLLEAGUES),
        b"agents": many(Topic.AGENTS),
        b"contacts": many(Topic.CONTACTS),
        b"wallboard": one(Topic.WALLBOARD, "wallboard"),
    }
    fields = b",".join(b'"%b":%b' % pair for pair in parts.items())
    return b'{"type":"snapshot","seq":%d,"now":%d,' % (ring.seq, now) + fields + b"}"
