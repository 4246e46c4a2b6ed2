"""Who can what: a set of agents for each skill and level."""

from __future__ import annotations

from acd.records import Agent, Asked
from core.ids import SkillId


class Skills:
    """The skills of all agents. A set of agents is an integer with the bits of their slots."""

    def __init__(self) -> None:
        self._levels: dict[SkillId, dict[int, int]] = {}
        """By skill and level: the agents of exactly that level."""
        self._able: dict[tuple[SkillId, int], int] = {}
        """By skill and level: the agents of at least that level, worked out when first asked for."""

    def add(self, agent: Agent) -> None:
        """Count an agent in; only before the first question."""
        for skill, level in agent.skills.items():
            levels = self._levels.setdefault(skill, {})
            levels[level] = levels.get(level, 0) | 1 << agent.slot

    def able(self, asked: Asked) -> int:
        """Return the agents with these skills, or all."""
        mask = -1
        for skill, level in asked:
            found = self._able.get((skill, level))
            if found is None:
                found = 0
                for have, agents in self._levels.get(skill, {}).items():
                    if have >= level:
                        found |= agents
                self._able[skill, level] = found
            mask &= found
        return mask
