"""A visitor's video call, and what may happen to it. ``visit_step`` changes a visit; nothing else does.

The line keeps the phase. A visit knows who is in its room, whose page is open and whose picture and sound run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from acd import effects as line
from acd.events import Event
from acd.model import Need
from core.ids import AgentId, InteractionId, OfferId, QueueId
from video.model import ParticipantId, Role, RoomId

VISITOR: Final = ParticipantId("visitor")

GRACE_MS: Final = 45_000
"""So long a visitor may be away (another network, a locked telephone, a reload) and still comes back to the call."""

AGENT_GRACE_MS: Final = 20_000
"""So long an agent may be away in a call before the visitor gets another agent, at the old place."""


class Stage(StrEnum):
    """What the visitor lives through."""

    WAITING = "waiting"
    CONNECTING = "connecting"
    TALKING = "talking"
    OVER = "over"


@dataclass(slots=True)
class Guest:
    """Somebody who may be in the room."""

    id: ParticipantId
    agent: AgentId | None = None
    """Who it is; None for the visitor."""
    offer: OfferId | None = None
    """By which an agent or a colleague got here."""
    consult: InteractionId | None = None
    """The interaction by which a colleague is here."""
    role: Role = Role.PARTICIPANT
    here: bool = False
    """The page is open."""
    media: bool = False
    """Picture and sound run."""
    phone: bool = False
    """A visitor is heard by telephone, whatever becomes of the page."""
    invited: bool = False
    told: bool = False
    """The line knows that this agent and the visitor heard each other."""
    deadline: int = 0
    """The number of the timer that runs for it; 0 for none."""


@dataclass(slots=True)
class Visit:
    """A visitor's call."""

    id: InteractionId
    queue: QueueId
    stage: Stage = Stage.WAITING
    room: bool = False
    """Whether the room is open."""
    visitor: Guest = field(default_factory=lambda: Guest(VISITOR))
    agent: Guest | None = None
    colleagues: dict[InteractionId, Guest] = field(default_factory=dict)
    """By consultation."""
    listeners: dict[ParticipantId, Guest] = field(default_factory=dict)
    timers: int = 0
    """Timers set so far."""

    @property
    def room_id(self) -> RoomId:
        """The room of the conversation."""
        return RoomId(self.id)

    def guest(self, participant: ParticipantId) -> Guest | None:
        """Return somebody by name."""
        return next((guest for guest in self.guests() if guest.id == participant), None)

    def guests(self) -> list[Guest]:
        """Return everybody who may be in the room, the visitor first."""
        agent = [self.agent] if self.agent else []
        return [self.visitor, *agent, *self.colleagues.values(), *self.listeners.values()]


def agent_participant(offer: OfferId) -> ParticipantId:
    """Return an agent's name in the room. Each offer gives a new one: a guest who was put out never returns."""
    return ParticipantId(f"agent-{offer}")


def listener_participant(agent: AgentId) -> ParticipantId:
    """Return a supervisor's name in the room."""
    return ParticipantId(f"listener-{agent}")


class Destination(NamedTuple):
    """Where a visitor goes, and how."""

    queue: QueueId
    needs: Sequence[Need] = ()
    takes: InteractionId | None = None
    """The contact on the telephone whose place it takes over, if any."""
    priority: int = 0
    """Points in line: who has an appointment goes ahead."""


# --- happenings --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Came:
    """A visitor asks for a call."""

    at: int
    name: str
    language: str
    needs: tuple[Need, ...] = ()
    takes: InteractionId | None = None
    priority: int = 0
    """These three as in ``Destination``."""


@dataclass(frozen=True, slots=True)
class Stayed:
    """After a restart: the line has the contact, in this stage."""

    stage: Stage
    agent: AgentId | None = None
    offer: OfferId | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A page of somebody's is connected."""

    participant: ParticipantId


@dataclass(frozen=True, slots=True)
class Closed:
    """The last page of somebody's is gone."""

    participant: ParticipantId


@dataclass(frozen=True, slots=True)
class ByTelephone:
    """The visitor goes on by telephone, or does not any more."""

    here: bool
    hung_up: bool = False
    """By the visitor."""


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody ended it on purpose."""

    participant: ParticipantId


@dataclass(frozen=True, slots=True)
class MediaUp:
    """Somebody's picture and sound run."""

    participant: ParticipantId


@dataclass(frozen=True, slots=True)
class MediaDown:
    """Somebody's connection to the forwarding unit is gone."""

    participant: ParticipantId


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Somebody was away for too long, by the timer with this number."""

    participant: ParticipantId
    timer: int


@dataclass(frozen=True, slots=True)
class RoomLost:
    """The process that had the room is gone; everybody has to connect anew."""


@dataclass(frozen=True, slots=True)
class Listened:
    """A supervisor may come in, or has to go."""

    agent: AgentId
    on: bool


Happening: TypeAlias = (
    Came
    | Stayed
    | Opened
    | Closed
    | Left
    | MediaUp
    | MediaDown
    | Lapsed
    | RoomLost
    | Listened
    | ByTelephone
    | line.Wait
    | line.SendOffer
    | line.CancelOffer
    | line.Connect
    | line.Handover
    | line.Release
)


# --- actions -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tell:
    """Report to the line. Given together, events are journalled together."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class OpenRoom:
    """Have a room to join. One that is there already is fine."""


@dataclass(frozen=True, slots=True)
class CloseRoom:
    """Everybody is put out, and what was recorded is whole."""


@dataclass(frozen=True, slots=True)
class Invite:
    """Tell a page to connect (anew)."""

    participant: ParticipantId
    role: Role


@dataclass(frozen=True, slots=True)
class PutOut:
    """End somebody's part."""

    participant: ParticipantId


@dataclass(frozen=True, slots=True)
class Unplug:
    """End somebody's picture and sound; the part goes on, and a later invitation connects anew."""

    participant: ParticipantId


@dataclass(frozen=True, slots=True)
class Show:
    """The pages have something new to show."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Report ``Lapsed(participant, timer)`` after ``ms``."""

    participant: ParticipantId
    timer: int
    ms: int


@dataclass(frozen=True, slots=True)
class Forget:
    """Nothing of this visit is left but its pages."""


Action: TypeAlias = Tell | OpenRoom | CloseRoom | Invite | PutOut | Unplug | Show | Arm | Forget
