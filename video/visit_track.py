"""One visit as its shell keeps it: pages, devices, what is still to be done."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, TypeAlias

from core.ids import AgentId, InteractionId
from video.book import Visitor
from video.model import ParticipantId, Role
from video.pages import Device, Person, ToPage, dump
from video.visit import VISITOR, Action, Guest, Stage, Visit
from video.visit_ports import Page
from video.visit_telephone import Telephones

Who: TypeAlias = AgentId | None
"""Whose page it is; None for the visitor's."""

Errand: TypeAlias = Callable[[], Awaitable[None]]

_OFF: Final = Device(microphone=False, camera=False, screen=False)


class Attendant(NamedTuple):
    """Somebody in a call, as the desk shows it."""

    side: str
    """As in ``video.pages.Person``."""
    agent: AgentId | None
    here: bool
    """Picture and sound run."""
    consult: InteractionId | None = None
    """By which a colleague or a telephone is asked in."""


class Present(NamedTuple):
    """Who is in a call, and whether it is recorded."""

    people: tuple[Attendant, ...]
    recorded: bool


class Track:
    """A visit, its pages, and its work in order."""

    __slots__ = (
        "devices",
        "leaving",
        "lines",
        "pages",
        "promised_ms",
        "since",
        "stage",
        "telephones",
        "timers",
        "todo",
        "visit",
        "visitor",
        "worker",
    )

    def __init__(self, visit: Visit, now: int) -> None:
        self.visit = visit
        self.visitor: Visitor | None = None
        self.stage, self.since = visit.stage, now
        self.pages: dict[Who, Page] = {}
        self.devices: dict[ParticipantId, Device] = {}
        self.timers: dict[ParticipantId, asyncio.TimerHandle] = {}
        self.todo: deque[Action | Errand] = deque()
        self.worker: asyncio.Task[None] | None = None
        self.leaving = False
        """A callback is being put in its place."""
        self.telephones = Telephones()
        """Telephones outside that are in the room, or ring for it."""
        self.lines = 0
        """Of the chat; known once a page was shown them."""
        self.promised_ms: int | None = None
        """The shortest wait that the visitor was told."""

    def guest(self, who: Who) -> Guest | None:
        """Return as whom somebody is in the call now, or may come in."""
        if who is None:
            return self.visit.visitor
        return next((guest for guest in self.visit.guests() if guest.agent == who), None)

    def page(self, participant: ParticipantId) -> Page | None:
        """Return somebody's page."""
        guest = self.visit.guest(participant)
        return None if guest is None else self.pages.get(guest.agent)

    def tell_all(self, message: ToPage) -> None:
        """Send a message to every page."""
        text = dump(message)
        for page in self.pages.values():
            page.send(text)

    def moved(self, now: int) -> None:
        """Note when the stage changed."""
        if self.stage is not self.visit.stage:
            self.stage, self.since = self.visit.stage, now
            self.promised_ms = None

    def promise(self, predicted_ms: int | None) -> int | None:
        """Return what to tell of the wait: never more than what was told before."""
        if self.stage is not Stage.WAITING or predicted_ms is None:
            return self.promised_ms
        if self.promised_ms is None or predicted_ms < self.promised_ms:
            self.promised_ms = predicted_ms
        return self.promised_ms

    def people(self, name_of: Callable[[AgentId], str]) -> tuple[Person, ...]:
        """Return who is in the call, as everybody may see it."""
        outside = tuple(
            Person(phone.id, "", "outside", phone.here, phone.here, camera=False, screen=False)
            for phone in self.telephones.outside()
        )
        people = tuple(
            Person(
                guest.id,
                self._name(guest, name_of),
                _side(self.visit, guest),
                guest.media or guest.phone,
                *self._devices(guest),
            )
            for guest in self.visit.guests()
            if guest.role is not Role.LISTENER and (guest.id == VISITOR or guest.invited)
        )
        return people + outside

    def present(self) -> Present:
        """Return who is in the call, for the desk: also who is only being rung."""
        outside = tuple(
            Attendant("outside", None, phone.here, phone.consult) for phone in self.telephones.outside()
        )
        return Present(
            tuple(
                Attendant(_side(self.visit, guest), guest.agent, guest.media or guest.phone, guest.consult)
                for guest in self.visit.guests()
                if guest.role is not Role.LISTENER
            )
            + outside,
            self.recorded,
        )

    @property
    def recorded(self) -> bool:
        """Whether what is said and shown is kept."""
        return bool(self.visit.room and self.visitor and self.visitor.consent)

    def _name(self, guest: Guest, name_of: Callable[[AgentId], str]) -> str:
        if guest.agent is not None:
            return name_of(guest.agent)
        return self.visitor.name if self.visitor else ""

    def _devices(self, guest: Guest) -> tuple[bool, bool, bool]:
        device = self.devices.get(guest.id, _OFF)
        return device.microphone or guest.phone, device.camera, device.screen

    def disarm(self, participant: ParticipantId) -> None:
        """Stop somebody's timer."""
        if (timer := self.timers.pop(participant, None)) is not None:
            timer.cancel()


def _side(visit: Visit, guest: Guest) -> str:
    if guest.id == VISITOR:
        return "visitor"
    return "agent" if guest is visit.agent else "colleague"
