"""What visits need from outside this folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from acd.effects import Effect
from acd.events import Event
from acd.model import Kind, Phase
from acd.records import Asked
from core.ids import AgentId, InteractionId, OfferId, QueueId
from video.messages import Joined, Stats
from video.model import Label, Mid, ParticipantId, Role, RoomId


class Contact(Protocol):
    """What the line knows of a video contact."""

    @property
    def id(self) -> InteractionId:
        """Whose it is."""
        ...

    @property
    def kind(self) -> Kind:
        """A visitor's, or a consultation about one."""
        ...

    @property
    def parent(self) -> InteractionId | None:
        """What a consultation is about."""
        ...

    @property
    def phase(self) -> Phase:
        """Where it is."""
        ...

    @property
    def queue(self) -> QueueId | None:
        """The queue it stands in or came from."""
        ...

    @property
    def agent(self) -> AgentId | None:
        """Who is offered it or has it."""
        ...

    @property
    def offer(self) -> OfferId | None:
        """The offer by which that agent has it."""
        ...

    @property
    def origin(self) -> int:
        """The arrival that sets its place in line. Milliseconds UTC."""
        ...

    @property
    def needs(self) -> Asked:
        """Skills asked for by now, with their levels."""
        ...

    @property
    def language(self) -> str:
        """What the customer speaks."""
        ...

    @property
    def priority(self) -> int:
        """Its points."""
        ...


class VisitLine(Protocol):
    """The line, as visits see it."""

    def post(self, event: Event) -> None:
        """Hand an event over; its effects come back through ``perform``."""
        ...

    async def submit(self, *events: Event) -> Sequence[Effect]:
        """Hand events over together and wait until they are journalled."""
        ...

    def live_visits(self) -> Iterable[Contact]:
        """Return every video contact that is not closed."""
        ...

    def contact(self, interaction: InteractionId) -> Contact | None:
        """Return a contact that is not closed."""
        ...

    def position(self, interaction: InteractionId) -> int | None:
        """Return a waiting contact's place in its queue, from 1."""
        ...

    def predicted_ms(self, interaction: InteractionId) -> int | None:
        """Return by when four of five such contacts have been answered; None if nobody knows."""
        ...


class RoomService(Protocol):
    """Rooms on the forwarding units (``video.service.VideoService``): see there for the errors."""

    async def create_room(self, room: RoomId) -> None:
        """Have a room."""
        ...

    async def close_room(self, room: RoomId) -> None:
        """Send everybody away."""
        ...

    async def join(
        self,
        room: RoomId,
        participant: ParticipantId,
        role: Role,
        offer: str,
        labels: Mapping[Mid, Label] | None = None,
    ) -> Joined:
        """Let a client in."""
        ...

    async def offer(
        self, room: RoomId, participant: ParticipantId, offer: str, labels: Mapping[Mid, Label] | None = None
    ) -> Joined:
        """Take a further offer."""
        ...

    async def leave(self, room: RoomId, participant: ParticipantId) -> None:
        """Send somebody away."""
        ...

    async def record(self, room: RoomId, *, on: bool) -> None:
        """Begin or end the recording."""
        ...

    async def stats(self, room: RoomId) -> Stats:
        """Return who is there."""
        ...


class Page(Protocol):
    """A browser's connection."""

    def send(self, text: str) -> None:
        """Send a message. Never waits and never raises; a page that does not read is closed."""
        ...

    def close(self, code: int) -> None:
        """End the connection with a WebSocket close code."""
        ...
