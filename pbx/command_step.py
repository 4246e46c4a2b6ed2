"""What a person at the desk may ask of a call, when, and what is done about it. Pure.

Raises ``Refused`` with a sentence that says what to do instead. A second request for what is so already is no error:
two clicks are one wish.
"""

from __future__ import annotations

import re
from typing import Final

from acd.events import Ended, Parked, Retrieved
from acd.model import Party
from core.errors import Refused
from core.ids import AgentId, InteractionId, LegId, QueueId
from pbx import commands as ask
from pbx import consult_stage, dial_stage, monitor_stage, outside_stage, talk_stage
from pbx.call import Asked, Call, Stage, tell
from pbx.effects import Action, HangUp, Mute, MuteRecording, SendKeys
from pbx.model import Seating
from pbx.talk_stage import WITH_COLLEAGUE, WITH_CUSTOMER, arrange

_KEYS: Final = re.compile(r"[0-9*#A-D]{1,32}", re.ASCII)
_PARK_MS: Final = range(10_000, 3_600_001)


def command(call: Call, asked: Asked) -> list[Action]:
    """Do what is asked, or raise ``Refused``."""
    want = asked.command
    call.queue = asked.queue
    match want:
        case ask.Monitor():
            return monitor_stage.monitor(call, want, asked.at)
        case ask.TakeOver():
            return monitor_stage.take_over(call, want)
        case ask.Retrieve(agent=agent):
            return _retrieve(call, agent)
        case ask.Dial():
            raise Refused("This call is up already: dial with a new id.")
        case _:
            return _of_a_party(call, want, asked.at)


def _of_a_party(call: Call, want: ask.Command, at: int) -> list[Action]:
    match want:
        case ask.Mute(agent=agent, on=on):
            leg = _leg(call, agent)
            return [] if (leg in call.muted) is on else [Mute(leg, on)]
        case ask.SendKeys(agent=agent, keys=keys):
            return _keys(call, _leg(call, agent), keys)
        case ask.HangUp(agent=agent):
            return _hang_up(call, agent)
        case ask.Monitor() | ask.TakeOver() | ask.Retrieve() | ask.Dial():
            raise AssertionError("these are not asked by whoever has the call")
        case ask.EndConsult(agent=agent) if call.stage is Stage.COLLEAGUES:
            _leg(call, agent)
            return consult_stage.end(call)
        case _:
            _insist_that_it_is_theirs(call, want.agent)
            return _of_the_agent(call, want, at)


def _of_the_agent(call: Call, want: ask.Command, at: int) -> list[Action]:
    """Take what only the agent who has the customer may ask for."""
    match want:
        case ask.Hold():
            return arrange(call, _without_customer(call))
        case ask.Resume():
            return [] if call.seating in WITH_CUSTOMER else arrange(call, _with_customer(call))
        case ask.Transfer(to=to):
            return _transfer(call, to, at)
        case ask.Consult():
            return consult_stage.begin(call, want, at, _queue(call))
        case ask.Toggle():
            return consult_stage.toggle(call)
        case ask.Confer():
            return consult_stage.confer(call)
        case ask.Complete():
            return consult_stage.complete(call)
        case ask.EndConsult():
            return consult_stage.end(call)
        case ask.Park(ms=ms):
            return _park(call, ms, at)
        case ask.Machine():
            return dial_stage.machine(call, at)
        case ask.PauseRecording(agent=agent, on=on, reason=reason):
            if call.paused is on:
                return []
            return [MuteRecording(call.leg, on, reason, agent)]
        case _:
            raise AssertionError("every command is taken above")


def _insist_that_it_is_theirs(call: Call, agent: AgentId) -> None:
    if call.stage is not Stage.TALK or call.gone:
        raise Refused("The customer is not talking to an agent: nothing can be done with the call now.")
    if call.agent is None or call.agent.agent != agent:
        raise Refused("This call is not yours: its agent may do that, a supervisor may take it over.")
    if not call.joined:
        raise Refused("The call is being connected: ask again once you hear the customer.")


def _leg(call: Call, agent: AgentId) -> LegId:
    """Return the leg of somebody who talks in the call."""
    for part in monitor_stage.parties(call):
        if part.agent == agent and part.answered and call.stage in (Stage.TALK, Stage.COLLEAGUES):
            return part.leg
    raise Refused("You do not talk in this call: only those who do may ask for that.")


def _queue(call: Call) -> QueueId:
    if call.queue is None:
        raise Refused("This call never stood in a queue: choose a queue in place of a colleague.")
    return call.queue


def _without_customer(call: Call) -> Seating:
    return Seating.PRIVATE if call.consult and call.consult.joined else Seating.HELD


def _with_customer(call: Call) -> Seating:
    return Seating.ASIDE if call.consult and call.consult.joined else Seating.TOGETHER


def _keys(call: Call, own: LegId, keys: str) -> list[Action]:
    if not _KEYS.fullmatch(keys):
        raise Refused("Keys are 1 to 32 of the digits, *, #, A, B, C and D.")
    if not call.gone and call.seating in WITH_CUSTOMER and call.agent and call.agent.leg == own:
        return [SendKeys(call.leg, keys)]
    others = [part.leg for part in monitor_stage.parties(call) if part.leg != own and part.answered]
    if call.seating not in WITH_COLLEAGUE or not others:
        raise Refused("Nobody hears you now: take the customer off hold first.")
    return [SendKeys(others[0], keys)]


def _hang_up(call: Call, agent: AgentId) -> list[Action]:
    """End the call with the customer; a colleague who was asked only leaves."""
    leg = _leg(call, agent)
    if call.agent is None or call.agent.leg != leg or call.stage is Stage.COLLEAGUES:
        return [HangUp(leg)]
    consult_stage.customer_out(call)
    return tell(Ended(id=call.id, by=Party.AGENT, cause="hung_up"))


def _transfer(call: Call, to: ask.Target, at: int) -> list[Action]:
    if call.consult:
        raise Refused("A colleague is being asked: complete or end that consultation first.")
    match to:
        case ask.ToAgent(agent):
            return tell(talk_stage.send_on(call, _queue(call), agent))
        case ask.ToQueue(queue):
            return tell(talk_stage.send_on(call, queue, None))
        case ask.ToNumber(number):
            queue = _queue(call)
            return outside_stage.begin(call, InteractionId(""), number, at, queue, pass_on=True)


def _park(call: Call, ms: int, at: int) -> list[Action]:
    if call.consult:
        raise Refused("A colleague is being asked: complete or end that consultation first.")
    if ms not in _PARK_MS:
        raise Refused("A call is parked for 10 seconds to 60 minutes.")
    return tell(Parked(id=call.id, until=at + ms))


def _retrieve(call: Call, agent: AgentId) -> list[Action]:
    if not call.parked:
        raise Refused("This call is not parked: only a parked call can be retrieved.")
    return tell(Retrieved(id=call.id, agent=agent))
