"""The one task that owns the state: take events, step, journal, and only then act."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog

from acd.effects import Effect
from acd.events import Configured, Event, Tick
from acd.model import LineRules
from acd.ports import Entry, Journal, Performer, Snapshot, Watcher
from acd.snapshot import VERSION, dump, load
from acd.state import State
from acd.step import step
from core.clock import Clock
from core.errors import Fatal, Refused, SambungError, TryLater

_log = structlog.get_logger("acd")

SNAPSHOT_EVERY: Final = 20_000
"""Events between snapshots: under a full line a restart folds them in well under a second."""

_BATCH: Final = 256
"""Events a transaction, unless more were submitted together."""

_NAP_S: Final = 1.0
"""The longest sleep, because the clock may be set while asleep."""


class _Group:
    """Events that go into the journal together, and who waits for their effects."""

    __slots__ = ("done", "effects", "events")

    def __init__(self, events: tuple[Event, ...], done: asyncio.Future[list[Effect]] | None) -> None:
        self.events = events
        self.done = done
        self.effects: list[Effect] = []

    def fail(self, error: SambungError) -> None:
        if self.done is not None and not self.done.done():
            self.done.set_exception(error)


class Engine:
    """The line at work. Call ``start`` once, then keep ``run`` running; ``stop`` lets it finish."""

    def __init__(
        self, journal: Journal, performers: Sequence[Performer], clock: Clock, rules: LineRules
    ) -> None:
        """Each of ``performers`` is given every effect, and carries out those that are its own."""
        self._journal = journal
        self._performers = tuple(performers)
        self._watchers: list[Watcher] = []
        self._clock = clock
        self._rules = rules
        self._state = State()
        self._seq = 0
        self._snapshot_at = 0
        self._inbox: deque[_Group] = deque()
        self._wake = asyncio.Event()
        self._stopping = False
        self._over: SambungError | None = None

    @property
    def state(self) -> State:
        """The line as it is. For reading only."""
        return self._state

    def watch(self, watcher: Watcher) -> None:
        """Show ``watcher`` every entry from here on."""
        self._watchers.append(watcher)

    async def start(self) -> None:
        """Bring back the state from the journal, and put the rules in force if they changed.

        Raises Fatal if the journal cannot be read or written.
        """
        try:
            await self._recall()
        except Exception as error:
            raise Fatal(f"the journal could not be read: {error}") from error
        if self._state.rules != self._rules:
            await self._commit([_Group((Configured(self._rules),), None)])

    async def run(self) -> None:
        """Take events until ``stop``. Raises Fatal when the state may differ from the journal."""
        error: SambungError = Fatal("the line is not running")
        try:
            while True:
                batch = self._next_batch()
                if batch:
                    await self._commit(batch)
                    await self._keep_snapshot()
                elif self._stopping:
                    error = TryLater("the line is stopping")
                    return
                else:
                    await self._nap()
        finally:
            self._over = self._over or error
            while self._inbox:
                self._inbox.popleft().fail(error)

    async def stop(self) -> None:
        """Have ``run`` end once everything handed over so far is journalled. Takes nothing more."""
        self._stopping = True
        self._wake.set()

    def post(self, event: Event) -> None:
        """Hand over an event. Its effects go to the performer."""
        if self._refusal() is not None:
            _log.warning("event dropped, the line has stopped", event_type=type(event).__name__)
            return
        self._hand_over(_Group((event,), None))

    async def submit(self, *events: Event) -> list[Effect]:
        """Hand over events that are journalled together; return their effects once they are.

        Raises TryLater when the line is stopping, Fatal when the journal could not be written.
        """
        refusal = self._refusal()
        if refusal is not None:
            raise refusal
        done: asyncio.Future[list[Effect]] = asyncio.get_running_loop().create_future()
        self._hand_over(_Group(events, done))
        return await done

    def _refusal(self) -> SambungError | None:
        return self._over or (TryLater("the line is stopping") if self._stopping else None)

    def _hand_over(self, group: _Group) -> None:
        self._inbox.append(group)
        self._wake.set()

    def _next_batch(self) -> list[_Group]:
        batch: list[_Group] = []
        wake = self._state.next_wake()
        # A tick that finds nothing due changes nothing: it is not even stepped, so a replay needs none.
        if wake is not None and wake <= max(self._clock.now_ms(), self._state.now):
            batch.append(_Group((Tick(),), None))
        count = 0
        while self._inbox and count < _BATCH:
            group = self._inbox.popleft()
            batch.append(group)
            count += len(group.events)
        return batch

    async def _commit(self, batch: Sequence[_Group]) -> None:
        try:
            entries = self._step(batch)
            await self._journal.append(entries)
        except BaseException as error:
            # The state is ahead of the journal, and nothing of the batch may be carried out.
            self._over = Fatal(f"the line could not be journalled: {error}")
            for group in batch:
                group.fail(self._over)
            if not isinstance(error, Exception):
                raise
            raise self._over from error
        effects = [effect for group in batch for effect in group.effects]
        for performer in self._performers:
            performer.perform(effects)
        self._show(entries)
        for group in batch:
            if group.done is not None and not group.done.done():
                group.done.set_result(group.effects)

    def _show(self, entries: Sequence[Entry]) -> None:
        for watcher in self._watchers:
            try:
                watcher.saw(entries)
            except Exception:
                # A screen that cannot be drawn must not end a call.
                _log.exception("a watcher failed", watcher=type(watcher).__name__)

    def _step(self, batch: Sequence[_Group]) -> list[Entry]:
        now = max(self._clock.now_ms(), self._state.now)
        entries = []
        for group in batch:
            for event in group.events:
                effects = step(self._state, event, now)
                self._seq += 1
                entries.append(Entry(self._seq, now, event, tuple(effects)))
                group.effects += effects
        return entries

    async def _nap(self) -> None:
        """Sleep until an event is handed over or a timer is due."""
        self._wake.clear()
        if self._stopping or self._inbox:
            return
        wake = self._state.next_wake()
        seconds = _NAP_S if wake is None else min(_NAP_S, (wake - self._clock.now_ms()) / 1_000)
        handle = asyncio.get_running_loop().call_later(max(seconds, 0), self._wake.set)
        try:
            await self._wake.wait()
        finally:
            handle.cancel()

    # --- snapshots -----------------------------------------------------------------------------------------

    async def _recall(self) -> None:
        for snapshot in await self._journal.snapshots():
            if snapshot.version != VERSION:
                continue
            try:
                self._state = load(snapshot.body)
            except Refused as error:
                _log.warning("snapshot passed over", seq=snapshot.seq, reason=str(error))
            else:
                self._seq = snapshot.seq
                break
        self._snapshot_at = self._seq
        async for seq, at, event in self._journal.read(self._seq):
            step(self._state, event, at)
            self._seq = seq

    async def _keep_snapshot(self) -> None:
        if self._seq - self._snapshot_at < SNAPSHOT_EVERY:
            return
        self._snapshot_at = self._seq
        try:
            await self._journal.save_snapshot(Snapshot(self._seq, VERSION, dump(self._state)))
        except Exception:
            # Without it a restart folds more of the journal, and loses nothing.
            _log.exception("snapshot not saved", seq=self._seq)
