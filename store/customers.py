"""Customers' earlier contacts, agents' drafts and cases: fills desk.customer_ports.Customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.model import Channel, Kind
from core.ids import AgentId, InteractionId, QueueId
from crm.model import Case, Draft, Earlier, Past
from crm.policy import addresses
from store.database import Database
from store.tables import INTERACTIONS, VOICEMAILS
from store.tables_customers import CASES, DRAFTS
from store.tables_said import DISPOSITIONS
from store.wire import clean

_NAMED: Final = (Channel.VIDEO, Channel.WALKIN)
"""On these the caller is a name."""


class SqlCustomers:
    """Beside the journal: nothing here decides where a contact goes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def earlier(self, id_: InteractionId, before: InteractionId | None, limit: int) -> Past:
        """Return other contacts of the same customer, the newest first; after ``before``, which was shown."""
        return await self._database.read(partial(_earlier, id_=id_, before=before, limit=limit))

    # --- drafts --------------------------------------------------------------------------------------------

    async def drafts(self, agent: AgentId) -> Sequence[Draft]:
        """Return what an agent has not handed in."""
        return await self._database.read(partial(_drafts, agent=agent))

    async def keep(self, agent: AgentId, draft: Draft) -> None:
        """Keep a draft in place of the one before."""
        values = {
            "interaction": draft.interaction,
            "agent": agent,
            "at": draft.at,
            "text": clean(draft.text),
            "category": draft.category or "",
            "follow_up": draft.follow_up,
            "due": draft.due,
        }
        await self._database.write(partial(_put, table=DRAFTS, values=values, key=("interaction", "agent")))

    async def handed_in(self, agent: AgentId, id_: InteractionId) -> None:
        """Remove a draft."""
        c = DRAFTS.c
        gone = delete(DRAFTS).where(c.interaction == id_, c.agent == agent)
        await self._database.write(lambda db: db.execute(gone))

    async def forget_drafts(self, before: int) -> None:
        """Remove drafts that were last changed before then."""
        gone = delete(DRAFTS).where(DRAFTS.c.at < before)
        await self._database.write(lambda db: db.execute(gone))

    # --- cases ---------------------------------------------------------------------------------------------

    async def open_case(self, id_: InteractionId, agent: AgentId, due: int, now: int) -> None:
        """Note that something was promised, or that it is due at another time. One that is done is opened again."""
        values = {"interaction": id_, "agent": agent, "due": due, "created_at": now}
        await self._database.write(partial(_open, values=values))

    async def withdraw_case(self, id_: InteractionId, agent: AgentId) -> None:
        """Remove the case of a contact if it is the agent's and not done: nothing was promised after all."""
        c = CASES.c
        gone = delete(CASES).where(c.interaction == id_, c.agent == agent, c.done_at.is_(None))
        await self._database.write(lambda db: db.execute(gone))

    async def case(self, id_: InteractionId) -> Case | None:
        """Return the case of a contact."""
        found = await self._database.read(partial(_cases, where=CASES.c.interaction == id_, limit=1))
        return found[0] if found else None

    async def cases(self, agent: AgentId | None, done_since: int, limit: int) -> Sequence[Case]:
        """Return what is open, and what was done since then, the first due first; of one agent or of all."""
        c = CASES.c
        where = or_(c.done_at.is_(None), c.done_at >= done_since)
        if agent is not None:
            where = and_(c.agent == agent, where)
        return await self._database.read(partial(_cases, where=where, limit=limit))

    async def change_case(self, id_: InteractionId, values: Mapping[str, Any]) -> None:
        """Set ``due``, ``done_at`` or ``done_by``."""
        change = update(CASES).where(CASES.c.interaction == id_).values(**values)
        await self._database.write(lambda db: db.execute(change))


