"""What menus see of the line."""

from __future__ import annotations

import pytest

from acd.events import Arrived, Configured, Event, Queued, QueueStateSet
from acd.model import Channel, LineRules, QueueRule, QueueState
from acd.state import State
from acd.step import step
from core.ids import InteractionId, QueueId
from ivr.effects import Flaw, Outlook
from pbx.outbound_model import OutboundRules
from sambung.menus import LineView, flaw_of

LICENSING = QueueId("licensing")
FIRST, SECOND, NEW = (InteractionId(letter * 32) for letter in "abc")
MAIL = InteractionId("d" * 32)


def line(queue: QueueRule, *events: Event) -> LineView:
    """Return the line as menus see it, with two callers and a message waiting."""
    state = State()
    waiting = [
        (
            Arrived(id=id_, channel=channel, at=at, caller=str(at)),
            Queued(id=id_, queue=LICENSING),
        )
        for at, (id_, channel) in enumerate(
            ((MAIL, Channel.EMAIL), (FIRST, Channel.VOICE), (SECOND, Channel.VOICE)), start=1
        )
    ]
    all_events = (Configured(LineRules((), (queue,), (), ())), *sum(waiting, ()), *events)
    for event in all_events:
        step(state, event, 1_000)
    return LineView(state, predicted=lambda call, queue: 90_000)


def test_a_caller_is_told_of_the_callers_before_and_a_new_one_of_all() -> None:
    view = line(QueueRule(LICENSING))
    assert view.outlook(SECOND, LICENSING) == Outlook(True, waiting=2, position=2, wait_ms=90_000)
    assert view.outlook(FIRST, LICENSING).position == 1
    assert view.outlook(NEW, LICENSING).position == 3


@pytest.mark.parametrize(
    ("state", "joins"),
    [(QueueState.OPEN, True), (QueueState.PAUSED, True), (QueueState.DRAINING, False)],
)
def test_what_the_desk_says_of_a_queue_is_what_a_menu_sees(state: QueueState, joins: bool) -> None:
    view = line(QueueRule(LICENSING), QueueStateSet(queue=LICENSING, state=state, reason="x", by="y"))
    assert view.outlook(NEW, LICENSING).joins is joins


def test_a_full_queue_takes_nobody_unless_it_flows_over() -> None:
    assert not line(QueueRule(LICENSING, max_length=2)).outlook(NEW, LICENSING).joins
    assert line(QueueRule(LICENSING, max_length=3)).outlook(NEW, LICENSING).joins
    over = QueueRule(LICENSING, max_length=2, overflow=QueueId("general"))
    assert line(over).outlook(NEW, LICENSING).joins


def test_an_unknown_queue_takes_nobody_and_before_there_is_a_line_nothing_is_known() -> None:
    assert not line(QueueRule(LICENSING)).outlook(NEW, QueueId("other")).joins
    assert LineView().outlook(NEW, LICENSING) == Outlook()


@pytest.mark.parametrize(
    ("number", "flaw"),
    [
        ("08123456789", None),
        ("0812", Flaw.MALFORMED),
        ("+14155550100", Flaw.FOREIGN),
        ("08091234567", Flaw.PREMIUM),
        ("169", Flaw.OWN),
    ],
)
def test_a_number_that_cannot_be_called_back_has_a_flaw_with_a_name(number: str, flaw: Flaw | None) -> None:
    assert flaw_of(number, OutboundRules(own=("169",))) is flaw
    assert flaw_of(number, OutboundRules(allow=())) is Flaw.OFF
