from __future__ import annotations

from typing import TypeVar

import pytest

from acd import effects as line
from acd.events import Arrived, Connected, Ended, OfferFailed, Queued, Requeued
from acd.model import Channel, DeviceFault, Kind, Party
from core.ids import AgentId, InteractionId, OfferId, QueueId
from video.model import ParticipantId, Role
from video.visit import (
    AGENT_GRACE_MS,
    GRACE_MS,
    VISITOR,
    Action,
    Arm,
    ByTelephone,
    Came,
    Closed,
    CloseRoom,
    Forget,
    Happening,
    Invite,
    Lapsed,
    Left,
    Listened,
    MediaDown,
    MediaUp,
    Opened,
    OpenRoom,
    PutOut,
    RoomLost,
    Stage,
    Stayed,
    Tell,
    Unplug,
    Visit,
)
from video.visit_step import visit_step

ID, CONSULT = InteractionId("a" * 32), InteractionId("b" * 32)
QUEUE = QueueId("licensing")
RANI, MADE, SRI = AgentId("ag301"), AgentId("ag302"), AgentId("sv1")
AGENT, COLLEAGUE = ParticipantId("agent-7"), ParticipantId("agent-8")
LISTENER = ParticipantId("listener-sv1")

A = TypeVar("A", bound=Action)


class Hall:
    """A visit, and all that was done about it."""

    def __init__(self) -> None:
        self.visit = Visit(ID, QUEUE)
        self.last: list[Action] = []

    def give(self, *happenings: Happening) -> Hall:
        self.last = [action for happening in happenings for action in visit_step(self.visit, happening)]
        return self

    def done(self, kind: type[A]) -> list[A]:
        return [action for action in self.last if isinstance(action, kind)]

    def told(self) -> list[object]:
        return [event for tell in self.done(Tell) for event in tell.events]


def offer(kind: Kind = Kind.INBOUND) -> line.SendOffer:
    if kind is Kind.CONSULT:
        return line.SendOffer(OfferId(8), CONSULT, MADE, 20_000, kind, ID)
    return line.SendOffer(OfferId(7), ID, RANI, 20_000)


CONNECT = line.Connect(OfferId(7), ID, RANI)


def waiting() -> Hall:
    return Hall().give(
        Came(1_000, "Sari", "id"),
        Opened(VISITOR),
        line.Wait(ID, QUEUE),
    )


def talking() -> Hall:
    hall = waiting().give(offer(), CONNECT, Opened(AGENT))
    return hall.give(MediaUp(VISITOR), MediaUp(AGENT))


def test_a_visitor_stands_in_line_at_once() -> None:
    hall = Hall().give(Came(1_000, "Sari", "en"))
    assert hall.told() == [
        Arrived(id=ID, channel=Channel.VIDEO, at=1_000, caller="Sari"),
        Queued(id=ID, queue=QUEUE, language="en"),
    ]
    assert hall.done(Arm) == [Arm(VISITOR, 1, GRACE_MS)], "a page that never opens must not wait for ever"


def test_who_has_an_appointment_goes_ahead_in_line() -> None:
    hall = Hall().give(Came(1_000, "Sari", "id", priority=20))
    assert hall.told()[1] == Queued(id=ID, queue=QUEUE, language="id", priority=20)


def test_a_waiting_visitor_who_does_not_come_back_has_left() -> None:
    hall = waiting().give(Closed(VISITOR))
    (arm,) = hall.done(Arm)
    hall.give(Opened(VISITOR), Lapsed(VISITOR, arm.timer))
    assert hall.told() == [], "a timer of an earlier absence counts no more"
    hall.give(Closed(VISITOR))
    (arm,) = hall.done(Arm)
    assert hall.give(Lapsed(VISITOR, arm.timer)).told() == [Ended(id=ID, by=Party.CUSTOMER, cause="lost")]


def test_nobody_is_invited_before_the_agent_has_accepted() -> None:
    hall = waiting().give(offer())
    assert hall.last == []
    hall.give(Opened(AGENT))
    assert hall.done(Invite) == []


def test_both_are_invited_and_the_line_is_told_once_when_both_have_media() -> None:
    hall = waiting().give(offer(), CONNECT)
    assert hall.done(OpenRoom) == [OpenRoom()]
    assert hall.done(Invite) == [Invite(VISITOR, Role.PARTICIPANT)]
    assert hall.give(Opened(AGENT)).done(Invite) == [Invite(AGENT, Role.PARTICIPANT)]
    assert hall.give(MediaUp(AGENT)).told() == []
    assert hall.give(MediaUp(VISITOR)).told() == [Connected(id=ID)]
    assert hall.give(MediaUp(VISITOR), MediaUp(AGENT)).told() == []


