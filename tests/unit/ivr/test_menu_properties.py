"""No flow traps a caller, no late report counts, and a restart loses nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.effects import (
    Began,
    Effect,
    HangUp,
    Input,
    JoinQueue,
    Key,
    Listen,
    Music,
    Over,
    Played,
    Promise,
    Promised,
    Record,
    Recorded,
    Recovered,
    Say,
    TimedOut,
    Waiting,
)
from ivr.model import REASONS, Choice, Flow, MenuNode, Phase, QueueNode, Session, Spoken, dump, load
from ivr.step import step
from tests.unit.ivr.walks import (
    ANY,
    DEEDS,
    PATIENCE,
    TOKENS,
    Around,
    Caller,
    act,
    after,
    endings,
    flow,
    flows,
    patience_of,
    surroundings,
)

ASKING = flow(ask=MenuNode((Spoken("ask"),), {"1": Choice("line")}, PATIENCE))
NUMBERED = Say | Listen | Promise | Record
LINE_PHASES = {Phase.JOINING, Phase.WAITING, Phase.SERVED}


def hang_ups(effects: list[Effect]) -> list[Effect]:
    return [effect for effect in effects if isinstance(effect, HangUp)]


@given(flows(), surroundings, st.lists(ANY, max_size=30))
def test_any_inputs_in_any_order_leave_a_defined_state(
    flow: Flow, around: Around, inputs: list[Input]
) -> None:
    caller = Caller(flow, around)
    for one in inputs:
        caller.give(one)
        assert isinstance(caller.session.phase, Phase)
        assert not caller.session.node or caller.session.node in flow.nodes
    assert hang_ups(caller.effects) in ([], caller.effects[-1:])


@given(flows(), surroundings, DEEDS)
def test_a_call_is_hung_up_once_and_nothing_follows(
    flow: Flow, around: Around, deeds: list[Input | str]
) -> None:
    caller = after(flow, around, deeds)
    done = caller.session.phase is Phase.DONE
    assert len(hang_ups(caller.effects)) == done
    if done:
        assert caller.effects[-1:] == hang_ups(caller.effects)
        ended, token = caller.session, caller.session.token
        assert caller.give(Recovered(), Key("1"), Played(token), TimedOut(token), Began()) == ()
        assert caller.give(Waiting(restart=True), Over(), Promised(token, True), Recorded(token, 9)) == ()
        assert caller.session == ended


@given(flows(), surroundings, DEEDS)
def test_a_caller_is_never_trapped_but_waits_for_what_was_asked_for(
    flow: Flow, around: Around, deeds: list[Input | str]
) -> None:
    caller = after(flow, around, deeds)
    asked = [e for e in caller.effects if isinstance(e, NUMBERED | Music | JoinQueue)]
    session = caller.session
    match session.phase:
        case Phase.SPEAKING:
            assert any(isinstance(e, Say) and e.token == session.token for e in asked[-2:])
        case Phase.LISTENING | Phase.PROMISING | Phase.RECORDING:
            assert isinstance(asked[-1], Listen)
            assert asked[-1].token == session.token
        case Phase.JOINING:
            assert isinstance(asked[-1], JoinQueue)
        case Phase.WAITING:
            silent = [e for e in asked if not isinstance(e, Listen)]
            assert isinstance(silent[-1], Music)
        case phase:
            assert phase in {Phase.SERVED, Phase.DONE}


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
def test_a_recovered_caller_is_where_the_call_was(
    flow: Flow, around: Around, deeds: list[Input | str]
) -> None:
    caller = after(flow, around, deeds)
    before = caller.session
    effects = caller.give(Recovered())
    if before.phase is Phase.DONE:
        assert (caller.session, effects) == (before, ())
        return
    now = caller.session
    if isinstance(flow.nodes[before.node], QueueNode):
        assert endings([*effects])
        return
    if before.phase is Phase.RECORDING:
        (record,) = (effect for effect in effects if isinstance(effect, Record))
        assert (record.begun, record.token, now) == (True, before.token - 1, before)
        return
    (say,) = (effect for effect in effects if isinstance(effect, Say))
    assert say.token == now.token > before.token
    assert (now.node, now.language, now.failures) == (before.node, before.language, before.failures)
    assert now.collected == before.collected
    assert caller.give(Played(before.token), TimedOut(before.token)) == ()


@given(flows(), surroundings, DEEDS)
def test_a_recovered_caller_in_line_hears_music_and_the_next_announcement(
    flow: Flow, around: Around, deeds: list[Input | str]
) -> None:
    caller = after(flow, around, deeds)
    before = caller.session
    if before.phase not in LINE_PHASES:
        return
    effects = caller.give(Waiting(restart=True))
    assert Music() in effects
    assert caller.session.phase is Phase.WAITING
    assert caller.session.token > before.token
    assert caller.give(TimedOut(before.token), Played(before.token)) == ()


@given(flows(), surroundings, DEEDS, st.sampled_from(REASONS))
def test_whoever_does_nothing_more_comes_to_an_end(
    flow: Flow, around: Around, deeds: list[Input | str], why: str
) -> None:
    caller = after(flow, around, deeds)
    limit = patience_of(flow)
    assert caller.do_nothing(limit + 1, why) <= limit
    assert len(hang_ups(caller.effects)) == 1


@given(flows(), surroundings, DEEDS, TOKENS)
def test_a_late_or_repeated_report_has_no_effect(
    flow: Flow, around: Around, deeds: list[Input | str], token: int
) -> None:
    caller = Caller(flow, around)
    caller.begin()
    for deed in deeds:
        earlier = caller.session
        act(caller, deed)
        now = caller.session.token
        for old in {earlier.token, earlier.token - 1, token} - {now, now - 1}:
            for late in (Played(old), TimedOut(old), Promised(old, kept=True), Recorded(old, 9_999)):
                assert step(flow, caller.session, late, around) == (caller.session, ())


@given(flows(), surroundings, DEEDS)
def test_no_number_is_given_out_twice(flow: Flow, around: Around, deeds: list[Input | str]) -> None:
    caller = after(flow, around, deeds)
    numbered = [effect for effect in caller.effects if isinstance(effect, NUMBERED)]
    # A recording that goes on over a restart, and what listens to it, keep their numbers.
    resumed = {n for n, effect in enumerate(numbered) if isinstance(effect, Record) and effect.begun}
    resumed |= {n + 1 for n in resumed}
    tokens = [effect.token for n, effect in enumerate(numbered) if n not in resumed]
    assert tokens == sorted(set(tokens))
    assert {numbered[n].token for n in resumed} <= set(tokens)


@given(flows(), surroundings, DEEDS)
def test_what_is_decided_stays_so(flow: Flow, around: Around, deeds: list[Input | str]) -> None:
    caller = after(flow, around, deeds)
    if caller.session.settled and caller.session.phase is not Phase.DONE:
        outcome = caller.session.settled
        caller.effects.clear()
        caller.do_nothing(patience_of(flow) + 1)
        (end,) = endings(caller.effects)
        assert isinstance(end, HangUp)
        assert end.outcome == outcome


@given(st.text())
def test_no_text_is_too_odd_to_be_read_back(text: str) -> None:
    caller = Caller(ASKING, session=load(text))
    caller.give(Recovered())
    assert caller.do_nothing(9) < 9


@pytest.mark.parametrize("text", ["", "{", "[]", '{"phase":"asleep"}', '{"token":"x"}', "\ud800"])
def test_a_broken_session_begins_anew(text: str) -> None:
    assert load(text) == Session()
