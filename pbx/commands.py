"""What a person at the desk may ask of a call, as data. ``Voice.command`` carries one out or says why not."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from core.ids import AgentId, InteractionId, QueueId


class ToAgent(msgspec.Struct, frozen=True, tag_field="to", tag="agent"):
    """A colleague."""

    agent: AgentId


class ToQueue(msgspec.Struct, frozen=True, tag_field="to", tag="queue"):
    """Whoever the line chooses."""

    queue: QueueId


class ToNumber(msgspec.Struct, frozen=True, tag_field="to", tag="number"):
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


class _Command(msgspec.Struct, frozen=True, tag_field="command"):
    pass


class Hold(_Command, frozen=True, tag="hold"):
    """The customer hears music; agent and customer no longer hear each other."""

    id: InteractionId
    agent: AgentId


class Resume(_Command, frozen=True, tag="resume"):
    """The end of ``Hold``, and of a consultation's hold of the customer."""

    id: InteractionId
    agent: AgentId


class Mute(_Command, frozen=True, tag="mute"):
    """The agent hears, but is not heard. ``on`` false ends it."""

    id: InteractionId
    agent: AgentId
    on: bool


class SendKeys(_Command, frozen=True, tag="send_keys"):
    """Keypad tones to the far side: ``0123456789*#ABCD``."""

    id: InteractionId
    agent: AgentId
    keys: str


class Transfer(_Command, frozen=True, tag="transfer"):
    """Blind: the customer goes to the target and the agent is out."""

    id: InteractionId
    agent: AgentId
    to: Target


class Consult(_Command, frozen=True, tag="consult"):
    """Hold the customer and ring the target. ``consult`` is the new interaction's id, chosen by the asker."""

    id: InteractionId
    agent: AgentId
    to: Target
    consult: InteractionId


class Toggle(_Command, frozen=True, tag="toggle"):
    """Talk to the other one: customer or colleague."""

    id: InteractionId
    agent: AgentId


class Confer(_Command, frozen=True, tag="confer"):
    """Agent, colleague and customer hear one another."""

    id: InteractionId
    agent: AgentId


class Complete(_Command, frozen=True, tag="complete"):
    """Customer and colleague go on; the agent is out."""

    id: InteractionId
    agent: AgentId


class EndConsult(_Command, frozen=True, tag="end_consult"):
    """The colleague is out; agent and customer go on."""

    id: InteractionId
    agent: AgentId
    consult: InteractionId | None = None
    """Who is out, where several were asked into a video call; None for the colleague, or the last telephone."""


class Park(_Command, frozen=True, tag="park"):
    """Put the customer aside with music, for ``ms`` at most."""

    id: InteractionId
    agent: AgentId
    ms: int


class Retrieve(_Command, frozen=True, tag="retrieve"):
    """Take a parked customer back."""

    id: InteractionId
    agent: AgentId


class Monitor(_Command, frozen=True, tag="monitor"):
    """Be in somebody's call; ``mode`` None ends it. The supervisor's own phone is rung the first time."""

    id: InteractionId
    supervisor: AgentId
    mode: Monitoring | None


class TakeOver(_Command, frozen=True, tag="take_over"):
    """A monitoring supervisor becomes the call's agent."""

    id: InteractionId
    supervisor: AgentId


class PauseRecording(_Command, frozen=True, tag="pause_recording"):
    """Record silence from here on (card numbers and the like). ``on`` false resumes."""

    id: InteractionId
    agent: AgentId
    on: bool
    reason: str = ""


class HangUp(_Command, frozen=True, tag="hang_up"):
    """End the call with the customer."""

    id: InteractionId
    agent: AgentId


class Machine(_Command, frozen=True, tag="machine"):
    """What answered a call that we made is an answering machine: nobody was reached. A callback is tried again."""

    id: InteractionId
    agent: AgentId


class Dial(_Command, frozen=True, tag="dial"):
    """Call a customer: the agent's phone is rung first. ``id`` is the new interaction's, chosen by the asker."""

    id: InteractionId
    agent: AgentId
    number: str
    queue: QueueId
    parent: InteractionId = InteractionId("")
    """The contact because of which the customer is called, such as one that left a message."""


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
    | Machine
    | Dial
)
