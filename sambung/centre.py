"""The centre's own data, read once into one typed value: who answers, when, what is said and where it leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from acd.model import LineRules
from core.document import insist
from core.errors import Problem
from core.ids import AgentId, QueueId
from ivr.effects import Surroundings
from ivr.hours import Hours, is_open
from ivr.model import Flow
from ivr.prompts import Catalogue
from sambung.centre_hours import Break
from sambung.centre_line import Agent
from sambung.centre_words import (
    Category,
    Label,
    Language,
    Reason,
)

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
    assert centre is not None  # noqa: S101 - it is absent only with a problem
    return centre
