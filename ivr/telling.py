"""What is told of a queue's line, and that it never gets worse. Pure.

A wait that was told never rises, and neither does a place, wherever in the call it is told: before joining, in a text
of a menu, or in line. What got worse is left out. Every queue has a record of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from core.ids import QueueId
from ivr import spoken
from ivr.effects import Announced, Surroundings
from ivr.model import Session, Telling, Told, Utterance


def worth(around: Surroundings, session: Session, told: Told) -> int:
    """Return the place or the minutes (``spoken.minutes``) to tell now; 0 if unknown, or worse than told before."""
    outlook, (place_said, wait_said) = around.outlook(QueueId(told.of)), session.said.get(told.of, (0, 0))
    if told.telling is Telling.POSITION:
        return outlook.position if not place_said or outlook.position <= place_said else 0
    if told.telling is Telling.WAIT and outlook.wait_ms is not None:
        minutes = spoken.minutes(outlook.wait_ms)
        return minutes if not wait_said or minutes <= wait_said else 0
    return 0


def news(around: Surroundings, session: Session, told: Told) -> bool:
    """Whether there is something to tell that was not told already."""
    value, said = worth(around, session, told), session.said.get(told.of, (0, 0))
    return value not in (0, said[told.telling is Telling.WAIT])


def note(
    around: Surroundings, session: Session, utterances: Sequence[Utterance]
) -> tuple[Session, tuple[Announced, ...]]:
    """Return the session that remembers what ``utterances`` tell, and what is announced: once for a queue."""
    said = dict(session.said)
    announced: dict[str, Announced] = {}
    for told in utterances:
        if not isinstance(told, Told) or not (value := worth(around, session, told)):
            continue
        place, minutes = said.get(told.of, (0, 0))
        before = announced.get(told.of, Announced(QueueId(told.of), 0, None))
        if told.telling is Telling.WAIT:
            said[told.of] = (place, value)
            announced[told.of] = replace(before, wait_ms=around.outlook(before.queue).wait_ms)
        else:
            said[told.of] = (value, minutes)
            announced[told.of] = replace(before, position=value)
    return replace(session, said=said), tuple(announced.values())
