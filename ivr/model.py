"""What a menu is: nodes by name, and what each does with a caller.

A ``Flow`` comes from ``ivr.parse`` and is sound: every name in it is known, and a caller who does nothing comes to
its end. Where a caller is in it says ``ivr.session``. Durations are milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from core.ids import QueueId, SkillId
from ivr.session import Phase, Session, dump, load

__all__ = ["Phase", "Session", "dump", "load"]

KEYS: Final = "0123456789*#ABCD"
FAREWELL: Final = "(goodbye)"
"""The node to which a menu leads that says of none; parentheses keep it apart from written names."""
OVERFLOW: Final = "(overflow)"
"""The node for a caller who may not stand in line, if the queue says of none."""

LINE: Final = "(line)"
"""Stands for the node through which the caller joined the line last."""

Needs: TypeAlias = tuple[tuple[SkillId, int], ...]
Relaxed: TypeAlias = tuple[tuple[int, Needs], ...]
"""Needs by the milliseconds of waiting after which they hold."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A prompt to be spoken in ``language``, or in the caller's if that is empty."""

    prompt: str
    language: str = ""


class Telling(StrEnum):
    """What is only known when it is spoken."""

    DIGITS = "digits"
    """A variable, digit by digit."""
    NUMBER = "number"
    """A variable, as a number up to 9,999."""
    OPENING = "opening"
    """When business hours open next. Nothing, if they never do."""
    CLOSURE = "closure"
    """Why business hours are closed in an emergency. Nothing, if they are not."""
    POSITION = "position"
    """Which in line the caller would be at a queue. Nothing, if unknown."""
    WAIT = "wait"
    """How long it takes at a queue. Nothing, if unknown."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is spoken of a variable, of business hours or of a queue, by its name ``of``."""

    telling: Telling
    of: str
    language: str = ""


Utterance: TypeAlias = Spoken | Told


@dataclass(frozen=True, slots=True)
class SayNode:
    """Speak, then go on. With ``barge_in`` a key ends the speaking and answers the menu that follows."""

    prompts: tuple[Utterance, ...]
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

    prompts: tuple[Utterance, ...]
    choices: dict[str, Choice]
    patience: Patience
    repeat: str = ""
    """The key that asks again, without counting as a try."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """How a number is read back: ``before``, the digits, ``after``; then ``yes`` takes it and ``no`` asks anew."""

    before: Spoken
    after: Spoken
    yes: str = "1"
    no: str = "2"


@dataclass(frozen=True, slots=True)
class CollectNode:
    """Ask for a number of ``min_digits`` to ``max_digits`` and remember it as ``variable``."""

    prompts: tuple[Utterance, ...]
    variable: str
    next: str
    patience: Patience
    min_digits: int = 1
    max_digits: int = 20
    terminator: str = "#"
    """The key that ends the number early; empty for none."""
    digit_ms: int = 4_000
    """From one digit to the next. When it is over, the number is what was pressed."""
    confirm: Confirm | None = None


@dataclass(frozen=True, slots=True)
class HoursNode:
    """Go one way if the named business hours are open, the other if not."""

    hours: str
    open: str
    closed: str
    emergency: str = ""
    """The way while they are closed in an emergency; as ``closed``, if empty."""


@dataclass(frozen=True, slots=True)
class SetNode:
    """Give variables a value, then go on."""

    values: dict[str, str]
    next: str


@dataclass(frozen=True, slots=True)
class BranchNode:
    """Go the way that belongs to a variable's value. ``language`` is the caller's language."""

    variable: str
    ways: dict[str, str]
    otherwise: str


@dataclass(frozen=True, slots=True)
class StatusNode:
    """Say how things stand at a queue before joining it, then go on."""

    queue: QueueId
    next: str
    closed: str
    """The way if the queue takes nobody."""
    position: bool = True
    wait: bool = True
    long_ms: int = 0
    """A wait from which on the way is ``long``; 0 for never."""
    long: str = ""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a caller hears and may do in line. There is music wherever nothing is said."""

    welcome: tuple[Utterance, ...] = ()
    """Said on joining."""
    first_ms: int = 20_000
    """From joining to the first announcement."""
    every_ms: int = 0
    """From the end of one announcement to the next; 0 for none at all."""
    position: bool = False
    wait: bool = False
    comfort: tuple[tuple[Utterance, ...], ...] = ()
    """Said in turn, when there is nothing new to tell of position and wait."""
    offer: tuple[Utterance, ...] = ()
    """Said at the end of every announcement: what the keys do."""
    keys: dict[str, Choice] = field(default_factory=dict)
    """A key leaves the line."""
    ways: dict[str, str] = field(default_factory=dict)
    """Where a caller goes who may not stand in line, by the reason (``REASONS``)."""


