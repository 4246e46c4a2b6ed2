"""What a call wants done on the wire, as data. The service carries these out in order, call by call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from acd.events import Event
from core.ids import AgentId, BridgeId, InteractionId, LegId, OfferId, QueueId
from ivr.effects import Input, Prompt
from pbx.model import Seating


@dataclass(frozen=True, slots=True)
class Tell:
    """Report to the line. Given together, events are journalled together."""

    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Play:
    """Play prompts to a leg, one after the other, and report menu token ``token`` when they end."""

    leg: LegId
    playback: str
    token: int
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop a playback."""

    playback: str


@dataclass(frozen=True, slots=True)
class Arm:
    """Report ``TimedOut(token)`` to the menu after ``ms``; replaces an earlier one. None only disarms."""

    token: int | None
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring an agent. The leg's id is ours, so its answer is known even when it comes before the reply."""

    offer: OfferId
    agent: AgentId
    leg: LegId
    customer: LegId


@dataclass(frozen=True, slots=True)
class Hold:
    """Let the leg hear music among the waiting. Moves it out of any other bridge."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Unhold:
    """Take the leg out of the music. It hears nothing until something is played."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Pledge:
    """Report ``events`` in one append and, once they are written down, ``kept`` to the menu; else ``broken``."""

    events: tuple[Event, ...]
    kept: Input
    broken: Input


@dataclass(frozen=True, slots=True)
class Predict:
    """Note what the caller is being told of its wait, to be compared with the truth."""

    id: InteractionId
    queue: QueueId
    position: int
    """0 if no position was told."""
    wait_ms: int | None
    """None if no wait was told."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Report ``Outstayed`` after ``ms``."""

    ms: int


@dataclass(frozen=True, slots=True)
class Join:
    """Let two legs hear each other in a new bridge, and report whether that worked."""

    offer: OfferId
    bridge: BridgeId
    customer: LegId
    agent: LegId


@dataclass(frozen=True, slots=True)
class Seat:
    """Move legs out of the conversation to the music, then others into it, and report whether that worked."""

    bridge: BridgeId
    music: tuple[LegId, ...]
    talk: tuple[LegId, ...]
    seating: Seating
    before: Seating
    again: bool = False
    """This puts right what failed."""


@dataclass(frozen=True, slots=True)
class RingTone:
    """Let whoever is in a bridge hear that somebody is being rung, until ``playback`` is stopped."""

    bridge: BridgeId
    playback: str


@dataclass(frozen=True, slots=True)
class Mute:
    """Let an agent's leg no longer be heard, or be heard again, and report it."""

    leg: LegId
    on: bool


@dataclass(frozen=True, slots=True)
class SendKeys:
    """Send keypad tones to a leg."""

    leg: LegId
    keys: str


@dataclass(frozen=True, slots=True)
class MuteRecording:
    """Record silence in place of the customer's leg and all it hears, or sound again, and report it."""

    leg: LegId
    on: bool
    reason: str = ""
    by: AgentId | None = None


@dataclass(frozen=True, slots=True)
class RingWatcher:
    """Ring a supervisor's own phone."""

    agent: AgentId
    leg: LegId
    customer: LegId


@dataclass(frozen=True, slots=True)
class Spy:
    """Let ``leg`` hear all that ``spied`` says and hears; ``whisper`` lets ``spied`` hear ``leg``, nobody else.

    ``spy`` is the leg that Asterisk makes for it; it may enter ``bridge`` once it is up.
    """

    leg: LegId
    spy: LegId
    spied: LegId
    bridge: BridgeId
    whisper: bool


@dataclass(frozen=True, slots=True)
class Enter:
    """Let a leg into a bridge that is there."""

    leg: LegId
    bridge: BridgeId


@dataclass(frozen=True, slots=True)
class RecordMessage:
    """Record a caller's message after a tone, and report ``Recorded(token)`` to the menu when it ended."""

    leg: LegId
    id: InteractionId
    name: str
    token: int
    queue: QueueId
    language: str
    max_ms: int
    silence_ms: int
    begun: bool = False
    """It was begun before a restart and may have ended."""


@dataclass(frozen=True, slots=True)
class KeepMessage:
    """Note that a message of ``ms`` is complete, or with None that it is too short to be one; nothing is kept then."""

    id: InteractionId
    name: str
    ms: int | None


@dataclass(frozen=True, slots=True)
class DialOut:
    """Ring a telephone outside, if the rules allow it, and report ``Dialled`` or ``DialDenied``.

    It is written down before it rings. ``OutsideUp`` and ``OutsideDown`` follow for the leg.
    """

    leg: LegId
    id: InteractionId
    agent: AgentId
    """On whose account the call goes."""
    number: str
    """Personal data: never logged."""
    customer: bool = True
    """The call's customer, recorded like one who called in; else somebody to whom a customer is passed on."""


@dataclass(frozen=True, slots=True)
class Follow:
    """After a restart: be told again what becomes of a leg that rings outside, and report ``Dialled``."""

    leg: LegId
    id: InteractionId


@dataclass(frozen=True, slots=True)
class RingBack:
    """Let a leg hear that somebody is being rung, until ``playback`` is stopped."""

    leg: LegId
    playback: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a leg. One that is gone already is fine."""

    leg: LegId


@dataclass(frozen=True, slots=True)
class Drop:
    """Delete a bridge, after the legs in it were ended."""

    bridge: BridgeId


@dataclass(frozen=True, slots=True)
class Forget:
    """Nothing of this call is left."""

    id: InteractionId


Action: TypeAlias = (
    Tell
    | Play
    | Stop
    | Arm
    | Ring
    | Hold
    | Unhold
    | Pledge
    | Predict
    | Bound
    | Join
    | Seat
    | RingTone
    | Mute
    | SendKeys
    | MuteRecording
    | RingWatcher
    | Spy
    | Enter
    | RecordMessage
    | KeepMessage
    | DialOut
    | Follow
    | RingBack
    | HangUp
    | Drop
    | Forget
)
