"""What control and a worker say to each other over the worker's Unix socket.

Each message is one JSON text after its length in four bytes. Control sends `Call`s; the worker answers each with a
`Reply`, and tells what happens in `Notice`s. Both carry the worker's epoch: a worker that was started anew knows no
room of the one before, and refuses what is meant for that one.
"""

from __future__ import annotations

from typing import Final

import msgspec

from video.model import Label, Mid, ParticipantId, Role, RoomId

LONGEST: Final = 1 << 20
"""Bytes of a message."""


class Shown(msgspec.Struct, frozen=True):
    """What a slot of a subscriber shows."""

    mid: Mid
    """The slot's media section."""
    participant: ParticipantId
    label: Label


class Command(msgspec.Struct, frozen=True, tag=True, tag_field="do"):
    """Something that control wants."""


class CreateRoom(Command, frozen=True):
    """Have a room, with nobody in it. Twice is harmless."""

    room: RoomId


class CloseRoom(Command, frozen=True):
    """Send everybody away and stop its recording."""

    room: RoomId


class Join(Command, frozen=True):
    """Let a client in, answered by `Joined`. A participant who is there already is replaced: a page was reloaded."""

    room: RoomId
    participant: ParticipantId
    role: Role
    offer: str
    """SDP. Sections that send are published, sections that receive are slots."""
    labels: dict[Mid, Label] = {}
    """What the client publishes where; without one, the first video is the camera, the second the screen."""


class Offer(Command, frozen=True):
    """Take a client's next offer, answered by `Joined`: an ICE restart, more sections, or both."""

    room: RoomId
    participant: ParticipantId
    offer: str
    labels: dict[Mid, Label] = {}


class Show(Command, frozen=True):
    """Choose what a slot shows, for good. Without a choice each slot takes the next stream that nobody shows."""

    room: RoomId
    participant: ParticipantId
    mid: Mid
    publisher: ParticipantId | None
    """None for nothing."""
    label: Label = Label.CAMERA


class Mute(Command, frozen=True):
    """Keep a stream from everybody, or let it through again."""

    room: RoomId
    participant: ParticipantId
    label: Label
    muted: bool


class Leave(Command, frozen=True):
    """Send a participant away."""

    room: RoomId
    participant: ParticipantId


class Record(Command, frozen=True):
    """Begin or end the recording of a room."""

    room: RoomId
    on: bool


class Say(Command, frozen=True):
    """Send a text on the data channel ``label`` of one participant, or of all."""

    room: RoomId
    label: str
    text: str
    participant: ParticipantId | None = None


class Inspect(Command, frozen=True):
    """Be told how the worker, and one of its rooms, is doing: answered by `Stats`."""

    room: RoomId | None = None


AnyCommand = CreateRoom | CloseRoom | Join | Offer | Show | Mute | Leave | Record | Say | Inspect


class Call(msgspec.Struct, frozen=True):
    """A command and its number."""

    id: int
    epoch: str
    command: AnyCommand


class Done(msgspec.Struct, frozen=True, tag=True, tag_field="is"):
    """It was done."""


class Joined(msgspec.Struct, frozen=True, tag=True, tag_field="is"):
    """The client's answer, and what its slots show now."""

    answer: str
    shown: tuple[Shown, ...]


class StreamStats(msgspec.Struct, frozen=True):
    """One published stream."""

    label: Label
    packets: int
    missing: int
    """Expected and not come, since the start."""
    keyframes: int
    keyframe_requests: int
    jitter_ms: float


class SlotStats(msgspec.Struct, frozen=True):
    """One slot as its subscriber sees it."""

    mid: Mid
    packets: int
    loss: float
    """The share lost, from 0 to 1, in the last second or so."""
    round_trip_ms: float | None
    """Through us to the publisher's clock and back is not in it: this is subscriber and worker alone."""


class ParticipantStats(msgspec.Struct, frozen=True):
    """One participant."""

    participant: ParticipantId
    role: Role
    connected: bool
    estimate: int | None
    """Bits a second that its line takes, as it says."""
    published: tuple[StreamStats, ...]
    slots: tuple[SlotStats, ...]


class Stats(msgspec.Struct, frozen=True, tag=True, tag_field="is"):
    """Answer to `Inspect`."""

    participants: int
    counters: dict[str, int]
    """By name, since the worker's start: see `video.streams.Counters` and `video.edge.EdgeCounters`."""
    room: tuple[ParticipantStats, ...] = ()


class Failed(msgspec.Struct, frozen=True, tag=True, tag_field="is"):
    """It was not done."""

    error: str
    """``refused``, ``gone`` or ``later``: see core.errors."""
    reason: str


AnyResult = Done | Joined | Stats | Failed


class Reply(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """The answer to the call with that number."""

    id: int
    result: AnyResult


class Event(msgspec.Struct, frozen=True, tag=True, tag_field="what"):
    """Something that happened."""


class Hello(Event, frozen=True):
    """The first thing a worker says: who it is, and which rooms it has (control was away)."""

    port: int
    rooms: dict[RoomId, tuple[ParticipantId, ...]]


class Beat(Event, frozen=True):
    """Once a second: the worker's loop turns."""

    participants: int
    lag_ms: float
    """How late the loop was at worst since the last beat."""


class Connected(Event, frozen=True):
    """A participant's media flows; also after a restart of its path."""

    room: RoomId
    participant: ParticipantId


class Left(Event, frozen=True):
    """A participant is gone without having been sent away."""

    room: RoomId
    participant: ParticipantId
    reason: str
    """``closed`` by the client, ``silent`` for thirty seconds, ``handshake`` failed, ``failed``."""


class Slots(Event, frozen=True):
    """What a participant's slots show has changed. Its client has to be told whom it sees where."""

    room: RoomId
    participant: ParticipantId
    shown: tuple[Shown, ...]


class Flow(Event, frozen=True):
    """A published stream began or ceased to carry anything: a screen share starts, a camera is off."""

    room: RoomId
    participant: ParticipantId
    label: Label
    flowing: bool


class RecorderAway(Event, frozen=True):
    """The recorder cannot be reached, or can be again; what is said meanwhile is a gap in the recording."""

    away: bool


AnyEvent = Hello | Beat | Connected | Left | Slots | Flow | RecorderAway


class Notice(msgspec.Struct, frozen=True, tag=True, tag_field="kind"):
    """An event, with the worker's epoch."""

    epoch: str
    event: AnyEvent


FromWorker = Reply | Notice


def framed(message: msgspec.Struct) -> bytes:
    """Return a message as it goes over the socket."""
    body = msgspec.json.encode(message)
    return len(body).to_bytes(4, "big") + body
