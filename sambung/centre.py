"""The centre's own data, read once into one typed value: who answers, when, what is said and where it leads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from acd.model import Channel, LineRules, Need
from core.document import IDENTIFIER, Form, Node, insist
from core.errors import Problem
from core.ids import AgentId, QueueId
from ivr.effects import Surroundings
from ivr.hours import Hours, is_open
from ivr.model import Flow, QueueNode
from ivr.parse import Known, parse
from ivr.prompts import Catalogue, Voice
from sambung.centre_hours import Break, centre_zone, read_hours
from sambung.centre_line import Agent, AgentReader, read_channels, read_profiles, read_queues, serving
from sambung.centre_words import (
    Category,
    Label,
    Language,
    Reason,
    read_categories,
    read_label,
    read_languages,
    read_prompts,
    read_reasons,
)
from sambung.documents import read_yaml, shown

MAIN: Final = "main"
"""The menu of every number that no other menu names."""

PROMPTS_NEEDED: Final = (
    "notice.recording",
    "notice.degraded",
    "notice.nobody",
    "wait.connecting",
    "wait.busy",
)
"""Prompts played by name outside any menu."""

_NUMBER: Final = Form(re.compile(r"\+?[0-9]{2,15}"), "a telephone number: digits, with + or without")
_NO_LANGUAGE: Final = {"": Language("", "", Voice(""), None)}
"""Stands in while the languages cannot be read, so that agents still can."""

_FILES: Final = ("centre", "queues", "profiles", "agents", "hours", "reasons", "categories", "prompts")


@dataclass(frozen=True, slots=True)
class Centre:
    """Everything a centre says about itself."""

    name: Label
    zone: ZoneInfo
    languages: Mapping[str, Language]
    """The first is the default."""
    skills: Mapping[str, Label]
    queues: Mapping[QueueId, Label]
    line_rules: LineRules
    agents: Mapping[AgentId, Agent]
    fallback: tuple[AgentId, ...]
    """Whose phones Asterisk rings when the control process is away."""
    flows: Mapping[str, Flow]
    """By dialled number, and ``main``."""
    hours: Mapping[str, Hours]
    breaks: Mapping[str, Break]
    prompts: Catalogue
    reasons: tuple[Reason, ...]
    categories: tuple[Category, ...]
    always_open: bool = False

    @property
    def language(self) -> str:
        """The language spoken until a caller chooses."""
        return next(iter(self.languages))

    def flow(self, dialled: str) -> Flow:
        """Return the menu of a dialled number."""
        return self.flows.get(dialled) or self.flows[MAIN]

    def surroundings(self, now_ms: int) -> Surroundings:
        """Return what a menu may look at, at ``now_ms`` (milliseconds since 1970 UTC)."""
        return Moment(datetime.fromtimestamp(now_ms / 1000, self.zone), self.hours, self.always_open)


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the centre's day."""

    now: datetime
    hours: Mapping[str, Hours]
    always_open: bool

    def is_open(self, hours: str) -> bool:
        """Whether the named business hours are open."""
        return self.always_open or is_open(self.hours[hours], self.now)


def load_centre(folder: Path, *, always_open: bool = False) -> Centre:
    """Read the centre described by the files in ``folder``.

    ``always_open`` takes business hours to be open at any time (for trying it out).

    Raises:
        ConfigError: with everything that is wrong in any file, by file, line and key.
    """
    problems: list[Problem] = []
    centre = read_centre(folder, problems, always_open=always_open)
    insist(problems)
    assert centre is not None, "it is absent only with a problem"
    return centre


