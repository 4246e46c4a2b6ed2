"""``sambung users``: accounts and machines' tokens, from the command line. Works while nothing runs, too."""

from __future__ import annotations

import argparse
import getpass
import re
import secrets
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from core.clock import SystemClock
from core.errors import Gone, Refused
from core.ids import AgentId
from desk.passwords import Passwords, digest, enrolment, new_secret, new_token
from pbx.secrets import load
from sambung.centre import Centre
from sambung.demo_users import wall_token
from sambung.settings import Settings
from store.database import Database, parse
from store.desk_accounts import SqlAccounts
from store.migrate import upgrade
from workforce.accounts import Role, Token, User

_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_SHORTEST: Final = 12
_YEAR_MS: Final = 365 * 86_400_000


async def users(settings: Settings, centre: Centre, arguments: argparse.Namespace) -> int:
    """Do one action and return the exit status. Raises Refused or Gone with what is wrong."""
    if arguments.action == "wallboard":
        _print([f"{settings.web.address}/papan/{wall_token(load(settings.home))}"])
        return 0
    database = Database(parse(settings.database))
    try:
        await upgrade(database.engine)
        await _Users(SqlAccounts(database), centre, arguments).run()
    finally:
        await database.close()
    return 0


class _Users:
    def __init__(self, accounts: SqlAccounts, centre: Centre, arguments: argparse.Namespace) -> None:
        self._accounts = accounts
        self._centre = centre
        self._given = arguments
        self._passwords = Passwords()

    async def run(self) -> None:
        action = self._given.action
        if action == "list":
            return _print(_table(await self._accounts.users()))
        if self._given.name is None:
            raise Refused(f"which account? `sambung users {action} NAME`")
        if action == "add":
            return await self._add()
        if await self._accounts.user(self._given.name) is None:
            raise Gone(f"there is no account {self._given.name}; `sambung users` lists them")
        match action:
            case "password":
                hashed = await self._passwords.hash(self._password())
                await self._accounts.change(self._given.name, {"password": hashed})
                await self._accounts.end_sessions(self._given.name)
                _print(["The password is changed; every session has ended."])
            case "totp":
                await self._totp()
            case "disable" | "enable":
                await self._accounts.change(self._given.name, {"disabled": action == "disable"})
                await self._accounts.end_sessions(self._given.name)
                _print([f"{self._given.name} is {action}d."])
            case "token":
                await self._token()
        return None

    async def _add(self) -> None:
        name, agent = self._given.name, self._given.agent
        if not _NAME.fullmatch(name):
            raise Refused("a name is a-z, 0-9, '.', '_' and '-', a letter first, 64 at most")
        if agent is not None and agent not in self._centre.agents:
            raise Refused(f"no agent {agent}; `sambung agents` lists them")
        by_sso = bool(self._given.sso) and not self._given.password_stdin
        hashed = "" if by_sso else await self._passwords.hash(self._password())
        user = User(
            name=name,
            role=Role(self._given.role),
            title=self._given.title,
            agent=AgentId(agent) if agent else None,
            sso=self._given.sso,
            created_at=SystemClock().now_ms(),
        )
        await self._accounts.add(user, hashed)
        _print([f"{name} may sign in now, as {user.role.value}."])

    async def _totp(self) -> None:
        name = self._given.name
        if self._given.off:
            await self._accounts.change(name, {"totp": "", "totp_step": 0})
            return _print([f"{name} is asked for no code any more."])
        secret = new_secret()
        await self._accounts.change(name, {"totp": secret, "totp_step": 0})
        centre = self._centre.name.get("id") or next(iter(self._centre.name.values()))
        address = enrolment(secret, name, centre)
        return _print(
            [f"{name} is asked for a code from now on. For the authenticator, shown once:", address]
        )

    async def _token(self) -> None:
        now, token = SystemClock().now_ms(), new_token()
        row = Token(secrets.token_hex(4), self._given.name, self._given.label, now, now + _YEAR_MS)
        await self._accounts.add_token(row, digest(token))
        until = datetime.fromtimestamp(row.expires_at / 1000, UTC)
        _print([f"Token {row.id} of {self._given.name}, until {until:%Y-%m-%d}, shown once:", token])

    def _password(self) -> str:
        if self._given.password_stdin or not sys.stdin.isatty():
            password = sys.stdin.readline().rstrip("\n")
        else:
            password = getpass.getpass("Password: ")
            if getpass.getpass("Again: ") != password:
                raise Refused("the two differ; nothing was changed")
        if not _SHORTEST <= len(password) <= 256:
            raise Refused(f"a password has {_SHORTEST} to 256 characters; nothing was changed")
        return password


def _table(users: Sequence[User]) -> Iterator[str]:
    yield f"{'name':20} {'role':10} {'agent':8} {'code':4} {'state':8} title"
    for user in users:
        state = "disabled" if user.disabled else "-"
        code = "yes" if user.totp else "-"
        yield f"{user.name:20} {user.role.value:10} {user.agent or '-':8} {code:4} {state:8} {user.title}"


def _print(lines: list[str] | Iterator[str]) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
