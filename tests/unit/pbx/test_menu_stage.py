"""A call and its menu, with a menu that answers what the test wants."""

from __future__ import annotations

from acd import effects as line
from acd.events import Arrived, Dismissed, Ended, Event, Queued, Surveyed, Unqueued
from acd.model import Channel, Kind, Need, Outcome, Party
from core.ids import AgentId, InteractionId, LegId, OfferId, QueueId, SkillId
from ivr import effects as menu
from ivr.model import Session
from pbx.call import (
    AgentAnswered,
    Call,
    CustomerCame,
    CustomerLeft,
    CustomerStayed,
    Happening,
    Joined,
    Outstayed,
    Stage,
)
from pbx.effects import (
    Action,
    Arm,
    Bound,
    Forget,
    HangUp,
    Hold,
    Join,
    KeepMessage,
    Play,
    Pledge,
    Predict,
    RecordMessage,
    Stop,
    Tell,
    Unhold,
)
from pbx.menu_stage import AFTER_MS, GOODBYE_MS, RECORDED_MS, callback_id
from pbx.model import agent_leg, talk_bridge
from pbx.step import step

ID = InteractionId("a" * 32)
LEG = LegId("1700000000.1")
QUEUE = QueueId("licensing")
OFFER = OfferId(7)
AGENT = AgentId("ag101")
AGENT_LEG = agent_leg(OFFER, "j")
SAY = menu.Say(3, (menu.Prompt("wait.position", "id"),))
SAID = Play(LEG, f"say-{ID}-3", 3, SAY.prompts)
WAIT = line.Wait(id=ID, queue=QUEUE)
SEND = line.SendOffer(offer=OFFER, id=ID, agent=AGENT, until=9)
CONNECT = line.Connect(offer=OFFER, id=ID, agent=AGENT)


class Caller:
    """A call whose menu answers each input with what was laid ready."""

    def __init__(self) -> None:
        self.call = Call(ID, LEG, "j")
        self.given: list[menu.Input] = []
        self.told: list[Event] = []
        self.ready: tuple[menu.Effect, ...] = ()

    def step(self, session: Session, given: menu.Input) -> tuple[Session, tuple[menu.Effect, ...]]:
        self.given.append(given)
        return session, self.ready

    def give(self, happening: Happening, *answer: menu.Effect) -> list[Action]:
        """Let something happen, to which the menu answers; return what touches the wire."""
        self.ready = answer
        actions = step(self.call, happening, self)
        self.told += [e for a in actions if isinstance(a, Tell) for e in a.events]
        return [action for action in actions if not isinstance(action, Tell)]

    def in_line(self) -> Caller:
        self.give(CustomerCame(5, "+62811", "169"), menu.JoinQueue(QUEUE, "id"))
        self.give(WAIT, menu.Music())
        self.told.clear()
        return self

    def talking(self) -> Caller:
        self.in_line()
        for happening in (SEND, AgentAnswered(OFFER, AGENT_LEG), CONNECT, Joined(OFFER)):
            self.give(happening)
        self.told.clear()
        return self


def test_an_announcement_interrupts_the_music_and_needs_nothing_to_bring_it_back() -> None:
    caller = Caller()
    caller.give(CustomerCame(5, "+62811", "169"), menu.JoinQueue(QUEUE, "id"))
    assert caller.give(WAIT, menu.Music(), menu.Listen(2, 20_000)) == [Hold(LEG), Arm(2, 20_000)]
    assert caller.give(menu.TimedOut(2), menu.Announced(QUEUE, 4, 90_000), SAY) == [
        Predict(ID, QUEUE, 4, 90_000),
        SAID,
    ]
    assert caller.give(menu.Played(3), menu.Music(), menu.Listen(4, 20_000)) == [Arm(4, 20_000)]


def test_whatever_the_menu_answers_nobody_waits_in_silence() -> None:
    caller = Caller()
    caller.give(CustomerCame(5, "+62811", "169"), menu.JoinQueue(QUEUE, "id"))
    assert caller.give(WAIT) == [Hold(LEG)]
    assert caller.give(WAIT) == []


