"""The peer of the line: the same rules, with every agent or every waiting contact looked at in each search."""

from __future__ import annotations

from acd.effects import Rule
from acd.records import Agent, Contact, Found, Funnel
from acd.routing import Line
from acd.state import State
from acd.tables import SHUT

_NOT_COUNTED = Funnel(0, 0, 0, 0, 0)


class NaiveLine(Line):
    """Decides as ``Line`` does, but writes no counts and no runner-up into the receipt.

    It keeps the indexes of ``Line`` up to date as well; beside its searches that costs next to nothing.
    """

    def best_agent(self, c: Contact) -> Found | None:
        """Look at every agent."""
        best: Agent | None = None
        for agent in self.agents:
            if (
                agent.fits >> c.lane.kind & 1
                and _may(agent, c)
                and (best is None or _order(agent, c) < _order(best, c))
                and not self._drained(agent, c)
            ):
                best = agent
        return None if best is None else Found(c, best, Rule.CONTACT_SEARCHED, None, _NOT_COUNTED)

    def best_contact(self, agent: Agent) -> Found | None:
        """Look at every waiting contact."""
        best: tuple[int, int, int, Contact] | None = None
        overdue: tuple[int, int, int, Contact] | None = None
        for line in self._queues.values():
            for score, number, c in line:
                fits = agent.fits >> c.lane.kind & 1
                if not (fits or c.late) or not _may(agent, c):
                    continue
                place = self.rank(agent, c), score, number, c
                if fits:
                    best = place if best is None else min(best, place)
                elif c.held < 0:
                    overdue = place if overdue is None else min(overdue, place)
        if overdue is not None and (best is None or overdue < best):
            self._drain(agent, overdue[0], overdue[1:])
            return None
        return None if best is None else Found(best[3], agent, Rule.AGENT_PULLED, None, _NOT_COUNTED)


def _may(agent: Agent, c: Contact) -> bool:
    ranks = c.lane.ranks.get(agent.profile)
    return (
        ranks is not None
        and ranks[c.stage] != SHUT
        and c.channel in agent.reach
        and agent.slot not in c.excluded
        and c.held in (-1, agent.slot)
        and all(agent.skills.get(skill, 0) >= level for skill, level in c.asks)
    )


def _order(agent: Agent, c: Contact) -> tuple[bool, int, int, int]:
    return agent.id != c.preferred, *agent.key


def make_naive(state: State) -> None:
    """Have ``state`` search by ``NaiveLine`` from now on."""
    naive = NaiveLine()
    vars(naive).update(vars(state.line))
    state.line = naive
