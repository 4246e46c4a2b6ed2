"""What a menu is: nodes by name, and where a caller is among them.

A ``Flow`` comes from ``ivr.parse`` and is sound: every name in it is known, and a caller who does nothing comes to
its end. Durations are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from core.ids import QueueId, SkillId

KEYS: Final = "0123456789*#ABCD"
FAREWELL: Final = "(goodbye)"
"""The node to which a menu leads that says of none; parentheses keep it apart from written names."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A prompt to be spoken in ``language``, or in the caller's if that is empty."""

    prompt: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class SayNode:
    """Speak, then go on. With ``barge_in`` a key ends the speaking and answers the menu that follows."""

    prompts: tuple[Spoken, ...]
    next: str
    barge_in: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """Where a key leads. ``language`` is the caller's from then on, unless empty."""

    next: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a question is asked again: at most ``tries`` times in all, then it is given up."""

    invalid: Spoken
    """Said before asking again after a wrong key."""
    silence: Spoken
    """Said before asking again after no key."""
    timeout_ms: int = 7_000
    """From the end of the prompts to the first key."""
    tries: int = 3
    on_invalid: str = FAREWELL
    on_timeout: str = FAREWELL
    barge_in: bool = True
    """Whether a key is taken while the prompts are spoken. If not, it is dropped."""


@dataclass(frozen=True, slots=True)
class MenuNode:
    """Ask for one key."""

    prompts: tuple[Spoken, ...]
    choices: dict[str, Choice]
    patience: Patience
    repeat: str = ""
    """The key that asks again, without counting as a try."""


@dataclass(frozen=True, slots=True)
class CollectNode:
    """Ask for a number of ``min_digits`` to ``max_digits`` and remember it as ``variable``."""

    prompts: tuple[Spoken, ...]
    variable: str
    next: str
    patience: Patience
    min_digits: int = 1
    max_digits: int = 20
    terminator: str = "#"
    """The key that ends the number early; empty for none."""
    digit_ms: int = 4_000
    """From one digit to the next. When it is over, the number is what was pressed."""


@dataclass(frozen=True, slots=True)
class HoursNode:
    """Go one way if the named business hours are open, the other if not."""

    hours: str
    open: str
    closed: str


@dataclass(frozen=True, slots=True)
class QueueNode:
    """Stand in line. Ends the menu."""

    queue: QueueId
    needs: tuple[tuple[SkillId, int], ...] = ()
    priority: int = 0


@dataclass(frozen=True, slots=True)
class GotoNode:
    """Go on elsewhere."""

    next: str


@dataclass(frozen=True, slots=True)
class HangUpNode:
    """Speak, then end the call. ``outcome`` is a value of ``acd.model.Outcome``."""

    prompts: tuple[Spoken, ...]
    outcome: str


Node: TypeAlias = SayNode | MenuNode | CollectNode | HoursNode | QueueNode | GotoNode | HangUpNode


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole menu."""

    start: str
    nodes: dict[str, Node]
    language: str
    """Spoken until the caller chooses."""
    needs: dict[str, tuple[tuple[SkillId, int], ...]] = field(default_factory=dict)
    """What an agent must know to serve a caller of each language."""


class Phase(StrEnum):
    """What the session waits for."""

    NEW = "new"
    SPEAKING = "speaking"
    LISTENING = "listening"
    DONE = "done"


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a caller is. ``Session()`` has not begun."""

    phase: Phase = Phase.NEW
    node: str = ""
    language: str = ""
    token: int = 0
    """The number of the last ``Say`` or ``Listen``; a report that bears another is late."""
    failures: int = 0
    """How often the present question went unanswered or was answered wrongly."""
    digits: str = ""
    """Pressed so far, of the number being collected."""
    collected: dict[str, str] = {}


def dump(session: Session) -> str:
    """Return the session as text (JSON), for the journal."""
    return msgspec.json.encode(session).decode()


def load(text: str) -> Session:
    """Return the session in ``text``. What is not one gives a new session: a caller begins anew and is not lost."""
    try:
        return msgspec.json.decode(text, type=Session)
    except (msgspec.MsgspecError, ValueError):
        return Session()
