from __future__ import annotations

from acd.events import ReachChanged
from acd.model import Channel
from core.ids import AgentId
from pbx.phones import Phones

A, B = AgentId("ag101"), AgentId("ag102")


def reach(agent: AgentId, ok: bool) -> ReachChanged:
    return ReachChanged(agent=agent, channel=Channel.VOICE, ok=ok)


def test_an_agent_is_reachable_by_either_device_and_rung_on_the_browser_first() -> None:
    phones = Phones([A])
    assert phones.contact("ag101", True) == [reach(A, True)]
    assert phones.endpoint(A) == "ag101"
    assert phones.contact("ag101-web", True) == []
    assert phones.endpoint(A) == "ag101-web"
    assert phones.contact("ag101-web", False) == []
    assert phones.contact("ag101", False) == [reach(A, False)]


def test_a_repeat_and_a_stranger_change_nothing() -> None:
    phones = Phones([A])
    phones.contact("ag101", True)
    assert phones.contact("ag101", True) == []
    assert phones.contact("trunk169", True) == []


def test_a_snapshot_corrects_what_was_believed_before_a_restart() -> None:
    phones = Phones([A, B])
    phones.believe([A])
    assert phones.snapshot({"ag102": True, "ag101": False}) == [reach(A, False), reach(B, True)]


def test_without_asterisk_nobody_is_reachable_until_a_snapshot() -> None:
    phones = Phones([A, B])
    phones.contact("ag101", True)
    assert phones.lost() == [reach(A, False)]
    assert phones.contact("ag102", True) == []
    assert phones.snapshot({"ag101": True, "ag102": True}) == [reach(A, True), reach(B, True)]
