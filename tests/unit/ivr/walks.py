"""A caller in a menu, and menus to walk, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache

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
    Left,
    Listen,
    Outlook,
    Over,
    Played,
    Promised,
    Prompt,
    Recorded,
    Recovered,
    Say,
    Served,
    TakenAlong,
    TimedOut,
    Waiting,
)
from ivr.model import (
    FAREWELL,
    KEYS,
    LINE,
    OVERFLOW,
    REASONS,
    BranchNode,
    CallbackNode,
    Choice,
    CollectNode,
    Confirm,
    Flow,
    GotoNode,
    HandoverNode,
    HangUpNode,
    HoursNode,
    MenuNode,
    Node,
    Operator,
    Patience,
    Phase,
    Question,
    QueueNode,
    SayNode,
    Session,
    SetNode,
    Spoken,
    StatusNode,
    SurveyNode,
    Telling,
    Told,
    Treatment,
    VoicemailNode,
)
from ivr.step import step

ENGLISH = ((SkillId("english"), 1),)
PATIENCE = Patience(Spoken("invalid"), Spoken("silence"), timeout_ms=7_000, tries=3)
END: dict[str, Node] = {
    "line": QueueNode(QueueId("licensing")),
    FAREWELL: HangUpNode((Spoken("goodbye"),), "deflected"),
    OVERFLOW: HangUpNode((Spoken("goodbye"),), "overflowed"),
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
    code: str = "47110815"

    def is_open(self, hours: str) -> bool:
        return hours in self.opened

    def next_opening(self, hours: str) -> datetime | None:
        return self.opens

    def closure(self, hours: str) -> str:
        return self.closures.get(hours, "")

    def outlook(self, queue: QueueId) -> Outlook:
        return self.at_queue

    def place_code(self) -> str:
        return self.code

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

    def do_nothing(self, limit: int, why: str = "full") -> int:
        """Hear everything and press nothing until the call ends; return how many reports it took.

        The line keeps nobody: whoever asks for a place is sent away with ``why``.
        """
        for reports in range(limit):
            if self.session.phase is Phase.DONE:
                return reports
            self.give(self.next_report(why))
        return limit

    def goes_on(self) -> Input:
        """Return what comes next if the line keeps the caller and everything works."""
        token = self.session.token
        match self.session.phase:
            case Phase.JOINING:
                return Waiting()
            case Phase.WAITING:
                return TimedOut(token)
            case Phase.PROMISING:
                return Promised(token - 1, kept=True)
            case Phase.RECORDING:
                return Recorded(token - 1, 5_000)
        return self.next_report()

    def next_report(self, why: str = "full") -> Input:
        """Return what comes next if the caller does nothing."""
        token = self.session.token
        match self.session.phase:
            case Phase.SPEAKING:
                return Played(token)
            case Phase.LISTENING:
                return TimedOut(token)
            case Phase.JOINING | Phase.WAITING:
                return Left(why)
            case Phase.SERVED:
                return Over()
            case Phase.PROMISING:
                return Promised(token - 1, kept=False)
            case Phase.RECORDING:
                return Recorded(token - 1, 0)
        return Began()


def said(effects: Sequence[Effect]) -> list[str]:
    """Return the prompts spoken, as ``language/name``."""
    prompts: list[Prompt] = [p for effect in effects if isinstance(effect, Say) for p in effect.prompts]
    return [f"{prompt.language}/{prompt.name}" for prompt in prompts]


def waits(effects: Sequence[Effect]) -> list[int]:
    """Return the times for which a key is waited for."""
    return [effect.ms for effect in effects if isinstance(effect, Listen)]


def endings(effects: Sequence[Effect]) -> list[Effect]:
    """Return the effects by which the menu lets go of the caller."""
    return [effect for effect in effects if isinstance(effect, JoinQueue | HangUp)]


def patience_of(flow: Flow) -> int:
    """Return how many reports a caller who does nothing can need to come to the end of ``flow``."""
    return 3 + sum(_reports(node) for node in flow.nodes.values())


def _reports(node: Node) -> int:
    match node:
        case MenuNode() | CollectNode() | SurveyNode() | CallbackNode():
            return 2 * node.patience.tries
        case VoicemailNode(tries=tries):
            return 2 * tries
    return 1


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Sound menus: whoever does nothing goes forward only, whoever presses a key goes anywhere."""
    count = draw(st.sampled_from([6, 4, 5, 3, 2, 1]))
    nodes: dict[str, Node] = dict(END)
    nodes |= {f"n{i}": draw(_node(i, count)) for i in range(count)}
    names = list(nodes)[len(END) :]
    operator = draw(st.one_of(st.none(), st.builds(Operator, KEY, st.sampled_from(names))))
    return Flow(names[0], nodes, "id", {"en": ENGLISH}, operator)


