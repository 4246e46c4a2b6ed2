"""Reading what is kept: one interaction, the newest ones, agents' days, the journal for a replay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, ColumnElement, Row, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.effects import Receipt
from acd.model import Channel, Kind, Outcome, Party, Phase, QueueState
from core.errors import Refused
from core.ids import AgentId, InteractionId, OfferId, QueueId
from recording.ports import Recording
from store.agents import Activity, Work, day
from store.database import Database, parse
from store.recordings import recording_of
from store.rows import Result
from store.tables import (
    AGENT_ACTIVITY,
    INTERACTIONS,
    JOURNAL,
    RECEIPTS,
    RECORDINGS,
    SEGMENTS,
    TRANSITIONS,
)
from store.tables_said import DISPOSITIONS, QUEUE_ACTIVITY, RECORDING_PAUSES, SURVEY_ANSWERS
from store.views import (
    AgentDay,
    Answer,
    Disposition,
    Explanation,
    History,
    Interaction,
    Pause,
    QueueChange,
    Related,
    Segment,
    Step,
    Summary,
    Transition,
)
from store.wire import decode_event, decode_receipt

_CHUNK: Final = 2_000


class Queries:
    """Reads only, in any process, beside the one that writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    async def open(cls, url: str) -> Queries:
        """Connect to the database at ``url``. Raises Refused for a wrong URL or where there is none yet."""
        return cls(Database(_existing(parse(url))))

    async def close(self) -> None:
        """Close every connection."""
        await self._database.close()

    async def history(self, id_: InteractionId) -> History | None:
        """Return all that is kept of one interaction, or None if it was never here."""
        return await self._database.read(partial(_history, id_=id_))

    async def recent(self, limit: int = 20) -> Sequence[Summary]:
        """Return the newest interactions, newest first. Consultations are found by the contacts they are about."""
        return await self._database.read(partial(_recent, limit=limit))

    async def queue_changes(self, since: int, until: int) -> Sequence[QueueChange]:
        """Return what was said of queues between the two times, in order."""
        return await self._database.read(partial(_queue_changes, since=since, until=until))

    async def known(self, ids: Collection[InteractionId]) -> frozenset[InteractionId]:
        """Return those of ``ids`` that ever were in the journal."""
        return await self._database.read(partial(_known, ids=ids))

    async def recordings(self, ids: Collection[InteractionId]) -> Sequence[Recording]:
        """Return recordings; one that was adopted may be of an interaction that was never journalled."""
        return await self._database.read(partial(_recordings, ids=ids))

    async def agent_days(self, since: int, now: int) -> Sequence[AgentDay]:
        """Return each agent that signed in or worked between the two times, by name."""
        return await self._database.read(partial(_agent_days, since=since, now=now))

    async def journal_until(self, seq: int | None = None) -> AsyncIterator[Step]:
        """Yield every journal entry up to ``seq``, or to the newest, with the receipts stored for it."""
        after = 0
        while True:
            chunk = await self._database.read(partial(_steps, after=after, until=seq))
            for step in chunk:
                yield step
            if len(chunk) < _CHUNK:
                return
            after = chunk[-1].seq


def _existing(url: URL) -> URL:
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise Refused(f"there is no database at {url.database}; it is made when the centre first starts")
    return url


