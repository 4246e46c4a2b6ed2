"""How a contact moves from phase to phase, and what that does to its agent and its place.

Every change of phase goes through here, so that load, timers and the line cannot disagree with it.
"""

from __future__ import annotations

from acd import presence, wrapups
from acd.effects import (
    CancelOffer,
    Connect,
    Effect,
    Leave,
    Limit,
    Moved,
    Receipt,
    Release,
    SendOffer,
    Wait,
    Withdrawal,
    WrapUpOver,
)
from acd.model import Kind, Outcome, Party, Phase
from acd.records import Agent, Contact, Found
from acd.state import LAST_AGENTS, REMEMBERED, Return, State
from core.ids import InteractionId, OfferId

CONNECT_MS = 10_000
"""How long connecting may take before the contact goes back to the line."""

DIAL_MS = 90_000
"""The same where a customer has to be dialled first."""

_NOBODY = frozenset(("", "anonymous", "unavailable", "unknown", "restricted"))
"""Addresses of customers who do not say who they are."""


def wait(s: State, c: Contact, out: list[Effect], cause: str, actor: Party) -> None:
    """Stand the contact in its queue, where it belongs by score and age."""
    _enter(s, c, Phase.WAITING)
    replace(s, c)
    out += (Moved(c.id, Phase.WAITING, cause, actor, c.queue), Wait(c.id, c.queue))


def replace(s: State, c: Contact) -> None:
    """Place a contact by its present age and have it look for an agent."""
    put(s, c)
    s.line.due.mark_contact(c)


def put(s: State, c: Contact) -> None:
    """Place a contact by its present age, until the moment at which that changes."""
    change, leaves = s.line.put(c, s.now), presence.look(s, c)
    if leaves is not None:
        change = leaves[0] if change is None else min(change, leaves[0])
    s.set_timer(c, change)


def leave(s: State, c: Contact, out: list[Effect], why: Limit) -> None:
    """Send a contact that may not stand in line to its menu, if it has one. It is out of the line already."""
    _enter(s, c, Phase.IN_MENU)
    if c.kind is not Kind.INBOUND:
        close(s, c, out, Outcome.REFUSED, why, Party.SYSTEM)
        out.append(Release(c.id))
        return
    c.queued_at, c.strict, c.preferred = 0, False, None
    out += (Moved(c.id, Phase.IN_MENU, why, Party.SYSTEM, c.queue), Leave(c.id, c.queue, why))


def unanswered(s: State, c: Contact, out: list[Effect], cause: str, actor: Party) -> None:
    """The agent of a strict contact did not come: it leaves the line, or is open to all from here on.

    It is out of the line already.
    """
    if not c.reopens and not c.stays:
        leave(s, c, out, Limit.UNANSWERED)
        return
    c.strict = c.reopens = False
    c.preferred = None
    wait(s, c, out, cause, actor)


def step_back(s: State, c: Contact, out: list[Effect], cause: str) -> None:
    """Have a contact that waits, or whose agent is rung, go back to its menu."""
    if c.phase is Phase.WAITING:
        s.line.take(c)
    else:
        out.append(CancelOffer(c.offer, c.id, c.taker.id, Withdrawal.CANCELLED))
        unload(s, c, worked=False)
    _enter(s, c, Phase.IN_MENU)
    out.append(Moved(c.id, Phase.IN_MENU, cause, Party.CUSTOMER, c.queue))


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
    wrapups.add_load(s, agent, c.channel, 1)
    s.line.changed(agent, due=False)
    moved = Moved(c.id, Phase.OFFERED, "offered", Party.SYSTEM, c.queue, agent.id, number)
    out += (moved, receipt, SendOffer(number, c.id, agent.id, c.until, c.kind, c.parent))


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
    s.set_timer(c, s.now + (DIAL_MS if c.kind in (Kind.CALLBACK, Kind.OUTBOUND) else CONNECT_MS))
    _moved(c, out, "accepted", Party.AGENT)
    out.append(Connect(c.offer, c.id, c.taker.id))


def talk(s: State, c: Contact, phase: Phase, out: list[Effect], cause: str, actor: Party) -> None:
    """TALKING or HELD: no time limit."""
    _enter(s, c, phase)
    _moved(c, out, cause, actor)


def remember_agent(s: State, c: Contact) -> None:
    """Keep in mind who has this customer."""
    if c.kind is Kind.CONSULT or not known(c):
        return
    s.last_agents.pop(c.caller, None)
    s.last_agents[c.caller] = c.taker.id
    if len(s.last_agents) > LAST_AGENTS:
        del s.last_agents[next(iter(s.last_agents))]


def known(c: Contact) -> bool:
    """Whether the customer's address tells one customer from another."""
    return c.caller.casefold() not in _NOBODY


def give_back(
    s: State, c: Contact, out: list[Effect], cause: str, actor: Party, why: Withdrawal, *, exclude: bool
) -> None:
    """Take the contact from its agent before they talked and stand it in line again, at its original score.

    ``exclude`` keeps it from that agent for the queue's time; a strict contact then has nobody.
    """
    agent = c.taker
    out.append(CancelOffer(c.offer, c.id, agent.id, why))
    # Excluded before it is back, and gone from the agent before that: else the same agent gets it at once.
    if exclude:
        shut_out(s, c, agent)
    unload(s, c, worked=False)
    if c.strict and exclude:
        unanswered(s, c, out, cause, actor)
    else:
        wait(s, c, out, cause, actor)


def shut_out(s: State, c: Contact, agent: Agent) -> None:
    """Keep the contact from the agent for the queue's time."""
    c.excluded = {**c.excluded, agent.slot: s.now + s.line.tables.queue(c.queue).exclude_ms}


