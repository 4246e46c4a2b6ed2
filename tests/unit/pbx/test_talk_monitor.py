"""A supervisor in a call: who hears the supervisor, whom the supervisor hears, and taking over."""

from __future__ import annotations

import pytest

from acd import effects as line
from acd.events import Requeued, TakenOver
from core.errors import Refused
from core.ids import LegId, OfferId
from pbx import commands as ask
from pbx.call import LegDown, LegUp
from pbx.commands import Monitoring
from pbx.effects import Drop, RingWatcher
from pbx.model import LINE_BRIDGE, agent_leg, booth, spies_for, spy_leg, watch_leg, watched_by
from tests.unit.pbx.calls import ID, LEG
from tests.unit.pbx.talks import ASKER, ASKER_LEG, BOSS, CONSULT, HELPER, HELPER_LEG, NOW, QUEUE, SECOND, Talk

WATCH = watch_leg(ID, BOSS, "j", NOW)
TAKEN = line.Handover(id=ID, offer=OfferId(20), agent=BOSS, before=ASKER)


def monitor(talk: Talk, mode: Monitoring | None, who: object = BOSS) -> None:
    talk.ask(ask.Monitor(ID, who, mode))  # type: ignore[arg-type]


def monitored(mode: Monitoring) -> Talk:
    talk = Talk()
    monitor(talk, mode)
    talk.give(LegUp(WATCH))
    return talk


def test_the_names_of_legs_say_whose_they_are() -> None:
    assert watched_by(WATCH, "j") == (ID, BOSS)
    assert watched_by(watch_leg(ID, ASKER, "j", 0), "j") == (ID, ASKER)
    assert watched_by(WATCH, "other") is None
    assert watched_by(ASKER_LEG, "j") is None
    assert spies_for(spy_leg(WATCH, 3, True)) == (WATCH, 3, True)
    assert spies_for(WATCH) is None
    assert spies_for(LegId("spy-x1-" + WATCH)) is None


def test_a_listener_hears_both_and_is_heard_by_nobody() -> None:
    talk = monitored(Monitoring.LISTEN)
    assert talk.hears(WATCH) == {LEG, ASKER_LEG}
    assert talk.hears(LEG) == {ASKER_LEG}
    assert talk.hears(ASKER_LEG) == {LEG}


def test_a_whisper_is_heard_by_the_agent_only() -> None:
    talk = monitored(Monitoring.WHISPER)
    assert talk.hears(WATCH) == {LEG, ASKER_LEG}
    assert talk.hears(ASKER_LEG) == {LEG, WATCH}
    assert talk.hears(LEG) == {ASKER_LEG}


def test_who_barges_in_is_heard_by_all() -> None:
    talk = monitored(Monitoring.BARGE)
    assert talk.hears(LEG) == {ASKER_LEG, WATCH}
    assert talk.hears(WATCH) == {LEG, ASKER_LEG}


@pytest.mark.parametrize("before", list(Monitoring))
@pytest.mark.parametrize("after", list(Monitoring))
def test_the_mode_can_be_changed_without_ringing_again(before: Monitoring, after: Monitoring) -> None:
    talk = monitored(before)
    monitor(talk, after)
    assert len([action for action in talk.done if isinstance(action, RingWatcher)]) == 1
    assert talk.hears(LEG) - {ASKER_LEG} == ({WATCH} if after is Monitoring.BARGE else set())
    assert WATCH in talk.hears(ASKER_LEG) or after is Monitoring.LISTEN
    assert talk.hears(WATCH) == {LEG, ASKER_LEG}
    assert len(talk.wire.spied) == (after is not Monitoring.BARGE)
    monitor(talk, None)
    assert set(talk.wire.where) == {LEG, ASKER_LEG}
    assert (Drop(booth(WATCH)) in talk.done) or before is after is Monitoring.BARGE


def test_the_mode_may_be_changed_while_the_phone_still_rings() -> None:
    talk = Talk()
    monitor(talk, Monitoring.LISTEN)
    monitor(talk, Monitoring.BARGE)
    talk.give(LegUp(WATCH))
    assert WATCH in talk.hears(LEG)


def test_a_supervisor_who_does_not_answer_or_hangs_up_is_out() -> None:
    talk = Talk()
    monitor(talk, Monitoring.LISTEN)
    talk.give(LegDown(WATCH))
    assert talk.call.watches == {}
    heard = monitored(Monitoring.WHISPER)
    heard.leave(WATCH)
    assert set(heard.wire.where) == {LEG, ASKER_LEG}
    assert heard.hears(ASKER_LEG) == {LEG}


