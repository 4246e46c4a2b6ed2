"""The same history gives the same decisions: in any process, from the journal, and from a snapshot on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from acd.effects import Effect, Receipt
from acd.events import Event
from acd.explain import Journalled, compare
from acd.snapshot import dump, load
from acd.state import State
from acd.step import step
from core.errors import Refused
from tests.unit.acd.history import busy_day, fingerprint

ROOT = Path(__file__).resolve().parents[3]


def decided_with(hash_seed: str) -> str:
    command = (sys.executable, "-m", "tests.unit.acd.history")
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    return subprocess.check_output(command, cwd=ROOT, env=environment, text=True, timeout=60)


def test_two_processes_that_hash_differently_decide_alike() -> None:
    one, other = decided_with("1"), decided_with("4096")
    assert one == other
    assert int(one.split()[0]) > 400  # there was something to decide


def test_another_day_has_another_fingerprint() -> None:
    assert fingerprint(busy_day(contacts=50)) != fingerprint(busy_day(seed=170, contacts=50))


def test_the_journal_as_text_folds_to_the_same_state_and_effects() -> None:
    world = busy_day()
    state, effects = State(), list[Effect]()
    for entry in world.entries:
        event = msgspec.json.decode(msgspec.json.encode(entry.event), type=Event)
        effects += step(state, event, entry.at)
    assert effects == world.effects
    assert dump(state) == dump(world.state)


def test_a_snapshot_anywhere_on_the_way_makes_no_difference() -> None:
    world = busy_day(contacts=150)
    state = State()
    for n, entry in enumerate(world.entries):
        if n % 50 == 0:
            state = load(dump(state))
        assert step(state, entry.event, entry.at) == list(entry.effects)
    assert dump(state) == dump(world.state)


def journalled() -> list[Journalled]:
    entries = busy_day(contacts=100).entries
    return [
        Journalled(e.seq, e.at, e.event, tuple(r for r in e.effects if isinstance(r, Receipt)))
        for e in entries
    ]


def test_a_replay_finds_the_decisions_that_were_stored() -> None:
    assert compare(journalled()) == []


def test_a_replay_notices_a_decision_that_was_not_the_line_s() -> None:
    entries = journalled()
    n = next(n for n, e in enumerate(entries) if e.receipts)
    forged = msgspec.structs.replace(entries[n].receipts[0], winner_load=99)
    entries[n] = entries[n]._replace(receipts=(forged,))
    (difference,) = compare(entries)
    assert (difference.seq, difference.stored[0].winner_load) == (entries[n].seq, 99)


@pytest.mark.parametrize("body", [b"", b"\x00", b"not a snapshot", msgspec.msgpack.encode([1, 2, 3])])
def test_bytes_of_another_making_are_refused(body: bytes) -> None:
    with pytest.raises(Refused, match="not a snapshot of version"):
        load(body)