def part(s: State, c: Contact, out: list[Effect], by: Party, *, spare: InteractionId | None = None) -> None:
    """The agent leaves a conversation and wraps up; consultations about it end, but for ``spare``."""
    agent = c.taker
    end_consults(s, c, out, spare)
    del s.offers[c.offer], agent.work[c.id]
    wrapups.begin(s, c, agent, out, by)


def end_consults(s: State, c: Contact, out: list[Effect], spare: InteractionId | None = None) -> None:
    """End every consultation about the contact but ``spare``."""
    for interaction in c.consults:
        if interaction != spare:
            end_consult(s, s.contacts[interaction], out, "parent_over", Party.SYSTEM)


def end_consult(s: State, c: Contact, out: list[Effect], cause: str, actor: Party) -> None:
    """End a consultation: handled if the colleague had answered."""
    talked = c.phase in (Phase.TALKING, Phase.HELD)
    drop(s, c, out, Outcome.HANDLED if talked else Outcome.ABANDONED, cause, actor)


def wrap_up(s: State, c: Contact, out: list[Effect], cause: str, actor: Party) -> None:
    """The customer is gone; the agent has the queue's time to finish."""
    if wrapups.wrap_up_ms(s, c) <= 0:
        close(s, c, out, Outcome.HANDLED, cause, actor)
        out.append(Release(c.id))
        return
    _enter(s, c, Phase.WRAPPING)
    _moved(c, out, cause, actor)
    out.append(Release(c.id))
    part(s, c, out, actor)


def put_aside(s: State, c: Contact, out: list[Effect], cause: str, actor: Party, until: int) -> None:
    """Have the contact wait with nobody until a moment."""
    _enter(s, c, Phase.PARKED)
    c.until, c.strict, c.preferred = until, False, None
    s.set_timer(c, until)
    out.append(Moved(c.id, Phase.PARKED, cause, actor, c.queue, c.parker))


def drop(s: State, c: Contact, out: list[Effect], outcome: Outcome, cause: str, actor: Party) -> None:
    """Close a contact that is not wrapping up, and let go of it on the wire."""
    if c.phase is Phase.OFFERED:
        out.append(CancelOffer(c.offer, c.id, c.taker.id, Withdrawal.CANCELLED))
    if outcome is Outcome.ABANDONED:
        _keep_place(s, c)
    close(s, c, out, outcome, cause, actor)
    out.append(Release(c.id, taken=outcome is Outcome.HANDED_OVER))


def _keep_place(s: State, c: Contact) -> None:
    """Keep in mind the place of a customer who gave up in line, or while asked something, as the queue says."""
    ms = s.line.tables.queue(c.queue).return_ms
    asked = c.phase is Phase.IN_MENU and c.queued_at > 0
    stood = asked or c.phase in (Phase.WAITING, Phase.OFFERED, Phase.CONNECTING)
    if ms <= 0 or not stood or c.kind is not Kind.INBOUND or not known(c):
        return
    key = c.channel, c.caller
    s.returns.pop(key, None)
    s.returns[key] = Return(c.origin, s.now + ms)
    while len(s.returns) > REMEMBERED or next(iter(s.returns.values())).until <= s.now:
        del s.returns[next(iter(s.returns))]


def close(s: State, c: Contact, out: list[Effect], outcome: Outcome, cause: str, actor: Party) -> None:
    """End the interaction and forget it."""
    before, agent, number = c.phase, c.agent, c.offer
    talked = before in (Phase.TALKING, Phase.HELD)
    if before is Phase.WAITING:
        s.line.take(c)
    if c.consults:
        end_consults(s, c, out)
    if agent is not None and before is not Phase.WRAPPING:
        unload(s, c, worked=talked)
    _enter(s, c, Phase.CLOSED)
    c.agent = None
    _forget(s, c)
    out.append(
        Moved(
            c.id,
            Phase.CLOSED,
            cause,
            actor,
            c.queue or None,
            c.parker if agent is None else agent.id,
            number or None,
            outcome,
            before if outcome is Outcome.ABANDONED else None,
        )
    )
    if talked and agent is not None:
        out.append(WrapUpOver(c.id, agent.id, actor))


def _forget(s: State, c: Contact) -> None:
    del s.contacts[c.id]
    s.closed[c.id] = None
    if len(s.closed) > REMEMBERED:
        del s.closed[next(iter(s.closed))]
    if c.kind is Kind.CALLBACK and c.id in (callbacks := s.callbacks.get(c.caller, {})):
        del callbacks[c.id]
        if not callbacks:
            del s.callbacks[c.caller]
    parent = s.contacts.get(c.parent) if c.kind is Kind.CONSULT else None
    if parent is not None:
        parent.consults = tuple(id_ for id_ in parent.consults if id_ != c.id)


def _enter(s: State, c: Contact, phase: Phase) -> None:
    c.phase, c.since, c.until = phase, s.now, 0
    if c.timer:
        s.set_timer(c, None)


def _moved(c: Contact, out: list[Effect], cause: str, actor: Party) -> None:
    out.append(Moved(c.id, c.phase, cause, actor, c.queue, c.taker.id, c.offer))


def unload(s: State, c: Contact, *, worked: bool) -> None:
    """Take the contact out of its agent's work, and its offer out of the live ones."""
    agent, number = c.taker, c.offer
    del s.offers[number]
    if c.phase in (Phase.OFFERED, Phase.CONNECTING):
        s.lost[number] = c.id, agent.id
        if len(s.lost) > REMEMBERED:
            del s.lost[next(iter(s.lost))]
    c.agent, c.offer = None, OfferId(0)
    del agent.work[c.id]
    wrapups.add_load(s, agent, c.channel, -1)
    if worked:
        agent.since = s.now
    s.line.changed(agent)
