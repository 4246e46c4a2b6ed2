"""The way through a menu into a queue, found by looking at the menu."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from acd.model import AgentRule, Channel, LineRules
from core.ids import AgentId, QueueId, SkillId
from ivr.effects import Surroundings
from ivr.model import (
    BranchNode,
    CollectNode,
    Confirm,
    Flow,
    GotoNode,
    HoursNode,
    MenuNode,
    Node,
    QueueNode,
    SayNode,
    SetNode,
    StatusNode,
)


class Press(NamedTuple):
    """Keys to press once the menu has stopped speaking."""

    keys: str
    patience_ms: int
    """How long the menu then waits for the first."""


class Way(NamedTuple):
    """Where some keys lead, and what is asked there of an agent."""

    presses: tuple[Press, ...]
    queue: QueueId
    needs: Mapping[SkillId, int]


class _Place(NamedTuple):
    node: str
    language: str
    presses: tuple[Press, ...]


def ways(flow: Flow, around: Surroundings) -> Iterator[Way]:
    """Yield a way into each queue that a caller can reach now, the fewest keys first."""
    places = deque([_Place(flow.start, flow.language, ())])
    seen: set[tuple[str, str]] = set()
    while places:
        place = places.popleft()
        if (place.node, place.language) in seen:
            continue
        seen.add((place.node, place.language))
        node = flow.nodes[place.node]
        if isinstance(node, QueueNode):
            needs = dict((*flow.needs.get(place.language, ()), *node.needs))
            yield Way(place.presses, node.queue, needs)
        places.extend(_onwards(place, node, around))


def _onwards(place: _Place, node: Node, around: Surroundings) -> Iterator[_Place]:
    match node:
        case SayNode(next=following) | GotoNode(next=following) | SetNode(next=following):
            yield place._replace(node=following)
        case HoursNode(hours, is_open, closed):
            yield place._replace(node=is_open if around.is_open(hours) else closed)
        case StatusNode(queue=queue, next=following, closed=closed):
            yield place._replace(node=following if around.outlook(queue).joins else closed)
        case BranchNode(variable="language", ways=ways, otherwise=otherwise):
            yield place._replace(node=ways.get(place.language, otherwise))
        case BranchNode(ways=ways, otherwise=otherwise):
            # What a number of ones means is the centre's matter; most often nothing.
            yield place._replace(node=otherwise)
        case MenuNode(choices=choices, patience=patience):
            for key, choice in choices.items():
                press = Press(key, patience.timeout_ms)
                language = choice.language or place.language
                yield _Place(choice.next, language, (*place.presses, press))
        case CollectNode(next=following, min_digits=digits, terminator=end, patience=patience):
            presses = [Press("1" * digits + ("" if digits == node.max_digits else end), patience.timeout_ms)]
            if isinstance(node.confirm, Confirm):
                presses.append(Press(node.confirm.yes, patience.timeout_ms))
            yield place._replace(node=following, presses=(*place.presses, *presses))


def takers(way: Way, rules: LineRules, channel: Channel = Channel.VOICE) -> Collection[AgentId]:
    """Return the agents who take contacts of the way's queue on a channel and have the skills asked for there."""
    rows = {profile.id: profile.rows for profile in rules.profiles}

    def takes(agent: AgentRule) -> bool:
        return any(
            row.queue == way.queue and row.channel is channel and row.delay_ms == 0
            for row in rows.get(agent.profile, ())
        ) and all(agent.skills.get(skill, 0) >= level for skill, level in way.needs.items())

    return tuple(agent.id for agent in rules.agents if takes(agent))