def read_centre(folder: Path, problems: list[Problem], *, always_open: bool = False) -> Centre | None:
    """Do as ``load_centre`` does, but note what is wrong in ``problems``; None if anything is."""
    before = len(problems)
    files = {name: read_yaml(folder / f"{name}.yaml", problems) for name in _FILES}
    top = files["centre"].fields("name", "zone", "languages", "skills", "channels", "drain")
    skill_nodes = top["skills"].entries(optional=True, names=IDENTIFIER)
    languages = read_languages(top["languages"], tuple(skill_nodes))
    channels = read_channels(top["channels"])
    queue_rules, queues = read_queues(files["queues"], tuple(languages))
    profiles = read_profiles(files["profiles"], tuple(queues), [rule.channel.value for rule in channels])
    reader = AgentReader([profile.id for profile in profiles], tuple(skill_nodes), languages or _NO_LANGUAGE)
    agents, fallback = reader.read(files["agents"])
    zone = centre_zone(top["zone"])
    hours, breaks = read_hours(files["hours"], zone)
    prompts = read_prompts(files["prompts"], folder / "prompts", languages)
    for name in PROMPTS_NEEDED:
        if files["prompts"].present and name not in prompts.texts:
            files["prompts"].wrong(f"the prompt {name} is missing; it is played outside any menu")
    rules = LineRules(
        channels=channels,
        queues=queue_rules,
        profiles=profiles,
        agents=tuple(agent.rule for agent in agents.values()),
        drain_ms=top["drain"].duration(0, 3_600_000, 30_000),
    )
    centre = Centre(
        name=read_label(top["name"], tuple(languages)),
        zone=zone,
        languages=languages,
        skills={name: read_label(node, tuple(languages)) for name, node in skill_nodes.items()},
        queues=queues,
        line_rules=rules,
        agents=agents,
        fallback=fallback,
        flows={},
        hours=hours,
        breaks=breaks,
        prompts=prompts,
        reasons=read_reasons(files["reasons"], tuple(languages)),
        categories=read_categories(files["categories"], tuple(languages)),
        always_open=always_open,
    )
    _check_queues(centre, files["queues"])
    _check_skills(centre, skill_nodes)
    if len(problems) > before:
        # A menu names queues, hours and prompts; with those unread, its own problems would be noise.
        return None
    flows = _read_flows(folder / "ivr", centre, problems)
    return None if len(problems) > before else replace(centre, flows=flows)


def _check_queues(centre: Centre, document: Node) -> None:
    nodes = document.entries(optional=True)
    for queue in centre.queues:
        if queue in nodes and not serving(centre.agents.values(), centre.line_rules.profiles, queue):
            nodes[queue].wrong("no agent serves this queue; name it in the profile of some agent")


def _check_skills(centre: Centre, nodes: Mapping[str, Node]) -> None:
    held = {skill for agent in centre.agents.values() for skill in agent.rule.skills}
    for skill, node in nodes.items():
        if centre.agents and skill not in held:
            node.wrong("no agent has this skill; give it to some in agents.yaml")


def _read_flows(folder: Path, centre: Centre, problems: list[Problem]) -> dict[str, Flow]:
    known = Known(
        prompts=tuple(centre.prompts.texts),
        queues=tuple(centre.queues),
        hours=tuple(centre.hours),
        skills=tuple(centre.skills),
        languages=tuple(centre.languages),
        needs={name: ((language.skill, 1),) for name, language in centre.languages.items() if language.skill},
    )
    flows: dict[str, Flow] = {}
    for path in sorted(folder.glob("*.yaml")):
        document = read_yaml(path, problems)
        flow = parse(document, known)
        _check_served(flow, centre, document)
        for item in (
            document.entries(optional=True).get("numbers", document.absent("numbers")).items(optional=True)
        ):
            number = item.text(form=_NUMBER)
            if number in flows:
                item.wrong(f"{number} already has a menu; a number leads to one")
            flows[number] = flow
        if path.stem == MAIN:
            flows[MAIN] = flow
    if MAIN not in flows:
        problems.append(
            Problem(
                shown(folder / f"{MAIN}.yaml"),
                0,
                "",
                "missing; it is the menu of numbers that no other names",
            )
        )
    return flows


def _check_served(flow: Flow, centre: Centre, document: Node) -> None:
    """Whoever the menu sends to a queue by telephone must find somebody there, in every language."""
    nodes = document.entries(optional=True).get("nodes", document.absent("nodes")).entries(optional=True)
    for name, node in flow.nodes.items():
        if not isinstance(node, QueueNode) or name not in nodes:
            continue
        for language in centre.languages:
            needs = [Need(skill, level) for skill, level in (*node.needs, *flow.needs.get(language, ()))]
            profiles = centre.line_rules.profiles
            if not serving(centre.agents.values(), profiles, node.queue, Channel.VOICE, needs):
                asked = ", ".join(f"{need.skill} {need.level}" for need in needs) or "none"
                nodes[name].wrong(
                    f"no agent takes {node.queue} by voice for callers in {language!r} (skills asked: {asked}); "
                    "change the node, a profile or an agent's skills"
                )
