"""Leading the room: contacts and why, queues, notes, the emergency switch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from acd.events import Failed, PriorityChanged, Queued, QueueStateSet, WrapUpDone
from acd.explain import explain
from acd.model import Channel, Need, Phase, QueueState
from acd.views import InteractionView
from core.ids import InteractionId, QueueId, SkillId
from desk import bodies as b
from desk.desk import Ask, Desk, Handler
from desk.errors import Answered, invalid, unknown
from desk.model import Notice, Topic, Wallboard
from desk.receipts import Ending, Words, offered, waiting
from desk.views import masked

_LIMIT: Final = 50
_SHORTEST: Final = 3
"""Letters of a reason."""
_EXPLAINED: Final = 400_000
"""Agents times contacts: beyond, an explanation would hold up the line."""


class RoomRoutes:
    """Requests of those who lead, and what everybody may see of the room."""

    def __init__(self, desk: Desk, words: Words) -> None:
        self._desk = desk
        self._words = words
        self._engine = desk.live.engine
        self._history = desk.outside.history

    def handlers(self) -> Mapping[str, Handler]:
        """Return what serves each route, by its name."""
        return {
            "recent": self._recent,
            "interaction": self._interaction,
            "decisions": self._decisions,
            "release": self._release,
            "reveal": self._reveal,
            "priority": self._priority,
            "move": self._move,
            "end": self._end,
            "queues": self._queues,
            "agents": self._agents,
            "contacts": self._contacts,
            "wallboard": self._wallboard,
            "queue-state": self._queue_state,
            "note": self._note,
            "emergency": self._emergency,
        }

    # --- one contact ---------------------------------------------------------------------------------------

    async def _recent(self, ask: Ask) -> Any:
        found = await self._history.recent(int(ask.query.get("limit", _LIMIT)))
        return [dataclasses.replace(one, interaction=_masked(one.interaction)) for one in found]

    async def _interaction(self, ask: Ask) -> Any:
        found = await self._history.interaction(_id(ask))
        if found is None:
            raise unknown("contact")
        return dataclasses.replace(found, interaction=_masked(found.interaction))

    async def _decisions(self, ask: Ask) -> Sequence[b.Decision]:
        history = await self._history.interaction(_id(ask))
        if history is None:
            raise unknown("contact")
        found = [
            offered(x.receipt, x.at, x.seq, self._ending(history, x.receipt.offer), self._words)
            for x in history.receipts
        ]
        state = self._engine.state
        contact = state.interaction(_id(ask))
        if contact is not None and contact.phase is Phase.WAITING:
            if len(state.contacts) * len(state.rules.agents) > _EXPLAINED:
                raise Answered(503, "later", "too many contacts wait to explain one now", after_s=30)
            explanation = explain(state, contact.id)
            if explanation is not None:
                found.append(waiting(explanation, self._words))
        return found

    def _ending(self, history: Any, offer: int) -> Ending | None:
        """Return how an offer ended, by the transition after the one that made it."""
        moves = history.transitions
        made = next((n for n, move in enumerate(moves) if move.offer == offer), None)
        if made is None or made + 1 >= len(moves):
            return None
        after = moves[made + 1]
        rule = self._desk.live.directory.rules.get(after.queue or QueueId(""))
        taken = after.phase in (Phase.CONNECTING, Phase.TALKING)
        return Ending(
            kind="accepted" if taken else after.cause,
            at=after.at,
            lasted_ms=after.at - moves[made].at,
            excluded_ms=rule.exclude_ms if rule else 0,
        )

    async def _release(self, ask: Ask) -> b.Release:
        contact = self._live(ask)
        cost = {rule.channel: rule.cost for rule in self._engine.state.rules.channels}
        call = self._desk.outside.calls.view(contact.id)
        return b.Release(
            id=contact.id,
            phase=contact.phase,
            agent=contact.agent,
            offer=contact.offer,
            parties=tuple(party.who for party in call.parties) if call else (),
            consult=contact.consults[0] if contact.consults else None,
            load=cost.get(contact.channel, 0) if contact.agent else 0,
        )

    async def _reveal(self, ask: Ask) -> b.Revealed:
        contact = self._engine.state.interaction(_id(ask))
        if contact is not None:
            return b.Revealed(contact.caller)
        history = await self._history.interaction(_id(ask))
        if history is None:
            raise unknown("contact")
        return b.Revealed(history.interaction.caller)

    async def _priority(self, ask: Ask) -> b.Done:
        contact = self._waiting(ask)
        await self._engine.submit(PriorityChanged(id=contact.id, priority=ask.body.priority))
        return b.Done()

    async def _move(self, ask: Ask) -> b.Done:
        contact = self._waiting(ask)
        queue = ask.body.queue
        if queue not in self._desk.live.directory.queues:
            raise invalid("no such queue", "queue")
        needs = tuple(Need(SkillId(skill), level) for skill, level in contact.needs)
        event = Queued(contact.id, queue, needs, priority=contact.priority, language=contact.language)
        await self._engine.submit(event)
        return b.Done()

    async def _end(self, ask: Ask) -> b.Done:
        contact = self._live(ask)
        if contact.phase is Phase.WRAPPING:
            holders = [a.id for a in self._engine.state.agents() for w in a.wrap_ups if w.id == contact.id]
            await self._engine.submit(*(WrapUpDone(contact.id, agent) for agent in holders))
        else:
            await self._engine.submit(Failed(contact.id, "ended_by_supervisor"))
        return b.Done()

    # --- the room ------------------------------------------------------------------------------------------

    async def _queues(self, ask: Ask) -> Any:
        return self._published(Topic.QUEUES)

    async def _agents(self, ask: Ask) -> Any:
        return self._published(Topic.AGENTS)

    async def _contacts(self, ask: Ask) -> Any:
        return self._published(Topic.CONTACTS)

    async def _wallboard(self, ask: Ask) -> Wallboard:
        return self._desk.live.views.wallboard()

    async def _queue_state(self, ask: Ask) -> b.Done:
        queue = QueueId(ask.values["queue"])
        if queue not in self._desk.live.directory.queues:
            raise unknown("queue")
        body: b.QueueChange = ask.body
        reason = body.reason.strip()
        if body.state is not QueueState.OPEN and len(reason) < _SHORTEST:
            raise invalid(
                f"a reason of at least {_SHORTEST} letters says why the queue is {body.state}", "reason"
            )
        await self._engine.submit(QueueStateSet(queue, body.state, reason, ask.who.user))
        return b.Done()

    async def _note(self, ask: Ask) -> b.Done:
        body: b.Broadcast = ask.body
        directory = self._desk.live.directory
        if unknown_ones := set(body.queues) - directory.queues.keys():
            raise invalid(f"no such queue: {sorted(unknown_ones)[0][:40]}", "queues")
        by = ask.entry.user.title or ask.who.user if ask.entry else ask.who.user
        notice = Notice("note", text=body.text, by=by, urgent=body.urgent)
        self._desk.live.feed.note(notice, frozenset(body.queues))
        return b.Done()

    async def _emergency(self, ask: Ask) -> b.Done:
        body: b.Emergency = ask.body
        await self._desk.outside.closure.throw(body.closed, body.reason, ask.who.user)
        self._desk.live.feed.touch_room()
        return b.Done()

    def _published(self, topic: Topic) -> msgspec.Raw:
        values = self._desk.live.ring.values(topic).values()
        return msgspec.Raw(b"[" + b",".join(values) + b"]")

    def _live(self, ask: Ask) -> InteractionView:
        contact = self._engine.state.interaction(_id(ask))
        assert contact is not None, "looked up when the request was let in"
        return contact

    def _waiting(self, ask: Ask) -> InteractionView:
        contact = self._live(ask)
        if contact.phase is not Phase.WAITING:
            raise Answered(
                409, "conflict", f"only a waiting contact can be moved; this one is {contact.phase}"
            )
        return contact


def _masked(contact: Any) -> Any:
    """Return what is written of a contact as screens see it; the address in full is given by ``reveal``, audited."""
    named = contact.channel is Channel.VIDEO
    return contact if named else dataclasses.replace(contact, caller=masked(contact.caller))


def _id(ask: Ask) -> InteractionId:
    return InteractionId(ask.values["id"])
