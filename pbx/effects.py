"""What a call wants done on the wire, as data. The service carries these out in order, call by call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from acd.events import Event
from core.ids import AgentId, BridgeId, InteractionId, LegId, OfferId
from ivr.effects import Prompt


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
class Join:
    """Let two legs hear each other in a new bridge, and report whether that worked."""

    offer: OfferId
    bridge: BridgeId
    customer: LegId
    agent: LegId


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


Action: TypeAlias = Tell | Play | Stop | Arm | Ring | Hold | Join | HangUp | Drop | Forget
