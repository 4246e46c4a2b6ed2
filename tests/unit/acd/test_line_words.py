"""Every event has its place in the step, and every rule comes back from the journal as it was."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from acd import step as stepping
from acd.events import Configured, Event
from acd.model import (
    AgentRule,
    Channel,
    ChannelRule,
    LineRules,
    Profile,
    QueueRule,
    Row,
)
from core.ids import AgentId, ProfileId, QueueId, SkillId

EVENTS = get_args(Event)


def test_every_event_does_something_in_one_place() -> None:
    assert set(EVENTS) == {*stepping._OF_A_CONTACT, *stepping._OTHER}
    assert not {*stepping._OF_A_CONTACT} & {*stepping._OTHER}
    for event in stepping._OF_A_CONTACT:
        assert "id" in event.__struct_fields__


def test_every_field_of_a_rule_survives_the_journal() -> None:
    # Values that differ from the defaults in every field, so that one that is lost is seen (failures B40).
    given = LineRules(
        channels=(ChannelRule(Channel.CHAT, 33, (Channel.VOICE,)),),
        queues=(QueueRule(QueueId("q"), 1, 2, 3, 4, 5, 6, QueueId("o"), 7, 8, 9, 10, 11, False),),
        profiles=(Profile(ProfileId("p"), (Row(QueueId("q"), Channel.CHAT, 5, 6),)),),
        agents=(AgentRule(AgentId("a1"), ProfileId("p"), {SkillId("s"): 4}),),
        drain_ms=11,
        languages={"en": SkillId("s")},
    )
    for rule in (given.channels[0], given.queues[0], given.profiles[0].rows[0], given.agents[0], given):
        for field in msgspec.structs.fields(rule):
            assert getattr(rule, field.name) != field.default
    body = msgspec.json.encode(Configured(given))
    assert msgspec.json.decode(body, type=Event) == Configured(given)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
def test_no_event_holds_what_cannot_come_back(event: type[msgspec.Struct]) -> None:
    # A bare tuple would come back as a list, a bare dict with other keys.
    assert not [f.name for f in msgspec.structs.fields(event) if f.type in (tuple, dict, list)]
