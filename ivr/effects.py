"""What the menu wants done, and what it may be told.

A caller's session lasts from ``Began`` to ``HangUp``: through the menu, while standing in line, and after the
conversation, if the flow has a survey. Whoever holds the call keeps the session all the time and gives it
every input; what does not fit the moment has no effect.

In line. ``JoinQueue`` is answered by the line with one of three: the contact stands in line (give ``Waiting``, each
time the line says so), it may not, or no longer (give ``Left``), or an agent has it (give ``Served``). While it waits
the menu starts and stops music (``Music``; a ``Say`` or ``Record`` ends it), announces, takes keys, and may take the
caller out of the line (``LeaveQueue``). The line decides: if it connects the caller to an agent all the same, give
``Served``, and the menu falls silent.

Decided, and still on the line. After ``Settle``, ``Promise``, ``Over`` or ``TakenAlong`` the line is done with the
contact and releases it, but the caller still hears something: the leg stays until ``HangUp`` (a minute or two; bound
it), which then ends the leg and reports nothing.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

import msgspec

from core.ids import QueueId, SkillId

# --- inputs ------------------------------------------------------------------------------------------------


class Began(msgspec.Struct, frozen=True, tag="began"):
    """The caller is on the line."""


class Recovered(msgspec.Struct, frozen=True, tag="recovered"):
    """The caller is still on the line and in the menu after a restart; the place in the menu is spoken again.

    A caller who stands in line after a restart gets ``Waiting(restart=True)`` instead, one who talks gets nothing.
    """


class Played(msgspec.Struct, frozen=True, tag="played"):
    """The prompts of ``Say`` number ``token`` ended, were interrupted, or could not be played."""

    token: int


class Key(msgspec.Struct, frozen=True, tag="key"):
    """The caller pressed one of ``0123456789*#ABCD``. Give it in the menu, in line and after the conversation."""

    digit: str


class TimedOut(msgspec.Struct, frozen=True, tag="timed_out"):
    """The wait of ``Listen`` number ``token`` is over."""

    token: int


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """The caller stands in line: give it at every ``acd.effects.Wait``.

    Who just joined, or comes back from an agent, gets a welcome or ``Music``. Where the music is on already it has
    no effect.
    """

    restart: bool = False
    """After a restart of the control process or of Asterisk: the music is asked for in any case."""


class Left(msgspec.Struct, frozen=True, tag="left"):
    """The caller may not, or may no longer, stand in line (``acd.effects.Leave``) and is in the menu again."""

    why: str
    """A value of ``acd.effects.Limit``: full, waited, draining, unanswered, closed, empty."""


class Served(msgspec.Struct, frozen=True, tag="served"):
    """An agent has the caller (``acd.effects.Connect``). The menu stops speaking and forgets its timer."""


class Over(msgspec.Struct, frozen=True, tag="over"):
    """The conversation is over and the caller is still on the line: give it instead of ending the caller's leg.

    The answer is ``HangUp`` at once, or what the flow does after a conversation, with ``HangUp`` in the end.
    """


class TakenAlong(msgspec.Struct, frozen=True, tag="taken_along"):
    """The caller goes on by another channel, at the same place in line: the line is done with the call.

    The answer is a word of goodbye, with ``HangUp`` at its end.
    """


class Promised(msgspec.Struct, frozen=True, tag="promised"):
    """What came of ``Promise`` number ``token``: written down, or refused (outside the allow-list, over a cap)."""

    token: int
    kept: bool


class Recorded(msgspec.Struct, frozen=True, tag="recorded"):
    """``Record`` number ``token`` ended by ``#``, silence or length, and has ``ms`` of sound; 0 if it failed."""

    token: int
    ms: int


Input: TypeAlias = (
    Began
    | Recovered
    | Played
    | Key
    | TimedOut
    | Waiting
    | Left
    | Served
    | Over
    | TakenAlong
    | Promised
    | Recorded
)


class Flaw(StrEnum):
    """Why a number cannot be called back; values of ``pbx.outbound.Denial``.

    ``callback.<flaw>`` is the prompt that tells the caller.
    """

    MALFORMED = "malformed"
    FOREIGN = "foreign"
    PREMIUM = "premium"
    OWN = "own"
    """The centre's own number."""
    OFF = "off"
    """The centre calls nobody."""


class Outlook(NamedTuple):
    """How things stand at a queue, for this caller."""

    joins: bool = True
    """Whether the queue takes callers: not while it is drained, or full without anywhere to overflow."""
    waiting: int = 0
    """How many wait there, this caller included if in it."""
    position: int = 0
    """Which in line this caller is, or would be on joining: 1 is next. 0 if unknown."""
    wait_ms: int | None = None
    """The wait from now on that 8 of 10 such callers do not exceed (P80); None if it cannot be told."""


