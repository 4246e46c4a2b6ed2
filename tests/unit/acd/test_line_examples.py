"""Who is offered what, one rule at a time."""

from __future__ import annotations

from acd.effects import Receipt, Rule
from acd.events import AgentSignedOut, Arrived, IntentSet, OfferRejected, PriorityChanged, Queued
from acd.explain import ELIGIBLE, explain
from acd.model import Channel, Need, QueueRule, Relax
from core.ids import AgentId, QueueId, SkillId
from tests.unit.acd.world import World, agent, iid, offers, profile, receipt, row, rules

A1, A2 = AgentId("a1"), AgentId("a2")


def served(world: World, count: int) -> list[int]:
    """The order in which a1 gets so many contacts."""
    order = []
    effects = world.do(IntentSet(A1, True))
    for _ in range(count):
        ((number, _),) = offers(effects)
        world.talk(number)
        order.append(number)
        effects = world.finish(number)
    return order


ONE = rules(
    agent("a1"), queues=(QueueRule(QueueId("oss"), wrap_up_ms=0), QueueRule(QueueId("tax"), wrap_up_ms=0))
)


# --- in which order contacts go ----------------------------------------------------------------------------


def test_who_arrived_first_goes_first_whenever_they_queued() -> None:
    world = World(ONE)
    world.sign_in("a1", ready=False)
    for number, at in ((1, -10), (2, -30), (3, -20)):
        world.queue(number, at=at)
    assert [world.state.position(iid(n)) for n in (1, 2, 3)] == [3, 1, 2]
    assert served(world, 3) == [2, 3, 1]


def test_a_point_of_priority_is_worth_sixty_seconds() -> None:
    world = World(ONE)
    world.sign_in("a1", ready=False)
    world.queue(1, at=-59)
    world.queue(2, at=-61)
    world.queue(3, at=0, priority=1)
    assert served(world, 3) == [2, 3, 1]


def test_equal_scores_go_in_the_order_in_which_the_line_saw_them() -> None:
    world = World(ONE)
    world.sign_in("a1", ready=False)
    for number in (3, 1, 2):
        world.queue(number, at=-5)
    world.queue(4, at=55, priority=1)
    assert served(world, 4) == [3, 1, 2, 4]


def test_queues_do_not_matter_between_contacts_of_equal_rank_but_their_priority_does() -> None:
    both = (QueueRule(QueueId("oss"), wrap_up_ms=0), QueueRule(QueueId("tax"), wrap_up_ms=0, priority=1))
    world = World(rules(agent("a1"), queues=both))
    world.sign_in("a1", ready=False)
    world.queue(1, "oss", at=-50)
    world.queue(2, "tax", at=0)
    world.queue(3, "oss", at=-70)
    assert served(world, 3) == [3, 2, 1]


def test_changed_priority_moves_a_waiting_contact() -> None:
    world = World(ONE)
    world.sign_in("a1", ready=False)
    world.queue(1, at=-30)
    world.queue(2, at=0)
    world.do(PriorityChanged(iid(2), 1))
    assert served(world, 2) == [2, 1]


def test_a_lower_rank_goes_first_even_if_it_came_later() -> None:
    rows = profile("all", row("oss", rank=2), row("tax", rank=1))
    world = World(rules(agent("a1"), profiles=(rows,), queues=ONE.queues))
    world.sign_in("a1", ready=False)
    world.queue(1, "oss", at=-600)
    world.queue(2, "tax", at=0)
    assert served(world, 2) == [2, 1]


# --- to which agent they go --------------------------------------------------------------------------------


def test_the_least_loaded_agent_is_asked_before_the_longest_idle() -> None:
    world = World(rules(agent("a1"), agent("a2")))
    world.sign_in("a1")
    world.after(100)
    world.sign_in("a2")
    world.queue(1, channel=Channel.WHATSAPP)
    assert (world.holder(1), world.load("a1")) == ("a1", 50)
    world.queue(2, channel=Channel.WHATSAPP)
    assert world.holder(2) == "a2"


