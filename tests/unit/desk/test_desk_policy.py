"""Who may do what, decided without any server."""

from __future__ import annotations

import itertools

import pytest

from core.ids import AgentId
from desk.model import Topic
from desk.policy import HOLDERS, TOPICS, WALL, Denial, Own, Right, Who, denied, may, rights, topics
from workforce.accounts import Role

AGENT = AgentId("ag101")


def somebody(role: Role, agent: AgentId | None = AGENT) -> Who:
    return Who("somebody", role, agent)


def test_every_right_has_holders_and_every_topic_a_right() -> None:
    assert HOLDERS.keys() == set(Right)
    assert TOPICS.keys() == set(Topic)
    assert all(HOLDERS.values())


@pytest.mark.parametrize(("role", "right"), list(itertools.product(Role, Right)))
def test_a_right_is_the_roles_and_to_work_needs_a_place_in_the_line(role: Role, right: Right) -> None:
    held = role in HOLDERS[right]
    assert may(somebody(role), right) is held
    assert may(somebody(role, None), right) is (held and right is not Right.WORK)


def test_the_wall_may_show_and_nothing_else() -> None:
    assert rights(WALL) == (Right.SHOW,)
    assert topics(WALL) == (Topic.WALLBOARD,)


def test_keeping_accounts_shows_nobodys_contacts() -> None:
    admin = somebody(Role.ADMIN)
    assert not {Right.CONTACTS, Right.REVIEW, Right.LISTEN, Right.STEP_IN, Right.WORK} & set(rights(admin))
    assert [role for role in Role if may(somebody(role), Right.ADMINISTER)] == [Role.ADMIN]


@pytest.mark.parametrize(("role", "right", "has"), list(itertools.product(Role, Right, (True, False))))
def test_ones_own_never_widens_what_must_be_ones_own(role: Role, right: Right, has: bool) -> None:
    who = somebody(role)
    plain = denied(who, right)
    must = denied(who, right, Own.MUST, has=has)
    assert (must is None) is (plain is None and has)
    assert plain is None or must is plain


def test_ones_own_contact_may_be_read_by_who_works_only() -> None:
    assert denied(somebody(Role.AGENT), Right.REVIEW, Own.MAY, has=True) is None
    assert denied(somebody(Role.AGENT), Right.REVIEW, Own.MAY, has=False) is Denial.ROLE
    assert denied(somebody(Role.ADMIN), Right.REVIEW, Own.MAY, has=True) is Denial.ROLE
    assert denied(somebody(Role.AGENT, None), Right.REVIEW, Own.MAY, has=True) is Denial.ROLE
    assert denied(somebody(Role.AGENT), Right.REVIEW, Own.NOW, has=True) is None
    assert denied(somebody(Role.AGENT), Right.REVIEW, Own.NOW, has=False) is Denial.ROLE
    assert denied(somebody(Role.QA), Right.REVIEW, Own.NOW, has=False) is None


def test_an_account_without_an_agent_is_told_so() -> None:
    assert denied(somebody(Role.AGENT, None), Right.WORK) is Denial.NO_AGENT
    assert denied(somebody(Role.QA, None), Right.WORK) is Denial.ROLE
