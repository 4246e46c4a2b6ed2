"""What the agent may ask of a call, and who hears whom afterwards."""

from __future__ import annotations

import pytest

from acd import effects as line
from acd.events import (
    Connected,
    Ended,
    Held,
    Parked,
    RecordingPaused,
    Requeued,
    Resumed,
    Retrieved,
)
from acd.model import Party
from core.errors import Gone, Refused
from core.ids import AgentId, OfferId, QueueId
from pbx import commands as ask
from pbx.call import Asked, JoinFailed
from pbx.effects import HangUp, Hold, Seat
from pbx.model import LINE_BRIDGE, agent_leg
from tests.unit.pbx.calls import ID, LEG, Wired
from tests.unit.pbx.talks import ASKER, ASKER_LEG, HELPER, NOW, QUEUE, Talk

HOLD, RESUME = ask.Hold(ID, ASKER), ask.Resume(ID, ASKER)


def test_on_hold_the_customer_hears_music_and_the_agent_nothing() -> None:
    talk = Talk()
    assert talk.last() == Connected(id=ID)
    talk.ask(HOLD)
    assert talk.wire.music(LEG)
    assert talk.hears(ASKER_LEG) == set()
    assert talk.last() == Held(id=ID)
    talk.ask(RESUME)
    assert talk.hears(LEG) == {ASKER_LEG}
    assert talk.last() == Resumed(id=ID)


def test_what_is_so_already_is_not_done_again() -> None:
    talk = Talk()
    assert talk.ask(RESUME) == []
    talk.ask(HOLD)
    told = list(talk.told)
    assert talk.ask(HOLD) == []
    assert talk.told == told


def test_a_leg_that_cannot_be_moved_goes_back_and_nobody_is_told_of_a_hold() -> None:
    talk = Talk()
    told = list(talk.told)
    talk.wire.refuse = {LEG}
    actions = talk.ask(HOLD)
    assert [action.seating for action in actions if isinstance(action, Seat)] == ["held"]
    assert talk.told[len(told) :] != []
    assert talk.last().cause == "seating_failed"  # type: ignore[union-attr]


def test_a_failed_hold_is_put_right_once() -> None:
    talk = Talk()
    talk.wire.refuse = {LEG}
    told = list(talk.told)

    class Once(set):  # type: ignore[type-arg]
        def __contains__(self, leg: object) -> bool:
            found = super().__contains__(leg)
            self.discard(leg)
            return found

    talk.wire.refuse = Once({LEG})
    talk.ask(HOLD)
    assert talk.hears(LEG) == {ASKER_LEG}
    assert talk.told == told


def test_a_muted_agent_hears_and_is_not_heard() -> None:
    talk = Talk()
    talk.ask(ask.Mute(ID, ASKER, True))
    assert talk.hears(LEG) == set()
    assert talk.hears(ASKER_LEG) == {LEG}
    assert talk.ask(ask.Mute(ID, ASKER, True)) == []
    talk.ask(ask.Mute(ID, ASKER, False))
    assert talk.hears(LEG) == {ASKER_LEG}


def test_keys_go_to_the_far_side_and_to_nobody_on_hold() -> None:
    talk = Talk()
    talk.ask(ask.SendKeys(ID, ASKER, "12#"))
    assert talk.wire.keys == {LEG: "12#"}
    for wrong in ("", "1 2", "x", "1" * 33, "١"):
        with pytest.raises(Refused):
            talk.ask(ask.SendKeys(ID, ASKER, wrong))
    talk.ask(HOLD)
    with pytest.raises(Refused, match="hold"):
        talk.ask(ask.SendKeys(ID, ASKER, "1"))


def test_hanging_up_ends_the_call_by_the_agent() -> None:
    talk = Talk()
    talk.ask(ask.HangUp(ID, ASKER))
    assert talk.last() == Ended(id=ID, by=Party.AGENT, cause="hung_up")


def test_nobody_else_may_ask_and_nothing_may_be_asked_too_early_or_too_late() -> None:
    talk = Talk()
    for command in (ask.Hold(ID, HELPER), ask.Mute(ID, HELPER, True), ask.HangUp(ID, HELPER)):
        with pytest.raises(Refused):
            talk.ask(command)
    early = Wired()
    early.come()
    early.give(line.SendOffer(offer=OfferId(7), id=ID, agent=ASKER, until=9))
    with pytest.raises(Refused):
        early.give(Asked(HOLD, NOW, QUEUE))
    talk.give(line.Release(id=ID))
    with pytest.raises(Gone):
        talk.ask(HOLD)


