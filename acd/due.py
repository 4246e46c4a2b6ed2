"""Who still has to look for whom before the line is settled, in the order in which they may."""

from __future__ import annotations

from heapq import heappop, heappush

from acd.records import Agent, Contact, Entry


class Due:
    """Agents and contacts for whom something changed."""

    def __init__(self, agents: list[Agent]) -> None:
        """``agents`` is the line's own list, by slot."""
        self._agents = agents
        self.slots: dict[int, tuple[int, int, int]] = {}
        """By slot of an agent who is due: the agent's key at that time."""
        self._agent_heap: list[tuple[int, int, int]] = []
        self.contacts: dict[int, Contact] = {}
        """By arrival number."""
        self._contact_heap: list[Entry] = []

    @property
    def settled(self) -> bool:
        """Whether nobody is left to look."""
        return not self.slots and not self.contacts

    def mark_agent(self, agent: Agent) -> None:
        """Have the agent look for a contact."""
        if self.slots.get(agent.slot) != agent.key:
            self.slots[agent.slot] = agent.key
            heappush(self._agent_heap, agent.key)

    def mark_contact(self, c: Contact) -> None:
        """Have the contact look for an agent."""
        self.contacts[c.number] = c
        heappush(self._contact_heap, (c.score, c.number, c))

    def next_agent(self) -> Agent | None:
        """Return the first agent who is due. Due they stay, until ``rest``."""
        heap = self._agent_heap
        while heap:
            if self.slots.get(heap[0][2]) == heap[0]:
                return self._agents[heap[0][2]]
            heappop(heap)
        return None

    def rest(self, agent: Agent) -> None:
        """Note that there is nothing for the agent now."""
        self.slots.pop(agent.slot, None)

    def next_contact(self) -> Contact | None:
        """Return the first contact that is due, once."""
        heap = self._contact_heap
        while heap:
            score, number, c = heappop(heap)
            if self.contacts.get(number) is c and c.score == score:
                del self.contacts[number]
                return c
        return None

    def forget(self, c: Contact) -> None:
        """Note that the contact no longer waits."""
        self.contacts.pop(c.number, None)

    def listed(self) -> tuple[tuple[int, ...], tuple[Contact, ...]]:
        """Return slots and contacts that still have to look."""
        return tuple(sorted(self.slots)), tuple(self.contacts[n] for n in sorted(self.contacts))
