from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document import IDENTIFIER, TELEPHONE_NUMBER, Content, Form, Node, insist, unknown
from core.errors import ConfigError, Problem


def node(content: Content) -> Node:
    return Node("f.yaml", 7, "top.key", content, [])


def mapping(**texts: str) -> Node:
    problems: list[Problem] = []
    entries = {name: Node("f.yaml", 7, f"top.{name}", text, problems) for name, text in texts.items()}
    return Node("f.yaml", 1, "top", entries, problems)


def complaint(of: Node) -> str:
    (problem,) = of.problems
    assert (problem.file, problem.line, problem.key) == ("f.yaml", 7, "top.key")
    return problem.message


def test_a_text_is_taken_without_the_space_around_it() -> None:
    given = node("  no \t")
    assert given.text() == "no"
    assert given.problems == []


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "a\x1b[2J", "a\x85b", "a\u2028b", "a\ud800"])
def test_a_text_is_one_line_that_any_terminal_takes(text: str) -> None:
    given = node(text)
    assert given.text("instead") == "instead"
    assert "write it on one line" in complaint(given)


def test_a_form_says_what_it_wants() -> None:
    given = node("Ä" * 100)
    assert given.text(form=IDENTIFIER) == ""
    assert complaint(given) == f'"{"Ä" * 60}..." is not {IDENTIFIER.words}'


@pytest.mark.parametrize(
    ("text", "fits"),
    [("169", True), ("+6221169", True), ("1", False), ("12a", False), ("++1", False), ("1" * 16, False)],
)
def test_a_telephone_number(text: str, fits: bool) -> None:
    assert bool(TELEPHONE_NUMBER.pattern.fullmatch(text)) is fits


def test_prose_may_run_over_lines() -> None:
    assert node("  one\n  two\n\nthree ").prose() == "one two three"


@pytest.mark.parametrize(
    ("text", "value"),
    [("yes", True), ("On", True), ("TRUE", True), ("no", False), ("off", False), ("false", False)],
)
def test_a_flag_has_the_words_a_person_would_use(text: str, value: bool) -> None:
    assert node(text).flag(not value) is value
    assert node(None).flag(value) is value


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("500 ms", 500),
        ("20 s", 20_000),
        ("20s", 20_000),
        ("1.5 s", 1_500),
        ("5 min", 300_000),
        ("1 h", 3_600_000),
    ],
)
def test_a_duration_has_its_unit(text: str, ms: int) -> None:
    assert node(text).duration(0, 3_600_000) == ms


@pytest.mark.parametrize("text", ["20", "s", "-1 s", "1 day", "1e3 s", "20 s 5", "٢٠ s", "1.2345 s", ""])
def test_what_is_no_duration_is_shown_how_to_write_one(text: str) -> None:
    given = node(text)
    assert given.duration(1, 2, 3) == 3
    assert complaint(given).endswith("such as 500 ms, 20 s, 5 min or 1 h")


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0, 3_600_000, "0 ms to 1 h"), (5_000, 90_000, "5 s to 90 s"), (1, 60_000, "1 ms to 1 min")],
)
def test_the_limits_of_a_duration_are_told_in_its_own_units(low: int, high: int, words: str) -> None:
    given = node("24 h")
    assert given.duration(low, high) == low
    assert complaint(given) == f"24 h is outside {words}"


@pytest.mark.parametrize("text", ["1.0", "0x10", "1_000", "1e3", "nan", "x", "", "٢", "9" * 16])
def test_a_whole_number_is_digits(text: str) -> None:
    given = node(text)
    assert given.integer(1, 9, 5) == 5
    assert "a whole number from 1 to 9" in complaint(given)


@given(st.integers(-(10**14), 10**14))
def test_a_whole_number_is_taken_exactly(value: int) -> None:
    assert node(str(value)).integer(-(10**14), 10**14) == value


