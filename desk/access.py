"""Whether a request is let in: the role first, then whether the thing is there, then whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from core.ids import AgentId, InteractionId, OfferId, parse_interaction_id
from desk.desk import Desk
from desk.errors import Answered, over, unknown
from desk.policy import Denial, Own, Who, denied
from desk.routes import Route

_NUMBER: Final = re.compile(r"[0-9]{1,15}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FORMS: Final = {
    "appointment": re.compile(r"[0-9a-f]{32}"),
    "offer": _NUMBER,
    "version": re.compile(r"[1-9][0-9]{0,8}"),
    "file": re.compile(r"((ivr|scripts)/)?[A-Za-z0-9][A-Za-z0-9._-]{0,63}"),
}
_WHY: Final = {
    Denial.ROLE: "this role may not",
    Denial.NO_AGENT: "this account is no agent",
    Denial.NOT_YOURS: "this contact is not yours",
}


async def admit(desk: Desk, route: Route, who: Who, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return the path's values, read. Raises Answered 403, 404 or 410."""
    if route.right is None:
        return values
    if route.own not in (Own.MAY, Own.NOW):
        _insist(denied(who, route.right))
    read = {name: _read(name, value) for name, value in values.items()}
    match route.own:
        case Own.ANY:
            await _must_live(desk, route, read)
        case Own.MUST:
            await _own(desk, route, who, read)
        case Own.MAY:
            await _ever_own(desk, route, who, read)
        case Own.NOW:
            has = who.agent is not None and has_contact(desk, who.agent, InteractionId(read["id"]))
            _insist(denied(who, route.right, Own.NOW, has=has))
    return read


async def _own(desk: Desk, route: Route, who: Who, values: Mapping[str, str]) -> None:
    assert route.right is not None
    agent = who.agent or AgentId("")
    if "offer" in values:
        has = has_offer(desk, agent, OfferId(int(values["offer"])))
    else:
        has = has_contact(desk, agent, InteractionId(values["id"]))
        if not has:
            await _must_live(desk, route, values)
    _insist(denied(who, route.right, Own.MUST, has=has))


async def _ever_own(desk: Desk, route: Route, who: Who, values: Mapping[str, str]) -> None:
    assert route.right is not None
    if denied(who, route.right) is None:
        return
    had = who.agent is not None and (
        has_contact(desk, who.agent, InteractionId(values["id"]))
        or await desk.outside.history.had(who.agent, InteractionId(values["id"]))
    )
    # Somebody else's contact and none at all look alike to those who may not see it.
    _insist(denied(who, route.right, Own.MAY, has=had))


def has_contact(desk: Desk, agent: AgentId, id_: InteractionId) -> bool:
    """Whether the agent is offered, has, wraps up or put aside the contact."""
    view = desk.live.engine.state.agent(agent)
    if view is None:
        return False
    contact = desk.live.engine.state.interaction(id_)
    return (
        id_ in view.work
        or any(wrap.id == id_ for wrap in view.wrap_ups)
        or (contact is not None and contact.agent == agent)
    )


def has_offer(desk: Desk, agent: AgentId, offer: OfferId) -> bool:
    """Whether the open offer is the agent's. Raises Answered 404 or 410 where there is none."""
    state = desk.live.engine.state
    contact = state.offers.get(offer)
    if contact is not None:
        return contact.agent is not None and contact.agent.id == agent
    raise over("offer") if 0 < offer <= state.offered else unknown("offer")


async def _must_live(desk: Desk, route: Route, values: Mapping[str, str]) -> None:
    if not route.live:
        return
    id_ = InteractionId(values["id"])
    if desk.live.engine.state.interaction(id_) is None:
        raise over("contact") if await desk.outside.history.known(id_) else unknown("contact")


def _insist(denial: Denial | None) -> None:
    if denial is not None:
        raise Answered(403, denial.value, _WHY[denial])


def _read(name: str, value: str) -> str:
    if name == "id":
        found = parse_interaction_id(value)
        if found is not None:
            return found
    elif _FORMS.get(name, _NAME).fullmatch(value):
        return value
    raise unknown(name)
