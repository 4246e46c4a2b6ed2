"""What the line's state does not keep and screens show: figures, reasons of offers, what was said of a contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from acd.effects import Receipt
from acd.model import Channel
from acd.views import QueueView
from core.clock import Clock
from core.ids import AgentId, InteractionId, OfferId, QueueId
from desk import model as m
from desk.directory import TARGETS, Directory, Target
from reports.definitions import Counts, abandon_rate, average_answer_ms, service_level
from reports.tally import Tally

_FEW: Final = 5
"""Of fewer contacts a service level says nothing."""

_NEAR_WAIT: Final = 0.6
_NEAR_PERCENT: Final = 5.0


class Room:
    """Filled by the feed; read by the views."""

    def __init__(self, directory: Directory, tally: Tally, clock: Clock) -> None:
        self.directory = directory
        self.tally = tally
        self._clock = clock
        self._whys: dict[InteractionId, tuple[OfferId, m.Why]] = {}
        self._categories: dict[InteractionId, str] = {}
        self._parked: dict[InteractionId, AgentId] = {}
        self.predict: Callable[[QueueId], int | None] = lambda queue: None
        """Returns the P80 of the wait of whoever joins a queue now, if it can be said."""

    # --- contacts ------------------------------------------------------------------------------------------

    def explained(self, receipt: Receipt, waited_ms: int) -> None:
        """Keep why an offer was made while it is open."""
        why = m.Why(receipt.rule.value, max(waited_ms, 0), receipt.not_excluded)
        self._whys[receipt.id] = receipt.offer, why

    def settled(self, id_: InteractionId) -> None:
        """Forget why a contact was offered: the offer is over."""
        self._whys.pop(id_, None)

    def why(self, id_: InteractionId, offer: OfferId) -> m.Why | None:
        """Return why an open offer was made; None after a restart."""
        made, why = self._whys.get(id_, (None, None))
        return why if made == offer else None

    def disposed(self, id_: InteractionId, category: str) -> None:
        """Keep what a contact is about until it closes."""
        self._categories[id_] = category

    def closed(self, id_: InteractionId) -> None:
        """Forget what a contact was about: it is shown no longer."""
        self._categories.pop(id_, None)

    def category(self, id_: InteractionId) -> str | None:
        """Return what a contact that is not closed is about, if somebody said so."""
        return self._categories.get(id_)

    def park(self, id_: InteractionId, agent: AgentId | None) -> None:
        """Note who put a contact aside; None: it is not aside any more."""
        if agent is None:
            self._parked.pop(id_, None)
        else:
            self._parked[id_] = agent

    def parked_by(self, agent: AgentId) -> Sequence[InteractionId]:
        """Return what an agent put aside."""
        return [id_ for id_, parker in self._parked.items() if parker == agent]

    # --- figures -------------------------------------------------------------------------------------------

    def half_hour(self, queue: QueueId) -> m.Figures:
        """Return a queue's figures of the last half hour."""
        return self._figures(self.tally.half_hour(queue=queue))

    def today(self, queue: QueueId) -> m.Figures:
        """Return a queue's figures of today."""
        return self._figures(self.tally.today(queue=queue))

    def predicted(self, queue: QueueId) -> int | None:
        """Return the P80 of the wait of whoever joins now."""
        return self.predict(queue)

    def health(
        self, figures: m.Figures, longest_since: int | None, channels: Iterable[Channel], *, paused: bool
    ) -> m.Health:
        """Return how a queue stands to its targets."""
        targets = [self.target(channel) for channel in channels] or [self.target(Channel.VOICE)]
        limit = min(target.limit_ms for target in targets)
        percent = max(target.percent for target in targets)
        settled = figures.answered + figures.abandoned
        level = None if settled < _FEW else figures.service_level
        health = health_of(self._waited(longest_since), limit, level, percent)
        return m.Health.OVER if paused and longest_since is not None else health

    def wallboard(self, queues: Iterable[QueueView], crew: m.Crew, centre: m.Centre) -> m.Wallboard:
        """Return the room's figures by channel."""
        waiting: dict[Channel, int] = {}
        longest: dict[Channel, int] = {}
        for queue in queues:
            for one in queue.channels:
                waiting[one.channel] = waiting.get(one.channel, 0) + one.waiting + one.offered
                if one.longest_since:
                    longest[one.channel] = min(one.longest_since, longest.get(one.channel, one.longest_since))
        tiles = tuple(
            self._tile(channel, waiting.get(channel, 0), longest.get(channel))
            for channel in self.directory.channels
        )
        handled = self.tally.today().answered
        return m.Wallboard(tiles, crew, handled, self._alarm(tiles, crew, centre))

    def target(self, channel: Channel) -> Target:
        """Return what a channel is held to."""
        return self.directory.targets.get(channel) or TARGETS[channel]

    def _tile(self, channel: Channel, waiting: int, longest: int | None) -> m.Tile:
        target = self.target(channel)
        counts = self.tally.half_hour(channel=channel)
        settled = counts.answered + counts.abandoned
        level = _rounded(service_level(counts))
        return m.Tile(
            channel=channel,
            waiting=waiting,
            longest_since=longest,
            limit_ms=target.limit_ms,
            service_level=level,
            target=target.percent,
            contacts=settled,
            health=health_of(
                self._waited(longest), target.limit_ms, None if settled < _FEW else level, target.percent
            ),
        )

    def _alarm(self, tiles: Sequence[m.Tile], crew: m.Crew, centre: m.Centre) -> m.Alarm | None:
        for link in centre.links:
            if not link.up:
                return m.Alarm("link_down", link.name, 0, 0)
        late = [(self._waited(t.longest_since) / t.limit_ms, t) for t in tiles if t.longest_since is not None]
        ratio, worst = max(late, key=lambda pair: pair[0], default=(0.0, None))
        if worst is not None and ratio > 1:
            return m.Alarm("longest_wait", worst.channel, ratio * worst.limit_ms, worst.limit_ms)
        if any(t.waiting for t in tiles) and not crew.ready and not crew.talking:
            return m.Alarm("nobody_ready", "", 0, 0)
        low = [t for t in tiles if t.health is m.Health.OVER and t.service_level is not None]
        if low:
            least = min(low, key=lambda t: (t.service_level or 0) - t.target)
            return m.Alarm("service_level", least.channel, least.service_level or 0, least.target)
        return None

    def _waited(self, since: int | None) -> int:
        return 0 if since is None else max(self._clock.now_ms() - since, 0)

    def _figures(self, counts: Counts) -> m.Figures:
        return m.Figures(
            offered=counts.offered,
            answered=counts.answered,
            answered_in=counts.answered_in,
            abandoned=counts.abandoned,
            abandoned_in=counts.abandoned_in,
            short_abandoned=counts.short_abandoned,
            flowed_out=counts.flowed_out,
            threshold_ms=self.target(Channel.VOICE).threshold_ms,
            service_level=_rounded(service_level(counts)),
            abandon_rate=_rounded(abandon_rate(counts)),
            asa_ms=average_answer_ms(counts),
        )


def health_of(waited_ms: int, limit_ms: int, level: float | None, target: float) -> m.Health:
    """Return how a longest wait and a service level (None: too few contacts) stand to their targets."""
    if waited_ms > limit_ms or (level is not None and level < target - _NEAR_PERCENT):
        return m.Health.OVER
    if waited_ms >= _NEAR_WAIT * limit_ms or (level is not None and level < target):
        return m.Health.NEAR
    return m.Health.GOOD if level is not None or waited_ms else m.Health.NONE


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
