"""Who is at the door of a visit: the visitor by a token, an agent by being signed in.

A visitor proves to be who asked for the call by a token made from its id: nothing has to be kept, and it is good for
that call only.
"""

from __future__ import annotations

import hashlib
import hmac

from aiohttp import hdrs, web

from core.ids import AgentId, InteractionId, parse_interaction_id
from desk.app import Interface
from desk.errors import Answered, unknown
from desk.policy import Right, Who, may

_MARK = "X-Sambung"


class VisitDoor:
    """Lets in or refuses."""

    def __init__(self, interface: Interface, secret: str) -> None:
        """``secret`` is the installation's."""
        self._interface = interface
        self._key = hmac.digest(secret.encode(), b"visits", "sha256")

    def token(self, id_: InteractionId) -> str:
        """Return what a visitor shows to be let into this visit."""
        return hmac.new(self._key, id_.encode(), hashlib.sha256).hexdigest()

    def visitor(self, request: web.Request) -> InteractionId:
        """Return whose visit it is. Raises Answered: a wrong token and no such visit look alike."""
        id_ = parse_interaction_id(request.match_info["id"])
        given = request.headers.get("Sambung-Visit") or request.query.get("token", "")
        if id_ is None or not hmac.compare_digest(given.encode("utf-8", "replace"), self.token(id_).encode()):
            raise unknown("visit")
        return id_

    def own(self, request: web.Request) -> None:
        """Refuse what another site made a browser send: it would stand strangers in line."""
        if hdrs.ORIGIN in request.headers and not self._interface.own_origin(request):
            raise Answered(403, "forged", "the Origin is none of our own pages")

    async def agent(self, request: web.Request, *, changes: bool) -> tuple[InteractionId, AgentId, Who]:
        """Return whose call it is, and which agent asks; having a part in it is another matter.

        ``changes``: a form of another site could send it too, so a cookie alone is not enough. Raises Answered.
        """
        entry, by_cookie = await self._interface.enter(request)
        if entry is None:
            raise Answered(401, "signed_out", "nobody is signed in")
        if (
            by_cookie
            and changes
            and (_MARK not in request.headers or not self._interface.own_origin(request))
        ):
            raise Answered(403, "forged", f"a change needs the header {_MARK} and an Origin of our own pages")
        if not may(entry.who, Right.WORK) and not may(entry.who, Right.LISTEN):
            raise Answered(403, "forbidden", "this role may not")
        if entry.who.agent is None:
            raise Answered(403, "no_agent", "this account is no agent")
        id_ = parse_interaction_id(request.match_info["id"])
        if id_ is None:
            raise unknown("contact")
        return id_, entry.who.agent, entry.who

    async def agent_page(self, request: web.Request) -> tuple[InteractionId, AgentId, Who]:
        """The same for a WebSocket, which cannot have the header."""
        entry, by_cookie = await self._interface.enter(request)
        if entry is not None and by_cookie and not self._interface.own_origin(request):
            raise Answered(403, "forged", "the Origin is none of our own pages")
        return await self.agent(request, changes=False)
