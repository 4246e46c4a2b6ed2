from __future__ import annotations

import pytest

from core.ids import QueueId, SkillId
from ivr.effects import HangUp, Hush, JoinQueue, Key, Played, Recovered, Remember, Say
from ivr.model import (
    FAREWELL,
    Choice,
    CollectNode,
    GotoNode,
    HangUpNode,
    HoursNode,
    MenuNode,
    Node,
    Patience,
    Phase,
    QueueNode,
    SayNode,
    Spoken,
)
from tests.unit.ivr.walks import ENGLISH, PATIENCE, Around, Caller, endings, flow, said, waits

NOTICE = SayNode((Spoken("notice", "id"), Spoken("notice", "en")), "ask", barge_in=True)
ASK = MenuNode((Spoken("ask"),), {"1": Choice("line"), "2": Choice("line", "en")}, PATIENCE, repeat="*")
NUMBER = CollectNode((Spoken("number"),), "nib", "line", PATIENCE, min_digits=3, max_digits=5)


def began(around: Around | None = None, /, **nodes: Node) -> Caller:
    caller = Caller(flow(**nodes), around or Around())
    caller.begin()
    return caller


def patient(**changes: object) -> Patience:
    values = {"invalid": Spoken("invalid"), "silence": Spoken("silence"), **changes}
    return Patience(**values)  # type: ignore[arg-type]


def test_an_announcement_is_spoken_to_its_end_and_leads_on() -> None:
    caller = began(notice=NOTICE, ask=ASK)
    assert said(caller.effects) == ["id/notice", "en/notice"]
    assert said(caller.listen_to_the_end()) == ["id/ask"]


def test_an_announcement_without_barge_in_takes_no_key() -> None:
    caller = began(notice=SayNode((Spoken("notice"),), "ask"), ask=ASK)
    assert caller.press("1") == ()
    assert said(caller.listen_to_the_end()) == ["id/ask"]


def test_a_key_during_an_announcement_answers_the_question_after_it() -> None:
    caller = began(notice=NOTICE, hop=GotoNode("ask"), ask=ASK)
    assert caller.press("2") == (Hush(), Remember(), JoinQueue(QueueId("licensing"), "en", ENGLISH))


@pytest.mark.parametrize("key", ["9", "*"])
def test_a_key_that_answers_nothing_only_ends_the_announcement(key: str) -> None:
    caller = began(notice=NOTICE, ask=ASK)
    hush, say, remember = caller.press(key)
    assert (hush, remember) == (Hush(), Remember())
    assert said([say]) == ["id/ask"]


def test_a_key_is_not_carried_into_a_question_without_barge_in() -> None:
    ask = MenuNode((Spoken("ask"),), {"1": Choice("line")}, patient(barge_in=False))
    caller = began(notice=NOTICE, ask=ask)
    assert said(caller.press("1")) == ["id/ask"]
    assert caller.press("1") == ()
    caller.listen_to_the_end()
    assert endings(caller.press("1"))


def test_a_key_is_carried_one_question_far_and_no_further() -> None:
    first = MenuNode((Spoken("first"),), {"1": Choice("ask")}, PATIENCE)
    caller = began(notice=SayNode((Spoken("notice"),), "first", barge_in=True), first=first, ask=ASK)
    assert said(caller.press("1")) == ["id/ask"]


@pytest.mark.parametrize("keys", ["", "12", "a", "x"])
def test_what_is_not_one_key_is_none(keys: str) -> None:
    assert began(ask=ASK).give(Key(keys)) == ()


def test_a_digit_during_an_announcement_begins_the_number_after_it() -> None:
    caller = began(notice=SayNode((Spoken("notice"),), "number", barge_in=True), number=NUMBER)
    hush, listen = caller.press("7")
    assert hush == Hush()
    assert waits([listen]) == [4_000]
    caller.press("89#")
    assert caller.session.collected == {"nib": "789"}


def test_a_key_interrupts_a_question_and_chooses() -> None:
    assert began(ask=ASK).press("1") == (Hush(), Remember(), JoinQueue(QueueId("licensing"), "id"))


def test_the_wait_for_a_key_begins_when_the_question_was_spoken() -> None:
    caller = began(ask=ASK)
    assert waits(caller.effects) == []
    assert waits(caller.listen_to_the_end()) == [7_000]


def test_wrong_keys_are_told_until_the_tries_are_used_up() -> None:
    caller = began(ask=ASK)
    assert said(caller.press("9")) == ["id/invalid", "id/ask"]
    assert said(caller.press("9")) == ["id/invalid", "id/ask"]
    assert said(caller.press("9")) == ["id/goodbye"]
    assert caller.listen_to_the_end() == (HangUp("deflected", FAREWELL),)


def test_silence_is_told_until_the_tries_are_used_up() -> None:
    caller = began(ask=ASK)
    for expected in (["id/silence", "id/ask"], ["id/silence", "id/ask"], ["id/goodbye"]):
        caller.listen_to_the_end()
        assert said(caller.wait()) == expected


