"""What the desk asks of calls: who may be meant, and the waiting until it is done.

The orders of one call are carried out one after the other; what a call may do is said in command_step.py.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from acd.model import Channel
from core.errors import Refused, SambungError, TryLater
from core.ids import AgentId
from pbx import commands as ask
from pbx.call import DialDenied, Happening, LegDown, SeatFailed
from pbx.dial_out import WORDS, Outside
from pbx.effects import Action, RingWatcher
from pbx.ports import Line


@dataclass(slots=True, eq=False)
class Order:
    """One command on its way. It stands in a call's queue of actions, before and after its own."""

    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    begun: bool = False
    error: SambungError | None = None

    def end(self, error: SambungError | None = None) -> None:
        """Let whoever waits know how it went."""
        error = self.error or error
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)

    def hear(self, action: Action, came_of_it: Happening | SambungError | None) -> None:
        """Note what came of one action; the first that failed is the answer."""
        found: SambungError | None = None
        if isinstance(came_of_it, SambungError):
            found = came_of_it
        elif isinstance(came_of_it, SeatFailed):
            found = TryLater("The telephone system did not do it; everybody is where they were. Try again.")
        elif isinstance(came_of_it, LegDown) and isinstance(action, RingWatcher):
            found = Refused("Your telephone cannot be reached: connect it first, then listen to the call.")
        elif isinstance(came_of_it, DialDenied):
            words = WORDS.get(came_of_it.denial) if came_of_it.denial else None
            found = Refused(words or "The trunk did not take the call: try again, or choose a colleague.")
        self.error = self.error or found


async def check_target(line: Line, outside: Outside, want: ask.Command) -> None:
    """Raise ``Refused`` if a command names a colleague, a queue or a telephone outside that cannot be meant."""
    match want:
        case ask.Transfer(agent=own, to=to) | ask.Consult(agent=own, to=to):
            match to:
                case ask.ToAgent(agent):
                    _check_colleague(line, own, agent)
                case ask.ToQueue(queue) if not line.has_queue(queue):
                    raise Refused(f"There is no queue {queue!r}: choose one of the list.")
                case ask.ToNumber(number):
                    outside.number(number)
                    await outside.check(own)
        case _:
            pass


def _check_colleague(line: Line, own: AgentId, agent: AgentId) -> None:
    found = line.colleague(agent)
    if agent == own:
        raise Refused("That is yourself: choose a colleague or a queue.")
    if found is None:
        raise Refused(f"There is no agent {agent!r}: choose one of the list.")
    if not found.signed_in:
        raise Refused("The colleague is not signed in: choose somebody else, or a queue.")
    if Channel.VOICE not in found.reach:
        raise Refused("The colleague's telephone is not there: choose somebody else, or a queue.")


def not_taken(want: ask.Command) -> Refused | None:
    """Return what to say when the line did nothing about what it was told; None if it is so already."""
    match want:
        case ask.TakeOver():
            return Refused("Sign in and end your other contacts first: then the call can be taken over.")
        case ask.Retrieve():
            return Refused("Sign in and connect your telephone first: then the call can be retrieved.")
        case ask.HangUp() | ask.EndConsult():
            return None
        case _:
            return Refused("The call has changed meanwhile: look at it again.")
