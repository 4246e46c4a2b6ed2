"""Why a contact goes where it goes: every agent with a verdict, and the journal run again.

This is the plain definition of who may have what, read from the rules without any index. It is slow, and the
property tests hold the fast search to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from acd.effects import Effect, Receipt
from acd.events import Event
from acd.model import Channel, ChannelRule, Phase, QueueState
from acd.records import Agent, Asked, Contact
from acd.state import State
from acd.step import step
from acd.tables import FULL
from core.ids import AgentId, InteractionId, OfferId, QueueId


class Candidate(msgspec.Struct, frozen=True):
    """An agent as one contact sees it."""

    agent: AgentId
    verdict: str
    """In words; ``eligible`` for those who may have the contact now."""
    rank: int | None
    """Of the best open row for the contact, None if the profile has none by now."""
    load: int
    since: int
    excluded_until: int | None


class Explanation(msgspec.Struct, frozen=True):
    """Who may have a waiting contact at one moment, and why the others may not."""

    id: InteractionId
    at: int
    queue: QueueId
    channel: Channel
    waited_ms: int
    """In this queue, and in those that it was moved here from."""
    score: int
    position: int
    step: int
    asks: Asked
    kept_for: AgentId | None
    """The preferred agent, during the grace period; the only one, if the contact is strict."""
    candidates: tuple[Candidate, ...]
    """Those who may have it first, in the order in which they would get it."""


ELIGIBLE = "eligible"


def explain(state: State, interaction: InteractionId) -> Explanation | None:
    """Return every agent's verdict on a waiting contact, or None if it does not wait."""
    c = state.contacts.get(interaction)
    if c is None or c.phase is not Phase.WAITING:
        return None
    agents = [a for a in state.line.agents if a.named]
    # Sorting is stable, so agents alike in all this stay in the order of their slots.
    candidates = sorted(
        (_candidate(state, c, a) for a in agents),
        key=lambda k: (k.verdict != ELIGIBLE, k.agent != c.preferred, k.load, k.since),
    )
    return Explanation(
        id=c.id,
        at=state.now,
        queue=c.queue,
        channel=c.channel,
        waited_ms=state.now - c.waits_since,
        score=c.score,
        position=state.line.position(c),
        step=c.step,
        asks=asked(state, c),
        kept_for=state.line.agents[c.held].id if c.held >= 0 else None,
        candidates=tuple(candidates),
    )


def _candidate(state: State, c: Contact, a: Agent) -> Candidate:
    return Candidate(
        agent=a.id,
        verdict=verdict(state, c, a),
        rank=open_rank(state, c, a),
        load=a.load,
        since=a.since,
        excluded_until=c.excluded.get(a.slot),
    )


def verdict(state: State, c: Contact, a: Agent) -> str:
    """Return ``eligible``, or the first reason why the agent may not have the contact."""
    if c.strict:
        return _directed(state, c, a)
    if state.queue_state(c.queue) is QueueState.PAUSED:
        return "the queue is paused"
    if (reason := _not_able(state, c, a)) is not None:
        return reason
    if not a.signed_in:
        return "signed out"
    if not a.ready:
        return f"not ready: {a.reason}" if a.reason else "not ready"
    if not has_room(state, a, c.channel):
        return f"no room beside a load of {a.load}"
    if c.held >= 0 and state.line.agents[c.held] is not a:
        return "kept for the preferred agent"
    blocker = drains_for(state, c, a)
    return ELIGIBLE if blocker is None else f"drains for {blocker.id}, overdue and in need of more room"


def _directed(state: State, c: Contact, a: Agent) -> str:
    """Return the verdict on a strict contact: its agent is asked ready or not, and beside wrap-ups."""
    if a.id != c.preferred:
        return "for another agent alone"
    if not (a.named and a.signed_in):
        return "signed out"
    if c.channel not in a.reach:
        return "device not there"
    if c.excluded.get(a.slot, 0) > state.now:
        return "excluded after an offer"
    if not has_room(state, a, c.channel, wrapping=False):
        return f"no room beside a load of {a.load}"
    return ELIGIBLE