def test_wrong_keys_and_silence_count_together_and_lead_their_own_ways() -> None:
    ask = MenuNode(
        (Spoken("ask"),), {"1": Choice("line")}, patient(tries=2, on_timeout="line", on_invalid="bye")
    )
    bye = HangUpNode((), "refused")
    caller = began(ask=ask, bye=bye)
    caller.press("9")
    caller.listen_to_the_end()
    assert caller.wait() == (Remember(), JoinQueue(QueueId("licensing"), "id"))
    caller = began(ask=ask, bye=bye)
    caller.listen_to_the_end()
    caller.wait()
    assert caller.press("9") == (Hush(), HangUp("refused", "bye"))


def test_one_try_gives_up_at_once() -> None:
    ask = MenuNode((Spoken("ask"),), {"1": Choice("line")}, patient(tries=1))
    assert said(began(ask=ask).press("9")) == ["id/goodbye"]


def test_the_repeat_key_asks_again_without_counting() -> None:
    caller = began(ask=ASK)
    for _ in range(10):
        assert said(caller.press("*")) == ["id/ask"]
    assert caller.session.failures == 0


def test_failures_at_one_question_do_not_count_at_the_next() -> None:
    first = MenuNode((Spoken("first"),), {"1": Choice("ask")}, PATIENCE)
    caller = began(first=first, ask=ASK)
    caller.press("991")
    assert [said(caller.press("9")) for _ in range(3)][-1] == ["id/goodbye"]


def test_the_chosen_language_is_spoken_and_asked_of_the_agent_from_then_on() -> None:
    first = MenuNode((Spoken("first"),), {"2": Choice("ask", "en")}, PATIENCE)
    caller = began(first=first, ask=ASK)
    assert said(caller.press("2")) == ["en/ask"]
    assert caller.press("1")[-1] == JoinQueue(QueueId("licensing"), "en", ENGLISH)


def test_a_prompt_with_a_language_of_its_own_keeps_it() -> None:
    first = MenuNode((Spoken("first"),), {"2": Choice("note", "en")}, PATIENCE)
    note = SayNode((Spoken("note", "id"), Spoken("note")), "line")
    assert said(began(first=first, note=note).press("2")) == ["id/note", "en/note"]


def test_a_queue_asks_for_its_own_skills_before_the_languages() -> None:
    tech = QueueNode(QueueId("technical"), ((SkillId("oss"), 2),), priority=3)
    first = MenuNode((Spoken("first"),), {"2": Choice("tech", "en")}, PATIENCE)
    assert began(first=first, tech=tech).press("2")[-1] == JoinQueue(
        QueueId("technical"), "en", ((SkillId("oss"), 2), *ENGLISH), 3
    )


def test_the_terminator_ends_a_number() -> None:
    caller = began(number=NUMBER)
    assert endings(caller.press("123#")) == [JoinQueue(QueueId("licensing"), "id")]
    assert caller.session.collected == {"nib": "123"}


def test_a_number_of_the_full_length_needs_no_terminator() -> None:
    caller = began(number=NUMBER)
    assert endings(caller.press("12345"))
    assert caller.session.collected == {"nib": "12345"}


def test_only_the_first_digit_interrupts_and_each_digit_begins_the_wait_anew() -> None:
    caller = began(number=NUMBER)
    first, second = caller.press("1"), caller.press("2")
    assert first[0] == Hush()
    assert (waits(first), waits(second), len(second)) == ([4_000], [4_000], 1)


def test_a_pause_between_digits_ends_a_number_that_is_long_enough() -> None:
    caller = began(number=NUMBER)
    caller.press("123")
    assert endings(caller.wait())
    assert caller.session.collected == {"nib": "123"}


def test_a_pause_after_too_few_digits_asks_again_from_nothing() -> None:
    caller = began(number=NUMBER)
    caller.press("12")
    assert said(caller.wait()) == ["id/invalid", "id/number"]
    caller.press("345#")
    assert caller.session.collected == {"nib": "345"}


def test_no_digit_at_all_is_silence() -> None:
    caller = began(number=NUMBER)
    caller.listen_to_the_end()
    assert said(caller.wait()) == ["id/silence", "id/number"]


def test_several_numbers_are_remembered_side_by_side() -> None:
    second = CollectNode((Spoken("second"),), "pin", "line", PATIENCE)
    caller = began(number=CollectNode((Spoken("number"),), "nib", "second", PATIENCE), second=second)
    caller.press("12#34#")
    assert caller.session.collected == {"nib": "12", "pin": "34"}


def test_too_few_digits_too_often_give_the_number_up() -> None:
    assert said(began(number=NUMBER).press("1#1#1#")) == ["id/goodbye"]


def test_a_key_that_is_neither_digit_nor_terminator_is_no_part_of_a_number() -> None:
    caller = began(number=NUMBER)
    assert caller.press("*") == ()
    assert caller.session.phase is Phase.SPEAKING
    caller.press("1A2*3#")
    assert caller.session.collected == {"nib": "123"}


