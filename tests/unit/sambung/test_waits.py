"""The report of told waits: what it counts, and that it says so when it knows nothing."""

from __future__ import annotations

from acd.model import Channel
from core.ids import InteractionId, QueueId
from sambung import waits
from store.predictions import Prediction

OSS = QueueId("licensing")


def told(number: int, waited_s: int | None, *, answered: bool = True) -> Prediction:
    return Prediction(
        InteractionId(f"{number:032x}"),
        1_000,
        OSS,
        Channel.VOICE,
        60_000,
        1,
        "place",
        None if waited_s is None else waited_s * 1_000,
        None if waited_s is None else answered,
    )


def test_a_line_counts_what_is_known_and_means_what_it_says() -> None:
    found = [told(1, 30), told(2, 50), told(3, 90), told(4, 20, answered=False), told(5, None)]
    report = list(waits._report(waits._grouped(found), 28))
    (line,) = (line for line in report if line.startswith("licensing"))
    # Told 5; known 3 (one left early, one waits); kept 2 of 3; loss (0.2 x 30 + 0.2 x 10 + 0.8 x 30) / 3.
    assert line.split() == ["licensing", "voice", "5", "3", "67%", "11", "s", "60", "s", "48", "s", "few"]


def test_nothing_told_is_said_so() -> None:
    assert list(waits._report({}, 7)) == ["Nobody was told a wait in the last 7 days."]
