"""What a caller leaves behind: a promise to be called back, a message, answers to a survey."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.ids import QueueId, SkillId
from ivr.effects import (
    Answer,
    Effect,
    Flaw,
    HangUp,
    Hush,
    JoinQueue,
    Key,
    LeaveQueue,
    Left,
    Listen,
    Over,
    Promise,
    Promised,
    Record,
    Recorded,
    Recovered,
    Remember,
    Served,
    Settle,
    TakenAlong,
    TimedOut,
    Waiting,
)
from ivr.model import (
    FAREWELL,
    LINE,
    CallbackNode,
    Choice,
    HandoverNode,
    HangUpNode,
    MenuNode,
    Patience,
    Phase,
    Question,
    QueueNode,
    Spoken,
    SurveyNode,
    Treatment,
    VoicemailNode,
)
from tests.unit.ivr.walks import ENGLISH, PATIENCE, Around, Caller, flow, said, waits

OWN, OTHER = "0812345", "021500600"
READ = [*(f"id/n.{digit}" for digit in OWN)]
OFFER = ["id/callback.number", *READ, "id/callback.confirm"]
TREATMENT = Treatment(offer=(Spoken("offer"),), every_ms=45_000, keys={"1": Choice("callback")})
BACK = Patience(Spoken("invalid"), Spoken("silence"), tries=2, on_invalid=LINE, on_timeout=LINE)


def leaving(caller: str = OWN, node: CallbackNode | None = None, **flaws: Flaw) -> Caller:
    """A caller in line who wants to be called back."""
    one = Caller(
        flow(
            queue=QueueNode(QueueId("lkpm"), ((SkillId("oss"), 2),), 3, TREATMENT),
            callback=node or CallbackNode(BACK),
        ),
        Around(caller=caller, flaws={**flaws, "1234567": Flaw.MALFORMED, "0900900": Flaw.PREMIUM}),
    )
    one.begin()
    one.give(Waiting())
    one.press("1")
    return one


def promised(effects: Sequence[Effect]) -> Promise:
    (promise,) = (effect for effect in effects if isinstance(effect, Promise))
    return promise


def test_the_callers_own_number_is_offered_and_promised() -> None:
    caller = leaving()
    assert said(caller.effects[-2:]) == OFFER
    caller.listen_to_the_end()
    effects = caller.press("1")
    promise = promised(effects)
    assert promise == Promise(promise.token, OWN, QueueId("lkpm"), "id", ((SkillId("oss"), 2),), 3)
    assert effects[1:] == (Listen(promise.token + 1, 10_000),)
    assert caller.press("12*") == ()
    assert said(caller.give(Promised(promise.token, kept=True))) == ["id/callback.kept"]
    assert caller.press("1") == ()
    assert caller.listen_to_the_end() == (HangUp("callback", "callback"),)


def test_a_language_chosen_asks_for_its_skill_when_called_back_too() -> None:
    node = CallbackNode(PATIENCE, FAREWELL, QueueId("general"))
    language = MenuNode((Spoken("language"),), {"2": Choice("callback", "en")}, PATIENCE)
    caller = Caller(flow(language=language, callback=node), Around(caller=OWN))
    caller.begin()
    caller.press("2")
    promise = promised(caller.press("1"))
    assert (promise.queue, promise.language, promise.needs) == ("general", "en", ENGLISH)


def test_another_number_is_collected_checked_and_read_back() -> None:
    caller = leaving()
    assert said(caller.press("2")) == ["id/callback.ask"]
    assert said(caller.press("1234567#")) == ["id/callback.malformed", "id/callback.ask"]
    assert said(caller.press(f"{OTHER}#"))[0] == "id/callback.number"
    caller.press("2")
    assert said(caller.press(f"{OTHER}#")) == [
        *("id/callback.number", *(f"id/n.{digit}" for digit in OTHER), "id/callback.confirm")
    ]
    promise = promised(caller.press("1"))
    assert promise.number == OTHER


@pytest.mark.parametrize("number", ["", "0900900"])
def test_without_a_number_that_can_be_called_one_is_asked_for(number: str) -> None:
    assert said(leaving(number).effects[-2:]) == ["id/callback.ask"]


def test_a_number_refused_too_often_leads_back_into_the_line() -> None:
    caller = leaving("")
    assert said(caller.press("0900900#"))[0] == "id/callback.premium"
    assert isinstance(caller.press("0900900#")[-1], JoinQueue)


def test_too_short_a_number_is_no_number() -> None:
    assert said(leaving("").press("12345#")) == ["id/invalid", "id/callback.ask"]


def test_the_way_back_is_the_line_in_which_the_caller_stood() -> None:
    caller = leaving()
    assert LeaveQueue("callback") in caller.effects
    assert caller.press("*")[-1] == JoinQueue(QueueId("lkpm"), "id", ((SkillId("oss"), 2),), 3)


def test_whoever_says_nothing_is_put_back_in_line() -> None:
    caller = leaving()
    caller.listen_to_the_end()
    assert said(caller.wait()) == ["id/silence", *OFFER]
    caller.listen_to_the_end()
    assert isinstance(caller.wait()[-1], JoinQueue)


@pytest.mark.parametrize("how", ["refused", "never answered"])
def test_a_promise_that_is_not_kept_is_told_and_leads_back(how: str) -> None:
    caller = leaving()
    promise = promised(caller.press("1"))
    report = Promised(promise.token, kept=False) if how == "refused" else TimedOut(caller.session.token)
    assert said(caller.give(report)) == ["id/callback.failed"]
    assert isinstance(caller.listen_to_the_end()[-1], JoinQueue)
    # What is written down after all comes too late to be told.
    assert caller.give(Promised(promise.token, kept=True)) == ()


def test_after_a_promise_the_flow_may_go_on() -> None:
    one = Caller(
        flow(
            callback=CallbackNode(PATIENCE, FAREWELL, QueueId("lkpm"), "thanks"),
            thanks=HangUpNode((Spoken("thanks"),), "deflected"),
        ),
        Around(caller=OWN),
    )
    one.begin()
    promise = promised(one.press("1"))
    one.give(Promised(promise.token, kept=True))
    assert said(one.listen_to_the_end()) == ["id/thanks"]
    assert one.listen_to_the_end() == (HangUp("callback", "thanks"),)


def taking_along(code: str = "47110815") -> Caller:
    """A caller in line who wants to go on by another channel."""
    keys = Treatment(offer=(Spoken("offer"),), every_ms=45_000, keys={"3": Choice("along")})
    menu = flow(queue=QueueNode(QueueId("lkpm"), waiting=keys), along=HandoverNode())
    caller = Caller(menu, Around(code=code))
    caller.begin()
    caller.give(Waiting())
    return caller


def test_the_code_of_the_place_is_told_twice_and_leads_back_into_the_line() -> None:
    caller = taking_along()
    leave, say, remember = caller.press("3")
    assert (leave, remember) == (LeaveQueue("along"), Remember())
    digits = [f"id/n.{digit}" for digit in "47110815"]
    assert said([say]) == ["id/handover.code", *digits, "id/handover.again", *digits, "id/handover.back"]
    assert isinstance(caller.listen_to_the_end()[-1], JoinQueue)


def test_a_key_cuts_the_code_short() -> None:
    caller = taking_along()
    caller.press("3")
    hush, *_, join = caller.press("1")
    assert hush == Hush()
    assert isinstance(join, JoinQueue)


def test_where_there_is_no_code_nothing_is_said() -> None:
    leave, *_, join = taking_along(code="").press("3")
    assert leave == LeaveQueue("along")
    assert isinstance(join, JoinQueue)


def test_who_goes_on_by_another_channel_is_told_so_at_any_moment_and_then_the_call_ends() -> None:
    telling, waiting, joining = taking_along(), taking_along(), taking_along()
    telling.press("3")
    joining.press("3")
    joining.press("1")
    for caller, hushed in ((telling, 1), (waiting, 0), (joining, 0)):
        *hush, say = caller.give(TakenAlong())
        assert (hush, said([say])) == ([Hush()] * hushed, ["id/handover.taken"])
        # Nothing leads back.
        assert caller.give(TakenAlong(), Served(), Waiting(restart=True), Left("full"), Over()) == ()
        assert caller.press("31") == ()
        assert caller.listen_to_the_end() == (HangUp("handed_over", caller.session.node),)
        assert caller.give(TakenAlong()) == ()


def test_a_callback_that_lost_its_line_ends_the_call_rather_than_hang() -> None:
    one = Caller(flow(callback=CallbackNode(BACK)), Around(caller=OWN))
    one.begin()
    assert one.press("1")[-1] == HangUp("failed", "callback")


# --- voicemail ---------------------------------------------------------------------------------------------

BOX = VoicemailNode((Spoken("speak"),), QueueId("general"), "sorry", max_ms=60_000)


def mailing(box: VoicemailNode = BOX) -> Caller:
    caller = Caller(flow(box=box, sorry=HangUpNode((), "deflected")), Around())
    caller.begin()
    return caller


def test_a_message_is_recorded_after_the_greeting_and_counts_at_once() -> None:
    caller = mailing()
    assert said(caller.effects) == ["id/speak"]
    record, guard, remember = caller.listen_to_the_end()
    assert record == Record(2, QueueId("general"), 60_000, 5_000, 2_000)
    assert guard == Listen(3, 70_000)
    assert remember == Remember()
    assert caller.press("123") == ()
    settle, say = caller.give(Recorded(2, 2_000))
    assert settle == Settle("voicemail", "box")
    assert said([say]) == ["id/voicemail.kept"]
    assert caller.listen_to_the_end() == (HangUp("voicemail", "box"),)


def test_a_key_cuts_the_greeting_short() -> None:
    hush, record, *_ = mailing().press("#")
    assert hush == Hush()
    assert isinstance(record, Record)


@pytest.mark.parametrize("report", ["short", "failed", "never"])
def test_no_message_is_asked_for_again_and_then_given_up(report: str) -> None:
    caller = mailing()
    for expected in (["id/voicemail.empty", "id/speak"], []):
        caller.listen_to_the_end()
        assert caller.session.phase is Phase.RECORDING
        token = caller.session.token
        given = {"short": Recorded(token - 1, 1_999), "failed": Recorded(token - 1, 0)}
        assert said(caller.give(given.get(report, TimedOut(token)))) == expected
    assert caller.effects[-1] == HangUp("deflected", "sorry")


def test_after_a_restart_a_message_goes_on_and_no_other_is_begun_over_it() -> None:
    caller = mailing()
    caller.listen_to_the_end()
    on, guard, remember = caller.give(Recovered())
    assert on == Record(2, QueueId("general"), 60_000, 5_000, 2_000, begun=True)
    assert (guard, remember) == (Listen(3, 70_000), Remember())
    assert caller.give(Recorded(2, 2_000))[0] == Settle("voicemail", "box")


def test_a_greeting_cut_off_by_a_restart_is_said_again() -> None:
    caller = mailing()
    assert said(caller.give(Recovered())) == ["id/speak"]


# --- survey ------------------------------------------------------------------------------------------------

SURVEY = SurveyNode(
    (Spoken("intro"),),
    (Question("csat", (Spoken("satisfied"),), 1, 5), Question("nps", (Spoken("recommend"),), 0, 10)),
    "thanks",
    Patience(Spoken("invalid"), Spoken("silence"), tries=2, on_invalid="thanks", on_timeout="thanks"),
)


def surveyed() -> Caller:
    caller = Caller(
        flow(
            queue=QueueNode(QueueId("licensing"), after="survey"),
            survey=SURVEY,
            thanks=HangUpNode((), "deflected"),
        )
    )
    caller.begin()
    caller.give(Served(), Over())
    return caller


def test_a_survey_asks_one_question_after_the_other() -> None:
    caller = surveyed()
    assert said(caller.effects[-2:]) == ["id/intro", "id/satisfied"]
    hush, answer, say = caller.press("4")
    assert (hush, answer) == (Hush(), Answer("csat", 4))
    assert said([say]) == ["id/recommend"]
    assert caller.press("10")[-2:] == (Answer("nps", 10), HangUp("handled", "thanks"))


@pytest.mark.parametrize(("keys", "score"), [("0#", 0), ("9#", 9), ("1#", 1), ("10", 10)])
def test_a_score_of_two_digits_is_waited_for(keys: str, score: int) -> None:
    caller = surveyed()
    caller.press("5")
    assert Answer("nps", score) in caller.give(*map(Key, keys))


def test_one_digit_counts_when_no_second_comes() -> None:
    caller = surveyed()
    caller.press("5")
    assert waits(caller.press("7")) == [2_000]
    assert Answer("nps", 7) in caller.wait()


@pytest.mark.parametrize("keys", ["0", "6", "9"])
def test_a_score_outside_the_scale_is_asked_for_again(keys: str) -> None:
    caller = surveyed()
    assert said(caller.press(keys)) == ["id/invalid", "id/satisfied"]
    assert not [effect for effect in caller.effects if isinstance(effect, Answer)]


def test_two_digits_outside_the_scale_are_asked_for_again() -> None:
    caller = surveyed()
    caller.press("5")
    assert said(caller.press("11")) == ["id/invalid", "id/recommend"]


def test_whoever_does_not_answer_is_asked_no_more() -> None:
    caller = surveyed()
    caller.listen_to_the_end()
    assert said(caller.wait()) == ["id/silence", "id/satisfied"]
    caller.listen_to_the_end()
    assert caller.wait() == (HangUp("handled", "thanks"),)
