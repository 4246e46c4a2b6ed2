"""Calls that we make: who is rung first, what a try comes to, what is there after a restart."""

from __future__ import annotations

import pytest

from acd import effects as line
from acd.events import Attempted, Connected, Ended, Event, OfferAccepted, OfferFailed
from acd.model import DeviceFault, Kind, Party, Phase
from core.ids import AgentId, InteractionId, LegId, OfferId, QueueId
from ivr import effects as menu
from pbx import commands as ask
from pbx.call import (
    AgentAnswered,
    AgentLeft,
    Asked,
    Call,
    DialDenied,
    Dialled,
    Happening,
    Joined,
    OutsideDown,
    OutsideUp,
    Stage,
)
from pbx.dial_model import outside_leg, outside_of
from pbx.dial_recover import to_dial
from pbx.effects import (
    Action,
    Arm,
    DialOut,
    Drop,
    Follow,
    Forget,
    HangUp,
    Hold,
    Join,
    Play,
    Ring,
    RingBack,
    Stop,
    Tell,
)
from pbx.model import Bridge, Dialplan, Leg, agent_leg, talk_bridge
from pbx.outbound_model import CallbackRules, Denial, First
from pbx.recover import Plan, Wire, plan
from pbx.step import step
from tests.unit.pbx.calls import OneFlow
from tests.unit.pbx.test_recover import Contact

ID = InteractionId("c" * 32)
OFFER = OfferId(7)
AGENT = AgentId("ag101")
AGENT_LEG = agent_leg(OFFER, "j")
OUT = outside_leg(ID, "j", OFFER)
NUMBER = "08123456789"
SEND = line.SendOffer(offer=OFFER, id=ID, agent=AGENT, until=9, kind=Kind.CALLBACK)
CONNECT = line.Connect(offer=OFFER, id=ID, agent=AGENT)
CANCEL = line.CancelOffer(offer=OFFER, id=ID, agent=AGENT, why=line.Withdrawal.CANCELLED)
WAIT = line.Wait(id=ID, queue=QueueId("licensing"))
RELEASE = line.Release(id=ID)
DIAL = DialOut(OUT, ID, AGENT, NUMBER)
CUSTOMER_FIRST = CallbackRules(First.CUSTOMER)


class Made:
    """A call that we make."""

    def __init__(self, rules: CallbackRules | None = None, kind: Kind = Kind.CALLBACK) -> None:
        contact = Contact(Phase.WAITING, id=ID, leg=LegId(""), caller=NUMBER, kind=kind)
        self.call: Call = to_dial(contact, "j", rules or CallbackRules(again_ms=60_000))
        self.told: list[Event] = []
        self.done: list[Action] = []

    def give(self, *happenings: Happening) -> list[Action]:
        """Let things happen and return what the last one led to on the wire."""
        actions: list[Action] = []
        for happening in happenings:
            actions = step(self.call, happening, OneFlow())
            self.told += [e for a in actions if isinstance(a, Tell) for e in a.events]
            actions = [action for action in actions if not isinstance(action, Tell)]
            self.done += actions
        return actions


def ringing(rules: CallbackRules | None = None) -> Made:
    """The agent has answered and the customer is being rung."""
    made = Made(rules)
    made.give(SEND, AgentAnswered(OFFER, AGENT_LEG), CONNECT, Dialled(OUT, 1))
    return made


def test_the_legs_name_says_whose_it_is_and_is_the_offers_alone() -> None:
    assert outside_of(OUT, "j") == ID
    assert outside_of(OUT, "k") is None
    assert outside_of(AGENT_LEG, "j") is None
    assert outside_of(LegId(f"out-j-{ID}-x"), "j") is None


def test_agent_first_the_customer_is_rung_once_the_agent_is_there_and_both_are_joined() -> None:
    made = Made()
    assert made.give(SEND) == [Ring(OFFER, AGENT, AGENT_LEG, LegId(""))]
    made.give(AgentAnswered(OFFER, AGENT_LEG))
    assert made.told == [OfferAccepted(offer=OFFER)]
    assert made.give(CONNECT) == [DIAL, RingBack(AGENT_LEG, f"ring-{OUT}")]
    made.give(Dialled(OUT, 1))
    joined = Join(OFFER, talk_bridge(AGENT_LEG), OUT, AGENT_LEG)
    assert made.give(OutsideUp(OUT)) == [Stop(f"ring-{OUT}"), joined]
    made.give(Joined(OFFER))
    assert Connected(id=ID) in made.told
    made.give(OutsideDown(OUT, 16, 5_000))
    assert made.told[-1] == Ended(id=ID, by=Party.CUSTOMER, cause="hung_up")
    ends = made.give(RELEASE)
    assert HangUp(AGENT_LEG) in ends
    assert Forget(ID) in ends
    assert HangUp(OUT) not in ends


