"""What the desk is shown of a call."""

from __future__ import annotations

from acd import effects as line
from pbx import commands as ask
from pbx.call import LegUp, OutsideUp
from pbx.commands import Monitoring
from pbx.dial_model import outside_leg
from pbx.model import watch_leg
from pbx.view import CallView, PartyView, view
from tests.unit.pbx.calls import ID, Wired
from tests.unit.pbx.talks import ASKER, BOSS, CONSULT, HELPER, NOW, SECOND, Talk

CUSTOMER, AGENT = PartyView("customer"), PartyView("agent", ASKER)


def seen(talk: Talk) -> CallView:
    found = view(talk.call)
    assert found is not None
    return found


def test_in_the_menu_there_is_nothing_to_see() -> None:
    wired = Wired()
    wired.come()
    assert view(wired.call) is None


def test_a_conversation_its_hold_and_who_is_muted() -> None:
    talk = Talk()
    assert seen(talk).parties == (CUSTOMER, AGENT)
    assert (seen(talk).talking_to, seen(talk).held) == ("customer", False)
    talk.ask(ask.Hold(ID, ASKER))
    talk.ask(ask.Mute(ID, ASKER, True))
    assert seen(talk).parties == (PartyView("customer", held=True), PartyView("agent", ASKER, muted=True))
    assert (seen(talk).talking_to, seen(talk).held) == ("nobody", True)


def test_a_consultation_from_ringing_to_conference() -> None:
    talk = Talk()
    talk.consult(answered=False)
    talk.ring(SECOND, HELPER, CONSULT)
    assert seen(talk).parties[-1] == PartyView("colleague", HELPER, joined=False)
    assert (seen(talk).consult, seen(talk).consult_answered) == (CONSULT, False)
    talk = Talk()
    talk.consult()
    assert (seen(talk).talking_to, seen(talk).consult_answered) == ("colleague", True)
    talk.ask(ask.Toggle(ID, ASKER))
    assert seen(talk).parties[-1] == PartyView("colleague", HELPER, held=True)
    assert seen(talk).talking_to == "customer"
    talk.ask(ask.Confer(ID, ASKER))
    assert seen(talk).talking_to == "all"


def test_a_telephone_outside_is_shown_as_what_it_is() -> None:
    talk = Talk()
    talk.ask(ask.Transfer(ID, ASKER, ask.ToNumber("+62215252008")))
    assert seen(talk).parties[-1] == PartyView("outside", joined=False)
    assert seen(talk).consult is None
    talk.give(OutsideUp(outside_leg(ID, "j", NOW)))
    talk.give(line.Release(id=ID))
    assert [party.who for party in seen(talk).parties] == ["customer", "outside"]


def test_supervisors_a_pause_and_parking() -> None:
    talk = Talk()
    talk.ask(ask.Monitor(ID, BOSS, Monitoring.WHISPER))
    assert seen(talk).parties[-1] == PartyView("supervisor", BOSS, joined=False, mode=Monitoring.WHISPER)
    talk.give(LegUp(watch_leg(ID, BOSS, "j", NOW)))
    assert seen(talk).parties[-1].joined
    assert seen(talk).monitored_by == (BOSS,)
    talk.ask(ask.PauseRecording(ID, ASKER, True, "card"))
    assert seen(talk).recording_paused
    talk.give(line.Park(id=ID, until=NOW))
    parked = seen(talk)
    assert (parked.parked, parked.held, parked.recording_paused) == (True, True, False)
    talk.give(line.Release(id=ID))
    assert view(talk.call) is None
