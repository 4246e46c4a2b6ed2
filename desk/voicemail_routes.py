"""Messages that callers left: listed, heard, taken by one agent, answered by a call, finished."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.ids import AgentId, InteractionId, QueueId, parse_interaction_id
from desk import bodies as b
from desk import voicemail_model as v
from desk.call_routes import fresh
from desk.desk import Ask, Desk, File, Handler
from desk.errors import Answered, invalid, over, unknown
from desk.views import masked
from desk.voicemail_policy import Act, queues_of, refused
from pbx.commands import Dial
from recording.voicemail import OPEN, State, Voicemail

_PAGE: Final = 50
_STATES: Final[Mapping[str, tuple[State, ...]]] = {
    "open": OPEN,
    "new": (State.NEW, State.MISSING),
    "taken": (State.TAKEN,),
    "done": (State.DONE,),
}


class VoicemailRoutes:
    """A message is one agent's from ``take`` to ``done`` or ``put-back``, so that no caller is called by two."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._box = desk.outside.voicemails
        self._rows = desk.outside.voicemails.rows

    def handlers(self) -> Mapping[str, Handler]:
        """Return what serves each route, by its name."""
        return {
            "voicemails": self._list,
            "voicemail": self._one,
            "voicemail-sound": self._sound,
            "voicemail-take": self._take,
            "voicemail-call-back": self._call_back,
            "voicemail-put-back": self._put_back,
            "voicemail-done": self._finish,
            "voicemail-delete": self._delete,
        }

    # --- what there is -------------------------------------------------------------------------------------

    async def _list(self, ask: Ask) -> v.Page:
        state = ask.query.get("state", "open")
        limit = int(ask.query.get("limit", _PAGE))
        queues = self._queues(ask)
        if (queue := ask.query.get("queue")) is not None:
            if queues is not None and queue not in queues:
                raise _not_yours()
            queues = frozenset({QueueId(queue)})
        after = parse_interaction_id(ask.query.get("after", ""))
        # What is work is read from the front; what was done, from the end.
        found = await self._rows.page(_STATES[state], queues, after, limit + 1, newest=state == "done")
        return v.Page(tuple(self._shown(one) for one in found[:limit]), more=len(found) > limit)

    async def _one(self, ask: Ask) -> v.Voicemail:
        message = await self._known(ask)
        if message.state is State.DELETED:
            raise over("message")
        return self._shown(message)

    async def _sound(self, ask: Ask) -> File:
        message = await self._may(ask, Act.HEAR)
        path = self._box.folder / message.file
        if not path.is_file():
            raise over("sound")
        return File(path, "audio/wav")

    # --- what is done with one -----------------------------------------------------------------------------

    async def _take(self, ask: Ask) -> v.Voicemail:
        await self._have(ask, Act.TAKE)
        return await self._told(ask)

    async def _call_back(self, ask: Ask) -> b.Made:
        message = await self._have(ask, Act.CALL_BACK)
        if message.callback and self._desk.live.engine.state.interaction(message.callback) is not None:
            raise Answered(409, "conflict", "the caller is being called already")
        made = fresh(ask)
        call = Dial(made, message.agent, message.caller, message.queue, parent=message.id)
        await self._desk.outside.calls.command(call)
        await self._rows.called(message.id, made, self._now())
        await self._box.changed()
        return b.Made(made)

    async def _put_back(self, ask: Ask) -> v.Voicemail:
        message = await self._may(ask, Act.PUT_BACK)
        if not await self._rows.put_back(message.id, message.agent, self._now()):
            raise await self._overtaken(ask, Act.PUT_BACK)
        return await self._told(ask)

    async def _finish(self, ask: Ask) -> v.Voicemail:
        message = await self._may(ask, Act.FINISH)
        body: v.Finish = ask.body
        if body.category is None and not body.note.strip():
            raise invalid("say what came of it: a category or a note", "note")
        if body.category is not None and not self._desk.live.directory.has_category(body.category):
            raise invalid("no such category", "category")
        holder = message.agent if message.state is State.TAKEN else None
        done = await self._rows.done(
            message.id, self._now(), ask.who.user, body.category or "", body.note, holder
        )
        if not done:
            raise await self._overtaken(ask, Act.FINISH)
        return await self._told(ask)

    async def _delete(self, ask: Ask) -> b.Done:
        message = await self._may(ask, Act.DELETE)
        if not await self._rows.delete(message.id, ask.who.user, self._now()):
            raise await self._overtaken(ask, Act.DELETE)
        await self._box.changed()
        return b.Done()

    # --- what they share -----------------------------------------------------------------------------------

    async def _have(self, ask: Ask, act: Act) -> Voicemail:
        """Return the message once the agent who asks has it: taken now, if nobody had it."""
        message = await self._may(ask, act)
        if message.state is State.TAKEN:
            return message
        await self._rows.take(message.id, _agent(ask), self._now())
        await self._box.changed()
        # Somebody else may have been faster, or this agent in another request.
        message = await self._may(ask, act)
        if message.state is not State.TAKEN:
            raise Answered(409, "conflict", "it changed meanwhile; look again")
        return message

    async def _known(self, ask: Ask) -> Voicemail:
        """Return a message of which this person may know. To those who may not, one and none look alike."""
        message = await self._rows.one(InteractionId(ask.values["id"]))
        queues = self._queues(ask)
        if queues is not None and (message is None or message.queue not in queues):
            raise _not_yours()
        if message is None:
            raise unknown("message")
        return message

    async def _may(self, ask: Ask, act: Act) -> Voicemail:
        message = await self._known(ask)
        if (refusal := refused(message, act, ask.who)) is not None:
            raise refusal
        return message

    async def _overtaken(self, ask: Ask, act: Act) -> Answered:
        """Return why not, after somebody else was faster."""
        await self._box.changed()
        message = await self._known(ask)
        return refused(message, act, ask.who) or Answered(409, "conflict", "it changed meanwhile; look again")

    async def _told(self, ask: Ask) -> v.Voicemail:
        await self._box.changed()
        return self._shown(await self._known(ask))

    def _queues(self, ask: Ask) -> frozenset[QueueId] | None:
        member = self._desk.live.directory.agents.get(ask.who.agent or AgentId(""))
        return queues_of(ask.who, member.queues if member else ())

    def _shown(self, message: Voicemail) -> v.Voicemail:
        return v.Voicemail(
            id=message.id,
            state=message.state,
            queue=message.queue,
            language=message.language,
            at=message.at,
            due_at=self._box.due(message.at),
            caller=masked(message.caller) or None,
            length_ms=message.length_ms,
            sound=bool(message.file),
            agent=message.agent or None,
            agent_name=self._desk.live.directory.name_of(message.agent) if message.agent else None,
            taken_at=message.taken_at,
            called_at=message.called_at,
            callback=message.callback or None,
            done_at=message.done_at,
            done_by=message.done_by or None,
            category=message.category or None,
            note=message.note,
        )

    def _now(self) -> int:
        return self._desk.clock.now_ms()


def _not_yours() -> Answered:
    return Answered(403, "not_yours", "this message is in none of your queues")


def _agent(ask: Ask) -> AgentId:
    assert ask.who.agent is not None, "the policy lets nobody in here who is no agent"
    return ask.who.agent