@pytest.mark.parametrize(
    ("cause", "word"),
    [(17, "busy"), (19, "no_answer"), (21, "declined"), (38, "unreachable"), (0, "unreachable")],
)
def test_a_customer_who_is_not_reached_is_tried_again_later(cause: int, word: str) -> None:
    made = ringing()
    made.give(OutsideDown(OUT, cause, 5_000))
    assert made.told[-1] == Attempted(id=ID, cause=word, again_at=65_000)
    # The line frees the agent, and has nothing else for the customer to hear.
    assert made.give(CANCEL) == [HangUp(AGENT_LEG)]
    assert made.give(WAIT) == []
    again = OfferId(8)
    made.give(line.SendOffer(offer=again, id=ID, agent=AGENT, until=9, kind=Kind.CALLBACK))
    made.give(AgentAnswered(again, agent_leg(again, "j")))
    (dial, _) = made.give(line.Connect(offer=again, id=ID, agent=AGENT))
    assert dial == DialOut(outside_leg(ID, "j", again), ID, AGENT, NUMBER)


def test_the_last_try_and_a_number_that_does_not_exist_are_over() -> None:
    made = ringing()
    made.give(Dialled(OUT, 3), OutsideDown(OUT, 17, 5_000))
    assert made.told[-1] == Attempted(id=ID, cause="busy")
    made = ringing()
    made.give(OutsideDown(OUT, 1, 5_000))
    assert made.told[-1] == Attempted(id=ID, cause="no_such_number")


def test_a_cap_is_waited_out_and_a_forbidden_number_is_over() -> None:
    for denial, again in ((Denial.AT_ONCE, 65_000), (Denial.DAY_CAP, 65_000), (Denial.PREMIUM, None)):
        made = Made()
        made.give(SEND, AgentAnswered(OFFER, AGENT_LEG), CONNECT, DialDenied(OUT, denial, 5_000))
        assert made.told[-1] == Attempted(id=ID, cause=f"denied_{denial}", again_at=again)


def test_asterisk_that_never_rings_is_given_up_after_as_many_tries() -> None:
    made = Made()
    last: object = None
    for number in range(1, 4):
        offer = OfferId(number)
        leg = agent_leg(offer, "j")
        made.give(
            line.SendOffer(offer=offer, id=ID, agent=AGENT, until=9, kind=Kind.CALLBACK),
            AgentAnswered(offer, leg),
            line.Connect(offer=offer, id=ID, agent=AGENT),
            DialDenied(outside_leg(ID, "j", offer), None, 5_000),
        )
        last = made.told[-1]
    assert last == Attempted(id=ID, cause="unreachable")


def test_an_agent_who_hangs_up_ends_the_ringing_and_a_late_answer_is_hung_up() -> None:
    made = ringing()
    assert HangUp(OUT) in made.give(AgentLeft(OFFER, 16))
    assert made.told[-1] == Ended(id=ID, by=Party.AGENT, cause="hung_up")
    assert made.give(OutsideUp(OUT)) == [HangUp(OUT)]
    told = list(made.told)
    assert made.give(OutsideDown(OUT, 16, 5_000)) == []
    assert made.told == told


def test_an_agent_who_does_not_answer_costs_the_customer_nothing() -> None:
    made = Made()
    made.give(SEND, AgentLeft(OFFER, 0))
    assert made.told == [OfferFailed(offer=OFFER, fault=DeviceFault.UNREACHABLE)]
    assert not [action for action in made.done if isinstance(action, DialOut)]


def confirming() -> Made:
    made = Made(CUSTOMER_FIRST)
    made.give(SEND)
    assert made.told == [OfferAccepted(offer=OFFER)]
    assert made.give(CONNECT) == [DIAL]
    made.give(Dialled(OUT, 1))
    return made