def _not_able(state: State, c: Contact, a: Agent) -> str | None:
    """Return why the agent could not have the contact even with all the time in the world."""
    if not a.named or open_rank(state, c, a) is None:
        return "not in the queue"
    lacking = [f"{skill} {level}" for skill, level in asked(state, c) if a.skills.get(skill, 0) < level]
    if lacking:
        return "lacks " + ", ".join(lacking)
    if c.channel not in a.reach:
        return "device not there"
    if c.excluded.get(a.slot, 0) > state.now:
        return "excluded after an offer"
    return None


def open_rank(state: State, c: Contact, a: Agent) -> int | None:
    """Return the best rank of the agent's rows for the contact whose delay is over."""
    age = state.now - c.queued_at
    return min(
        (
            row.rank
            for profile in state.rules.profiles
            if profile.id == a.profile
            for row in profile.rows
            if row.queue == c.queue and row.channel == c.channel and row.delay_ms <= age
        ),
        default=None,
    )


def asked(state: State, c: Contact) -> Asked:
    """Return what is asked after as long as the contact has waited."""
    return [asks for after, asks in c.ladder if after <= state.now - c.queued_at][-1]


def has_room(state: State, a: Agent, channel: Channel, *, wrapping: bool = True) -> bool:
    """Whether the agent can carry a contact on ``channel`` beside the work it may not interrupt.

    Wrap-ups are work, unless ``wrapping`` is false.
    """
    rules = {c: ChannelRule(c, FULL) for c in Channel} | {r.channel: r for r in state.rules.channels}
    work = [c.channel for c in a.work.values()]
    if wrapping:
        work += (w.channel for w in a.wrap_ups.values())
    kept = [rules[other] for other in work if channel not in rules[other].interrupted_by]
    return sum(rule.cost for rule in kept) + rules[channel].cost <= FULL


def drains_for(state: State, c: Contact, a: Agent) -> Contact | None:
    """Return an overdue contact that goes before ``c`` for this agent and waits for more room, if any."""
    if not a.load:
        return None
    cheapest = min((rule.cost for rule in state.rules.channels), default=FULL)
    for other in state.contacts.values():
        overdue = (
            other.phase is Phase.WAITING
            and other.held < 0
            and not other.strict
            and state.queue_state(other.queue) is not QueueState.PAUSED
            and state.now - other.queued_at >= state.rules.drain_ms
            and state.line.tables.cost(other.channel) > cheapest
        )
        if (
            overdue
            and _not_able(state, other, a) is None
            and not has_room(state, a, other.channel)
            and (open_rank(state, other, a) or 0, other.key) < (open_rank(state, c, a) or 0, c.key)
        ):
            return other
    return None


# --- the journal again -------------------------------------------------------------------------------------


class Journalled(NamedTuple):
    """An entry of the journal with the receipts stored for it."""

    seq: int
    at: int
    event: Event
    receipts: tuple[Receipt, ...]


class Difference(NamedTuple):
    """An entry from which other decisions follow now than were stored."""

    seq: int
    at: int
    event: Event
    stored: tuple[Receipt, ...]
    found: tuple[Receipt, ...]


class Replay:
    """The journal, run again entry by entry; with ``offer``, that decision is explained on the way."""

    def __init__(self, offer: OfferId | None = None) -> None:
        self.state = State()
        self.explanation: Explanation | None = None
        """Set once the entry that made the offer was fed."""
        self._offer = offer
        self.state.witness = self._look

    def feed(self, at: int, event: Event) -> list[Effect]:
        """Take the next entry and return what follows from it."""
        return step(self.state, event, at)

    def check(self, entry: Journalled) -> Difference | None:
        """Take the next entry and return how its decisions differ from the stored ones, if they do."""
        found = tuple(e for e in self.feed(entry.at, entry.event) if isinstance(e, Receipt))
        if found == tuple(entry.receipts):
            return None
        return Difference(entry.seq, entry.at, entry.event, tuple(entry.receipts), found)

    def _look(self, state: State, c: Contact, number: OfferId) -> None:
        if number == self._offer:
            self.explanation = explain(state, c.id)


def compare(entries: Iterable[Journalled]) -> list[Difference]:
    """Run a journal again from its beginning and return where it decides otherwise."""
    replay = Replay()
    return [d for d in map(replay.check, entries) if d is not None]