def test_an_offer_taken_during_an_announcement_stops_it_before_the_legs_are_joined() -> None:
    caller = Caller().in_line()
    caller.give(menu.TimedOut(2), SAY)
    caller.give(SEND)
    caller.give(AgentAnswered(OFFER, AGENT_LEG))
    actions = caller.give(CONNECT, menu.Hush())
    assert actions == [Stop(SAID.playback), Join(OFFER, talk_bridge(AGENT_LEG), LEG, AGENT_LEG)]
    assert caller.given[-1] == menu.Served()
    assert caller.give(menu.Played(3), SAY) == []


def test_what_was_being_said_when_control_died_is_finished_unless_an_agent_answers() -> None:
    caller = Caller()
    caller.call.stage, caller.call.music = Stage.LINE, True
    assert caller.give(CustomerStayed(Session(token=3)), menu.Hush(), menu.Music()) == []
    assert caller.given == [menu.Waiting(restart=True)]
    caller.give(SEND)
    caller.give(AgentAnswered(OFFER, AGENT_LEG))
    actions = caller.give(CONNECT)
    assert actions == [Stop(SAID.playback), Join(OFFER, talk_bridge(AGENT_LEG), LEG, AGENT_LEG)]


def test_an_announcement_that_ended_is_not_stopped() -> None:
    caller = Caller().in_line()
    caller.give(menu.TimedOut(2), SAY)
    caller.give(menu.Played(3))
    caller.give(SEND)
    assert [type(action) for action in caller.give(CONNECT, menu.Hush())] == [Join]


def test_who_leaves_the_line_for_the_menu_hears_the_menu_alone_and_keeps_the_place() -> None:
    caller = Caller().in_line()
    caller.give(menu.TimedOut(2), SAY)
    assert caller.give(menu.Key("1"), menu.Hush(), menu.LeaveQueue("offer_callback"), SAY) == [
        Stop(SAID.playback),
        Unhold(LEG),
        SAID,
    ]
    assert caller.told == [Unqueued(id=ID, cause="offer_callback")]
    # What the line said before it heard of that is out of date.
    assert caller.give(WAIT) == []
    caller.give(menu.Key("2"), menu.JoinQueue(QUEUE, "id"))
    assert isinstance(caller.told[-1], Queued)
    assert caller.give(WAIT, menu.Music()) == [Hold(LEG)]


def test_a_limit_of_the_line_leads_back_into_the_menu() -> None:
    caller = Caller().in_line()
    leave = line.Leave(id=ID, queue=QUEUE, why=line.Limit.WAITED)
    assert caller.give(leave, SAY) == [Unhold(LEG), SAID]
    assert caller.given[-1] == menu.Left("waited")


def test_the_line_connects_although_the_caller_is_back_in_the_menu() -> None:
    caller = Caller().in_line()
    caller.give(SEND)
    caller.give(AgentAnswered(OFFER, AGENT_LEG))
    caller.give(menu.Key("1"), menu.LeaveQueue("offer_callback"), SAY)
    actions = caller.give(CONNECT, menu.Hush())
    assert actions == [Stop(SAID.playback), Join(OFFER, talk_bridge(AGENT_LEG), LEG, AGENT_LEG)]


PROMISE = menu.Promise(9, "08123456789", QUEUE, "en", ((SkillId("language-en"), 1),), 2)


