"""The drill finds its way through a menu by itself."""

from __future__ import annotations

from acd.model import AgentRule, Channel, LineRules, Profile, QueueRule, Row
from core.ids import AgentId, ProfileId, QueueId, SkillId
from ivr.model import (
    Choice,
    CollectNode,
    Flow,
    GotoNode,
    HangUpNode,
    HoursNode,
    MenuNode,
    Node,
    Patience,
    QueueNode,
    SayNode,
    Spoken,
)
from sambung.drill_way import Press, Way, takers, ways
from tests.unit.ivr.walks import Around

PATIENCE = Patience(Spoken("wrong"), Spoken("silence"), timeout_ms=5000)
SALES, HELP = QueueId("sales"), QueueId("help")


def flow(nodes: dict[str, Node], **languages: tuple[tuple[SkillId, int], ...]) -> Flow:
    return Flow("start", nodes, "id", languages)


def menu(**choices: Choice) -> MenuNode:
    return MenuNode((), {key.strip("k"): choice for key, choice in choices.items()}, PATIENCE)


def test_keys_and_language_are_gathered_on_the_way() -> None:
    nodes: dict[str, Node] = {
        "start": SayNode((), next="language"),
        "language": menu(k1=Choice("topic", "id"), k2=Choice("topic", "en")),
        "topic": menu(k7=Choice("sales"), k8=Choice("number")),
        "number": CollectNode((), "nib", "help", PATIENCE, min_digits=3),
        "sales": QueueNode(SALES),
        "help": QueueNode(HELP, needs=((SkillId("technical"), 2),)),
    }
    found = list(ways(flow(nodes, id=(), en=((SkillId("english"), 1),)), Around(("office",))))
    assert found[0] == Way((Press("1", 5000), Press("7", 5000)), SALES, {})
    assert (
        Way((Press("1", 5000), Press("8", 5000), Press("111#", 5000)), HELP, {SkillId("technical"): 2})
        in found
    )


def test_the_language_chosen_is_asked_of_the_agent() -> None:
    nodes: dict[str, Node] = {
        "start": menu(k2=Choice("sales", "en")),
        "sales": QueueNode(SALES, needs=((SkillId("technical"), 1),)),
    }
    (way,) = ways(flow(nodes, en=((SkillId("english"), 1),)), Around(("office",)))
    assert way.needs == {SkillId("english"): 1, SkillId("technical"): 1}


def test_a_closed_centre_leads_into_no_queue() -> None:
    nodes: dict[str, Node] = {
        "start": HoursNode("office", open="sales", closed="closed"),
        "sales": QueueNode(SALES),
        "closed": HangUpNode((), "deflected"),
    }
    assert list(ways(flow(nodes), Around())) == []
    assert [way.queue for way in ways(flow(nodes), Around(("office",)))] == [SALES]


def test_a_menu_that_leads_back_to_itself_comes_to_an_end() -> None:
    nodes: dict[str, Node] = {
        "start": menu(k1=Choice("back"), k2=Choice("sales")),
        "back": GotoNode("start"),
        "sales": QueueNode(SALES),
    }
    assert [way.presses for way in ways(flow(nodes), Around(("office",)))] == [(Press("2", 5000),)]


def test_only_agents_with_queue_channel_and_skills_are_takers() -> None:
    voice, late, chat = ProfileId("voice"), ProfileId("late"), ProfileId("chat")
    skills = {SkillId("english"): 2}
    rules = LineRules(
        channels=(),
        queues=(QueueRule(SALES),),
        profiles=(
            Profile(voice, (Row(SALES, Channel.VOICE),)),
            Profile(late, (Row(SALES, Channel.VOICE, delay_ms=30_000),)),
            Profile(chat, (Row(SALES, Channel.CHAT),)),
        ),
        agents=(
            AgentRule(AgentId("ag1"), voice, skills),
            AgentRule(AgentId("ag2"), voice, {SkillId("english"): 1}),
            AgentRule(AgentId("ag3"), late, skills),
            AgentRule(AgentId("ag4"), chat, skills),
        ),
    )
    assert takers(Way((), SALES, {SkillId("english"): 2}), rules) == (AgentId("ag1"),)
    assert takers(Way((), HELP, {}), rules) == ()
