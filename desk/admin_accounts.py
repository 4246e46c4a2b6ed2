"""The administration's requests about accounts. Who has a right is the role's matter; every change is in the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from core.ids import AgentId
from desk.admin_model import Account, AccountChange, FirstPassword, NewAccount
from desk.bodies import Done
from desk.desk import Ask, Desk, Handler
from desk.errors import Answered, invalid, unknown
from desk.passwords import new_password
from workforce.accounts import Role, User


class AdminAccountRoutes:
    """Requests about people who sign in."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._accounts = desk.outside.accounts

    def handlers(self) -> Mapping[str, Handler]:
        """Return what serves each route, by its name."""
        return {
            "admin-users": self._all,
            "admin-user-add": self._add,
            "admin-user-change": self._change,
            "admin-user-password": self._password,
            "admin-user-totp-reset": self._totp_reset,
            "admin-user-sessions-end": self._end_sessions,
        }

    async def _all(self, ask: Ask) -> Sequence[Account]:
        seen = await self._accounts.seen()
        return [
            Account(
                name=user.name,
                display=user.title,
                roles=(user.role,),
                agent=user.agent,
                disabled=user.disabled,
                totp=user.totp,
                last_seen=seen[user.name][1] if user.name in seen else None,
                sessions=seen[user.name][0] if user.name in seen else 0,
            )
            for user in await self._accounts.users()
        ]

    async def _add(self, ask: Ask) -> FirstPassword:
        body: NewAccount = ask.body
        self._check_agent(body.agent)
        password = new_password()
        user = User(
            name=body.name,
            role=body.roles[0],
            title=body.display,
            agent=body.agent,
            created_at=self._desk.clock.now_ms(),
        )
        await self._accounts.add(user, await self._desk.passwords.hash(password), once=True)
        return FirstPassword(body.name, password)

    async def _change(self, ask: Ask) -> Done:
        body: AccountChange = ask.body
        name = ask.values["user"]
        values: dict[str, Any] = {}
        if body.roles is not msgspec.UNSET:
            values["role"] = body.roles[0]
        if body.agent is not msgspec.UNSET:
            self._check_agent(body.agent)
            values["agent"] = body.agent or ""
        if body.disabled is not msgspec.UNSET:
            values["disabled"] = body.disabled
        if body.display is not msgspec.UNSET:
            values["title"] = body.display
        if name == ask.who.user and (values.get("disabled") or values.get("role", Role.ADMIN) != Role.ADMIN):
            raise Answered(409, "conflict", "nobody takes away the own account; ask another administrator")
        await self._set(name, values)
        # Rights are looked up with the session; streams that are open were allowed before.
        if values.keys() - {"title"}:
            await self._desk.gate.end_all(name)
        return Done()

    async def _password(self, ask: Ask) -> FirstPassword:
        name, password = ask.values["user"], new_password()
        hashed = await self._desk.passwords.hash(password)
        await self._set(name, {"password": hashed, "password_once": True})
        await self._desk.gate.end_all(name)
        return FirstPassword(name, password)

    async def _totp_reset(self, ask: Ask) -> Done:
        name = ask.values["user"]
        await self._set(name, {"totp": "", "totp_step": 0})
        await self._desk.gate.end_all(name)
        return Done()

    async def _end_sessions(self, ask: Ask) -> Done:
        name = ask.values["user"]
        await self._set(name, {})
        await self._desk.gate.end_all(name)
        return Done()

    async def _set(self, name: str, values: Mapping[str, Any]) -> None:
        """Change an account. Raises Answered 404, Refused for the last administrator."""
        there = await self._accounts.change(name, values) if values else await self._accounts.user(name)
        if not there:
            raise unknown("account")

    def _check_agent(self, agent: AgentId | None) -> None:
        if agent is not None and agent not in self._desk.live.directory.agents:
            raise invalid(f"no agent {agent!r}", "agent")
