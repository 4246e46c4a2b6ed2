"""What must hold between the files of a centre: whoever is sent somewhere finds somebody there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from acd.model import Channel, LineRules, Need
from core.document import TELEPHONE_NUMBER, Node, unknown
from core.ids import AgentId, QueueId
from ivr.model import CallbackNode, Flow, Needs, QueueNode, VoicemailNode
from sambung.centre_line import Agent, serving
from sambung.centre_words import Language

DAY_MS: Final = 86_400_000
"""No delay is as long, and whoever may wait for ever counts as waiting so long."""
MAIN: Final = "main"
"""The menu of every number that no other menu names."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What is known of the world around a centre's files. As it is made, nothing is, and nothing of it is checked."""

    numbers: Collection[str] = ()
    """Those that the trunk answers."""
    speaks: Callable[[str], bool] = lambda voice: True
    """Whether there is a voice of this name."""
    hours: str = ""
    """The business hours outside which a call to the outside raises an alarm; empty for none."""


UNKNOWN: Final = Outside()
"""Nothing but the files is looked at."""


class _Sent(NamedTuple):
    node: Node
    """Where it is to be mended."""
    queue: QueueId
    needs: Needs


@dataclass(frozen=True, slots=True)
class People:
    """Who answers, by which rules."""

    agents: Mapping[AgentId, Agent]
    rules: LineRules
    languages: Collection[str]

    def serve(self, queue: QueueId, channel: Channel | None = None, needs: Sequence[Need] = ()) -> bool:
        """Whether any agent may serve the queue (on the channel, with the skills)."""
        return bool(serving(self.agents.values(), self.rules.profiles, queue, channel, needs))


def by_number(
    flows: Mapping[str, Flow], menus: Mapping[str, Node], answered: Collection[str]
) -> dict[str, Flow]:
    """Return the flows by dialled number, and by the names of their files."""
    numbers = {name: flow for name, flow in flows.items() if not TELEPHONE_NUMBER.pattern.fullmatch(name)}
    for name, document in menus.items():
        node = document.entries().get("numbers") or document.absent("numbers")
        if name != MAIN and not node.content:
            node.wrong("missing; no caller can come to this menu: name the numbers that lead to it")
        for item in node.items(optional=True):
            number = item.text(form=TELEPHONE_NUMBER)
            if number in numbers:
                item.wrong(f"{number} already has a menu; a number leads to one")
            elif number and answered and number not in answered:
                item.wrong(
                    f"{unknown(number, answered, 'the trunk does not answer')} (asterisk.trunk.numbers)"
                )
            elif number:
                numbers[number] = flows[name]
    return numbers


def check_voices(languages: Mapping[str, Language], document: Node, speaks: Callable[[str], bool]) -> None:
    """Note a language whose voice there is not."""
    for name, node in document.entries()["languages"].entries().items():
        if name in languages and not speaks(languages[name].voice.name):
            entry = node.entries().get("voice") or node
            entry.wrong(
                f'espeak-ng has no voice "{languages[name].voice.name}"; espeak-ng --voices lists those it has'
            )


def check_alarm(hours: str, document: Node) -> None:
    """Note that the hours are gone outside which calls raise an alarm: there would never be one again."""
    if hours and hours not in document.entries():
        document.absent(hours).wrong(
            'missing; calls outside these hours raise an alarm (the setting "outbound.hours"): keep them, or name '
            "others there first"
        )


def check_line(people: People, files: Mapping[str, Node]) -> None:
    """Note a queue, a skill, an overflow or a delay by which somebody would wait for nobody. ``files``: by name."""
    _check_queues(people, files["queues"])
    _check_skills(people, files["centre"])
    _check_overflows(people, files["queues"])
    _check_delays(people.rules, files["profiles"])