def test_only_a_conversation_of_others_is_monitored() -> None:
    talk = Talk()
    for own in (ASKER,):
        with pytest.raises(Refused, match="others"):
            monitor(talk, Monitoring.LISTEN, own)
    talk.give(line.Wait(id=ID, queue=QUEUE))
    with pytest.raises(Refused, match="Nobody talks"):
        monitor(talk, Monitoring.LISTEN)
    monitor(talk, None)


@pytest.mark.parametrize("mode", list(Monitoring))
def test_a_supervisor_takes_the_call_over_without_a_break(mode: Monitoring) -> None:
    talk = monitored(mode)
    talk.ask(ask.TakeOver(ID, BOSS))
    assert talk.last() == TakenOver(id=ID, agent=BOSS)
    talk.give(TAKEN)
    assert set(talk.wire.where) == {LEG, WATCH}
    assert talk.hears(LEG) == {WATCH}
    talk.ask(ask.Hold(ID, BOSS))
    assert talk.wire.music(LEG)
    talk.give(line.CancelOffer(offer=OfferId(20), id=ID, agent=BOSS, why=line.Withdrawal.TRANSFERRED))
    assert set(talk.wire.where) == {LEG}


def test_only_who_listens_already_can_take_over() -> None:
    talk = Talk()
    with pytest.raises(Refused, match="Listen"):
        talk.ask(ask.TakeOver(ID, BOSS))


def test_a_supervisor_who_is_gone_at_the_handover_leaves_the_customer_to_the_line() -> None:
    talk = monitored(Monitoring.LISTEN)
    talk.ask(ask.TakeOver(ID, BOSS))
    talk.leave(WATCH)
    talk.give(TAKEN)
    assert talk.last() == Requeued(id=ID, queue=QUEUE)


def test_taking_over_ends_a_consultation() -> None:
    talk = Talk()
    talk.consult()
    monitor(talk, Monitoring.LISTEN)
    talk.give(LegUp(WATCH))
    assert talk.hears(WATCH) == {ASKER_LEG, HELPER_LEG}
    talk.ask(ask.TakeOver(ID, BOSS))
    talk.give(TAKEN)
    assert set(talk.wire.where) == {LEG, WATCH}
    assert talk.hears(LEG) == {WATCH}


def test_a_supervisor_follows_the_call_to_its_next_agent_but_does_not_talk_unasked() -> None:
    talk = monitored(Monitoring.BARGE)
    talk.give(line.CancelOffer(offer=OfferId(7), id=ID, agent=ASKER, why=line.Withdrawal.TRANSFERRED))
    talk.give(line.Wait(id=ID, queue=QUEUE))
    assert talk.wire.where == {LEG: LINE_BRIDGE, WATCH: None}
    talk.offered(OfferId(9), HELPER)
    taker = agent_leg(OfferId(9), "j")
    assert talk.hears(LEG) == {taker}
    assert talk.hears(WATCH) == {LEG, taker}


def test_a_supervisor_follows_an_attended_transfer() -> None:
    talk = Talk()
    talk.consult()
    monitor(talk, Monitoring.WHISPER)
    talk.give(LegUp(WATCH))
    talk.ask(ask.Complete(ID, ASKER))
    talk.give(line.Handover(id=ID, offer=SECOND, agent=HELPER, before=ASKER, consult=CONSULT))
    assert talk.hears(LEG) == {HELPER_LEG}
    assert talk.hears(HELPER_LEG) == {LEG, WATCH}


def test_the_end_of_the_call_lets_every_supervisor_out() -> None:
    talk = monitored(Monitoring.LISTEN)
    other = ask.Monitor(ID, HELPER, Monitoring.BARGE)
    talk.ask(other)
    talk.give(LegUp(watch_leg(ID, HELPER, "j", NOW)))
    assert len(talk.call.watches) == 2
    talk.give(line.Release(id=ID))
    assert talk.wire.where == {}


def test_a_spying_leg_that_belongs_to_nobody_is_ended() -> None:
    talk = Talk()
    stray = spy_leg(WATCH, 9, False)
    talk.wire.where[stray] = None
    talk.give(LegUp(stray))
    assert stray not in talk.wire.where
