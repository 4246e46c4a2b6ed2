"""The centre's line: channels, queues, profiles and agents as the rules by which the line decides."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from acd.model import AgentRule, Channel, ChannelRule, Need, Profile, QueueRule, Row
from core.document import IDENTIFIER, Form, Node, unknown
from core.ids import AgentId, ProfileId, QueueId, SkillId
from sambung.centre_words import Label, Language, read_label

_AGENT_ID: Final = Form(
    re.compile(r"[a-z][a-z0-9_-]{0,31}"),
    "an agent's id: a letter first (all digits could be a telephone number), then a-z, 0-9, - or _",
)
_FIRST_ID: Final = Form(
    re.compile(r"([a-z][a-z_-]{0,15})([0-9]{1,8})"),
    "the first id of a group: letters, then a number to count from, such as ag101",
)
_QUEUE_FIELDS: Final = (
    "name",
    "offer",
    "wrap_up",
    "wrap_up_extra",
    "wrap_up_extensions",
    "exclude",
    "priority",
    "max_wait",
    "max_length",
    "overflow",
    "return",
    "last_agent",
    "hours",
    "at_close",
    "empty",
)
_AT_CLOSE: Final = ("serve", "leave")
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who answers."""

    id: AgentId
    name: str
    languages: tuple[str, ...]
    rule: AgentRule


def read_channels(node: Node) -> tuple[ChannelRule, ...]:
    """Return what contacts on each channel cost."""
    known = [channel.value for channel in Channel]
    rules = []
    for name, entry in node.entries().items():
        if name not in known:
            entry.wrong(unknown(name, known, "unknown channel"))
            continue
        it = entry.fields("cost", "interrupted_by")
        others = (item.choice(known) for item in it["interrupted_by"].items(optional=True))
        interrupted_by = tuple(Channel(other) for other in others if other)
        if name in interrupted_by:
            it["interrupted_by"].wrong(f"{name} cannot interrupt itself; name other channels")
        rules.append(ChannelRule(Channel(name), it["cost"].integer(1, 100), interrupted_by))
    return tuple(rules)


def read_queues(
    document: Node, languages: Sequence[str], hours: Collection[str]
) -> tuple[tuple[QueueRule, ...], dict[QueueId, Label], dict[QueueId, str]]:
    """Return the queues' rules and names, and the business hours of those that have some."""
    rules: list[QueueRule] = []
    names: dict[QueueId, Label] = {}
    open_at: dict[QueueId, str] = {}
    nodes = document.entries(names=IDENTIFIER)
    for name, node in nodes.items():
        it = node.fields(*_QUEUE_FIELDS)
        rule = _queue_rule(QueueId(name), it)
        names[rule.id] = read_label(it["name"], languages)
        if it["hours"].present:
            open_at[rule.id] = it["hours"].choice(hours)
        elif it["at_close"].present:
            it["at_close"].wrong('this queue never closes; say when it does in "hours", or leave this out')
        rules.append(msgspec.structs.replace(rule, overflow=_overflow(rule, it["overflow"], tuple(nodes))))
    if not rules:
        document.wrong("empty; at least one queue is needed")
    return tuple(rules), names, open_at


def _queue_rule(queue: QueueId, it: Mapping[str, Node]) -> QueueRule:
    default = QueueRule(queue)
    return QueueRule(
        id=queue,
        offer_ms=it["offer"].duration(5_000, 300_000, default.offer_ms),
        wrap_up_ms=it["wrap_up"].duration(0, _HOUR_MS, default.wrap_up_ms),
        wrap_up_extra_ms=it["wrap_up_extra"].duration(5_000, _HOUR_MS, default.wrap_up_extra_ms),
        wrap_up_extensions=it["wrap_up_extensions"].integer(0, 20, default.wrap_up_extensions),
        exclude_ms=it["exclude"].duration(0, _HOUR_MS, default.exclude_ms),
        priority=it["priority"].integer(-100, 100, default.priority),
        max_wait_ms=it["max_wait"].duration(10_000, 24 * _HOUR_MS, default.max_wait_ms),
        max_length=it["max_length"].integer(1, 100_000, default.max_length),
        return_ms=it["return"].duration(10_000, _HOUR_MS, default.return_ms),
        last_agent_ms=it["last_agent"].duration(1_000, _HOUR_MS, default.last_agent_ms),
        empty_ms=it["empty"].duration(10_000, _HOUR_MS, default.empty_ms),
        serve_out=it["at_close"].choice(_AT_CLOSE, "serve") != "leave",
    )


def _overflow(rule: QueueRule, node: Node, queues: Collection[str]) -> QueueId:
    to = node.choice(queues, "")
    if to == rule.id:
        node.wrong("a queue cannot overflow into itself; name another one, or leave this out")
    return QueueId(to)


