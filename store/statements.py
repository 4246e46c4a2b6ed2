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
    Select,
    Table,
    Text,
    Update,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from acd.model import Channel, Kind
from store import rows, tables, tables_said
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
        rows.QueueActivity: _insert(tables_said.QUEUE_ACTIVITY, rows.QueueActivity),
        rows.Disposition: _keep_last(unless_there(tables_said.DISPOSITIONS), rows.Disposition, "agent"),
        rows.SurveyAnswer: _keep_last(
            unless_there(tables_said.SURVEY_ANSWERS), rows.SurveyAnswer, "question"
        ),
        rows.RecordingPause: _insert(tables_said.RECORDING_PAUSES, rows.RecordingPause),
        rows.NewRecording: unless_there(tables.RECORDINGS)
        .values(id=bindparam("id"), started_at=bindparam("started_at"), state=literal_column("'open'"))
        .on_conflict_do_nothing(),
        rows.OutgoingRecording: unless_there(tables.RECORDINGS)
        .from_select(["id", "started_at", "state"], _made_by_us())
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


def _made_by_us() -> Select[Any]:
    """Return the recording of a contact, if it is a call that we made."""
    c = tables.INTERACTIONS.c
    return select(c.id, cast(bindparam("at"), BigInteger), literal_column("'open'")).where(
        c.id == bindparam("interaction", type_=Text),
        c.channel == literal_column(f"'{Channel.VOICE}'"),
        c.kind.in_([literal_column(f"'{kind}'") for kind in (Kind.CALLBACK, Kind.OUTBOUND)]),
    )


def _insert(table: Table, kind: type[Change]) -> Insert:
    return insert(table).values({name: bindparam(name) for name in kind.__struct_fields__})


def _keep_last(
    statement: postgresql.Insert | sqlite.Insert, kind: type[Change], key: str
) -> postgresql.Insert | sqlite.Insert:
    """Write a row in place of the one with the same interaction and ``key``."""
    statement = statement.values({name: bindparam(name) for name in kind.__struct_fields__})
    names = [name for name in kind.__struct_fields__ if name not in ("interaction", key)]
    return statement.on_conflict_do_update(
        index_elements=["interaction", key], set_={name: statement.excluded[name] for name in names}
    )


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
    mine = c.interaction == bindparam("interaction", type_=Text)
    running = update(tables.SEGMENTS).where(mine, c.left_at.is_(None), c.ended_at.is_(None))
    answered = c.answered_at.is_not(None)
    return {
        rows.OpenSegment: insert(tables.SEGMENTS).values(
            interaction=bindparam("interaction"),
            seq=bindparam("seq"),
            n=bindparam("n"),
            queue=bindparam("queue"),
            queued_at=at,
        ),
        rows.OfferSegment: running.values(
            agent=bindparam("agent"),
            offer=bindparam("offer", type_=Integer),
            offered_at=at,
            wait_ms=at - c.queued_at,
        ),
        rows.AcceptSegment: running.values(accepted_at=at),
        rows.TalkSegment: running.values(
            answered_at=func.coalesce(c.answered_at, at),
            ring_ms=case((c.answered_at.is_(None), at - c.offered_at), else_=c.ring_ms),
            hold_ms=held,
            held_at=null(),
        ),
        rows.HoldSegment: running.values(held_at=func.coalesce(c.held_at, at)),
        rows.HandSegment: insert(tables.SEGMENTS).values(
            interaction=bindparam("interaction"),
            seq=bindparam("seq"),
            n=bindparam("n"),
            queue=bindparam("queue"),
            agent=bindparam("agent"),
            offer=bindparam("offer", type_=Integer),
            queued_at=at,
            offered_at=at,
            accepted_at=at,
            answered_at=at,
        ),
        rows.WrappedSegment: update(tables.SEGMENTS)
        .where(
            mine,
            c.agent == bindparam("agent", type_=Text),
            c.left_at.is_not(None),
            c.ended_at.is_(None),
        )
        .values(ended_at=at, wrap_ms=at - c.left_at),
        rows.EndSegment: running.values(
            ended_at=case((answered, null()), else_=at),
            left_at=case((answered, at), else_=null()),
            wait_ms=case((c.offered_at.is_(None), at - c.queued_at), else_=c.wait_ms),
            ring_ms=case(
                (c.offered_at.is_not(None) & c.answered_at.is_(None), at - c.offered_at), else_=c.ring_ms
            ),
            talk_ms=case((answered, at - c.answered_at - held), else_=_ZERO),
            hold_ms=held,
            held_at=null(),
            result=case(
                (answered, bindparam("answered", type_=Text)),
                else_=bindparam("unanswered", type_=Text),
            ),
            cause=bindparam("cause"),
        ),
    }


_MOVE: Final = _move()
_SEGMENTS: Final = MappingProxyType(dict(_segments()))
