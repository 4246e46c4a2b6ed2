"""Appointments for video calls: fills video.appointment.AppointmentBook."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.model import Outcome
from core.ids import InteractionId
from store.database import Database
from store.tables import INTERACTIONS, SEGMENTS
from store.tables_appointments import APPOINTMENTS
from store.wire import clean
from video.appointment import Appointment, AppointmentId


class SqlAppointments:
    """Beside the journal: an appointment decides nothing until its visitor comes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, appointment: Appointment) -> None:
        """Write down a new one."""
        a = appointment
        row = {
            "id": a.id,
            "topic": clean(a.topic),
            "language": clean(a.language),
            "begins_at": a.begins_at,
            "ends_at": a.ends_at,
            "opens_at": a.opens_at,
            "closes_at": a.closes_at,
            "made_at": a.made_at,
            "made_by": clean(a.made_by),
            "name": clean(a.name),
            "note": clean(a.note),
        }
        await self._database.write(lambda db: db.execute(insert(APPOINTMENTS).values(row)))

    async def find(self, id_: AppointmentId) -> Appointment | None:
        """Return an appointment."""
        found = await self._some(_rows().where(APPOINTMENTS.c.id == id_))
        return found[0] if found else None

    async def of_visit(self, visit: InteractionId) -> Appointment | None:
        """Return by which appointment a visitor came."""
        found = await self._some(_rows().where(APPOINTMENTS.c.visit == visit))
        return found[0] if found else None

    async def all(self, since: int, by: str | None, limit: int) -> Sequence[Appointment]:
        """Return those that close at ``since`` or later, the first first; ``by`` who made them, or None for all."""
        c = APPOINTMENTS.c
        query = _rows().where(c.closes_at >= since).order_by(c.begins_at, c.id).limit(limit)
        return await self._some(query if by is None else query.where(c.made_by == by))

    async def take(self, id_: AppointmentId, visit: InteractionId) -> bool:
        """Note that its visitor comes with this visit; return False if it was cancelled."""
        c = APPOINTMENTS.c
        change = update(APPOINTMENTS).where(c.id == id_, c.cancelled_at.is_(None)).values(visit=visit)

        async def work(db: AsyncConnection) -> bool:
            return (await db.execute(change)).rowcount == 1

        return await self._database.write(work)

    async def cancel(self, id_: AppointmentId, by: str, at: int) -> None:
        """Cancel it, unless it is cancelled already."""
        c = APPOINTMENTS.c
        change = update(APPOINTMENTS).where(c.id == id_, c.cancelled_at.is_(None))
        await self._database.write(
            lambda db: db.execute(change.values(cancelled_at=at, cancelled_by=clean(by)))
        )

    async def forget(self, before: int) -> None:
        """Remove those that closed before then, with the personal data in them."""
        gone = delete(APPOINTMENTS).where(APPOINTMENTS.c.closes_at < before)
        await self._database.write(lambda db: db.execute(gone))

    async def _some(self, query: Select[Any]) -> Sequence[Appointment]:
        return await self._database.read(partial(_some, query=query))


def _rows() -> Select[Any]:
    return select(APPOINTMENTS, _served().label("served"))


def _served() -> ColumnElement[bool]:
    visit, segment, contact = APPOINTMENTS.c.visit, SEGMENTS.c, INTERACTIONS.c
    answered = exists().where(and_(segment.interaction == visit, segment.answered_at.is_not(None)))
    promised = exists().where(and_(contact.id == visit, contact.outcome == Outcome.CALLBACK.value))
    return or_(answered, promised)


async def _some(db: AsyncConnection, query: Select[Any]) -> Sequence[Appointment]:
    return [_appointment(row) for row in await db.execute(query)]


def _appointment(row: Row[Any]) -> Appointment:
    return Appointment(
        id=AppointmentId(row.id),
        topic=row.topic,
        language=row.language,
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        made_at=row.made_at,
        made_by=row.made_by,
        name=row.name,
        note=row.note,
        cancelled_at=row.cancelled_at,
        cancelled_by=row.cancelled_by,
        visit=InteractionId(row.visit) if row.visit else None,
        served=bool(row.served),
    )
