"""A visitor who does not want to wait any longer leaves a telephone number and keeps the place."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from desk.errors import Answered, over
from desk.visit_door import VisitDoor
from desk.visit_http import PUBLIC, answering, read
from desk.visit_model import CallbackKept, NewCallback
from desk.visit_ports import TWICE, Numbers
from video.visits import Visits

WHY: Final = {
    "malformed": "this is no telephone number",
    "own": "this is one of the centre's own numbers",
    "foreign": "numbers abroad are not called",
    "premium": "numbers that cost the caller extra are not called",
    "off": "this centre calls nobody",
    TWICE: "somebody is to be called on this number already",
}
"""Why a number is not called, by its refusal."""


class CallbackRoutes:
    """Turns a waiting visit into a callback."""

    def __init__(self, door: VisitDoor, visits: Visits, numbers: Numbers) -> None:
        self._door = door
        self._visits = visits
        self._numbers = numbers

    def routes(self) -> list[web.RouteDef]:
        """Return what aiohttp is told."""
        return [web.post(f"{PUBLIC}/visits/{{id}}/callback", answering(self._call_back))]

    async def _call_back(self, request: web.Request) -> object:
        self._door.own(request)
        id_ = self._door.visitor(request)
        body = await read(request, NewCallback)
        if (promised := self._numbers.promised(id_)) is not None:
            # The answer to an earlier request was lost.
            return CallbackKept(promised)
        if not self._visits.has(id_):
            raise over("visit")
        telephone = self._numbers.telephone(body.number)
        if telephone.refusal:
            raise Answered(422, f"number_{telephone.refusal}", WHY[telephone.refusal], key="number")
        await self._visits.call_back(id_, telephone.number)
        return CallbackKept(telephone.number)
