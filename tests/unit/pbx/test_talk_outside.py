"""A telephone outside in a call: asked, conferred with, passed on to."""

from __future__ import annotations

import pytest

from acd import effects as line
from acd.events import Ended, Held, Requeued, Resumed
from acd.model import Party
from core.errors import Refused
from pbx import commands as ask
from pbx.call import OutsideDown, OutsideUp, Stage
from pbx.dial_model import outside_leg
from pbx.effects import DialOut, Forget, HangUp, Seat
from pbx.model import LINE_BRIDGE
from pbx.outbound_model import Denial
from tests.unit.pbx.calls import ID, LEG
from tests.unit.pbx.talks import ASKER, ASKER_LEG, CONSULT, NOW, QUEUE, Talk

OUT = outside_leg(ID, "j", NOW)
NUMBER = ask.ToNumber("+62215252008")


def asking(*, answered: bool = True) -> Talk:
    talk = Talk()
    talk.ask(ask.Consult(ID, ASKER, NUMBER, CONSULT))
    if answered:
        talk.give(OutsideUp(OUT))
    return talk


def passing_on(*, answered: bool = True) -> Talk:
    talk = Talk()
    talk.ask(ask.Transfer(ID, ASKER, NUMBER))
    if answered:
        talk.give(OutsideUp(OUT))
    return talk


def test_it_is_dialled_on_the_agents_account_while_the_customer_hears_music() -> None:
    talk = asking(answered=False)
    assert DialOut(OUT, ID, ASKER, "+62215252008", customer=False) in talk.done
    assert talk.wire.music(LEG)
    assert talk.last() == Held(id=ID)


def test_agent_and_telephone_talk_in_private_in_turns_and_in_conference() -> None:
    talk = asking()
    told = list(talk.told)
    assert talk.hears(ASKER_LEG) == {OUT}
    talk.ask(ask.Toggle(ID, ASKER))
    assert talk.hears(ASKER_LEG) == {LEG}
    assert talk.wire.music(OUT)
    talk.ask(ask.Confer(ID, ASKER))
    assert talk.hears(LEG) == {ASKER_LEG, OUT}
    assert talk.told[len(told) :] == [Resumed(id=ID)]
    talk.ask(ask.EndConsult(ID, ASKER))
    assert set(talk.wire.where) == {LEG, ASKER_LEG}
    assert talk.hears(LEG) == {ASKER_LEG}


@pytest.mark.parametrize("make", [asking, passing_on])
def test_who_does_not_answer_outside_brings_the_customer_back(make: object) -> None:
    talk: Talk = make(answered=False)  # type: ignore[operator]
    del talk.wire.where[OUT]
    talk.give(OutsideDown(OUT, 17, 0))
    assert talk.hears(LEG) == {ASKER_LEG}
    assert talk.last() == Resumed(id=ID)
    assert talk.call.consult is None


@pytest.mark.parametrize("want", [ask.Transfer(ID, ASKER, NUMBER), ask.Consult(ID, ASKER, NUMBER, CONSULT)])
def test_a_number_that_is_not_called_brings_the_customer_back(want: ask.Command) -> None:
    talk = Talk()
    talk.wire.denial = Denial.PREMIUM
    talk.ask(want)
    assert talk.hears(LEG) == {ASKER_LEG}
    assert talk.call.consult is None


@pytest.mark.parametrize("how", ["passed on", "completed", "hung up"])
@pytest.mark.parametrize("first", [LEG, OUT])
def test_the_customer_is_left_to_the_telephone_and_either_ends_it(how: str, first: str) -> None:
    talk = passing_on() if how == "passed on" else asking()
    if how == "completed":
        talk.ask(ask.Complete(ID, ASKER))
    elif how == "hung up":
        talk.leave(ASKER_LEG)
    assert talk.last() == Ended(id=ID, by=Party.AGENT, cause="passed_on_outside")
    assert OUT in talk.hears(LEG)
    talk.give(line.Release(id=ID))
    assert talk.call.stage is Stage.OUTSIDE
    assert talk.hears(LEG) == {OUT}
    told = list(talk.told)
    with pytest.raises(Refused):
        talk.ask(ask.Hold(ID, ASKER))
    talk.give(line.Release(id=ID))
    talk.leave(first)  # type: ignore[arg-type]
    assert talk.wire.where == {}
    assert talk.told == told
    assert talk.done[-1] == Forget(ID)


def test_the_customer_is_seated_before_the_agent_leaves() -> None:
    talk = passing_on(answered=False)
    done = len(talk.done)
    talk.give(OutsideUp(OUT))
    talk.give(line.Release(id=ID))
    after = talk.done[done:]
    assert next(n for n, a in enumerate(after) if isinstance(a, Seat)) < after.index(HangUp(ASKER_LEG))


def test_an_agent_who_hangs_up_while_it_rings_sends_the_customer_back_to_the_line() -> None:
    talk = passing_on(answered=False)
    talk.leave(ASKER_LEG)
    assert talk.last() == Requeued(id=ID, queue=QUEUE)
    talk.give(line.Wait(id=ID, queue=QUEUE))
    assert talk.wire.where == {LEG: LINE_BRIDGE}


def test_a_customer_who_leaves_meanwhile_ends_the_ringing_and_leaves_a_talk_alone() -> None:
    ringing = asking(answered=False)
    ringing.leave(LEG)
    ringing.give(line.Release(id=ID))
    assert ringing.wire.where == {}
    talk = asking()
    talk.leave(LEG)
    talk.give(line.Release(id=ID))
    assert talk.hears(ASKER_LEG) == {OUT}
    talk.leave(OUT)
    assert talk.wire.where == {}
