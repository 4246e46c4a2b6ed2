"""A contact before an agent has it: it arrives, joins a queue, meets its limits, goes back to its menu."""

from __future__ import annotations

from typing import Final

from acd.effects import Effect, Limit, Moved, Release
from acd.events import Arrived, PriorityChanged, Queued
from acd.model import Channel, Kind, Need, Outcome, Party, Phase, QueueState
from acd.presence import look
from acd.promises import promised
from acd.records import Contact, aged, ladder
from acd.state import State
from acd.transitions import close, drop, known, leave, replace, unanswered, wait
from core.ids import AgentId, InteractionId, QueueId

FOREVER: Final = 1 << 62
"""A moment that does not come."""

_BEFORE_AGENT: Final = (Phase.IN_MENU, Phase.WITH_BOT, Phase.WAITING, Phase.OFFERED)


def arrived(s: State, event: Arrived, out: list[Effect]) -> None:
    """Take in a contact, once."""
    if event.id in s.contacts or event.id in s.closed:
        return
    s.arrivals += 1
    c = Contact(event.id, s.arrivals, event.channel, event.at)
    c.kind, c.parent = event.kind, event.parent
    c.leg, c.caller, c.dialled = event.leg, _encodable(event.caller), _encodable(event.dialled)
    c.since = s.now
    s.contacts[c.id] = c
    out.append(Moved(c.id, Phase.IN_MENU, "arrived", Party.CUSTOMER))
    if event.takes:
        _take_place(s, c, event.takes, out)
    if c.kind is Kind.CONSULT:
        parent = s.contacts.get(c.parent)
        if parent is not None and parent.phase in (Phase.TALKING, Phase.HELD):
            parent.consults += (c.id,)
            # Nobody is asked by themselves, though they may have room for one more chat.
            c.excluded = {parent.taker.slot: FOREVER}
        else:
            close(s, c, out, Outcome.REFUSED, "parent_over", Party.SYSTEM)
            out.append(Release(c.id))


def _take_place(s: State, c: Contact, taken: InteractionId, out: list[Effect]) -> None:
    other = s.contacts.get(taken)
    if other is None or other is c or other.kind is not Kind.INBOUND or other.phase not in _BEFORE_AGENT:
        return
    c.origin = c.score = min(c.origin, other.origin)
    drop(s, other, out, Outcome.HANDED_OVER, "place_taken_over", Party.CUSTOMER)


