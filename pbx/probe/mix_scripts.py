"""How the calls of a mix go: where each ends, by whom, and what the telephones do meanwhile."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple


class Leaves(StrEnum):
    """Where a call ends, and by whom."""

    RINGING = "ringing"
    """The caller gives up before there is an answer."""
    PROMPT = "prompt"
    MENU = "menu"
    QUEUE = "queue"
    """While waiting, or whatever it has become by then."""
    OFFERED = "offered"
    """While an agent's phone rings."""
    CONNECTING = "connecting"
    """In the moment in which the agent answers."""
    TALKING = "talking"
    AGENT = "agent"
    """The agent hangs up."""
    HELD = "held"
    """While on hold."""
    PARKED = "parked"
    CONSULT = "consult"
    """While the agent asks a colleague, or whatever has come of that by then."""
    SURVEY = "survey"
    """In the survey, after the agent has hung up."""
    VOICEMAIL = "voicemail"
    """While leaving a message, or after the key that ends it."""
    CALLBACK = "callback"
    """After asking to be called back. The call that comes of it is answered."""
    OVERFLOW = "overflow"
    """While talking, after waiting where nobody is on duty."""


FIRST: Final = (
    *(Leaves.RINGING, Leaves.PROMPT, Leaves.MENU, Leaves.QUEUE, Leaves.OFFERED, Leaves.CONNECTING),
    *(Leaves.TALKING, Leaves.TALKING, Leaves.TALKING, Leaves.AGENT, Leaves.AGENT),
)
"""A menu of one queue can do these."""
EVERYTHING: Final = (
    *FIRST,
    *(Leaves.HELD, Leaves.PARKED, Leaves.CONSULT, Leaves.SURVEY, Leaves.OVERFLOW),
    *(Leaves.VOICEMAIL, Leaves.CALLBACK),
)
SET_ASIDE: Final = (Leaves.HELD, Leaves.PARKED, Leaves.CONSULT)
"""The agent is to do something with the customer before the customer leaves."""

_KEYS: Final = {Leaves.VOICEMAIL: "2", Leaves.CALLBACK: "3", Leaves.SURVEY: "4", Leaves.OVERFLOW: "5"}
_UNDECIDED: Final = (Leaves.RINGING, Leaves.PROMPT, Leaves.MENU)


_AFTER_S: Final = {
    Leaves.RINGING: (0.0, 0.0),
    Leaves.PROMPT: (0.0, 1.0),
    Leaves.MENU: (1.0, 3.5),
    Leaves.QUEUE: (0.6, 6.0),
    Leaves.OFFERED: (0.0, 0.25),
    Leaves.CONNECTING: (0.0, 0.02),
    Leaves.HELD: (0.0, 1.5),
    Leaves.PARKED: (0.0, 1.5),
    Leaves.CONSULT: (0.0, 5.0),
    Leaves.SURVEY: (0.2, 1.5),
    Leaves.VOICEMAIL: (2.5, 4.0),
}
"""From when to when, where it is not up to the length of the talk."""


class Phone(StrEnum):
    """What the first phone does that rings for a call. The next ones answer."""

    ANSWERS = "answers"
    DECLINES = "declines"
    RINGS_ON = "rings_on"


class Script(NamedTuple):
    """How a call goes. Seconds."""

    leaves: Leaves
    after_s: float
    """From the beginning of that phase."""
    presses: bool = True
    phone: Phone = Phone.ANSWERS
    answer_s: float = 0.3

    @property
    def key(self) -> str:
        """What is pressed in the menu; empty if nothing is."""
        if self.leaves in _UNDECIDED:
            return ""
        return _KEYS.get(self.leaves, "1" if self.presses else "")


def mixed(
    count: int, chance: random.Random, hold_s: float = 2.0, kinds: Sequence[Leaves] = FIRST
) -> list[Script]:
    """Return scripts of every one of ``kinds``, shuffled."""
    phones = (*[Phone.ANSWERS] * 10, Phone.DECLINES, Phone.RINGS_ON)
    scripts = []
    for number in range(count):
        leaves = kinds[number % len(kinds)]
        scripts.append(
            Script(
                leaves=leaves,
                after_s=chance.uniform(*_AFTER_S.get(leaves, (0.5, hold_s))),
                presses=chance.random() < 0.7,
                phone=chance.choice(phones),
                answer_s=chance.uniform(0.3, 0.8),
            )
        )
    chance.shuffle(scripts)
    return scripts
