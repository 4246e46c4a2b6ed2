"""Entries to changes of rows: complete, in order, and few statements."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.events import Arrived
from acd.model import Channel, Outcome, Phase
from core.ids import LegId
from store import rows
from store.projection import grouped, rows_of
from store.wire import decode_event, decode_receipt, encode
from tests.unit.store.stories import START, Story, iid


def _of(changes: list[rows.Change], kind: type[rows.Change]) -> list[rows.Change]:
    return [change for change in changes if type(change) is kind]


def test_every_entry_is_journalled_with_its_event() -> None:
    story = Story()
    story.handled(0, 1, "ag101")
    journalled = [change for change in rows_of(story.entries) if isinstance(change, rows.Journalled)]
    assert [(row.seq, row.at, decode_event(row.body)) for row in journalled] == [
        (entry.seq, entry.at, entry.event) for entry in story.entries
    ]


def test_a_handled_call_passes_every_phase_once() -> None:
    story = Story()
    story.handled(0, 1, "ag101")
    changes = rows_of(story.entries)
    transitions = [change for change in changes if isinstance(change, rows.Transition)]
    assert [row.phase for row in transitions] == [
        "in_menu",
        "waiting",
        "offered",
        "connecting",
        "talking",
        "wrapping",
        "closed",
    ]
    assert {row.interaction for row in transitions} == {iid(1)}
    assert transitions[-1].agent == "ag101"
    explained = [change for change in changes if isinstance(change, rows.Explained)]
    assert [(row.offer, row.interaction) for row in explained] == [(1, iid(1))]
    assert decode_receipt(explained[0].body).winner == "ag101"


def test_voice_expects_a_recording_and_chat_does_not() -> None:
    story = Story()
    story.arrive(0, 1)
    story.arrive(1, 2, Channel.CHAT)
    assert _of(rows_of(story.entries), rows.NewRecording) == [rows.NewRecording(iid(1), START)]


def test_an_arrival_that_the_line_passed_over_makes_no_row() -> None:
    story = Story()
    story.add(0, Arrived(iid(1), Channel.VOICE, START))
    assert [type(change) for change in rows_of(story.entries)] == [rows.Journalled]


def test_a_timer_of_another_contact_may_go_first_in_the_same_step() -> None:
    story = Story()
    arrived = Arrived(iid(1), Channel.VOICE, START)
    story.add(0, arrived, story.moved(2, Phase.WAITING, "expired"), story.moved(1, Phase.IN_MENU, "arrived"))
    story.add(1, arrived, story.moved(1, Phase.WAITING, "expired"))
    new = _of(rows_of(story.entries), rows.NewInteraction)
    assert [(n.interaction, n.phase) for n in new if isinstance(n, rows.NewInteraction)] == [
        (iid(1), Phase.IN_MENU)
    ]


@pytest.mark.parametrize("phase", [Phase.IN_MENU, Phase.WAITING, Phase.OFFERED, Phase.CONNECTING])
def test_an_abandon_says_in_which_phase(phase: Phase) -> None:
    story = Story()
    story.arrive(0, 1)
    story.abandon(9, 1, phase)
    move = _of(rows_of(story.entries), rows.MoveInteraction)[-1]
    assert isinstance(move, rows.MoveInteraction)
    assert (move.outcome, move.abandoned_in) == (Outcome.ABANDONED, phase)
    assert move.left_at == move.closed_at == START + 9000


def test_text_that_no_database_holds_is_cleaned_and_the_rest_kept() -> None:
    story = Story()
    story.arrive(0, 1, caller="\ud800 \0'; DROP TABLE journal; --\r\n\u202e")
    new = _of(rows_of(story.entries), rows.NewInteraction)[0]
    assert isinstance(new, rows.NewInteraction)
    assert new.caller == "? '; DROP TABLE journal; --\r\n\u202e"
    event = decode_event(encode(story.entries[0].event))
    assert isinstance(event, Arrived)
    assert event.caller == new.caller
    assert event.leg == LegId("")


_steps = st.builds(
    lambda kind, interaction: kind(f"{interaction}", 0),
    st.sampled_from([rows.AcceptSegment, rows.TalkSegment, rows.HoldSegment]),
    st.integers(0, 4),
)
_facts = st.builds(rows.NewRecording, st.just("r"), st.integers(0, 9))


@given(st.lists(st.one_of(_steps, _facts), max_size=60))
def test_grouping_keeps_every_change_and_each_interactions_order(changes: list[rows.Change]) -> None:
    groups = grouped(changes)
    assert all(type(change) is kind for kind, batch in groups for change in batch)
    flat = list(itertools.chain.from_iterable(batch for _, batch in groups))
    assert sorted(map(id, flat)) == sorted(map(id, changes))
    for number in range(5):
        mine = [c for c in flat if isinstance(c, rows.Step) and c.interaction == f"{number}"]
        assert mine == [c for c in changes if isinstance(c, rows.Step) and c.interaction == f"{number}"]


def test_many_calls_at_once_need_few_statements() -> None:
    stories = []
    for number in range(100):
        story = Story()
        story.handled(0, number, "ag101")
        stories.append(story.entries)
    interleaved = [entry for step in zip(*stories, strict=True) for entry in step]
    assert len(grouped(rows_of(interleaved))) <= 15
