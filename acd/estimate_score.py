"""How good predictions were, once the truth is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Told(NamedTuple):
    """A prediction and its truth."""

    predicted_ms: int
    waited_ms: int
    """From the prediction to the conversation, or until the contact left."""
    answered: bool = True


class Score(NamedTuple):
    """What can be said of a set of predictions."""

    known: int
    """Predictions whose truth is known."""
    unknown: int
    """Contacts that left before the time they were told: nobody knows."""
    coverage: float | None
    """The share that waited no longer than they were told. A P80 should have 0.8."""
    pinball_ms: float | None
    """The mean loss of a P80: a wait 1 s longer than told costs 0.8 s, 1 s shorter 0.2 s."""


def score(told: Iterable[Told], share: float = 0.8) -> Score:
    """Return how good the predictions were. Who left later than told waited too long, for certain."""
    known = unknown = covered = 0
    loss = 0.0
    for one in told:
        late = one.waited_ms - one.predicted_ms
        if not one.answered and late <= 0:
            unknown += 1
            continue
        known += 1
        covered += late <= 0
        loss += share * late if late > 0 else (share - 1) * late
    return Score(known, unknown, covered / known if known else None, loss / known if known else None)
