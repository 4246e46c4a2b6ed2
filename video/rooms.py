"""Who is in which room and sees whom: between commands and the hot path. No I/O; time and chance are arguments.

A participant's sections are slots and sources. Unless control chose, a slot takes the next stream of its kind that
the participant does not see yet, in the order in which streams came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from core.errors import Gone, Refused
from video.forward import Forwarder, Out
from video.messages import ParticipantStats, Shown, SlotStats, StreamStats
from video.model import Codec, Kind, Label, Limits, Mid, ParticipantId, Role, RoomId
from video.sdp import Offer, Reply, Section
from video.streams import Peer, Slot, Source


@dataclass(slots=True, eq=False)
class Published:
    """A stream that a participant may send."""

    source: Source
    label: Label
    track: int
    """Its number in recordings; never used for another."""
    flowing: bool = False


@dataclass(slots=True, eq=False)
class Seat:
    """A slot of a participant."""

    slot: Slot
    shows: Published | None = None
    chosen: bool = False
    """By control; nothing else is put there."""


@dataclass(slots=True, eq=False)
class Participant:
    """Somebody in a room."""

    id: ParticipantId
    role: Role
    peer: Peer
    published: dict[Mid, Published] = field(default_factory=dict)
    seats: dict[Mid, Seat] = field(default_factory=dict)
    ufrag: str = ""
    """The client's, of its last offer."""
    offers: int = 0
    connected: bool = False


@dataclass(slots=True, eq=False)
class Room:
    """A conversation."""

    id: RoomId
    participants: dict[ParticipantId, Participant] = field(default_factory=dict)
    recorded: bool = False

    def streams(self) -> Iterator[tuple[Participant, Published]]:
        """Return what is published, in the order in which it came."""
        return (
            (one, published) for one in self.participants.values() for published in one.published.values()
        )


