"""Conversations found again after an absence, from the journal and from where the legs are."""

from __future__ import annotations

import pytest

from acd import effects as line
from acd.events import Ended
from acd.model import Kind, Party, Phase
from core.ids import BridgeId, InteractionId, LegId, OfferId
from pbx import recover_talk
from pbx.call import AgentAnswered, AgentLeft, Call, Happening, Joined, LegUp, Seated, SeatFailed, Stage
from pbx.commands import Monitoring
from pbx.dial_model import outside_leg
from pbx.effects import Drop, HangUp
from pbx.model import (
    LINE_BRIDGE,
    MUTED,
    PAUSED,
    Dialplan,
    Leg,
    Seating,
    agent_leg,
    booth,
    spy_leg,
    talk_bridge,
    watch_leg,
)
from pbx.recover import Plan, Wire, plan
from tests.unit.pbx.talks import BOSS
from tests.unit.pbx.test_recover import AGENT, AGENT_LEG, ID, LEG, OFFER, QUEUE, TALK, Contact, wire

HELPER, SECOND = BOSS.__class__("ag102"), OfferId(4)
HELPER_LEG = agent_leg(SECOND, "j")
CONSULT = InteractionId("c" * 32)
WATCH = watch_leg(ID, BOSS, "j", 5)


def leg(id_: LegId, name: str, *, up: bool = True, muted: bool = False) -> Leg:
    place = Dialplan("", "Stasis", "sambung,x") if up else Dialplan("", "AppDial2")
    return Leg(
        id_, name, "Up" if up else "Ringing", dialplan=place, channelvars={MUTED: "yes"} if muted else {}
    )


def customer(**variables: str) -> Leg:
    return Leg(
        LEG,
        "PJSIP/trunk169-1",
        "Up",
        dialplan=Dialplan("169", "Stasis", f"sambung,arrived,{ID}"),
        channelvars=variables,
    )


ASKER = leg(AGENT_LEG, "PJSIP/ag101-2")
OTHER = leg(HELPER_LEG, "PJSIP/ag102-web-3")


def consult(phase: Phase, offer: OfferId | None = SECOND) -> Contact:
    agent = HELPER if offer else None
    return Contact(phase, CONSULT, AGENT_LEG, QUEUE, agent, offer, kind=Kind.CONSULT, parent=ID)


def found(contacts: list[Contact], now: Wire) -> tuple[Call, tuple[Happening, ...], Plan]:
    plan_ = plan(contacts, now, "j")
    ((call, happenings),) = plan_.calls
    return call, happenings, plan_


HELD = {LINE_BRIDGE: (LEG,), TALK: (AGENT_LEG,)}


def test_a_customer_on_hold_stays_there() -> None:
    call, happenings, plan_ = found([Contact(Phase.HELD)], wire(customer(), ASKER, **HELD))
    assert (call.seating, call.held, call.stage, happenings) == (Seating.HELD, True, Stage.TALK, ())
    assert plan_.strays == []


@pytest.mark.parametrize(
    ("phase", "bridges", "seating"),
    [
        (Phase.TALKING, HELD, Seating.HELD),
        (Phase.HELD, {TALK: (LEG, AGENT_LEG)}, Seating.TOGETHER),
    ],
)
def test_the_sound_is_right_and_the_line_is_told(
    phase: Phase, bridges: dict[BridgeId, tuple[LegId, ...]], seating: Seating
) -> None:
    assert found([Contact(phase)], wire(customer(), ASKER, **bridges))[1] == (Seated(seating),)


@pytest.mark.parametrize(
    ("phase", "seating"), [(Phase.TALKING, Seating.TOGETHER), (Phase.HELD, Seating.HELD)]
)
def test_a_customer_in_silence_is_brought_where_the_line_has_it(phase: Phase, seating: Seating) -> None:
    _, happenings, _ = found([Contact(phase)], wire(customer(), ASKER, **{TALK: (AGENT_LEG,)}))
    assert happenings == (SeatFailed(seating, seating, (LEG,), again=False),)


