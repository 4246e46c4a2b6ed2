"""Verbs on a contact: each body becomes one command of ``pbx.commands``, or one fact for the line."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from acd.events import Disposed, Event, WrapUpDone, WrapUpExtended
from core.ids import AgentId, InteractionId, new_interaction_id
from desk import bodies as b
from desk.customer_routes import DAY_MS
from desk.desk import Ask, Desk, Handler
from desk.errors import Answered, invalid
from desk.policy import Right, may
from pbx import commands as c

Make: TypeAlias = Callable[[InteractionId, AgentId, Any], c.Command]
"""Makes the command of a contact, the agent who asks, and a body."""

COMMANDS: Mapping[str, Make] = {
    "hold": lambda id_, agent, body: c.Hold(id_, agent),
    "resume": lambda id_, agent, body: c.Resume(id_, agent),
    "mute": lambda id_, agent, body: c.Mute(id_, agent, body.on),
    "keys": lambda id_, agent, body: c.SendKeys(id_, agent, body.keys),
    "transfer": lambda id_, agent, body: c.Transfer(id_, agent, target(body.to)),
    "toggle": lambda id_, agent, body: c.Toggle(id_, agent),
    "confer": lambda id_, agent, body: c.Confer(id_, agent),
    "complete": lambda id_, agent, body: c.Complete(id_, agent),
    "end-consult": lambda id_, agent, body: c.EndConsult(id_, agent, body.consult),
    "park": lambda id_, agent, body: c.Park(id_, agent, body.ms),
    "retrieve": lambda id_, agent, body: c.Retrieve(id_, agent),
    "recording": lambda id_, agent, body: c.PauseRecording(id_, agent, not body.on, body.reason),
    "machine": lambda id_, agent, body: c.Machine(id_, agent),
    "hang-up": lambda id_, agent, body: c.HangUp(id_, agent),
    "take-over": lambda id_, agent, body: c.TakeOver(id_, agent),
}
"""By the route's name. ``recording`` says whether it goes on; the command, whether it pauses."""


class CallRoutes:
    """What agents and supervisors do with a live contact."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._calls = desk.outside.calls
        self._customers = desk.outside.customers

    def handlers(self) -> Mapping[str, Handler]:
        """Return what serves each route, by its name."""
        return {
            **dict.fromkeys(COMMANDS, self._command),
            "consult": self._consult,
            "monitor": self._monitor,
            "dial": self._dial,
            "disposition": self._dispose,
            "wrap-up-done": self._wrap_up_done,
            "wrap-up-extend": self._wrap_up_extend,
        }

    async def _command(self, ask: Ask) -> b.Done:
        if isinstance(ask.body, b.To):
            self._check(ask.body.to)
        await self._calls.command(COMMANDS[ask.route.name](_contact(ask), _agent(ask), ask.body))
        return b.Done()

    async def _consult(self, ask: Ask) -> b.Made:
        body: b.To = ask.body
        self._check(body.to)
        made = fresh(ask)
        await self._calls.command(c.Consult(_contact(ask), _agent(ask), target(body.to), made))
        return b.Made(made)

    async def _monitor(self, ask: Ask) -> b.Done:
        mode: c.Monitoring | None = ask.body.mode
        if mode not in (None, c.Monitoring.LISTEN) and not may(ask.who, Right.STEP_IN):
            raise Answered(403, "forbidden", "this role may only listen")
        await self._calls.command(c.Monitor(_contact(ask), _agent(ask), mode))
        return b.Done()

    async def _dial(self, ask: Ask) -> b.Made:
        body: b.NewCall = ask.body
        if body.queue not in self._desk.live.directory.queues:
            raise invalid("no such queue", "queue")
        made = fresh(ask)
        await self._calls.command(c.Dial(made, _agent(ask), body.number, body.queue))
        return b.Made(made)

    async def _dispose(self, ask: Ask) -> b.Done:
        body: b.Disposition = ask.body
        if not self._desk.live.directory.has_category(body.category):
            raise invalid("no such category", "category")
        id_, agent = _contact(ask), _agent(ask)
        await self._tell(Disposed(id_, agent, body.category, body.note, body.follow_up))
        now = self._desk.clock.now_ms()
        if body.follow_up:
            await self._customers.open_case(id_, agent, body.due or now + DAY_MS, now)
        else:
            await self._customers.withdraw_case(id_, agent)
        if self._wraps_up(id_, agent):
            # While they talk the agent goes on writing.
            await self._customers.handed_in(agent, id_)
        return b.Done()

    async def _wrap_up_done(self, ask: Ask) -> b.Done:
        self._wrap_up(ask)
        done = await self._tell(WrapUpDone(id=_contact(ask), agent=_agent(ask)))
        await self._customers.handed_in(_agent(ask), _contact(ask))
        return done

    async def _wrap_up_extend(self, ask: Ask) -> b.Done:
        if self._wrap_up(ask) <= 0:
            raise Answered(409, "conflict", "the queue allows no further extension")
        return await self._tell(WrapUpExtended(id=_contact(ask), agent=_agent(ask)))

    def _wrap_up(self, ask: Ask) -> int:
        """Return how often it may still be extended."""
        view = self._desk.live.engine.state.agent(_agent(ask))
        for wrap in view.wrap_ups if view else ():
            if wrap.id == _contact(ask):
                return wrap.extensions_left
        raise Answered(409, "conflict", "this contact is not being wrapped up")

    def _wraps_up(self, id_: InteractionId, agent: AgentId) -> bool:
        view = self._desk.live.engine.state.agent(agent)
        return view is not None and any(wrap.id == id_ for wrap in view.wrap_ups)

    async def _tell(self, event: Event) -> b.Done:
        await self._desk.live.engine.submit(event)
        return b.Done()

    def _check(self, to: b.Target) -> None:
        directory = self._desk.live.directory
        if isinstance(to, b.TargetAgent) and to.agent not in directory.agents:
            raise invalid("no such agent", "to.agent")
        if isinstance(to, b.TargetQueue) and to.queue not in directory.queues:
            raise invalid("no such queue", "to.queue")


def target(to: b.Target) -> c.Target:
    """Return where a command goes."""
    match to:
        case b.TargetAgent(agent=agent):
            return c.ToAgent(agent)
        case b.TargetQueue(queue=queue):
            return c.ToQueue(queue)
        case b.TargetNumber(number=number):
            return c.ToNumber(number)


def fresh(ask: Ask) -> InteractionId:
    """Return the id of what the request makes: the same for the same key, so that it is made once."""
    if not ask.key:
        return new_interaction_id()
    return InteractionId(hashlib.sha256(f"{ask.who.user} {ask.key}".encode()).hexdigest()[:32])


def _contact(ask: Ask) -> InteractionId:
    return InteractionId(ask.values["id"])


def _agent(ask: Ask) -> AgentId:
    if ask.who.agent is None:
        raise Answered(403, "no_agent", "this account has no telephone: it is no agent")
    return ask.who.agent
