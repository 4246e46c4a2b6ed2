from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from acd.model import Channel, ChannelRule, QueueRule
from core.errors import ConfigError
from core.ids import AgentId, QueueId
from ivr.model import QueueNode
from ivr.prompts import Voice
from sambung.centre import PROMPTS_NEEDED, Centre, load_centre
from sambung.centre_checks import MAIN
from tests.unit.sambung.mistakes import SHIPPED, Mistake, change, copy


@pytest.fixture(scope="module")
def centre() -> Centre:
    return load_centre(SHIPPED / "centre")


def changed(tmp_path: Path, file: str, old: str, new: str) -> Centre:
    config = copy(tmp_path)
    change(config, Mistake(f"centre/{file}.yaml", old, new, "", ""))
    return load_centre(config / "centre")


def test_the_ministry_has_85_agents_spread_over_its_channels(centre: Centre) -> None:
    assert len(centre.agents) == 85
    assert Counter(agent.rule.profile for agent in centre.agents.values()) == {
        "voice": 24,
        "whatsapp": 30,
        "email": 7,
        "instagram": 4,
        "video": 6,
        "walkin": 14,
    }


def test_a_group_numbers_its_people_in_the_order_of_their_names(centre: Centre) -> None:
    names = {id_: agent.name for id_, agent in centre.agents.items()}
    assert [names[AgentId(id_)] for id_ in ("ag101", "ag102", "ag120", "ag121", "ag124")] == [
        *("Adi", "Agus", "Farah", "Fitri", "Hadi")
    ]
    assert all(id_ == agent.rule.id == agent.id for id_, agent in centre.agents.items())


def test_leading_noughts_of_a_groups_first_number_are_kept(tmp_path: Path) -> None:
    centre = changed(tmp_path, "agents", "first: ag401", "first: ig008")
    assert [id_ for id_ in centre.agents if id_.startswith("ig")] == ["ig008", "ig009", "ig010", "ig011"]


def test_whoever_speaks_a_language_has_its_skill(centre: Centre) -> None:
    adi, fitri = centre.agents[AgentId("ag101")], centre.agents[AgentId("ag121")]
    assert (adi.languages, adi.rule.skills) == (("id",), {"oss-technical": 1})
    assert (fitri.languages, fitri.rule.skills) == (("id", "en"), {"oss-technical": 1, "language-en": 1})


def test_a_person_of_their_own_may_have_a_level_of_their_own(tmp_path: Path) -> None:
    person = "{name: Zahra, profile: voice, languages: en, skills: {language-en: 5}}"
    zahra = changed(tmp_path, "agents", "agents: {}", f"agents: {{ag701: {person}}}").agents[AgentId("ag701")]
    assert (zahra.name, zahra.languages, zahra.rule.skills) == ("Zahra", ("en",), {"language-en": 5})


def test_an_agent_of_whom_no_language_is_told_speaks_the_first(tmp_path: Path) -> None:
    centre = changed(tmp_path, "agents", "agents: {}", "agents: {ag701: {name: Zahra, profile: voice}}")
    assert centre.agents[AgentId("ag701")].languages == ("id",)


def test_queues_and_channels_have_the_rules_that_are_written(centre: Centre) -> None:
    rules = centre.line_rules
    assert rules.languages == {"en": "language-en"}
    assert {rule.id: rule.wrap_up_ms for rule in rules.queues} == {
        "licensing": 30_000,
        "lkpm": 30_000,
        "technical": 60_000,
        "general": 30_000,
    }
    assert ChannelRule(Channel.CHAT, 50, ()) in rules.channels
    assert {rule.channel for rule in rules.channels} == set(Channel)
    assert rules.drain_ms == 30_000
    assert len(rules.agents) == 85


def test_what_a_queue_does_not_say_is_as_the_line_has_it(tmp_path: Path) -> None:
    general = "general:\n  name: {id: Informasi umum, en: General enquiries}\n"
    said = "  hours: office\n  empty: 2 min\n  offer: 20 s\n  wrap_up: 30 s\n  exclude: 60 s\n"
    said += "  max_length: 100\n  return: 3 min"
    rules = changed(tmp_path, "queues", f"{general}{said}", general).line_rules
    assert QueueRule(QueueId("general")) in rules.queues


