"""The rows of messages that callers left: fills pbx.voicemail.Rows and recording.voicemail.Rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from core.ids import AgentId, InteractionId, QueueId
from recording.voicemail import State, Voicemail
from store.opened import SqlRows
from store.tables import INTERACTIONS, VOICEMAILS

_C = VOICEMAILS.c


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
        return await self._database.read(partial(_listed, states=(State.RECORDING, State.LEFT), newest=False))

    async def kept(self, id_: InteractionId, file: str, length_ms: int) -> None:
        """Write down where a message is kept: it can be listened to from now on."""
        states = (State.RECORDING, State.LEFT)
        await self._change(id_, states, state=State.NEW, file=file, length_ms=length_ms)

    async def missing(self, id_: InteractionId) -> None:
        """Write down that a message was left and its file is not there."""
        await self._change(id_, (State.LEFT,), state=State.MISSING)

    async def listed(self, *, done: bool = False) -> Sequence[Voicemail]:
        """Return messages that are work, or with ``done`` those too that were; the newest first."""
        states = (State.LEFT, State.NEW, State.TAKEN, State.MISSING, *((State.DONE,) if done else ()))
        return await self._database.read(partial(_listed, states=states, newest=True))

    async def take(self, id_: InteractionId, agent: AgentId, at: int) -> bool:
        """Give a new message to an agent. False if somebody else has it, or it is none."""
        return await self._change(id_, (State.NEW,), state=State.TAKEN, agent=agent, taken_at=at)

    async def done(self, id_: InteractionId, at: int) -> bool:
        """Take a message off the list. False if it was not on it."""
        return await self._change(id_, (State.NEW, State.TAKEN, State.MISSING), state=State.DONE, done_at=at)

    async def _change(self, id_: InteractionId, states: Sequence[State], **values: object) -> bool:
        change = update(VOICEMAILS).where(_C.id == id_, _C.state.in_(states)).values(values)

        async def work(db: AsyncConnection) -> bool:
            return (await db.execute(change)).rowcount == 1

        return await self._database.write(work)


async def _begin(db: AsyncConnection, values: dict[str, object]) -> None:
    insert = (postgresql if db.dialect.name == "postgresql" else sqlite).insert(VOICEMAILS).values(values)
    await db.execute(insert.on_conflict_do_update(index_elements=[_C.id], set_=values))


async def _none(db: AsyncConnection, id_: InteractionId) -> None:
    await db.execute(delete(VOICEMAILS).where(_C.id == id_, _C.state == State.RECORDING))


async def _listed(db: AsyncConnection, states: Sequence[State], newest: bool) -> Sequence[Voicemail]:
    i = INTERACTIONS.c
    found = await db.execute(
        select(VOICEMAILS, i.caller, i.closed_at)
        .join_from(VOICEMAILS, INTERACTIONS, _C.id == i.id, isouter=True)
        .where(_C.state.in_(states))
        .order_by(_C.at.desc() if newest else _C.at, _C.id)
        .limit(500)
    )
    return [_voicemail(row) for row in found]


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
    )