def test_an_agent_whose_page_never_opens_is_not_to_blame() -> None:
    hall = waiting().give(offer(), CONNECT)
    arms = hall.done(Arm)
    assert [(arm.participant, arm.ms) for arm in arms] == [(AGENT, AGENT_GRACE_MS)]
    assert hall.give(Lapsed(AGENT, arms[0].timer)).told() == [
        OfferFailed(offer=OfferId(7), fault=DeviceFault.UNREACHABLE)
    ]


def test_an_agent_lost_in_a_call_costs_the_visitor_nothing_but_time() -> None:
    hall = talking().give(Closed(AGENT), MediaDown(AGENT))
    (arm,) = hall.done(Arm)
    assert arm.ms == AGENT_GRACE_MS
    assert hall.give(Lapsed(AGENT, arm.timer)).told() == [Requeued(id=ID, queue=QUEUE)]
    hall.give(line.CancelOffer(OfferId(7), ID, RANI, line.Withdrawal.TRANSFERRED), line.Wait(ID, QUEUE))
    assert hall.done(PutOut) == [PutOut(AGENT)]
    assert hall.visit.stage is Stage.WAITING


def test_a_page_that_is_gone_while_the_media_runs_is_no_absence() -> None:
    assert talking().give(Closed(AGENT), Closed(VISITOR)).done(Arm) == []


def test_a_visitor_back_within_the_grace_is_invited_again() -> None:
    hall = talking().give(MediaDown(VISITOR), Closed(VISITOR))
    assert [arm.participant for arm in hall.done(Arm)] == [VISITOR]
    assert hall.give(Opened(VISITOR)).done(Invite) == [Invite(VISITOR, Role.PARTICIPANT)]
    assert hall.give(MediaUp(VISITOR)).told() == []


@pytest.mark.parametrize(("who", "by"), [(VISITOR, Party.CUSTOMER), (AGENT, Party.AGENT)])
def test_whoever_ends_the_call_ends_it_once(who: ParticipantId, by: Party) -> None:
    hall = talking().give(Left(who))
    assert hall.told() == [Ended(id=ID, by=by, cause="hung_up")]
    hall.give(line.Release(ID))
    assert {action.participant for action in hall.done(PutOut)} == {VISITOR, AGENT}
    assert hall.done(CloseRoom)
    assert hall.done(Forget)
    hall.give(Left(VISITOR), MediaDown(VISITOR), Closed(VISITOR), line.Release(ID))
    assert hall.told() == []
    assert hall.done(Arm) == []


def test_a_visitor_who_leaves_while_waiting_has_no_room_to_close() -> None:
    hall = waiting().give(Left(VISITOR), line.Release(ID))
    assert hall.done(CloseRoom) == []


def test_a_lost_room_invites_everybody_anew() -> None:
    hall = talking().give(RoomLost())
    assert hall.done(OpenRoom)
    assert {action.participant for action in hall.done(Invite)} == {VISITOR, AGENT}
    assert hall.give(MediaUp(VISITOR), MediaUp(AGENT)).told() == [], "it is the same conversation"


def test_a_restart_goes_on_with_whoever_comes_back() -> None:
    hall = Hall().give(Stayed(Stage.TALKING, RANI, OfferId(7)))
    assert {arm.participant for arm in hall.done(Arm)} == {VISITOR, AGENT}
    timer = hall.done(Arm)[0].timer
    hall.give(MediaUp(VISITOR), Opened(VISITOR), Lapsed(VISITOR, timer))
    assert hall.told() == []
    assert hall.done(Invite) == []


def test_a_colleague_is_heard_and_takes_the_visitor_over() -> None:
    hall = talking().give(offer(Kind.CONSULT), line.Connect(OfferId(8), CONSULT, MADE), Opened(COLLEAGUE))
    assert hall.done(Invite) == [Invite(COLLEAGUE, Role.PARTICIPANT)]
    assert hall.give(MediaUp(COLLEAGUE)).told() == [Connected(id=CONSULT)]
    hall.give(line.Handover(ID, OfferId(8), MADE, RANI, CONSULT))
    assert hall.done(PutOut) == [PutOut(AGENT)]
    hall.give(line.Release(CONSULT))
    assert hall.done(PutOut) == [], "the colleague stays"
    assert hall.give(Left(COLLEAGUE)).told() == [Ended(id=ID, by=Party.AGENT, cause="hung_up")]


