"""Opening the stream: who may have which topic, and from where."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from core.errors import SambungError
from desk.app import Interface, refusal
from desk.desk import Desk
from desk.errors import Answered, answered, invalid
from desk.model import Topic
from desk.policy import TOPICS, WALL, Who, may, topics
from desk.routes import PREFIX

_NUMBER: Final = re.compile(r"[0-9]{1,16}")


class StreamDoor:
    """``GET /stream``: the only route that is no request and answer."""

    def __init__(self, desk: Desk, interface: Interface) -> None:
        self._desk = desk
        self._interface = interface

    def routes(self) -> list[web.RouteDef]:
        """Return what aiohttp is told."""
        return [web.get(f"{PREFIX}/stream", self._open)]

    async def _open(self, request: web.Request) -> web.StreamResponse:
        try:
            who = await self._who(request)
            wanted = wanted_topics(who, request.query.get("topics"))
            after = _number(request.query.get("after"))
        except SambungError as error:
            return refusal(answered(error))
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return refusal(Answered(426, "upgrade", "this is a WebSocket"))
        return await self._desk.live.streams.serve(request, who, wanted, after)

    async def _who(self, request: web.Request) -> Who:
        entry, by_cookie = await self._interface.enter(request)
        if entry is None:
            if self._interface.wall(request):
                return WALL
            raise Answered(401, "signed_out", "nobody is signed in")
        # A WebSocket of another site would carry our cookie past every other protection.
        if by_cookie and not self._interface.own_origin(request):
            raise Answered(403, "forged", "the Origin is none of our own pages")
        return entry.who


def wanted_topics(who: Who, text: str | None) -> tuple[Topic, ...]:
    """Return the topics that were asked for. Raises Answered 403 for one that this person may not have."""
    if text is None:
        return topics(who)
    wanted = []
    for name in dict.fromkeys(text.split(",")):
        if name not in {topic.value for topic in Topic}:
            raise invalid("no such topic", "topics")
        if not may(who, TOPICS[Topic(name)]):
            raise Answered(403, "forbidden", f"this role may not have the topic {name}")
        wanted.append(Topic(name))
    return tuple(wanted)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if not _NUMBER.fullmatch(text):
        raise invalid("after is the seq of a frame", "after")
    return int(text)
