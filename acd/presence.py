"""Whether anybody is there for a caller in line: hours that ended, and queues for which nobody is signed in."""

from __future__ import annotations

from acd.effects import Limit
from acd.model import Channel, Kind
from acd.records import Agent, Contact
from acd.state import State


def look(s: State, c: Contact) -> tuple[int, Limit] | None:
    """Note whether somebody is there for a contact in line; return from when on it may not stand there, and why."""
    if not _minds(c):
        return None
    if _served(s, c):
        c.unserved_since = 0
    elif not c.unserved_since:
        c.unserved_since = s.now
    rule = s.line.tables.queue(c.queue)
    if c.queue in s.shut and (c.unserved_since or not rule.serve_out):
        return s.now, Limit.CLOSED
    if rule.empty_ms > 0 and c.unserved_since:
        return max(c.unserved_since, c.queued_at) + rule.empty_ms, Limit.EMPTY
    return None


def _minds(c: Contact) -> bool:
    return c.kind is Kind.INBOUND and c.channel is Channel.VOICE and not c.strict


def _served(s: State, c: Contact) -> bool:
    """Whether an agent is signed in, ready or not, who may have the contact now or once it asks for less."""
    able = 0
    for _, asked in c.ladder[c.step :]:
        able |= s.line.skills.able(asked)
    return bool(c.lane.agents[-1] & able & s.present)


def affected(s: State, agent: Agent) -> list[Contact]:
    """Return the contacts in line that must be looked at, now that the agent came or went."""
    lanes = {lane for _, rows in s.line.tables.profiles.get(agent.profile, ()) for lane, _ in rows}
    queues = sorted({lane.queue for lane in lanes if lane.channel is Channel.VOICE})
    minded = (q for q in queues if q in s.shut or s.line.tables.queue(q).empty_ms > 0)
    waiting = (c for q in minded for c in s.line.waiting(q) if _minds(c))
    return [c for c in waiting if _served(s, c) is (c.unserved_since > 0)]
