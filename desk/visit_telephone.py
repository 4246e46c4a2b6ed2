"""A visitor goes on by telephone: the sound moves there, with the same agent, and the page may be closed."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from core.ids import InteractionId
from desk.errors import Answered, over
from desk.visit_callback import WHY
from desk.visit_door import VisitDoor
from desk.visit_http import PUBLIC, answering, read
from desk.visit_model import CallbackKept, NewCallback
from desk.visit_ports import TWICE, Numbers
from video.visits import Visits


class OwnTelephones(Protocol):
    """Rings visitors' telephones into their rooms."""

    async def go_on(self, room: InteractionId, number: str) -> None:
        """Ring ``number``. Raises Refused, in words for a person, Gone or TryLater."""
        ...

    def come_back(self, room: InteractionId) -> None:
        """End the telephone; the visit goes on in the browser."""
        ...


class TelephoneRoutes:
    """Moves a visitor's sound to a telephone and back."""

    def __init__(self, door: VisitDoor, visits: Visits, numbers: Numbers, telephones: OwnTelephones) -> None:
        self._door = door
        self._visits = visits
        self._numbers = numbers
        self._telephones = telephones

    def routes(self) -> list[web.RouteDef]:
        """Return what aiohttp is told."""
        path = f"{PUBLIC}/visits/{{id}}/telephone"
        return [
            web.post(path, answering(self._go_on)),
            web.delete(path, answering(self._come_back)),
        ]

    async def _go_on(self, request: web.Request) -> object:
        self._door.own(request)
        id_ = self._door.visitor(request)
        body = await read(request, NewCallback)
        if not self._visits.has(id_):
            raise over("visit")
        telephone = self._numbers.telephone(body.number)
        if telephone.refusal and telephone.refusal != TWICE:
            raise Answered(422, f"number_{telephone.refusal}", WHY[telephone.refusal], key="number")
        await self._telephones.go_on(id_, telephone.number)
        return CallbackKept(telephone.number)

    async def _come_back(self, request: web.Request) -> object:
        self._door.own(request)
        self._telephones.come_back(self._door.visitor(request))
        return {}