def test_a_colleague_who_leaves_ends_the_consultation_only() -> None:
    hall = talking().give(offer(Kind.CONSULT), line.Connect(OfferId(8), CONSULT, MADE), MediaUp(COLLEAGUE))
    assert hall.give(Left(COLLEAGUE)).told() == [Ended(id=CONSULT, by=Party.AGENT, cause="hung_up")]
    assert hall.give(line.Release(CONSULT)).done(PutOut) == [PutOut(COLLEAGUE)]
    assert hall.visit.stage is Stage.TALKING


def test_a_supervisor_listens_and_is_never_a_reason_to_wait_or_end() -> None:
    hall = talking().give(Listened(SRI, True), Opened(LISTENER))
    assert hall.done(Invite) == [Invite(LISTENER, Role.LISTENER)]
    hall.give(MediaUp(LISTENER), MediaDown(LISTENER), Closed(LISTENER))
    assert hall.told() == []
    assert hall.done(Arm) == []
    assert hall.give(Listened(SRI, False)).done(PutOut) == [PutOut(LISTENER)]


def test_a_supervisor_who_takes_over_comes_in_anew_as_one_who_speaks() -> None:
    hall = talking().give(Listened(SRI, True), Opened(LISTENER))
    hall.give(line.Handover(ID, OfferId(9), SRI, RANI))
    assert {action.participant for action in hall.done(PutOut)} == {LISTENER, AGENT}
    assert hall.done(Invite) == [Invite(ParticipantId("agent-9"), Role.PARTICIPANT)]


def test_who_is_handed_on_is_unplugged_and_connects_anew_with_the_next_agent() -> None:
    hall = talking().give(line.Wait(ID, QUEUE))
    assert hall.done(PutOut) == [PutOut(AGENT)]
    assert hall.done(Unplug) == [Unplug(VISITOR)]
    assert hall.done(Arm) == [], "the page is there"
    hall.give(MediaDown(VISITOR), line.SendOffer(OfferId(9), ID, MADE, 0), line.Connect(OfferId(9), ID, MADE))
    assert hall.done(Invite) == [Invite(VISITOR, Role.PARTICIPANT)]


def test_who_waits_again_without_a_page_is_away_from_then_on() -> None:
    hall = talking().give(Closed(VISITOR))
    assert hall.done(Arm) == [], "picture and sound still run"
    assert [arm.participant for arm in hall.give(line.Wait(ID, QUEUE)).done(Arm)] == [VISITOR]


def test_an_offer_that_comes_after_the_end_fails() -> None:
    hall = waiting().give(Left(VISITOR), line.Release(ID))
    assert hall.give(offer()).told() == [OfferFailed(offer=OfferId(7), fault=DeviceFault.ERROR)]


def test_a_withdrawn_offer_leaves_the_visitor_waiting() -> None:
    hall = waiting().give(offer(), line.CancelOffer(OfferId(7), ID, RANI, line.Withdrawal.EXPIRED))
    assert hall.visit.agent is None
    assert hall.give(CONNECT).done(Invite) == [], "that agent no longer counts"


def test_a_visitor_on_the_telephone_may_close_the_page_and_leaves_by_hanging_up() -> None:
    hall = talking()
    assert hall.give(ByTelephone(here=True), Closed(VISITOR), MediaDown(VISITOR)).done(Arm) == []
    assert [type(event) for event in hall.give(ByTelephone(here=False, hung_up=True)).told()] == [Ended]


def test_a_telephone_that_is_lost_leaves_the_visitor_time_to_come_back() -> None:
    hall = talking().give(ByTelephone(here=True), Closed(VISITOR), MediaDown(VISITOR))
    assert [arm.ms for arm in hall.give(ByTelephone(here=False)).done(Arm)] == [GRACE_MS]


def test_hanging_up_goes_back_to_the_page_that_is_still_open() -> None:
    hall = talking().give(ByTelephone(here=True))
    assert hall.give(ByTelephone(here=False, hung_up=True)).told() == []


def test_the_next_agent_is_connected_with_a_visitor_on_the_telephone() -> None:
    hall = talking().give(ByTelephone(here=True), Closed(VISITOR), MediaDown(VISITOR), line.Wait(ID, QUEUE))
    assert hall.done(Arm) == []
    following = ParticipantId("agent-9")
    hall.give(
        line.SendOffer(OfferId(9), ID, MADE, 20_000), line.Connect(OfferId(9), ID, MADE), Opened(following)
    )
    assert hall.give(MediaUp(following)).told() == [Connected(id=ID)]
