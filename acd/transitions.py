"""How a contact moves from phase to phase, and what that does to its agent and its place.

Every change of phase goes through here, so that load, timers and the line cannot disagree with it.
"""

from __future__ import annotations

from acd.effects import (
    AgentMoved,
    CancelOffer,
    Connect,
    Effect,
    Moved,
    Receipt,
    Release,
    SendOffer,
    StartWrapUp,
    Wait,
    Withdrawal,
)
from acd.model import Outcome, Party, Phase
from acd.records import Agent, Contact, Found
from acd.state import REMEMBERED, State
from acd.views import reachable
from core.ids import OfferId

CONNECT_MS = 10_000
"""How long connecting may take before the contact goes back to the line."""

FAULTS = 3
"""Offers failing on the device in a row that make an agent not-ready."""


def wait(s: State, c: Contact, out: list[Effect], cause: str, actor: Party) -> None:
    """Stand the contact in its queue, where it belongs by score and age."""
    _enter(s, c, Phase.WAITING)
    replace(s, c)
    out += (Moved(c.id, Phase.WAITING, cause, actor, c.queue), Wait(c.id, c.queue))


def replace(s: State, c: Contact) -> None:
    """Place a contact by its present age and have it look for an agent."""
    s.set_timer(c, s.line.put(c, s.now))
    s.line.mark_contact(c)


def offer(s: State, found: Found, out: list[Effect]) -> None:
    """Offer a waiting contact to an agent: a lease, until the queue's time is up."""
    c, agent = found.contact, found.agent
    s.offered += 1
    number = OfferId(s.offered)
    if s.witness is not None:
        s.witness(s, c, number)
    receipt = _receipt(s, found, number)
    s.line.take(c)
    rule = s.line.tables.queue(c.queue)
    _enter(s, c, Phase.OFFERED)
    c.agent, c.offer, c.until = agent, number, s.now + rule.offer_ms
    s.offers[number] = c
    s.set_timer(c, c.until)
    agent.work[c.id] = c
    _load(s, agent, c, 1)
    s.line.changed(agent, due=False)
    moved = Moved(c.id, Phase.OFFERED, "offered", Party.SYSTEM, c.queue, agent.id, number)
    out += (moved, receipt, SendOffer(number, c.id, agent.id, c.until))


def _receipt(s: State, found: Found, number: OfferId) -> Receipt:
    c, agent, funnel = found.contact, found.agent, found.funnel
    return Receipt(
        id=c.id,
        offer=number,
        rule=found.rule,
        queue=c.queue,
        winner=agent.id,
        winner_load=agent.load,
        winner_since=agent.since,
        runner_up=found.runner_up,
        score=c.score,
        rank=s.line.rank(agent, c),
        step=c.step,
        in_queue=funnel.in_queue.bit_count(),
        skilled=funnel.skilled.bit_count(),
        reachable=funnel.reachable.bit_count(),
        ready_with_room=funnel.ready_with_room.bit_count(),
        not_excluded=funnel.not_excluded.bit_count(),
    )


def accept(s: State, c: Contact, out: list[Effect]) -> None:
    """The agent took the offer; customer and agent are being connected."""
    _enter(s, c, Phase.CONNECTING)
    s.set_timer(c, s.now + CONNECT_MS)
    _moved(c, out, "accepted", Party.AGENT)
    out.append(Connect(c.offer, c.id, c.taker.id))


def talk(s: State, c: Contact, phase: Phase, out: list[Effect], cause: str, actor: Party) -> None:
    """TALKING or HELD: no time limit."""
    _enter(s, c, phase)
    _moved(c, out, cause, actor)


def give_back(
    s: State,
    c: Contact,
    out: list[Effect],
    cause: str,
    actor: Party,
    why: Withdrawal,
    *,
    exclude: bool,
    worked: bool = False,
) -> None:
    """Take the contact from its agent and stand it in line again, at its original score.

    ``exclude`` keeps it from that agent for the queue's time; ``worked`` counts as a contact ended.
    """
    agent = c.taker
    out.append(CancelOffer(c.offer, c.id, agent.id, why))
    # Excluded before it is back, and gone from the agent before that: else the same agent gets it at once.
    if exclude:
        c.excluded[agent.slot] = s.now + s.line.tables.queue(c.queue).exclude_ms
    _unload(s, c, worked=worked)
    wait(s, c, out, cause, actor)


def withdraw_all(s: State, agent: Agent, out: list[Effect], cause: str, reached: bool = True) -> None:
    """Rescind what the agent is being offered; with ``reached`` false only what no device is there for."""
    for c in [c for c in agent.work.values() if c.phase is Phase.OFFERED]:
        if reached or c.channel not in agent.reach:
            give_back(s, c, out, cause, Party.SYSTEM, Withdrawal.RESCINDED, exclude=False)


