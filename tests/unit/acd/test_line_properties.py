"""Random histories: whatever happens in whatever order, the promises of the line hold."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from acd.effects import CancelOffer, Connect, Effect, Moved, Receipt, SendOffer
from acd.events import (
    AgentSignedIn,
    AgentSignedOut,
    Arrived,
    Configured,
    Connected,
    Dismissed,
    Ended,
    Event,
    Failed,
    Held,
    IntentSet,
    MenuMoved,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    PriorityChanged,
    Queued,
    ReachChanged,
    Requeued,
    Resumed,
    Tick,
    WrapUpDone,
)
from acd.explain import ELIGIBLE, asked, explain, has_room, open_rank, verdict
from acd.model import (
    Channel,
    ChannelRule,
    DeviceFault,
    LineRules,
    Need,
    Outcome,
    Party,
    Phase,
    QueueRule,
    Relax,
)
from acd.records import Contact
from acd.snapshot import dump, load
from acd.state import State
from acd.step import step
from core.ids import AgentId, InteractionId, OfferId, QueueId, SkillId
from tests.unit.acd.world import CHANNELS, START, agent, iid, profile, row, rules

V, W, C = Channel.VOICE, Channel.WHATSAPP, Channel.CHAT
PROFILES = (
    profile("near", row("oss"), row("oss", W), row("tax", W, rank=2), row("oss", C, delay_s=20)),
    profile("far", row("tax"), row("oss", V, rank=2, delay_s=15), row("oss", W, delay_s=30), row("tax", C)),
    profile("odd", row("oss", V, rank=3), row("oss", V, rank=1, delay_s=40), row("tax", W), row("oss", C)),
)
QUEUES = (
    QueueRule(QueueId("oss"), offer_ms=10_000, wrap_up_ms=5_000, exclude_ms=15_000),
    QueueRule(QueueId("tax"), offer_ms=8_000, wrap_up_ms=0, exclude_ms=25_000, priority=1),
)
AGENTS = (
    agent("a1", "near", a=2, b=1),
    agent("a2", "near", a=1),
    agent("a3", "far", b=3),
    agent("a4", "odd", a=3, b=2),
    agent("a5", "odd"),
)
INTERRUPTED = (CHANNELS[0], ChannelRule(W, 50, (V,)), CHANNELS[2])
SETS = (
    rules(*AGENTS, profiles=PROFILES, queues=QUEUES),
    rules(*AGENTS[:4], agent("a6", "near", b=1), profiles=PROFILES, queues=QUEUES),
    rules(*AGENTS[1:], profiles=PROFILES[1:], queues=QUEUES[:1]),
    rules(*AGENTS, profiles=PROFILES, queues=QUEUES, channels=INTERRUPTED),
)
NEEDS = ((), (Need(SkillId("a")),), (Need(SkillId("a"), 2), Need(SkillId("b"))), (Need(SkillId("b"), 3),))
RELAX = ((), (Relax(10_000, NEEDS[1]), Relax(25_000)), (Relax(35_000, NEEDS[3]),))
WHO = [AgentId(f"a{n}") for n in range(1, 7)] + [AgentId("nobody")]
TAKEN = (Phase.OFFERED, Phase.CONNECTING, Phase.TALKING, Phase.HELD, Phase.WRAPPING)
agents, queues = st.sampled_from(WHO), st.sampled_from([QueueId("oss"), QueueId("tax")])
needs, relax = st.sampled_from(NEEDS), st.sampled_from(RELAX)


class Line(RuleBasedStateMachine):
    """Five agents, two queues, three channels, and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.now, self.count = State(), START, 0
        self.journal: list[tuple[int, bytes, bytes]] = []
        self.copy: State | None = None
        self.open_offers: set[OfferId] = set()
        self.outcomes: dict[InteractionId, Outcome] = {}
        self.interrupted = False
        """Whether a contact ever could interrupt another: then an agent may carry more than 100."""

    @initialize(which=st.sampled_from(SETS))
    def configure(self, which: LineRules) -> None:
        self.do(Configured(which))
        for who in WHO:
            self.do(ReachChanged(who, V, True))
            self.do(ReachChanged(who, W, True))
            self.do(AgentSignedIn(who))
            self.do(IntentSet(who, True))

    def do(self, event: Event) -> None:
        self.interrupted |= isinstance(event, Configured) and event.rules.channels == INTERRUPTED
        effects = step(self.state, event, self.now)
        body = msgspec.json.encode(event)
        self.journal.append((self.now, body, msgspec.json.encode(effects)))
        if self.copy is not None:
            assert step(self.copy, event, self.now) == effects, "a restored snapshot decides otherwise"
        self.check_effects(effects)

    def check_effects(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case SendOffer(offer=number):
                    assert number not in self.open_offers
                    self.open_offers.add(number)
                case Connect(offer=number):
                    self.open_offers.remove(number)
                case CancelOffer(offer=number):
                    self.open_offers.discard(number)
                case Moved(phase=Phase.CLOSED, outcome=outcome):
                    assert effect.id not in self.outcomes, "closed twice"
                    assert outcome is not None
                    self.outcomes[effect.id] = outcome
                    assert (effect.abandoned_in is not None) == (outcome is Outcome.ABANDONED)
                case Receipt():
                    counts = (effect.in_queue, effect.skilled, effect.reachable, effect.ready_with_room)
                    assert sorted(counts, reverse=True) == list(counts)
                    assert 1 <= effect.not_excluded <= effect.ready_with_room
                case _:
                    pass

    # --- what happens --------------------------------------------------------------------------------------

    @rule(ms=st.one_of(st.integers(0, 2_000), st.integers(0, 45_000)))
    def time_passes(self, ms: int) -> None:
        self.advance(ms)
        self.do(Tick())

    @rule(ms=st.integers(-5_000, 12_000))
    def time_passes_unnoticed(self, ms: int) -> None:
        self.advance(ms)

    def advance(self, ms: int) -> None:
        """Let the clock move, be it backwards, with no tick on the way."""
        self.now = max(self.now + ms, START)

    @rule(
        channel=st.sampled_from([V, V, W, W, C]),
        queue=queues,
        needs=needs,
        relax=relax,
        early=st.integers(0, 3),
        priority=st.integers(0, 1),
        preferred=st.none() | agents,
        grace=st.sampled_from([0, 20_000]),
    )
    def contact_queues(self, early: int, channel: Channel, queue: QueueId, grace: int, **asked: Any) -> None:
        self.count += 1
        self.do(Arrived(iid(self.count), channel, self.now - early * 30_000))
        self.do(Queued(iid(self.count), queue, grace_ms=grace, **asked))

    @precondition(lambda self: self.state.offers)
    @rule(data=st.data(), fault=st.sampled_from(DeviceFault), what=st.sampled_from("aaaarf"))
    def offer_answered(self, data: st.DataObject, fault: DeviceFault, what: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.state.offers)))
        answers: dict[str, Event] = {
            "a": OfferAccepted(number),
            "r": OfferRejected(number),
            "f": OfferFailed(number, fault),
        }
        self.do(answers[what])

    @precondition(lambda self: self.state.offered)
    @rule(data=st.data(), accepted=st.booleans())
    def any_offer_ever_answered(self, data: st.DataObject, accepted: bool) -> None:
        number = OfferId(data.draw(st.integers(1, self.state.offered + 1)))
        self.do(OfferAccepted(number) if accepted else OfferRejected(number))

    @precondition(lambda self: self.count)
    @rule(data=st.data(), kind=st.sampled_from([Connected, Connected, Held, Resumed, WrapUpDone, WrapUpDone]))
    def contact_goes_on(self, data: st.DataObject, kind: type[Connected]) -> None:
        self.do(kind(self.contact(data)))

    @precondition(lambda self: self.count)
    @rule(data=st.data(), by=st.sampled_from(Party))
    def contact_ends(self, data: st.DataObject, by: Party) -> None:
        self.do(Ended(self.contact(data), by))

    @precondition(lambda self: self.count)
    @rule(data=st.data(), queue=queues, needs=needs, relax=relax)
    def contact_transferred(self, data: st.DataObject, queue: QueueId, **asked: Any) -> None:
        which = self.contact(data)
        self.do(
            Queued(which, queue, **asked) if data.draw(st.booleans()) else Requeued(which, queue, **asked)
        )

    @precondition(lambda self: self.count)
    @rule(data=st.data(), priority=st.integers(-1, 2))
    def contact_handled_otherwise(self, data: st.DataObject, priority: int) -> None:
        which = self.contact(data)
        events: list[Event] = [
            Failed(which),
            Dismissed(which, Outcome.OVERFLOWED),
            MenuMoved(which, "somewhere"),
            PriorityChanged(which, priority),
            PriorityChanged(which, priority),
            Arrived(which, V, self.now),
        ]
        self.do(data.draw(st.sampled_from(events)))

    @rule(who=agents, ready=st.booleans(), reason=st.sampled_from(["", "break"]))
    def intent_set(self, who: AgentId, ready: bool, reason: str) -> None:
        self.do(IntentSet(who, ready, "" if ready else reason))

    @rule(who=agents, channel=st.sampled_from([V, W, C]), ok=st.booleans())
    def reach_changed(self, who: AgentId, channel: Channel, ok: bool) -> None:
        self.do(ReachChanged(who, channel, ok))

    @rule(who=agents, there=st.booleans())
    def signed_in_or_out(self, who: AgentId, there: bool) -> None:
        self.do(AgentSignedIn(who) if there else AgentSignedOut(who))

    @rule(which=st.sampled_from(SETS))
    def configured(self, which: LineRules) -> None:
        self.do(Configured(which))

    @rule()
    def snapshot_taken(self) -> None:
        body = dump(self.state)
        self.copy = load(body)
        assert dump(self.copy) == body

    def contact(self, data: st.DataObject) -> InteractionId:
        recent = range(max(1, self.count - 6), self.count + 2)
        return iid(data.draw(st.sampled_from(recent)))

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        held = [c.id for a in self.state.line.agents for c in a.work.values()]
        assert len(held) == len(set(held))
        taken = [c.id for c in self.state.contacts.values() if c.phase in TAKEN]
        assert sorted(held) == sorted(taken)
        waiting = [i for q in ("oss", "tax") for i in self.state.waiting(QueueId(q))]
        expected = [c.id for c in self.state.contacts.values() if c.phase is Phase.WAITING]
        assert sorted(waiting) == sorted(expected)

    @invariant()
    def load_is_the_live_work(self) -> None:
        for a in self.state.line.agents:
            assert a.load == sum(self.state.line.tables.cost(c.channel) for c in a.work.values())
            if not self.interrupted:
                assert a.load <= 100

    @invariant()
    def offers_are_leases(self) -> None:
        open_now = {c.offer for c in self.state.contacts.values() if c.phase is Phase.OFFERED}
        assert open_now == self.open_offers
        for c in self.state.contacts.values():
            if c.phase in (Phase.OFFERED, Phase.WRAPPING):
                assert c.until > self.state.now, "a lease that ran out is still alive"
            if c.phase is Phase.OFFERED:
                a = c.taker
                assert a.ready
                assert a.signed_in
                assert c.channel in a.reach
            if c.phase is Phase.CONNECTING:
                assert c.timer

    @invariant()
    def nobody_waits_while_an_agent_is_free(self) -> None:
        assert self.state.line.settled
        for c in self.waiting():
            assert c.asks == asked(self.state, c)
            for a in self.state.line.agents:
                assert verdict(self.state, c, a) != ELIGIBLE, f"{c.id} waits while {a.id} is free"

    @invariant()
    def kept_contacts_are_kept_for_somebody(self) -> None:
        for c in self.waiting():
            if c.held >= 0:
                a = self.state.line.agents[c.held]
                assert a.id == c.preferred
                assert a.signed_in
                assert c.grace_until > self.state.now

    @invariant()
    def positions_follow_the_score(self) -> None:
        for queue in ("oss", "tax"):
            line = [c for c in self.waiting() if c.queue == queue]
            for place, c in enumerate(sorted(line, key=lambda c: (c.score, c.number)), start=1):
                assert self.state.position(c.id) == place

    def waiting(self) -> list[Contact]:
        return [c for c in self.state.contacts.values() if c.phase is Phase.WAITING]

    def teardown(self) -> None:
        replayed = State()
        for at, body, effects in self.journal:
            event = msgspec.json.decode(body, type=Event)
            again = step(replayed, event, at)
            assert msgspec.json.encode(again) == effects, "the journal decides otherwise when run again"
        assert dump(replayed) == dump(self.state)


