"""The sweep that ends streams whose sessions are over, against everything that may happen while it asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from argon2 import PasswordHasher

from desk.gate import IDLE_MS, SESSION_MS, Gate, alive
from desk.passwords import Passwords
from desk.ports import Accounts
from workforce.accounts import Role, Session, User

NOW = 1_764_042_112_000
USER = User("agen", Role.AGENT)


def session(id_: str, **changes: Any) -> Session:
    return Session(
        **{"id": id_, "user": "agen", "created_at": NOW, "seen_at": NOW, "expires_at": NOW + 1_000, **changes}
    )


class Open:
    def __init__(self, *sessions: str) -> None:
        self.sessions = frozenset(sessions)
        self.ended: list[str] = []

    def end(self, session: str) -> None:
        self.ended.append(session)


class Kept:
    """What the store has; ``meanwhile`` open a stream while it is asked."""

    def __init__(self, streams: Open, found: Mapping[str, tuple[Session, User]], meanwhile: str = "") -> None:
        self._streams = streams
        self._found = found
        self._meanwhile = meanwhile
        self.touched: list[str] = []

    async def by_ids(self, ids: Sequence[str]) -> Mapping[str, tuple[Session, User]]:
        self._streams.sessions |= {self._meanwhile} - {""}
        return {id_: self._found[id_] for id_ in ids if id_ in self._found}

    async def touch(self, session: str, seen_at: int) -> None:
        self.touched.append(session)


class Now:
    def now_ms(self) -> int:
        return NOW


def gate(kept: Kept) -> Gate:
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    return Gate(cast(Accounts, kept), Passwords(hasher), Now())


async def test_who_opens_a_stream_while_the_store_is_asked_is_not_put_out() -> None:
    streams = Open("a")
    await gate(Kept(streams, {"a": (session("a"), USER)}, meanwhile="b")).sweep(streams)
    assert streams.sessions == {"a", "b"}
    assert streams.ended == []


@pytest.mark.parametrize(
    ("found", "user"),
    [
        (None, USER),
        (session("a", expires_at=NOW), USER),
        (session("a"), User("agen", Role.AGENT, disabled=True)),
    ],
)
async def test_what_is_over_is_ended(found: Session | None, user: User) -> None:
    streams = Open("a", "b")
    rows = {"b": (session("b"), USER)} | ({} if found is None else {"a": (found, user)})
    await gate(Kept(streams, rows)).sweep(streams)
    assert streams.ended == ["a"]


async def test_an_open_stream_keeps_its_session_in_use() -> None:
    streams = Open("a", "b")
    kept = Kept(streams, {"a": (session("a", seen_at=NOW - 61_000), USER), "b": (session("b"), USER)})
    await gate(kept).sweep(streams)
    assert kept.touched == ["a"]
    assert streams.ended == []


@pytest.mark.parametrize(
    ("changes", "is_alive"),
    [
        ({}, True),
        ({"expires_at": NOW}, False),
        ({"expires_at": NOW + SESSION_MS, "seen_at": NOW - IDLE_MS}, False),
        ({"expires_at": NOW + SESSION_MS, "seen_at": NOW - IDLE_MS + 1}, True),
    ],
)
def test_a_session_ends_by_the_clock_and_by_idleness(changes: dict[str, Any], is_alive: bool) -> None:
    assert alive(session("a", **changes), USER, NOW) is is_alive
