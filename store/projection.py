"""What the tables gain by journal entries. Pure: the same entries give the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from acd.effects import AgentMoved, Moved, Receipt
from acd.events import Arrived
from acd.model import Channel, Phase
from acd.ports import Entry
from store.rows import (
    AcceptSegment,
    Activity,
    Change,
    EndSegment,
    Explained,
    HoldSegment,
    Journalled,
    LeaveSegment,
    MoveInteraction,
    NewInteraction,
    NewRecording,
    OfferSegment,
    OpenSegment,
    Result,
    Step,
    TalkSegment,
    Transition,
)
from store.wire import clean, encode


def rows_of(entries: Iterable[Entry]) -> list[Change]:
    """Return the changes that follow from ``entries``, each table's in order."""
    facts: list[Change] = []
    interactions: list[Change] = []
    segments: list[Change] = []
    for entry in entries:
        facts.append(Journalled(entry.seq, entry.at, encode(entry.event)))
        for n, effect in enumerate(entry.effects):
            match effect:
                case Moved():
                    if isinstance(entry.event, Arrived):
                        interactions += _arrival(entry.event, effect)
                    facts.append(_transition(entry, n, effect))
                    interactions.append(_move(entry.at, effect))
                    segments += _segment(entry, n, effect)
                case AgentMoved():
                    facts.append(_activity(entry, n, effect))
                case Receipt():
                    facts.append(Explained(effect.offer, entry.seq, effect.id, entry.at, encode(effect)))
                case _:
                    pass
    return facts + interactions + segments


def grouped(changes: Sequence[Change]) -> list[tuple[type[Change], list[Change]]]:
    """Return runs of one type, as few as may be while every interaction's steps keep their order."""
    groups: list[tuple[type[Change], list[Change]]] = []
    reached: dict[str, int] = {}
    for change in changes:
        kind = type(change)
        first = reached.get(change.interaction, 0) if isinstance(change, Step) else 0
        for index in range(first, len(groups)):
            if groups[index][0] is kind:
                break
        else:
            index = len(groups)
            groups.append((kind, []))
        groups[index][1].append(change)
        if isinstance(change, Step):
            reached[change.interaction] = index
    return groups


def _arrival(event: Arrived, moved: Moved) -> Iterator[Change]:
    # Timers of other contacts go first in the same step.
    if moved.id != event.id or moved.phase not in (Phase.IN_MENU, Phase.WITH_BOT):
        return
    yield NewInteraction(
        event.id, event.channel, clean(event.caller), clean(event.dialled), event.at, moved.phase
    )
    if event.channel is Channel.VOICE:
        yield NewRecording(event.id, event.at)


def _transition(entry: Entry, n: int, moved: Moved) -> Transition:
    return Transition(
        seq=entry.seq,
        n=n,
        interaction=moved.id,
        at=entry.at,
        phase=moved.phase,
        cause=clean(moved.cause),
        actor=moved.actor,
        queue=moved.queue or "",
        agent=moved.agent or "",
        offer=moved.offer,
    )


def _activity(entry: Entry, n: int, moved: AgentMoved) -> Activity:
    return Activity(
        seq=entry.seq,
        n=n,
        agent=moved.agent,
        at=entry.at,
        signed_in=moved.signed_in,
        ready=moved.ready,
        reason=clean(moved.reason),
        reach=" ".join(moved.reachable),
        actor=moved.actor,
    )


def _move(at: int, moved: Moved) -> MoveInteraction:
    closed = moved.phase is Phase.CLOSED
    return MoveInteraction(
        interaction=moved.id,
        phase=moved.phase,
        queue=moved.queue,
        agent=moved.agent,
        left_at=at if closed or moved.phase is Phase.WRAPPING else None,
        closed_at=at if closed else None,
        outcome=moved.outcome,
        abandoned_in=moved.abandoned_in,
    )


def _segment(entry: Entry, n: int, moved: Moved) -> Iterator[Change]:
    at = entry.at
    match moved.phase:
        case Phase.WAITING:
            yield EndSegment(moved.id, at, Result.TRANSFERRED, Result.NOT_TAKEN, clean(moved.cause))
            yield OpenSegment(moved.id, entry.seq, n, moved.queue or "", at)
        case Phase.OFFERED:
            yield OfferSegment(moved.id, moved.agent or "", moved.offer, at)
        case Phase.CONNECTING:
            yield AcceptSegment(moved.id, at)
        case Phase.TALKING:
            yield TalkSegment(moved.id, at)
        case Phase.HELD:
            yield HoldSegment(moved.id, at)
        case Phase.WRAPPING:
            yield LeaveSegment(moved.id, at)
        case Phase.CLOSED:
            outcome = moved.outcome or ""
            yield EndSegment(moved.id, at, outcome, outcome, clean(moved.cause))
        case Phase.IN_MENU | Phase.WITH_BOT:
            pass
