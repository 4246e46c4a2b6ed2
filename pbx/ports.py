"""What calls need from outside this folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from acd.effects import Effect
from acd.events import Event
from acd.model import Kind, Phase
from core.ids import AgentId, InteractionId, LegId, OfferId, QueueId
from ivr.effects import Effect as MenuEffect
from ivr.effects import Input
from ivr.model import Session


class Menu(Protocol):
    """One flow with the hours and the time around it. Pure: the answer depends on the arguments alone."""

    def step(self, session: Session, given: Input) -> tuple[Session, tuple[MenuEffect, ...]]:
        """Return the session after ``given``, and what to do."""
        ...


class Menus(Protocol):
    """The flows of the centre."""

    def menu(self, call: InteractionId, dialled: str, caller: str) -> Menu:
        """Return the flow for ``call``, by the number that was dialled and the caller's own."""
        ...


class Interaction(Protocol):
    """What the line knows of a contact."""

    @property
    def id(self) -> InteractionId:
        """Whose it is."""
        ...

    @property
    def phase(self) -> Phase:
        """Where it is."""
        ...

    @property
    def leg(self) -> LegId:
        """The customer's leg."""
        ...

    @property
    def queue(self) -> QueueId | None:
        """The queue it stands in or came from."""
        ...

    @property
    def agent(self) -> AgentId | None:
        """The agent who is offered it or has it."""
        ...

    @property
    def offer(self) -> OfferId | None:
        """The offer by which that agent got it."""
        ...

    @property
    def caller(self) -> str:
        """The customer's number. Personal data."""
        ...

    @property
    def dialled(self) -> str:
        """The number that the customer dialled."""
        ...

    @property
    def place(self) -> str:
        """Where in the menu it was."""
        ...

    @property
    def kind(self) -> Kind:
        """Why it exists."""
        ...

    @property
    def parent(self) -> InteractionId | None:
        """The contact that a consultation is about."""
        ...

    @property
    def arrived_at(self) -> int:
        """When it came, in milliseconds UTC."""
        ...


class Colleague(Protocol):
    """What the line knows of an agent."""

    @property
    def signed_in(self) -> bool:
        """Whether the working day has begun."""
        ...

    @property
    def reach(self) -> tuple[str, ...]:
        """The channels on which the agent's device is there."""
        ...


class Line(Protocol):
    """The line, as calls see it."""

    def post(self, event: Event) -> None:
        """Hand an event over; its effects come back through ``perform``."""
        ...

    async def submit(self, *events: Event) -> Sequence[Effect]:
        """Hand events over together and wait until they are journalled."""
        ...

    async def known(self, ids: Sequence[InteractionId]) -> frozenset[InteractionId]:
        """Return those of ``ids`` that ever were in the journal, closed ones too."""
        ...

    def contact(self, id_: InteractionId) -> Interaction | None:
        """Return a contact that is not closed."""
        ...

    def colleague(self, agent: AgentId) -> Colleague | None:
        """Return an agent whom the rules name."""
        ...

    def has_queue(self, queue: QueueId) -> bool:
        """Whether the rules name a queue."""
        ...

    def live_calls(self) -> Iterable[Interaction]:
        """Return every voice contact that is not closed."""
        ...
