"""The statement for each kind of change, written once and compiled for the database at hand.

The journal's path hands the compiled text to the driver itself: through the whole of SQLAlchemy an append
costs three times the processor time, and every event of every call takes this path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Dialect,
    Insert,
    Integer,
    Table,
    Text,
    Update,
    bindparam,
    case,
    func,
    insert,
    literal_column,
    null,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from store import rows, tables
from store.rows import Change

_ZERO: Final = literal_column("0", BigInteger)


class Compiled(NamedTuple):
    """A statement as the driver takes it, and how a change gives its arguments."""

    text: str
    arguments: Callable[[Change], tuple[Any, ...]]


def compiled(dialect: Dialect) -> Mapping[type[Change], Compiled]:
    """Return every statement in the words of ``dialect``. Arguments are positional."""
    return {kind: _compile(statement, dialect) for kind, statement in _statements(dialect).items()}


def _compile(statement: Insert | Update, dialect: Dialect) -> Compiled:
    ready = statement.compile(dialect=dialect)
    names = ready.positiontup
    if names is None:
        raise ValueError("the dialect's arguments are not positional")
    return Compiled(str(ready), attrgetter(*names))


def _statements(dialect: Dialect) -> Mapping[type[Change], Insert | Update]:
    unless_there = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    return {
        rows.Journalled: _insert(tables.JOURNAL, rows.Journalled),
        rows.Explained: _insert(tables.RECEIPTS, rows.Explained),
        rows.Transition: _insert(tables.TRANSITIONS, rows.Transition),
        rows.Activity: _insert(tables.AGENT_ACTIVITY, rows.Activity),
        rows.NewRecording: unless_there(tables.RECORDINGS)
        .values(id=bindparam("id"), started_at=bindparam("started_at"), state=literal_column("'open'"))
        .on_conflict_do_nothing(),
        rows.NewInteraction: unless_there(tables.INTERACTIONS)
        .values(
            id=bindparam("interaction"),
            **{
                name: bindparam(name)
                for name in rows.NewInteraction.__struct_fields__
                if name != "interaction"
            },
        )
        .on_conflict_do_nothing(),
        rows.MoveInteraction: _MOVE,
        **_SEGMENTS,
    }


def _insert(table: Table, kind: type[Change]) -> Insert:
    return insert(table).values({name: bindparam(name) for name in kind.__struct_fields__})


def _move() -> Update:
    c = tables.INTERACTIONS.c
    return (
        update(tables.INTERACTIONS)
        .where(c.id == bindparam("interaction", type_=Text))
        .values(
            phase=bindparam("phase"),
            left_at=func.coalesce(c.left_at, bindparam("left_at", type_=BigInteger)),
            closed_at=func.coalesce(c.closed_at, bindparam("closed_at", type_=BigInteger)),
            **{
                name: func.coalesce(bindparam(name, type_=Text), c[name])
                for name in ("queue", "agent", "outcome", "abandoned_in")
            },
        )
    )


def _segments() -> Mapping[type[Change], Insert | Update]:
    c = tables.SEGMENTS.c
    at = bindparam("at", type_=BigInteger)
    held = c.hold_ms + case((c.held_at.is_not(None), at - c.held_at), else_=_ZERO)
    open_one = update(tables.SEGMENTS).where(
        c.interaction == bindparam("interaction", type_=Text), c.ended_at.is_(None)
    )
    talked = case(
        (c.left_at.is_not(None), c.talk_ms),
        (c.answered_at.is_not(None), at - c.answered_at - held),
        else_=_ZERO,
    )
    return {
        rows.OpenSegment: insert(tables.SEGMENTS).values(
            interaction=bindparam("interaction"),
            seq=bindparam("seq"),
            n=bindparam("n"),
            queue=bindparam("queue"),
            queued_at=at,
        ),
        rows.OfferSegment: open_one.values(
            agent=bindparam("agent"),
            offer=bindparam("offer", type_=Integer),
            offered_at=at,
            wait_ms=at - c.queued_at,
        ),
        rows.AcceptSegment: open_one.values(accepted_at=at),
        rows.TalkSegment: open_one.values(
            answered_at=func.coalesce(c.answered_at, at),
            ring_ms=case((c.answered_at.is_(None), at - c.offered_at), else_=c.ring_ms),
            hold_ms=held,
            held_at=null(),
        ),
        rows.HoldSegment: open_one.values(held_at=func.coalesce(c.held_at, at)),
        rows.LeaveSegment: open_one.values(
            left_at=at, talk_ms=at - c.answered_at - held, hold_ms=held, held_at=null()
        ),
        rows.EndSegment: open_one.values(
            ended_at=at,
            left_at=case((c.answered_at.is_not(None), func.coalesce(c.left_at, at)), else_=null()),
            wait_ms=case((c.offered_at.is_(None), at - c.queued_at), else_=c.wait_ms),
            ring_ms=case(
                (c.offered_at.is_not(None) & c.answered_at.is_(None), at - c.offered_at), else_=c.ring_ms
            ),
            talk_ms=talked,
            hold_ms=held,
            held_at=null(),
            wrap_ms=case((c.left_at.is_not(None), at - c.left_at), else_=_ZERO),
            result=case(
                (c.answered_at.is_not(None), bindparam("answered", type_=Text)),
                else_=bindparam("unanswered", type_=Text),
            ),
            cause=bindparam("cause"),
        ),
    }


_MOVE: Final = _move()
_SEGMENTS: Final = MappingProxyType(dict(_segments()))
