"""A centre is read again as a whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acd.events import Configured, Event
from acd.model import LineRules
from core.errors import Refused
from core.ids import InteractionId
from ivr.effects import Began, Key, Played, Say
from ivr.model import Session
from ivr.prompts import Catalogue
from sambung import reload
from sambung.centre import load_centre
from sambung.load import load
from sambung.menus import CentreMenus, LineView
from sambung.reload import Reloader
from tests.unit.sambung.mistakes import copy
from tests.waiting import until

CALL = InteractionId("a" * 32)
MENU = "centre/ivr/main.yaml"


class Noon:
    def now_ms(self) -> int:
        return 1_795_579_200_000  # 2026-11-25 12:00 in Jakarta


class FakeLine:
    def __init__(self, rules: LineRules) -> None:
        self.in_force = rules
        self.told: list[Event] = []

    def rules(self) -> LineRules:
        return self.in_force

    async def submit(self, event: Event) -> object:
        self.told.append(event)
        assert isinstance(event, Configured)
        self.in_force = event.rules
        return None


class Memory:
    forgotten = 0

    def forget(self) -> None:
        self.forgotten += 1


class Centre:
    """A running centre as far as its files matter."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.config = copy(folder)
        self.settings = load(self.config, folder / "home")
        centre = load_centre(self.settings.centre)
        self.line = FakeLine(centre.line_rules)
        self.menus = CentreMenus(centre, Noon(), self.settings.outbound, LineView())
        self.sounds = Memory()
        self.rendered: list[tuple[Catalogue, bool]] = []
        self.on_render: Callable[[], None] = lambda: None
        self.reloader = Reloader(self.settings, centre, self.line, self.menus, self.sounds)
        monkeypatch.setattr(reload, "render", self._render)

    def _render(
        self, catalogue: Catalogue, out: Path, *, sweep: bool = True, kept: Path | None = None
    ) -> int:
        self.on_render()
        self.rendered.append((catalogue, sweep))
        return 7

    def change(self, file: str, old: str, new: str) -> None:
        path = self.config / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Centre:
    return Centre(tmp_path, monkeypatch)


def hear(menu: Any, session: Session, given: Any) -> tuple[Session, list[str]]:
    session, effects = menu.step(session, given)
    return session, [
        prompt.name for effect in effects if isinstance(effect, Say) for prompt in effect.prompts
    ]


async def test_new_calls_get_the_new_menu_and_a_call_in_it_keeps_its_own(centre: Centre) -> None:
    old = centre.menus.menu(CALL, "169", "")
    session, said = hear(old, Session(), Began())
    assert said == ["notice.recording", "notice.recording"]
    centre.change(MENU, "      1: {next: topic, language: id}", "      1: {next: general, language: id}")
    centre.change("centre/prompts.yaml", "Untuk bahasa Indonesia, tekan satu.", "Bahasa Indonesia satu.")
    done = await centre.reloader.reload()
    assert (done.problems, done.spoken, done.rules, done.later) == ((), 7, False, ())
    assert centre.line.told == []
    ((catalogue, swept),) = centre.rendered
    assert catalogue.texts["language"]["id"] == "Bahasa Indonesia satu."
    assert not swept
    assert centre.sounds.forgotten == 1

    for menu, expected in ((old, ["greeting", "menu.topic"]), (centre.menus.menu(CALL, "169", ""), [])):
        at, _ = hear(menu, session, Played(session.token))
        at, _ = hear(menu, at, Played(at.token))
        _, said = hear(menu, at, Key("1"))
        assert said == expected


async def test_the_line_gets_rules_that_changed(centre: Centre) -> None:
    centre.change("centre/queues.yaml", "wrap_up: 60 s", "wrap_up: 90 s")
    done = await centre.reloader.reload()
    assert done.rules
    (told,) = centre.line.told
    assert isinstance(told, Configured)
    assert {rule.wrap_up_ms for rule in told.rules.queues} == {30_000, 90_000}
    assert not (await centre.reloader.reload()).rules


@pytest.mark.parametrize(
    ("file", "old", "new", "key"),
    [
        (MENU, "next: office", "next: offices", "nodes.recording.next"),
        ("centre/queues.yaml", "wrap_up: 60 s", "wrap_up: soon", "technical.wrap_up"),
        ("centre/hours.yaml", "mon-fri: 08:00-17:00", "mon-fri: 8-5", "office.weekly.mon-fri"),
        (MENU, "start: recording", "start: [", "not YAML"),
        (MENU, "start: recording", 'numbers: ["170"]\nstart: recording', "numbers[0]"),
    ],
)
async def test_a_mistake_anywhere_changes_nothing_and_is_named(
    centre: Centre, file: str, old: str, new: str, key: str
) -> None:
    before = centre.menus.centre
    centre.change("centre/queues.yaml", "offer: 20 s", "offer: 25 s")
    centre.change(file, old, new)
    done = await centre.reloader.reload()
    (problem,) = done.problems
    assert problem.startswith(f"{centre.config / file}:")
    assert key in problem
    assert centre.menus.centre is before
    assert (centre.line.told, centre.rendered, centre.sounds.forgotten) == ([], [], 0)


async def test_the_hours_of_the_alarm_cannot_be_taken_away_while_calls_go_on(centre: Centre) -> None:
    centre.change("centre/hours.yaml", "\noffice:", "\nofficial:")
    centre.change("centre/video.yaml", "hours: office", "hours: official")
    for used in ("hours: ", *["opening: "] * 3, *["closure: "] * 2):
        centre.change(MENU, f"{used}office", f"{used}official")
    for _ in range(4):
        centre.change("centre/queues.yaml", "hours: office", "hours: official")
    (problem,) = (await centre.reloader.reload()).problems
    assert "hours.yaml:1: office: missing" in problem
    assert '"outbound.hours"' in problem


async def test_prompts_that_cannot_be_spoken_change_nothing(centre: Centre) -> None:
    def fail() -> None:
        raise Refused("espeak-ng is not installed")

    before = centre.menus.centre
    centre.on_render = fail
    assert (await centre.reloader.reload()).problems == ("espeak-ng is not installed",)
    assert centre.menus.centre is before


async def test_what_only_a_start_puts_in_force_is_told(centre: Centre) -> None:
    centre.change("centre/agents.yaml", "agents: {}", "agents: {ag701: {name: Zahra, profile: voice}}")
    centre.change("centre/reasons.yaml", "limit: 15 min", "limit: 10 min")
    done = await centre.reloader.reload()
    assert done.later == ("telephones of agents", "not-ready reasons")
    # The line itself has the new agent already.
    assert "ag701" in {agent.id for agent in centre.line.in_force.agents}


async def test_being_asked_by_signal_ten_times_at_once_reads_the_files_once(centre: Centre) -> None:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(centre.reloader.run())
        for _ in range(10):
            centre.reloader.want()
        await until(lambda: centre.sounds.forgotten)
        running.cancel()
    assert centre.sounds.forgotten == 1


async def test_the_emergency_switch_closes_every_hours_with_its_message(centre: Centre) -> None:
    found = centre.menus.centre
    assert found.closures(False, "") == {}
    assert found.closures(True, "technical") == dict.fromkeys(found.hours, "emergency.technical")
    assert found.closures(True, "Gempa di Jakarta") == dict.fromkeys(found.hours, "emergency.general")
