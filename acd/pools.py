"""Waiting contacts, sorted, in pools of contacts that the same agents may take.

A pool has a number, and a set of pools is an integer with those bits set. A pool that runs empty keeps its
number until another needs one, so numbers never exceed the pools that were filled at once.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TypeAlias

from acd.records import Agent, Asked, Contact, Entry
from acd.tables import Lane, Rows
from core.ids import SkillId

Key: TypeAlias = tuple[Lane, int, Asked, bool]
"""Lane, stage, skills asked for, and whether the wait is overdue."""


def bits(mask: int) -> Iterator[int]:
    """Yield the numbers in ``mask``, rising."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Pool:
    """Contacts alike in everything but their place."""

    __slots__ = ("key", "line", "number")

    def __init__(self, number: int, key: Key) -> None:
        self.number = number
        self.key = key
        self.line: list[Entry] = []


class Pools:
    """Every pool, and which of them hold contacts."""

    def __init__(self) -> None:
        self.filled = 0
        self.late = 0
        self._pools: list[Pool] = []
        self._by_key: dict[Key, Pool] = {}
        self._empty: dict[int, Pool] = {}
        self._asking: dict[SkillId, dict[int, int]] = {}
        """By skill and level: the pools that ask for it."""

    def add(self, c: Contact) -> None:
        """Put a contact where its placement says."""
        pool = self._pool(_key_of(c))
        entry = (c.score, c.number, c)
        if not pool.line:
            self._empty.pop(pool.number, None)
            self.filled |= 1 << pool.number
            _add_head(pool, c)
        elif entry < pool.line[0]:
            _drop_head(pool)
            _add_head(pool, c)
        insort(pool.line, entry)

    def remove(self, c: Contact) -> None:
        """Take a contact out; its placement must be as it was when added."""
        pool = self._by_key[_key_of(c)]
        index = bisect_left(pool.line, (c.score, c.number))
        if index == 0:
            _drop_head(pool)
        del pool.line[index]
        if index:
            return
        if pool.line:
            _add_head(pool, pool.line[0][2])
        else:
            self.filled ^= 1 << pool.number
            self._empty[pool.number] = pool

    def beyond(self, agent: Agent) -> int:
        """Return the pools that ask for more than the agent can."""
        barred = 0
        for skill, levels in self._asking.items():
            have = agent.skills.get(skill, 0)
            for level, mask in levels.items():
                if level > have:
                    barred |= mask
        return barred

    def first_two(
        self, where: Mapping[Lane, int], allowed: int, slot: int
    ) -> tuple[Entry | None, Entry | None]:
        """Return the first two contacts that do not exclude the agent in ``slot``.

        ``where`` says which pools of which lanes to look in, ``allowed`` which pools at all.
        """
        best: Entry | None = None
        second: Entry | None = None
        for lane, pools in where.items():
            mask = pools & allowed
            for head in lane.heads if mask else ():
                if second is not None and head > second:
                    break
                if not mask >> head[2] & 1:
                    continue
                for entry in _first_of(self._pools[head[2]], slot):
                    if best is None or entry < best:
                        best, second = entry, best
                    elif second is None or entry < second:
                        second = entry
        return best, second

    def _pool(self, key: Key) -> Pool:
        pool = self._by_key.get(key)
        if pool is None:
            pool = self._reuse(key) or self._append(key)
            self._by_key[key] = pool
            self._mark(pool)
        return pool

    def _append(self, key: Key) -> Pool:
        pool = Pool(len(self._pools), key)
        self._pools.append(pool)
        return pool

    def _reuse(self, key: Key) -> Pool | None:
        if not self._empty:
            return None
        pool = self._empty.pop(next(iter(self._empty)))
        self._unmark(pool)
        del self._by_key[pool.key]
        pool.key = key
        return pool

    def _mark(self, pool: Pool) -> None:
        lane, stage, asked, late = pool.key
        bit = 1 << pool.number
        for index in range(stage):
            lane.pools[index] |= bit
        for skill, level in asked:
            levels = self._asking.setdefault(skill, {})
            levels[level] = levels.get(level, 0) | bit
        if late:
            self.late |= bit

    def _unmark(self, pool: Pool) -> None:
        lane, stage, asked, _ = pool.key
        keep = ~(1 << pool.number)
        for index in range(stage):
            lane.pools[index] &= keep
        for skill, level in asked:
            levels = self._asking[skill]
            levels[level] &= keep
            if not levels[level]:
                del levels[level]
                if not levels:
                    del self._asking[skill]
        self.late &= keep


def by_room(agent: Agent, rows: Rows) -> tuple[dict[Lane, int], dict[Lane, int]]:
    """Return the pools of the rows by lane: where the agent has room for a contact, and where not."""
    fitting: dict[Lane, int] = {}
    unfit: dict[Lane, int] = {}
    for lane, index in rows:
        if lane.channel in agent.reach:
            where = fitting if agent.fits >> lane.kind & 1 else unfit
            where[lane] = where.get(lane, 0) | lane.pools[index]
    return fitting, unfit


def _key_of(c: Contact) -> Key:
    return c.lane, c.stage, c.asks, c.late


def _add_head(pool: Pool, first: Contact) -> None:
    insort(pool.key[0].heads, (first.score, first.number, pool.number))


def _drop_head(pool: Pool) -> None:
    heads = pool.key[0].heads
    del heads[bisect_left(heads, pool.line[0][:2])]


def _first_of(pool: Pool, slot: int) -> Iterator[Entry]:
    """Yield the first two contacts of a pool that do not exclude the agent in ``slot``."""
    return islice((entry for entry in pool.line if slot not in entry[2].excluded), 2)
