"""Told waits and their truths, and what past stays teach, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from acd.events import Ended
from acd.model import Channel, Party
from core.ids import QueueId
from store.journal import SqlJournal
from store.predictions import Prediction, Predictions, Stay, Truth
from tests.unit.acd.world import START, World, agent, iid, rules

pytest_plugins = ("tests.integration.postgres_fixture",)

OSS = QueueId("oss")


@pytest_asyncio.fixture
async def journal(store_url: str) -> AsyncIterator[SqlJournal]:
    journal = await SqlJournal.open(store_url)
    yield journal
    await journal.close()


@pytest_asyncio.fixture
async def predictions(store_url: str, journal: SqlJournal) -> AsyncIterator[Predictions]:
    predictions = await Predictions.open(store_url)
    yield predictions
    await predictions.close()


def told(number: int, at: int, predicted: int = 60_000) -> Prediction:
    return Prediction(iid(number), at, OSS, Channel.VOICE, predicted, 2, "place")


async def test_what_was_told_waits_for_its_truth(predictions: Predictions) -> None:
    await predictions.write([told(1, 1_000), told(2, 2_000), told(1, 31_000, 30_000)], [])
    assert await predictions.open_ones() == {iid(1), iid(2)}
    await predictions.write([], [Truth(iid(1), 51_000, True)])
    assert await predictions.open_ones() == {iid(2)}
    await predictions.write([told(3, 60_000)], [Truth(iid(2), 62_000, False), Truth(iid(9), 1, True)])
    assert await predictions.since(1_500) == [
        told(2, 2_000)._replace(waited_ms=60_000, answered=False),
        told(1, 31_000, 30_000)._replace(waited_ms=20_000, answered=True),
        told(3, 60_000),
    ]
    assert (await predictions.since(0))[0] == told(1, 1_000)._replace(waited_ms=50_000, answered=True)


async def test_the_first_truth_stands_and_what_is_told_twice_is_kept_once(predictions: Predictions) -> None:
    await predictions.write([told(1, 1_000), told(1, 1_000, 90_000)], [])
    await predictions.write([], [Truth(iid(1), 11_000, True)])
    await predictions.write([], [Truth(iid(1), 99_000, False)])
    assert await predictions.since(0) == [told(1, 1_000)._replace(waited_ms=10_000, answered=True)]
    await predictions.write([], [])


async def test_past_stays_say_who_was_answered_and_who_gave_up(
    predictions: Predictions, journal: SqlJournal
) -> None:
    world = World(rules(agent("ani")))
    world.sign_in("ani")
    world.queue(1)
    world.after(5)
    world.talk(1)
    world.queue(2)
    world.after(40)
    world.do(Ended(iid(2), Party.CUSTOMER))
    world.after(60)
    world.finish(1)
    world.after(30)
    world.queue(3, channel=Channel.WHATSAPP)
    await journal.append(world.entries)
    found = await predictions.stays(0)
    assert found == [
        Stay(OSS, Channel.VOICE, 40_000, 0, 0, answered=False, gave_up=True),
        Stay(OSS, Channel.VOICE, 5_000, 100_000, 30_000, answered=True, gave_up=False),
    ]
    assert await predictions.stays(START + 3_600_000) == []