def test_among_equally_loaded_agents_the_longest_idle_is_asked() -> None:
    world = World(rules(agent("a1"), agent("a2"), queues=ONE.queues))
    world.sign_in("a1")
    world.after(1)
    world.sign_in("a2")
    for number, who in ((1, "a1"), (2, "a2")):
        world.after(1)
        world.queue(number)
        world.talk(number)
        assert world.holder(number) == who
    world.after(60)
    world.finish(2)
    world.after(60)
    world.finish(1)
    world.queue(3)
    assert world.holder(3) == "a2"


def test_being_offered_something_and_missing_it_does_not_count_as_work() -> None:
    world = World(rules(agent("a1"), agent("a2")))
    world.sign_in("a1")
    world.after(1)
    world.sign_in("a2")
    world.queue(1)
    world.after(5)
    world.do(OfferRejected(world.offer(1)))
    world.talk(1)
    world.queue(2)
    assert [world.holder(1), world.holder(2)] == ["a2", "a1"]


# --- skills, delays ----------------------------------------------------------------------------------------


def test_only_agents_with_every_skill_at_its_level_are_asked() -> None:
    world = World(
        rules(agent("a1", legal=3), agent("a2", legal=1, english=2), agent("a3", legal=2, english=2))
    )
    world.sign_in("a1", "a2", "a3")
    effects = world.queue(1, needs=(Need(SkillId("legal"), 2), Need(SkillId("english"), 2)))
    assert offers(effects) == [(1, "a3")]
    world.queue(2, needs=(Need(SkillId("legal"), 2), Need(SkillId("english"))))
    assert world.view(2).phase == "waiting"


def test_needs_relax_as_the_wait_grows() -> None:
    world = World(rules(agent("a1"), agent("a2", legal=1)))
    world.sign_in("a1", ready=True)
    world.sign_in("a2", ready=False)
    relax = (Relax(30_000, (Need(SkillId("legal"), 1),)), Relax(60_000))
    world.queue(1, needs=(Need(SkillId("legal"), 3),), relax=relax)
    assert world.after(59.9) == []
    effects = world.after(0.1)
    assert offers(effects) == [(1, "a1")]
    assert receipt(effects).step == 2


def test_a_relaxed_contact_is_offered_to_an_agent_who_was_there_all_along() -> None:
    world = World(rules(agent("a1", legal=2)))
    world.sign_in("a1")
    world.queue(1, needs=(Need(SkillId("legal"), 3),), relax=(Relax(20_000, (Need(SkillId("legal"), 2),)),))
    assert world.view(1).phase == "waiting"
    assert offers(world.after(20)) == [(1, "a1")]


def test_a_row_with_a_delay_opens_when_the_contact_has_waited_that_long() -> None:
    near, far = profile("near", row("oss")), profile("far", row("oss", delay_s=45))
    world = World(rules(agent("a1", "far"), agent("a2", "near"), profiles=(near, far)))
    world.sign_in("a1")
    world.queue(1)
    assert world.after(44.9) == []
    assert offers(world.after(0.1)) == [(1, "a1")]


def test_the_wait_counts_from_joining_the_queue_and_the_score_from_arrival() -> None:
    far = profile("far", row("oss", delay_s=45))
    world = World(rules(agent("a1", "far"), profiles=(far,)))
    world.sign_in("a1")
    world.queue(1, at=-300)
    assert offers(world.after(44)) == []
    effects = world.after(1)
    assert offers(effects) == [(1, "a1")]
    assert receipt(effects).score == world.view(1).arrived_at


# --- preferred agents --------------------------------------------------------------------------------------


def test_a_contact_is_kept_for_its_preferred_agent_during_the_grace() -> None:
    world = World(rules(agent("a1"), agent("a2")))
    world.sign_in("a1", "a2")
    world.queue(1)
    world.talk(1)
    assert offers(world.queue(2, preferred=A1, grace_ms=60_000)) == []
    world.finish(1)
    assert offers(world.after(29.9)) == []  # wrapping up is work
    assert offers(world.after(0.1)) == [(2, "a1")]


def test_when_the_grace_is_over_anybody_may_have_it() -> None:
    world = World(rules(agent("a1"), agent("a2")))
    world.sign_in("a1", "a2")
    world.queue(1)
    world.talk(1)
    world.queue(2, preferred=A1, grace_ms=30_000)
    assert world.after(29.9) == []
    assert offers(world.after(0.1)) == [(2, "a2")]