def test_a_promise_closes_the_call_and_puts_the_callback_in_line_in_one_report() -> None:
    caller = Caller().in_line()
    arm, unhold, pledge, bound = [
        action for action in caller.give(menu.Key("1"), PROMISE) if not isinstance(action, Stop)
    ]
    assert (arm, unhold, bound) == (Unhold(LEG), Arm(None), Bound(AFTER_MS))
    promised = callback_id(ID)
    assert pledge == Pledge(
        (
            Dismissed(id=ID, outcome=Outcome.CALLBACK, cause="callback_promised"),
            Arrived(
                id=promised,
                channel=Channel.VOICE,
                at=5,
                caller="08123456789",
                kind=Kind.CALLBACK,
                parent=ID,
            ),
            Queued(
                id=promised, queue=QUEUE, needs=(Need(SkillId("language-en"), 1),), priority=2, language="en"
            ),
        ),
        menu.Promised(9, True),
        menu.Promised(9, False),
    )
    assert caller.told == []
    # The line lets go of the call; the caller is still thanked.
    assert caller.give(line.Release(id=ID)) == []
    assert caller.give(menu.Promised(9, True), SAY) == [SAID]
    assert caller.give(menu.Played(3), menu.HangUp("callback", "bye")) == [
        Arm(None),
        HangUp(LEG),
        Forget(ID),
    ]
    assert caller.told == []


def test_the_same_call_has_one_callback_and_another_call_has_another() -> None:
    assert callback_id(ID) == callback_id(ID) != callback_id(InteractionId("b" * 32))
    assert len(callback_id(ID)) == 32


def test_a_promise_that_was_not_kept_leaves_the_caller_in_the_menu() -> None:
    caller = Caller().in_line()
    caller.give(menu.Key("1"), PROMISE)
    caller.give(menu.Promised(9, False), menu.JoinQueue(QUEUE, "id"))
    assert caller.call.stage is Stage.LINE
    assert isinstance(caller.told[-1], Queued)


def test_an_agent_who_is_faster_than_a_promise_makes_it_void() -> None:
    caller = Caller().in_line()
    caller.give(SEND)
    caller.give(AgentAnswered(OFFER, AGENT_LEG))
    caller.give(menu.Key("1"), PROMISE)
    assert Join(OFFER, talk_bridge(AGENT_LEG), LEG, AGENT_LEG) in caller.give(CONNECT)
    assert caller.told[-1] == Dismissed(
        id=callback_id(ID), outcome=Outcome.DEFLECTED, cause="served_meanwhile"
    )
    assert caller.give(Outstayed()) == []


def test_after_the_conversation_the_agent_is_out_and_the_customer_is_asked() -> None:
    caller = Caller().talking()
    actions = caller.give(line.Release(id=ID), SAY)
    assert actions[0] == HangUp(AGENT_LEG)
    assert [Bound(AFTER_MS), SAID] == actions[-2:]
    assert HangUp(LEG) not in actions
    assert caller.given[-1] == menu.Over()
    assert caller.give(menu.Key("5"), menu.Answer("csat", 5), menu.Settle("handled", "x"), SAY)
    assert caller.told[0] == Surveyed(id=ID, question="csat", score=5)
    assert caller.give(Outstayed()) == [Arm(None), HangUp(LEG), Forget(ID)]


def test_without_a_survey_both_legs_end() -> None:
    caller = Caller().talking()
    actions = caller.give(line.Release(id=ID), menu.HangUp("handled", "over"))
    assert {HangUp(AGENT_LEG), HangUp(LEG), Forget(ID)} <= set(actions)
    assert caller.call.stage is Stage.OVER


def test_who_hung_up_first_is_not_asked() -> None:
    caller = Caller().talking()
    caller.give(CustomerLeft())
    given = len(caller.given)
    caller.give(line.Release(id=ID), SAY)
    assert len(caller.given) == given
    assert caller.call.stage is Stage.OVER


def test_who_hangs_up_during_the_farewell_leaves_nothing() -> None:
    caller = Caller().in_line()
    caller.give(menu.Key("1"), PROMISE)
    assert caller.give(CustomerLeft()) == [Arm(None), Forget(ID)]
    assert caller.told == [Ended(id=ID, by=Party.CUSTOMER, cause="hung_up")]


RECORD = menu.Record(4, QUEUE, 60_000, 5_000, 2_000)
NAME = f"vm-{ID}-4"


def leaving_a_message() -> Caller:
    caller = Caller()
    caller.give(CustomerCame(5, "+62811", "169"), SAY)
    assert caller.give(menu.Played(3), RECORD) == [RecordMessage(LEG, ID, NAME, 4, QUEUE, "", 60_000, 5_000)]
    caller.told.clear()
    return caller


