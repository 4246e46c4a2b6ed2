"""The centre's own data, read once into one typed value: who answers, when, what is said and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from acd.model import Channel, LineRules, QueueRule
from core.document import IDENTIFIER, Node, insist
from core.errors import Problem
from core.ids import AgentId, QueueId
from ivr.effects import Flaw, Outlook, Surroundings
from ivr.hours import Hours, is_open, next_opening
from ivr.model import Flow
from ivr.parse import Known, parse
from ivr.prompts import Catalogue
from knowledge.model import Article
from sambung.centre_checks import (
    MAIN,
    UNKNOWN,
    Outside,
    People,
    by_number,
    check_alarm,
    check_line,
    check_served,
    check_voices,
)
from sambung.centre_hours import Break, centre_zone, read_hours
from sambung.centre_line import Agent, AgentReader, read_channels, read_profiles, read_queues
from sambung.centre_scripts import read_articles
from sambung.centre_video import VideoDesk, read_video
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

PROMPTS_NEEDED: Final = (
    "notice.recording",
    "notice.degraded",
    "notice.nobody",
    "wait.connecting",
    "wait.busy",
    "callback.answer",
)
"""Prompts played by name outside any menu."""

FILES: Final = ("centre", "queues", "profiles", "agents", "hours", "reasons", "categories", "prompts")
"""The files that every centre has, by name."""

VIDEO: Final = "video"
"""The file that a centre without video calls does without."""


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
    """By dialled number, and by the names of their files."""
    hours: Mapping[str, Hours]
    queue_hours: Mapping[QueueId, str]
    """By queue the name of its business hours; a queue without is always open."""
    breaks: Mapping[str, Break]
    prompts: Catalogue
    reasons: tuple[Reason, ...]
    categories: tuple[Category, ...]
    video: VideoDesk | None = None
    """None where the centre takes no video calls."""
    always_open: bool = False
    articles: tuple[Article, ...] = ()
    """Scripts of the queues, and what else agents look up."""

    @property
    def language(self) -> str:
        """The language spoken until a caller chooses."""
        return next(iter(self.languages))

    def flow(self, dialled: str) -> Flow:
        """Return the menu of a dialled number."""
        return self.flows.get(dialled) or self.flows[MAIN]

    def closures(self, closed: bool, reason: str) -> Mapping[str, str]:
        """Return what the emergency switch closes: the prompt that tells why, by the hours that are closed.

        ``emergency.<reason>`` is said if there is such a prompt, ``emergency.general`` otherwise.
        """
        if not closed:
            return {}
        said = [name for name in (f"emergency.{reason}", "emergency.general") if name in self.prompts.texts]
        return dict.fromkeys(self.hours, said[0] if said else "")

    def surroundings(self, now_ms: int, standing: Standing | None = None) -> Surroundings:
        """Return what a menu may look at, at ``now_ms`` (milliseconds since 1970 UTC)."""
        now = datetime.fromtimestamp(now_ms / 1000, self.zone)
        return Moment(now, self.hours, self.always_open, standing or Standing())


@dataclass(frozen=True, slots=True)
class Standing:
    """Who is calling, and how things stand meanwhile. As it is made, nothing is known of either."""

    caller: str = ""
    """The caller's number; empty if withheld."""
    outlook: Callable[[QueueId], Outlook] = lambda queue: Outlook()
    flaw: Callable[[str], Flaw | None] = lambda number: None
    """Why a number may not be called back."""
    closures: Mapping[str, str] = field(default_factory=dict)
    """Emergency closures: the prompt that tells of each, by the hours that are closed."""
    place_code: Callable[[], str] = lambda: ""
    """The code by which the caller's place can be taken along."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in the centre's day, for one caller."""

    now: datetime
    hours: Mapping[str, Hours]
    always_open: bool
    standing: Standing

    @property
    def caller(self) -> str:
        """The caller's number; empty if withheld."""
        return self.standing.caller

    def is_open(self, hours: str) -> bool:
        """Whether the named business hours are open."""
        if hours in self.standing.closures:
            return False
        return self.always_open or is_open(self.hours[hours], self.now)

    def next_opening(self, hours: str) -> datetime | None:
        """Return when they open next."""
        return next_opening(self.hours[hours], self.now)

    def closure(self, hours: str) -> str:
        """Return the prompt that tells of an emergency closure; empty if there is none."""
        return self.standing.closures.get(hours, "")

    def outlook(self, queue: QueueId) -> Outlook:
        """Return how things stand at ``queue``."""
        return self.standing.outlook(queue)

    def place_code(self) -> str:
        """Return the code by which the caller's place can be taken along; empty if there is none."""
        return self.standing.place_code()

    def flaw(self, number: str) -> Flaw | None:
        """Return why ``number`` may not be called back."""
        return self.standing.flaw(number)


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