class Rooms:
    """The rooms of a worker."""

    def __init__(
        self, forwarder: Forwarder, limits: Limits, prefer: Codec, new_ssrc: Callable[[], int]
    ) -> None:
        """``prefer`` is the video codec that publishers are asked for; ``new_ssrc`` never returns one twice."""
        self.all: Final[dict[RoomId, Room]] = {}
        self.changed: Final[dict[ParticipantId, RoomId]] = {}
        """Participants whose slots show something else since this was last emptied."""
        self._forwarder = forwarder
        self._limits = limits
        self._prefer = prefer
        self._new_ssrc = new_ssrc
        self._numbers = 0

    def number(self) -> int:
        """Return a number that was not used before."""
        self._numbers += 1
        return self._numbers

    @property
    def participants(self) -> int:
        """How many there are in all."""
        return sum(len(room.participants) for room in self.all.values())

    def create(self, id_: RoomId) -> None:
        """Have a room with that id."""
        if id_ not in self.all:
            self.all[id_] = Room(id_)

    def room(self, id_: RoomId) -> Room:
        """Return a room. Raises Gone."""
        if id_ not in self.all:
            raise Gone("there is no such room")
        return self.all[id_]

    def participant(self, room: RoomId, id_: ParticipantId) -> Participant:
        """Return somebody in a room. Raises Gone."""
        one = self.room(room).participants.get(id_)
        if one is None:
            raise Gone("there is no such participant in the room")
        return one

    # --- coming and going ----------------------------------------------------------------------------------

    def join(self, room: Room, id_: ParticipantId, role: Role) -> Participant:
        """Let somebody in. Raises Refused if there is no room left."""
        if len(room.participants) >= self._limits.in_room or self.participants >= self._limits.participants:
            raise Refused("the room is full")
        peer = Peer(self.number(), self._limits.bitrate, counts=role is not Role.LISTENER)
        one = room.participants[id_] = Participant(id_, role, peer)
        self._forwarder.join(peer, (), ())
        return one

    def connected(self, one: Participant, now: float) -> Out:
        """Begin to send: the connection is secure. A keyframe that came before would have been wasted on it."""
        one.connected = True
        out: Out = []
        for seat in one.seats.values():
            if seat.shows is not None:
                out += self._forwarder.attach(seat.slot, seat.shows.source, now)
        return out

    def leave(self, room: Room, one: Participant, now: float) -> Out:
        """Let somebody go, and give the slots that showed them to others."""
        room.participants.pop(one.id, None)
        self.changed.pop(one.id, None)
        for published in one.published.values():
            self._withdraw(room, published)
        one.published.clear()
        self._forwarder.leave(one.peer.id)
        return self._fill(room, now)

    def negotiate(
        self, room: Room, one: Participant, offer: Offer, labels: Mapping[Mid, Label], now: float
    ) -> tuple[Mapping[Mid, Reply], Out]:
        """Make a participant's streams and slots those of its offer; return what to answer to each section.

        Raises Refused if it wants more than it may have.
        """
        publishes = one.role is not Role.LISTENER
        sending = [s for s in offer.sections if s.sends and s.ssrc and s.formats and publishes]
        receiving = [s for s in offer.sections if s.receives and s.formats]
        if len(sending) > self._limits.sources or len(receiving) > self._limits.slots:
            raise Refused("the offer has more streams than a participant may have")
        names = _labels(sending, labels)
        self._retire(room, one, {s.mid for s in sending}, {s.mid for s in receiving})
        for section in sending:
            self._publish(room, one, section, names[section.mid])
        for section in receiving:
            self._seat(one, section)
        one.ufrag, one.offers = offer.ufrag, one.offers + 1
        replies = {s.mid: self._reply(one, s) for s in (*sending, *receiving)}
        if room.recorded:
            self.record(room, on=True)
        return replies, self._fill(room, now)

    def _publish(self, room: Room, one: Participant, section: Section, label: Label) -> None:
        there = one.published.get(section.mid)
        if there is not None and there.source.ssrc == section.ssrc:
            there.label = label
            return
        if there is not None:
            self._withdraw(room, there)
            self._forwarder.drop(one.peer, there.source)
        codec = self._codec(section)
        form = section.formats[codec]
        source = Source(
            one.peer.id, section.ssrc, section.rtx_ssrc if form.rtx else 0, codec, form, section.ids
        )
        one.published[section.mid] = Published(source, label, self.number())
        self._forwarder.join(one.peer, [source], [])

    def _seat(self, one: Participant, section: Section) -> None:
        assert section.kind is not None
        if section.mid in one.seats:
            return
        rtx = self._new_ssrc() if any(form.rtx for form in section.formats.values()) else 0
        slot = Slot(one.peer.id, self._new_ssrc(), rtx, section.kind, section.formats, section.ids)
        one.seats[section.mid] = Seat(slot)
        self._forwarder.join(one.peer, [], [slot])

    def _reply(self, one: Participant, section: Section) -> Reply:
        published, seat = one.published.get(section.mid), one.seats.get(section.mid)
        # Sound and picture of one person are played in step: the nth of each kind share a stream.
        order = [mid for mid, s in one.seats.items() if seat and s.slot.kind is seat.slot.kind]
        return Reply(
            receive=published.source.codec if published else None,
            slot=(seat.slot.ssrc, seat.slot.rtx_ssrc) if seat else None,
            stream=f"seat{order.index(section.mid)}" if seat else "",
        )

    def _codec(self, section: Section) -> Codec:
        return self._prefer if self._prefer in section.formats else next(iter(section.formats))

    def _retire(self, room: Room, one: Participant, sending: set[Mid], receiving: set[Mid]) -> None:
        for mid in [mid for mid in one.published if mid not in sending]:
            published = one.published.pop(mid)
            self._withdraw(room, published)
            self._forwarder.drop(one.peer, published.source)
        for mid in [mid for mid in one.seats if mid not in receiving]:
            slot = one.seats.pop(mid).slot
            slot.show(None)
            one.peer.slots.pop(slot.ssrc, None)

    # --- who sees whom -------------------------------------------------------------------------------------

    def show(self, room: Room, one: Participant, mid: Mid, published: Published | None, now: float) -> Out:
        """Put a stream, or nothing, into a slot for good. Raises Gone without such a slot, Refused if it cannot be."""
        seat = one.seats.get(mid)
        if seat is None:
            raise Gone("there is no such slot")
        if published is not None and not _fits(seat, published):
            raise Refused("the slot cannot show that stream")
        seat.chosen = True
        out = self._put(one, seat, published, room, now)
        return out + self._fill(room, now)

    def record(self, room: Room, *, on: bool) -> None:
        """Send what is published to the room's recording, or no longer."""
        room.recorded = on
        for _, published in room.streams():
            published.source.tap = -published.track if on else 0

    def shown(self, room: Room, one: Participant) -> tuple[Shown, ...]:
        """Return what a participant's slots show."""
        owners = {published.source: publisher.id for publisher, published in room.streams()}
        return tuple(
            Shown(mid, owners[seat.shows.source], seat.shows.label)
            for mid, seat in one.seats.items()
            if seat.shows is not None and seat.shows.source in owners
        )

    def _fill(self, room: Room, now: float) -> Out:
        out: Out = []
        for one in room.participants.values():
            seen = {id(seat.shows) for seat in one.seats.values() if seat.shows}
            for publisher, published in room.streams():
                if publisher is one or id(published) in seen:
                    continue
                free = (s for s in one.seats.values() if not s.shows and not s.chosen and _fits(s, published))
                if seat := next(free, None):
                    out += self._put(one, seat, published, room, now)
        return out

    def _put(self, one: Participant, seat: Seat, published: Published | None, room: Room, now: float) -> Out:
        seat.shows = published
        self.changed[one.id] = room.id
        if not one.connected:
            return []
        return self._forwarder.attach(seat.slot, published.source if published else None, now)

    def _withdraw(self, room: Room, published: Published) -> None:
        for one in room.participants.values():
            for seat in one.seats.values():
                if seat.shows is published:
                    seat.shows = None
                    self.changed[one.id] = room.id


def _fits(seat: Seat, published: Published) -> bool:
    return published.source.codec in seat.slot.formats


def _labels(sending: list[Section], given: Mapping[Mid, Label]) -> Mapping[Mid, Label]:
    videos = [s.mid for s in sending if s.kind is Kind.VIDEO]
    usual = {mid: Label.SCREEN if i else Label.CAMERA for i, mid in enumerate(videos)}
    return {s.mid: given.get(s.mid, usual.get(s.mid, Label.MICROPHONE)) for s in sending}


def measure(one: Participant) -> ParticipantStats:
    """Return how a participant is doing."""
    streams = []
    for published in one.published.values():
        source, reception = published.source, published.source.reception
        expected = reception.highest - reception.base + 1 if reception.highest >= 0 else 0
        streams.append(
            StreamStats(
                label=published.label,
                packets=reception.received,
                missing=max(expected - reception.received, 0),
                keyframes=source.keyframes,
                keyframe_requests=source.requests,
                jitter_ms=reception.jitter * 1000 / source.codec.clock_hz,
            )
        )
    slots = []
    for mid, seat in one.seats.items():
        trip = seat.slot.round_trip
        slots.append(
            SlotStats(mid, seat.slot.packets, seat.slot.loss, None if trip is None else round(trip * 1000, 1))
        )
    return ParticipantStats(one.id, one.role, one.connected, one.peer.estimate, tuple(streams), tuple(slots))
