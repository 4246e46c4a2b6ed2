"""An agent's own call, as the desk asks for it: checked, then put in line for that agent alone."""

from __future__ import annotations

from acd.events import Arrived, Event, Queued
from acd.model import Channel, Kind
from core.errors import Refused
from pbx.commands import Dial
from pbx.dial_out import Outside
from pbx.ports import Line

GRACE_MS = 15_000
"""How long the agent's own telephone may take to be free; the wish is void after it."""


async def place(line: Line, outside: Outside, want: Dial, now: int) -> tuple[Event, ...]:
    """Return what the line is told of the call. Raises Refused, in words for a person, if it cannot be made."""
    number = outside.number(want.number)
    agent = line.colleague(want.agent)
    if agent is None or not agent.signed_in:
        raise Refused("Sign in first: then you can call.")
    if Channel.VOICE not in agent.reach:
        raise Refused("Your telephone cannot be reached: connect it first, then call.")
    if not line.has_queue(want.queue):
        raise Refused(f"There is no queue {want.queue!r}: choose one of the list.")
    await outside.check(want.agent)
    arrived = Arrived(
        id=want.id,
        channel=Channel.VOICE,
        at=now,
        caller=number,
        kind=Kind.OUTBOUND,
        parent=want.parent,
    )
    queued = Queued(id=want.id, queue=want.queue, preferred=want.agent, grace_ms=GRACE_MS, strict=True)
    return arrived, queued
