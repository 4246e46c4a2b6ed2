"""``sambung waits``: what customers were told of their wait, beside how long it was. Works while nothing runs, too."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from acd.estimate_score import Told, score
from acd.model import Channel
from core.clock import SystemClock
from core.ids import QueueId
from sambung.settings import Settings
from store.predictions import Prediction, Predictions
from store.queries import Queries

_DAY_MS: Final = 86_400_000
_FEW: Final = 30
"""A share of fewer predictions says little."""

Groups: TypeAlias = Mapping[tuple[QueueId, Channel], Sequence[Prediction]]


async def waits(settings: Settings, days: int) -> int:
    """Print the calibration of the last ``days`` by queue and channel; return the exit status."""
    queries = await Queries.open(settings.database)  # refuses where there is no database yet
    await queries.close()
    predictions = await Predictions.open(settings.database)
    try:
        found = await predictions.since(SystemClock().now_ms() - days * _DAY_MS)
    finally:
        await predictions.close()
    sys.stdout.writelines(line + "\n" for line in _report(_grouped(found), days))
    return 0


def _grouped(found: Sequence[Prediction]) -> Groups:
    groups: dict[tuple[QueueId, Channel], list[Prediction]] = {}
    for one in found:
        groups.setdefault((one.queue, one.channel), []).append(one)
    return dict(sorted(groups.items()))


def _report(groups: Groups, days: int) -> Iterator[str]:
    if not groups:
        yield f"Nobody was told a wait in the last {days} days."
        return
    yield f"Waits told in the last {days} days. A told wait is meant to be kept for 80 of 100."
    yield f"{'queue':14} {'channel':10} {'told':>6} {'known':>6} {'kept':>6} {'loss':>8} {'told':>8} {'waited':>8}"
    for (queue, channel), told in groups.items():
        yield _line(queue, channel, told)
    yield "known: answered, or gone later than told. loss: pinball loss of the P80. told, waited: means."


def _line(queue: QueueId, channel: Channel, told: Sequence[Prediction]) -> str:
    known = [
        Told(one.predicted_p80, one.waited_ms, bool(one.answered))
        for one in told
        if one.waited_ms is not None
    ]
    found = score(known)
    kept = "-" if found.coverage is None else f"{found.coverage:.0%}"
    loss = "-" if found.pinball_ms is None else _seconds(found.pinball_ms)
    few = "  few" if found.known < _FEW else ""
    means = [_mean([one.predicted_ms for one in known]), _mean([one.waited_ms for one in known])]
    return (
        f"{queue:14} {channel:10} {len(told):6} {found.known:6} {kept:>6} {loss:>8} "
        f"{means[0]:>8} {means[1]:>8}{few}"
    )


def _mean(values: Sequence[int]) -> str:
    return _seconds(sum(values) / len(values)) if values else "-"


def _seconds(ms: float) -> str:
    return f"{ms / 1_000:.0f} s"
