"""Handing a visitor on, and asking a colleague in: the desk's requests, and media on a real forwarding unit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from acd.model import Phase
from core.ids import AgentId, InteractionId
from tests.integration.visit_fixture import Hall, Page, visit_hall
from tests.integration.web_fixture import CHEAP, Browser
from tests.waiting import until
from workforce.accounts import Role, User

RINI, RIZKI = "ag501", "ag502"
TO_RIZKI = {"kind": "agent", "agent": RIZKI}


class Case:
    """A visitor who talks with Rini; Rizki is there too."""

    def __init__(self, hall: Hall, stack: AsyncExitStack) -> None:
        self.hall, self._stack = hall, stack
        self.id = InteractionId("")
        self.rini: Browser
        self.rizki: Browser
        self.visitor: Page

    async def begin(self, sari: Browser, rini: Browser, rizki: Browser) -> Page:
        """Have a new visitor come and talk with Rini; return Rini's page."""
        self.rini, self.rizki = rini, rizki
        self.id, token = await self.hall.comes(sari)
        path = f"/public/video/visits/{self.id}/page?token={token}"
        self.visitor = await self._stack.enter_async_context(self.hall.page(sari, path))
        await self.hall.ready(RINI)
        assert await self.hall.accepted(self.id) == RINI
        page = await self.page(rini)
        await self.visitor.connect()
        await page.connect()
        await until(lambda: self.hall.phase(self.id) is Phase.TALKING, within=20)
        return page

    async def page(self, browser: Browser) -> Page:
        path = f"/interactions/{self.id}/room"
        return await self._stack.enter_async_context(self.hall.page(browser, path))

    async def asked(self, browser: Browser, verb: str, to: dict[str, str] | None = None) -> InteractionId:
        body = {"to": to} if to else {}
        answer = await browser.post(f"/interactions/{self.id}/{verb}", body)
        return InteractionId(answer.get("id", ""))

    async def goes_on_with(self, browser: Browser, agent: str) -> None:
        """Wait until the visitor waits again, is accepted by this agent, and both are connected."""
        assert await self.hall.accepted(self.id) == agent
        page = await self.page(browser)
        await page.connect()
        await self.visitor.connect()
        await until(lambda: self.there() == {"visitor": True, "agent": True}, within=20)
        assert (self.hall.phase(self.id), self.agent()) == (Phase.TALKING, agent)

    def there(self) -> dict[str, bool]:
        """Who the visitor sees, by side, and whether their media runs."""
        state = self.visitor.last("state")
        return {} if state is None else {one["side"]: one["here"] for one in state["people"]}

    async def shown(self, browser: Browser, *parties: tuple[str, bool]) -> None:
        """Wait until the agent's desk shows these in the call: who, and whether they are there yet."""

        async def so() -> bool:
            live = await browser.get("/live")
            found = next(one for one in live["desk"] if one["id"] == self.id)["call"]
            assert found.get("talking_to", "customer") == ("all" if len(parties) > 2 else "customer")
            return sorted((one["who"], one.get("joined", True)) for one in found["parties"]) == sorted(
                parties
            )

        await until(so, within=20)

    def agent(self) -> AgentId | None:
        contact = self.hall.engine.state.interaction(self.id)
        return None if contact is None else contact.agent


@asynccontextmanager
async def case(folder: Path) -> AsyncIterator[tuple[Case, Browser, Browser, Browser]]:
    async with visit_hall(folder) as hall, AsyncExitStack() as stack:
        user = User("video2", Role.AGENT, "Rizki", AgentId(RIZKI))
        await hall.web.accounts.add(user, CHEAP.hash("rahasia-rizki-1"))
        sari = await stack.enter_async_context(hall.browser())
        rini = await stack.enter_async_context(hall.browser("video"))
        rizki = await stack.enter_async_context(hall.browser())
        await rizki.post("/session", {"name": "video2", "password": "rahasia-rizki-1"})
        yield Case(hall, stack), sari, rini, rizki


async def test_a_visitor_is_handed_on_and_never_leaves_the_page(tmp_path: Path) -> None:
    async with case(tmp_path) as (it, sari, rini, rizki):
        page = await it.begin(sari, rini, rizki)
        await it.hall.ready(RIZKI)

        # To a queue: whoever the line chooses there, but not who passed the visitor on.
        await it.asked(rini, "transfer", {"kind": "queue", "queue": "technical"})
        await until(lambda: page.socket.closed, within=20)
        await it.goes_on_with(rizki, RIZKI)
        contact = it.hall.engine.state.interaction(it.id)
        assert contact is not None
        assert contact.queue == "technical"

        # To a colleague who was named, and has done the work after the first part.
        await rini.post(f"/interactions/{it.id}/wrap-up-done")
        await it.asked(rizki, "transfer", {"kind": "agent", "agent": RINI})
        await it.goes_on_with(rini, RINI)
        assert not it.visitor.socket.closed


async def test_a_colleague_is_asked_in_and_takes_the_visitor_over(tmp_path: Path) -> None:
    async with case(tmp_path) as (it, sari, rini, rizki):
        page = await it.begin(sari, rini, rizki)
        await it.hall.ready(RIZKI)

        # Asked in, and sent away again: visitor and agent go on.
        consult = await it.asked(rini, "consult", TO_RIZKI)
        assert await it.hall.accepted(consult) == RIZKI
        colleague = await it.page(rizki)
        await colleague.connect()
        await until(lambda: it.there() == {"visitor": True, "agent": True, "colleague": True}, within=20)
        status, answer = await rini.ask("POST", f"/interactions/{it.id}/consult", {"to": TO_RIZKI})
        assert (status, answer["error"]["code"]) == (409, "conflict"), "one at a time"
        await it.shown(rini, ("agent", True), ("colleague", True), ("customer", True))
        await colleague.said(type="write", key="k1", text="Saya bantu")
        await until(lambda: [line["sender"] for line in it.visitor.lines()] == [RIZKI], within=20)
        await it.asked(rini, "end-consult")
        await until(lambda: colleague.socket.closed, within=20)
        await until(lambda: it.there() == {"visitor": True, "agent": True}, within=20)

        await it.shown(rini, ("agent", True), ("customer", True))

        # Asked in, and left by the colleague.
        consult = await it.asked(rini, "consult", TO_RIZKI)
        await it.shown(rini, ("agent", True), ("colleague", False), ("customer", True))
        await it.hall.accepted(consult)
        colleague = await it.page(rizki)
        await colleague.connect()
        await until(lambda: it.there().get("colleague"), within=20)
        await rizki.post(f"/interactions/{consult}/hang-up")
        await until(lambda: colleague.socket.closed, within=20)

        # Asked in again, and left alone with the visitor.
        consult = await it.asked(rini, "consult", TO_RIZKI)
        await it.hall.accepted(consult)
        colleague = await it.page(rizki)
        await colleague.connect()
        await until(lambda: it.there().get("colleague"), within=20)
        told = len(it.visitor.all("invited"))
        await it.asked(rini, "complete")
        await until(lambda: it.agent() == RIZKI and it.there() == {"visitor": True, "agent": True}, within=20)
        await until(lambda: page.socket.closed, within=20)
        assert len(it.visitor.all("invited")) == told, "nobody connects anew: picture and sound just go on"
        assert not colleague.socket.closed

        await it.visitor.said(type="leave")
        await until(lambda: it.hall.phase(it.id) in (Phase.WRAPPING, None), within=20)
        await until(lambda: it.visitor.socket.closed and colleague.socket.closed, within=20)