def test_what_only_asterisk_remembers_is_found() -> None:
    muted = leg(AGENT_LEG, "PJSIP/ag101-2", muted=True)
    now = wire(customer(**{PAUSED: "yes"}), muted, **{TALK: (LEG, AGENT_LEG)})
    call, _, _ = found([Contact(Phase.TALKING)], now)
    assert call.muted == {AGENT_LEG}
    assert call.paused


@pytest.mark.parametrize(
    ("bridges", "seating"),
    [
        ({LINE_BRIDGE: (LEG,), TALK: (AGENT_LEG, HELPER_LEG)}, Seating.PRIVATE),
        ({LINE_BRIDGE: (HELPER_LEG,), TALK: (AGENT_LEG, LEG)}, Seating.ASIDE),
        ({TALK: (AGENT_LEG, LEG, HELPER_LEG)}, Seating.CONFERENCE),
    ],
)
@pytest.mark.parametrize("phase", [Phase.TALKING, Phase.HELD])
@pytest.mark.parametrize("asked", [Phase.TALKING, Phase.HELD])
def test_a_consultation_goes_on_as_it_sounds(
    bridges: dict[BridgeId, tuple[LegId, ...]], seating: Seating, phase: Phase, asked: Phase
) -> None:
    now = wire(customer(), ASKER, OTHER, **bridges)
    call, happenings, plan_ = found([Contact(phase), consult(asked)], now)
    assert call.consult is not None
    assert call.consult.joined
    assert call.seating is seating
    so_told = (phase is Phase.HELD) is (seating is Seating.PRIVATE) and (asked is Phase.HELD) is (
        seating is Seating.ASIDE
    )
    assert happenings == (() if so_told else (Seated(seating),))
    assert (plan_.strays, plan_.events) == ([], [])


@pytest.mark.parametrize(
    ("phase", "legs", "expected"),
    [
        (Phase.OFFERED, (leg(HELPER_LEG, "PJSIP/ag102-3", up=False),), ()),
        (Phase.OFFERED, (OTHER,), (AgentAnswered(SECOND, HELPER_LEG),)),
        (Phase.OFFERED, (), (AgentLeft(SECOND),)),
        (Phase.CONNECTING, (OTHER,), (line.Connect(offer=SECOND, id=CONSULT, agent=HELPER),)),
        (Phase.TALKING, (), (SeatFailed(Seating.PRIVATE, Seating.PRIVATE, (), False), AgentLeft(SECOND))),
    ],
)
def test_a_colleague_who_was_rung_goes_on_ringing_has_answered_or_is_gone(
    phase: Phase, legs: tuple[Leg, ...], expected: tuple[Happening, ...]
) -> None:
    _, happenings, plan_ = found(
        [Contact(Phase.HELD), consult(phase)], wire(customer(), ASKER, *legs, **HELD)
    )
    assert tuple(h for h in happenings if not isinstance(h, SeatFailed)) == tuple(
        h for h in expected if not isinstance(h, SeatFailed)
    )
    assert plan_.strays == []


def test_a_consultation_that_waits_is_kept() -> None:
    call, happenings, _ = found(
        [Contact(Phase.HELD), consult(Phase.WAITING, None)], wire(customer(), ASKER, **HELD)
    )
    assert call.consult is not None
    assert (call.consult.id, call.consult.other, happenings) == (CONSULT, None, ())


def test_an_asking_agent_who_is_gone_is_reported_with_the_colleague_known() -> None:
    now = wire(customer(), OTHER, **{LINE_BRIDGE: (LEG,), TALK: (HELPER_LEG,)})
    call, happenings, _ = found([Contact(Phase.HELD), consult(Phase.TALKING)], now)
    assert happenings[-1] == AgentLeft(OFFER)
    assert call.consult is not None
    assert call.consult.joined
    assert call.bridge != LINE_BRIDGE


