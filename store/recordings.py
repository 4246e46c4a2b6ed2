"""The rows of recordings: fills recording.ports.Recordings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.model import Kind, Outcome, Phase
from core.ids import InteractionId
from recording.policy import UNSURE_CAUSES, Call, Problem
from recording.ports import Due, Recording, State
from store.opened import SqlRows
from store.tables import INTERACTIONS, RECORDINGS, SEGMENTS, TRANSITIONS

_AT_ONCE: Final = 500
_OURS: Final = (Kind.CALLBACK, Kind.OUTBOUND)


class SqlRecordings(SqlRows):
    """Used by the recorder process, beside the one that writes the journal."""

    async def due(self) -> Sequence[Due]:
        """Return open recordings whose calls are over, the oldest first; some hundreds at most."""
        return await self._database.read(_due)

    async def known(self, ids: Collection[InteractionId]) -> frozenset[InteractionId]:
        """Return those of ``ids`` that have a row, and not one that says that the file is missing."""
        return await self._database.read(partial(_known, ids=ids))

    async def adopt(self, id_: InteractionId, started_at: int) -> None:
        """Open a row for files that ``known`` does not know."""
        await self._database.write(partial(_adopt, id_=id_, started_at=started_at))

    async def finish(self, recording: Recording) -> None:
        """Write how an open recording turned out. Twice is harmless."""
        await self._database.write(partial(_finish, recording=recording))


async def _due(connection: AsyncConnection) -> Sequence[Due]:
    i, r = INTERACTIONS.c, RECORDINGS.c
    found = (
        await connection.execute(
            select(r.id, r.started_at, i.arrived_at, i.left_at, i.outcome, i.kind)
            .join_from(RECORDINGS, INTERACTIONS, r.id == i.id, isouter=True)
            .where(r.state == State.OPEN, or_(i.id.is_(None), i.left_at.is_not(None)))
            .order_by(func.coalesce(i.left_at, r.started_at), r.id)
            .limit(_AT_ONCE)
        )
    ).all()
    ids = [row.id for row in found]
    causes, talks = await _causes(connection, ids), await _talks(connection, ids)
    return [
        Due(
            id=InteractionId(row.id),
            started_at=row.started_at,
            call=None
            if row.arrived_at is None
            else Call(
                # A call that we made waited without a customer; it is recorded from when the customer answered,
                # which may be some time before the agent did.
                started_at=row.started_at if row.kind in _OURS else row.arrived_at,
                ended_at=row.left_at,
                exact=row.kind not in _OURS
                and row.outcome != Outcome.FAILED
                and causes.get(row.id) not in UNSURE_CAUSES,
                talks=tuple(talks.get(row.id, ())),
            ),
        )
        for row in found
    ]


async def _causes(connection: AsyncConnection, ids: Sequence[str]) -> Mapping[str, str]:
    """Return why each customer's leg ended."""
    t = TRANSITIONS.c
    ends = await connection.execute(
        select(t.interaction, t.cause)
        .where(t.interaction.in_(ids), t.phase.in_([Phase.WRAPPING, Phase.CLOSED]))
        .order_by(t.seq.desc(), t.n.desc())
    )
    # The first of the two ends is the customer's; read backwards, it is the one that stays.
    return {end.interaction: end.cause for end in ends}


async def _talks(connection: AsyncConnection, ids: Sequence[str]) -> Mapping[str, list[tuple[int, int]]]:
    s = SEGMENTS.c
    talks: dict[str, list[tuple[int, int]]] = {}
    for row in await connection.execute(
        select(s.interaction, s.answered_at, s.left_at)
        .where(s.interaction.in_(ids), s.answered_at.is_not(None), s.left_at.is_not(None))
        .order_by(s.seq, s.n)
    ):
        talks.setdefault(row.interaction, []).append((row.answered_at, row.left_at))
    return talks


async def _known(connection: AsyncConnection, ids: Collection[InteractionId]) -> frozenset[InteractionId]:
    r = RECORDINGS.c
    found = await connection.scalars(select(r.id).where(r.id.in_(list(ids)), r.state != State.MISSING))
    return frozenset(InteractionId(id_) for id_ in found)


async def _adopt(connection: AsyncConnection, id_: InteractionId, started_at: int) -> None:
    r = RECORDINGS.c
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(RECORDINGS)
    await connection.execute(
        insert.values(id=id_, state=State.OPEN, started_at=started_at).on_conflict_do_update(
            index_elements=[r.id], set_={"state": State.OPEN}, where=r.state == State.MISSING
        )
    )


async def _finish(connection: AsyncConnection, recording: Recording) -> None:
    values = {**asdict(recording), "problems": " ".join(recording.problems)}
    await connection.execute(update(RECORDINGS).where(RECORDINGS.c.id == recording.id).values(values))


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
