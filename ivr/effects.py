"""What the menu wants done, and what it may be told."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

import msgspec

from core.ids import QueueId, SkillId

# --- inputs ------------------------------------------------------------------------------------------------


class Began(msgspec.Struct, frozen=True, tag="began"):
    """The caller is on the line."""


class Recovered(msgspec.Struct, frozen=True, tag="recovered"):
    """The caller is still on the line after a restart; the place in the menu is spoken again."""


class Played(msgspec.Struct, frozen=True, tag="played"):
    """The prompts of ``Say`` number ``token`` ended, were interrupted, or could not be played."""

    token: int


class Key(msgspec.Struct, frozen=True, tag="key"):
    """The caller pressed one of ``0123456789*#ABCD``."""

    digit: str


class TimedOut(msgspec.Struct, frozen=True, tag="timed_out"):
    """The wait of ``Listen`` number ``token`` is over."""

    token: int


Input: TypeAlias = Began | Recovered | Played | Key | TimedOut


class Surroundings(Protocol):
    """What a decision may look at, handed in with every input."""

    @property
    def now(self) -> datetime:
        """The time, with the centre's zone."""
        ...

    def is_open(self, hours: str) -> bool:
        """Whether the named business hours are open now. The name is known; the parser saw to that."""
        ...


# --- effects -----------------------------------------------------------------------------------------------


class Prompt(NamedTuple):
    """A prompt by name, in a language (``id``, ``en``)."""

    name: str
    language: str


class Say(msgspec.Struct, frozen=True, tag="say"):
    """Play ``prompts`` one after the other, then report ``Played(token)``."""

    token: int
    prompts: tuple[Prompt, ...]


class Hush(msgspec.Struct, frozen=True, tag="hush"):
    """Stop what is being said. ``Played`` need not follow; if it does it is ignored."""


class Listen(msgspec.Struct, frozen=True, tag="listen"):
    """Report ``TimedOut(token)`` after ``ms`` unless another ``Listen`` comes first."""

    token: int
    ms: int


class JoinQueue(msgspec.Struct, frozen=True, tag="join_queue"):
    """The menu is done: the caller stands in line."""

    queue: QueueId
    language: str
    needs: tuple[tuple[SkillId, int], ...] = ()
    priority: int = 0


class HangUp(msgspec.Struct, frozen=True, tag="hang_up"):
    """The menu ends the call. ``outcome`` is a value of ``acd.model.Outcome``; ``cause`` names the node."""

    outcome: str
    cause: str


class Remember(msgspec.Struct, frozen=True, tag="remember"):
    """The session has reached a place worth returning to after a restart."""


Effect: TypeAlias = Say | Hush | Listen | JoinQueue | HangUp | Remember