def _encodable(text: str) -> str:
    """Return what the journal gives back for ``text``: half a surrogate pair does not survive writing."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def queued(s: State, c: Contact, event: Queued, out: list[Effect]) -> None:
    """Stand a contact in a queue, if it may stand there."""
    waiting = c.phase is Phase.WAITING
    if waiting and c.queue == event.queue:
        return
    if not s.line.tables.has_queue(event.queue):
        # A contact nobody can ever be given must not wait for ever.
        drop(s, c, out, Outcome.FAILED, "unknown_queue", Party.SYSTEM)
        return
    if waiting:
        s.line.take(c)
    back = not waiting and c.queued_at > 0 and c.queue == event.queue
    if not back:
        c.queued_at, c.overflowed = s.now, ()
        c.waits_since = c.waits_since if waiting else s.now
    # The rules' own copy of the name, or each contact would keep one.
    c.queue = s.line.tables.queue(event.queue).id
    c.priority, c.language = event.priority, event.language
    c.ladder = ladder(event.needs or _of_parent(s, c), event.relax)
    c.preferred, c.grace_until = event.preferred, s.now + event.grace_ms
    c.strict, c.reopens = event.strict, event.strict and c.kind is Kind.CALLBACK
    _know_again(s, c)
    promised(s, c, out)
    _join(s, c, out, back=back)


def _of_parent(s: State, c: Contact) -> tuple[Need, ...]:
    """Return what a consultation asks for by itself: whoever is asked may get the customer."""
    parent = s.contacts.get(c.parent) if c.kind is Kind.CONSULT else None
    if parent is None:
        return ()
    c.language = c.language or parent.language
    return of_language(s, c.language)


def of_language(s: State, language: str) -> tuple[Need, ...]:
    """Return what a customer who speaks ``language`` asks of every agent."""
    skill = s.rules.languages.get(language)
    return () if skill is None else (Need(skill),)


def _join(s: State, c: Contact, out: list[Effect], *, back: bool) -> None:
    why = None if back else refusal(s, c, c.queue)
    if c.strict and not there(s, c.preferred, c):
        _turned_away(s, c, out)
        unanswered(s, c, out, "agent_not_there", Party.SYSTEM)
    elif why is not None and not _stays(s, c):
        _turned_away(s, c, out)
        overflow(s, c, out, why)
    else:
        wait(s, c, out, "queued", Party.SYSTEM)


def _stays(s: State, c: Contact) -> bool:
    """Whether the contact goes on waiting at a limit of its queue: it has no menu, and no other queue takes it."""
    if not c.stays or elsewhere(s, c, c.queue) is not None:
        return False
    c.overflowed += (c.queue,)
    return True


def _turned_away(s: State, c: Contact, out: list[Effect]) -> None:
    # It stood there for no time: whoever counts what a queue was offered counts it.
    out.append(Moved(c.id, Phase.WAITING, "queued", Party.SYSTEM, c.queue))


def there(s: State, agent: AgentId | None, c: Contact | None = None) -> bool:
    """Whether the agent is one whom a strict contact (``c``) may wait for."""
    found = s.line.by_id.get(agent) if agent is not None else None
    if found is None or not (found.named and found.signed_in):
        return False
    return c is None or found.slot not in c.excluded


def _know_again(s: State, c: Contact) -> None:
    """Give a customer who was here before the old place, and the agent of last time."""
    if c.kind is not Kind.INBOUND or not known(c):
        return
    before = s.returns.pop((c.channel, c.caller), None)
    if before is not None and s.now < before.until:
        c.origin = min(c.origin, before.origin)
    rule = s.line.tables.queue(c.queue)
    last = s.last_agents.get(c.caller) if c.preferred is None and rule.last_agent_ms > 0 else None
    if last is not None and there(s, last) and s.line.by_id[last].ready:
        c.preferred, c.grace_until = last, s.now + rule.last_agent_ms


def refusal(s: State, c: Contact, queue: QueueId) -> Limit | None:
    """Return why the contact may not join the queue."""
    if c.strict or c.kind not in (Kind.INBOUND, Kind.CONSULT):
        return None
    if s.queue_state(queue) is QueueState.DRAINING:
        return Limit.DRAINING
    if c.kind is Kind.INBOUND and c.channel is Channel.VOICE and queue in s.shut:
        return Limit.CLOSED
    most = s.line.tables.queue(queue).max_length
    if c.kind is Kind.INBOUND and 0 < most <= s.line.tables.lane(queue, c.channel).length:
        return Limit.FULL
    return None


def elsewhere(s: State, c: Contact, queue: QueueId) -> QueueId | None:
    """Return the first queue along the overflows that takes the contact and did not have it before, if any."""
    tried = {queue, *c.overflowed}
    while (queue := s.line.tables.queue(queue).overflow) not in tried and s.line.tables.has_queue(queue):
        if refusal(s, c, queue) is None:
            return queue
        tried.add(queue)
    return None


def overflow(s: State, c: Contact, out: list[Effect], why: Limit) -> None:
    """Stand a contact in another queue at its score, with what it asks for by now, or send it away."""
    queue = elsewhere(s, c, c.queue)
    c.overflowed += (c.queue,)
    if queue is None:
        leave(s, c, out, why)
        return
    c.ladder = aged(c.ladder, s.now - c.queued_at)
    c.queue, c.queued_at, c.preferred = s.line.tables.queue(queue).id, s.now, None
    wait(s, c, out, f"overflow_{why}", Party.SYSTEM)


def due_in_line(s: State, c: Contact, out: list[Effect]) -> None:
    """Look at a waiting contact whose moment has come: it gave all it would, or stands elsewhere from now on."""
    patience = s.line.patience_ms(c)
    s.line.take(c)
    if c.strict and s.now >= c.grace_until:
        unanswered(s, c, out, "grace_over", Party.SYSTEM)
    elif (leaves := look(s, c)) is not None and s.now >= leaves[0]:
        overflow(s, c, out, leaves[1])
    elif patience is not None and s.now - c.queued_at >= patience and not _stays(s, c):
        overflow(s, c, out, Limit.WAITED)
    else:
        replace(s, c)


def priority_changed(s: State, c: Contact, event: PriorityChanged, out: list[Effect]) -> None:
    """Move a contact by 60 seconds a point."""
    priority = event.priority
    if c.priority == priority:
        return
    if c.phase is not Phase.WAITING:
        c.priority = priority
        return
    s.line.take(c)
    c.priority = priority
    replace(s, c)