def test_a_handover_that_was_cut_short_is_finished() -> None:
    taken = Contact(Phase.TALKING, agent=HELPER, offer=SECOND)
    now = wire(customer(), ASKER, OTHER, **{LINE_BRIDGE: (LEG,), TALK: (AGENT_LEG, HELPER_LEG)})
    call, happenings, plan_ = found([taken], now)
    assert call.agent is not None
    assert call.agent.leg == HELPER_LEG
    assert call.bridge == TALK
    assert happenings == (SeatFailed(Seating.TOGETHER, Seating.TOGETHER, (LEG,), again=False),)
    assert plan_.strays == [HangUp(AGENT_LEG)]


def test_a_supervisor_who_took_over_is_the_agent() -> None:
    taken = Contact(Phase.TALKING, agent=BOSS, offer=OfferId(20))
    boss = leg(WATCH, "PJSIP/ag900-9")
    now = wire(customer(), ASKER, boss, **{TALK: (LEG, AGENT_LEG), booth(WATCH): (WATCH,)})
    call, happenings, plan_ = found([taken], now)
    assert call.agent is not None
    assert call.agent.leg == WATCH
    assert call.watches == {}
    assert happenings == (line.Connect(offer=OfferId(20), id=ID, agent=BOSS),)
    assert plan_.strays == [HangUp(AGENT_LEG), Drop(booth(WATCH))]


@pytest.mark.parametrize("whisper", [False, True])
def test_a_supervisor_goes_on_listening_or_whispering(whisper: bool) -> None:
    spy = spy_leg(WATCH, 2, whisper)
    legs = (leg(WATCH, "PJSIP/ag900-9"), leg(spy, f"Snoop/{AGENT_LEG}-00000001"))
    now = wire(customer(), ASKER, *legs, **{TALK: (LEG, AGENT_LEG), booth(WATCH): (WATCH, spy)})
    call, happenings, plan_ = found([Contact(Phase.TALKING)], now)
    watch = call.watches[BOSS]
    assert watch.mode is (Monitoring.WHISPER if whisper else Monitoring.LISTEN)
    assert (watch.up, watch.spy, watch.turn) == (True, spy, 2)
    assert (happenings, plan_.strays) == ((), [])


def test_a_supervisor_in_the_conversation_talks_to_all() -> None:
    now = wire(customer(), ASKER, leg(WATCH, "PJSIP/ag900-9"), **{TALK: (LEG, AGENT_LEG, WATCH)})
    call, happenings, _ = found([Contact(Phase.TALKING)], now)
    assert (call.watches[BOSS].mode, happenings) == (Monitoring.BARGE, ())


@pytest.mark.parametrize("up", [False, True])
def test_a_supervisor_whose_spying_leg_is_gone_listens_anew(up: bool) -> None:
    boss = leg(WATCH, "PJSIP/ag900-9", up=up)
    call, happenings, _ = found(
        [Contact(Phase.TALKING)], wire(customer(), ASKER, boss, **{TALK: (LEG, AGENT_LEG)})
    )
    assert call.watches[BOSS].mode is Monitoring.LISTEN
    assert happenings == ((LegUp(WATCH),) if up else ())


def test_a_spying_leg_on_whoever_had_the_call_before_is_ended() -> None:
    spy = spy_leg(WATCH, 1, True)
    legs = (leg(WATCH, "PJSIP/ag900-9"), leg(spy, "Snoop/ag-j-1-00000001"))
    now = wire(customer(), ASKER, *legs, **{TALK: (LEG, AGENT_LEG), booth(WATCH): (WATCH, spy)})
    call, happenings, plan_ = found([Contact(Phase.TALKING)], now)
    assert happenings == (LegUp(WATCH),)
    assert call.watches[BOSS].mode is Monitoring.WHISPER
    assert plan_.strays == [HangUp(spy)]