def test_customer_first_a_key_proves_a_person_and_then_the_agent_is_rung() -> None:
    made = confirming()
    (play,) = made.give(OutsideUp(OUT))
    assert isinstance(play, Play)
    assert play.leg == OUT
    assert made.give(menu.Key("5")) == []
    assert made.give(menu.Key("1")) == [
        Stop(play.playback),
        Arm(None),
        Ring(OFFER, AGENT, AGENT_LEG, OUT),
        Hold(OUT),
        Arm(2, 20_000),
    ]
    assert made.give(AgentAnswered(OFFER, AGENT_LEG)) == [
        Arm(None),
        Join(OFFER, talk_bridge(AGENT_LEG), OUT, AGENT_LEG),
    ]
    assert made.call.stage is Stage.TALK


def test_what_presses_no_key_is_a_machine() -> None:
    made = confirming()
    (play,) = made.give(OutsideUp(OUT))
    assert isinstance(play, Play)
    assert made.give(menu.Played(play.token)) == [Arm(2, 8_000)]
    assert made.give(menu.TimedOut(2)) == [HangUp(OUT)]
    made.give(OutsideDown(OUT, 16, 5_000))
    assert made.told[-1] == Attempted(id=ID, cause="machine", again_at=905_000)


def talking(kind: Kind = Kind.CALLBACK) -> Made:
    """Agent and whoever answered hear each other."""
    made = Made(kind=kind)
    made.give(SEND, AgentAnswered(OFFER, AGENT_LEG), CONNECT, Dialled(OUT, 1), OutsideUp(OUT), Joined(OFFER))
    return made


def test_an_agent_who_hears_a_machine_says_so_and_the_callback_is_tried_again() -> None:
    made = talking()
    ends = made.give(Asked(ask.Machine(ID, AGENT), 5_000, QueueId("licensing")))
    assert ends == [HangUp(OUT), Drop(talk_bridge(AGENT_LEG))]
    assert made.told[-1] == Attempted(id=ID, cause="machine", again_at=65_000)
    assert made.give(OutsideDown(OUT, 16, 5_100)) == []
    assert made.give(CANCEL) == [HangUp(AGENT_LEG)]
    assert isinstance(made.told[-1], Attempted)
    # The next try, with whoever the line finds.
    assert made.give(SEND) == [Ring(OFFER, AGENT, AGENT_LEG, LegId(""))]


def test_an_agents_own_call_to_a_machine_is_over() -> None:
    made = talking(Kind.OUTBOUND)
    made.give(Asked(ask.Machine(ID, AGENT), 5_000, QueueId("licensing")))
    assert made.told[-1] == Attempted(id=ID, cause="machine", again_at=None)
    ends = made.give(RELEASE)
    assert HangUp(AGENT_LEG) in ends
    assert Forget(ID) in ends


def test_customer_first_a_customer_whose_agent_does_not_come_waits_with_music_for_the_next() -> None:
    made = confirming()
    made.give(OutsideUp(OUT), menu.Key("1"))
    assert made.give(menu.TimedOut(2)) == [HangUp(AGENT_LEG)]
    assert made.told[-1] == Ended(id=ID, by=Party.AGENT, cause="no_answer")
    assert HangUp(OUT) not in made.give(CANCEL)
    assert made.give(WAIT) == []
    assert made.call.stage is Stage.LINE
    second, leg = OfferId(8), agent_leg(OfferId(8), "j")
    made.give(line.SendOffer(offer=second, id=ID, agent=AGENT, until=9, kind=Kind.CALLBACK))
    made.give(AgentAnswered(second, leg))
    assert made.give(line.Connect(offer=second, id=ID, agent=AGENT)) == [
        Join(second, talk_bridge(leg), OUT, leg)
    ]


def test_an_agents_own_call_is_not_repeated() -> None:
    made = Made(CUSTOMER_FIRST, Kind.OUTBOUND)
    made.give(SEND, AgentAnswered(OFFER, AGENT_LEG), CONNECT, Dialled(OUT, 1), OutsideDown(OUT, 17, 5_000))
    assert made.told[-1] == Attempted(id=ID, cause="busy")