def test_a_message_that_is_long_enough_is_kept_and_the_caller_is_thanked() -> None:
    caller = leaving_a_message()
    actions = caller.give(menu.Recorded(4, 2_000), menu.Settle("voicemail", "message"), SAY)
    assert actions == [KeepMessage(ID, NAME, 2_000), Bound(AFTER_MS), SAID]
    assert caller.told == [Dismissed(id=ID, outcome=Outcome.VOICEMAIL, cause="message")]
    assert caller.give(line.Release(id=ID)) == []
    assert caller.give(menu.Played(3), menu.HangUp("voicemail", "x")) == [Arm(None), HangUp(LEG), Forget(ID)]


def test_nothing_is_kept_of_a_message_that_is_too_short() -> None:
    caller = leaving_a_message()
    assert caller.give(menu.Recorded(4, 1_999), SAY) == [KeepMessage(ID, NAME, None), SAID]
    assert caller.told == []


def test_who_hangs_up_after_a_message_has_left_it_and_who_said_nothing_has_given_up() -> None:
    for ms, kept, left in (
        (2_000, 2_000, Dismissed(id=ID, outcome=Outcome.VOICEMAIL, cause="message_left")),
        (1_999, None, Ended(id=ID, by=Party.CUSTOMER, cause="hung_up")),
    ):
        caller = leaving_a_message()
        assert caller.give(CustomerLeft()) == [Bound(RECORDED_MS)]
        assert caller.told == []
        given = len(caller.given)
        assert caller.give(menu.Recorded(4, ms)) == [KeepMessage(ID, NAME, kept)]
        assert caller.told == [left]
        assert len(caller.given) == given


def test_a_message_of_which_asterisk_says_nothing_is_none() -> None:
    caller = leaving_a_message()
    caller.give(CustomerLeft())
    assert caller.give(Outstayed()) == [KeepMessage(ID, NAME, None)]
    assert caller.told == [Ended(id=ID, by=Party.CUSTOMER, cause="hung_up")]


def test_what_is_said_of_another_message_changes_nothing() -> None:
    caller = leaving_a_message()
    assert caller.give(menu.Recorded(3, 9_000)) == []
    assert caller.call.message is not None


TAKEN = line.Release(id=ID, taken=True)


def test_who_took_their_place_along_hears_so_before_the_call_ends() -> None:
    caller = Caller().in_line()
    assert caller.give(TAKEN, SAY) == [Unhold(LEG), Arm(None), Bound(GOODBYE_MS), SAID]
    assert caller.given[-1] == menu.TakenAlong()
    assert caller.give(menu.Played(3), menu.HangUp("handed_over", "x")) == [
        Arm(None),
        HangUp(LEG),
        Forget(ID),
    ]
    assert caller.told == []


def test_a_goodbye_that_does_not_end_or_cannot_be_said_holds_nobody() -> None:
    caller = Caller().in_line()
    caller.give(TAKEN, SAY)
    assert caller.give(Outstayed()) == [Arm(None), HangUp(LEG), Forget(ID)]
    caller = Caller().in_line()
    assert caller.give(TAKEN) == [Unhold(LEG), Arm(None), Arm(None), HangUp(LEG), Forget(ID)]


def test_who_hangs_up_during_the_goodbye_leaves_nothing_behind() -> None:
    caller = Caller().in_line()
    caller.give(TAKEN, SAY)
    assert caller.give(CustomerLeft()) == [Arm(None), Forget(ID)]
    assert caller.give(menu.Played(3), menu.HangUp("handed_over", "x")) == []
    gone = Caller().in_line()
    gone.give(CustomerLeft())
    assert gone.give(TAKEN) == [Arm(None), Forget(ID)]


def test_an_agent_who_is_just_being_rung_is_let_go_when_the_place_is_taken_along() -> None:
    caller = Caller().in_line()
    caller.give(SEND)
    actions = caller.give(TAKEN, SAY)
    assert actions[0] == HangUp(AGENT_LEG)
    assert HangUp(LEG) not in actions
    assert actions[-1] == SAID
