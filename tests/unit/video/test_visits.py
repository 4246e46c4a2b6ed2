"""The shell of visits: pages, rooms, and what goes on after an absence."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from acd.events import Requeued
from acd.model import Outcome, Phase
from core.errors import Gone, Refused
from core.ids import AgentId, InteractionId
from tests.unit.video.visiting import (
    ID,
    QUEUE,
    RANI,
    SARI,
    Hall,
    Memory,
    Notebook,
    Screen,
    Time,
    Worker,
    hall,
)
from tests.waiting import until
from video import messages as m
from video.model import ParticipantId, RoomId
from video.pages import MOST_LINES
from video.visit import VISITOR, Destination
from video.visit_errands import OVER
from video.visit_telephone import VISITORS, Telephone
from video.visits import REPLACED


@pytest.fixture
async def there() -> AsyncIterator[Hall]:
    async with hall(Memory(), Worker(), Notebook()) as made:
        yield made


async def test_a_visitor_waits_talks_and_leaves(there: Hall) -> None:
    await there.talking()
    state = there.visitor.last("state")
    assert state is not None
    assert state["stage"] == "talking"
    assert [(p["side"], p["name"]) for p in state["people"]] == [("visitor", "Sari"), ("agent", "Rani")]  # type: ignore[attr-defined]
    assert state["recorded"] is True
    assert there.worker.recorded == {RoomId(ID)}
    there.say(there.visitor, None, type="leave")
    await until(lambda: there.phase() is None and there.worker.rooms == {})
    assert there.visitor.stage() == "over"
    await until(lambda: there.visitor.code == OVER and there.agent.code == OVER)
    assert not there.visits.has(ID)


async def a_telephone(there: Hall, name: str = "telephone-1") -> tuple[Telephone, list[str]]:
    """A telephone that is there, and what is asked of it."""
    asked: list[str] = []

    async def again() -> None:
        asked.append("again" if RoomId(ID) in there.worker.rooms else "too early")

    telephone = Telephone(
        ParticipantId(name), InteractionId("d" * 32), lambda: asked.append("end"), again, here=True
    )
    await there.talking()
    there.visits.telephone(ID, telephone)
    return telephone, asked


async def test_a_telephone_is_shown_without_name_and_picture(there: Hall) -> None:
    telephone, asked = await a_telephone(there)
    state = there.visitor.last("state")
    assert state is not None
    shown = state["people"][-1]  # type: ignore[index]
    assert (shown["side"], shown["name"], shown["here"], shown["camera"]) == ("outside", "", True, False)
    present = there.visits.present(ID)
    assert present is not None
    assert [one.side for one in present.people] == ["visitor", "agent", "outside"]
    there.visits.telephone(ID, telephone, over=True)
    present = there.visits.present(ID)
    assert present is not None
    assert [one.side for one in present.people] == ["visitor", "agent"]
    assert asked == []
    with pytest.raises(Gone):
        there.visits.telephone(InteractionId("d" * 32), telephone)


async def test_a_telephone_ends_with_the_conversation(there: Hall) -> None:
    _, asked = await a_telephone(there)
    there.say(there.visitor, None, type="leave")
    await until(lambda: "end" in asked)


async def test_a_telephone_ends_when_the_visitor_waits_again(there: Hall) -> None:
    _, asked = await a_telephone(there)
    await there.engine.submit(Requeued(id=ID, queue=QUEUE))
    await until(lambda: "end" in asked)


async def test_a_visitors_own_telephone_goes_on_to_the_next_agent_and_ends_with_the_visit(
    there: Hall,
) -> None:
    _, asked = await a_telephone(there, VISITORS)
    state = there.visitor.last("state")
    assert state is not None
    assert state["telephone"] == "here"
    assert [one["side"] for one in state["people"]] == ["visitor", "agent"]  # type: ignore[attr-defined]
    await there.engine.submit(Requeued(id=ID, queue=QUEUE))
    await until(lambda: there.visitor.stage() == "waiting")
    assert asked == []
    there.say(there.visitor, None, type="leave")
    await until(lambda: "end" in asked)


async def test_whoever_hangs_up_after_the_page_was_closed_has_left(there: Hall) -> None:
    telephone, _ = await a_telephone(there, VISITORS)
    there.visits.closed(ID, None, there.visitor)
    there.visits.happened(m.Left(room=RoomId(ID), participant=VISITOR, reason="closed"))
    telephone.hung_up = True
    assert there.phase() is Phase.TALKING
    there.visits.telephone(ID, telephone, over=True)
    await until(lambda: there.phase() is None)


async def test_a_telephone_connects_anew_once_there_is_a_room(there: Hall) -> None:
    _, asked = await a_telephone(there)
    there.worker.rooms.clear()
    there.visits.worker_lost([RoomId(ID)])
    await until(lambda: asked == ["again"])


async def test_place_and_wait_are_shown_while_waiting(there: Hall) -> None:
    await there.visits.come(SARI, Destination(QUEUE))
    there.visits.open(ID, None, there.visitor)
    await until(lambda: there.visitor.stage() == "waiting")
    state = there.visitor.last("state")
    assert state is not None
    assert (state["position"], state["wait_ms"]) == (1, 60_000)


async def test_chat_reaches_everybody_and_whoever_comes_later(there: Hall) -> None:
    await there.talking()
    there.say(there.visitor, None, type="write", key="k1", text=" NIB saya belum terbit ")
    await until(lambda: (there.agent.last("chat") or {}).get("lines"))
    again = Screen()
    there.visits.open(ID, RANI, again)
    await until(lambda: again.last("chat"))
    lines = again.last("chat")
    assert lines is not None
    text, at = "NIB saya belum terbit", Time().now_ms()
    assert lines["lines"] == [
        {"id": 1, "at": at, "sender": "visitor", "text": text, "key": "k1", "file": None}
    ]
    assert there.agent.code == REPLACED


async def test_nobody_connects_uninvited(there: Hall) -> None:
    await there.offered()
    there.say(there.visitor, None, type="join", sdp="v")
    await until(lambda: there.visitor.last("problem"))
    assert there.worker.rooms == {}
    with pytest.raises(Refused):
        there.visits.open(ID, AgentId("ag999"), Screen())
    with pytest.raises(Gone):
        there.visits.open(InteractionId("d" * 32), None, Screen())


async def test_a_chat_has_an_end(there: Hall) -> None:
    await there.talking()
    for number in range(MOST_LINES + 5):
        there.say(there.visitor, None, type="write", key=f"k{number}", text="x")
    await until(lambda: (there.visitor.last("problem") or {}).get("code") == "refused")
    assert len(there.book.lines) == MOST_LINES
    assert there.visits.has(ID)
    again = Screen()
    there.visits.open(ID, RANI, again)
    await until(lambda: again.last("chat"))
    there.say(again, RANI, type="write", key="late", text="x")
    await until(lambda: again.last("problem"))
    assert len(there.book.lines) == MOST_LINES


async def test_who_listens_cannot_write(there: Hall) -> None:
    await there.talking()
    listener = AgentId("leader")
    there.visits.listen(ID, listener, on=True)
    page = Screen()
    there.visits.open(ID, listener, page)
    await until(lambda: page.last("invited"))
    there.say(page, listener, type="write", key="k", text="boo")
    await until(lambda: page.last("problem"))
    assert there.book.lines == []
    assert not (there.visitor.last("chat") or {}).get("lines")


async def test_a_device_that_did_not_change_troubles_nobody(there: Hall) -> None:
    await there.talking()
    there.say(there.visitor, None, type="device", microphone=True, camera=False, screen=False)
    told = len(there.agent.heard)
    for _ in range(3_000):
        there.say(there.visitor, None, type="device", microphone=True, camera=False, screen=False)
    assert len(there.agent.heard) == told
    there.say(there.visitor, None, type="device", microphone=True, camera=True, screen=False)
    assert len(there.agent.heard) == told + 1


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b'{"type":"join"}', b'{"type":"sudo"}', b"\xff", b'{"type":"write","key":"","text":"x"}'],
)
async def test_what_is_no_message_is_said_to_be_none(there: Hall, raw: bytes) -> None:
    await there.visits.come(SARI, Destination(QUEUE))
    there.visits.open(ID, None, there.visitor)
    there.visits.received(ID, None, there.visitor, raw)
    assert (there.visitor.last("problem") or {})["code"] == "refused"
    assert there.visits.has(ID)


async def test_a_lost_worker_brings_everybody_back_to_a_new_one(there: Hall) -> None:
    await there.talking()
    there.worker.rooms.clear()
    there.worker.up = False
    there.visitor.heard.clear()
    there.visits.worker_lost([RoomId(ID)])
    await until(lambda: there.visitor.last("state"))
    assert there.visitor.last("invited") is None, "there is no room to join yet"
    there.worker.up = True
    await until(lambda: there.visitor.last("invited"))
    assert there.phase() is Phase.TALKING


async def test_control_comes_back_to_a_call_that_goes_on() -> None:
    memory, worker, book = Memory(), Worker(), Notebook()
    async with hall(memory, worker, book) as before:
        await before.talking()
    async with hall(memory, worker, book) as after:
        stray = RoomId("e" * 32)
        worker.rooms[stray] = {}
        after.visits.worker_found([RoomId(ID), stray])
        await until(lambda: stray not in worker.rooms)
        after.visits.open(ID, None, after.visitor)
        after.visits.open(ID, RANI, after.agent)
        await until(lambda: after.visitor.stage() == "talking")
        assert after.visitor.last("invited") is None, "the media runs: nobody connects anew"
        after.say(after.agent, RANI, type="leave")
        await until(lambda: after.phase() is None)
    closed = [
        effect
        for entry in memory.entries
        for effect in entry.effects
        if getattr(effect, "phase", 0) is Phase.CLOSED
    ]
    assert [effect.outcome for effect in closed] == [Outcome.HANDLED]  # type: ignore[union-attr]


async def test_a_worker_that_goes_as_control_stops_is_no_loss() -> None:
    async with hall(Memory(), Worker(), Notebook()) as there:
        await there.talking()
    there.visits.worker_lost([RoomId(ID)])
    assert there.worker.rooms, "the room is left to the control process that comes next"
