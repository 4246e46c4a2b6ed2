"""The line does not stand still for the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from sambung.collector import settle


@pytest.fixture
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.usefixtures("_as_before")
def test_what_was_there_is_not_looked_through_again() -> None:
    waiting = [[number] for number in range(1_000)]
    settle()
    looked_at = gc.get_objects()
    assert gc.get_freeze_count() > len(waiting)
    assert not any(found is waiting for found in looked_at)


@pytest.mark.usefixtures("_as_before")
def test_no_full_collection_comes_by_itself() -> None:
    settle()
    full = gc.get_stats()[2]["collections"]
    kept = [[number] for number in range(200_000)]
    assert len(kept) == 200_000
    assert gc.get_stats()[2]["collections"] == full
