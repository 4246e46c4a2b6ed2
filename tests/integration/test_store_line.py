"""The rows agree with the line: whatever happens to it, the tables say what its state says."""

from __future__ import annotations

import random

from acd.effects import Noted
from acd.events import (
    AgentSignedIn,
    AgentSignedOut,
    Arrived,
    Attempted,
    Configured,
    Connected,
    Dismissed,
    Disposed,
    Ended,
    Event,
    Failed,
    Held,
    IntentSet,
    OfferAccepted,
    OfferRejected,
    Parked,
    Queued,
    QueueStateSet,
    ReachChanged,
    Requeued,
    Resumed,
    Retrieved,
    Surveyed,
    TakenOver,
    Tick,
    TransferCompleted,
    Unqueued,
    WrapUpDone,
    WrapUpExtended,
)
from acd.model import (
    AgentRule,
    Channel,
    ChannelRule,
    Kind,
    LineRules,
    Outcome,
    Party,
    Phase,
    Profile,
    QueueRule,
    QueueState,
    Row,
)
from acd.ports import Entry
from acd.state import State
from acd.step import step
from core.ids import AgentId, InteractionId, OfferId, ProfileId
from store.journal import SqlJournal
from store.queries import Queries
from tests.unit.store.stories import OSS, START, TAX, iid

pytest_plugins = ("tests.integration.postgres_fixture",)

_RUNNING = (Phase.WAITING, Phase.OFFERED, Phase.CONNECTING, Phase.TALKING, Phase.HELD)
_AGENTS = tuple(AgentId(f"ag{n}") for n in range(4))
_RULES = LineRules(
    channels=(ChannelRule(Channel.VOICE, 100), ChannelRule(Channel.CHAT, 50)),
    queues=(
        QueueRule(OSS, 5_000, 3_000, 4_000, max_wait_ms=20_000, max_length=4, overflow=TAX),
        QueueRule(TAX, 5_000, 0, 4_000),
    ),
    profiles=(
        Profile(
            ProfileId("all"), tuple(Row(q, c) for q in (OSS, TAX) for c in (Channel.VOICE, Channel.CHAT))
        ),
    ),
    agents=tuple(AgentRule(agent, ProfileId("all")) for agent in _AGENTS),
)


def _event(chance: random.Random, state: State, now: int, number: int) -> Event:
    agent, queue = chance.choice(_AGENTS), chance.choice([OSS, TAX])
    live = [contact.id for contact in state.live()]
    id_ = chance.choice(live) if live and chance.random() < 0.95 else iid(chance.randrange(number + 1))
    offers = [contact.offer for contact in state.live() if contact.offer is not None]
    offer = chance.choice(offers) if offers else OfferId(1)
    channel = chance.choice([Channel.VOICE, Channel.CHAT])
    events: list[Event] = [
        Arrived(iid(number), channel, now),
        Arrived(iid(number), channel, now),
        Arrived(id_, channel, now),
        Queued(id_, queue),
        Queued(id_, queue),
        OfferAccepted(offer),
        OfferAccepted(offer),
        OfferRejected(offer),
        Connected(id_),
        Connected(id_),
        Held(id_),
        Resumed(id_),
        Requeued(id_, queue),
        Requeued(id_, queue, preferred=agent, strict=True, grace_ms=3_000),
        Unqueued(id_, "asked"),
        Parked(id_, now + 4_000),
        Retrieved(id_, agent),
        TakenOver(id_, agent),
        Arrived(iid(number), channel, now, kind=Kind.CONSULT, parent=id_),
        TransferCompleted(id_, consults[0] if (consults := _consults(state, id_)) else id_),
        Attempted(id_, "busy", now + 2_000),
        WrapUpExtended(id_, agent),
        WrapUpDone(id_, agent),
        Disposed(id_, agent, chance.choice(["oss", "tax"]), "a note"),
        Surveyed(id_, "csat", chance.randint(1, 5)),
        QueueStateSet(queue, chance.choice([*QueueState, QueueState.OPEN, QueueState.OPEN]), by="lead"),
        Ended(id_, chance.choice([Party.CUSTOMER, Party.AGENT])),
        Dismissed(id_, Outcome.DEFLECTED),
        Failed(id_),
        WrapUpDone(id_),
        AgentSignedIn(agent),
        AgentSignedOut(agent),
        IntentSet(agent, ready=True),
        IntentSet(agent, ready=True),
        ReachChanged(agent, channel, ok=chance.random() < 0.9),
        Tick(),
    ]
    return chance.choice(events)


