"""What agents and their devices do: sign in, be ready or not, be reachable, take an offer or miss it."""

from __future__ import annotations

from acd.effects import AgentMoved, CancelOffer, Effect, Withdrawal
from acd.events import (
    AgentSignedIn,
    AgentSignedOut,
    IntentSet,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    ReachChanged,
)
from acd.model import Party, Phase
from acd.presence import affected
from acd.records import Agent, Contact
from acd.state import State
from acd.transitions import accept, give_back, replace, unanswered
from acd.views import reachable
from core.ids import OfferId

FAULTS = 3
"""Offers failing on the device in a row that make an agent not-ready."""

_TAKEN = (Phase.CONNECTING, Phase.TALKING, Phase.HELD, Phase.WRAPPING)


def agent_event(
    s: State, event: AgentSignedIn | AgentSignedOut | IntentSet | ReachChanged, out: list[Effect]
) -> None:
    """Take what an agent the rules name does; what another does is nothing."""
    agent = s.line.by_id.get(event.agent)
    if agent is None or not agent.named:
        return
    match event:
        case AgentSignedIn() if not agent.signed_in:
            agent.signed_in, agent.ready, agent.reason = True, False, ""
            agent.since, agent.intent_since, agent.failures = s.now, s.now, 0
            _came_or_went(s, agent)
            agent_moved(agent, out, Party.AGENT)
        case AgentSignedOut() if agent.signed_in:
            sign_out(s, agent, out, "", Party.AGENT)
        case IntentSet() if agent.signed_in:
            agent.failures = 0
            set_intent(s, agent, out, event.ready, event.reason, event.actor)
        case ReachChanged():
            _reach_changed(s, agent, event, out)
        case _:
            pass


def _reach_changed(s: State, agent: Agent, event: ReachChanged, out: list[Effect]) -> None:
    if (event.channel in agent.reach) == event.ok:
        return
    if event.ok:
        agent.reach.add(event.channel)
        agent.failures = 0
    else:
        agent.reach.discard(event.channel)
    s.line.reach_changed(agent, event.channel)
    agent_moved(agent, out, Party.SYSTEM)
    if not event.ok:
        gone = [c for c in _rung(agent) if c.channel not in agent.reach]
        _withdraw(s, gone, out, "device_gone")


def set_intent(s: State, agent: Agent, out: list[Effect], ready: bool, reason: str, actor: Party) -> None:
    """Change what the agent wishes. Not-ready rescinds what is being offered; live work goes on."""
    if agent.ready == ready and agent.reason == reason:
        return
    agent.ready, agent.reason, agent.intent_since = ready, reason, s.now
    s.line.changed(agent)
    agent_moved(agent, out, actor)
    if not ready:
        # What is for this agent alone rings on: it was offered ready or not.
        _withdraw(s, [c for c in _rung(agent) if not c.strict], out, "agent_not_ready")


def sign_out(s: State, agent: Agent, out: list[Effect], reason: str, actor: Party) -> None:
    """Nothing more goes to the agent, and nothing is kept for the agent."""
    agent.signed_in = agent.ready = False
    agent.reason, agent.intent_since = reason, s.now
    s.line.changed(agent)
    agent_moved(agent, out, actor)
    _withdraw(s, _rung(agent), out, "agent_signed_out")
    for c in s.line.kept_for(agent):
        s.line.take(c)
        replace(s, c)
    for c in s.line.directed_to(agent):
        s.line.take(c)
        unanswered(s, c, out, "agent_signed_out", Party.SYSTEM)
    _came_or_went(s, agent)


def _came_or_went(s: State, agent: Agent) -> None:
    s.present ^= 1 << agent.slot
    for c in affected(s, agent):
        s.line.take(c)
        replace(s, c)


def agent_moved(agent: Agent, out: list[Effect], actor: Party) -> None:
    """Say what the agent's facts are now."""
    out.append(AgentMoved(agent.id, agent.signed_in, agent.ready, agent.reason, reachable(agent), actor))


def _rung(agent: Agent) -> list[Contact]:
    return [c for c in agent.work.values() if c.phase is Phase.OFFERED]


def _withdraw(s: State, contacts: list[Contact], out: list[Effect], cause: str) -> None:
    for c in contacts:
        give_back(s, c, out, cause, Party.SYSTEM, Withdrawal.RESCINDED, exclude=False)


# --- offers ------------------------------------------------------------------------------------------------


def offer_event(s: State, event: OfferAccepted | OfferRejected | OfferFailed, out: list[Effect]) -> None:
    """Take what became of an offer, if it is still open."""
    number = event.offer
    c = s.offers.get(number)
    if c is not None and c.phase is Phase.OFFERED and s.now >= c.until:
        # Its timer is among those the step had no room for.
        ring_no_answer(s, c, out)
        c = None
    match event:
        case OfferAccepted() if c is None:
            _too_late(s, number, out)
        case OfferAccepted() if c is not None and c.phase is Phase.OFFERED:
            accept(s, c, out)
        case OfferRejected() if c is not None and c.phase is Phase.OFFERED:
            give_back(s, c, out, "rejected", Party.AGENT, Withdrawal.REJECTED, exclude=True)
        case OfferFailed() if c is not None and c.phase in (Phase.OFFERED, Phase.CONNECTING):
            device_failed(s, c, out, f"device_{event.fault}")
        case _:
            pass


def _too_late(s: State, number: OfferId, out: list[Effect]) -> None:
    if number not in s.lost:
        return
    interaction, agent = s.lost[number]
    c = s.contacts.get(interaction)
    taken_by = c.agent.id if c is not None and c.agent is not None and c.phase in _TAKEN else None
    out.append(CancelOffer(number, interaction, agent, Withdrawal.LATE, taken_by))


def ring_no_answer(s: State, c: Contact, out: list[Effect]) -> None:
    """The device rang and nobody came: an agent who is not there gets nothing more."""
    agent = c.taker
    give_back(s, c, out, "expired", Party.SYSTEM, Withdrawal.EXPIRED, exclude=True)
    # An offer whose device went away is rescinded at once, so an expired one did ring. Who was not ready when
    # a strict contact rang has given a reason already.
    if agent.ready:
        set_intent(s, agent, out, False, "rona", Party.SYSTEM)


def device_failed(s: State, c: Contact, out: list[Effect], cause: str) -> None:
    """No fault of the agent's; only a device that fails again and again takes the agent out."""
    agent = c.taker
    agent.failures += 1
    give_back(s, c, out, cause, Party.SYSTEM, Withdrawal.FAILED, exclude=True)
    if agent.failures >= FAULTS:
        agent.failures = 0
        if agent.ready:
            set_intent(s, agent, out, False, "device", Party.SYSTEM)
