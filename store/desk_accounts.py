"""Accounts, sessions and tokens: fills desk.ports.Accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from core.errors import Refused
from core.ids import AgentId
from store.database import Database
from store.desk_record import unless_there
from store.tables import SESSIONS, TOKENS, USERS
from store.wire import clean
from workforce.accounts import Role, Secret, Session, Token, User

_OPEN: Final = 20
"""Sessions an account may have; the oldest ends when one more begins."""


class SqlAccounts:
    """Who may sign in, and who is signed in. Digests are SHA-256 in hexadecimal."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- accounts ------------------------------------------------------------------------------------------

    async def users(self) -> Sequence[User]:
        """Return every account, by name."""
        return await self._database.read(_users)

    async def seen(self) -> Mapping[str, tuple[int, int]]:
        """Return how many sessions each account has that has any, and when one of them was used last."""
        return await self._database.read(_seen)

    async def user(self, name: str) -> tuple[User, Secret] | None:
        """Return an account with what proves it."""
        return await self._database.read(partial(_user, where=USERS.c.name == clean(name)))

    async def user_by_sso(self, subject: str) -> tuple[User, Secret] | None:
        """Return the account of a person at the identity provider."""
        return await self._database.read(partial(_user, where=USERS.c.sso == clean(subject)))

    async def add(self, user: User, password: str, *, once: bool = False) -> None:
        """Make an account. ``password`` is a hash, or empty; ``once``: it is good only for choosing another one.

        Raises Refused where the name or subject is taken.
        """
        await self._database.write(partial(_add, user=user, password=password, once=once))

    async def change(self, name: str, values: Mapping[str, Any]) -> bool:
        """Set fields of ``User``, ``password`` or ``totp``; return whether there is such an account.

        Raises Refused where the subject is another's, or no administrator would be left who may sign in.
        """
        return await self._database.write(partial(_change, name=name, values=values))

    async def remove(self, name: str) -> None:
        """Remove an account with its sessions and tokens, if there is one."""
        await self._database.write(partial(_remove, name=name))

    async def use_step(self, name: str, step: int) -> bool:
        """Note that the code of a TOTP step was used; return False if it, or a later one, was used before."""
        return await self._database.write(partial(_use_step, name=name, step=step))

    # --- sessions ------------------------------------------------------------------------------------------

    async def open_session(self, session: Session, digest: str) -> Sequence[str]:
        """Begin a session and return the ids of those that had to end for it."""
        return await self._database.write(partial(_open_session, session=session, digest=digest))

    async def session(self, digest: str) -> tuple[Session, User] | None:
        """Return a session, expired or not, with its account."""
        return await self._database.read(partial(_session, digest=digest))

    async def sessions(self, user: str) -> Sequence[Session]:
        """Return the sessions of an account, the newest first."""
        return await self._database.read(partial(_sessions, user=user))

    async def by_ids(self, ids: Sequence[str]) -> Mapping[str, tuple[Session, User]]:
        """Return those of the sessions that there are, expired or not, with their accounts."""
        return await self._database.read(partial(_by_ids, ids=ids))

    async def touch(self, session: str, seen_at: int) -> None:
        """Note that a session is in use."""
        c = SESSIONS.c
        await self._database.write(
            lambda db: db.execute(update(SESSIONS).where(c.id == session).values(seen_at=seen_at))
        )

    async def end_session(self, session: str, user: str) -> bool:
        """End one session of an account; return False if it has no such session."""
        c = SESSIONS.c
        gone = delete(SESSIONS).where(c.id == clean(session), c.user == user)
        return (await self._database.write(lambda db: db.execute(gone))).rowcount > 0

    async def end_sessions(self, user: str) -> Sequence[str]:
        """End every session of an account and return their ids."""
        return await self._database.write(partial(_end_sessions, user=user))

    async def forget_expired(self, now: int) -> None:
        """Remove sessions and tokens that are over."""
        await self._database.write(partial(_forget, now=now))

    # --- tokens --------------------------------------------------------------------------------------------

    async def add_token(self, token: Token, digest: str) -> None:
        """Keep a machine's token."""
        values = {**_fields(token), "digest": digest}
        await self._database.write(lambda db: db.execute(insert(TOKENS).values(values)))

    async def token(self, digest: str) -> tuple[Token, User] | None:
        """Return a token, expired or not, with its account."""
        return await self._database.read(partial(_token, digest=digest))

    async def tokens(self) -> Sequence[Token]:
        """Return every token, the oldest first."""
        return await self._database.read(_tokens)

    async def end_token(self, token: str) -> bool:
        """Remove a token; return whether there was one."""
        gone = delete(TOKENS).where(TOKENS.c.id == clean(token))
        return (await self._database.write(lambda db: db.execute(gone))).rowcount > 0


async def _users(db: AsyncConnection) -> Sequence[User]:
    return [_user_of(row) for row in await db.execute(select(USERS).order_by(USERS.c.name))]


async def _user(db: AsyncConnection, where: Any) -> tuple[User, Secret] | None:
    row = (await db.execute(select(USERS).where(where))).one_or_none()
    return (
        None
        if row is None
        else (_user_of(row), Secret(row.password, row.totp, row.totp_step, row.password_once))
    )


async def _add(db: AsyncConnection, user: User, password: str, once: bool) -> None:
    await _check_sso(db, user.name, user.sso)
    made = unless_there(db, USERS).values(
        name=user.name,
        role=user.role,
        title=clean(user.title),
        agent=user.agent or "",
        language=user.language,
        disabled=user.disabled,
        sso=clean(user.sso),
        password=password,
        password_once=once,
        totp_step=0,
        created_at=user.created_at,
    )
    if not (await db.execute(made)).rowcount:
        raise Refused(f"there is an account {user.name} already")


