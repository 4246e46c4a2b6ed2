"""The line as shells see it: values made from the state when asked, so that what is shown is what is routed on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from acd.model import Channel, Kind, Phase, QueueRule, QueueState
from acd.records import Agent, Asked, Contact
from core.ids import AgentId, InteractionId, LegId, OfferId, QueueId


class InteractionView(NamedTuple):
    """A live interaction."""

    id: InteractionId
    channel: Channel
    phase: Phase
    since: int
    """When it came into its phase."""
    queue: QueueId | None
    agent: AgentId | None
    """Who is offered it, has it, wraps it up, or put it aside."""
    offer: OfferId | None
    """The offer by which that agent has it."""
    leg: LegId
    caller: str
    """Personal data: never logged."""
    dialled: str
    place: str
    """Where it was in the menu."""
    language: str
    arrived_at: int
    origin: int
    """The arrival that sets the score: an earlier one for who came back, or took over another's place."""
    kind: Kind
    parent: InteractionId | None
    """The call that a callback was promised in, or the contact that a consultation is about."""
    priority: int
    score: int
    """Its place among those who wait: the lowest goes first. Its arrival until it joins a queue."""
    needs: Asked
    """Skills asked for by now, with their levels."""
    queued_at: int | None
    """When it joined the queue, the last time."""
    until: int | None
    """The end of what is bounded: the offer, or the stay aside."""
    consults: tuple[InteractionId, ...]
    """The live consultations about it."""


class WrapUpView(NamedTuple):
    """An agent's work after a contact."""

    id: InteractionId
    queue: QueueId
    until: int
    extensions_left: int


class AgentView(NamedTuple):
    """An agent."""

    id: AgentId
    signed_in: bool
    ready: bool
    reason: str
    reach: tuple[str, ...]
    load: int
    """What the work and the wrap-ups cost, of 100."""
    work: tuple[InteractionId, ...]
    """What the agent is offered or has. What is wrapped up is in ``wrap_ups``."""
    since: int
    """When the last contact ended, or when the agent signed in."""
    intent_since: int
    """When the agent became ready or not, or gave another reason."""
    wrap_ups: tuple[WrapUpView, ...]


class WaitingView(NamedTuple):
    """Customers in one queue on one channel whom no agent has yet, but for those sent to one agent alone."""

    channel: Channel
    waiting: int
    offered: int
    """Those whose agent's device rings; not among ``waiting``."""
    longest_since: int
    """When the one of both who has waited longest joined, here or in a queue that it was moved from."""


class QueueView(NamedTuple):
    """A queue."""

    id: QueueId
    state: QueueState
    reason: str
    by: str
    since: int
    """When the state was set; 0 if never."""
    channels: tuple[WaitingView, ...]
    """Channels on which somebody waits, in the order of ``Channel``."""


class QueueStatus(NamedTuple):
    """What was last said of a queue."""

    state: QueueState = QueueState.OPEN
    reason: str = ""
    by: str = ""
    since: int = 0


def interaction(c: Contact) -> InteractionView:
    """Return a contact as it is seen."""
    return InteractionView(
        id=c.id,
        channel=c.channel,
        phase=c.phase,
        since=c.since,
        queue=c.queue or None,
        agent=c.parker if c.agent is None else c.agent.id,
        offer=c.offer or None,
        leg=c.leg,
        caller=c.caller,
        dialled=c.dialled,
        place=c.place,
        language=c.language,
        arrived_at=c.arrived_at,
        origin=c.origin,
        kind=c.kind,
        parent=c.parent or None,
        priority=c.priority,
        score=c.score,
        needs=c.asks,
        queued_at=c.queued_at or None,
        until=c.until or None,
        consults=c.consults,
    )


def agent(a: Agent, rule: Callable[[QueueId], QueueRule]) -> AgentView:
    """Return an agent as seen; ``rule`` gives a queue's rule."""
    wrap_ups = (
        WrapUpView(w.id, w.queue, w.until, max(rule(w.queue).wrap_up_extensions - w.extended, 0))
        for w in a.wrap_ups.values()
    )
    return AgentView(
        id=a.id,
        signed_in=a.signed_in,
        ready=a.ready,
        reason=a.reason,
        reach=reachable(a),
        load=a.load,
        work=tuple(a.work),
        since=a.since,
        intent_since=a.intent_since,
        wrap_ups=tuple(wrap_ups),
    )


def reachable(a: Agent) -> tuple[str, ...]:
    """Return the channels on which the agent's device is there, always in one order."""
    return tuple(c.value for c in Channel if c in a.reach)


def queues(
    ids: Iterable[QueueId], status: Mapping[QueueId, QueueStatus], contacts: Iterable[Contact]
) -> Iterator[QueueView]:
    """Yield the queues named, with everybody who waits in them counted."""
    counted: dict[QueueId, dict[Channel, WaitingView]] = {queue: {} for queue in ids}
    for c in contacts:
        if c.phase not in (Phase.WAITING, Phase.OFFERED) or c.queue not in counted:
            continue
        if c.strict or c.kind is Kind.CONSULT:
            continue
        lane = counted[c.queue].get(c.channel) or WaitingView(c.channel, 0, 0, c.waits_since)
        waits = c.phase is Phase.WAITING
        counted[c.queue][c.channel] = WaitingView(
            c.channel,
            lane.waiting + waits,
            lane.offered + (not waits),
            min(lane.longest_since, c.waits_since),
        )
    for queue, lanes in counted.items():
        yield QueueView(
            queue,
            *status.get(queue, QueueStatus()),
            channels=tuple(lanes[channel] for channel in Channel if channel in lanes),
        )
