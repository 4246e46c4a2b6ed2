"""Who is asking: sign-in, sessions and tokens."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

from core.clock import Clock
from desk.bodies import NewPassword, SignIn
from desk.errors import Answered
from desk.passwords import Passwords, Tries, digest, new_token, step_of
from desk.policy import Who
from desk.ports import Accounts
from workforce.accounts import Session, User

SESSION_MS: Final = 12 * 3_600_000
"""A session ends so long after the sign-in, whatever is done in it."""

IDLE_MS: Final = 2 * 3_600_000
"""Or so long after its last request or open stream."""

COOKIE: Final = "sambung"

_TOUCH_MS: Final = 60_000
_NAME_TRIES: Final = 8
_ADDRESS_TRIES: Final = 60
_WINDOW_MS: Final = 15 * 60_000


class Entry(NamedTuple):
    """Somebody who was let in."""

    who: Who
    user: User
    session: Session | None
    """None for a machine."""


class Open(Protocol):
    """The open streams."""

    @property
    def sessions(self) -> frozenset[str]:
        """Sessions with an open stream."""
        ...

    def end(self, session: str) -> None:
        """Close the streams of a session."""
        ...


class Gate:
    """Lets people and machines in, and puts them out again."""

    def __init__(self, accounts: Accounts, passwords: Passwords, clock: Clock) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._clock = clock
        self._by_name = Tries(_NAME_TRIES, _WINDOW_MS)
        self._by_address = Tries(_ADDRESS_TRIES, _WINDOW_MS)
        self.on_end: Callable[[str], None] = lambda session: None
        """Called with the id of a session that was ended before its time."""

    # --- signing in ----------------------------------------------------------------------------------------

    async def sign_in(self, body: SignIn, address: str, device: str) -> tuple[Entry, str]:
        """Check name, password and code; return who it is and what the cookie holds.

        Raises Answered: 401 where they are wrong, or a code or a new password is needed; 429 after too many failures.
        """
        now = self._clock.now_ms()
        name = body.name.strip().lower()
        wait = max(self._by_name.wait_ms(name, now), self._by_address.wait_ms(address, now))
        if wait:
            raise Answered(429, "later", "too many failed sign-ins", after_s=wait / 1_000)
        # Counted before the slow check, or a thousand at once would all be checked.
        self._by_name.failed(name, now)
        self._by_address.failed(address, now)
        user = await self._checked(name, body, now)
        self._by_name.succeeded(name)
        self._by_address.succeeded(address)
        return await self.begin(user, address, device)

    async def _checked(self, name: str, body: SignIn, now: int) -> User:
        found = await self._accounts.user(name)
        hashed = found[1].password if found and not found[0].disabled else ""
        if not await self._passwords.right(hashed, body.password) or found is None:
            raise Answered(401, "wrong_password", "name or password is wrong")
        user, secret = found
        if secret.once and body.new in (None, body.password):
            raise Answered(401, "new_password_needed", "this password is good only for choosing another one")
        if secret.totp:
            if not body.code:
                raise Answered(401, "code_needed", "this account needs a code too")
            step = step_of(secret.totp, body.code.replace(" ", ""), now)
            if step is None or not await self._accounts.use_step(name, step):
                raise Answered(401, "wrong_code", "the code is wrong or was used")
        if secret.once and body.new is not None:
            await self._accounts.change(name, {"password": await self._passwords.hash(body.new)})
        return user

    async def begin(self, user: User, address: str, device: str) -> tuple[Entry, str]:
        """Begin a session for somebody who was checked; return it and what the cookie holds."""
        now = self._clock.now_ms()
        token = new_token()
        session = Session(
            id=secrets.token_hex(8),
            user=user.name,
            created_at=now,
            seen_at=now,
            expires_at=now + SESSION_MS,
            device=device[:200],
            address=address,
        )
        for ended in await self._accounts.open_session(session, digest(token)):
            self.on_end(ended)
        return Entry(_who(user, session.id), user, session), token

    async def change_password(self, entry: Entry, body: NewPassword) -> None:
        """Take a person's new password and end the person's other sessions. Raises Answered 401 for a wrong old one."""
        now, name = self._clock.now_ms(), entry.user.name
        if wait := self._by_name.wait_ms(name, now):
            raise Answered(429, "later", "too many failed attempts", after_s=wait / 1_000)
        self._by_name.failed(name, now)
        found = await self._accounts.user(name)
        if not await self._passwords.right(found[1].password if found else "", body.old):
            raise Answered(401, "wrong_password", "the old password is wrong")
        self._by_name.succeeded(name)
        await self._accounts.change(name, {"password": await self._passwords.hash(body.new)})
        for session in await self._accounts.sessions(name):
            if session.id != entry.who.session:
                await self.end(session.id, name)

    # --- being let in --------------------------------------------------------------------------------------

    async def by_cookie(self, token: str) -> Entry | None:
        """Return whose session a cookie's value is, unless it is over."""
        found = await self._accounts.session(digest(token))
        now = self._clock.now_ms()
        if found is None or not alive(*found, now):
            return None
        session, user = found
        if now - session.seen_at > _TOUCH_MS:
            await self._accounts.touch(session.id, now)
        return Entry(_who(user, session.id), user, session)

    async def by_token(self, token: str) -> Entry | None:
        """Return in whose name a machine's token is, unless it is over."""
        found = await self._accounts.token(digest(token))
        if found is None or found[1].disabled or found[0].expires_at <= self._clock.now_ms():
            return None
        return Entry(_who(found[1], ""), found[1], None)

    async def sweep(self, streams: Open) -> None:
        """End the streams of sessions that are over, wherever they were ended; note that the others are in use."""
        now = self._clock.now_ms()
        # As of before the query: who comes meanwhile is not among its answers.
        asked = streams.sessions
        found = await self._accounts.by_ids(tuple(asked))
        for id_ in asked - found.keys():
            streams.end(id_)
        for id_, (session, user) in found.items():
            if user.disabled or now >= session.expires_at:
                streams.end(id_)
            elif now - session.seen_at > _TOUCH_MS:
                await self._accounts.touch(id_, now)

    # --- putting out ---------------------------------------------------------------------------------------

    async def end(self, session: str, user: str) -> bool:
        """End one session of an account; return False if it has no such session."""
        ended = await self._accounts.end_session(session, user)
        if ended:
            self.on_end(session)
        return ended

    async def end_all(self, user: str) -> None:
        """End every session of an account."""
        for session in await self._accounts.end_sessions(user):
            self.on_end(session)


def alive(session: Session, user: User, now: int) -> bool:
    """Whether a session still lets its user in."""
    return not user.disabled and now < session.expires_at and now - session.seen_at < IDLE_MS


def _who(user: User, session: str) -> Who:
    return Who(user.name, user.role, user.agent, session)


def cookie(token: str, *, secure: bool) -> dict[str, Any]:
    """Return how a session's cookie is set, or removed where ``token`` is empty."""
    return {
        "name": COOKIE,
        "value": token,
        "max_age": SESSION_MS // 1_000 if token else 0,
        "path": "/",
        "httponly": True,
        "samesite": "Strict",
        "secure": secure,
    }
