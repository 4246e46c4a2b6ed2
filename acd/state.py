"""Everything the line knows at one moment. ``step`` changes it in place; everybody else only reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeAlias

from acd import views
from acd.model import Channel, LineRules, Phase, QueueState
from acd.records import Contact, Timed
from acd.routing import Line
from acd.views import AgentView, InteractionView, QueueStatus, QueueView
from core.ids import AgentId, InteractionId, OfferId, QueueId

REMEMBERED = 1_024
"""How many ended offers, closed interactions and customers who gave up are remembered."""

LAST_AGENTS = 8_192
"""Of how many customers it is remembered who had them: four days of the first customer's centre."""


Witness: TypeAlias = Callable[["State", Contact, OfferId], None]
"""Called before an offer takes effect, with the state the decision was made on. Must not change it."""


class Return(NamedTuple):
    """The place of a customer who gave up waiting."""

    origin: int
    """The arrival that set the score."""
    until: int
    """How long it is kept."""


class State:
    """The line: contacts, agents, offers, timers."""

    __slots__ = (
        "_armed",
        "_tokens",
        "arrivals",
        "callbacks",
        "closed",
        "contacts",
        "last_agents",
        "line",
        "lost",
        "now",
        "offered",
        "offers",
        "present",
        "queue_status",
        "returns",
        "rules",
        "shut",
        "timers",
        "witness",
    )

    def __init__(self) -> None:
        self.now = 0
        self.rules = LineRules((), (), (), ())
        self.line = Line()
        self.contacts: dict[InteractionId, Contact] = {}
        self.offers: dict[OfferId, Contact] = {}
        """Offers that are open or were taken, while the agent has the contact."""
        self.lost: dict[OfferId, tuple[InteractionId, AgentId]] = {}
        """The last offers that nobody took."""
        self.returns: dict[tuple[Channel, str], Return] = {}
        """The last customers who gave up waiting, by channel and address: their places, for a while."""
        self.callbacks: dict[str, dict[InteractionId, Contact]] = {}
        """By address of the customer: the live callbacks that stood in a queue."""
        self.last_agents: dict[str, AgentId] = {}
        """By address of the last customers: the agent who had them. Ordered by when that was."""
        self.closed: dict[InteractionId, None] = {}
        """The last interactions that ended."""
        self.queue_status: dict[QueueId, QueueStatus] = {}
        """Queues of which a supervisor said something."""
        self.shut: set[QueueId] = set()
        """Queues whose hours are over."""
        self.present = 0
        """Agents who are signed in, as bits by their slots."""
        self.arrivals = 0
        self.offered = 0
        self.witness: Witness | None = None
        self.timers: list[tuple[int, int]] = []
        """When, and which timer: a heap in which stopped timers stay for a while."""
        self._armed: dict[int, Timed] = {}
        """Whose timer it is, unless it was stopped."""
        self._tokens = 0

    # --- for shells ----------------------------------------------------------------------------------------

    def interaction(self, interaction: InteractionId) -> InteractionView | None:
        """Return a live interaction."""
        c = self.contacts.get(interaction)
        return None if c is None else views.interaction(c)

    def live(self) -> Iterator[InteractionView]:
        """Yield every live interaction in order of arrival."""
        return map(views.interaction, self.contacts.values())

    def agent(self, agent: AgentId) -> AgentView | None:
        """Return an agent the rules name, or one who still has work."""
        found = self.line.by_id.get(agent)
        return (
            None
            if found is None or not (found.named or found.work or found.wrap_ups)
            else views.agent(found, self.line.tables.queue)
        )

    def agents(self) -> Iterator[AgentView]:
        """Yield every agent the rules name, and those who still have work."""
        return (
            views.agent(a, self.line.tables.queue)
            for a in self.line.agents
            if a.named or a.work or a.wrap_ups
        )

    def queues(self) -> Iterator[QueueView]:
        """Yield every queue the rules name, with who waits in it, in one pass over the live contacts."""
        return views.queues((q.id for q in self.rules.queues), self.queue_status, self.contacts.values())

    def queue(self, queue: QueueId) -> QueueStatus | None:
        """Return what was last said of a queue, or None if the rules do not name it."""
        return self.queue_status.get(queue, QueueStatus()) if self.line.tables.has_queue(queue) else None

    def queue_state(self, queue: QueueId) -> QueueState:
        """Return what a queue does."""
        status = self.queue_status.get(queue)
        return QueueState.OPEN if status is None else status.state

    def waiting(self, queue: QueueId) -> Sequence[InteractionId]:
        """Return the contacts waiting in a queue, on every channel, first to last."""
        return [c.id for c in self.line.waiting(queue)]

    def position(self, interaction: InteractionId) -> int | None:
        """Return a waiting contact's place in its queue, from 1."""
        c = self.contacts.get(interaction)
        return self.line.position(c) if c is not None and c.phase is Phase.WAITING else None

    def next_wake(self) -> int | None:
        """Return when a ``Tick`` is due at the latest; the state's own ``now`` means at once."""
        if not self.line.due.settled:
            return self.now
        timer = self._next_timer()
        return None if timer is None else max(timer[0], self.now)

    # --- timers: at most one a contact or wrap-up ---------------------------------------------------------------------

    def set_timer(self, c: Timed, at: int | None) -> None:
        """Have ``step`` look at the contact or wrap-up at ``at``, and at no other time."""
        if c.timer:
            del self._armed[c.timer]
        if at is None:
            c.timer = 0
            return
        self._tokens += 1
        c.timer, c.timer_at = self._tokens, at
        self._armed[c.timer] = c
        heappush(self.timers, (at, c.timer))
        if len(self.timers) > 64 + 2 * len(self._armed):
            self.timers = [t for t in self.timers if t[1] in self._armed]
            heapify(self.timers)

    def pop_timer(self) -> Timed | None:
        """Return the contact or wrap-up whose timer is due, once."""
        if not self.timers or self.timers[0][0] > self.now:
            return None
        timer = self._next_timer()
        if timer is None or timer[0] > self.now:
            return None
        heappop(self.timers)
        c = self._armed.pop(timer[1])
        c.timer = 0
        return c

    def _next_timer(self) -> tuple[int, int] | None:
        timers = self.timers
        while timers and timers[0][1] not in self._armed:
            heappop(timers)
        return timers[0] if timers else None

    def restore_timers(self, tokens: int) -> None:
        """Build the timers from what contacts and wrap-ups say of theirs."""
        self._tokens = tokens
        timed: list[Timed] = [*self.contacts.values()]
        timed += (w for agent in self.line.agents for w in agent.wrap_ups.values())
        self._armed = {t.timer: t for t in timed if t.timer}
        self.timers = [(c.timer_at, c.timer) for c in self._armed.values()]
        heapify(self.timers)

    @property
    def tokens(self) -> int:
        """Timers set so far."""
        return self._tokens
