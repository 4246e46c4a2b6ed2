"""A short menu and the steps of a call, for tests."""

from __future__ import annotations

from acd.events import Event
from core.ids import InteractionId, LegId, QueueId
from ivr import step as menus
from ivr.effects import Effect, Input
from ivr.model import Choice, Flow, MenuNode, Patience, QueueNode, SayNode, Session, Spoken
from pbx.call import Call, CustomerCame, Happening
from pbx.effects import Action, Tell
from pbx.step import step

ID = InteractionId("a" * 32)
LEG = LegId("1700000000.1")

ASKING = Flow(
    start="notice",
    nodes={
        "notice": SayNode((Spoken("notice.recording"),), next="ask"),
        "ask": MenuNode(
            (Spoken("menu.main"),),
            {"1": Choice("line")},
            Patience(Spoken("invalid"), Spoken("silence"), on_invalid="line", on_timeout="line"),
        ),
        "line": QueueNode(QueueId("licensing")),
    },
    language="id",
)
STRAIGHT = Flow(start="line", nodes={"line": QueueNode(QueueId("licensing"))}, language="id")


class Around:
    """Always open; the time is never asked for."""

    def is_open(self, hours: str) -> bool:
        return True


class OneFlow:
    """A menu of one flow."""

    def __init__(self, flow: Flow = STRAIGHT) -> None:
        self._flow = flow

    def step(self, session: Session, given: Input) -> tuple[Session, tuple[Effect, ...]]:
        return menus.step(self._flow, session, given, Around())  # type: ignore[arg-type]


class Wired:
    """A call with its flow; remembers what it did and told."""

    def __init__(self, flow: Flow = STRAIGHT) -> None:
        self.call = Call(ID, LEG, "j")
        self.flow = OneFlow(flow)
        self.done: list[Action] = []
        self.told: list[Event] = []

    def give(self, happening: Happening) -> list[Action]:
        """Let ``happening`` happen and return the actions that touch the wire."""
        actions = step(self.call, happening, self.flow)
        for action in actions:
            if isinstance(action, Tell):
                self.told += action.events
        wire: list[Action] = [action for action in actions if not isinstance(action, Tell)]
        self.done += wire
        return wire

    def last(self) -> Event:
        """Return what was told last."""
        return self.told[-1]

    def come(self) -> list[Action]:
        """Let the caller come."""
        return self.give(CustomerCame(at=5, caller="+62811", dialled="169"))