def test_a_preferred_agent_who_is_free_goes_before_those_idle_longer() -> None:
    world = World(rules(agent("a1"), agent("a2")))
    world.sign_in("a1")
    world.after(60)
    world.sign_in("a2")
    effects = world.queue(1, preferred=A2, grace_ms=30_000)
    assert offers(effects) == [(1, "a2")]
    assert receipt(effects).rule is Rule.PREFERRED


def test_signing_out_ends_the_grace_at_once() -> None:
    world = World(rules(agent("a1"), agent("a2")))
    world.sign_in("a1", ready=False)
    world.sign_in("a2")
    world.queue(1, preferred=A1, grace_ms=30_000)
    assert world.view(1).phase == "waiting"
    assert offers(world.do(AgentSignedOut(A1))) == [(1, "a2")]


def test_nobody_is_kept_waiting_for_an_agent_who_could_not_take_it() -> None:
    world = World(rules(agent("a1"), agent("a2", legal=1)))
    world.sign_in("a1", "a2")
    needs = (Need(SkillId("legal")),)
    assert offers(world.queue(1, needs=needs, preferred=A1, grace_ms=30_000)) == [(1, "a2")]


# --- receipts ----------------------------------------------------------------------------------------------


def narrowing() -> World:
    """Seven agents, one fewer at each condition, and a2 before a1."""
    there = profile("there", row("oss"))
    elsewhere = profile("elsewhere", row("tax"))
    people = [
        agent(f"a{n}", "elsewhere" if n == 7 else "there", legal=1 if n == 6 else 3) for n in range(1, 8)
    ]
    world = World(rules(*people, profiles=(there, elsewhere)))
    world.sign_in("a2")
    world.after(1)
    world.sign_in("a1", "a3", "a6", "a7")
    world.sign_in("a4", ready=False)
    world.sign_in("a5", reach=(Channel.CHAT,))
    return world


def test_a_receipt_counts_those_left_after_each_condition() -> None:
    world = narrowing()
    needs = (Need(SkillId("legal"), 2),)
    world.queue(1, needs=needs)
    assert world.holder(1) == "a2"
    again = receipt(world.do(OfferRejected(world.offer(1))))
    assert again == Receipt(
        id=iid(1),
        offer=world.offer(1),
        rule=Rule.CONTACT_SEARCHED,
        queue=QueueId("oss"),
        winner=A1,
        winner_load=0,
        winner_since=world.now,
        runner_up=AgentId("a3"),
        score=world.now,
        rank=1,
        step=0,
        in_queue=6,  # not a7
        skilled=5,  # not a6
        reachable=4,  # not a5
        ready_with_room=3,  # not a4
        not_excluded=2,  # not a2, who rejected it
    )


def test_the_explanation_names_the_same_agents_with_a_verdict_each() -> None:
    world = narrowing()
    for name in ("a1", "a2", "a3"):
        world.do(IntentSet(AgentId(name), False, "break"))
    world.do(
        Arrived(iid(1), Channel.VOICE, world.now),
        Queued(iid(1), QueueId("oss"), (Need(SkillId("legal"), 2),)),
    )
    found = explain(world.state, iid(1))
    assert found is not None
    assert {c.agent: c.verdict for c in found.candidates} == {
        "a1": "not ready: break",
        "a2": "not ready: break",
        "a3": "not ready: break",
        "a4": "not ready",
        "a5": "device not there",
        "a6": "lacks legal 2",
        "a7": "not in the queue",
    }


def test_the_explanation_of_a_decision_agrees_with_its_receipt() -> None:
    world = narrowing()
    seen = []
    world.state.witness = lambda state, c, _: seen.append(explain(state, c.id))
    decided = receipt(world.queue(1, needs=(Need(SkillId("legal"), 2),)))
    (found,) = seen
    assert found is not None
    eligible = [c.agent for c in found.candidates if c.verdict == ELIGIBLE]
    assert eligible[:2] == [decided.winner, decided.runner_up]
    assert len(eligible) == decided.not_excluded
