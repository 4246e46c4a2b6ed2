"""Random histories: whatever happens in whatever order, the promises of the line hold."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, rule

from acd.effects import CancelOffer, Connect, Effect, Moved, Receipt, SendOffer, StartWrapUp, WrapUpOver
from acd.events import Configured, Ended, Event, Tick
from acd.explain import ELIGIBLE, asked, explain, has_room, open_rank, verdict
from acd.model import Kind, Outcome, Party, Phase
from acd.records import Contact
from acd.snapshot import dump, load
from acd.state import State
from acd.step import step
from core.ids import AgentId, InteractionId, OfferId, QueueId
from tests.unit.acd.happenings import INTERRUPTED, TALKS, Happenings

TAKEN = (Phase.OFFERED, Phase.CONNECTING, *TALKS)


class Line(Happenings):
    """What must hold after every event."""

    def __init__(self) -> None:
        super().__init__()
        self.journal: list[tuple[int, bytes, bytes]] = []
        self.copy: State | None = None
        self.open_offers: set[OfferId] = set()
        self.outcomes: dict[InteractionId, Outcome] = {}
        self.parts: Counter[tuple[InteractionId, AgentId]] = Counter()
        """By contact and agent: conversations whose end was not published yet."""
        self.wrapping: dict[tuple[InteractionId, AgentId], int] = {}
        self.interrupted = False
        """Whether a contact ever could interrupt another: then an agent may carry more than 100."""

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
                case StartWrapUp():
                    self.wrapping[effect.id, effect.agent] = effect.until
                case WrapUpOver():
                    self.wrapping.pop((effect.id, effect.agent), None)
                    self.parts[effect.id, effect.agent] -= 1
                    assert self.parts[effect.id, effect.agent] >= 0, "over twice"
                case Moved(phase=Phase.TALKING, cause="connected" | "transfer_completed" | "taken_over"):
                    assert effect.agent is not None
                    self.parts[effect.id, effect.agent] += 1
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

    @rule()
    def snapshot_taken(self) -> None:
        body = dump(self.state)
        self.copy = load(body)
        assert dump(self.copy) == body

    # --- what must hold ------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        held = [c.id for a in self.state.line.agents for c in a.work.values()]
        assert len(held) == len(set(held))
        taken = [c.id for c in self.state.contacts.values() if c.phase in TAKEN]
        assert sorted(held) == sorted(taken)
        waiting = [i for q in ("oss", "tax") for i in self.state.waiting(QueueId(q))]
        waiting += [c.id for a in self.state.line.agents for c in self.state.line.directed_to(a)]
        assert sorted(waiting) == sorted(self.in_phase(Phase.WAITING))

    @invariant()
    def who_wraps_up_has_a_lease(self) -> None:
        found = {(w.id, a.id): w.until for a in self.state.line.agents for w in a.wrap_ups.values()}
        assert found == self.wrapping
        assert all(until > self.state.now for until in found.values())
        wrapped = [(c.id, c.taker.id) for c in self.state.contacts.values() if c.phase is Phase.WRAPPING]
        assert set(wrapped) <= found.keys()

    @invariant()
    def every_conversation_is_one_part(self) -> None:
        talking = [(c.id, c.taker.id) for c in self.state.contacts.values() if c.phase in TALKS]
        assert +self.parts == Counter(talking) + Counter(self.wrapping.keys())

    @invariant()
    def a_consultation_ends_with_its_contact(self) -> None:
        for c in self.state.contacts.values():
            if c.kind is Kind.CONSULT:
                parent = self.state.contacts[c.parent]
                assert parent.phase in TALKS
                assert c.id in parent.consults
            for consult in c.consults:
                assert self.state.contacts[consult].parent == c.id

    @invariant()
    def what_is_remembered_is_bounded(self) -> None:
        assert len(self.state.returns) <= 3
        assert len(self.state.last_agents) <= 3

    @invariant()
    def load_is_the_live_work(self) -> None:
        for a in self.state.line.agents:
            cost = self.state.line.tables.cost
            work = sum(cost(c.channel) for c in a.work.values())
            assert a.load == work + sum(cost(w.channel) for w in a.wrap_ups.values())
            if not self.interrupted:
                assert work <= 100

    @invariant()
    def offers_are_leases(self) -> None:
        open_now = {c.offer for c in self.state.contacts.values() if c.phase is Phase.OFFERED}
        assert open_now == self.open_offers
        for c in self.state.contacts.values():
            if c.phase in (Phase.OFFERED, Phase.PARKED):
                assert c.until > self.state.now, "a lease that ran out is still alive"
            if c.phase is Phase.OFFERED:
                a = c.taker
                assert a.ready or c.strict
                assert a.signed_in
                assert c.channel in a.reach
            if c.phase is Phase.CONNECTING:
                assert c.timer

    @invariant()
    def nobody_waits_while_an_agent_is_free(self) -> None:
        assert self.state.line.due.settled
        for c in self.waiting():
            assert c.strict or c.asks == asked(self.state, c)
            for a in self.state.line.agents:
                assert verdict(self.state, c, a) != ELIGIBLE, f"{c.id} waits while {a.id} is free"

    @invariant()
    def kept_contacts_are_kept_for_somebody(self) -> None:
        for c in self.waiting():
            if c.held >= 0:
                a = self.state.line.agents[c.held]
                assert a.id == c.preferred
                assert a.signed_in
                # A strict contact that is back after its grace leaves at the next tick.
                assert c.grace_until > self.state.now or c.strict

    @invariant()
    def positions_follow_the_score(self) -> None:
        for queue in ("oss", "tax"):
            line = [c for c in self.waiting() if c.queue == queue and not c.strict]
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
        self.everything_ends()

    def everything_ends(self) -> None:
        """Once everybody hung up and time has passed, nothing is left."""
        for c in list(self.state.contacts.values()):
            self.do(Ended(c.id, Party.CUSTOMER))
        for _ in range(1_000):
            wake = self.state.next_wake()
            if wake is None:
                break
            self.now = max(self.now, wake)
            self.do(Tick())
        assert self.state.next_wake() is None
        assert not self.state.contacts
        assert not self.state.offers
        assert not self.open_offers
        assert not +self.parts
        assert all(not (a.work or a.wrap_ups or a.load or any(a.used)) for a in self.state.line.agents)


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
                    and other.strict == c.strict
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
    max_examples=100,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestLine = Line.TestCase
TestLine.settings = PROFILE
TestFair = Fair.TestCase
TestFair.settings = settings(PROFILE, max_examples=50)
