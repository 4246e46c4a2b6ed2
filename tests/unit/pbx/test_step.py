from __future__ import annotations

import random

import pytest

from acd import effects as line
from acd.events import Arrived, Connected, Ended, MenuMoved, OfferAccepted, OfferFailed, OfferRejected, Queued
from acd.model import Channel, DeviceFault, Party
from core.ids import AgentId, OfferId, QueueId
from ivr.effects import Key, Played
from pbx.call import AgentAnswered, AgentLeft, CustomerLeft, Happening, Joined, RingFailed, Stage
from pbx.effects import Arm, Drop, Forget, HangUp, Hold, Join, Play, Ring, Stop
from pbx.model import agent_leg, talk_bridge
from tests.unit.pbx.calls import ASKING, ID, LEG, Wired

OFFER = OfferId(7)
AGENT = AgentId("ag101")
AGENT_LEG = agent_leg(OFFER, "j")
SEND = line.SendOffer(offer=OFFER, id=ID, agent=AGENT, until=9)
CONNECT = line.Connect(offer=OFFER, id=ID, agent=AGENT)
WAIT = line.Wait(id=ID, queue=QueueId("licensing"))
RELEASE = line.Release(id=ID)


def talking() -> Wired:
    wired = Wired()
    wired.come()
    for happening in (SEND, AgentAnswered(OFFER, AGENT_LEG), CONNECT, Joined(OFFER)):
        wired.give(happening)
    return wired


def test_a_flow_that_leads_straight_to_a_queue_reports_arrival_and_queue_together() -> None:
    wired = Wired()
    wired.come()
    arrived, *_, queued = wired.told
    assert arrived == Arrived(id=ID, channel=Channel.VOICE, at=5, leg=LEG, caller="+62811", dialled="169")
    assert isinstance(queued, Queued)
    assert queued.queue == "licensing"


def test_a_key_during_the_prompt_stops_it_and_leads_to_the_queue() -> None:
    wired = Wired(ASKING)
    (notice,) = (action for action in wired.come() if isinstance(action, Play))
    (menu,) = (a for a in wired.give(Played(notice.token)) if isinstance(a, Play))
    actions = wired.give(Key("1"))
    assert Stop(menu.playback) in actions
    assert Arm(None) in actions
    assert isinstance(wired.last(), Queued)
    assert any(isinstance(event, MenuMoved) for event in wired.told)


def test_a_whole_call_rings_joins_and_releases() -> None:
    wired = Wired()
    wired.come()
    assert wired.give(SEND) == [Ring(OFFER, AGENT, AGENT_LEG, LEG)]
    assert wired.give(WAIT) == [Hold(LEG)]
    wired.give(AgentAnswered(OFFER, AGENT_LEG))
    assert wired.last() == OfferAccepted(offer=OFFER)
    bridge = talk_bridge(AGENT_LEG)
    assert wired.give(CONNECT) == [Join(OFFER, bridge, LEG, AGENT_LEG)]
    wired.give(Joined(OFFER))
    assert wired.last() == Connected(id=ID)
    wired.give(CustomerLeft())
    assert wired.last() == Ended(id=ID, by=Party.CUSTOMER, cause="hung_up")
    assert wired.give(RELEASE) == [Arm(None), HangUp(AGENT_LEG), Drop(bridge), Forget(ID)]


@pytest.mark.parametrize(
    ("cause", "event"),
    [
        (17, OfferRejected(offer=OFFER)),
        (21, OfferRejected(offer=OFFER)),
        (20, OfferFailed(offer=OFFER, fault=DeviceFault.UNREACHABLE)),
        (0, OfferFailed(offer=OFFER, fault=DeviceFault.UNREACHABLE)),
    ],
)
def test_how_a_ringing_phone_ended_decides_whose_doing_it_was(cause: int, event: object) -> None:
    wired = Wired()
    wired.come()
    wired.give(SEND)
    wired.give(AgentLeft(OFFER, cause))
    assert wired.last() == event


