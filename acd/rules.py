"""What supervisors change: the rules in force, and what a queue does."""

from __future__ import annotations

from acd.effects import Effect, QueueMoved
from acd.events import Configured, QueueHours, QueueStateSet
from acd.model import Party, Phase, QueueState
from acd.staff import sign_out
from acd.state import State
from acd.transitions import put, replace
from acd.views import QueueStatus


def configured(s: State, event: Configured, out: list[Effect]) -> None:
    """Put the rules in force."""
    if event.rules == s.rules:
        return
    named = {rule.id: rule for rule in event.rules.agents}
    for agent in s.line.agents:
        agent.named = agent.id in named
        if not agent.named and agent.signed_in:
            sign_out(s, agent, out, "removed", Party.SYSTEM)
    for rule in named.values():
        agent = s.line.by_id.get(rule.id) or s.line.add_agent(rule.id)
        agent.named, agent.profile, agent.skills = True, rule.profile, dict(rule.skills)
    s.rules = event.rules
    queues = {rule.id for rule in event.rules.queues}
    s.queue_status = {queue: status for queue, status in s.queue_status.items() if queue in queues}
    s.line.paused &= queues
    s.shut &= queues
    waiting = [c for c in s.contacts.values() if c.phase is Phase.WAITING]
    s.line.configure(event.rules)
    for c in waiting:
        put(s, c)


def queue_state_set(s: State, event: QueueStateSet, out: list[Effect]) -> None:
    """Open, pause or drain a queue. Offers that are out stay out."""
    if not s.line.tables.has_queue(event.queue):
        return
    before = s.queue_status.get(event.queue, QueueStatus())
    if (event.state, event.reason, event.by) == before[:3]:
        return
    queue = s.line.tables.queue(event.queue).id
    s.queue_status[queue] = QueueStatus(event.state, event.reason, event.by, s.now)
    out.append(QueueMoved(queue, event.state, event.reason, event.by))
    if (event.state is QueueState.PAUSED) == (before.state is QueueState.PAUSED):
        return
    waiting = s.line.waiting(queue)
    for c in waiting:
        s.line.take(c)
    if event.state is QueueState.PAUSED:
        s.line.paused.add(queue)
    else:
        s.line.paused.discard(queue)
    for c in waiting:
        replace(s, c)


def queue_hours(s: State, event: QueueHours, out: list[Effect]) -> None:
    """Open or close a queue by its hours, and look at everybody in it."""
    if not s.line.tables.has_queue(event.queue) or event.open is (event.queue not in s.shut):
        return
    if event.open:
        s.shut.discard(event.queue)
    else:
        s.shut.add(s.line.tables.queue(event.queue).id)
    for c in s.line.waiting(event.queue):
        s.line.take(c)
        replace(s, c)
