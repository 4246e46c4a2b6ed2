"""A caller on the wire, and what may happen to it. ``step`` and the stages change a call; nothing else does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from acd import effects as line
from acd.events import Event
from acd.model import DeviceFault
from core.ids import AgentId, BridgeId, InteractionId, LegId, OfferId
from ivr import effects as menu
from ivr.model import Session
from pbx.effects import Action, Tell


class Stage(StrEnum):
    """Who has the caller's ear."""

    MENU = "menu"
    LINE = "line"
    TALK = "talk"
    OVER = "over"


@dataclass(slots=True)
class Ringing:
    """An agent's leg, ringing or in the conversation."""

    offer: OfferId
    agent: AgentId
    leg: LegId
    answered: bool = False


@dataclass(slots=True)
class Call:
    """A caller on the wire. Changed in place by ``step`` and by nothing else."""

    id: InteractionId
    leg: LegId
    generation: str
    """Keeps the ids of agents' legs apart between journals."""
    stage: Stage = Stage.MENU
    session: Session | None = None
    playback: str | None = None
    gone: bool = False
    """The caller's leg has ended; asking Asterisk to end it would be a request for nothing."""
    agent: Ringing | None = None
    bridge: BridgeId | None = None


# --- happenings --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CustomerCame:
    """The caller's leg entered the application."""

    at: int
    caller: str
    dialled: str


@dataclass(frozen=True, slots=True)
class CustomerStayed:
    """The caller's leg is still there after a restart, in the menu at ``session``."""

    session: Session


@dataclass(frozen=True, slots=True)
class CustomerLeft:
    """The caller's leg is gone."""

    cause: str = "hung_up"


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """The leg that rang an agent is up and in the application."""

    offer: OfferId
    leg: LegId


@dataclass(frozen=True, slots=True)
class AgentLeft:
    """The leg that rang an agent is gone. ``cause`` is Q.850; 0 when unknown."""

    offer: OfferId
    cause: int = 0


@dataclass(frozen=True, slots=True)
class RingFailed:
    """Asterisk would not ring the agent."""

    offer: OfferId
    fault: DeviceFault


@dataclass(frozen=True, slots=True)
class Joined:
    """Customer and agent hear each other."""

    offer: OfferId


@dataclass(frozen=True, slots=True)
class JoinFailed:
    """They could not be joined."""

    offer: OfferId


Happening: TypeAlias = (
    CustomerCame
    | CustomerStayed
    | CustomerLeft
    | AgentAnswered
    | AgentLeft
    | RingFailed
    | Joined
    | JoinFailed
    | menu.Input
    | line.SendOffer
    | line.CancelOffer
    | line.Connect
    | line.Wait
    | line.Release
)


def tell(event: Event) -> list[Action]:
    """Return the report of one event."""
    return [Tell((event,))]


def together(actions: list[Action]) -> list[Action]:
    """Put all that is told into one report, last, so that one append carries it and sound starts first."""
    events = tuple(event for action in actions if isinstance(action, Tell) for event in action.events)
    rest: list[Action] = [action for action in actions if not isinstance(action, Tell)]
    return [*rest, Tell(events)] if events else rest
