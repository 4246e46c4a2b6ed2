"""Changes to the tables as values, one type a statement (statements.py). Pure."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Result(StrEnum):
    """How a segment ended, beside the outcomes of acd.model.Outcome for the last one of an interaction."""

    TRANSFERRED = "transferred"
    """The agent sent the contact on."""
    NOT_TAKEN = "not_taken"
    """The offer came to nothing; ``cause`` says why."""
    PARKED = "parked"
    """The agent put the contact aside."""
    LEFT = "left"
    """The contact went to another queue or back to its menu, with no agent asked; ``cause`` says why."""


class Change(msgspec.Struct, frozen=True):
    """Something to be written. Changes without a ``Step`` among them may be written in any order."""


class Step(Change, frozen=True):
    """A change whose order among the steps of the same interaction matters."""

    interaction: str


class Journalled(Change, frozen=True):
    """An event."""

    seq: int
    at: int
    body: str


class Explained(Change, frozen=True):
    """A receipt."""

    offer: int
    seq: int
    interaction: str
    at: int
    body: str


class Transition(Change, frozen=True):
    """An interaction entered a phase."""

    seq: int
    n: int
    interaction: str
    at: int
    phase: str
    cause: str
    actor: str
    queue: str
    agent: str
    offer: int | None


class Activity(Change, frozen=True):
    """An agent's facts changed."""

    seq: int
    n: int
    agent: str
    at: int
    signed_in: bool
    ready: bool
    reason: str
    reach: str
    actor: str


class QueueActivity(Change, frozen=True):
    """A queue's state changed."""

    seq: int
    n: int
    queue: str
    at: int
    state: str
    reason: str
    by: str


class Disposition(Step, frozen=True):
    """What an agent said a contact was about; the last word counts."""

    agent: str
    seq: int
    at: int
    category: str
    note: str
    follow_up: bool


class SurveyAnswer(Step, frozen=True):
    """What a customer answered; the last answer to a question counts."""

    question: str
    seq: int
    at: int
    score: int


class RecordingPause(Change, frozen=True):
    """The recording was paused or went on."""

    seq: int
    interaction: str
    at: int
    on: bool
    reason: str
    agent: str


class NewRecording(Change, frozen=True):
    """A recording is expected. Nothing happens where the recorder found its file first."""

    id: str
    started_at: int


class OutgoingRecording(Change, frozen=True):
    """Customer and agent hear each other, which begins the recording of a call that we made.

    Nothing happens for any other contact, and where there is a recording.
    """

    interaction: str
    at: int


class NewInteraction(Step, frozen=True):
    """A contact arrived. Nothing happens where it has a row: its id was used again long after."""

    channel: str
    caller: str
    dialled: str
    arrived_at: int
    phase: str
    kind: str
    parent: str


class MoveInteraction(Step, frozen=True):
    """A contact entered a phase. What is None stays as it is; ``left_at`` and ``closed_at`` are set once."""

    phase: str
    queue: str | None
    agent: str | None
    left_at: int | None
    closed_at: int | None
    outcome: str | None
    abandoned_in: str | None


class OpenSegment(Step, frozen=True):
    """A contact stands in a queue."""

    seq: int
    n: int
    queue: str
    at: int


class OfferSegment(Step, frozen=True):
    """An agent's device rings."""

    agent: str
    offer: int | None
    at: int


class AcceptSegment(Step, frozen=True):
    """The agent took the offer."""

    at: int


class TalkSegment(Step, frozen=True):
    """Customer and agent hear each other, for the first time or after a hold."""

    at: int


class HoldSegment(Step, frozen=True):
    """The customer is on hold."""

    at: int


class HandSegment(Step, frozen=True):
    """An agent has the contact without having been offered it."""

    seq: int
    n: int
    queue: str
    agent: str
    offer: int | None
    at: int


class WrappedSegment(Step, frozen=True):
    """The agent's work after the contact is over, whoever has the contact by now."""

    agent: str
    at: int


class EndSegment(Step, frozen=True):
    """The running segment, if there is one, has its result. It depends on whether an agent had answered.

    Then the segment ends with ``WrappedSegment``, otherwise at once.
    """

    at: int
    answered: str
    unanswered: str
    cause: str
