from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ivr.effects import Began, Input, Key, Played, Recovered, Remember, Say, TimedOut
from ivr.model import KEYS, Choice, Flow, MenuNode, Phase, Session, Spoken, dump, load
from ivr.step import step
from tests.unit.ivr.walks import PATIENCE, Around, Caller, endings, flow, flows, patience_of, surroundings

KEYS_AND_OTHERS = st.one_of(st.sampled_from(KEYS), st.text(max_size=2)).map(Key)
TOKENS = st.integers(-1, 30)
ANY: st.SearchStrategy[Input] = st.one_of(
    st.just(Began()),
    st.just(Recovered()),
    KEYS_AND_OTHERS,
    st.builds(Played, TOKENS),
    st.builds(TimedOut, TOKENS),
)
ASKING = flow(ask=MenuNode((Spoken("ask"),), {"1": Choice("line")}, PATIENCE))
DEEDS = st.lists(
    st.one_of(KEYS_AND_OTHERS, st.sampled_from(["hear", "wait"]), st.just(Recovered())), max_size=25
)
"""What a caller does. ``hear`` and ``wait`` are reports with the right number, so that deep places are reached."""


def act(caller: Caller, deed: Input | str) -> None:
    match deed:
        case "hear":
            caller.listen_to_the_end()
        case "wait":
            caller.wait()
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


@given(flows(), surroundings, st.lists(ANY, max_size=30))
def test_any_inputs_in_any_order_leave_a_defined_state(
    flow: Flow, around: Around, inputs: list[Input]
) -> None:
    caller = Caller(flow, around)
    for one in inputs:
        caller.give(one)
        assert isinstance(caller.session.phase, Phase)
        assert (caller.session.node in flow.nodes) is (caller.session.phase is not Phase.NEW)
    assert len(endings(caller.effects)) <= 1
    assert endings(caller.effects) in ([], caller.effects[-1:])


@given(flows(), surroundings, DEEDS)
def test_the_menu_ends_once_and_nothing_follows(flow: Flow, around: Around, deeds: list[Input | str]) -> None:
    caller = after(flow, around, deeds)
    done = caller.session.phase is Phase.DONE
    assert len(endings(caller.effects)) == done
    if done:
        assert caller.effects[-1:] == endings(caller.effects)
        ended = caller.session
        assert caller.give(Recovered(), Key("1"), Played(ended.token), TimedOut(ended.token), Began()) == ()
        assert caller.session == ended


@given(flows(), surroundings, DEEDS, DEEDS)
def test_writing_down_and_reading_back_changes_nothing(
    flow: Flow, around: Around, before: list[Input | str], then: list[Input | str]
) -> None:
    caller = after(flow, around, before)
    other = Caller(flow, around, load(dump(caller.session)))
    assert other.session == caller.session
    caller.effects.clear()
    for deed in then:
        act(caller, deed)
        act(other, deed)
    assert (other.session, other.effects) == (caller.session, caller.effects)


@given(flows(), surroundings, DEEDS)
def test_a_recovered_caller_hears_the_place_again(
    flow: Flow, around: Around, deeds: list[Input | str]
) -> None:
    caller = after(flow, around, deeds)
    before = caller.session
    effects = caller.give(Recovered())
    if before.phase is Phase.DONE:
        assert (caller.session, effects) == (before, ())
        return
    say, remember = effects
    node = flow.nodes[before.node]
    assert isinstance(say, Say)
    assert [p.name for p in say.prompts] == [spoken.prompt for spoken in node.prompts]  # type: ignore[union-attr]
    assert remember == Remember()
    assert say.token == caller.session.token > before.token
    now = caller.session
    assert (now.node, now.language, now.failures) == (before.node, before.language, before.failures)
    assert caller.give(Played(before.token), TimedOut(before.token)) == ()


@given(flows(), surroundings, DEEDS)
def test_whoever_does_nothing_more_comes_to_an_end(
    flow: Flow, around: Around, deeds: list[Input | str]
) -> None:
    caller = after(flow, around, deeds)
    limit = patience_of(flow)
    assert caller.do_nothing(limit + 1) <= limit
    assert len(endings(caller.effects)) == 1


@given(flows(), surroundings, DEEDS, TOKENS)
def test_a_late_or_repeated_report_has_no_effect(
    flow: Flow, around: Around, deeds: list[Input | str], token: int
) -> None:
    caller = Caller(flow, around)
    caller.begin()
    for deed in deeds:
        earlier = caller.session
        act(caller, deed)
        if earlier.token != caller.session.token:
            for late in (Played(earlier.token), TimedOut(earlier.token)):
                assert step(flow, caller.session, late, around) == (caller.session, ())
    if token != caller.session.token:
        for foreign in (Played(token), TimedOut(token)):
            assert step(flow, caller.session, foreign, around) == (caller.session, ())


@given(flows(), surroundings, DEEDS)
def test_no_number_is_given_out_twice(flow: Flow, around: Around, deeds: list[Input | str]) -> None:
    caller = after(flow, around, deeds)
    tokens = [effect.token for effect in caller.effects if hasattr(effect, "token")]
    assert tokens == sorted(set(tokens))


@given(st.text())
def test_no_text_is_too_odd_to_be_read_back(text: str) -> None:
    caller = Caller(ASKING, session=load(text))
    caller.give(Recovered())
    assert caller.do_nothing(9) < 9


def test_a_broken_session_begins_anew() -> None:
    for text in ("", "{", "[]", '{"phase":"asleep"}', '{"token":"x"}', "\ud800"):
        assert load(text) == Session()
