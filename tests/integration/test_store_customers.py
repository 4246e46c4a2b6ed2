"""Customers' earlier contacts, drafts and cases, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from sqlalchemy import insert, text

from core.ids import AgentId, InteractionId
from crm.model import Draft, Past
from store.customers import SqlCustomers
from store.database import Database, parse
from store.migrate import upgrade
from store.tables import INTERACTIONS, VOICEMAILS
from store.tables_said import DISPOSITIONS

pytest_plugins = ("tests.integration.postgres_fixture",)

ADI, AGUS = AgentId("ag101"), AgentId("ag102")
NAME = "\u202eSari <b>" + "x" * 10_000


def id_of(number: int) -> InteractionId:
    return InteractionId(f"{number:032x}")


@pytest_asyncio.fixture
async def database(store_url: str) -> AsyncIterator[Database]:
    database = Database(parse(store_url))
    await upgrade(database.engine)
    yield database
    await database.close()


async def contact(database: Database, number: int, caller: str, **more: Any) -> InteractionId:
    row = {
        "channel": "voice",
        "kind": "inbound",
        "phase": "closed",
        "parent": "",
        "arrived_at": number,
        **more,
    }
    values = {"id": id_of(number), "caller": caller, **row}
    await database.write(lambda db: db.execute(insert(INTERACTIONS).values(values)))
    return id_of(number)


async def said(database: Database, number: int, agent: str, seq: int, note: str) -> None:
    values = {"interaction": id_of(number), "agent": agent, "seq": seq, "at": seq, "category": "kbli"}
    row = {**values, "note": note, "follow_up": False}
    await database.write(lambda db: db.execute(insert(DISPOSITIONS).values(row)))


def numbers(past: Past) -> list[int]:
    return [int(item.id, 16) for item in past.items]


async def test_a_customers_contacts_over_all_channels_newest_first(database: Database) -> None:
    await contact(database, 1, "08123456789", outcome="abandoned", queue="licensing")
    await contact(database, 2, "+628123456789", kind="outbound", outcome="handled", agent=AGUS)
    await contact(database, 3, "08123456789", kind="callback", outcome="handled", agent=AGUS)
    await contact(database, 4, "628123456789", channel="whatsapp", outcome="handled")
    await contact(database, 5, "08123456789", outcome="voicemail")
    await contact(database, 6, "08120000000")
    await contact(database, 7, "08123456789", channel="video")
    await contact(database, 8, "08123456789", kind="consult", parent=id_of(3))
    now = await contact(database, 9, "08123456789", phase="offered", queue="lkpm")
    await said(database, 3, ADI, 10, "first word")
    await said(database, 3, AGUS, 12, NAME)
    message = {"id": id_of(5), "state": "new", "at": 5, "length_ms": 4_200, "file": "a.ogg"}
    await database.write(lambda db: db.execute(insert(VOICEMAILS).values(message)))

    customers = SqlCustomers(database)
    past = await customers.earlier(now, None, 50)
    assert numbers(past) == [5, 4, 3, 2, 1]
    assert (past.known, past.more) == (True, False)
    left, _, called, _, gone = past.items
    assert (left.outcome, left.message_ms) == ("voicemail", 4_200)
    assert (called.kind, called.agent, called.category, called.note) == ("callback", AGUS, "kbli", NAME)
    assert (gone.queue, gone.agent, gone.category, gone.note) == ("licensing", None, None, "")

    first = await customers.earlier(now, None, 2)
    second = await customers.earlier(now, first.items[-1].id, 2)
    third = await customers.earlier(now, second.items[-1].id, 2)
    assert [numbers(page) for page in (first, second, third)] == [[5, 4], [3, 2], [1]]
    assert [page.more for page in (first, second, third)] == [True, True, False]


async def test_a_consultation_shows_the_customers_past_and_a_name_shows_none(database: Database) -> None:
    await contact(database, 1, "08123456789")
    await contact(database, 2, "08123456789")
    asked = await contact(database, 3, "", kind="consult", parent=id_of(2))
    visit = await contact(database, 4, "08123456789", channel="video")
    withheld = await contact(database, 5, "anonymous")
    customers = SqlCustomers(database)
    assert numbers(await customers.earlier(asked, None, 9)) == [1]
    for nobody in (visit, withheld, id_of(99)):
        assert await customers.earlier(nobody, None, 9) == Past(known=False)


async def test_contacts_of_one_millisecond_are_all_shown_once(database: Database) -> None:
    for number in range(1, 8):
        await contact(database, number, "08123456789", arrived_at=5)
    now = await contact(database, 9, "08123456789", arrived_at=9)
    customers, seen, before = SqlCustomers(database), [], None
    while True:
        page = await customers.earlier(now, before, 3)
        seen += numbers(page)
        if not page.more:
            break
        before = page.items[-1].id
    assert seen == [7, 6, 5, 4, 3, 2, 1]


async def test_the_past_is_found_by_an_index(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        return
    query = (
        "EXPLAIN QUERY PLAN SELECT * FROM interactions WHERE caller IN ('a', 'b') ORDER BY arrived_at DESC"
    )
    async with database.engine.connect() as connection:
        plan = " ".join(str(row) for row in await connection.execute(text(query)))
    assert "ix_interactions_caller_arrived_at" in plan, plan


async def test_a_draft_is_kept_by_contact_and_agent_until_it_is_handed_in(database: Database) -> None:
    customers = SqlCustomers(database)
    mine = Draft(id_of(1), 10, "Sudah dijelaskan\0 \ud800", "kbli", True, 99)
    await customers.keep(ADI, mine)
    await customers.keep(AGUS, Draft(id_of(1), 11, "agus", None, False, None))
    await customers.keep(ADI, Draft(id_of(2), 5, "old", None, False, None))
    found = {draft.interaction: draft for draft in await customers.drafts(ADI)}
    assert found.keys() == {id_of(1), id_of(2)}
    assert found[id_of(1)].text.startswith("Sudah dijelaskan ")
    assert (found[id_of(1)].category, found[id_of(1)].follow_up, found[id_of(1)].due) == ("kbli", True, 99)
    await customers.keep(ADI, Draft(id_of(1), 12, "", None, False, None))
    assert next(d for d in await customers.drafts(ADI) if d.interaction == id_of(1)).text == ""
    await customers.handed_in(ADI, id_of(1))
    await customers.forget_drafts(6)
    assert await customers.drafts(ADI) == []
    assert [draft.text for draft in await customers.drafts(AGUS)] == ["agus"]


async def test_a_case_is_open_until_done_and_shown_to_whom_it_belongs(database: Database) -> None:
    for number in (1, 2, 3):
        await contact(database, number, "08123456789", queue="lkpm")
    await said(database, 1, ADI, 10, "Kirim panduan")
    customers = SqlCustomers(database)
    await customers.open_case(id_of(1), ADI, 300, 10)
    await customers.open_case(id_of(2), ADI, 200, 11)
    await customers.open_case(id_of(3), AGUS, 100, 12)
    assert [int(c.id, 16) for c in await customers.cases(None, 0, 9)] == [3, 2, 1]
    assert [int(c.id, 16) for c in await customers.cases(ADI, 0, 9)] == [2, 1]
    promised = await customers.case(id_of(1))
    assert promised is not None
    assert (promised.note, promised.category, promised.queue) == ("Kirim panduan", "kbli", "lkpm")

    await customers.change_case(id_of(2), {"done_at": 50, "done_by": "agen"})
    assert [int(c.id, 16) for c in await customers.cases(ADI, 50, 9)] == [1, 2], "what is done comes last"
    assert [int(c.id, 16) for c in await customers.cases(ADI, 51, 9)] == [1]
    await customers.withdraw_case(id_of(2), ADI)
    await customers.withdraw_case(id_of(1), AGUS)
    assert await customers.case(id_of(2)) is not None, "what was done stays"
    assert await customers.case(id_of(1)) is not None, "nobody withdraws another one's"
    await customers.withdraw_case(id_of(1), ADI)
    assert await customers.case(id_of(1)) is None
    await customers.open_case(id_of(2), AGUS, 400, 60)
    again = await customers.case(id_of(2))
    assert again is not None
    assert (again.agent, again.due, again.done_at, again.done_by) == (AGUS, 400, None, None)
