"""A contact that an agent has: held, transferred, discussed, parked, taken over, ended."""

from __future__ import annotations

from acd import wrapups
from acd.effects import CancelOffer, Effect, Handover, Limit, Noted, Park, Withdrawal, WrapUpOver
from acd.events import (
    Attempted,
    Connected,
    Disposed,
    Ended,
    Parked,
    RecordingPaused,
    Requeued,
    Retrieved,
    Surveyed,
    TakenOver,
    TransferCompleted,
    WrapUpDone,
)
from acd.joining import elsewhere, of_language, refusal, there
from acd.model import Kind, Outcome, Party, Phase
from acd.promises import served
from acd.records import Agent, Contact, WrapUp, aged, ladder
from acd.staff import device_failed
from acd.state import State
from acd.transitions import (
    close,
    drop,
    end_consults,
    part,
    put_aside,
    remember_agent,
    shut_out,
    talk,
    unload,
    wait,
    wrap_up,
)
from core.ids import AgentId, OfferId, QueueId

TALKS = (Phase.TALKING, Phase.HELD)


def connected(s: State, c: Contact, event: Connected, out: list[Effect]) -> None:
    """Customer and agent hear each other for the first time."""
    c.taker.failures = 0
    wrapups.resume(s, c, c.taker, out)
    remember_agent(s, c)
    talk(s, c, Phase.TALKING, out, "connected", Party.SYSTEM)
    served(s, c, out)


def ended(s: State, c: Contact, event: Ended, out: list[Effect]) -> None:
    """Somebody left."""
    match c.phase, event.by:
        case ((Phase.TALKING | Phase.HELD), by):
            wrap_up(s, c, out, event.cause or "ended", by)
        case Phase.CONNECTING, Party.AGENT:
            device_failed(s, c, out, event.cause or "agent_left")
        case _, Party.AGENT:
            # The leg of an agent who no longer has the contact.
            pass
        case _, by:
            drop(s, c, out, Outcome.ABANDONED, event.cause or "ended", by)


def requeued(s: State, c: Contact, event: Requeued, out: list[Effect]) -> None:
    """The agent passes the contact on, if there is somewhere to pass it on to."""
    queue = _takes(s, c, event)
    if queue is None or c.kind is Kind.CONSULT:
        return
    agent = c.taker
    out.append(CancelOffer(c.offer, c.id, agent.id, Withdrawal.TRANSFERRED))
    after: list[Effect] = []
    part(s, c, after, Party.AGENT)
    shut_out(s, c, agent)
    _let_in(s, c, event.preferred if event.strict else None)
    c.agent, c.offer = None, OfferId(0)
    stays, c.queue = c.queue == queue, s.line.tables.queue(queue).id
    c.queued_at = c.waits_since = s.now
    c.overflowed = ()
    if event.needs or event.relax:
        c.ladder = ladder(event.needs, event.relax)
    elif stays:
        c.ladder = aged(c.ladder, c.ladder[c.step][0])
    else:
        c.ladder = ladder(of_language(s, c.language), ())
    c.preferred, c.grace_until = event.preferred, s.now + event.grace_ms
    c.strict = c.reopens = event.strict
    wait(s, c, out, "transferred", Party.AGENT)
    out += after


def _let_in(s: State, c: Contact, wanted: AgentId | None) -> None:
    """Forget that the contact was kept from the one agent who is wanted now: it may be passed back at once."""
    agent = None if wanted is None else s.line.by_id.get(wanted)
    if agent is not None and agent.slot in c.excluded:
        c.excluded = {slot: until for slot, until in c.excluded.items() if slot != agent.slot}


def _takes(s: State, c: Contact, event: Requeued) -> QueueId | None:
    """Return the queue in which the contact may be requeued. The length of a queue is no matter here."""
    if not s.line.tables.has_queue(event.queue):
        return None
    if event.strict:
        return event.queue if there(s, event.preferred) else None
    if refusal(s, c, event.queue) is Limit.DRAINING:
        return elsewhere(s, c, event.queue)
    return event.queue


def transfer_completed(s: State, c: Contact, event: TransferCompleted, out: list[Effect]) -> None:
    """The colleague has the contact instead of the agent who asked."""
    consult = s.contacts.get(event.consult)
    if (
        consult is None
        or consult.parent != c.id
        or consult.phase not in TALKS
        or consult.channel is not c.channel
    ):
        return
    colleague, offer = consult.taker, consult.offer
    out.append(Handover(c.id, offer, colleague.id, c.taker.id, consult.id))
    close(s, consult, out, Outcome.HANDLED, "transfer_completed", Party.AGENT)
    _hand_over(s, c, colleague, offer, out, "transfer_completed")