@pytest.mark.parametrize("text", ["20261231", "2026-W01-1", "31-12-2026", "2026-02-30", "2026-1-1", "soon"])
def test_a_day_is_written_in_one_way(text: str) -> None:
    given = node(text)
    assert given.day() == date.min
    assert "such as 2026-12-31" in complaint(given)
    assert node("2026-12-31").day() == date(2026, 12, 31)


def test_a_text_with_commas_is_a_list() -> None:
    assert [item.text() for item in node("mon, tue ,wed").items()] == ["mon", "tue", "wed"]


@pytest.mark.parametrize("content", [None, ""])
def test_an_empty_list_must_be_meant(content: Content) -> None:
    given = node(content)
    assert given.items() == ()
    assert "a list is needed" in complaint(given)
    assert node(None).items(optional=True) == ()


@pytest.mark.parametrize("content", ["text", (), ""])
def test_keys_are_needed_where_keys_are_meant(content: Content) -> None:
    given = node(content)
    fields = given.fields("name", "limit")
    assert fields["name"].text() == ""
    assert complaint(given) == "keys with values are needed: name, limit"


def test_a_badly_written_name_is_kept_so_that_its_use_is_no_second_mistake() -> None:
    top = mapping(Good="1", good="2")
    assert list(top.entries(names=Form(re.compile("[a-z]+"), "small letters"))) == ["Good", "good"]
    assert [(p.key, p.message) for p in top.problems] == [("top.Good", '"Good" is not small letters')]


def test_a_misspelt_key_is_not_missing_as_well() -> None:
    top = mapping(nmae="x", other="y")
    fields = top.fields("name", "other", "third")
    assert fields["name"].text() == ""
    assert [p.key for p in top.problems] == ["top.nmae"]
    fields["third"].text()
    assert [p.key for p in top.problems] == ["top.nmae", "top.third"]


def test_an_unknown_name_hears_the_nearest_and_not_too_many_others() -> None:
    names = [f"queue{n}" for n in range(30)]
    message = unknown("queeu7", names)
    assert message.startswith('unknown "queeu7"; did you mean "queue7"? allowed: queue0, queue1')
    assert message.endswith("queue19 and 10 more")
    assert unknown("x", []).endswith("allowed: nothing, none is defined")


def test_all_problems_are_raised_as_one_error_in_the_order_of_the_files() -> None:
    insist([])
    problems = [Problem("b", 1, "k", "m"), Problem("a", 9, "k", "m"), Problem("a", 2, "", "m")]
    with pytest.raises(ConfigError) as error:
        insist(problems)
    assert str(error.value) == "a:2: m\na:9: k: m\nb:1: k: m"


contents: st.SearchStrategy[Content] = st.recursive(
    st.one_of(st.none(), st.text(max_size=8), st.sampled_from(["1", "20 s", "true", "2026-01-01", "a, b"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda xs: tuple(node(x) for x in xs)),
        st.dictionaries(st.text(max_size=5), inner, max_size=3).map(
            lambda d: {k: node(x) for k, x in d.items()}
        ),
    ),
    max_leaves=5,
)


@given(contents)
def test_no_accessor_ever_raises_and_what_it_returns_is_allowed(content: Content) -> None:
    assert isinstance(node(content).text(), str)
    assert isinstance(node(content).prose(), str)
    assert node(content).integer(3, 9) in range(3, 10)
    assert 0.5 <= node(content).number(0.5, 2) <= 2
    assert 1_000 <= node(content).duration(1_000, 60_000) <= 60_000
    assert node(content).choice(("a", "b"), "a") in ("a", "b")
    assert isinstance(node(content).flag(True), bool)
    assert isinstance(node(content).day(), date)
    for item in node(content).items():
        assert isinstance(item, Node)
    assert node(content).fields("a", "b").keys() == {"a", "b"}
    assert isinstance(node(content).entries(names=IDENTIFIER), dict)