# --- after a restart ---------------------------------------------------------------------------------------


def out(state: str) -> Leg:
    app = (
        Dialplan("customer", "Stasis", f"sambung,outside,{ID}")
        if state == "Up"
        else Dialplan("s", "AppDial2")
    )
    return Leg(OUT, "PJSIP/trunk169-1", state, dialplan=app)


def own(state: str = "Up") -> Leg:
    return Leg(
        AGENT_LEG, "PJSIP/ag101-2", state, dialplan=Dialplan("", "Stasis" if state == "Up" else "AppDial2")
    )


def found(phase: Phase, *legs: Leg, rules: CallbackRules | None = None, **bridges: tuple[LegId, ...]) -> Plan:
    contact = Contact(
        phase,
        id=ID,
        offer=OFFER,
        leg=LegId(""),
        caller=NUMBER,
        kind=Kind.CALLBACK,
        parent=InteractionId("a" * 32),
    )
    made = tuple(Bridge(name, channels=members) for name, members in bridges.items())  # type: ignore[arg-type]
    return plan([contact], Wire({leg.id: leg for leg in legs}, made, 1_000), "j", rules, 5_000)


@pytest.mark.parametrize("phase", [Phase.IN_MENU, Phase.WAITING, Phase.PARKED])
def test_a_callback_that_waits_for_its_turn_goes_on_waiting(phase: Phase) -> None:
    assert found(phase) == Plan()


def test_one_that_rings_the_customer_goes_on_ringing_and_is_heard_of_again() -> None:
    plan_ = found(Phase.CONNECTING, own(), out("Ringing"))
    ((call, happenings),) = plan_.calls
    assert happenings == ()
    assert plan_.strays == [Follow(OUT, ID)]
    assert step(call, OutsideUp(OUT), OneFlow()) == [
        Stop(f"ring-{OUT}"),
        Join(OFFER, talk_bridge(AGENT_LEG), OUT, AGENT_LEG),
    ]


def test_one_whose_customer_answered_meanwhile_is_joined() -> None:
    plan_ = found(Phase.CONNECTING, own(), out("Up"))
    ((call, (up,)),) = plan_.calls
    assert up == OutsideUp(OUT)
    assert Join(OFFER, talk_bridge(AGENT_LEG), OUT, AGENT_LEG) in step(call, up, OneFlow())


def test_one_that_rings_nobody_any_more_was_a_try_and_is_not_rung_anew() -> None:
    plan_ = found(Phase.CONNECTING, own())
    ((call, (down,)),) = plan_.calls
    actions = step(call, down, OneFlow())
    assert not [action for action in actions if isinstance(action, DialOut)]
    assert Tell((Attempted(id=ID, cause="unreachable", again_at=905_000),)) in actions


def test_one_whose_agent_is_gone_stops_ringing_the_customer() -> None:
    plan_ = found(Phase.CONNECTING, out("Ringing"))
    ((call, (left,)),) = plan_.calls
    assert HangUp(OUT) in step(call, left, OneFlow())


def test_a_ringing_leg_whose_callback_waits_again_is_ended() -> None:
    assert found(Phase.WAITING, out("Ringing")).strays == [HangUp(OUT)]


def test_a_customer_on_the_line_keeps_waiting_and_one_who_talks_goes_on_talking() -> None:
    ((call, _),) = found(Phase.WAITING, out("Up")).calls
    assert (call.stage, call.leg) == (Stage.LINE, OUT)
    bridge = talk_bridge(AGENT_LEG)
    talking = found(Phase.TALKING, out("Up"), own(), talk=(OUT, AGENT_LEG))
    assert talking.strays == []
    ((call, _),) = talking.calls
    assert (call.stage, call.leg) == (Stage.TALK, OUT)
    assert Drop(bridge) not in talking.strays


def test_a_customer_who_is_gone_has_hung_up() -> None:
    assert found(Phase.TALKING, own()).events == [Ended(id=ID, by=Party.CUSTOMER, cause="unknown_restart")]


def test_a_customer_who_answered_without_control_is_left_to_the_fallback() -> None:
    aside = Leg(OUT, "PJSIP/trunk169-1", "Up", dialplan=Dialplan("s", "Queue"))
    assert HangUp(OUT) not in found(Phase.WAITING, aside).strays
