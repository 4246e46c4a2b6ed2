"""What is told of a line never gets worse, wherever in the call it is told, and each telling is announced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from core.ids import QueueId
from ivr import spoken
from ivr.effects import Announced, Effect, Input, Outlook, Recovered, Remember, TimedOut, Waiting
from ivr.model import (
    Choice,
    Flow,
    MenuNode,
    QueueNode,
    SayNode,
    Spoken,
    StatusNode,
    Telling,
    Told,
    Treatment,
    dump,
    load,
)
from tests.unit.ivr.walks import DEED, PATIENCE, Around, Caller, act, flow, flows, said

LICENSING, LKPM = QueueId("licensing"), QueueId("lkpm")
BOTH = Treatment(welcome=(Spoken("welcome"),), every_ms=45_000, position=True, wait=True)
FOUR, TEN = Outlook(True, 4, 5, 240_000), Outlook(True, 6, 7, 600_000)


@dataclass
class Queues(Around):
    """A moment at which each queue stands in its own way."""

    stand: dict[QueueId, Outlook] = field(default_factory=dict)

    def outlook(self, queue: QueueId) -> Outlook:
        return self.stand.get(queue, self.at_queue)


def told(effects: Sequence[Effect]) -> list[str]:
    return [name.partition("/")[2] for name in said(effects) if "/n." in name or "/wait." in name]


def announced(effects: Sequence[Effect]) -> list[Announced]:
    return [effect for effect in effects if isinstance(effect, Announced)]


def test_what_was_told_before_joining_does_not_rise_in_line() -> None:
    menu = flow(status=StatusNode(LICENSING, "queue", "line"), queue=QueueNode(LICENSING, waiting=BOTH))
    around = Around(at_queue=FOUR)
    caller = Caller(menu, around)
    assert told(caller.begin()) == ["wait.position", "n.5", "wait.about", "n.4", "wait.minutes"]
    caller.listen_to_the_end()
    around.at_queue = TEN
    assert said(caller.give(Waiting())) == ["id/welcome"]
    caller.listen_to_the_end()
    around.at_queue = Outlook(True, 3, 3, 600_000)
    assert told(caller.give(TimedOut(caller.session.token))) == ["wait.position", "n.3"]


def long_wait() -> Flow:
    """A menu that tells the wait of one queue, as the shipped one does of a long wait, then the line."""
    texts = (Spoken("long"), Told(Telling.WAIT, LKPM), Spoken("choices"))
    return flow(
        long=MenuNode(texts, {"1": Choice("queue"), "2": Choice("other")}, PATIENCE, repeat="*"),
        queue=QueueNode(LKPM, waiting=BOTH),
        other=QueueNode(LICENSING, waiting=BOTH),
    )


def test_a_wait_in_the_text_of_a_menu_is_announced_and_does_not_rise() -> None:
    around = Queues(stand={LKPM: Outlook(True, 9, 10, 1_000_000)})
    caller = Caller(long_wait(), around)
    first = caller.begin()
    assert said(first) == ["id/long", "id/wait.about", "id/n.20", "id/wait.minutes", "id/choices"]
    assert announced(first) == [Announced(LKPM, 0, 1_000_000)]
    # Heard again, it is the same or better; what got worse is left out.
    assert announced(caller.press("*")) == [Announced(LKPM, 0, 1_000_000)]
    around.stand[LKPM] = Outlook(True, 12, 13, 1_300_000)
    worse = caller.press("*")
    assert said(worse) == ["id/long", "id/choices"]
    assert announced(worse) == []
    caller.press("1")
    assert told(caller.give(Waiting())) == ["wait.position", "n.13"]


def test_every_queue_is_told_anew() -> None:
    around = Queues(stand={LKPM: Outlook(True, 0, 1, 60_000), LICENSING: TEN})
    caller = Caller(long_wait(), around)
    caller.begin()
    caller.press("2")
    joined = caller.give(Waiting())
    assert told(joined) == ["wait.position", "n.7", "wait.about", "n.10", "wait.minutes"]
    assert announced(joined) == [Announced(LICENSING, 7, 600_000)]


def test_one_text_in_two_languages_is_one_announcement_and_two_queues_are_two() -> None:
    texts = (
        Told(Telling.WAIT, LKPM, "id"),
        Told(Telling.POSITION, LKPM, "id"),
        Told(Telling.WAIT, LKPM, "en"),
        Told(Telling.WAIT, LICENSING),
    )
    caller = Caller(
        flow(say=SayNode(texts, "line")), Queues(stand={LKPM: FOUR, LICENSING: Outlook(True, 0, 0, 50_000)})
    )
    effects = caller.begin()
    assert said(effects)[:3] == ["id/wait.about", "id/n.4", "id/wait.minutes"]
    assert said(effects)[5:8] == ["en/wait.about", "en/n.4", "en/wait.minutes"]
    assert announced(effects) == [Announced(LKPM, 5, 240_000), Announced(LICENSING, 0, 50_000)]


def test_what_was_told_at_the_beginning_of_a_call_is_remembered_over_a_restart() -> None:
    around = Queues(stand={LKPM: Outlook(True, 9, 10, 1_000_000)})
    caller = Caller(long_wait(), around)
    assert caller.begin()[-1] == Remember()
    again = Caller(caller.flow, around, load(dump(caller.session)))
    around.stand[LKPM] = Outlook(True, 12, 13, 1_300_000)
    assert said(again.give(Recovered())) == ["id/long", "id/choices"]


OUTLOOKS = st.builds(
    Outlook, st.just(True), st.just(3), st.integers(0, 9), st.one_of(st.none(), st.integers(0, 6_000_000))
)


@given(flows(), st.lists(st.tuples(OUTLOOKS, DEED), min_size=6, max_size=25))
def test_nothing_told_in_any_call_gets_worse(flow: Flow, moments: list[tuple[Outlook, Input | str]]) -> None:
    caller = Caller(flow, Around(at_queue=moments[0][0]))
    caller.begin()
    for caller.around.at_queue, deed in moments:
        act(caller, deed)
    by_queue: dict[QueueId, list[Announced]] = {}
    for one in announced(caller.effects):
        by_queue.setdefault(one.queue, []).append(one)
    for one_queue in by_queue.values():
        places = [one.position for one in one_queue if one.position]
        waits = [spoken.minutes(one.wait_ms) for one in one_queue if one.wait_ms is not None]
        assert places == sorted(places, reverse=True)
        assert waits == sorted(waits, reverse=True)