class Fair(Line):
    """The same with a tick whenever one is due, watching each decision: who goes first among those who may."""

    def __init__(self) -> None:
        super().__init__()
        self.state.witness = self.decided
        self.decisions: list[tuple[OfferId, Any, Any]] = []
        self.crowded = False

    def advance(self, ms: int) -> None:
        until = self.now + ms
        while (wake := self.state.next_wake()) is not None and wake <= until:
            self.now = wake
            self.do(Tick())
        self.now = max(self.now, until)

    def do(self, event: Event) -> None:
        # Timers of one millisecond act one after the other, so the second does not see what the first decided on.
        due = [c for c in self.state.contacts.values() if c.timer and c.timer_at <= self.now]
        self.crowded = len(due) > 1
        super().do(event)

    def decided(self, state: State, c: Contact, number: OfferId) -> None:
        self.decisions.append((number, explain(state, c.id), self.first_of_each(state, c)))

    def first_of_each(self, state: State, c: Contact) -> dict[AgentId, list[InteractionId]]:
        """By agent: the contacts of c's rank that go before c and may go to the agent."""
        earlier: dict[AgentId, list[InteractionId]] = {}
        for a in state.line.agents:
            rank = open_rank(state, c, a)
            for other in state.contacts.values():
                if (
                    other.phase is Phase.WAITING
                    and other.key < c.key
                    and open_rank(state, other, a) == rank
                    and has_room(state, a, other.channel)
                    and verdict(state, other, a) == ELIGIBLE
                ):
                    earlier.setdefault(a.id, []).append(other.id)
        return earlier

    def check_effects(self, effects: list[Effect]) -> None:
        super().check_effects(effects)
        sent = {e.offer: e.agent for e in effects if isinstance(e, SendOffer)}
        for number, explanation, earlier in () if self.crowded else self.decisions:
            winner = sent[number]
            first = explanation.candidates[0]
            assert (first.agent, first.verdict) == (winner, ELIGIBLE), "not the agent whose turn it is"
            assert winner not in earlier, f"{earlier[winner]} came first"
        self.decisions.clear()


PROFILE = settings(
    max_examples=120,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLine = Line.TestCase
TestLine.settings = PROFILE
TestFair = Fair.TestCase
TestFair.settings = settings(PROFILE, max_examples=60)