def test_a_call_that_is_being_connected_cannot_be_held_yet() -> None:
    talk = Talk()
    talk.call.joined = False
    with pytest.raises(Refused, match="connected"):
        talk.ask(HOLD)
    talk.give(JoinFailed(OfferId(7)))


@pytest.mark.parametrize("held", [False, True])
def test_a_blind_transfer_leads_through_the_line_with_music(held: bool) -> None:
    talk = Talk()
    if held:
        talk.ask(HOLD)
    talk.ask(ask.Transfer(ID, ASKER, ask.ToQueue(QueueId("complaints"))))
    assert talk.last() == Requeued(id=ID, queue=QueueId("complaints"))
    talk.give(line.CancelOffer(offer=OfferId(7), id=ID, agent=ASKER, why=line.Withdrawal.TRANSFERRED))
    talk.give(line.Wait(id=ID, queue=QueueId("complaints")))
    assert talk.wire.where == {LEG: LINE_BRIDGE}
    talk.offered(OfferId(9), HELPER)
    assert talk.hears(LEG) == {agent_leg(OfferId(9), "j")}
    assert talk.last() == Connected(id=ID)
    talk.ask(ask.Hold(ID, HELPER))
    assert talk.last() == Held(id=ID)


def test_a_transfer_to_a_colleague_is_for_that_colleague_alone() -> None:
    talk = Talk()
    talk.ask(ask.Transfer(ID, ASKER, ask.ToAgent(HELPER)))
    requeued = talk.last()
    assert isinstance(requeued, Requeued)
    assert (requeued.queue, requeued.preferred, requeued.strict) == (QUEUE, HELPER, True)
    assert requeued.grace_ms > 0


def test_who_was_sent_to_a_colleague_who_does_not_come_waits_for_anybody() -> None:
    talk = Talk()
    talk.ask(ask.Transfer(ID, ASKER, ask.ToAgent(HELPER)))
    talk.give(line.CancelOffer(offer=OfferId(7), id=ID, agent=ASKER, why=line.Withdrawal.TRANSFERRED))
    talk.give(line.Wait(id=ID, queue=QUEUE))
    talk.ring(OfferId(9), HELPER, ID)
    talk.give(line.CancelOffer(offer=OfferId(9), id=ID, agent=HELPER, why=line.Withdrawal.EXPIRED))
    assert talk.give(line.Wait(id=ID, queue=QUEUE)) == []
    assert talk.wire.where == {LEG: LINE_BRIDGE}
    talk.offered(OfferId(10), AgentId("dodi"))
    assert talk.hears(LEG) == {agent_leg(OfferId(10), "j")}


def test_a_parked_customer_hears_music_and_the_agents_leg_ends() -> None:
    talk = Talk()
    talk.ask(ask.Park(ID, ASKER, 60_000))
    assert talk.last() == Parked(id=ID, until=NOW + 60_000)
    actions = talk.give(line.Park(id=ID, until=NOW + 60_000))
    assert actions.index(Hold(LEG)) < actions.index(HangUp(ASKER_LEG))
    assert talk.wire.where == {LEG: LINE_BRIDGE}
    talk.ask(ask.Retrieve(ID, HELPER))
    assert talk.last() == Retrieved(id=ID, agent=HELPER)
    talk.offered(OfferId(9), HELPER)
    assert talk.hears(LEG) == {agent_leg(OfferId(9), "j")}
    with pytest.raises(Refused, match="not parked"):
        talk.ask(ask.Retrieve(ID, ASKER))


@pytest.mark.parametrize("ms", [0, 9_999, 3_600_001])
def test_parking_has_a_limit(ms: int) -> None:
    with pytest.raises(Refused, match="minutes"):
        Talk().ask(ask.Park(ID, ASKER, ms))


def test_a_pause_of_the_recording_is_told_and_ends_with_the_conversation() -> None:
    talk = Talk()
    talk.ask(ask.PauseRecording(ID, ASKER, True, "card"))
    assert talk.last() == RecordingPaused(id=ID, on=True, reason="card", agent=ASKER)
    assert talk.wire.silenced
    assert talk.ask(ask.PauseRecording(ID, ASKER, True, "card")) == []
    talk.give(line.CancelOffer(offer=OfferId(7), id=ID, agent=ASKER, why=line.Withdrawal.TRANSFERRED))
    talk.give(line.Wait(id=ID, queue=QUEUE))
    assert not talk.wire.silenced
    assert talk.last() == RecordingPaused(id=ID, on=False)
