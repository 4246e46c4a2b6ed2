"""What is kept. Times are milliseconds UTC; ``*_ms`` are durations; an empty string is "none of it".

The journal is the truth. Every other table here follows from it (projection.py) or is the recorder's own.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str, kind: type[Text | BigInteger | Integer] = Text) -> Column[object]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _time(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=True)


def _duration(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


JOURNAL: Final = Table(
    "journal",
    METADATA,
    _key("seq", Integer),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False, comment="the event as JSON (acd.events.Event)"),
)
"""``seq`` is 32 bits wide on PostgreSQL: 2,147,483,647 steps are centuries of the first customer's work."""

SNAPSHOTS: Final = Table(
    "snapshots",
    METADATA,
    _key("seq", Integer),
    Column("version", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

INTERACTIONS: Final = Table(
    "interactions",
    METADATA,
    _key("id"),
    Column("channel", Text, nullable=False),
    _text("caller"),
    _text("dialled"),
    Column("arrived_at", BigInteger, nullable=False, index=True),
    Column("phase", Text, nullable=False),
    _text("queue"),
    _text("agent"),
    _time("left_at"),
    _time("closed_at"),
    _text("outcome"),
    _text("abandoned_in"),
    Column("kind", Text, nullable=False, server_default="inbound"),
    Column("parent", Text, nullable=False, server_default="", index=True),
)
"""``kind``: acd.model.Kind; a consultation is no contact of a customer.

``left_at`` is when the customer's leg ended, ``closed_at`` when the agent's wrap-up had ended too."""

TRANSITIONS: Final = Table(
    "transitions",
    METADATA,
    _key("seq", Integer),
    _key("n", Integer),
    Column("interaction", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("phase", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("actor", Text, nullable=False),
    _text("queue"),
    _text("agent"),
    Column("offer", Integer, nullable=True),
)

SEGMENTS: Final = Table(
    "segments",
    METADATA,
    _key("interaction"),
    _key("seq", Integer),
    _key("n", Integer),
    _text("queue"),
    _text("agent"),
    Column("offer", Integer, nullable=True),
    Column("queued_at", BigInteger, nullable=False),
    _time("offered_at"),
    _time("accepted_at"),
    _time("answered_at"),
    _time("held_at"),
    _time("left_at"),
    _time("ended_at"),
    _duration("wait_ms"),
    _duration("ring_ms"),
    _duration("talk_ms"),
    _duration("hold_ms"),
    _duration("wrap_ms"),
    _text("result"),
    _text("cause"),
    Index("ix_segments_agent_ended_at", "agent", "ended_at"),
    Index("ix_segments_queue_queued_at", "queue", "queued_at"),
)
"""One stay in a queue with at most one agent, named by the transition that opened it.

``left_at``: the agent and the customer stopped hearing each other; ``ended_at``: the agent's wrap-up is over
too, while the contact may be with somebody else. ``ring_ms`` runs from the offer to the
answer, connecting included. ``talk_ms`` is without ``hold_ms``. ``result``: store.rows.Result or an outcome.
"""

RECEIPTS: Final = Table(
    "receipts",
    METADATA,
    _key("offer", Integer),
    Column("seq", Integer, nullable=False),
    Column("interaction", Text, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("body", Text, nullable=False, comment="the receipt as JSON (acd.effects.Receipt)"),
    Index("ix_receipts_seq", "seq"),
)

AGENT_ACTIVITY: Final = Table(
    "agent_activity",
    METADATA,
    _key("seq", Integer),
    _key("n", Integer),
    Column("agent", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("signed_in", Boolean, nullable=False),
    Column("ready", Boolean, nullable=False),
    _text("reason"),
    _text("reach"),
    Column("actor", Text, nullable=False),
    Index("ix_agent_activity_agent_at", "agent", "at"),
)
"""``reach``: the channels on which the agent's device is there, with a space between them."""

RECORDINGS: Final = Table(
    "recordings",
    METADATA,
    _key("id"),
    Column("state", Text, nullable=False, index=True),
    Column("started_at", BigInteger, nullable=False),
    _time("ended_at"),
    _text("customer_file"),
    _text("agent_file"),
    Column("length_ms", BigInteger, nullable=True),
    Column("call_ms", BigInteger, nullable=True),
    Column("level_customer_db", Float, nullable=True),
    Column("level_agent_db", Float, nullable=True),
    _text("problems"),
)
"""``id`` is the interaction's. Files are named from the recordings folder down.

``state``: recording.ports.State. ``problems``: recording.policy.Problem, with a space between them.
"""

USERS: Final = Table(
    "users",
    METADATA,
    _key("name"),
    Column("role", Text, nullable=False),
    _text("title"),
    _text("agent"),
    _text("language"),
    Column("disabled", Boolean, nullable=False),
    _text("sso"),
    _text("password"),
    _text("totp"),
    Column("totp_step", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("password_once", Boolean, nullable=False, server_default=false()),
)
"""``password``: an argon2 hash. ``password_once``: it is good only for choosing another one.
``totp``: a shared secret, base32. ``totp_step``: the last step that was used."""

SESSIONS: Final = Table(
    "sessions",
    METADATA,
    _key("id"),
    Column("digest", Text, nullable=False, unique=True),
    Column("user", Text, nullable=False, index=True),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    _text("device"),
    _text("address"),
)
"""``digest``: SHA-256 of what the browser's cookie holds."""

TOKENS: Final = Table(
    "tokens",
    METADATA,
    _key("id"),
    Column("digest", Text, nullable=False, unique=True),
    Column("user", Text, nullable=False, index=True),
    _text("label"),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("user", Text, nullable=False),
    _text("role"),
    Column("action", Text, nullable=False),
    _text("target"),
    Column("status", Integer, nullable=False),
    _text("detail"),
    _text("address"),
    Index("ix_audit_at", "at"),
)
"""Who did what, or was not let: ``action`` is desk.routes.Route.name, ``status`` the HTTP answer's."""

IDEMPOTENCY: Final = Table(
    "idempotency",
    METADATA,
    _key("user"),
    _key("key"),
    Column("request", Text, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("status", Integer, nullable=True),
    _text("answer"),
)
"""``request``: SHA-256 of method, path and body. ``status`` is missing while the first request runs."""

WEBHOOKS: Final = Table(
    "webhooks",
    METADATA,
    _key("id"),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("events", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    _time("failing_since"),
    _time("disabled_at"),
    _text("problem"),
    Column("seq", Integer, nullable=False, server_default="0"),
    Column("n", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", BigInteger, nullable=False, server_default="0"),
)
"""``events``: types with a space between them. ``seq`` and ``n`` name the last transition or activity that was told,
so nothing piles up for an endpoint that is away, and its order holds by itself.
"""

SWITCHES: Final = Table(
    "switches",
    METADATA,
    _key("name"),
    Column("on", Boolean, nullable=False),
    _text("reason"),
    _text("by"),
    Column("at", BigInteger, nullable=False),
)
"""What people throw by hand: ``emergency`` closes the centre."""

VISITS: Final = Table(
    "visits",
    METADATA,
    _key("interaction"),
    _text("name"),
    _text("topic"),
    _text("language"),
    Column("camera", Boolean, nullable=False),
    _text("consent"),
    _time("consented_at"),
    Column("rating", Integer, nullable=True),
    _text("comment"),
    _time("rated_at"),
    _time("appointment_at"),
)
"""Who asked for a video call. ``consent``: the version of the text on recording that was agreed to.

``appointment_at``: when the appointment begins by which the visitor came, if any."""

VISIT_MESSAGES: Final = Table(
    "visit_messages",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("interaction", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("sender", Text, nullable=False),
    Column("key", Text, nullable=False),
    _text("text"),
    _text("file"),
    UniqueConstraint("interaction", "sender", "key"),
)
"""The chat beside a video call. ``key`` is the sending page's: a line sent again is kept once.

``file`` is the id of the file that was handed over with the line (``store.tables_said.VISIT_FILES``), if any.
"""

DIALS: Final = Table(
    "dials",
    METADATA,
    _key("leg"),
    Column("interaction", Text, nullable=False, index=True),
    Column("agent", Text, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    Column("number", Text, nullable=False),
    Column("off_hours", Boolean, nullable=False),
)
"""Telephones outside that were rung, each written down before. ``leg`` is never used twice."""

VOICEMAILS: Final = Table(
    "voicemails",
    METADATA,
    _key("id"),
    Column("state", Text, nullable=False, index=True),
    _text("queue"),
    _text("language"),
    Column("at", BigInteger, nullable=False),
    Column("length_ms", BigInteger, nullable=True),
    _text("spooled"),
    _text("file"),
    _text("agent"),
    _time("taken_at"),
    _time("done_at"),
    _time("changed_at"),
    _time("called_at"),
    _text("callback"),
    _text("done_by"),
    _text("category"),
    _text("note"),
)
"""Messages that callers left. ``id`` is the call's. ``state``: recording.voicemail.State.

``spooled`` is the file's name where Asterisk wrote it, ``file`` where it is kept, from the recordings folder down.
``callback`` is the newest call to the caller, made at ``called_at``; ``done_by`` is an account, not an agent.
"""

MEDIA: Final = Table(
    "media",
    METADATA,
    _key("id"),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=False),
    _text("file"),
    Column("length_ms", BigInteger, nullable=False),
    _text("legs"),
    _text("gaps"),
)
"""Finished recordings of rooms. ``id`` is the interaction's. ``legs`` and ``gaps``: JSON of video.ports.Leg and of
video.record_journal.Gap, a list each.
"""
