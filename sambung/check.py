"""Validates every configuration file, so that nothing half-starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.errors import Problem
from ivr.speak import speaks
from sambung.centre import read_centre
from sambung.centre_checks import Outside
from sambung.load import read_settings


def check(config: Path, home: Path | None, overrides: Mapping[str, str]) -> list[Problem]:
    """Return everything that is wrong, by file, line and key; empty if the centre can be started."""
    problems: list[Problem] = []
    settings = read_settings(config, home, overrides, problems)
    outside = Outside(settings.asterisk.trunk.numbers, speaks)
    read_centre(settings.centre, problems, outside=outside)
    return sorted(problems, key=lambda problem: (problem.file, problem.line))
