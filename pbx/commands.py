"""What a person at the desk may ask of a call, as data. ``Voice.command`` carries one out or says why not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from core.ids import AgentId, InteractionId, QueueId


@dataclass(frozen=True, slots=True)
class ToAgent:
    """A colleague."""

    agent: AgentId


@dataclass(frozen=True, slots=True)
class ToQueue:
    """Whoever the line chooses."""

    queue: QueueId


@dataclass(frozen=True, slots=True)
class ToNumber:
    """A telephone outside, in E.164; only what the allow-list names."""

    number: str


Target: TypeAlias = ToAgent | ToQueue | ToNumber


class Monitoring(StrEnum):
    """How a supervisor is in a call."""

    LISTEN = "listen"
    WHISPER = "whisper"
    """Only the agent hears the supervisor."""
    BARGE = "barge"
    """Everybody hears the supervisor."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The customer hears music; agent and customer no longer hear each other."""

    id: InteractionId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class Resume:
    """The end of ``Hold``, and of a consultation's hold of the customer."""

    id: InteractionId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class Mute:
    """The agent hears, but is not heard. ``on`` false ends it."""

    id: InteractionId
    agent: AgentId
    on: bool


@dataclass(frozen=True, slots=True)
class SendKeys:
    """Keypad tones to the far side: ``0123456789*#ABCD``."""

    id: InteractionId
    agent: AgentId
    keys: str


@dataclass(frozen=True, slots=True)
class Transfer:
    """Blind: the customer goes to the target and the agent is out."""

    id: InteractionId
    agent: AgentId
    to: Target


@dataclass(frozen=True, slots=True)
class Consult:
    """Hold the customer and ring the target. ``consult`` is the new interaction's id, chosen by the asker."""

    id: InteractionId
    agent: AgentId
    to: Target
    consult: InteractionId


@dataclass(frozen=True, slots=True)
class Toggle:
    """Talk to the other one: customer or colleague."""

    id: InteractionId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class Confer:
    """Agent, colleague and customer hear one another."""

    id: InteractionId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class Complete:
    """Customer and colleague go on; the agent is out."""

    id: InteractionId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class EndConsult:
    """The colleague is out; agent and customer go on."""

    id: InteractionId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class Park:
    """Put the customer aside with music, for ``ms`` at most."""

    id: InteractionId
    agent: AgentId
    ms: int


@dataclass(frozen=True, slots=True)
class Retrieve:
    """Take a parked customer back."""

    id: InteractionId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class Monitor:
    """Be in somebody's call; ``mode`` None ends it. The supervisor's own phone is rung the first time."""

    id: InteractionId
    supervisor: AgentId
    mode: Monitoring | None


@dataclass(frozen=True, slots=True)
class TakeOver:
    """A monitoring supervisor becomes the call's agent."""

    id: InteractionId
    supervisor: AgentId


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """Record silence from here on (card numbers and the like). ``on`` false resumes."""

    id: InteractionId
    agent: AgentId
    on: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call with the customer."""

    id: InteractionId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class Dial:
    """Call a customer: the agent's phone is rung first. ``id`` is the new interaction's, chosen by the asker."""

    id: InteractionId
    agent: AgentId
    number: str
    queue: QueueId


Command: TypeAlias = (
    Hold
    | Resume
    | Mute
    | SendKeys
    | Transfer
    | Consult
    | Toggle
    | Confer
    | Complete
    | EndConsult
    | Park
    | Retrieve
    | Monitor
    | TakeOver
    | PauseRecording
    | HangUp
    | Dial
)
