from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from core.document import Content, Node
from core.errors import Problem
from core.ids import QueueId, SkillId
from ivr.effects import Flaw, HangUp, Input
from ivr.model import (
    FAREWELL,
    OVERFLOW,
    REASONS,
    Choice,
    CollectNode,
    Flow,
    HangUpNode,
    MenuNode,
    Patience,
    QueueNode,
    Spoken,
)
from ivr.parse import Known, parse
from ivr.parse_nodes import OUTCOMES
from tests.unit.ivr.walks import DEEDS, ENGLISH, Around, after, patience_of, surroundings

SPOKEN = (
    *("hello", "invalid", "silence", "goodbye", "collect.readback", "collect.confirm"),
    *("wait.position", "wait.next", "wait.about", "wait.minutes", "wait.soon", "wait.hour"),
    *("callback.number", "callback.confirm", "callback.ask", "callback.kept", "callback.failed"),
    *(f"callback.{flaw}" for flaw in Flaw),
    *("voicemail.kept", "voicemail.empty"),
)
KNOWN = Known(
    prompts=SPOKEN,
    queues=("licensing",),
    hours=("office", "walkin"),
    skills=("english", "oss"),
    languages=("id", "en"),
    needs={"en": ENGLISH},
)


def document(value: Any, problems: list[Problem], key: str = "") -> Node:
    """Return plain data as a document."""
    content: Content = str(value)
    if isinstance(value, dict):
        content = {k: document(v, problems, f"{key}.{k}" if key else k) for k, v in value.items()}
    elif isinstance(value, list):
        content = tuple(document(v, problems, f"{key}[{i}]") for i, v in enumerate(value))
    return Node("menu.yaml", 1, key, content, problems)


def read(nodes: dict[str, Any], start: str = "a") -> tuple[Flow, list[Problem]]:
    problems: list[Problem] = []
    return parse(document({"start": start, "nodes": nodes}, problems), KNOWN), problems


def test_a_menu_with_every_value_given() -> None:
    flow, problems = read(
        {
            "a": {
                "kind": "menu",
                "prompts": ["hello", "en/hello"],
                "choices": {"1": "b", "2": {"next": "c", "language": "en"}},
                "repeat": "*",
                "timeout": "2.5 s",
                "tries": 5,
                "on_invalid": "b",
                "on_timeout": "c",
                "invalid": "id/hello",
                "silence": "hello",
                "barge_in": "no",
            },
            "b": {
                "kind": "collect",
                "prompts": "hello",
                "variable": "nib",
                "next": "d",
                "min_digits": 3,
                "max_digits": 13,
                "terminator": "none",
                "digit_timeout": "2 s",
            },
            "c": {"kind": "queue", "queue": "licensing", "skills": {"oss": 2}, "priority": -3},
            "d": {"kind": "hangup", "outcome": "refused"},
        }
    )
    assert problems == []
    patience = Patience(Spoken("hello", "id"), Spoken("hello"), 2_500, 5, "b", "c", barge_in=False)
    usual = Patience(Spoken("invalid"), Spoken("silence"))
    assert flow == Flow(
        "a",
        {
            "a": MenuNode(
                (Spoken("hello"), Spoken("hello", "en")),
                {"1": Choice("b"), "2": Choice("c", "en")},
                patience,
                "*",
            ),
            "b": CollectNode((Spoken("hello"),), "nib", "d", usual, 3, 13, "", 2_000),
            "c": QueueNode(QueueId("licensing"), ((SkillId("oss"), 2),), -3),
            "d": HangUpNode((), "refused"),
            FAREWELL: HangUpNode((Spoken("goodbye"),), "deflected"),
            OVERFLOW: HangUpNode((Spoken("goodbye"),), "overflowed"),
        },
        "id",
        {"en": ENGLISH},
    )


def test_a_menu_that_never_gives_up_has_no_goodbye() -> None:
    flow, problems = read({"a": {"kind": "hangup"}})
    assert (list(flow.nodes), problems) == (["a"], [])


def test_a_place_to_which_only_giving_up_leads_can_be_reached() -> None:
    queue = {"kind": "queue", "queue": "licensing"}
    ask = {"prompts": ["hello"], "on_invalid": "b", "on_timeout": "c"}
    number = {"kind": "collect", "variable": "nib", "next": "d", **ask}
    choice = {"kind": "menu", "choices": {"1": "d"}, **ask}
    for question in (number, choice):
        assert read({"a": question, "b": queue, "c": queue, "d": queue})[1] == []
        _, problems = read({"a": question, "b": queue, "c": queue, "d": queue, "e": queue})
        assert [problem.key for problem in problems] == ["nodes.e"]


NAMES = ("a", "b", "c", "d", "e")


