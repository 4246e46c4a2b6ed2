"""Passwords are made once, survive, and stay with their owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import Refused
from core.ids import AgentId
from pbx.secrets import agent_password, load
from pbx.settings import Secrets


def test_the_first_start_makes_them_and_every_later_one_finds_them(tmp_path: Path) -> None:
    first = load(tmp_path / "home")
    assert load(tmp_path / "home") == first
    assert len({first.ari, first.ami, first.agents}) == 3
    assert (tmp_path / "home/secrets.json").stat().st_mode & 0o777 == 0o600


def test_two_homes_have_different_ones(tmp_path: Path) -> None:
    assert load(tmp_path / "a") != load(tmp_path / "b")


def test_processes_that_start_at_once_get_the_same_ones(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(load, [tmp_path / "home"] * 32))
    assert len(found) == 1
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secrets.json"]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"ari": 1, "ami": "x", "agents": "y"}', '{"ari": ""}']
)
def test_a_damaged_file_is_named_and_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(text)
    with pytest.raises(Refused, match=r"secrets\.json"):
        load(tmp_path)
    assert path.read_text() == text


def test_an_agents_password_follows_from_the_key_and_the_id() -> None:
    secrets = Secrets(ari="", ami="", agents="key")
    # echo -n budi | openssl dgst -sha256 -hmac key
    assert agent_password(secrets, AgentId("budi")) == "883f98c89885fc18ecaf"
    assert agent_password(secrets, AgentId("siti")) != agent_password(secrets, AgentId("budi"))
