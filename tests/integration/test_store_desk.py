"""Accounts, sessions, answers and switches on both databases: what races and what is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from core.errors import Refused
from core.ids import AgentId
from store.database import Database, parse
from store.desk_accounts import SqlAccounts
from store.desk_record import SqlRecord
from store.migrate import upgrade
from workforce.accounts import Act, Role, Session, Token, User

pytest_plugins = ("tests.integration.postgres_fixture",)

BUDI = User("budi", Role.LEADER, "Budi\0 \U0001f600", AgentId("ag101"), sso="s1", created_at=5)


@pytest_asyncio.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    database = Database(parse(store_url))
    await upgrade(database.engine)
    yield database
    await database.close()


def session(number: int, **changes: int) -> Session:
    times = {"created_at": number, "seen_at": number, "expires_at": 1_000 + number, **changes}
    return Session(id=f"s{number}", user="budi", device="Firefox \ud800", address="127.0.0.1", **times)


async def test_an_account_is_kept_changed_and_unique(database: Database) -> None:
    accounts = SqlAccounts(database)
    await accounts.add(BUDI, "hash")
    found = await accounts.user("budi")
    assert found is not None
    assert found[0].title == "Budi \U0001f600", "PostgreSQL holds no NUL"
    assert (found[0].agent, found[0].role, found[1].password) == ("ag101", Role.LEADER, "hash")
    with pytest.raises(Refused):
        await accounts.add(BUDI, "other")
    with pytest.raises(Refused):
        await accounts.add(User("ani", Role.AGENT, sso="s1"), "")
    await accounts.add(User("ani", Role.AGENT), "")
    with pytest.raises(Refused):
        await accounts.change("ani", {"sso": "s1"})
    assert await accounts.change("ani", {"disabled": True, "role": Role.QA})
    assert not await accounts.change("nobody", {"disabled": True})
    assert [(user.name, user.role, user.disabled) for user in await accounts.users()] == [
        ("ani", Role.QA, True),
        ("budi", Role.LEADER, False),
    ]
    assert await accounts.user_by_sso("s1") == await accounts.user("budi")


async def test_one_administrator_is_always_left(database: Database) -> None:
    accounts = SqlAccounts(database)
    for name in ("ani", "budi", "citra"):
        await accounts.add(User(name, Role.ADMIN), "")
    await accounts.change("citra", {"disabled": True})
    changes = [accounts.change("ani", {"role": Role.QA}), accounts.change("budi", {"disabled": True})]
    done = await asyncio.gather(*changes, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Refused", "bool"]
    assert "is the last administrator" in str(next(one for one in done if isinstance(one, Refused)))
    assert await accounts.change("citra", {"disabled": False})
    left = [user.name for user in await accounts.users() if user.role is Role.ADMIN and not user.disabled]
    assert await accounts.change(left[0], {"role": Role.AGENT, "title": "no longer"})


async def test_sessions_are_counted_by_account(database: Database) -> None:
    accounts = SqlAccounts(database)
    await accounts.add(BUDI, "")
    assert await accounts.seen() == {}
    for number in (1, 2):
        await accounts.open_session(session(number), f"d{number}")
    assert await accounts.seen() == {"budi": (2, 2)}


async def test_an_account_is_removed_with_all_that_is_its(database: Database) -> None:
    accounts = SqlAccounts(database)
    await accounts.add(BUDI, "hash")
    await accounts.add(User("ani", Role.AGENT), "")
    await accounts.open_session(session(1), "d1")
    await accounts.add_token(Token("t1", "budi", "machine", 1, 10_000), "d2")
    await accounts.remove("budi")
    await accounts.remove("nobody")
    assert [user.name for user in await accounts.users()] == ["ani"]
    assert (await accounts.session("d1"), await accounts.token("d2"), await accounts.tokens()) == (
        None,
        None,
        [],
    )
    assert await accounts.sessions("budi") == []


async def test_a_code_is_used_once_however_many_try_at_once(database: Database) -> None:
    accounts = SqlAccounts(database)
    await accounts.add(BUDI, "")
    for step in range(100, 110):
        used = await asyncio.gather(*(accounts.use_step("budi", step) for _ in range(5)))
        assert used.count(True) == 1
    assert not await accounts.use_step("budi", 50)


async def test_the_oldest_session_ends_when_there_are_too_many(database: Database) -> None:
    accounts = SqlAccounts(database)
    await accounts.add(BUDI, "")
    ended = [await accounts.open_session(session(number), f"d{number}") for number in range(22)]
    assert [list(one) for one in ended[-3:]] == [[], ["s0"], ["s1"]]
    assert len(await accounts.sessions("budi")) == 20
    assert await accounts.session("d0") is None
    found = await accounts.session("d21")
    assert found is not None
    assert (found[0].id, found[1].name) == ("s21", "budi")
    assert set(await accounts.by_ids(["s0", "s5", "s21", "x"])) == {"s5", "s21"}
    await accounts.forget_expired(1_010)
    assert len(await accounts.sessions("budi")) == 11
    assert sorted(await accounts.end_sessions("budi")) == sorted(f"s{n}" for n in range(11, 22))


async def test_a_token_is_kept_and_ended(database: Database) -> None:
    accounts = SqlAccounts(database)
    await accounts.add(BUDI, "")
    token = Token("t1", "budi", "wall", 1, 2_000)
    await accounts.add_token(token, "digest")
    found = await accounts.token("digest")
    assert found is not None
    assert found[0] == token
    assert await accounts.tokens() == [token]
    assert await accounts.end_token("t1")
    assert not await accounts.end_token("t1")


async def test_one_of_many_claims_a_key(database: Database) -> None:
    record = SqlRecord(database)
    for turn in range(10):
        claims = await asyncio.gather(*(record.begin("budi", f"key{turn}", f"r{n}", turn) for n in range(4)))
        assert claims.count(None) == 1
        assert len({kept.request for kept in claims if kept}) == 1
    await record.finish("budi", "key0", 200, '{"done":true}')
    kept = await record.begin("budi", "key0", "again", 99)
    assert kept is not None
    assert (kept.status, kept.answer) == (200, '{"done":true}')
    assert await record.begin("ani", "key0", "another person's", 0) is None
    await record.abandon("budi", "key1")
    assert await record.begin("budi", "key1", "r", 5) is None
    await record.forget_before(5)
    assert await record.begin("budi", "key0", "r", 5) is None


async def test_acts_are_read_from_either_end(database: Database) -> None:
    record = SqlRecord(database)
    for at in range(5):
        await record.note(Act(at, "budi", "leader", "move", "4b", 200, "salah\0 pilih"))
    newest = await record.acts(2)
    assert [act.at for act in newest] == [4, 3]
    assert newest[0].detail == "salah pilih"
    assert [act.at for act in await record.acts(2, after=newest[-1].id)] == [4]


async def test_a_switch_is_thrown_and_thrown_back(database: Database) -> None:
    record = SqlRecord(database)
    assert await record.switch("emergency") is None
    await record.throw("emergency", True, "gempa", "penyelia", 1)
    await record.throw("emergency", False, "aman", "penyelia", 2)
    assert await record.switch("emergency") == (False, "aman", "penyelia", 2)