def _nodes(onwards: st.SearchStrategy[str], anywhere: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Nodes that lead ``onwards`` without a key, and ``anywhere`` with one."""
    asked = {"prompts": st.just(["hello"]), "tries": st.integers(1, 3)}
    ways_out = {"on_invalid": anywhere, "on_timeout": onwards}
    given_up = {"on_invalid": onwards, "on_timeout": onwards}
    waiting = st.fixed_dictionaries(
        {"offer": st.just(["hello"]), "keys": st.dictionaries(st.sampled_from("12*"), anywhere)},
        optional={"wait": st.just("true"), **{f"on_{reason}": onwards for reason in REASONS}},
    )
    scores = st.just({"csat": {"prompts": ["hello"]}, "nps": {"prompts": ["hello"]}})
    tongues = st.dictionaries(st.sampled_from(["id", "en"]), onwards)
    keys = st.dictionaries(st.sampled_from("12*#"), anywhere, min_size=1, max_size=3)
    opened = st.sampled_from(["office", "walkin"])
    licensing = st.just("licensing")
    return st.one_of(
        _kind("say", prompts=st.just(["hello"]), next=onwards),
        _kind("menu", choices=keys, **asked, maybe=ways_out),
        _kind("collect", variable=st.just("nib"), next=anywhere, **asked, maybe=ways_out),
        _kind("hours", hours=opened, open=onwards, closed=onwards),
        _kind("goto", next=onwards),
        _kind("queue", queue=licensing, maybe={"after": onwards, "waiting": waiting}),
        _kind("callback", maybe={"queue": licensing, "back": onwards, "next": anywhere, **given_up}),
        _kind(
            "voicemail",
            prompts=st.just(["hello"]),
            queue=licensing,
            otherwise=onwards,
            maybe={"next": onwards},
        ),
        _kind("survey", questions=scores, next=onwards, maybe=ways_out),
        _kind("set", values=st.just({"nib": "1"}), next=onwards),
        _kind("branch", variable=st.just("language"), ways=tongues, otherwise=onwards),
        _kind("status", queue=licensing, next=onwards, closed=onwards),
        _kind("hangup", outcome=st.sampled_from(OUTCOMES)),
    )


def _kind(
    kind: str, *, maybe: dict[str, st.SearchStrategy[Any]] | None = None, **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"kind": st.just(kind), **fields}, optional=maybe or {})


ANYWHERE = st.sampled_from(NAMES)
menus = st.fixed_dictionaries(dict.fromkeys(NAMES, _nodes(ANYWHERE, ANYWHERE)))
SOUND = st.fixed_dictionaries(
    {
        **{name: _nodes(st.sampled_from(NAMES[i:]), ANYWHERE) for i, name in enumerate(NAMES[:-1], 1)},
        "e": st.just({"kind": "hangup"}),
    }
)
"""Menus most of which are sound: whoever presses nothing goes forward."""


@given(SOUND, surroundings, DEEDS, st.sampled_from(REASONS))
def test_a_menu_taken_as_sound_traps_nobody_whatever_was_done_before(
    written: dict[str, Any], around: Around, deeds: list[Input | str], why: str
) -> None:
    flow, problems = read(written)
    # What else is refused does no harm to a caller.
    assume(not [problem for problem in problems if "goes round" in problem.message])
    caller = after(flow, around, deeds)
    limit = patience_of(flow)
    assert caller.do_nothing(limit + 1, why) <= limit
    assert isinstance(caller.effects[-1], HangUp)


@given(menus)
def test_a_ring_that_is_named_is_one(written: dict[str, Any]) -> None:
    _, problems = read(written)
    rings = [problem for problem in problems if "goes round" in problem.message]
    assert len(rings) <= 1
    for ring in rings:
        way = ring.message.split(": ")[1].split(";")[0].split(" -> ")
        assert way[0] == way[-1] == ring.key.removeprefix("nodes.") == min(way, key=[*written].index)
        # Each leads to the next although no key is pressed.
        assert all(following in _silent(name, written) for name, following in pairwise(way))


def _silent(name: str, written: dict[str, Any]) -> list[Any]:
    """Return every node to which ``name`` may lead without a key. Back in line may be any line."""
    node = written[name]
    match node["kind"]:
        case "queue":
            return [node.get("waiting", {}).get(f"on_{reason}") for reason in REASONS]
        case "callback":
            ways = [node.get(key, node.get("back")) for key in ("on_timeout", "on_invalid")]
            lines = [line for line in written if written[line]["kind"] == "queue"]
            return [*ways, *lines] if None in ways else ways
        case "survey":
            return [node.get("on_timeout", node["next"])]
        case "branch":
            return [*node["ways"].values(), node["otherwise"]]
        case "menu" | "collect":
            return [node.get("on_timeout")]
        case "voicemail":
            return [node.get("otherwise")]
    return [node[key] for key in ("next", "open", "closed") if key in node]


@given(st.recursive(st.text(max_size=6), lambda x: st.lists(x) | st.dictionaries(st.text(max_size=6), x)))
def test_no_document_is_too_odd_to_be_refused(written: Any) -> None:
    problems: list[Problem] = []
    parse(document(written, problems), KNOWN)
    assert problems


def test_every_ring_in_hours_is_refused_though_it_may_never_close() -> None:
    _, problems = read(
        {"a": {"kind": "hours", "hours": "office", "open": "a", "closed": "b"}, "b": {"kind": "hangup"}}
    )
    assert [problem.key for problem in problems] == ["nodes.a"]
