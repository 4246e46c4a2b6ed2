"""Signing in and out, one's own sessions, and the accounts of everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from desk.bodies import Done, NewUser, Self, SessionInfo, UserChange, Ways
from desk.desk import Ask, Desk, Handler, Reply
from desk.errors import Answered, invalid, unknown
from desk.gate import Entry
from desk.policy import rights, topics
from desk.ring import snapshot_frame
from workforce.accounts import Act, Role, User

_LIMIT = 50


class AccountRoutes:
    """Requests about people."""

    def __init__(self, desk: Desk, sso: str | None = None) -> None:
        """``sso``: what the button of the identity provider says, if there is one."""
        self._desk = desk
        self._sso = sso
        self._accounts = desk.outside.accounts

    def handlers(self) -> Mapping[str, Handler]:
        """Return what serves each route, by its name."""
        return {
            "sign-in": self._sign_in,
            "sign-in-ways": self._ways,
            "self": self._self,
            "sign-out": self._sign_out,
            "password": self._password,
            "sessions": self._sessions,
            "revoke": self._revoke,
            "reference": self._reference,
            "live": self._live,
            "users": self._users,
            "user-add": self._add,
            "user-change": self._change,
            "user-revoke": self._revoke_all,
            "audit": self._audit,
        }

    async def _sign_in(self, ask: Ask) -> Reply:
        entry, token = await self._desk.gate.sign_in(ask.body, ask.address, ask.device)
        return Reply(self._myself(entry), token)

    async def _ways(self, ask: Ask) -> Ways:
        return Ways(password=True, oidc=self._sso)

    async def _self(self, ask: Ask) -> Self:
        return self._myself(_entry(ask))

    async def _sign_out(self, ask: Ask) -> Reply:
        entry = _entry(ask)
        if entry.session is not None:
            await self._desk.gate.end(entry.session.id, entry.user.name)
        return Reply(Done(), "")

    async def _password(self, ask: Ask) -> Done:
        await self._desk.gate.change_password(_entry(ask), ask.body)
        return Done()

    async def _sessions(self, ask: Ask) -> Sequence[SessionInfo]:
        return [
            SessionInfo(s.id, s.created_at, s.seen_at, s.device, s.address, s.id == ask.who.session)
            for s in await self._accounts.sessions(ask.who.user)
        ]

    async def _revoke(self, ask: Ask) -> Done:
        if not await self._desk.gate.end(ask.values["session"], ask.who.user):
            raise unknown("session")
        return Done()

    async def _reference(self, ask: Ask) -> Any:
        return self._desk.live.directory.reference

    async def _live(self, ask: Ask) -> Any:
        live = self._desk.live
        having = topics(ask.who)
        return msgspec.Raw(snapshot_frame(live.ring, self._desk.clock.now_ms(), having, ask.who.agent))

    # --- everybody's accounts ------------------------------------------------------------------------------

    async def _users(self, ask: Ask) -> Sequence[User]:
        return await self._accounts.users()

    async def _add(self, ask: Ask) -> Done:
        body: NewUser = ask.body
        self._check_agent(body.agent)
        user = User(
            name=body.name,
            role=body.role,
            title=body.title,
            agent=body.agent,
            language=body.language,
            sso=body.sso,
            created_at=self._desk.clock.now_ms(),
        )
        await self._accounts.add(user, await self._desk.passwords.hash(body.password))
        return Done()

    async def _change(self, ask: Ask) -> Done:
        body: UserChange = ask.body
        name = ask.values["user"]
        given = msgspec.structs.asdict(body)
        values = {key: value for key, value in given.items() if value is not None and key != "password"}
        self._check_agent(body.agent)
        if name == ask.who.user and (body.disabled or body.role not in (None, Role.ADMIN)):
            raise Answered(409, "conflict", "nobody takes away the own account; ask another administrator")
        if body.password is not None:
            values["password"] = await self._desk.passwords.hash(body.password)
        if values and not await self._accounts.change(name, values):
            raise unknown("account")
        if values.keys() & {"password", "disabled", "role", "agent"} and name != ask.who.user:
            await self._desk.gate.end_all(name)
        return Done()

    async def _revoke_all(self, ask: Ask) -> Done:
        if await self._accounts.user(ask.values["user"]) is None:
            raise unknown("account")
        await self._desk.gate.end_all(ask.values["user"])
        return Done()

    async def _audit(self, ask: Ask) -> Sequence[Act]:
        after = ask.query.get("after")
        limit = int(ask.query.get("limit", _LIMIT))
        return await self._desk.outside.audit.acts(limit, None if after is None else int(after))

    def _check_agent(self, agent: Any) -> None:
        if agent is not None and agent not in self._desk.live.directory.agents:
            raise invalid(f"no agent {agent!r}", "agent")

    def _myself(self, entry: Entry) -> Self:
        user, session = entry.user, entry.session
        return Self(
            user=user.name,
            title=user.title,
            role=user.role,
            agent=user.agent,
            language=user.language,
            rights=rights(entry.who),
            topics=topics(entry.who),
            expires_at=session.expires_at if session else 0,
            now=self._desk.clock.now_ms(),
            demo=self._desk.outside.try_out.offered,
        )


def _entry(ask: Ask) -> Entry:
    assert ask.entry is not None, "the policy lets nobody in here who is not signed in"
    return ask.entry
