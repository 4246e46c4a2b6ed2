"""What a flow knows of a caller: numbers read back, variables, emergencies, the operator's key."""

from __future__ import annotations

import pytest

from core.ids import QueueId
from ivr.effects import (
    Hush,
    JoinQueue,
    Listen,
    Over,
    Say,
    Served,
)
from ivr.model import (
    FAREWELL,
    BranchNode,
    Choice,
    CollectNode,
    Confirm,
    HangUpNode,
    HoursNode,
    MenuNode,
    Operator,
    QueueNode,
    SayNode,
    SetNode,
    Spoken,
    Telling,
    Told,
)
from tests.unit.ivr.walks import PATIENCE, Around, Caller, endings, flow, said

# --- a number read back ------------------------------------------------------------------------------------

NIB = CollectNode(
    (Spoken("nib"),),
    "nib",
    "line",
    PATIENCE,
    min_digits=13,
    max_digits=13,
    confirm=Confirm(Spoken("read"), Spoken("right"), "1", "2"),
)
DIGITS = "9120001234567"


def test_a_number_is_read_back_digit_by_digit_and_taken() -> None:
    caller = Caller(flow(nib=NIB))
    caller.begin()
    assert said(caller.press(DIGITS)) == ["id/read", *(f"id/n.{digit}" for digit in DIGITS), "id/right"]
    assert caller.session.collected == {}
    assert endings(caller.press("1"))
    assert caller.session.collected == {"nib": DIGITS}


def test_a_number_is_corrected() -> None:
    caller = Caller(flow(nib=NIB))
    caller.begin()
    caller.press(DIGITS)
    assert said(caller.press("2")) == ["id/nib"]
    caller.press(DIGITS[::-1])
    caller.press("1")
    assert caller.session.collected == {"nib": DIGITS[::-1]}


def test_a_key_that_says_neither_yes_nor_no_reads_it_back_again() -> None:
    caller = Caller(flow(nib=NIB))
    caller.begin()
    caller.press(DIGITS)
    assert said(caller.press("5"))[:3] == ["id/invalid", "id/read", "id/n.9"]
    assert endings(caller.press("1"))


def test_a_number_that_nobody_confirms_is_given_up_and_not_kept() -> None:
    caller = Caller(flow(nib=NIB))
    caller.begin()
    caller.press(DIGITS)
    for _ in range(3):
        caller.listen_to_the_end()
        caller.wait()
    assert caller.session.node == FAREWELL
    assert caller.session.collected == {}


# --- variables, emergencies, the operator ------------------------------------------------------------------


def branching(value: str, choice: str = "1") -> str:
    language = MenuNode((Spoken("l"),), {"1": Choice("put"), "2": Choice("put", "en")}, PATIENCE)
    caller = Caller(
        flow(
            language=language,
            put=SetNode({"topic": value}, "by"),
            by=BranchNode("topic", {"a": "first", "b": "tongue"}, "line"),
            tongue=BranchNode("language", {"en": "second"}, "third"),
            first=HangUpNode((), "refused"),
            second=HangUpNode((), "refused"),
            third=HangUpNode((), "refused"),
        )
    )
    caller.begin()
    caller.press(choice)
    return caller.session.node


def test_ways_part_by_what_variables_and_the_language_are() -> None:
    assert branching("a") == "first"
    assert branching("b") == "third"
    assert branching("b", "2") == "second"
    assert branching("c") == "line"


def test_a_variable_and_an_emergency_are_told() -> None:
    notice = SayNode(
        (Spoken("x"), Told(Telling.NUMBER, "n"), Told(Telling.DIGITS, "n"), Told(Telling.DIGITS, "unset")),
        "e",
    )
    closed = SayNode(
        (Spoken("y"), Told(Telling.CLOSURE, "office", "en"), Told(Telling.CLOSURE, "walkin")), "line"
    )
    caller = Caller(
        flow(put=SetNode({"n": "21"}, "notice"), notice=notice, e=closed),
        Around(closures={"office": "flood"}),
    )
    caller.begin()
    assert said(caller.effects) == ["id/x", "id/n.20", "id/n.1", "id/n.2", "id/n.1"]
    assert said(caller.listen_to_the_end()) == ["id/y", "en/flood"]


@pytest.mark.parametrize(
    ("emergency", "closures", "opened", "expected"),
    [
        ("alarm", {"office": "flood"}, ["office"], "alarm"),
        ("", {"office": "flood"}, ["office"], "closed"),
        ("alarm", {"walkin": "flood"}, ["office"], "open"),
        ("alarm", {}, [], "closed"),
    ],
)
def test_an_emergency_has_a_way_of_its_own(
    emergency: str, closures: dict[str, str], opened: list[str], expected: str
) -> None:
    ends = {name: HangUpNode((), "refused") for name in ("open", "closed", "alarm")}
    hours = HoursNode("office", "open", "closed", emergency)
    caller = Caller(flow(hours=hours, **ends), Around(opened, closures=closures))
    caller.begin()
    assert caller.session.node == expected


def test_the_operators_key_leads_to_a_person_unless_it_is_an_answer() -> None:
    ask = MenuNode((Spoken("ask"),), {"1": Choice("taken"), "5": Choice("number")}, PATIENCE)
    taken = MenuNode((Spoken("taken"),), {"0": Choice("ask")}, PATIENCE)
    number = CollectNode((Spoken("number"),), "n", "ask", PATIENCE)
    made = flow(ask=ask, taken=taken, number=number)
    operated = type(made)(made.start, made.nodes, made.language, made.needs, Operator("0", "line"))
    caller = Caller(operated)
    caller.begin()
    assert said(caller.press("10")) == ["id/ask"]
    assert caller.press("50") == (Hush(), Listen(caller.session.token, 4_000))
    assert caller.session.digits == "0"
    asked = Caller(operated)
    asked.begin()
    assert isinstance(asked.press("0")[-1], JoinQueue)


def test_after_the_conversation_the_operators_key_is_a_key_like_any_other() -> None:
    rate = MenuNode((Spoken("rate"),), {"1": Choice("bye")}, PATIENCE)
    made = flow(queue=QueueNode(QueueId("lkpm"), after="rate"), rate=rate, bye=HangUpNode((), "deflected"))
    caller = Caller(type(made)(made.start, made.nodes, made.language, made.needs, Operator("0", "queue")))
    caller.begin()
    caller.give(Served(), Over())
    say = caller.press("0")[-1]
    assert isinstance(say, Say)
    assert said([say]) == ["id/invalid", "id/rate"]