def _check_overflows(people: People, document: Node) -> None:
    """Note an overflow that leads round, or callers to where nobody takes calls."""
    ways = {rule.id: rule.overflow for rule in people.rules.queues if rule.overflow}
    in_ring: set[QueueId] = set()
    for queue, to in ways.items():
        node = document.entries()[queue].entries()["overflow"]
        way = [queue]
        while (ahead := ways.get(way[-1])) and ahead not in way:
            way.append(ahead)
        if ahead == queue and queue not in in_ring:
            in_ring.update(way)
            node.wrong(f"goes round: {' -> '.join([*way, queue])}; let the last of them overflow nowhere")
        elif people.serve(queue, Channel.VOICE) and not people.serve(to, Channel.VOICE):
            node.wrong(
                f"no agent takes {to} by voice; name a queue where calls are taken, or change a profile"
            )


def _check_delays(rules: LineRules, document: Node) -> None:
    """Note agents who would come to a queue only when its contacts have left it already."""
    queues = {rule.id: rule for rule in rules.queues}
    for profile in document.entries().values():
        for item in profile.items():
            it = item.entries()
            delay = it["delay"].duration(0, DAY_MS) if "delay" in it else 0
            by_voice = Channel.VOICE in [node.content for node in it["channels"].items()]
            for name in [node.text() for node in it["queues"].items()]:
                rule = queues[QueueId(name)]
                if delay >= (rule.max_wait_ms or DAY_MS) and (by_voice or rule.overflow):
                    it["delay"].wrong(
                        f"not below the max_wait of {name}, when its contacts have left; shorten the delay, or let "
                        "them wait longer"
                    )
                    break


def _check_queues(people: People, document: Node) -> None:
    """Note a queue that no agent serves."""
    for queue, node in document.entries().items():
        if not people.serve(QueueId(queue)):
            node.wrong("no agent serves this queue; name it in the profile of some agent")


def _check_skills(people: People, document: Node) -> None:
    """Note a skill that no agent has."""
    held = {skill for agent in people.agents.values() for skill in agent.rule.skills}
    skills = document.entries().get("skills") or document.absent("skills")
    for skill, node in skills.entries(optional=True).items():
        if skill not in held:
            node.wrong("no agent has this skill; give it to some in agents.yaml")


def check_served(flow: Flow, people: People, document: Node) -> None:
    """Whoever the menu sends to a queue by telephone must find somebody there, in every language."""
    nodes = document.entries()["nodes"].entries()
    for sent in _sent(flow, people.rules, nodes):
        for node, queue, needed in sent:
            if flaw := _unserved(flow, people, queue, needed):
                node.wrong(flaw)
                break


def _unserved(flow: Flow, people: People, queue: QueueId, needed: Needs) -> str:
    for language in people.languages:
        needs = [Need(skill, level) for skill, level in (*needed, *flow.needs.get(language, ()))]
        if not people.serve(queue, Channel.VOICE, needs):
            asked = ", ".join(f"{need.skill} {need.level}" for need in needs) or "none"
            return (
                f"no agent takes {queue} by voice for callers in {language!r} (skills asked: {asked}); "
                "change the node, a profile or an agent's skills"
            )
    return ""


def _sent(flow: Flow, rules: LineRules, nodes: Mapping[str, Node]) -> Iterator[list[_Sent]]:
    """Yield for each node where it sends callers: what is wrong with the first is to be told."""
    overflow = {rule.id: rule.overflow for rule in rules.queues}
    for name, node in flow.nodes.items():
        if isinstance(node, QueueNode):
            sent = [_Sent(nodes[name], node.queue, node.needs)]
            steps = nodes[name].entries().get("relax")
            for (_, needs), item in zip(node.relax, steps.items() if steps else (), strict=True):
                sent.append(_Sent(item, node.queue, needs))
            # It is asked for the same where it overflows to.
            queue = node.queue
            while queue := overflow.get(queue, QueueId("")):
                sent.append(_Sent(nodes[name], queue, node.needs))
            yield sent
        elif isinstance(node, CallbackNode | VoicemailNode) and node.queue is not None:
            yield [_Sent(nodes[name], node.queue, ())]
