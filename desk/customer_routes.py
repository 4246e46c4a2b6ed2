"""A customer's earlier contacts, and what an agent writes and promises about one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from acd.model import Channel
from core.ids import AgentId, InteractionId, parse_interaction_id
from crm.model import Case, Draft, Past
from desk import bodies as b
from desk.access import has_contact
from desk.customer_bodies import CaseChange, NewDraft
from desk.desk import Ask, Desk, Handler
from desk.errors import Answered, unknown
from desk.policy import Right, may
from desk.views import masked
from knowledge.model import Article

_PAGE: Final = 10
_CASES: Final = 500
DAY_MS: Final = 86_400_000
"""So long a case that is done is still listed; and when something without a date is due."""


class CustomerRoutes:
    """Nothing here decides where a contact goes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._customers = desk.outside.customers

    def handlers(self) -> Mapping[str, Handler]:
        """Return what serves each route, by its name."""
        return {
            "articles": self._articles,
            "earlier": self._earlier,
            "drafts": self._drafts,
            "draft": self._keep,
            "own-cases": self._own_cases,
            "cases": self._all_cases,
            "case-change": self._change,
        }

    async def _articles(self, ask: Ask) -> Sequence[Article]:
        return self._desk.live.directory.articles

    async def _earlier(self, ask: Ask) -> Past:
        before = parse_interaction_id(ask.query.get("before", ""))
        limit = int(ask.query.get("limit", _PAGE))
        return await self._customers.earlier(_id(ask), before, limit)

    # --- drafts --------------------------------------------------------------------------------------------

    async def _drafts(self, ask: Ask) -> Sequence[Draft]:
        agent = _agent(ask)
        return [
            draft
            for draft in await self._customers.drafts(agent)
            if has_contact(self._desk, agent, draft.interaction)
        ]

    async def _keep(self, ask: Ask) -> b.Done:
        body: NewDraft = ask.body
        now = self._desk.clock.now_ms()
        draft = Draft(_id(ask), now, body.text, body.category, body.follow_up, body.due)
        await self._customers.keep(_agent(ask), draft)
        return b.Done()

    # --- cases ---------------------------------------------------------------------------------------------

    async def _own_cases(self, ask: Ask) -> Sequence[Case]:
        return await self._cases(_agent(ask))

    async def _all_cases(self, ask: Ask) -> Sequence[Case]:
        return await self._cases(None)

    async def _cases(self, agent: AgentId | None) -> Sequence[Case]:
        since = self._desk.clock.now_ms() - DAY_MS
        return [_shown(case) for case in await self._customers.cases(agent, since, _CASES)]

    async def _change(self, ask: Ask) -> Case:
        case = await self._customers.case(_id(ask))
        theirs = case is not None and case.agent == ask.who.agent
        if not theirs and not may(ask.who, Right.LEAD):
            # Somebody else's case and none at all look alike.
            raise Answered(403, "not_yours", "this case is not yours")
        if case is None:
            raise unknown("case")
        body: CaseChange = ask.body
        values: dict[str, Any] = {}
        if body.due is not None:
            values["due"] = body.due
        if body.done is not None:
            values["done_at"] = self._desk.clock.now_ms() if body.done else None
            values["done_by"] = ask.who.user if body.done else ""
        if values:
            await self._customers.change_case(case.id, values)
        changed = await self._customers.case(case.id)
        if changed is None:
            raise unknown("case")
        return _shown(changed)


def _shown(case: Case) -> Case:
    """Return a case as screens see it: a number masked; a name that a visitor gave is none."""
    named = case.channel == Channel.VIDEO
    return case if named else msgspec.structs.replace(case, caller=masked(case.caller))


def _id(ask: Ask) -> InteractionId:
    return InteractionId(ask.values["id"])


def _agent(ask: Ask) -> AgentId:
    assert ask.who.agent is not None, "the policy lets nobody in here who is no agent"
    return ask.who.agent