def taken_over(s: State, c: Contact, event: TakenOver, out: list[Effect]) -> None:
    """Another agent has the contact from here on."""
    agent = s.line.by_id.get(event.agent)
    if agent is None or agent is c.taker or not s.line.bears(agent, c.channel) or c.kind is Kind.CONSULT:
        return
    s.offered += 1
    offer = OfferId(s.offered)
    out.append(Handover(c.id, offer, agent.id, c.taker.id))
    _hand_over(s, c, agent, offer, out, "taken_over")


def _hand_over(s: State, c: Contact, agent: Agent, offer: OfferId, out: list[Effect], cause: str) -> None:
    after: list[Effect] = []
    part(s, c, after, Party.AGENT)
    wrapups.resume(s, c, agent, out)
    c.agent, c.offer = agent, offer
    s.offers[offer] = c
    agent.work[c.id] = c
    wrapups.add_load(s, agent, c.channel, 1)
    s.line.changed(agent, due=False)
    remember_agent(s, c)
    talk(s, c, Phase.TALKING, out, cause, Party.AGENT)
    out += after


# --- aside -------------------------------------------------------------------------------------------------


def parked(s: State, c: Contact, event: Parked, out: list[Effect]) -> None:
    """The agent puts the contact aside and is free; the work after it comes when it is over."""
    if c.kind is Kind.CONSULT:
        return
    agent = c.taker
    c.parker = agent.id
    _set_down(s, c, out)
    put_aside(s, c, out, "parked", Party.AGENT, max(event.until, s.now + 1))
    out += (Park(c.id, c.until), WrapUpOver(c.id, agent.id, Party.AGENT))


def _set_down(s: State, c: Contact, out: list[Effect]) -> None:
    end_consults(s, c, out)
    unload(s, c, worked=c.phase in TALKS)


def retrieved(s: State, c: Contact, event: Retrieved, out: list[Effect]) -> None:
    """An agent wants the contact back: nobody else is asked until that came to nothing."""
    agent = s.line.by_id.get(event.agent)
    if agent is None or not s.line.bears(agent, c.channel) or c.channel not in agent.reach:
        return
    c.strict = c.reopens = True
    _let_in(s, c, agent.id)
    _come_back(s, c, agent.id, out, "retrieved", Party.AGENT)


def aside_over(s: State, c: Contact, out: list[Effect]) -> None:
    """The time aside is over: back in line, first to whoever put it aside."""
    _come_back(s, c, c.parker, out, "aside_over", Party.SYSTEM)


def _come_back(
    s: State, c: Contact, agent: AgentId | None, out: list[Effect], cause: str, actor: Party
) -> None:
    c.preferred, c.parker = agent, None
    c.grace_until = s.now + s.line.tables.queue(c.queue).offer_ms
    c.queued_at = c.waits_since = s.now
    wait(s, c, out, cause, actor)


def attempted(s: State, c: Contact, event: Attempted, out: list[Effect]) -> None:
    """The customer was not reached: the agent is free, and it is tried again later or over."""
    if c.kind not in (Kind.CALLBACK, Kind.OUTBOUND):
        return
    if event.again_at is None:
        drop(s, c, out, Outcome.UNREACHED, event.cause, Party.SYSTEM)
        return
    talked, agent = c.phase in TALKS, c.agent
    if agent is not None:
        out.append(CancelOffer(c.offer, c.id, agent.id, Withdrawal.CANCELLED))
        _set_down(s, c, out)
    elif c.phase is Phase.WAITING:
        s.line.take(c)
    c.parker = None
    put_aside(s, c, out, event.cause, Party.SYSTEM, max(event.again_at, s.now + 1))
    if talked and agent is not None:
        out.append(WrapUpOver(c.id, agent.id, Party.SYSTEM))


# --- afterwards --------------------------------------------------------------------------------------------


def wrap_up_done(s: State, event: WrapUpDone, out: list[Effect]) -> None:
    """The agent says that the work after the contact is done."""
    found = wrapups.find(s, event.id, event.agent)
    if found is not None:
        end_wrap_up(s, found, out, "wrap_up_done", Party.AGENT)


def end_wrap_up(s: State, wrap_up: WrapUp, out: list[Effect], cause: str, by: Party) -> None:
    """End a wrap-up, and the contact with it if it was open for that alone."""
    c = wrapups.end(s, wrap_up, out, by)
    if c is not None:
        close(s, c, out, Outcome.HANDLED, cause, by)


def noted(s: State, event: Disposed | Surveyed | RecordingPaused, out: list[Effect]) -> None:
    """Say that what was said of a contact is written down, if the contact and the agent are known."""
    if event.id not in s.contacts and event.id not in s.closed:
        return
    if isinstance(event, Disposed) and event.agent not in s.line.by_id:
        return
    out.append(Noted(event.id))
