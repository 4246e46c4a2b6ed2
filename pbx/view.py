"""A call as people at the desk see it: values made from the call when asked, so that what is shown is what is."""

from __future__ import annotations

from dataclasses import dataclass

from core.ids import AgentId, InteractionId
from pbx.call import Call, Ringing, Stage
from pbx.commands import Monitoring
from pbx.model import Seating
from pbx.talk_stage import WITH_COLLEAGUE, WITH_CUSTOMER


@dataclass(frozen=True, slots=True)
class PartyView:
    """Somebody in a call."""

    who: str
    """``customer``, ``agent``, ``colleague``, ``outside`` (a telephone) or ``supervisor``."""
    agent: AgentId | None = None
    muted: bool = False
    held: bool = False
    """Hears music."""
    joined: bool = True
    """False while the telephone rings."""
    mode: Monitoring | None = None
    """A supervisor's."""


@dataclass(frozen=True, slots=True)
class CallView:
    """A call in which somebody talks, or that is parked."""

    id: InteractionId
    parties: tuple[PartyView, ...]
    held: bool
    """The customer hears music."""
    talking_to: str
    """Whom the agent hears: ``customer``, ``colleague``, ``all`` or ``nobody``."""
    consult: InteractionId | None
    """The consultation about it, whether or not the colleague has answered."""
    consult_answered: bool
    recording_paused: bool
    parked: bool
    monitored_by: tuple[AgentId, ...]


def view(call: Call) -> CallView | None:
    """Return what there is to see of ``call``, or None while it is no conversation."""
    parked = call.parked and call.stage is Stage.LINE
    if call.stage not in (Stage.TALK, Stage.COLLEAGUES, Stage.OUTSIDE) and not parked:
        return None
    held = parked or (not call.gone and call.seating not in WITH_CUSTOMER)
    consult = call.consult
    return CallView(
        id=call.id,
        parties=_parties(call, held),
        held=held,
        talking_to=_heard(call, held),
        consult=(consult.id or None) if consult else None,
        consult_answered=consult is not None and consult.joined,
        recording_paused=call.paused,
        parked=parked,
        monitored_by=tuple(call.watches),
    )


def _parties(call: Call, held: bool) -> tuple[PartyView, ...]:
    found = [] if call.gone else [PartyView("customer", held=held)]
    if call.agent:
        found.append(_ours(call, "agent", call.agent, False))
    consult = call.consult
    other = consult.other if consult else None
    if other:
        word = "outside" if consult and consult.number else "colleague"
        found.append(_ours(call, word, other, call.seating is Seating.ASIDE))
    found += [
        PartyView("supervisor", watch.agent, joined=watch.up, mode=watch.mode)
        for watch in call.watches.values()
    ]
    return tuple(found)


def _ours(call: Call, who: str, part: Ringing, held: bool) -> PartyView:
    answered = part.answered
    return PartyView(who, part.agent or None, part.leg in call.muted, held and answered, joined=answered)


def _heard(call: Call, held: bool) -> str:
    consult = call.consult
    colleague = consult is not None and consult.joined and call.seating in WITH_COLLEAGUE
    if colleague:
        return "colleague" if held or call.gone else "all"
    return "nobody" if held or call.gone else "customer"