def wrap_up(s: State, c: Contact, out: list[Effect], cause: str, actor: Party) -> None:
    """The conversation is over; the agent has the queue's time to finish."""
    rule = s.line.tables.queue(c.queue)
    if rule.wrap_up_ms <= 0:
        close(s, c, out, Outcome.HANDLED, cause, actor)
        out.append(Release(c.id))
        return
    _enter(s, c, Phase.WRAPPING)
    c.until = s.now + rule.wrap_up_ms
    s.set_timer(c, c.until)
    _moved(c, out, cause, actor)
    out += (Release(c.id), StartWrapUp(c.id, c.taker.id, c.until))


def drop(s: State, c: Contact, out: list[Effect], outcome: Outcome, cause: str, actor: Party) -> None:
    """Close a contact that is not wrapping up, and let go of it on the wire."""
    if c.phase is Phase.OFFERED:
        out.append(CancelOffer(c.offer, c.id, c.taker.id, Withdrawal.CANCELLED))
    close(s, c, out, outcome, cause, actor)
    out.append(Release(c.id))


def close(s: State, c: Contact, out: list[Effect], outcome: Outcome, cause: str, actor: Party) -> None:
    """End the interaction and forget it."""
    before, agent, number = c.phase, c.agent, c.offer
    if before is Phase.WAITING:
        s.line.take(c)
    if agent is not None:
        _unload(s, c, worked=before in (Phase.TALKING, Phase.HELD, Phase.WRAPPING))
    _enter(s, c, Phase.CLOSED)
    del s.contacts[c.id]
    s.closed[c.id] = None
    if len(s.closed) > REMEMBERED:
        del s.closed[next(iter(s.closed))]
    out.append(
        Moved(
            c.id,
            Phase.CLOSED,
            cause,
            actor,
            c.queue or None,
            None if agent is None else agent.id,
            number or None,
            outcome,
            before if outcome is Outcome.ABANDONED else None,
        )
    )


def set_intent(s: State, agent: Agent, out: list[Effect], ready: bool, reason: str, actor: Party) -> None:
    """Change what the agent wishes. Not-ready rescinds what is being offered; live work goes on."""
    if agent.ready == ready and agent.reason == reason:
        return
    agent.ready, agent.reason, agent.intent_since = ready, reason, s.now
    s.line.changed(agent)
    agent_moved(agent, out, actor)
    if not ready:
        withdraw_all(s, agent, out, "agent_not_ready")


def sign_out(s: State, agent: Agent, out: list[Effect], reason: str, actor: Party) -> None:
    """Nothing more goes to the agent, and nothing is kept for the agent."""
    agent.signed_in = agent.ready = False
    agent.reason, agent.intent_since = reason, s.now
    s.line.changed(agent)
    agent_moved(agent, out, actor)
    withdraw_all(s, agent, out, "agent_signed_out")
    for c in s.line.kept_for(agent):
        s.line.take(c)
        replace(s, c)


def agent_moved(agent: Agent, out: list[Effect], actor: Party) -> None:
    """Say what the agent's facts are now."""
    out.append(AgentMoved(agent.id, agent.signed_in, agent.ready, agent.reason, reachable(agent), actor))


def _enter(s: State, c: Contact, phase: Phase) -> None:
    c.phase, c.since, c.until = phase, s.now, 0
    s.set_timer(c, None)


def _moved(c: Contact, out: list[Effect], cause: str, actor: Party) -> None:
    out.append(Moved(c.id, c.phase, cause, actor, c.queue, c.taker.id, c.offer))


def _load(s: State, agent: Agent, c: Contact, sign: int) -> None:
    tables = s.line.tables
    cost = sign * tables.cost(c.channel)
    agent.load += cost
    for index, kind in enumerate(tables.kinds):
        if c.channel not in kind.interrupts:
            agent.used[index] += cost


def _unload(s: State, c: Contact, *, worked: bool) -> None:
    """Take the contact out of its agent's work, and its offer out of the live ones."""
    agent, number = c.taker, c.offer
    del s.offers[number]
    if c.phase in (Phase.OFFERED, Phase.CONNECTING):
        s.lost[number] = c.id, agent.id
        if len(s.lost) > REMEMBERED:
            del s.lost[next(iter(s.lost))]
    c.agent, c.offer = None, OfferId(0)
    del agent.work[c.id]
    _load(s, agent, c, -1)
    if worked:
        agent.since = s.now
    s.line.changed(agent)
