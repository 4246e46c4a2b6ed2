"""Wrap-ups: an agent's work after a contact, as real load with an end, whoever has the contact by then."""

from __future__ import annotations

from acd.effects import Effect, StartWrapUp, WrapUpOver
from acd.events import WrapUpExtended
from acd.model import Channel, Kind, Party
from acd.records import Agent, Contact, WrapUp
from acd.state import State
from core.ids import AgentId, InteractionId


def add_load(s: State, agent: Agent, channel: Channel, sign: int) -> None:
    """Count a contact's cost into the agent's load (``sign`` 1) or out of it (-1)."""
    tables = s.line.tables
    cost = sign * tables.cost(channel)
    agent.load += cost
    for index, kind in enumerate(tables.kinds):
        if channel not in kind.interrupts:
            agent.used[index] += cost


def wrap_up_ms(s: State, c: Contact) -> int:
    """Return how long an agent may wrap up the contact. Of a consultation there is nothing to write down."""
    return 0 if c.kind is Kind.CONSULT else s.line.tables.queue(c.queue).wrap_up_ms


def begin(s: State, c: Contact, agent: Agent, out: list[Effect], by: Party) -> None:
    """Turn the agent's contact into a wrap-up at the same cost, or end the agent's part if there is none.

    The contact is in the agent's load, and no longer in the agent's work.
    """
    ms = wrap_up_ms(s, c)
    if ms > 0:
        wrap_up = agent.wrap_ups[c.id] = WrapUp(c.id, c.channel, c.queue, agent, s.now + ms)
        s.set_timer(wrap_up, wrap_up.until)
        out.append(StartWrapUp(c.id, agent.id, wrap_up.until))
        for waiting in s.line.directed_to(agent):
            # They wait for the end of the talk only.
            s.line.due.mark_contact(waiting)
    else:
        finish(s, agent, c.channel)
        out.append(WrapUpOver(c.id, agent.id, by))


def finish(s: State, agent: Agent, channel: Channel) -> None:
    """Free the agent of a contact that was worked on."""
    add_load(s, agent, channel, -1)
    agent.since = s.now
    s.line.changed(agent)


def resume(s: State, c: Contact, agent: Agent, out: list[Effect]) -> None:
    """End the agent's earlier wrap-up of a contact that came back: there will be another."""
    before = agent.wrap_ups.get(c.id)
    if before is not None:
        end(s, before, out, Party.SYSTEM)


def end(s: State, wrap_up: WrapUp, out: list[Effect], by: Party) -> Contact | None:
    """End a wrap-up; return the contact that was only open for it, if there is one."""
    s.set_timer(wrap_up, None)
    del wrap_up.agent.wrap_ups[wrap_up.id]
    finish(s, wrap_up.agent, wrap_up.channel)
    out.append(WrapUpOver(wrap_up.id, wrap_up.agent.id, by))
    c = s.contacts.get(wrap_up.id)
    return c if c is not None and c.wrapped_by is wrap_up.agent else None


def find(s: State, interaction: InteractionId, agent: AgentId) -> WrapUp | None:
    """Return the agent's wrap-up of a contact, be it closed. With no agent named: the only one, or the last."""
    if agent:
        who = s.line.by_id.get(agent)
        return None if who is None else who.wrap_ups.get(interaction)
    c = s.contacts.get(interaction)
    if c is not None and c.wrapped_by is not None:
        return c.wrapped_by.wrap_ups[interaction]
    found = [a.wrap_ups[interaction] for a in s.line.agents if interaction in a.wrap_ups]
    return found[0] if len(found) == 1 else None


def extended(s: State, event: WrapUpExtended, out: list[Effect]) -> None:
    """Give the agent more time, as often as the queue allows."""
    wrap_up = find(s, event.id, event.agent)
    if wrap_up is None:
        return
    rule = s.line.tables.queue(wrap_up.queue)
    if wrap_up.extended >= rule.wrap_up_extensions or rule.wrap_up_extra_ms <= 0:
        return
    wrap_up.extended += 1
    wrap_up.until += rule.wrap_up_extra_ms
    s.set_timer(wrap_up, wrap_up.until)
    out.append(StartWrapUp(wrap_up.id, wrap_up.agent.id, wrap_up.until))