def test_without_a_terminator_only_length_and_pause_end_a_number() -> None:
    number = CollectNode((Spoken("number"),), "nib", "line", PATIENCE, max_digits=3, terminator="")
    caller = began(number=number)
    caller.press("12")
    assert caller.press("#") == ()
    assert endings(caller.press("3"))


def test_a_number_without_barge_in_begins_after_the_question() -> None:
    number = CollectNode((Spoken("number"),), "nib", "line", patient(barge_in=False), max_digits=3)
    caller = began(number=number)
    assert caller.press("9") == ()
    caller.listen_to_the_end()
    caller.press("123")
    assert caller.session.collected == {"nib": "123"}


@pytest.mark.parametrize(
    ("opened", "prompt"), [(("office",), "open"), ((), "closed"), (("walkin",), "closed")]
)
def test_business_hours_part_the_ways(opened: tuple[str, ...], prompt: str) -> None:
    caller = began(
        Around(opened),
        office=HoursNode("office", "open", "closed"),
        open=SayNode((Spoken("open"),), "line"),
        closed=HangUpNode((Spoken("closed"),), "deflected"),
    )
    assert said(caller.effects) == [f"id/{prompt}"]


def test_hours_are_looked_at_when_the_caller_comes_there() -> None:
    around = Around(())
    caller = Caller(
        flow(
            notice=SayNode((Spoken("notice"),), "office"),
            office=HoursNode("office", "line", "bye"),
            bye=HangUpNode((), "deflected"),
        ),
        around,
    )
    caller.begin()
    around.opened = ("office",)
    assert caller.listen_to_the_end() == (Remember(), JoinQueue(QueueId("licensing"), "id"))


def test_a_hangup_speaks_first_and_no_key_stops_it() -> None:
    caller = began(bye=HangUpNode((Spoken("closed"),), "deflected"))
    assert caller.press("1") == ()
    assert caller.listen_to_the_end() == (HangUp("deflected", "bye"),)


def test_a_hangup_with_nothing_to_say_is_at_once() -> None:
    assert began(bye=HangUpNode((), "refused")).effects == [HangUp("refused", "bye")]


def test_a_prompt_that_cannot_be_played_holds_nobody_up() -> None:
    # Whoever plays reports Played at once when there is no sound: the menu goes on as after a spoken one.
    caller = began(notice=NOTICE, ask=ASK, bye=HangUpNode((Spoken("none"),), "deflected"))
    for effect in caller.effects:
        if isinstance(effect, Say):
            caller.give(Played(effect.token))
    assert caller.session.node == "ask"
    assert endings(caller.press("1"))


def test_hours_that_lead_in_a_ring_end_the_call_instead_of_hanging() -> None:
    # The parser refuses such a flow; a journal may hold a session of an older one.
    caller = began(a=HoursNode("office", "b", "b"), b=GotoNode("a"))
    (end,) = caller.effects
    assert isinstance(end, HangUp)
    assert end.outcome == "failed"


def test_a_place_is_remembered_when_something_new_is_spoken_but_not_for_each_key() -> None:
    caller = began(notice=NOTICE, ask=ASK, number=NUMBER)
    assert Remember() not in caller.effects
    assert Remember() in caller.listen_to_the_end()
    assert Remember() not in caller.press("9")


def test_the_tries_left_survive_a_restart_but_the_digits_do_not() -> None:
    caller = began(number=NUMBER)
    caller.press("1#1#12")
    assert said(caller.give(Recovered())) == ["id/number"]
    assert caller.session.digits == ""
    assert said(caller.press("1#")) == ["id/goodbye"]


def test_a_place_that_the_flow_no_longer_has_begins_anew() -> None:
    caller = began(ask=ASK)
    caller.press("99")
    renewed = Caller(flow(question=ASK), session=caller.session)
    assert said(renewed.give(Recovered())) == ["id/ask"]
    assert (renewed.session.node, renewed.session.failures) == ("question", 0)


def test_a_place_that_leads_elsewhere_now_counts_no_tries_there() -> None:
    caller = began(ask=ASK)
    caller.press("99")
    renewed = Caller(flow(ask=GotoNode("question"), question=ASK), session=caller.session)
    renewed.give(Recovered())
    assert renewed.session.failures == 0


def test_reports_that_were_due_before_a_restart_do_not_count_after_it() -> None:
    # What was given out after the last Remember is in nobody's memory, yet may still be reported.
    lost = began(notice=NOTICE, ask=ASK)
    remembered = lost.session
    lost.listen_to_the_end()
    lost.press("999")
    recovered = Caller(lost.flow, session=remembered)
    recovered.give(Recovered())
    for token in range(lost.session.token + 1):
        assert recovered.give(Played(token)) == ()
    assert said(recovered.listen_to_the_end()) == ["id/ask"]
