from __future__ import annotations

from dataclasses import dataclass

import pytest

from acd import effects as line
from acd.events import Ended, Failed
from acd.model import Kind, Party, Phase
from core.ids import AgentId, BridgeId, InteractionId, LegId, OfferId, QueueId
from ivr.model import Session
from pbx.call import AgentAnswered, AgentLeft, CustomerStayed, Happening, Joined, Stage
from pbx.effects import Drop, HangUp
from pbx.model import LINE_BRIDGE, Bridge, Dialplan, Leg, agent_leg, media_leg, talk_bridge
from pbx.recover import Plan, Wire, plan

ID = InteractionId("a" * 32)
LEG = LegId("1700000000.1")
OFFER = OfferId(3)
AGENT = AgentId("ag101")
AGENT_LEG = agent_leg(OFFER, "j")
TALK = talk_bridge(AGENT_LEG)
STARTED = 1_000
QUEUE = QueueId("licensing")


@dataclass(frozen=True)
class Contact:
    phase: Phase
    id: InteractionId = ID
    leg: LegId = LEG
    queue: QueueId | None = QUEUE
    agent: AgentId | None = AGENT
    offer: OfferId | None = OFFER
    place: str = ""
    arrived_at: int = 2_000
    caller: str = ""
    dialled: str = ""
    kind: Kind = Kind.INBOUND
    parent: InteractionId | None = None


def customer(state: str = "Up", identity: str = ID) -> Leg:
    return Leg(
        LEG, "PJSIP/trunk169-1", state, dialplan=Dialplan("169", "Stasis", f"sambung,arrived,{identity}")
    )


def agent(state: str = "Up") -> Leg:
    return Leg(
        AGENT_LEG, "PJSIP/ag101-2", state, dialplan=Dialplan("", "AppDial2" if state != "Up" else "Stasis")
    )


def wire(*legs: Leg, **bridges: tuple[LegId, ...]) -> Wire:
    made = tuple(Bridge(BridgeId(name), channels=members) for name, members in bridges.items())
    return Wire({leg.id: leg for leg in legs}, made, STARTED)


def planned(contact: Contact, now: Wire) -> Plan:
    return plan([contact], now, "j")


def told(found: Plan) -> tuple[Happening, ...]:
    ((_, happenings),) = found.calls
    return happenings


@pytest.mark.parametrize("phase", [p for p in Phase if p not in (Phase.WRAPPING, Phase.CLOSED)])
def test_a_caller_who_is_gone_left_unless_asterisk_itself_was_away(phase: Phase) -> None:
    assert planned(Contact(phase), wire()).events == [
        Ended(id=ID, by=Party.CUSTOMER, cause="unknown_restart")
    ]
    older = Contact(phase, arrived_at=STARTED - 1)
    assert planned(older, wire()).events == [Failed(id=ID, cause="asterisk_restarted")]


def test_wrap_up_needs_no_leg() -> None:
    found = planned(Contact(Phase.WRAPPING), wire())
    assert (found.events, found.calls, found.strays) == ([], [], [])


def test_a_caller_in_the_menu_hears_the_place_again() -> None:
    (happening,) = told(planned(Contact(Phase.IN_MENU, place='{"node":"ask"}'), wire(customer())))
    assert isinstance(happening, CustomerStayed)
    assert happening.session.node == "ask"


def test_a_waiting_caller_goes_on_in_the_flow_and_keeps_the_music_there_is() -> None:
    waiting = Contact(Phase.WAITING, agent=None, offer=None, place='{"node":"line"}')
    for members in ((LEG,), ()):
        found = planned(waiting, wire(customer(), **{LINE_BRIDGE: members}))
        assert told(found) == (CustomerStayed(Session(node="line")),)
        ((call, _),) = found.calls
        assert (call.stage, call.music) == (Stage.LINE, bool(members))


@pytest.mark.parametrize(
    ("legs", "expected"),
    [
        ((agent("Ringing"),), ()),
        ((agent("Up"),), (AgentAnswered(OFFER, AGENT_LEG),)),
        ((), (AgentLeft(OFFER),)),
    ],
)
def test_an_offer_goes_on_is_taken_or_has_failed(
    legs: tuple[Leg, ...], expected: tuple[Happening, ...]
) -> None:
    found = planned(Contact(Phase.OFFERED), wire(customer(), *legs, **{LINE_BRIDGE: (LEG,)}))
    assert told(found) == (CustomerStayed(Session()), *expected)
    assert found.strays == []


def test_a_conversation_goes_on_untouched() -> None:
    found = planned(Contact(Phase.TALKING), wire(customer(), agent(), **{TALK: (LEG, AGENT_LEG)}))
    assert told(found) == ()
    assert found.strays == []
    assert found.calls[0][0].stage is Stage.TALK


def test_a_conversation_that_lost_its_agent_is_told_so() -> None:
    assert told(planned(Contact(Phase.TALKING), wire(customer(), **{TALK: (LEG,)}))) == (AgentLeft(OFFER),)


def test_joining_that_was_interrupted_is_finished() -> None:
    connecting = Contact(Phase.CONNECTING)
    joined = wire(customer(), agent(), **{TALK: (LEG, AGENT_LEG)})
    assert told(planned(connecting, joined)) == (Joined(OFFER),)
    apart = wire(customer(), agent(), **{LINE_BRIDGE: (LEG,)})
    assert told(planned(connecting, apart)) == (line.Connect(offer=OFFER, id=ID, agent=AGENT),)


def test_what_belongs_to_nobody_is_ended_legs_first() -> None:
    found = plan([], wire(agent("Ringing"), **{TALK: (), LINE_BRIDGE: ()}), "j")
    assert found.strays == [HangUp(AGENT_LEG), Drop(TALK)]


def test_an_agent_left_alone_by_a_customer_who_hung_up_is_ended() -> None:
    found = planned(Contact(Phase.TALKING), wire(agent(), **{TALK: (AGENT_LEG,)}))
    assert found.strays == [HangUp(AGENT_LEG), Drop(TALK)]


def test_a_customer_whom_the_line_does_not_know_is_reported() -> None:
    found = plan([], wire(customer(identity="b" * 32)), "j")
    ((identity, leg),) = found.unknown
    assert identity == "b" * 32
    assert leg.id == LEG


def test_a_caller_outside_our_application_is_not_touched() -> None:
    fallback = Leg(LEG, "PJSIP/trunk169-1", "Up", dialplan=Dialplan("169", "Queue", "fallback"))
    found = plan([], wire(fallback), "j")
    assert (found.unknown, found.strays) == ([], [])


def test_the_line_and_the_stream_of_a_video_room_are_nobodys_after_an_absence() -> None:
    line_out = LegId(f"out-j-{ID}-1")
    stream, bridge = media_leg(line_out), talk_bridge(line_out)
    inside = Dialplan(app_name="Stasis", app_data="sambung,outside")
    legs = {leg: Leg(leg, state="Up", dialplan=inside) for leg in (line_out, stream)}
    wire = Wire(legs, (Bridge(bridge, "mixing", (line_out, stream)),), STARTED)
    found = plan([], wire, "j")
    assert found.calls == []
    assert found.strays == [HangUp(line_out), HangUp(stream), Drop(bridge)]
