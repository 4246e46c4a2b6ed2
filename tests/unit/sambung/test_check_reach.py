"""Whoever is sent somewhere finds somebody there: refused where it is written, when several files make it so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.sambung.mistakes import Mistake, change, copy, found

MENU, QUEUES, PROFILES = "centre/ivr/main.yaml", "centre/queues.yaml", "centre/profiles.yaml"
TECHNICAL = "technical: {kind: queue, queue: technical, skills: {oss-technical: 1}"
MAIL_ONLY = (
    Mistake(QUEUES, "\nlkpm:\n", "\nmail:\n  name: {id: M, en: M}\n\nlkpm:\n", "", ""),
    Mistake(PROFILES, "email:\n  - {queues: [", "email:\n  - {queues: [mail, ", "", ""),
)
"""A queue of which nobody takes calls."""
NO_EXPERTS = (
    Mistake(PROFILES, "whatsapp:\n", "calls:\n  - {queues: [general], channels: voice}\nwhatsapp:\n", "", ""),
    Mistake(
        PROFILES,
        "queues: [licensing, lkpm, technical, general], channels: voice}",
        "queues: [licensing, lkpm, technical], channels: voice}",
        "",
        "",
    ),
    Mistake(
        "centre/agents.yaml",
        "agents: {}",
        "agents: {ag701: {name: Z, profile: calls, languages: [id, en]}}",
        *("", ""),
    ),
)
"""Calls of one queue are taken by somebody without a skill, and by nobody else."""

CASES = {
    "relaxed to a level that nobody has": [
        Mistake(
            MENU,
            TECHNICAL,
            f"{TECHNICAL}, relax: [{{after: 30 s, skills: {{oss-technical: 9}}}}]",
            *("nodes.technical.relax[0]", "skills asked: oss-technical 9"),
        )
    ],
    "overflow to where nobody takes calls": [
        *MAIL_ONLY,
        Mistake(QUEUES, "overflow: general", "overflow: mail", "licensing.overflow", "takes mail by voice"),
    ],
    "overflow to agents without the skill": [
        *NO_EXPERTS,
        Mistake(QUEUES, "wrap_up: 60 s", "wrap_up: 60 s\n  overflow: general", "", ""),
        Mistake(MENU, TECHNICAL, TECHNICAL, "nodes.technical", "takes general by voice for callers in 'id'"),
    ],
    "messages for those who never call": [
        *MAIL_ONLY,
        Mistake(
            MENU,
            "queue: general\n    longest",
            "queue: mail\n    longest",
            *("nodes.voicemail", "no agent takes mail by voice", "voicemail:"),
        ),
    ],
    "agents who come when the callers have left": [
        Mistake(QUEUES, "wrap_up: 60 s", "wrap_up: 60 s\n  max_wait: 30 s", "", ""),
        Mistake(
            PROFILES,
            "channels: voice}",
            "channels: voice, delay: 30 s}",
            *("voice[0].delay", "max_wait of technical"),
        ),
    ],
    "a survey before any conversation": [
        Mistake(
            MENU,
            "operator: {key: 0, next: general}",
            "operator: {key: 0, next: survey}",
            *("nodes.survey", "has spoken with nobody can come here, from operator", "survey:"),
        )
    ],
    "a survey from a menu": [
        Mistake(
            MENU, "      3: nib\n", "      3: survey\n      4: nib\n", "nodes.survey", "from topic", "survey:"
        )
    ],
}


@pytest.mark.parametrize("changes", CASES.values(), ids=CASES)
def test_nobody_is_sent_to_where_nobody_is(tmp_path: Path, changes: list[Mistake]) -> None:
    config = copy(tmp_path)
    lines = [change(config, one) for one in changes]
    mistake = changes[-1]
    (problem,) = found(config)
    assert (problem.file, problem.line, problem.key) == (str(config / mistake.file), lines[-1], mistake.key)
    assert mistake.says in problem.message


def test_a_delay_within_the_wait_is_sound(tmp_path: Path) -> None:
    config = copy(tmp_path)
    change(config, Mistake(QUEUES, "wrap_up: 60 s", "wrap_up: 60 s\n  max_wait: 31 s", "", ""))
    change(config, Mistake(PROFILES, "channels: voice}", "channels: voice, delay: 30 s}", "", ""))
    # Messages wait on where callers are led elsewhere.
    change(config, Mistake(PROFILES, "channels: email}", "channels: email, delay: 40 s}", "", ""))
    assert found(config) == []
