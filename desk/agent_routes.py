"""An agent's working day: shift, intent, devices, offers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acd.events import AgentSignedIn, AgentSignedOut, IntentSet, OfferRejected
from acd.model import Party
from core.ids import AgentId, OfferId
from desk.bodies import Done, Intent, PhoneAccount
from desk.desk import Ask, Desk, Handler
from desk.errors import Answered, invalid, over, unknown
from desk.model import Agent


class AgentRoutes:
    """Requests of agents, and of leaders in agents' place."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._engine = desk.live.engine

    def handlers(self) -> Mapping[str, Handler]:
        """Return what serves each route, by its name."""
        return {
            "me": self._me,
            "phone": self._phone,
            "shift-start": self._start,
            "shift-end": self._end,
            "intent": self._intent,
            "beat": self._beat,
            "accept": self._accept,
            "reject": self._reject,
            "try-call": self._try_call,
            "agent-intent": self._intent_of,
            "agent-sign-out": self._sign_out_of,
        }

    async def _me(self, ask: Ask) -> Agent:
        return self._view(_own(ask))

    async def _phone(self, ask: Ask) -> PhoneAccount:
        return self._desk.outside.devices.account(self._known(_own(ask)))

    async def _start(self, ask: Ask) -> Agent:
        agent = self._known(_own(ask))
        await self._engine.submit(AgentSignedIn(agent=agent))
        return self._view(agent)

    async def _end(self, ask: Ask) -> Agent:
        return await self._sign_out(self._known(_own(ask)))

    async def _intent(self, ask: Ask) -> Agent:
        return await self._set_intent(self._known(_own(ask)), ask.body, Party.AGENT)

    async def _beat(self, ask: Ask) -> Done:
        self._desk.live.presence.beat(self._known(_own(ask)))
        return Done()

    async def _accept(self, ask: Ask) -> Done:
        offer = OfferId(int(ask.values["offer"]))
        contact = self._engine.state.offers.get(offer)
        if contact is None:
            raise over("offer")
        await self._desk.outside.offers.accept(contact.id, offer)
        return Done()

    async def _reject(self, ask: Ask) -> Done:
        await self._engine.submit(OfferRejected(offer=OfferId(int(ask.values["offer"]))))
        return Done()

    async def _try_call(self, ask: Ask) -> Done:
        await self._desk.outside.try_out.call()
        return Done()

    # --- in an agent's place -------------------------------------------------------------------------------

    async def _intent_of(self, ask: Ask) -> Agent:
        agent = self._known(AgentId(ask.values["agent"]))
        return await self._set_intent(agent, ask.body, Party.SYSTEM)

    async def _sign_out_of(self, ask: Ask) -> Agent:
        return await self._sign_out(self._known(AgentId(ask.values["agent"])))

    async def _sign_out(self, agent: AgentId) -> Agent:
        await self._desk.live.presence.forget_next(agent)
        await self._engine.submit(AgentSignedOut(agent=agent))
        return self._view(agent)

    async def _set_intent(self, agent: AgentId, wish: Intent, actor: Party) -> Agent:
        if not wish.ready and wish.reason not in self._desk.live.directory.reasons:
            allowed = ", ".join(self._desk.live.directory.reasons)
            raise invalid(f"not a not-ready reason; allowed: {allowed}", "reason")
        view = self._engine.state.agent(agent)
        if view is None or not view.signed_in:
            raise Answered(409, "conflict", "the shift has not begun")
        presence = self._desk.live.presence
        await presence.forget_next(agent)
        if wish.next and not wish.ready:
            await presence.next_not_ready(agent, wish.reason)
        else:
            reason = "" if wish.ready else wish.reason
            await self._engine.submit(IntentSet(agent=agent, ready=wish.ready, reason=reason, actor=actor))
        return self._view(agent)

    def _known(self, agent: AgentId) -> AgentId:
        if self._engine.state.agent(agent) is None:
            raise unknown("agent")
        return agent

    def _view(self, agent: AgentId) -> Agent:
        view = self._desk.live.views.agent(agent)
        if view is None:
            raise unknown("agent")
        return view


def _own(ask: Ask) -> AgentId:
    agent: Any = ask.who.agent
    assert agent is not None, "the policy lets nobody in here who is no agent"
    return AgentId(agent)
