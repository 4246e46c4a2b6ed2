"""An account for the length of a drill."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from core.clock import SystemClock
from core.ids import AgentId
from desk.passwords import Passwords
from store.desk_accounts import SqlAccounts
from workforce.accounts import Role, User

PREFIX: Final = "drill-"

_STALE_MS: Final = 60 * 60_000
"""No drill takes so long: what is older was left behind by one that was killed."""


class Account(NamedTuple):
    """What is typed at sign-in."""

    name: str
    password: str


@asynccontextmanager
async def account(accounts: SqlAccounts, agent: AgentId, title: str) -> AsyncIterator[Account]:
    """Make an account of an agent; it is removed with the block."""
    now = SystemClock().now_ms()
    for user in await accounts.users():
        if user.name.startswith(PREFIX) and user.created_at < now - _STALE_MS:
            await accounts.remove(user.name)
    made = Account(PREFIX + secrets.token_hex(4), secrets.token_urlsafe(18))
    hashed = await Passwords().hash(made.password)
    await accounts.add(User(made.name, Role.AGENT, title, agent, created_at=now), hashed)
    try:
        yield made
    finally:
        await accounts.remove(made.name)
