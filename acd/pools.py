"""Waiting contacts, sorted, in pools of contacts that the same agents may take.

A pool has a number, and a set of pools is an integer with those bits set. A pool that runs empty keeps its
number until another needs one, so numbers never exceed the pools that were filled at once.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import TypeAlias

from acd.records import Agent, Asked, Contact, Entry
from acd.tables import Lane
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
        self._heads: list[tuple[int, int, int]] = []
        """Score, arrival number and pool number of the first contact of each filled pool, sorted."""
        self._asking: dict[SkillId, dict[int, int]] = {}
        """By skill and level: the pools that ask for it."""

    def add(self, c: Contact) -> None:
        """Put a contact where its placement says."""
        pool = self._pool(_key_of(c))
        entry = (c.score, c.number, c)
        if not pool.line:
            self._empty.pop(pool.number, None)
            self.filled |= 1 << pool.number
            insort(self._heads, (c.score, c.number, pool.number))
        elif entry < pool.line[0]:
            self._drop_head(pool)
            insort(self._heads, (c.score, c.number, pool.number))
        insort(pool.line, entry)

    def remove(self, c: Contact) -> None:
        """Take a contact out; its placement must be as it was when added."""
        pool = self._by_key[_key_of(c)]
        index = bisect_left(pool.line, (c.score, c.number))
        if index == 0:
            self._drop_head(pool)
        del pool.line[index]
        if index:
            return
        if pool.line:
            score, number, _ = pool.line[0]
            insort(self._heads, (score, number, pool.number))
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

    def first_two(self, mask: int, slot: int) -> tuple[Entry | None, Entry | None]:
        """Return the first two contacts in ``mask`` that do not exclude the agent in ``slot``."""
        best: Entry | None = None
        second: Entry | None = None
        for pool in self._in_order(mask):
            if second is not None and pool.line[0] > second:
                break
            taken = 0
            for entry in pool.line:
                if slot in entry[2].excluded:
                    continue
                if best is None or entry < best:
                    best, second = entry, best
                elif second is None or entry < second:
                    second = entry
                taken += 1
                if taken == 2:
                    break
        return best, second

    def _in_order(self, mask: int) -> Iterator[Pool]:
        """Yield the pools of ``mask`` by their first contact."""
        # Walking all heads meets a member about every len/count steps; picking the bits costs count each.
        if mask.bit_count() ** 2 < len(self._heads):
            yield from sorted((self._pools[n] for n in bits(mask)), key=lambda p: p.line[0])
        else:
            for _, _, number in self._heads:
                if mask >> number & 1:
                    yield self._pools[number]

    def _drop_head(self, pool: Pool) -> None:
        score, number, _ = pool.line[0]
        del self._heads[bisect_left(self._heads, (score, number))]

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


def _key_of(c: Contact) -> Key:
    return c.lane, c.stage, c.asks, c.late