def test_supervisors_of_a_call_that_is_over_are_let_out() -> None:
    now = wire(leg(WATCH, "PJSIP/ag900-9"), **{booth(WATCH): (WATCH,)})
    assert plan([], now, "j").strays == [HangUp(WATCH), Drop(booth(WATCH))]


def test_a_parked_customer_is_left_to_the_music_or_brought_there() -> None:
    parked = Contact(Phase.PARKED, offer=None)
    call, happenings, _ = found([parked], wire(customer(), **{LINE_BRIDGE: (LEG,)}))
    assert (call.parked, call.stage, happenings) == (True, Stage.LINE, ())
    call, happenings, plan_ = found([parked], wire(customer(), ASKER, **{TALK: (LEG, AGENT_LEG)}))
    assert happenings == (line.Park(id=ID, until=0),)
    assert plan_.strays == [HangUp(AGENT_LEG), Drop(TALK)]


def test_two_colleagues_without_their_customer_go_on() -> None:
    now = wire(ASKER, OTHER, **{TALK: (AGENT_LEG, HELPER_LEG)})
    plan_ = plan([consult(Phase.TALKING), Contact(Phase.HELD)], now, "j")
    ((call, happenings),) = plan_.calls
    assert (call.stage, happenings, plan_.strays) == (Stage.COLLEAGUES, (), [])
    assert [e for e in plan_.events if isinstance(e, Ended) and e.id == CONSULT] == [
        Ended(id=CONSULT, by=Party.CUSTOMER, cause="unknown_restart")
    ]
    assert recover_talk.claim(call).legs >= {AGENT_LEG, HELPER_LEG}


OUT = outside_leg(ID, "j", 5)
OUTSIDE = leg(OUT, "PJSIP/trunk169-8")


def test_a_telephone_outside_is_still_asked_and_one_that_rings_is_ended() -> None:
    now = wire(customer(), ASKER, OUTSIDE, **{LINE_BRIDGE: (LEG,), TALK: (AGENT_LEG, OUT)})
    call, happenings, plan_ = found([Contact(Phase.HELD)], now)
    assert call.consult is not None
    assert (call.consult.number, call.seating, happenings, plan_.strays) == (True, Seating.PRIVATE, (), [])
    ringing = wire(customer(), ASKER, leg(OUT, "PJSIP/trunk169-8", up=False), **HELD)
    call, happenings, plan_ = found([Contact(Phase.HELD)], ringing)
    assert (call.consult, call.seating, plan_.strays) == (None, Seating.HELD, [HangUp(OUT)])


@pytest.mark.parametrize("half_done", [False, True])
def test_a_customer_who_was_passed_on_outside_goes_on_without_the_line(half_done: bool) -> None:
    agents = (ASKER,) if half_done else ()
    channels = (LEG, OUT, *(one.id for one in agents))
    now = wire(customer(), OUTSIDE, *agents, **{TALK: channels})
    call, happenings, plan_ = found([], now)
    assert (call.stage, call.id, call.leg, happenings) == (Stage.OUTSIDE, ID, LEG, ())
    assert plan_.strays == [HangUp(one.id) for one in agents]
    assert plan_.unknown == []


def test_an_agent_and_a_telephone_outside_go_on_without_the_customer() -> None:
    call, _, plan_ = found([], wire(ASKER, OUTSIDE, **{TALK: (AGENT_LEG, OUT)}))
    assert (call.stage, plan_.strays) == (Stage.COLLEAGUES, [])


def test_connecting_that_was_done_is_reported_and_one_that_was_not_is_done() -> None:
    connecting = Contact(Phase.CONNECTING, agent=AGENT)
    now = wire(customer(), ASKER, **{TALK: (LEG, AGENT_LEG)})
    assert found([connecting], now)[1] == (Joined(OFFER),)
    assert talk_bridge(AGENT_LEG) == TALK