def _consults(state: State, id_: InteractionId) -> tuple[InteractionId, ...]:
    found = state.interaction(id_)
    return () if found is None else found.consults


async def test_rows_and_line_agree(store_url: str) -> None:
    chance = random.Random(9)
    state, now, entries, number = State(), START, [], 0
    kinds: dict[str, Kind] = {}
    words: dict[str, dict[str, str]] = {}
    first: list[Event] = [Configured(_RULES)]
    for agent in _AGENTS:
        first += [AgentSignedIn(agent), IntentSet(agent, ready=True)]
        first += [ReachChanged(agent, channel, ok=True) for channel in (Channel.VOICE, Channel.CHAT)]
    for seq in range(1, 6_001):
        now += chance.choice([0, 1, 200, 1_500])
        event = first.pop(0) if first else _event(chance, state, now, number)
        number += isinstance(event, Arrived) and event.id == iid(number)
        effects = tuple(step(state, event, now))
        entries.append(Entry(seq, now, event, effects))
        if isinstance(event, Arrived):
            kinds.setdefault(event.id, event.kind)
        if isinstance(event, Disposed) and Noted(event.id) in effects:
            words.setdefault(event.id, {})[event.agent] = event.category
    said = {id_: set(by_agent.items()) for id_, by_agent in words.items()}

    journal = await SqlJournal.open(store_url)
    while entries:
        size = chance.choice([1, 10, 300])
        await journal.append(entries[:size])
        del entries[:size]
    queries = await Queries.open(store_url)
    live = {contact.id: contact for contact in state.live()}
    wrapping: dict[str, set[str]] = {}
    for worker in state.agents():
        for wrap_up in worker.wrap_ups:
            wrapping.setdefault(wrap_up.id, set()).add(worker.id)
    summaries = await queries.recent(number)
    consults = {id_ for id_, kind in kinds.items() if kind is Kind.CONSULT}
    assert len(summaries) == number - len(consults)
    assert not consults & {summary.interaction.id for summary in summaries}
    outcomes = set()
    for summary in summaries:
        call = summary.interaction
        outcomes.add(call.outcome)
        expected = live[call.id].phase if call.id in live else Phase.CLOSED
        assert call.phase is expected
        assert (call.outcome is not None) == (call.closed_at is not None) == (expected is Phase.CLOSED)
        assert (call.abandoned_in is not None) == (call.outcome is Outcome.ABANDONED)
        history = await queries.history(call.id)
        assert history is not None
        running = [s for s in history.segments if s.left_at is None and s.ended_at is None]
        assert len(running) == (expected in _RUNNING)
        wrapped = {s.agent for s in history.segments if s.left_at is not None and s.ended_at is None}
        assert wrapped == wrapping.get(call.id, set())
        assert {(d.agent, d.category) for d in history.dispositions} == said.get(call.id, set())
        for segment in history.segments:
            if segment.ended_at is None:
                continue
            spent = segment.wait_ms + segment.ring_ms + segment.talk_ms + segment.hold_ms + segment.wrap_ms
            assert spent == segment.ended_at - segment.queued_at
    assert {Outcome.HANDLED, Outcome.ABANDONED, Outcome.FAILED, Outcome.DEFLECTED} <= outcomes
    await queries.close()
    await journal.close()
