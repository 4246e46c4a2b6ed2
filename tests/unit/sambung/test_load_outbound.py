from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ConfigError
from pbx.outbound import for_trunk
from pbx.outbound_model import CallbackRules, First, OutboundRules
from sambung.load import load


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "sambung.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_every_rule_is_read(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        [outbound]
        allow = ["+62", "+65"]
        refuse = ["+62809"]
        own = ["+628116774642"]
        country = "ID"
        caller = "+6221169"
        national = true
        agent_per_day = 1
        per_day = 2
        at_once = 3
        hours = "office"
        ring = "20 s"
        callback = "customer_first"
        callback_tries = 2
        callback_again = "5 min"
        callback_confirm = "4 s"
        """,
    )
    settings = load(file)
    assert settings.outbound == OutboundRules(
        ("+62", "+65"), ("+62809",), ("+628116774642",), "ID", "+6221169", True, 1, 2, 3, "office", 20_000
    )
    assert settings.callback == CallbackRules(First.CUSTOMER, 2, 300_000, 4_000)


def test_no_prefix_at_all_switches_outgoing_calls_off(tmp_path: Path) -> None:
    assert load(written(tmp_path, "[outbound]\nallow = []")).outbound.allow == ()


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('allow = ["62"]', "outbound.allow[0]"),
        ('refuse = ["+62x"]', "outbound.refuse[0]"),
        ('country = "id"', "outbound.country"),
        ('callback = "nobody_first"', "outbound.callback"),
        ("callback_tries = 0", "outbound.callback_tries"),
        ('ring = "1 s"', "outbound.ring"),
        ('caller = "anonymous"', "outbound.caller"),
        ("prefixes = []", "outbound.prefixes"),
    ],
)
def test_a_wrong_rule_is_named(tmp_path: Path, line: str, key: str) -> None:
    with pytest.raises(ConfigError) as error:
        load(written(tmp_path, f"[outbound]\n{line}"))
    assert [problem.key for problem in error.value.problems] == [key]


def test_the_trunks_numbers_are_our_own_and_the_international_one_is_shown() -> None:
    rules = for_trunk(OutboundRules(own=("0811",)), ("169", "021169", "+6221169"))
    assert rules.own == ("169", "021169", "+6221169", "0811")
    assert rules.caller == "+6221169"
    assert for_trunk(OutboundRules(caller="021"), ("169",)).caller == "021"
    assert for_trunk(OutboundRules(), ("169",)).caller == "169"
