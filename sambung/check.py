"""Validates every configuration file, so that nothing half-starts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.document import unknown
from core.errors import Problem
from ivr.speak import speaks
from sambung.centre import read_centre
from sambung.centre_checks import Outside
from sambung.load import read_settings, setting


def check(config: Path, home: Path | None, overrides: Mapping[str, str]) -> list[Problem]:
    """Return everything that is wrong, by file, line and key; empty if the centre can be started."""
    problems: list[Problem] = []
    settings = read_settings(config, home, overrides, problems)
    outside = Outside(settings.asterisk.trunk.numbers, speaks)
    centre = read_centre(settings.centre, problems, outside=outside)
    hours = settings.outbound.hours
    if centre is not None and hours and hours not in centre.hours:
        # Hours that nobody knows would never raise an alarm.
        setting(config, overrides, "outbound.hours", problems).wrong(
            f"{unknown(hours, centre.hours, 'unknown business hours')} (hours.yaml)"
        )
    return sorted(problems, key=lambda problem: (problem.file, problem.line))
