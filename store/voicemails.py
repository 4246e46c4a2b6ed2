"""The rows of messages that callers left: fills pbx.voicemail.Rows, recording.voicemail.Rows and desk's Voicemails."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ids import AgentId, InteractionId, QueueId
from recording.voicemail import OPEN, Count, State, Voicemail
from store.opened import SqlRows
from store.tables import INTERACTIONS, VOICEMAILS
from store.wire import clean

_C = VOICEMAILS.c
_MOST: Final = 500


class SqlVoicemails(SqlRows):
    """Written by control while a caller speaks, by the recorder afterwards, and by whoever listens."""

    async def begin(self, id_: InteractionId, queue: QueueId, language: str, at: int, spooled: str) -> None:
        """Write down that a message is about to be recorded. A second try replaces the first."""
        values = {
            "id": id_,
            "state": State.RECORDING,
            "queue": queue,
            "language": language,
            "at": at,
            "spooled": spooled,
            "length_ms": None,
        }
        await self._database.write(partial(_begin, values=values))

    async def left(self, id_: InteractionId, length_ms: int) -> None:
        """Write down that the message is complete."""
        await self._change(id_, (State.RECORDING,), state=State.LEFT, length_ms=length_ms)

    async def none(self, id_: InteractionId) -> None:
        """Write down that there is no message."""
        await self._database.write(partial(_none, id_=id_))

    async def open_ones(self) -> Sequence[Voicemail]:
        """Return messages whose files are not kept yet, the oldest first."""
        return await self._database.read(partial(_found, query=_listing((State.RECORDING, State.LEFT))))

    async def kept(self, id_: InteractionId, file: str, length_ms: int, at: int) -> None:
        """Write down where a message is kept: it can be listened to from now on."""
        states = (State.RECORDING, State.LEFT)
        await self._change(id_, states, state=State.NEW, file=file, length_ms=length_ms, changed_at=at)

    async def missing(self, id_: InteractionId, at: int) -> None:
        """Write down that a message was left and its file is not there."""
        await self._change(id_, (State.LEFT,), state=State.MISSING, changed_at=at)

    async def deleted_ones(self) -> Sequence[Voicemail]:
        """Return deleted messages whose files are still kept."""
        query = _listing((State.DELETED,)).where(_C.file != "")
        return await self._database.read(partial(_found, query=query))

    async def erased(self, id_: InteractionId) -> None:
        """Write down that the file of a deleted message is gone."""
        await self._change(id_, (State.DELETED,), file="")

    # --- what is listed ------------------------------------------------------------------------------------

    async def listed(self, *, done: bool = False) -> Sequence[Voicemail]:
        """Return messages that are work, or with ``done`` those too that were; the newest first."""
        states = (State.LEFT, *OPEN, *((State.DONE,) if done else ()))
        return await self._database.read(partial(_found, query=_listing(states, newest=True)))

    async def page(
        self,
        states: Collection[State],
        queues: Collection[QueueId] | None,
        after: InteractionId | None,
        limit: int,
        *,
        newest: bool,
    ) -> Sequence[Voicemail]:
        """Return messages in those states and queues (None: all), after one that was shown."""
        query = _listing(tuple(states), newest=newest, limit=limit)
        if queues is not None:
            query = query.where(_C.queue.in_(tuple(queues)))
        return await self._database.read(partial(_paged, query=query, after=after, newest=newest))

    async def one(self, id_: InteractionId) -> Voicemail | None:
        """Return a message, whatever its state."""
        found = await self._database.read(partial(_found, query=_listing(tuple(State)).where(_C.id == id_)))
        return found[0] if found else None

    async def counts(self) -> Sequence[Count]:
        """Return how many messages are work, by queue and state."""
        return await self._database.read(_counts)

    # --- what is done with one -----------------------------------------------------------------------------

    async def take(self, id_: InteractionId, agent: AgentId, at: int) -> bool:
        """Give a new message to an agent. False if somebody else has it, or it is none."""
        states = (State.NEW, State.MISSING)
        return await self._change(id_, states, state=State.TAKEN, agent=agent, taken_at=at, changed_at=at)

    async def put_back(self, id_: InteractionId, holder: AgentId, at: int) -> bool:
        """Take a message from an agent, for anybody to take. False if that agent does not have it."""
        state = case((_C.file == "", State.MISSING.value), else_=State.NEW.value)
        return await self._change(
            id_, (State.TAKEN,), _C.agent == holder, state=state, agent="", taken_at=None, changed_at=at
        )

    async def called(self, id_: InteractionId, callback: InteractionId, at: int) -> bool:
        """Write down that the caller is being called back. False if nobody works on the message."""
        return await self._change(id_, (State.TAKEN,), callback=callback, called_at=at, changed_at=at)

    async def done(
        self,
        id_: InteractionId,
        at: int,
        by: str = "",
        category: str = "",
        note: str = "",
        holder: AgentId | None = None,
    ) -> bool:
        """Take a message off the list. False if it was not on it, or is not ``holder``'s."""
        values = {
            "state": State.DONE,
            "done_at": at,
            "done_by": by,
            "category": category,
            "note": clean(note),
        }
        mine = True if holder is None else _C.agent == holder
        return await self._change(id_, OPEN, mine, **values, changed_at=at)

    async def delete(self, id_: InteractionId, by: str, at: int) -> bool:
        """Take a message out: its sound is not heard from now on, and erased. False if it was so already."""
        states = (*OPEN, State.DONE)
        return await self._change(id_, states, state=State.DELETED, done_at=at, done_by=by, changed_at=at)

    async def _change(
        self,
        id_: InteractionId,
        states: Sequence[State],
        more: ColumnElement[bool] | bool = True,
        **values: object,
    ) -> bool:
        change = update(VOICEMAILS).where(_C.id == id_, _C.state.in_(states)).values(values)
        if not isinstance(more, bool):
            change = change.where(more)

        async def work(db: AsyncConnection) -> bool:
            return (await db.execute(change)).rowcount == 1

        return await self._database.write(work)


