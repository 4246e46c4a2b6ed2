"""The centre's words and people as the desk needs them: one value, which takes another's place on a reload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from acd.model import Channel, QueueRule
from core.ids import AgentId, QueueId
from desk.bodies import CategoryGroup, Reference
from desk.model import Label
from knowledge.model import Article


@dataclass(frozen=True, slots=True)
class Member:
    """An agent."""

    name: str
    skills: Mapping[str, int]
    queues: tuple[QueueId, ...]
    channels: frozenset[Channel]
    """Channels of the agent's routing profile."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a channel is held to."""

    threshold_ms: int
    """Answered within so long counts for the service level."""
    limit_ms: int
    """Nobody should wait longer."""
    percent: float
    """The service level to reach."""


@dataclass(slots=True)
class Directory:
    """Who and what there is. Changed by ``become`` only."""

    agents: Mapping[AgentId, Member]
    queues: Mapping[QueueId, Label]
    rules: Mapping[QueueId, QueueRule]
    reasons: Mapping[str, int | None]
    """How long (ms) a break for this reason usually lasts at most."""
    skills: Mapping[str, Label]
    targets: Mapping[Channel, Target]
    channels: tuple[Channel, ...]
    """Channels the centre has, in the order of the wallboard."""
    reference: Reference
    articles: tuple[Article, ...] = ()
    """Scripts of the queues, and what else agents look up."""

    def become(self, other: Directory) -> None:
        """Be what ``other`` is from here on."""
        for one in fields(self):
            setattr(self, one.name, getattr(other, one.name))

    def name_of(self, agent: AgentId) -> str:
        """Return an agent's name; the id of one who is no longer in the centre."""
        member = self.agents.get(agent)
        return member.name if member else agent

    @property
    def categories(self) -> Sequence[CategoryGroup]:
        """The category tree."""
        return self.reference.categories

    def has_category(self, category: str) -> bool:
        """Whether a contact can be about this."""
        return any(item.id == category for group in self.categories for item in group.items)


TARGETS: Mapping[Channel, Target] = {
    Channel.VOICE: Target(20_000, 20_000, 85.0),
    Channel.VIDEO: Target(60_000, 300_000, 85.0),
    Channel.WALKIN: Target(900_000, 900_000, 85.0),
    Channel.WHATSAPP: Target(60_000, 300_000, 85.0),
    Channel.CHAT: Target(60_000, 300_000, 85.0),
    Channel.INSTAGRAM: Target(600_000, 600_000, 85.0),
    Channel.EMAIL: Target(14_400_000, 14_400_000, 85.0),
}
"""Defaults: the customer's study names 85 %; the times are the wallboard's."""