async def _history(connection: AsyncConnection, id_: InteractionId) -> History | None:
    row = (await connection.execute(select(INTERACTIONS).where(INTERACTIONS.c.id == id_))).one_or_none()
    if row is None:
        return None
    t, s, r = TRANSITIONS.c, SEGMENTS.c, RECEIPTS.c
    transitions = await connection.execute(
        select(TRANSITIONS).where(t.interaction == id_).order_by(t.seq, t.n)
    )
    segments = await connection.execute(select(SEGMENTS).where(s.interaction == id_).order_by(s.seq, s.n))
    receipts = await connection.execute(select(RECEIPTS).where(r.interaction == id_).order_by(r.offer))
    related = await connection.execute(
        select(INTERACTIONS)
        .where(INTERACTIONS.c.parent == id_)
        .order_by(INTERACTIONS.c.arrived_at, INTERACTIONS.c.id)
    )
    said = await connection.execute(
        select(DISPOSITIONS).where(DISPOSITIONS.c.interaction == id_).order_by(DISPOSITIONS.c.seq)
    )
    answers = await connection.execute(
        select(SURVEY_ANSWERS).where(SURVEY_ANSWERS.c.interaction == id_).order_by(SURVEY_ANSWERS.c.seq)
    )
    pauses = await connection.execute(
        select(RECORDING_PAUSES).where(RECORDING_PAUSES.c.interaction == id_).order_by(RECORDING_PAUSES.c.seq)
    )
    recording = (await connection.execute(select(RECORDINGS).where(RECORDINGS.c.id == id_))).one_or_none()
    return History(
        interaction=_interaction(row),
        transitions=tuple(_transition(t) for t in transitions),
        segments=tuple(_segment(s) for s in segments),
        receipts=tuple(Explanation(r.seq, r.at, decode_receipt(r.body)) for r in receipts),
        recording=None if recording is None else recording_of(recording),
        related=tuple(
            Related(
                InteractionId(i.id), Kind(i.kind), i.arrived_at, Outcome(i.outcome) if i.outcome else None
            )
            for i in related
        ),
        dispositions=tuple(
            Disposition(AgentId(d.agent), d.at, d.category, d.note, d.follow_up) for d in said
        ),
        survey=tuple(Answer(a.question, a.at, a.score) for a in answers),
        pauses=tuple(Pause(p.at, p.on, p.reason, AgentId(p.agent) if p.agent else None) for p in pauses),
    )


async def _queue_changes(connection: AsyncConnection, since: int, until: int) -> Sequence[QueueChange]:
    q = QUEUE_ACTIVITY.c
    changes = await connection.execute(
        select(QUEUE_ACTIVITY).where(q.at >= since, q.at <= until).order_by(q.seq, q.n)
    )
    return [QueueChange(QueueId(c.queue), c.at, QueueState(c.state), c.reason, c.by) for c in changes]


_DURATIONS: Final = ("wait_ms", "ring_ms", "talk_ms", "hold_ms", "wrap_ms")


def _total(name: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(SEGMENTS.c[name]), 0).label(name)


async def _recent(connection: AsyncConnection, limit: int) -> Sequence[Summary]:
    c = INTERACTIONS.c
    customers = select(INTERACTIONS).where(c.kind != Kind.CONSULT)
    newest = customers.order_by(c.arrived_at.desc(), c.id).limit(limit).subquery()
    sums = (
        select(SEGMENTS.c.interaction, func.count(SEGMENTS.c.offer).label("offers"), *map(_total, _DURATIONS))
        .where(SEGMENTS.c.interaction.in_(select(newest.c.id)))
        .group_by(SEGMENTS.c.interaction)
        .subquery()
    )
    query = (
        select(newest, *(func.coalesce(sums.c[name], 0).label(name) for name in ("offers", *_DURATIONS)))
        .join_from(newest, sums, newest.c.id == sums.c.interaction, isouter=True)
        .order_by(newest.c.arrived_at.desc(), newest.c.id)
    )
    return [
        Summary(
            interaction=_interaction(row),
            offers=row.offers,
            **{name: int(row._mapping[name]) for name in _DURATIONS},
        )
        for row in await connection.execute(query)
    ]


async def _known(connection: AsyncConnection, ids: Collection[InteractionId]) -> frozenset[InteractionId]:
    c = INTERACTIONS.c
    found = await connection.scalars(select(c.id).where(c.id.in_(list(ids))))
    return frozenset(InteractionId(id_) for id_ in found)


async def _recordings(connection: AsyncConnection, ids: Collection[InteractionId]) -> Sequence[Recording]:
    found = await connection.execute(select(RECORDINGS).where(RECORDINGS.c.id.in_(list(ids))))
    return [recording_of(row) for row in found]


