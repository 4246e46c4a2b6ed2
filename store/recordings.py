"""The rows of recordings: fills recording.ports.Recordings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Final, Self

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.model import Outcome, Phase
from core.ids import InteractionId
from recording.policy import UNSURE_CAUSES, Call, Problem
from recording.ports import Recording, State
from store.database import Database, parse
from store.migrate import upgrade
from store.tables import INTERACTIONS, RECORDINGS, SEGMENTS, TRANSITIONS

_AT_ONCE: Final = 500


class SqlRecordings:
    """Used by the recorder process, beside the one that writes the journal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, url: str) -> Self:
        """Bring the database at ``url`` up to date and connect. Raises Refused for a wrong URL."""
        database = Database(parse(url))
        try:
            await upgrade(database.engine)
        except BaseException:
            await database.close()
            raise
        return cls(database)

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def over(self) -> Sequence[Call]:
        """Return the calls that are over and whose recording is still open, oldest first."""
        return await self._database.read(_over)

    async def known(self, ids: Collection[InteractionId]) -> frozenset[InteractionId]:
        """Return those of ``ids`` that have a row."""
        return await self._database.read(partial(_known, ids=ids))

    async def finish(self, recording: Recording) -> None:
        """Write the row, new or not. Writing it again changes nothing."""
        await self._database.write(partial(_finish, recording=recording))


async def _over(connection: AsyncConnection) -> Sequence[Call]:
    i, r, t, s = INTERACTIONS.c, RECORDINGS.c, TRANSITIONS.c, SEGMENTS.c
    calls = (
        await connection.execute(
            select(r.id, r.started_at, i.left_at, i.outcome)
            .join_from(RECORDINGS, INTERACTIONS, r.id == i.id)
            .where(r.state == State.OPEN, i.left_at.is_not(None))
            .order_by(i.left_at)
            .limit(_AT_ONCE)
        )
    ).all()
    ids = [call.id for call in calls]
    ends = await connection.execute(
        select(t.interaction, t.cause)
        .where(t.interaction.in_(ids), t.phase.in_([Phase.WRAPPING, Phase.CLOSED]))
        .order_by(t.seq.desc(), t.n.desc())
    )
    # The first of an interaction's ends is the customer's; read backwards, it is the one that stays.
    causes = {end.interaction: end.cause for end in ends}
    talks: dict[str, list[tuple[int, int]]] = {}
    for segment in await connection.execute(
        select(s.interaction, s.answered_at, s.left_at)
        .where(s.interaction.in_(ids), s.answered_at.is_not(None), s.left_at.is_not(None))
        .order_by(s.seq, s.n)
    ):
        talks.setdefault(segment.interaction, []).append((segment.answered_at, segment.left_at))
    return [
        Call(
            id=InteractionId(call.id),
            started_at=call.started_at,
            ended_at=call.left_at,
            exact=call.outcome != Outcome.FAILED and causes.get(call.id) not in UNSURE_CAUSES,
            talks=tuple(talks.get(call.id, ())),
        )
        for call in calls
    ]


async def _known(connection: AsyncConnection, ids: Collection[InteractionId]) -> frozenset[InteractionId]:
    found = await connection.scalars(select(RECORDINGS.c.id).where(RECORDINGS.c.id.in_(list(ids))))
    return frozenset(InteractionId(id_) for id_ in found)


async def _finish(connection: AsyncConnection, recording: Recording) -> None:
    values = {**asdict(recording), "problems": " ".join(recording.problems)}
    found = await connection.execute(update(RECORDINGS).where(RECORDINGS.c.id == recording.id).values(values))
    if found.rowcount == 0:
        await connection.execute(insert(RECORDINGS).values(values))


def recording_of(row: Row[Any]) -> Recording:
    """Return a row of the table as a value."""
    return Recording(
        **{
            **row._asdict(),
            "id": InteractionId(row.id),
            "state": State(row.state),
            "problems": tuple(Problem(problem) for problem in row.problems.split()),
        }
    )