def test_an_agent_who_breaks_off_before_connecting_is_reported_and_the_caller_gets_music_again() -> None:
    wired = Wired()
    wired.come()
    for happening in (SEND, AgentAnswered(OFFER, AGENT_LEG), CONNECT):
        wired.give(happening)
    wired.give(AgentLeft(OFFER))
    assert wired.last() == Ended(id=ID, by=Party.AGENT, cause="hung_up")
    assert wired.give(WAIT) == [Hold(LEG), Drop(talk_bridge(AGENT_LEG))]


def test_an_agent_leg_that_broke_before_the_line_said_connect_is_not_joined() -> None:
    wired = Wired()
    wired.come()
    wired.give(SEND)
    wired.give(AgentAnswered(OFFER, AGENT_LEG))
    wired.give(AgentLeft(OFFER))
    assert wired.give(CONNECT) == []
    assert isinstance(wired.last(), Ended)


def test_an_answer_to_an_offer_that_is_over_is_hung_up() -> None:
    wired = Wired()
    wired.come()
    wired.give(SEND)
    wired.give(line.CancelOffer(offer=OFFER, id=ID, agent=AGENT, why=line.Withdrawal.EXPIRED))
    told = list(wired.told)
    assert wired.give(AgentAnswered(OFFER, AGENT_LEG)) == [HangUp(AGENT_LEG)]
    assert wired.told == told


def test_a_second_offer_is_not_touched_by_the_end_of_the_first() -> None:
    wired = Wired()
    wired.come()
    wired.give(SEND)
    second = OfferId(8)
    wired.give(line.CancelOffer(offer=OFFER, id=ID, agent=AGENT, why=line.Withdrawal.EXPIRED))
    wired.give(line.SendOffer(offer=second, id=ID, agent=AgentId("ag102"), until=9))
    told = list(wired.told)
    assert wired.give(AgentLeft(OFFER, 19)) == []
    assert wired.give(RingFailed(OFFER, DeviceFault.ERROR)) == []
    assert wired.told == told
    assert wired.call.agent is not None
    assert wired.call.agent.offer == second


def test_after_release_nothing_rings_and_a_late_answer_is_hung_up() -> None:
    wired = talking()
    wired.give(RELEASE)
    assert wired.call.stage is Stage.OVER
    assert wired.give(RELEASE) == []
    assert wired.give(WAIT) == []
    late = OfferId(9)
    assert wired.give(AgentAnswered(late, agent_leg(late, "j"))) == [HangUp(agent_leg(late, "j"))]
    wired.give(line.SendOffer(offer=late, id=ID, agent=AGENT, until=9))
    assert wired.last() == OfferFailed(offer=late, fault=DeviceFault.ERROR)


def happenings() -> list[Happening]:
    return [
        SEND,
        WAIT,
        AgentAnswered(OFFER, AGENT_LEG),
        CONNECT,
        Joined(OFFER),
        AgentLeft(OFFER),
        CustomerLeft(),
        RELEASE,
    ]


def test_every_event_twice_and_neighbours_swapped_leaves_no_leg_and_no_bridge() -> None:
    """Repeats and reorderings (ari4java issue 81): the release ends whatever was rung, joined or made."""
    for seed in range(2000):
        chance = random.Random(seed)
        events = [event for event in happenings()[:-1] for _ in range(chance.choice((1, 2)))]
        for _ in range(4):
            at = chance.randrange(len(events) - 1)
            events[at], events[at + 1] = events[at + 1], events[at]
        wired = Wired()
        wired.come()
        for event in [*events, RELEASE]:
            wired.give(event)
        rung = [a.leg for a in wired.done if isinstance(a, Ring)]
        joined = [a.bridge for a in wired.done if isinstance(a, Join)]
        ends = [a.leg for a in wired.done if isinstance(a, HangUp)]
        gone = {AGENT_LEG} if AgentLeft(OFFER) in events else set()
        assert set(rung) <= set(ends) | gone, f"seed {seed}"
        assert (LEG in ends) != (CustomerLeft() in events)
        assert set(joined) == {a.bridge for a in wired.done if isinstance(a, Drop)}, f"seed {seed}"
