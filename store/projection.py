"""What the tables gain by journal entries. Pure: the same entries give the same rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from acd.effects import AgentMoved, Moved, Noted, QueueMoved, Receipt, WrapUpOver
from acd.events import Arrived, Connected, Disposed, RecordingPaused, Surveyed
from acd.model import Channel, Kind, Outcome, Party, Phase
from acd.ports import Entry
from store.rows import (
    AcceptSegment,
    Activity,
    Change,
    Disposition,
    EndSegment,
    Explained,
    HandSegment,
    HoldSegment,
    Journalled,
    MoveInteraction,
    NewInteraction,
    NewRecording,
    OfferSegment,
    OpenSegment,
    OutgoingRecording,
    QueueActivity,
    RecordingPause,
    Result,
    Step,
    SurveyAnswer,
    TalkSegment,
    Transition,
    WrappedSegment,
)
from store.wire import clean, encode

_HANDED_OVER: Final = ("transfer_completed", "taken_over")
"""Causes of talking to an agent who was not offered the contact."""


def rows_of(entries: Iterable[Entry]) -> list[Change]:
    """Return the changes that follow from ``entries``, each table's in order."""
    facts: list[Change] = []
    interactions: list[Change] = []
    segments: list[Change] = []
    recordings: list[Change] = []
    for entry in entries:
        facts.append(Journalled(entry.seq, entry.at, encode(entry.event)))
        for n, effect in enumerate(entry.effects):
            match effect:
                case Moved():
                    if isinstance(entry.event, Arrived):
                        interactions += _arrival(entry.event, effect)
                    facts.append(_transition(entry, n, effect))
                    interactions.append(_move(entry.at, effect))
                    if effect.phase is Phase.TALKING and isinstance(entry.event, Connected):
                        recordings.append(OutgoingRecording(effect.id, entry.at))
                    segments += _segment(entry, n, effect)
                case AgentMoved():
                    facts.append(_activity(entry, n, effect))
                case Receipt():
                    facts.append(Explained(effect.offer, entry.seq, effect.id, entry.at, encode(effect)))
                case WrapUpOver():
                    segments.append(WrappedSegment(effect.id, effect.agent, entry.at))
                case QueueMoved():
                    facts.append(_queue_activity(entry, n, effect))
                case Noted():
                    interactions += _note(entry)
                case _:
                    pass
    return facts + interactions + segments + recordings


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
        event.id,
        event.channel,
        clean(event.caller),
        clean(event.dialled),
        event.at,
        moved.phase,
        event.kind,
        event.parent,
    )
    # No customer speaks in a consultation; a callback or an outgoing call is recorded once it is dialled.
    if event.channel is Channel.VOICE and event.kind is Kind.INBOUND:
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


def _queue_activity(entry: Entry, n: int, moved: QueueMoved) -> QueueActivity:
    return QueueActivity(
        seq=entry.seq,
        n=n,
        queue=moved.queue,
        at=entry.at,
        state=moved.state,
        reason=clean(moved.reason),
        by=clean(moved.by),
    )


def _note(entry: Entry) -> Iterator[Change]:
    match entry.event:
        case Disposed() as said:
            category, note = clean(said.category), clean(said.note)
            yield Disposition(said.id, said.agent, entry.seq, entry.at, category, note, said.follow_up)
        case Surveyed() as said:
            yield SurveyAnswer(said.id, clean(said.question), entry.seq, entry.at, said.score)
        case RecordingPaused() as said:
            yield RecordingPause(entry.seq, said.id, entry.at, said.on, clean(said.reason), said.agent)


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
    at, cause = entry.at, clean(moved.cause)
    match moved.phase:
        case Phase.WAITING:
            yield EndSegment(moved.id, at, Result.TRANSFERRED, _not_taken(cause), cause)
            yield OpenSegment(moved.id, entry.seq, n, moved.queue or "", at)
        case Phase.OFFERED:
            yield OfferSegment(moved.id, moved.agent or "", moved.offer, at)
        case Phase.CONNECTING:
            yield AcceptSegment(moved.id, at)
        case Phase.TALKING if cause in _HANDED_OVER:
            yield EndSegment(moved.id, at, Result.TRANSFERRED, Result.NOT_TAKEN, cause)
            yield HandSegment(moved.id, entry.seq, n, moved.queue or "", moved.agent or "", moved.offer, at)
        case Phase.TALKING:
            yield TalkSegment(moved.id, at)
        case Phase.HELD:
            yield HoldSegment(moved.id, at)
        case Phase.WRAPPING:
            yield EndSegment(moved.id, at, Outcome.HANDLED, Outcome.HANDLED, cause)
        case Phase.PARKED:
            result = Result.PARKED if moved.actor is Party.AGENT else Outcome.UNREACHED
            yield EndSegment(moved.id, at, result, result, cause)
        case Phase.CLOSED:
            outcome = moved.outcome or ""
            yield EndSegment(moved.id, at, outcome, outcome, cause)
        case Phase.IN_MENU | Phase.WITH_BOT if cause != "arrived":
            yield EndSegment(moved.id, at, Result.LEFT, Result.LEFT, cause)


def _not_taken(cause: str) -> str:
    """Return the result of a segment that ends because the contact waits anew, no agent having answered."""
    if cause.startswith("overflow_"):
        return Outcome.OVERFLOWED
    return Result.LEFT if cause == "queued" else Result.NOT_TAKEN