def read_profiles(document: Node, queues: Collection[str], channels: Collection[str]) -> tuple[Profile, ...]:
    """Return the routing profiles."""
    profiles = []
    for name, node in document.entries(names=IDENTIFIER).items():
        rows: dict[tuple[str, str], Row] = {}
        for item in node.items():
            given = list(_rows(item, queues, channels))
            if again := [row for row in given if (row.queue, row.channel) in rows]:
                item.wrong(f"{again[0].queue} on {again[0].channel} is already in this profile; name it once")
            rows |= {(row.queue, row.channel): row for row in given}
        if node.content == ():
            node.wrong("empty; at least one row is needed")
        profiles.append(Profile(ProfileId(name), tuple(rows.values())))
    return tuple(profiles)


def _rows(node: Node, queues: Collection[str], channels: Collection[str]) -> Iterator[Row]:
    it = node.fields("queues", "channels", "rank", "delay")
    if not isinstance(node.content, dict):
        return
    rank, delay = it["rank"].integer(1, 99, 1), it["delay"].duration(0, _HOUR_MS, 0)
    on = [item.choice(channels) for item in it["channels"].items()]
    for queue in [item.choice(queues) for item in it["queues"].items()]:
        for channel in on:
            if queue and channel:
                yield Row(QueueId(queue), Channel(channel), rank, delay)


@dataclass(frozen=True, slots=True)
class AgentReader:
    """Reads agents.yaml; holds the names an agent may use."""

    profiles: Collection[str]
    skills: Collection[str]
    languages: Mapping[str, Language]

    def read(self, document: Node) -> tuple[dict[AgentId, Agent], tuple[AgentId, ...]]:
        """Return the agents, and those whose phones ring when the control process is away."""
        it = document.fields("groups", "agents", "fallback")
        agents: dict[AgentId, Agent] = {}
        lines: dict[AgentId, int] = {}
        blamed: set[str] = set()
        noted = len(document.problems)
        for node, agent in self._all(it):
            if agent.id in agents and node.key not in blamed:
                node.wrong(f"the id {agent.id} is already given on line {lines[agent.id]}; ids are unique")
                blamed.add(node.key)
            agents[agent.id] = agent
            lines.setdefault(agent.id, node.line)
        if len(document.problems) > noted:
            # Whoever is not among the agents may be so only for one of these problems.
            return agents, ()
        if not agents:
            document.wrong("no agent; name some below groups or agents")
            return agents, ()
        fallback = [item.choice(agents) for item in it["fallback"].items(optional=True)]
        return agents, tuple(AgentId(id_) for id_ in dict.fromkeys(fallback) if id_)

    def _all(self, it: Mapping[str, Node]) -> Iterator[tuple[Node, Agent]]:
        for group in it["groups"].entries(optional=True, names=IDENTIFIER).values():
            yield from self._group(group)
        for id_, node in it["agents"].entries(optional=True, names=_AGENT_ID).items():
            fields = node.fields("name", "profile", "languages", "skills")
            yield node, self._agent(id_, fields["name"].text(), fields)

    def _group(self, node: Node) -> Iterator[tuple[Node, Agent]]:
        it = node.fields("first", "names", "profile", "languages", "skills")
        match = _FIRST_ID.pattern.fullmatch(it["first"].text(form=_FIRST_ID))
        names = [item.text() for item in it["names"].items()]
        if it["names"].content == ():
            it["names"].wrong("empty; at least one name is needed")
        model = self._agent("a", "", it)
        for i, name in enumerate(names if match else ()):
            id_ = AgentId(f"{match[1]}{int(match[2]) + i:0{len(match[2])}}" if match else "")
            rule = AgentRule(id_, model.rule.profile, model.rule.skills)
            yield it["first"], Agent(id_, name, model.languages, rule)

    def _agent(self, id_: str, name: str, it: Mapping[str, Node]) -> Agent:
        languages = [item.choice(self.languages) for item in it["languages"].items(optional=True)]
        spoken = tuple(dict.fromkeys(filter(None, languages))) or tuple(self.languages)[:1]
        skills = {}
        for skill, node in it["skills"].entries(optional=True).items():
            if skill not in self.skills:
                node.wrong(unknown(skill, self.skills, "unknown skill"))
            skills[SkillId(skill)] = node.integer(1, 10)
        for language in spoken:
            skill_of = self.languages[language].skill
            if skill_of:
                skills.setdefault(skill_of, 1)
        profile = ProfileId(it["profile"].choice(self.profiles))
        return Agent(AgentId(id_), name, spoken, AgentRule(AgentId(id_), profile, skills))


def serving(
    agents: Collection[Agent],
    profiles: Collection[Profile],
    queue: QueueId,
    channel: Channel | None = None,
    needs: Sequence[Need] = (),
) -> list[Agent]:
    """Return the agents who may serve the queue (on the channel, with the skills)."""
    on = {p.id for p in profiles for r in p.rows if r.queue == queue and channel in (None, r.channel)}
    return [
        agent
        for agent in agents
        if agent.rule.profile in on and all(agent.rule.skills.get(n.skill, 0) >= n.level for n in needs)
    ]