@cache
def _node(i: int, count: int) -> st.SearchStrategy[Node]:
    names = [f"n{i}" for i in range(count)]
    return _nodes(st.sampled_from([*names[i + 1 :], *END]), st.sampled_from([*names, *END]))


KEY = st.sampled_from("0125*#")
LANGUAGE = st.sampled_from(["", "id", "en"])
PROMPTS = st.sampled_from(
    [
        (Spoken("a"),),
        (Spoken("b", "en"), Spoken("c")),
        (Spoken("a"), Told(Telling.DIGITS, "number"), Told(Telling.OPENING, "office")),
        (Spoken("a"), Told(Telling.WAIT, "licensing"), Told(Telling.POSITION, "licensing", "en")),
    ]
)


def _nodes(onwards: st.SearchStrategy[str], anywhere: st.SearchStrategy[str]) -> st.SearchStrategy[Node]:
    patience = st.builds(
        Patience,
        *(st.just(Spoken(word)) for word in ("invalid", "silence")),
        tries=st.integers(1, 3),
        on_invalid=anywhere,
        on_timeout=onwards,
        barge_in=st.booleans(),
    )
    questions, lines = _questions(onwards, anywhere, patience), _lines(onwards, anywhere)
    return st.one_of(_passages(onwards), questions, questions, lines)


def _passages(onwards: st.SearchStrategy[str]) -> st.SearchStrategy[Node]:
    queue = st.just(QueueId("licensing"))
    return st.one_of(
        st.builds(SayNode, PROMPTS, onwards, st.booleans()),
        st.builds(HoursNode, st.sampled_from(["office", "walkin"]), onwards, onwards, onwards),
        st.builds(SetNode, st.just({"number": "12"}), onwards),
        st.builds(BranchNode, st.sampled_from(["number", "language"]), ways_of(onwards), onwards),
        st.builds(StatusNode, queue, onwards, onwards, long_ms=st.just(60_000), long=onwards),
        st.builds(GotoNode, onwards),
        st.builds(HangUpNode, st.one_of(st.just(()), PROMPTS), st.just("deflected")),
    )


