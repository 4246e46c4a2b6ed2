"""When a caller who left a message should have been called back: the time begins when people are called again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sambung.centre import load_centre
from sambung.load import load
from sambung.web_parts import voicemail_due

ROOT = Path(__file__).resolve().parents[3]


def ms(text: str) -> int:
    """Return a moment in Jakarta as milliseconds."""
    return int(datetime.fromisoformat(f"{text}+07:00").astimezone(UTC).timestamp() * 1_000)


@pytest.mark.parametrize(
    ("left", "due"),
    [
        ("2026-11-25T09:00", "2026-11-25T13:00"),  # a Wednesday, while it is open
        ("2026-11-25T20:00", "2026-11-26T12:00"),  # at night
        ("2026-11-27T17:30", "2026-11-30T12:00"),  # over the weekend
    ],
)
def test_the_time_begins_with_the_hours_in_which_people_are_called(
    tmp_path: Path, left: str, due: str
) -> None:
    settings = load(ROOT / "config", tmp_path, {})
    settings = replace(settings, outbound=replace(settings.outbound, hours="office"))
    centre = load_centre(settings.centre)
    assert voicemail_due(centre, settings, ms(left)) == ms(due)


def test_where_no_hours_are_named_or_it_is_always_open_it_begins_at_once(tmp_path: Path) -> None:
    settings = load(ROOT / "config", tmp_path, {})
    night, due = ms("2026-11-25T20:00"), ms("2026-11-26T00:00")
    named = replace(settings, outbound=replace(settings.outbound, hours="office"))
    unnamed = replace(settings, outbound=replace(settings.outbound, hours=""))
    assert voicemail_due(load_centre(settings.centre, always_open=True), named, night) == due
    assert voicemail_due(load_centre(settings.centre), unnamed, night) == due
