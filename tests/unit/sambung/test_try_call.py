"""Where a trial call goes, and when there is none."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from core.errors import Refused
from core.ids import AgentId
from pbx.settings import TrunkSettings
from sambung.centre import Centre, load_centre
from sambung.client import AgentState
from sambung.drill_way import takers
from sambung.load import load
from sambung.settings import Settings
from sambung.try_call import Citizen, choose, trunk_port

SHIPPED = Path(__file__).resolve().parents[3] / "config"


@pytest.fixture(scope="module")
def centre() -> Centre:
    return load_centre(SHIPPED / "centre", always_open=True)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(SHIPPED, tmp_path)


def agent(id_: str, ready: bool = True, reachable: tuple[str, ...] = ("voice",)) -> AgentState:
    return AgentState(AgentId(id_), True, ready, "", reachable, 0, ())


def test_it_goes_to_somebody_who_is_ready(settings: Settings, centre: Centre) -> None:
    way = choose(settings, centre, (agent("ag101"),))
    assert "ag101" in takers(way, centre.line_rules)


def test_it_goes_the_shortest_way_when_nobody_is_ready(settings: Settings, centre: Centre) -> None:
    nobody = (agent("ag101", ready=False), agent("ag102", reachable=()))
    assert choose(settings, centre, nobody) == choose(settings, centre, ())


def test_a_trunk_elsewhere_is_not_called_from_here(settings: Settings) -> None:
    assert trunk_port(settings) == 15_070
    asterisk = dataclasses.replace(settings.asterisk, trunk=TrunkSettings(peer="198.51.100.7:5060"))
    with pytest.raises(Refused):
        trunk_port(dataclasses.replace(settings, asterisk=asterisk))


async def test_a_centre_at_work_has_no_synthetic_citizens(settings: Settings, centre: Centre) -> None:
    with pytest.raises(Refused, match=r"demo\.users"):
        await Citizen(dataclasses.replace(settings, demo_users=False), centre).call()