def ways_of(onwards: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(st.sampled_from(["12", "en", "1"]), onwards, max_size=2)


def _questions(
    onwards: st.SearchStrategy[str], anywhere: st.SearchStrategy[str], patience: st.SearchStrategy[Patience]
) -> st.SearchStrategy[Node]:
    choices = st.dictionaries(KEY, st.builds(Choice, anywhere, LANGUAGE), min_size=1, max_size=4)
    question = st.builds(Question, st.just("q"), PROMPTS, st.just(1), st.sampled_from([5, 10]))
    # Giving a callback up for a wrong number or a broken promise takes no key.
    silent = patience.flatmap(lambda p: onwards.map(lambda name: replace(p, on_invalid=name)))
    back = st.one_of(st.just(LINE), anywhere)
    return st.one_of(
        st.builds(MenuNode, PROMPTS, choices, patience, st.one_of(st.just(""), KEY)),
        st.builds(
            CollectNode,
            PROMPTS,
            st.just("number"),
            anywhere,
            patience,
            min_digits=st.integers(1, 3),
            max_digits=st.integers(3, 5),
            terminator=st.sampled_from(["", "#", "*"]),
            confirm=st.one_of(st.none(), st.just(Confirm(Spoken("read"), Spoken("right")))),
        ),
        st.builds(HandoverNode, onwards),
        st.builds(CallbackNode, silent, back, st.sampled_from([None, QueueId("lkpm")])),
        st.builds(
            SurveyNode, PROMPTS, st.lists(question, min_size=1, max_size=3).map(tuple), onwards, patience
        ),
    )


def _lines(onwards: st.SearchStrategy[str], anywhere: st.SearchStrategy[str]) -> st.SearchStrategy[Node]:
    treatment = st.builds(
        Treatment,
        welcome=st.sampled_from([(), (Spoken("welcome"),)]),
        every_ms=st.sampled_from([0, 45_000]),
        position=st.booleans(),
        wait=st.booleans(),
        comfort=st.sampled_from([(), ((Spoken("x"),), (Spoken("y"),))]),
        offer=st.sampled_from([(), (Spoken("offer"),)]),
        keys=st.dictionaries(KEY, st.builds(Choice, anywhere, LANGUAGE), max_size=2),
        ways=st.dictionaries(st.sampled_from(REASONS), onwards, max_size=4),
    )
    queue = st.just(QueueId("licensing"))
    return st.one_of(
        st.builds(QueueNode, queue, waiting=treatment, after=st.one_of(st.just(""), onwards)),
        st.builds(VoicemailNode, PROMPTS, queue, onwards, st.one_of(st.just(""), onwards)),
    )


surroundings = st.builds(
    Around,
    st.sets(st.sampled_from(["office", "walkin"])).map(sorted),
    caller=st.sampled_from(["08123456789", ""]),
    opens=st.sampled_from([None, datetime(2026, 11, 26, 8, tzinfo=UTC)]),
    closures=st.sampled_from([{}, {"office": "flood"}]),
    at_queue=st.builds(
        Outlook, st.booleans(), st.just(3), st.integers(0, 3), st.one_of(st.none(), st.integers(0, 6_000_000))
    ),
    flaws=st.sampled_from([{}, {"08123456789": Flaw.PREMIUM}]),
)

# --- what happens to a caller ------------------------------------------------------------------------------

KEYS_AND_OTHERS = st.one_of(KEY, KEY, st.sampled_from(KEYS), st.text(max_size=2)).map(Key)
TOKENS = st.integers(-1, 30)
FROM_THE_LINE: st.SearchStrategy[Input] = st.one_of(
    st.builds(Waiting, st.booleans()),
    st.builds(Left, st.sampled_from(REASONS)),
    st.just(Served()),
    st.just(Over()),
    st.just(TakenAlong()),
)
ANY: st.SearchStrategy[Input] = st.one_of(
    st.just(Began()),
    st.just(Recovered()),
    KEYS_AND_OTHERS,
    FROM_THE_LINE,
    st.builds(Played, TOKENS),
    st.builds(TimedOut, TOKENS),
    st.builds(Promised, TOKENS, st.booleans()),
    st.builds(Recorded, TOKENS, st.integers(0, 5_000)),
)
ON = st.just("on")
"""What comes next of itself is reported with the right number, so that deep places are reached."""
REPORTS = st.sampled_from(["hear", "wait", "kept", "broken", "message", "nothing recorded"])
DEED = st.one_of(*[ON] * 5, *[KEYS_AND_OTHERS] * 5, REPORTS, FROM_THE_LINE, st.just(Recovered()))
DEEDS: st.SearchStrategy[list[Input | str]] = st.lists(DEED, min_size=6, max_size=25)


def act(caller: Caller, deed: Input | str) -> None:
    token = caller.session.token
    match deed:
        case "on":
            caller.give(caller.goes_on())
        case "hear":
            caller.give(Played(token))
        case "wait":
            caller.give(TimedOut(token))
        case "kept" | "broken":
            caller.give(Promised(token - 1, kept=deed == "kept"))
        case "message" | "nothing recorded":
            caller.give(Recorded(token - 1, 5_000 if deed == "message" else 0))
        case str():
            raise AssertionError(deed)
        case _:
            caller.give(deed)


def after(flow: Flow, around: Around, deeds: list[Input | str]) -> Caller:
    caller = Caller(flow, around)
    caller.begin()
    for deed in deeds:
        act(caller, deed)
    return caller