async def _earlier(db: AsyncConnection, id_: InteractionId, before: InteractionId | None, limit: int) -> Past:
    i = INTERACTIONS.c
    row = (await db.execute(select(INTERACTIONS).where(i.id == id_))).one_or_none()
    asked = [id_]
    if row is not None and row.kind == Kind.CONSULT and row.parent:
        # A consultation is about a customer's contact, and has no customer of its own.
        asked.append(InteractionId(row.parent))
        row = (await db.execute(select(INTERACTIONS).where(i.id == row.parent))).one_or_none()
    same = addresses(row.channel, row.caller) if row is not None else ()
    if not same:
        return Past(known=False)
    query = (
        select(INTERACTIONS)
        .where(i.caller.in_(same), i.kind != Kind.CONSULT, i.channel.not_in(_NAMED), i.id.not_in(asked))
        .order_by(i.arrived_at.desc(), i.id.desc())
        .limit(limit + 1)
    )
    last = None
    if before is not None:
        last = (await db.execute(select(i.arrived_at, i.id).where(i.id == before))).one_or_none()
    if last is not None:
        older = i.arrived_at < last.arrived_at
        query = query.where(or_(older, and_(i.arrived_at == last.arrived_at, i.id < last.id)))
    rows = (await db.execute(query)).all()
    return Past(known=True, items=await _told(db, rows[:limit]), more=len(rows) > limit)


async def _told(db: AsyncConnection, rows: Sequence[Row[Any]]) -> tuple[Earlier, ...]:
    """Return contacts with what was said of them."""
    ids = [row.id for row in rows]
    said = await _said(db, ids)
    v = VOICEMAILS.c
    messages = await db.execute(select(v.id, v.length_ms).where(v.id.in_(ids), v.file != ""))
    left = {row.id: row.length_ms for row in messages}
    found = []
    for row in rows:
        word = said.get(row.id)
        agent = word.agent if word is not None else row.agent
        found.append(
            Earlier(
                id=InteractionId(row.id),
                channel=row.channel,
                kind=row.kind,
                at=row.arrived_at,
                queue=QueueId(row.queue) if row.queue else None,
                agent=AgentId(agent) if agent else None,
                outcome=row.outcome or None,
                category=word.category if word is not None else None,
                note=word.note if word is not None else "",
                message_ms=left.get(row.id),
            )
        )
    return tuple(found)


async def _said(db: AsyncConnection, ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Return the last word on each contact."""
    d = DISPOSITIONS.c
    words = await db.execute(select(DISPOSITIONS).where(d.interaction.in_(ids)).order_by(d.seq))
    return {row.interaction: row for row in words}


async def _drafts(db: AsyncConnection, agent: AgentId) -> Sequence[Draft]:
    c = DRAFTS.c
    rows = await db.execute(select(DRAFTS).where(c.agent == agent).order_by(c.at.desc()))
    return [
        Draft(InteractionId(r.interaction), r.at, r.text, r.category or None, r.follow_up, r.due)
        for r in rows
    ]


async def _open(db: AsyncConnection, values: dict[str, Any]) -> None:
    changed = {"agent": values["agent"], "due": values["due"], "done_at": None, "done_by": ""}
    await _put(db, CASES, values, ("interaction",), changed)


async def _cases(db: AsyncConnection, where: Any, limit: int) -> Sequence[Case]:
    c, i = CASES.c, INTERACTIONS.c
    rows = (
        await db.execute(
            select(CASES, i.channel, i.queue, i.caller)
            .join_from(CASES, INTERACTIONS, c.interaction == i.id)
            .where(where)
            .order_by(c.done_at.is_not(None), c.due, c.interaction)
            .limit(limit)
        )
    ).all()
    said = await _said(db, [row.interaction for row in rows])
    found = []
    for row in rows:
        word = said.get(row.interaction)
        found.append(
            Case(
                id=InteractionId(row.interaction),
                agent=AgentId(row.agent),
                due=row.due,
                created_at=row.created_at,
                done_at=row.done_at,
                done_by=row.done_by or None,
                channel=row.channel,
                queue=QueueId(row.queue) if row.queue else None,
                caller=row.caller,
                category=word.category if word is not None else None,
                note=word.note if word is not None else "",
            )
        )
    return found


async def _put(
    db: AsyncConnection,
    table: Any,
    values: dict[str, Any],
    key: tuple[str, ...],
    changed: Mapping[str, Any] | None = None,
) -> None:
    """Insert a row, or change the one that has its key."""
    make = postgresql.insert if db.dialect.name == "postgresql" else sqlite.insert
    changed = changed or {name: value for name, value in values.items() if name not in key}
    await db.execute(make(table).values(values).on_conflict_do_update(index_elements=key, set_=changed))
