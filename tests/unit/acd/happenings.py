"""Everything that can happen to a line, at random: what the property tests drive it with."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

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
    MenuMoved,
    OfferAccepted,
    OfferFailed,
    OfferRejected,
    Parked,
    PriorityChanged,
    Queued,
    QueueHours,
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
    Channel,
    ChannelRule,
    DeviceFault,
    Kind,
    LineRules,
    Need,
    Outcome,
    Party,
    Phase,
    QueueRule,
    QueueState,
    Relax,
)
from acd.state import State
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
LIMITED = (
    msgspec.structs.replace(
        QUEUES[0],
        max_wait_ms=40_000,
        max_length=3,
        overflow=QueueId("tax"),
        return_ms=30_000,
        wrap_up_ms=20_000,
        empty_ms=15_000,
    ),
    msgspec.structs.replace(
        QUEUES[1], max_wait_ms=60_000, overflow=QueueId("oss"), last_agent_ms=15_000, serve_out=False
    ),
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
    rules(*AGENTS, profiles=PROFILES, queues=LIMITED),
    rules(*AGENTS, profiles=PROFILES, queues=LIMITED),
)
NEEDS = ((), (Need(SkillId("a")),), (Need(SkillId("a"), 2), Need(SkillId("b"))), (Need(SkillId("b"), 3),))
RELAX = ((), (Relax(10_000, NEEDS[1]), Relax(25_000)), (Relax(35_000, NEEDS[3]),))
WHO = [AgentId(f"a{n}") for n in range(1, 7)] + [AgentId("nobody")]
TALKS = (Phase.TALKING, Phase.HELD)
rarely = st.sampled_from([False, False, False, True])
agents, queues = st.sampled_from(WHO), st.sampled_from([QueueId("oss"), QueueId("tax")])
needs, relax = st.sampled_from(NEEDS), st.sampled_from(RELAX)


class Happenings(RuleBasedStateMachine):
    """Five agents, two queues, three channels, and everything that can happen to them."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.now, self.count = State(), START, 0

    def do(self, event: Event) -> None:
        """Let the line take an event."""
        raise NotImplementedError

    @initialize(which=st.sampled_from(SETS))
    def configure(self, which: LineRules) -> None:
        self.do(Configured(which))
        for who in WHO:
            self.do(ReachChanged(who, V, True))
            self.do(ReachChanged(who, W, True))
            self.do(AgentSignedIn(who))
            self.do(IntentSet(who, True))

    def contact(self, data: st.DataObject, *phases: Phase) -> InteractionId:
        """Draw a contact: mostly one in one of the phases, but any that was or will be."""
        fitting = self.in_phase(*phases)
        if fitting and data.draw(st.sampled_from([True, True, True, False])):
            return data.draw(st.sampled_from(fitting))
        return iid(data.draw(st.integers(max(1, self.count - 6), self.count + 1)))

    def in_phase(self, *phases: Phase) -> list[InteractionId]:
        return [c.id for c in self.state.contacts.values() if c.phase in phases]

    # --- time ----------------------------------------------------------------------------------------------

    @rule(
        ms=st.one_of(st.integers(0, 2_000), st.integers(0, 45_000)),
        noticed=st.sampled_from([True, True, False]),
    )
    def time_passes(self, ms: int, noticed: bool) -> None:
        self.advance(ms if noticed else ms - 5_000)
        if noticed:
            self.do(Tick())

    def advance(self, ms: int) -> None:
        """Let the clock move, be it backwards, with no tick on the way."""
        self.now = max(self.now + ms, START)

    # --- contacts that no agent has ------------------------------------------------------------------------

    @rule(
        data=st.data(),
        channel=st.sampled_from([V, V, W, W, C]),
        queue=queues,
        needs=needs,
        relax=relax,
        early=st.integers(0, 3),
        priority=st.integers(0, 1),
        preferred=st.none() | agents,
        strict=st.sampled_from([False, False, False, True]),
    )
    def contact_queues(
        self, data: st.DataObject, early: int, channel: Channel, queue: QueueId, **asked: Any
    ) -> None:
        self.count += 1
        at = self.now - early * 30_000
        kind = data.draw(
            st.sampled_from([Kind.INBOUND, Kind.INBOUND, Kind.INBOUND, Kind.CALLBACK, Kind.OUTBOUND])
        )
        caller = data.draw(st.sampled_from(["", "+621", "+622", "+623"]))
        takes = self.contact(data, Phase.WAITING, Phase.OFFERED) if data.draw(rarely) else iid(0)
        self.do(Arrived(iid(self.count), channel, at, caller=caller, kind=kind, takes=takes))
        grace_ms = data.draw(st.sampled_from([0, 20_000]))
        self.do(Queued(iid(self.count), queue, grace_ms=grace_ms, **asked))
        if data.draw(st.booleans()):
            self.take(iid(self.count))

    def take(self, which: InteractionId) -> None:
        """Let the agent who is offered the contact answer at once."""
        c = self.state.contacts.get(which)
        if c is not None and c.phase is Phase.OFFERED:
            self.do(OfferAccepted(c.offer))
            self.do(Connected(which))

    @precondition(lambda self: self.count)
    @rule(data=st.data(), priority=st.integers(-1, 2), queue=queues, needs=needs, relax=relax)
    def contact_before_an_agent(
        self, data: st.DataObject, priority: int, queue: QueueId, **asked: Any
    ) -> None:
        which = self.contact(data, Phase.IN_MENU, Phase.WAITING, Phase.OFFERED)
        events: list[Event] = [
            Unqueued(which, "asked"),
            Queued(which, queue, **asked),
            Queued(which, queue, **asked),
            PriorityChanged(which, priority),
            MenuMoved(which, "somewhere"),
            Dismissed(which, Outcome.OVERFLOWED),
            Arrived(which, V, self.now),
        ]
        self.do(data.draw(st.sampled_from(events)))

    @precondition(lambda self: self.count)
    @rule(data=st.data(), by=st.sampled_from(Party), failed=st.sampled_from([False, False, False, True]))
    def contact_ends(self, data: st.DataObject, by: Party, failed: bool) -> None:
        which = self.contact(data, Phase.TALKING, Phase.WAITING, Phase.PARKED)
        self.do(Failed(which) if failed else Ended(which, by))

    # --- offers --------------------------------------------------------------------------------------------

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

    # --- contacts that an agent has ------------------------------------------------------------------------

    @precondition(lambda self: self.count)
    @rule(data=st.data(), kind=st.sampled_from([Connected, Connected, Held, Resumed]))
    def contact_goes_on(self, data: st.DataObject, kind: type[Connected]) -> None:
        self.do(kind(self.contact(data, Phase.CONNECTING, Phase.TALKING, Phase.HELD)))

    @precondition(lambda self: self.in_phase(*TALKS))
    @rule(data=st.data(), to=agents, strict=st.booleans(), queue=queues, completed=st.booleans())
    def agent_consults(
        self, data: st.DataObject, to: AgentId, strict: bool, queue: QueueId, completed: bool
    ) -> None:
        parent = self.contact(data, *TALKS)
        self.count += 1
        consult, found = iid(self.count), self.state.contacts.get(parent)
        channel = found.channel if found is not None else V
        self.do(Arrived(consult, channel, self.now, kind=Kind.CONSULT, parent=parent))
        self.do(Queued(consult, queue, preferred=to, grace_ms=10_000, strict=strict))
        if completed:
            self.take(consult)
            self.do(TransferCompleted(parent, consult))

    @precondition(lambda self: self.in_phase(*TALKS, Phase.PARKED))
    @rule(data=st.data(), who=agents, queue=queues, ms=st.integers(-1_000, 40_000), strict=st.booleans())
    def contact_handed_on(
        self, data: st.DataObject, who: AgentId, queue: QueueId, ms: int, strict: bool
    ) -> None:
        which = self.contact(data, *TALKS, Phase.PARKED)
        consults = self.state.contacts[which].consults if which in self.state.contacts else ()
        events: list[Event] = [
            TakenOver(which, who),
            Parked(which, self.now + ms),
            Retrieved(which, who),
            Requeued(which, queue, data.draw(needs), data.draw(relax), who, max(ms, 0), strict),
            TransferCompleted(which, consults[0] if consults else iid(self.count)),
        ]
        self.do(data.draw(st.sampled_from(events)))

    @precondition(lambda self: any(c.kind is Kind.CALLBACK for c in self.state.contacts.values()))
    @rule(data=st.data(), ms=st.none() | st.integers(-1_000, 40_000))
    def customer_not_reached(self, data: st.DataObject, ms: int | None) -> None:
        which = self.contact(data, Phase.WAITING, Phase.OFFERED, Phase.CONNECTING, *TALKS)
        self.do(Attempted(which, "busy", None if ms is None else self.now + ms))

    @precondition(lambda self: self.count)
    @rule(data=st.data(), who=agents, said=st.sampled_from("dswwwwxxx"))
    def afterwards(self, data: st.DataObject, who: AgentId, said: str) -> None:
        which = self.contact(data, Phase.WRAPPING)
        found = [(w.id, a.id) for a in self.state.line.agents for w in a.wrap_ups.values()]
        if found and data.draw(st.sampled_from([True, True, True, False])):
            which, who = data.draw(st.sampled_from(found))
        events: dict[str, Event] = {
            "d": Disposed(which, who, "other"),
            "s": Surveyed(which, "csat", 5),
            "w": WrapUpDone(which, who if data.draw(st.booleans()) else AgentId("")),
            "x": WrapUpExtended(which, who),
        }
        self.do(events[said])

    # --- agents, queues, rules -----------------------------------------------------------------------------

    @rule(who=agents, channel=st.sampled_from([V, W, C]), what=st.sampled_from("rrrrnbouiiic"))
    def agent_does(self, who: AgentId, channel: Channel, what: str) -> None:
        events: dict[str, Event] = {
            "r": IntentSet(who, True),
            "n": IntentSet(who, False),
            "b": IntentSet(who, False, "break"),
            "o": AgentSignedOut(who),
            "i": AgentSignedIn(who),
            "u": ReachChanged(who, channel, False),
            "c": ReachChanged(who, channel, True),
        }
        self.do(events[what])

    @rule(queue=queues, opened=st.sampled_from([True, True, False]))
    def hours_begin_or_end(self, queue: QueueId, opened: bool) -> None:
        self.do(QueueHours(queue, opened))

    @rule(
        queue=queues, state=st.sampled_from([*QueueState, QueueState.OPEN, None]), which=st.sampled_from(SETS)
    )
    def supervisor_does(self, queue: QueueId, state: QueueState | None, which: LineRules) -> None:
        self.do(Configured(which) if state is None else QueueStateSet(queue, state, by="somebody"))