async def _agent_days(connection: AsyncConnection, since: int, now: int) -> Sequence[AgentDay]:
    a, s = AGENT_ACTIVITY.c, SEGMENTS.c
    # What an agent's facts were at ``since`` is in the last change before it.
    before = select(func.max(a.seq)).where(a.at < since).group_by(a.agent)
    changes = await connection.execute(
        select(AGENT_ACTIVITY).where(a.at <= now, or_(a.at >= since, a.seq.in_(before))).order_by(a.seq, a.n)
    )
    i = INTERACTIONS.c
    consult = i.kind == Kind.CONSULT

    def total(name: str, condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, s[name]), else_=0)).label(name)

    work = await connection.execute(
        select(
            s.agent,
            func.sum(_one_if(s.answered_at.is_not(None) & ~consult)).label("answered"),
            func.sum(_one_if((s.result == Result.NOT_TAKEN) & ~consult)).label("not_taken"),
            total("talk_ms", ~consult),
            total("hold_ms", ~consult),
            total("wrap_ms", ~consult),
            total("talk_ms", consult).label("consult_ms"),
        )
        .join_from(SEGMENTS, INTERACTIONS, s.interaction == i.id)
        .where(s.agent != "", s.offered_at >= since, s.offered_at <= now)
        .group_by(s.agent)
    )
    activity: dict[str, list[Activity]] = {}
    for row in changes:
        activity.setdefault(row.agent, []).append(
            Activity(row.at, row.signed_in, row.ready, row.reason, tuple(row.reach.split()))
        )
    done = {row.agent: Work(*(int(value) for value in row[1:])) for row in work}
    return [
        day(AgentId(agent), activity.get(agent, []), done.get(agent, Work()), since, now)
        for agent in sorted(activity.keys() | done.keys())
    ]


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


async def _steps(connection: AsyncConnection, after: int, until: int | None) -> Sequence[Step]:
    j, r = JOURNAL.c, RECEIPTS.c
    entries = select(j.seq, j.at, j.body).where(j.seq > after).order_by(j.seq).limit(_CHUNK)
    if until is not None:
        entries = entries.where(j.seq <= until)
    rows = (await connection.execute(entries)).all()
    if not rows:
        return ()
    receipts: dict[int, list[Receipt]] = {}
    stored = select(r.seq, r.body).where(r.seq > after, r.seq <= rows[-1][0]).order_by(r.offer)
    for seq, body in await connection.execute(stored):
        receipts.setdefault(seq, []).append(decode_receipt(body))
    return [Step(seq, at, decode_event(body), tuple(receipts.get(seq, ()))) for seq, at, body in rows]


def _interaction(row: Row[Any]) -> Interaction:
    return Interaction(
        id=InteractionId(row.id),
        channel=Channel(row.channel),
        caller=row.caller,
        dialled=row.dialled,
        arrived_at=row.arrived_at,
        phase=Phase(row.phase),
        queue=_queue(row),
        agent=_agent(row),
        left_at=row.left_at,
        closed_at=row.closed_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        abandoned_in=Phase(row.abandoned_in) if row.abandoned_in else None,
        kind=Kind(row.kind),
        parent=InteractionId(row.parent) if row.parent else None,
    )


def _transition(row: Row[Any]) -> Transition:
    return Transition(
        seq=row.seq,
        at=row.at,
        phase=Phase(row.phase),
        cause=row.cause,
        actor=Party(row.actor),
        queue=_queue(row),
        agent=_agent(row),
        offer=_offer(row),
    )


def _segment(row: Row[Any]) -> Segment:
    times = ("queued_at", "offered_at", "accepted_at", "answered_at", "left_at", "ended_at")
    return Segment(
        seq=row.seq,
        queue=_queue(row),
        agent=_agent(row),
        offer=_offer(row),
        result=row.result,
        cause=row.cause,
        **{name: row._mapping[name] for name in (*times, *_DURATIONS)},
    )


def _queue(row: Row[Any]) -> QueueId | None:
    return QueueId(row.queue) if row.queue else None


def _agent(row: Row[Any]) -> AgentId | None:
    return AgentId(row.agent) if row.agent else None


def _offer(row: Row[Any]) -> OfferId | None:
    return None if row.offer is None else OfferId(row.offer)