class Surroundings(Protocol):
    """What a decision may look at, handed in with every input."""

    @property
    def now(self) -> datetime:
        """The time, with the centre's zone."""
        ...

    @property
    def caller(self) -> str:
        """The caller's number as the operator sent it; empty if withheld."""
        ...

    def is_open(self, hours: str) -> bool:
        """Whether the named business hours are open now. The name is known; the parser saw to that."""
        ...

    def next_opening(self, hours: str) -> datetime | None:
        """Return when they open next, in the centre's zone; None if they do not within a year."""
        ...

    def closure(self, hours: str) -> str:
        """Return the prompt that says why they are closed in an emergency; empty if there is none."""
        ...

    def outlook(self, queue: QueueId) -> Outlook:
        """Return how things stand at ``queue`` for this caller."""
        ...

    def place_code(self) -> str:
        """Return the code by which this caller's place can be taken along; empty if there is none to take."""
        ...

    def flaw(self, number: str) -> Flaw | None:
        """Return why ``number`` (digits, perhaps with ``+``) may not be called back; None if it may."""
        ...


# --- effects -----------------------------------------------------------------------------------------------


class Prompt(NamedTuple):
    """A prompt by name, in a language (``id``, ``en``)."""

    name: str
    language: str


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Play ``prompts`` one after the other, then report ``Played(token)``. In line: the music ends first."""

    token: int
    prompts: tuple[Prompt, ...]


class Hush(msgspec.Struct, frozen=True, tag="hush"):
    """Stop what is being said. ``Played`` need not follow; if it does it is ignored."""


class Listen(msgspec.Struct, frozen=True, tag="listen"):
    """Report ``TimedOut(token)`` after ``ms`` unless another ``Listen`` comes first. It goes on beside the music."""

    token: int
    ms: int


class Music(msgspec.Struct, frozen=True, tag="music"):
    """Let the caller hear the line's music until the next ``Say``, ``LeaveQueue`` or ``HangUp``."""


class JoinQueue(msgspec.Struct, frozen=True, tag="join_queue"):
    """The caller wants to stand in line: ``acd.events.Queued``. A timer that still runs means nothing any more."""

    queue: QueueId
    language: str
    needs: tuple[tuple[SkillId, int], ...] = ()
    priority: int = 0
    relax: tuple[tuple[int, tuple[tuple[SkillId, int], ...]], ...] = ()
    """``acd.model.Relax``: after so many milliseconds of waiting these are the needs."""


class LeaveQueue(msgspec.Struct, frozen=True, tag="leave_queue"):
    """Take the caller out of the line, score kept: ``acd.events.Unqueued``. The music ends.

    What the menu does next follows at once; the line's answer is not waited for.
    """

    cause: str
    """The node it leads to."""


class Promise(msgspec.Struct, frozen=True, tag="promise"):
    """Write a callback down and report ``Promised(token, kept)``.

    Kept: in one append the call is closed with the outcome ``callback`` (``Dismissed``), and the callback arrives, in
    line at the call's own score, with an id derived from the call's. The same call promises once: asked again, it
    is kept already. The number passed ``Surroundings.flaw``; it is personal data.
    """

    token: int
    number: str
    queue: QueueId
    language: str
    needs: tuple[tuple[SkillId, int], ...] = ()
    priority: int = 0
    relax: tuple[tuple[int, tuple[tuple[SkillId, int], ...]], ...] = ()


class Record(msgspec.Struct, frozen=True, tag="record"):
    """Record the caller, after a short tone, as a voicemail for ``queue``; then report ``Recorded(token, ms)``.

    It ends by ``#``, after ``silence_ms`` of silence or ``max_ms`` in all. A caller who hangs up meanwhile has left a
    message if there are ``least_ms`` of it: report the outcome ``voicemail``, not an abandon.
    """

    token: int
    queue: QueueId
    max_ms: int
    silence_ms: int
    least_ms: int
    begun: bool = False
    """It was begun before a restart and may have ended: do not begin it again, report how it ends."""


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """The caller answered a question of the survey: ``acd.events.Surveyed``."""

    question: str
    score: int


class Announced(msgspec.Struct, frozen=True, tag="announced"):
    """The caller is being told a position (0: not) and a wait (None: not), for the record of predictions."""

    queue: QueueId
    position: int
    wait_ms: int | None


class Settle(msgspec.Struct, frozen=True, tag="settle"):
    """What becomes of the call is decided: report ``Dismissed`` with ``outcome`` now.

    The leg stays until ``HangUp``.
    """

    outcome: str
    cause: str


class HangUp(msgspec.Struct, frozen=True, tag="hang_up"):
    """End the call. Unless it was decided before, report ``Dismissed``.

    ``outcome`` is a value of ``acd.model.Outcome``; ``cause`` names the node.
    """

    outcome: str
    cause: str


class Remember(msgspec.Struct, frozen=True, tag="remember"):
    """The session has reached a place worth returning to after a restart: ``acd.events.MenuMoved``, in line too.

    Before ``JoinQueue``, in the same report, so that the line's restart finds the caller in line with a session.
    """


Effect: TypeAlias = (
    Say
    | Hush
    | Listen
    | Music
    | JoinQueue
    | LeaveQueue
    | Promise
    | Record
    | Answer
    | Announced
    | Settle
    | HangUp
    | Remember
)
