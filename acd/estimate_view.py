"""The line at one moment, arranged for simulating it many times: who waits, who may take whom, who is busy.

Contacts and agents are numbers here, and all times are milliseconds from that moment on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from acd.estimate_learned import PAUSE, Durations, LaneKey, Learned, Left
from core.ids import AgentId, InteractionId, OfferId

NOBODY: Final = -1


class Since(NamedTuple):
    """What the line itself does not remember."""

    talking: Mapping[OfferId, int]
    """When each conversation began: ``Contact.since`` starts anew with every hold."""
    had: Mapping[AgentId, Collection[str]]
    """For which reasons each agent was away since signing in."""


class Choice(NamedTuple):
    """A contact that the agents of a team may take, by one row of their profile. Sorted: who goes first."""

    rank: int
    score: int
    number: int
    """Of the contact in ``View.waiting``."""
    opens: int
    """From when on: delays, and when the skills are asked for."""
    able: int
    """Slots of the agents with these skills, as bits."""
    kind: int
    cost: int
    late_in: int
    """When agents begin to keep themselves free for it."""
    kept: bool
    """Whether it is kept for or from somebody."""


@dataclass(slots=True)
class Waiting:
    """A contact in line, or the place behind the last one (``id`` is None), which takes nobody's time."""

    id: InteractionId | None
    lane: int
    score: int
    patience: Left
    late_in: int
    keeper: int = -1
    """The agent it is kept for, until ``kept``."""
    kept: int = 0
    excluded: Mapping[int, int] = field(default_factory=dict)
    """Until when it is kept from which agents."""

    def kept_from(self, agent: int) -> int:
        """Return until when the agent may not have it."""
        until = self.excluded.get(agent, 0)
        return until if self.keeper in (NOBODY, agent) else max(until, self.kept)


@dataclass(slots=True)
class Job:
    """Work in progress: ``agent`` gets room back when ``talk`` and then ``wrap_up`` are over."""

    agent: int
    channel: int
    ring: Left | None
    """None when they talk already."""
    talk: Left | None
    """None when the agent wraps up already."""
    wrap_up: Left


@dataclass(slots=True)
class LaneFacts:
    """What contacts of a queue on a channel are like."""

    key: LaneKey
    kind: int
    cost: int
    channel: int
    service: Durations
    wrap_up: Durations
    work: Sequence[int]
    """Both together, in any order."""
    patience: Durations
    per_ms: float
    bonus: int
    """How much the queue's priority takes off the score."""


@dataclass(slots=True)
class View:
    """See above. ``used`` has each agent's load as each kind of contact sees it, agent by agent."""

    now: int
    learned: Learned
    lanes: list[LaneFacts] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    beyond: dict[InteractionId, tuple[InteractionId, float]] = field(default_factory=dict)
    """Contacts that are not simulated: like which one, and how many times its place."""
    kinds: int = 1
    loads: list[tuple[int, ...]] = field(default_factory=list)
    """By channel: what a contact adds to the load that each kind sees."""
    used: list[int] = field(default_factory=list)
    teams: list[list[Choice]] = field(default_factory=list)
    team_of: list[int] = field(default_factory=list)
    bits: list[int] = field(default_factory=list)
    """By agent: its bit in ``Choice.able``."""
    hopeful: int = 0
    """How many of those who wait somebody may take."""
    overtaking: list[dict[int, int]] = field(default_factory=list)
    """By team: lanes, and the ranks by which who comes later may go before somebody who waits."""
    sizes: list[list[tuple[int, int]]] = field(default_factory=list)
    """By team: kinds and costs of all it may take."""
    looking: list[int] = field(default_factory=list)
    """Agents with room for somebody who waits."""
    jobs: list[Job] = field(default_factory=list)
    away: list[tuple[int, Left]] = field(default_factory=list)
    """Agents who are not ready, and how long they may still be."""
    ring: Sequence[int] = ()
    """How long agents take to answer."""
    pauses: list[Sequence[tuple[float, Durations]]] = field(default_factory=list)
    """By agent, the reasons for a pause after a contact: how often, and how long."""
    missed: Durations = PAUSE
    """How long an agent is away who did not answer."""
