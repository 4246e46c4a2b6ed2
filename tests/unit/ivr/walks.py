"""A caller in a menu, and menus to walk, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from hypothesis import strategies as st

from core.ids import QueueId, SkillId
from ivr.effects import (
    Began,
    Effect,
    Flaw,
    HangUp,
    Input,
    JoinQueue,
    Key,
    Listen,
    Outlook,
    Played,
    Prompt,
    Say,
    TimedOut,
)
from ivr.model import (
    FAREWELL,
    Choice,
    CollectNode,
    Flow,
    GotoNode,
    HangUpNode,
    HoursNode,
    MenuNode,
    Node,
    Patience,
    Phase,
    QueueNode,
    SayNode,
    Session,
    Spoken,
)
from ivr.step import step

ENGLISH = ((SkillId("english"), 1),)
PATIENCE = Patience(Spoken("invalid"), Spoken("silence"), timeout_ms=7_000, tries=3)
END: dict[str, Node] = {
    "line": QueueNode(QueueId("licensing")),
    FAREWELL: HangUpNode((Spoken("goodbye"),), "deflected"),
}


@dataclass
class Around:
    """A moment at which the business hours named are open."""

    opened: Sequence[str] = ()
    now: datetime = datetime(2026, 11, 25, 3, tzinfo=UTC)
    caller: str = ""
    opens: datetime | None = None
    closures: Mapping[str, str] = field(default_factory=dict)
    at_queue: Outlook = field(default_factory=Outlook)
    flaws: Mapping[str, Flaw] = field(default_factory=dict)

    def is_open(self, hours: str) -> bool:
        return hours in self.opened

    def next_opening(self, hours: str) -> datetime | None:
        return self.opens

    def closure(self, hours: str) -> str:
        return self.closures.get(hours, "")

    def outlook(self, queue: QueueId) -> Outlook:
        return self.at_queue

    def flaw(self, number: str) -> Flaw | None:
        return self.flaws.get(number)


def flow(**nodes: Node) -> Flow:
    """A flow that starts at the first node; ``line`` is a queue, and the way of giving up says goodbye."""
    return Flow(next(iter(nodes)), {**nodes, **END}, "id", {"en": ENGLISH})


@dataclass
class Caller:
    """A caller on the line: what they heard and where they came, from inputs given one by one."""

    flow: Flow
    around: Around = field(default_factory=Around)
    session: Session = field(default_factory=Session)
    effects: list[Effect] = field(default_factory=list)

    def give(self, *inputs: Input) -> tuple[Effect, ...]:
        """Give the inputs and return the effects of the last."""
        last: tuple[Effect, ...] = ()
        for given in inputs:
            self.session, last = step(self.flow, self.session, given, self.around)
            self.effects += last
        return last

    def begin(self) -> tuple[Effect, ...]:
        return self.give(Began())

    def press(self, keys: str) -> tuple[Effect, ...]:
        return self.give(*map(Key, keys))

    def listen_to_the_end(self) -> tuple[Effect, ...]:
        """Let what is being said end."""
        return self.give(Played(self.session.token))

    def wait(self) -> tuple[Effect, ...]:
        """Let the time for a key pass."""
        return self.give(TimedOut(self.session.token))

    def do_nothing(self, limit: int) -> int:
        """Hear everything and press nothing until the menu is done; return how many reports it took."""
        for reports in range(limit):
            if self.session.phase is Phase.DONE:
                return reports
            self.give((Played if self.session.phase is Phase.SPEAKING else TimedOut)(self.session.token))
        return limit


def said(effects: Sequence[Effect]) -> list[str]:
    """Return the prompts spoken, as ``language/name``."""
    prompts: list[Prompt] = [p for effect in effects if isinstance(effect, Say) for p in effect.prompts]
    return [f"{prompt.language}/{prompt.name}" for prompt in prompts]


def waits(effects: Sequence[Effect]) -> list[int]:
    """Return the times for which a key is waited for."""
    return [effect.ms for effect in effects if isinstance(effect, Listen)]


def endings(effects: Sequence[Effect]) -> list[Effect]:
    """Return the effects that end the menu."""
    return [effect for effect in effects if isinstance(effect, JoinQueue | HangUp)]


def patience_of(flow: Flow) -> int:
    """Return how many reports a caller who does nothing can need to come to the end of ``flow``."""
    return sum(
        2 * node.patience.tries if isinstance(node, MenuNode | CollectNode) else 1
        for node in flow.nodes.values()
    )


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Sound menus: whoever does nothing goes forward only, whoever presses a key goes anywhere."""
    names = [f"n{i}" for i in range(draw(st.integers(1, 6)))]
    nodes: dict[str, Node] = dict(END)
    for i, name in enumerate(names):
        onwards = st.sampled_from([*names[i + 1 :], *END])
        nodes[name] = draw(_nodes(onwards, st.sampled_from([*names, *END])))
    return Flow(names[0], nodes, "id", {"en": ENGLISH})


def _nodes(onwards: st.SearchStrategy[str], anywhere: st.SearchStrategy[str]) -> st.SearchStrategy[Node]:
    prompts = st.sampled_from([(Spoken("a"),), (Spoken("b", "en"), Spoken("c"))])
    keys = st.sampled_from("0123456789*#ABCD")
    language = st.sampled_from(["", "id", "en"])
    patience = st.builds(
        Patience,
        *(st.just(Spoken(word)) for word in ("invalid", "silence")),
        tries=st.integers(1, 3),
        on_invalid=anywhere,
        on_timeout=onwards,
        barge_in=st.booleans(),
    )
    choices = st.dictionaries(keys, st.builds(Choice, anywhere, language), min_size=1, max_size=4)
    return st.one_of(
        st.builds(SayNode, prompts, onwards, st.booleans()),
        st.builds(MenuNode, prompts, choices, patience, st.one_of(st.just(""), keys)),
        st.builds(
            CollectNode,
            prompts,
            st.just("number"),
            onwards,
            patience,
            min_digits=st.integers(1, 3),
            max_digits=st.integers(3, 5),
            terminator=st.sampled_from(["", "#", "*"]),
        ),
        st.builds(HoursNode, st.sampled_from(["office", "walkin"]), onwards, onwards),
        st.builds(GotoNode, onwards),
        st.builds(HangUpNode, st.one_of(st.just(()), prompts), st.just("deflected")),
    )


surroundings = st.sets(st.sampled_from(["office", "walkin"])).map(lambda opened: Around(sorted(opened)))
