"""A caller on the wire, and what may happen to it. ``step`` and the stages change a call; nothing else does."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from acd import effects as line
from acd.events import Event
from acd.model import DeviceFault
from core.ids import AgentId, BridgeId, InteractionId, LegId, OfferId, QueueId
from ivr import effects as menu
from ivr.model import Session
from pbx.commands import Command, Monitoring
from pbx.dial_model import Dialling
from pbx.effects import Action, Tell
from pbx.model import Seating
from pbx.outbound_model import Denial


class Stage(StrEnum):
    """Who has the caller's ear."""

    DIAL = "dial"
    """Nobody yet: the customer is to be called, or is being rung."""
    MENU = "menu"
    LINE = "line"
    TALK = "talk"
    COLLEAGUES = "colleagues"
    """The customer is gone; the agent and the colleague who was asked go on until one of them ends."""
    OUTSIDE = "outside"
    """The customer was passed on to a telephone outside; the line is done with the call."""
    AFTER = "after"
    """The line is done with the call; the menu has the caller once more, for a survey."""
    OVER = "over"


@dataclass(slots=True)
class Ringing:
    """An agent's leg, ringing or in the conversation."""

    offer: OfferId
    agent: AgentId
    leg: LegId
    answered: bool = False


@dataclass(slots=True)
class Consult:
    """A colleague who is asked about the call: an interaction of its own with its legs in this call."""

    id: InteractionId
    queue: QueueId
    """Where the customer goes if the agent hangs up before the colleague has answered."""
    target: AgentId | None = None
    """The colleague who was meant; None when the line chooses."""
    other: Ringing | None = None
    """The colleague who is rung, or talks."""
    joined: bool = False
    """The colleague was heard at least once."""
    held: bool = False
    """What the line was told of the colleague."""
    leaving: bool = False
    """The line was told that the colleague takes the call; its answer moves the legs."""
    number: bool = False
    """A telephone outside is asked, of which the line knows nothing."""
    pass_on: bool = False
    """The customer is left to the telephone outside as soon as somebody answers there."""
    outlives: bool = False
    """The customer is out: for the line both are over, agent and colleague go on."""


@dataclass(slots=True)
class Watch:
    """A supervisor in the call."""

    agent: AgentId
    leg: LegId
    mode: Monitoring
    up: bool = False
    """Whether the supervisor's phone was answered."""
    turn: int = 0
    """Counts spying legs, for the id of an ended one must not be used again."""
    spy: LegId | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A voicemail that is being recorded."""

    name: str
    token: int
    least_ms: int


@dataclass(slots=True)
class Call:
    """A caller on the wire. Changed in place by ``step`` and by nothing else."""

    id: InteractionId
    leg: LegId
    generation: str
    """Keeps the ids of agents' legs apart between journals."""
    stage: Stage = Stage.MENU
    at: int = 0
    """When the call came, in milliseconds UTC."""
    session: Session | None = None
    """Where the caller is in the menu, also in line and while talking."""
    playback: str | None = None
    music: bool = False
    """The caller's leg is in the bridge of the waiting. What is played to it there interrupts its music."""
    joined: bool = False
    """Customer and agent heard each other."""
    promised: bool = False
    """A callback was promised in this call."""
    message: Message | None = None
    """What the caller is leaving."""
    gone: bool = False
    """The caller's leg has ended; asking Asterisk to end it would be a request for nothing."""
    agent: Ringing | None = None
    bridge: BridgeId | None = None
    dial: Dialling | None = None
    """Set for a call that we make. Its ``leg`` is empty until the customer has answered."""
    seating: Seating = Seating.TOGETHER
    """Who is meant to hear whom; asked of Asterisk already, or being asked."""
    seats: dict[LegId, bool] = field(default_factory=dict)
    """Which leg is in the conversation (true) or hears music (false). One that is not named may be anywhere."""
    held: bool = False
    """What the line was told of the customer."""
    queue: QueueId | None = None
    """Where it stood when somebody last asked for something."""
    consult: Consult | None = None
    ringing: bool = False
    """The agent may be hearing that somebody is rung."""
    muted: set[LegId] = field(default_factory=set)
    paused: bool = False
    """The recording takes down silence."""
    parked: bool = False
    watches: dict[AgentId, Watch] = field(default_factory=dict)


# --- happenings --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CustomerCame:
    """The caller's leg entered the application."""

    at: int
    caller: str
    dialled: str


@dataclass(frozen=True, slots=True)
class CustomerStayed:
    """The caller's leg is still there after a restart, in the menu or in line at ``session``."""

    session: Session


@dataclass(frozen=True, slots=True)
class Outstayed:
    """The menu has kept the caller for too long after the line was done with the call."""


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


@dataclass(frozen=True, slots=True)
class LegUp:
    """A leg that belongs to no offer, a supervisor's or one that spies, is up and in the application."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class LegDown:
    """A leg that belongs to no offer is gone, or could not be made."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Seated:
    """Everybody hears whom ``seating`` says."""

    seating: Seating


@dataclass(frozen=True, slots=True)
class SeatFailed:
    """Not everybody could be moved. ``legs`` may be anywhere."""

    seating: Seating
    before: Seating
    legs: tuple[LegId, ...]
    again: bool
    """This was to put right what had failed."""


@dataclass(frozen=True, slots=True)
class Muted:
    """An agent is no longer heard, or is again."""

    leg: LegId
    on: bool


@dataclass(frozen=True, slots=True)
class RecordingMuted:
    """The recording takes down silence, or sound again."""

    on: bool
    reason: str = ""
    by: AgentId | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A person at the desk wants something. ``step`` raises Refused when it cannot be."""

    command: Command
    at: int
    """Milliseconds UTC."""
    queue: QueueId | None
    """Where the call stands or came from."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The line did nothing about what it was told for a command: meanwhile the call had changed."""


@dataclass(frozen=True, slots=True)
class Dialled:
    """A telephone outside is being rung, for the ``tries``-th time in this interaction."""

    leg: LegId
    tries: int


@dataclass(frozen=True, slots=True)
class DialDenied:
    """A telephone outside was not rung, and why: a rule, or Asterisk (None)."""

    leg: LegId
    denial: Denial | None
    at: int


@dataclass(frozen=True, slots=True)
class OutsideUp:
    """A telephone outside has answered."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class OutsideDown:
    """The leg of a telephone outside is gone, answered or not. ``cause`` is Q.850; 0 when unknown."""

    leg: LegId
    cause: int
    at: int
    """Milliseconds UTC."""


Happening: TypeAlias = (
    CustomerCame
    | CustomerStayed
    | CustomerLeft
    | Outstayed
    | AgentAnswered
    | AgentLeft
    | RingFailed
    | Joined
    | JoinFailed
    | LegUp
    | LegDown
    | Seated
    | SeatFailed
    | Muted
    | RecordingMuted
    | Asked
    | NotTaken
    | Dialled
    | DialDenied
    | OutsideUp
    | OutsideDown
    | menu.Input
    | line.SendOffer
    | line.CancelOffer
    | line.Connect
    | line.Wait
    | line.Leave
    | line.Handover
    | line.Park
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