async def _change(db: AsyncConnection, name: str, values: Mapping[str, Any]) -> bool:
    await _check_sso(db, name, values.get("sso", ""))
    await _check_admins(db, name, values)
    if "password" in values:
        values = {"password_once": False, **values}
    cleaned = {key: clean(value) if isinstance(value, str) else value for key, value in values.items()}
    done = await db.execute(update(USERS).where(USERS.c.name == clean(name)).values(cleaned))
    return done.rowcount > 0


async def _remove(db: AsyncConnection, name: str) -> None:
    for table, column in ((SESSIONS, SESSIONS.c.user), (TOKENS, TOKENS.c.user), (USERS, USERS.c.name)):
        await db.execute(delete(table).where(column == clean(name)))


async def _seen(db: AsyncConnection) -> Mapping[str, tuple[int, int]]:
    c = SESSIONS.c
    query = select(c.user, func.count(), func.max(c.seen_at)).group_by(c.user)
    return {user: (count, seen_at) for user, count, seen_at in await db.execute(query)}


async def _check_admins(db: AsyncConnection, name: str, values: Mapping[str, Any]) -> None:
    """Keep one administrator who may sign in, or nobody could ever make another."""
    if not values.get("disabled") and values.get("role", Role.ADMIN) == Role.ADMIN:
        return
    c = USERS.c
    # Locked, so that two do not each count on the other.
    query = select(c.name).where(c.role == Role.ADMIN, c.disabled.is_(False)).with_for_update()
    if list(await db.scalars(query)) == [clean(name)]:
        raise Refused(f"{name} is the last administrator; make another one first")


async def _check_sso(db: AsyncConnection, name: str, subject: str) -> None:
    c = USERS.c
    if subject and await db.scalar(select(c.name).where(c.sso == clean(subject), c.name != name)):
        raise Refused("another account has this subject of the identity provider")


async def _use_step(db: AsyncConnection, name: str, step: int) -> bool:
    c = USERS.c
    done = await db.execute(
        update(USERS).where(c.name == name, c.totp_step < step).values({"totp_step": step})
    )
    return done.rowcount > 0


async def _open_session(db: AsyncConnection, session: Session, digest: str) -> Sequence[str]:
    c = SESSIONS.c
    newest = select(c.id).where(c.user == session.user).order_by(c.created_at.desc(), c.id).offset(_OPEN - 1)
    ended = list(await db.scalars(newest))
    if ended:
        await db.execute(delete(SESSIONS).where(c.id.in_(ended)))
    values = {**_fields(session), "device": clean(session.device), "digest": digest}
    await db.execute(insert(SESSIONS).values(values))
    return ended


async def _session(db: AsyncConnection, digest: str) -> tuple[Session, User] | None:
    row = (await db.execute(select(SESSIONS).where(SESSIONS.c.digest == digest))).one_or_none()
    found = None if row is None else await _user(db, USERS.c.name == row.user)
    return None if row is None or found is None else (_session_of(row), found[0])


async def _by_ids(db: AsyncConnection, ids: Sequence[str]) -> Mapping[str, tuple[Session, User]]:
    found = [_session_of(row) for row in await db.execute(select(SESSIONS).where(SESSIONS.c.id.in_(ids)))]
    names = {session.user for session in found}
    rows = await db.execute(select(USERS).where(USERS.c.name.in_(names)))
    users = {row.name: _user_of(row) for row in rows}
    return {session.id: (session, users[session.user]) for session in found if session.user in users}


async def _sessions(db: AsyncConnection, user: str) -> Sequence[Session]:
    c = SESSIONS.c
    rows = await db.execute(select(SESSIONS).where(c.user == user).order_by(c.created_at.desc(), c.id))
    return [_session_of(row) for row in rows]


async def _end_sessions(db: AsyncConnection, user: str) -> Sequence[str]:
    c = SESSIONS.c
    ids = list(await db.scalars(select(c.id).where(c.user == user)))
    await db.execute(delete(SESSIONS).where(c.user == user))
    return ids


async def _forget(db: AsyncConnection, now: int) -> None:
    for table in (SESSIONS, TOKENS):
        await db.execute(delete(table).where(table.c.expires_at <= now))


async def _token(db: AsyncConnection, digest: str) -> tuple[Token, User] | None:
    row = (await db.execute(select(TOKENS).where(TOKENS.c.digest == digest))).one_or_none()
    found = None if row is None else await _user(db, USERS.c.name == row.user)
    return None if row is None or found is None else (_token_of(row), found[0])


async def _tokens(db: AsyncConnection) -> Sequence[Token]:
    return [_token_of(row) for row in await db.execute(select(TOKENS).order_by(TOKENS.c.created_at))]


def _fields(value: Session | Token) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def _user_of(row: Row[Any]) -> User:
    return User(
        name=row.name,
        role=Role(row.role),
        title=row.title,
        agent=AgentId(row.agent) if row.agent else None,
        language=row.language,
        disabled=row.disabled,
        totp=bool(row.totp),
        sso=row.sso,
        created_at=row.created_at,
    )


def _session_of(row: Row[Any]) -> Session:
    return Session(**{name: row._mapping[name] for name in Session.__struct_fields__})


def _token_of(row: Row[Any]) -> Token:
    return Token(**{name: row._mapping[name] for name in Token.__struct_fields__})