def test_a_queue_may_have_limits_an_overflow_and_a_memory(tmp_path: Path) -> None:
    limits = "max_wait: 20 min\n  max_length: 30\n  overflow: general\n  last_agent: 15 s"
    rules = changed(tmp_path, "queues", "return: 3 min\n\ntechnical", f"{limits}\n\ntechnical").line_rules
    (lkpm,) = (rule for rule in rules.queues if rule.id == "lkpm")
    assert (lkpm.max_wait_ms, lkpm.max_length, lkpm.overflow) == (1_200_000, 30, "general")
    assert (lkpm.return_ms, lkpm.last_agent_ms) == (0, 15_000)
    (technical,) = (rule for rule in rules.queues if rule.id == "technical")
    assert (technical.wrap_up_extra_ms, technical.wrap_up_extensions, technical.return_ms) == (
        60_000,
        3,
        180_000,
    )


def test_a_queue_may_close_and_send_callers_on_where_nobody_is_signed_in(tmp_path: Path) -> None:
    centre = changed(
        tmp_path, "queues", "return: 3 min\n\ntechnical", "return: 3 min\n  at_close: leave\n\ntechnical"
    )
    rules = {rule.id: rule for rule in centre.line_rules.queues}
    assert {name: rule.serve_out for name, rule in rules.items() if not rule.serve_out} == {"lkpm": False}
    assert {rule.empty_ms for rule in rules.values()} == {120_000}
    assert dict(centre.queue_hours) == dict.fromkeys(rules, "office")


@pytest.mark.parametrize("to", ["licensing", "nowhere"])
def test_a_queue_overflows_into_another_that_there_is(tmp_path: Path, to: str) -> None:
    with pytest.raises(ConfigError, match="overflow"):
        changed(tmp_path, "queues", "overflow: general", f"overflow: {to}")


def test_a_profiles_row_means_each_queue_on_each_channel(centre: Centre) -> None:
    (whatsapp,) = (p for p in centre.line_rules.profiles if p.id == "whatsapp")
    assert {(row.queue, row.channel) for row in whatsapp.rows} == {
        (queue, channel) for queue in centre.queues for channel in (Channel.WHATSAPP, Channel.CHAT)
    }


def test_the_first_language_is_spoken_first_and_each_has_its_voice(centre: Centre) -> None:
    assert centre.language == "id"
    assert centre.prompts.voices == {"id": Voice("id", 140, 50), "en": Voice("en", 145, 50)}
    assert centre.name["en"] == "Ministry of Investment Contact Centre"
    for name in PROMPTS_NEEDED:
        assert centre.prompts.texts[name].keys() == {"id", "en"}


def test_a_number_without_a_menu_of_its_own_has_the_main_one(centre: Centre, tmp_path: Path) -> None:
    assert centre.flow("169") is centre.flow("+6221169") is centre.flows[MAIN]
    config = copy(tmp_path)
    menu = "numbers: ['150', '+62150']\nstart: a\nnodes: {a: {kind: queue, queue: lkpm}}\n"
    (config / "centre/ivr/lkpm.yaml").write_text(menu, encoding="utf-8")
    other = load_centre(config / "centre")
    assert other.flow("150") is other.flow("+62150")
    assert other.flow("150").nodes["a"] == QueueNode(QueueId("lkpm"))
    assert other.flow("169").nodes == centre.flow("169").nodes


def test_fallback_agents_are_named_once_in_their_order(tmp_path: Path) -> None:
    centre = changed(tmp_path, "agents", "[ag101, ag102, ag103, ag121]", "[ag121, ag101, ag121]")
    assert centre.fallback == ("ag121", "ag101")


def test_reasons_and_categories(centre: Centre) -> None:
    assert [(reason.id, reason.limit_ms) for reason in centre.reasons][:3] == [
        ("break", 900_000),
        ("ishoma", 3_600_000),
        ("meeting", None),
    ]
    assert {category.id for category in centre.categories if not category.served} == {
        "no_response",
        "spam",
        "unfinished",
    }


def test_a_centre_with_a_mistake_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"centre\.yaml:\d+: drain: "):
        changed(tmp_path, "centre", "drain: 30 s", "drain: 30")