def read_centre(
    folder: Path, problems: list[Problem], *, always_open: bool = False, outside: Outside = UNKNOWN
) -> Centre | None:
    """Do as ``load_centre`` does, but note what is wrong in ``problems``; None if anything is."""
    if not folder.is_dir():
        problems.append(
            Problem(shown(folder), 0, "", 'no such folder; the setting "centre" names the one to read')
        )
        return None
    before = len(problems)
    names = (*FILES, VIDEO) if (folder / f"{VIDEO}.yaml").exists() else FILES
    files = {name: read_yaml(folder / f"{name}.yaml", problems) for name in names}
    menus = {path.stem: read_yaml(path, problems) for path in sorted((folder / "ivr").glob("*.yaml"))}
    if MAIN not in menus:
        main = shown(folder / "ivr" / f"{MAIN}.yaml")
        problems.append(Problem(main, 0, "", "missing; it is the menu of numbers that no other names"))
    if not all(document.present for document in (*files.values(), *menus.values())):
        # Each file uses names of others; with one of them unread, most of what is wrong would be noise.
        return None
    centre = _read(files, folder, problems, always_open=always_open)
    if centre is None:
        return None
    flows = {name: parse(document, _known(centre)) for name, document in menus.items()}
    numbers = by_number(flows, menus, outside.numbers)
    check_voices(centre.languages, files["centre"], outside.speaks)
    check_alarm(outside.hours, files["hours"])
    people = People(centre.agents, centre.line_rules, tuple(centre.languages))
    if len(problems) == before:
        check_line(people, files)
    if len(problems) == before:
        for name, flow in flows.items():
            check_served(flow, people, menus[name])
    return None if len(problems) > before else replace(centre, flows=numbers)


def _read(
    files: Mapping[str, Node], folder: Path, problems: list[Problem], *, always_open: bool
) -> Centre | None:
    """Return the centre without its menus; None if it has no language, in which everything is written."""
    top = files["centre"].fields("name", "zone", "languages", "skills", "channels", "drain")
    skill_nodes = top["skills"].entries(optional=True, names=IDENTIFIER)
    languages = read_languages(top["languages"], tuple(skill_nodes))
    if not languages:
        return None
    words = tuple(languages)
    zone = centre_zone(top["zone"])
    hours, breaks = read_hours(files["hours"], zone)
    queue_rules, queues, open_at = read_queues(files["queues"], words, hours)
    rules, agents, fallback = _read_line(files, top, languages, tuple(skill_nodes), queue_rules)
    return Centre(
        name=read_label(top["name"], words),
        zone=zone,
        languages=languages,
        skills={name: read_label(node, words) for name, node in skill_nodes.items()},
        queues=queues,
        line_rules=rules,
        agents=agents,
        fallback=fallback,
        flows={},
        hours=hours,
        queue_hours=open_at,
        breaks=breaks,
        prompts=_read_prompts(files["prompts"], folder / "prompts", languages),
        reasons=read_reasons(files["reasons"], words),
        categories=read_categories(files["categories"], words),
        video=read_video(files[VIDEO], words, tuple(queues), tuple(hours)) if VIDEO in files else None,
        always_open=always_open,
        articles=read_articles(folder / "scripts", words, tuple(queues), problems),
    )


def _read_line(
    files: Mapping[str, Node],
    top: Mapping[str, Node],
    languages: Mapping[str, Language],
    skills: Sequence[str],
    queues: tuple[QueueRule, ...],
) -> tuple[LineRules, dict[AgentId, Agent], tuple[AgentId, ...]]:
    channels = read_channels(top["channels"])
    names = [rule.channel.value for rule in channels] or [channel.value for channel in Channel]
    profiles = read_profiles(files["profiles"], tuple(queue.id for queue in queues), names)
    reader = AgentReader([profile.id for profile in profiles], skills, languages)
    agents, fallback = reader.read(files["agents"])
    rules = LineRules(
        channels=channels,
        queues=queues,
        profiles=profiles,
        agents=tuple(agent.rule for agent in agents.values()),
        drain_ms=top["drain"].duration(0, 3_600_000, 30_000),
        languages={name: language.skill for name, language in languages.items() if language.skill},
    )
    return rules, agents, fallback


def _read_prompts(document: Node, recordings: Path, languages: Mapping[str, Language]) -> Catalogue:
    prompts = read_prompts(document, recordings, languages)
    for name in PROMPTS_NEEDED:
        if name not in prompts.texts:
            document.absent(name).wrong("missing; it is played outside any menu, so a text is needed")
    return prompts


def _known(centre: Centre) -> Known:
    return Known(
        prompts=tuple(centre.prompts.texts),
        queues=tuple(centre.queues),
        hours=tuple(centre.hours),
        skills=tuple(centre.skills),
        languages=tuple(centre.languages),
        needs={name: ((language.skill, 1),) for name, language in centre.languages.items() if language.skill},
    )