REASONS: Final = ("full", "waited", "draining", "unanswered", "closed", "empty")
"""Why a caller may not stand in line; values of ``acd.effects.Limit``."""

AS_WAITED: Final = ("closed", "empty")
"""Reasons for which the way of who waited too long is gone, unless they have their own."""


@dataclass(frozen=True, slots=True)
class QueueNode:
    """Stand in line. ``after`` is where the caller goes who stays on the line after the conversation."""

    queue: QueueId
    needs: Needs = ()
    priority: int = 0
    waiting: Treatment = Treatment()
    after: str = ""
    relax: Relaxed = ()
    """What is asked instead of ``needs`` after so long a wait, in order. What the language asks is asked always."""


@dataclass(frozen=True, slots=True)
class CallbackNode:
    """Promise to call back, at the caller's own number or another one.

    Keys: 1 takes the number that was read out, 2 asks for another, * leads back.
    """

    patience: Patience
    back: str = LINE
    queue: QueueId | None = None
    """The line in which the place is kept; None for the one that the caller stood in."""
    next: str = ""
    """Where to go once it is promised; empty ends the call."""


@dataclass(frozen=True, slots=True)
class HandoverNode:
    """Tell a caller who stands in line the code by which the place can be taken along to another channel, twice.

    Any key leads back.
    """

    back: str = LINE


@dataclass(frozen=True, slots=True)
class VoicemailNode:
    """Record a message. Too short a one is asked for again, then the way is ``otherwise``."""

    prompts: tuple[Utterance, ...]
    queue: QueueId
    """Whose agents get the message."""
    otherwise: str = FAREWELL
    next: str = ""
    """Where to go with a message left; empty ends the call."""
    max_ms: int = 120_000
    silence_ms: int = 5_000
    least_ms: int = 2_000
    tries: int = 2


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a survey, answered by a number from ``low`` to ``high``."""

    name: str
    prompts: tuple[Utterance, ...]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class SurveyNode:
    """Ask questions, one after the other. Whoever does not answer one is asked no more."""

    prompts: tuple[Utterance, ...]
    """Said before the first; may be empty."""
    questions: tuple[Question, ...]
    next: str
    patience: Patience
    digit_ms: int = 2_000


@dataclass(frozen=True, slots=True)
class GotoNode:
    """Go on elsewhere."""

    next: str


@dataclass(frozen=True, slots=True)
class HangUpNode:
    """Speak, then end the call. ``outcome`` is a value of ``acd.model.Outcome``, unless it was decided before."""

    prompts: tuple[Utterance, ...]
    outcome: str


Asking: TypeAlias = MenuNode | CollectNode | CallbackNode | SurveyNode
"""The nodes that ask for keys."""
Node: TypeAlias = (
    SayNode
    | Asking
    | HoursNode
    | SetNode
    | BranchNode
    | StatusNode
    | QueueNode
    | HandoverNode
    | VoicemailNode
    | GotoNode
    | HangUpNode
)


@dataclass(frozen=True, slots=True)
class Operator:
    """The key by which a caller gets to a person from any question that has no other use for it."""

    key: str
    next: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole menu."""

    start: str
    nodes: dict[str, Node]
    language: str
    """Spoken until the caller chooses."""
    needs: dict[str, Needs] = field(default_factory=dict)
    """What an agent must know to serve a caller of each language."""
    operator: Operator | None = None