async def _begin(db: AsyncConnection, values: dict[str, object]) -> None:
    insert = (postgresql if db.dialect.name == "postgresql" else sqlite).insert(VOICEMAILS).values(values)
    await db.execute(insert.on_conflict_do_update(index_elements=[_C.id], set_=values))


async def _none(db: AsyncConnection, id_: InteractionId) -> None:
    await db.execute(delete(VOICEMAILS).where(_C.id == id_, _C.state == State.RECORDING))


def _listing(states: Sequence[State], *, newest: bool = False, limit: int = _MOST) -> Select[Any]:
    i = INTERACTIONS.c
    order = (_C.at.desc(), _C.id.desc()) if newest else (_C.at, _C.id)
    return (
        select(VOICEMAILS, i.caller, i.closed_at)
        .join_from(VOICEMAILS, INTERACTIONS, _C.id == i.id, isouter=True)
        .where(_C.state.in_(states))
        .order_by(*order)
        .limit(limit)
    )


async def _found(db: AsyncConnection, query: Select[Any]) -> Sequence[Voicemail]:
    return [_voicemail(row) for row in await db.execute(query)]


async def _paged(
    db: AsyncConnection, query: Select[Any], after: InteractionId | None, newest: bool
) -> Sequence[Voicemail]:
    shown = None
    if after is not None:
        shown = (await db.execute(select(_C.at, _C.id).where(_C.id == after))).one_or_none()
    if shown is not None:
        further = _C.at < shown.at if newest else _C.at > shown.at
        beside = _C.id < shown.id if newest else _C.id > shown.id
        query = query.where(or_(further, and_(_C.at == shown.at, beside)))
    return await _found(db, query)


async def _counts(db: AsyncConnection) -> Sequence[Count]:
    found = await db.execute(
        select(_C.queue, _C.state, func.count(), func.min(_C.at), func.max(_C.changed_at))
        .where(_C.state.in_(OPEN))
        .group_by(_C.queue, _C.state)
    )
    return [Count(QueueId(row[0]), State(row[1]), row[2], row[3], row[4]) for row in found]


def _voicemail(row: Row[Any]) -> Voicemail:
    return Voicemail(
        id=InteractionId(row.id),
        state=State(row.state),
        queue=QueueId(row.queue),
        language=row.language,
        at=row.at,
        caller=row.caller or "",
        call_over=row.closed_at is not None,
        length_ms=row.length_ms,
        spooled=row.spooled,
        file=row.file,
        agent=AgentId(row.agent),
        taken_at=row.taken_at,
        called_at=row.called_at,
        callback=InteractionId(row.callback),
        done_at=row.done_at,
        done_by=row.done_by,
        category=row.category,
        note=row.note,
    )
