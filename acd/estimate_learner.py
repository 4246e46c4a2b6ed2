"""Learns durations from what the line does: one pass over the effects, the newest few hundred of each kind kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from acd.effects import AgentMoved, Effect, Moved, StartWrapUp, WrapUpOver
from acd.estimate_learned import MISSED, Durations, LaneKey, Learned, Pause, assumed, patience
from acd.estimate_view import Since
from acd.model import Channel, Outcome, Phase
from acd.state import State
from core.ids import AgentId, InteractionId, OfferId, QueueId

KEPT: Final = 400
"""So many of the newest durations count."""

_RATE_MS: Final = 1_800_000
"""Arrivals of the last half hour make the rate."""
_WITH_AGENT: Final = (Phase.TALKING, Phase.HELD)
_OFFERED: Final = (Phase.OFFERED, Phase.CONNECTING)
_GAVE_UP_IN: Final = (Phase.WAITING, Phase.OFFERED)

_NO_QUEUE: Final = QueueId("")

_Window: TypeAlias = "deque[int]"


@dataclass(slots=True)
class _Contact:
    """What is remembered of a live contact."""

    channel: Channel
    queue: QueueId = _NO_QUEUE
    phase: Phase = Phase.IN_MENU
    agent: AgentId | None = None
    offer: OfferId | None = None
    queued: int = 0
    offered: int = 0
    talking: int = 0


def _window() -> _Window:
    return deque(maxlen=KEPT)


@dataclass(slots=True)
class _Lane:
    """What was seen of a queue on a channel."""

    service: _Window = field(default_factory=_window)
    wrap_up: _Window = field(default_factory=_window)
    waits: deque[tuple[int, bool]] = field(default_factory=lambda: deque(maxlen=KEPT))
    arrivals: _Window = field(default_factory=lambda: deque(maxlen=4 * KEPT))


class Learner:
    """Sees every effect, and says what was learned. ``priors`` are mean handling times in milliseconds."""

    def __init__(self, priors: Mapping[LaneKey, float] | None = None) -> None:
        self._priors = {key: assumed(mean) for key, mean in (priors or {}).items()}
        self._lanes: dict[LaneKey, _Lane] = {}
        self._contacts: dict[InteractionId, _Contact] = {}
        self._talking: dict[OfferId, int] = {}
        self._wrapping: dict[tuple[InteractionId, AgentId], tuple[LaneKey | None, int]] = {}
        self._away: dict[AgentId, int] = {}
        self._away_for: dict[AgentId, str] = {}
        self._answers = _window()
        self._pauses: dict[str, _Window] = {}
        """By reason."""
        self._had: dict[AgentId, set[str]] = {}
        """For which reasons each agent was away since signing in."""
        self._after: deque[tuple[str, frozenset[str]]] = deque(maxlen=KEPT)
        """Why the agent went not-ready, contact by contact, empty if not; and what it was away for before."""
        self._offers: deque[bool] = deque(maxlen=KEPT)
        """Whether an offer came back."""
        self._began: int | None = None

    def seen(self, key: LaneKey, talk_ms: int, wrap_ms: int, wait_ms: int, *, gave_up: bool = False) -> None:
        """Learn from a contact of the past. One that gave up had no conversation."""
        lane = self._lane(key)
        lane.waits.append((wait_ms, gave_up))
        if not gave_up:
            lane.service.append(talk_ms)
            lane.wrap_up.append(wrap_ms)

    def see(self, state: State, effects: Iterable[Effect]) -> None:
        """Learn from what just happened; ``state`` is the line after it."""
        self._began = state.now if self._began is None else self._began
        for effect in effects:
            match effect:
                case Moved():
                    self._moved(state, effect)
                case StartWrapUp():
                    self._wraps(effect, state.now)
                case WrapUpOver():
                    self._worked(effect, state.now)
                case AgentMoved():
                    self._agent_moved(effect, state.now)
                case _:
                    pass

    def since(self) -> Since:
        """Return what the line itself does not remember."""
        return Since(self._talking, self._had)

    def learned(self, now: int) -> Learned:
        """Return the distributions as they are at ``now``."""
        keys = self._priors.keys() | self._lanes.keys()
        service, wrap_up = {}, {}
        for key in keys:
            lane = self._lanes.get(key)
            seen = lane.service if lane else ()
            prior = self._priors.get(key)
            if prior is not None:
                service[key] = Durations(seen).with_prior(prior) if seen else prior
            elif seen:
                service[key] = Durations(seen)
            if lane and lane.wrap_up:
                wrap_up[key] = Durations(lane.wrap_up)
        return Learned(
            service=service,
            wrap_up=wrap_up,
            patience={key: patience(lane.waits) for key, lane in self._lanes.items() if lane.waits},
            per_ms={key: self._rate(lane.arrivals, now) for key, lane in self._lanes.items()},
            answer=Durations(self._answers or (5_000,)),
            missed=_share(self._offers),
            pauses={reason: self._pause(reason) for reason in self._pauses},
        )

    def _pause(self, reason: str) -> Pause:
        first = [why == reason for why, had in self._after if reason not in had]
        again = [why == reason for why, had in self._after if reason in had]
        return Pause(_share(first), _share(again), Durations(self._pauses[reason]))

    def _rate(self, arrivals: Sequence[int], now: int) -> float:
        began = now if self._began is None else self._began
        span = max(min(now - began, _RATE_MS), 60_000)
        return sum(at > now - span for at in arrivals) / span

    # --- contacts ------------------------------------------------------------------------------------------

    def _lane(self, key: LaneKey) -> _Lane:
        return self._lanes.setdefault(key, _Lane())

    def _moved(self, state: State, moved: Moved) -> None:
        c = self._contacts.get(moved.id)
        if c is None:
            live = state.contacts.get(moved.id)
            if live is None or moved.phase is Phase.CLOSED:
                return
            c = self._contacts[moved.id] = _Contact(live.channel)
        before, c.phase = c.phase, moved.phase
        self._left(c, before, moved, state.now)
        self._entered(c, before, moved, state.now)

    def _left(self, c: _Contact, before: Phase, moved: Moved, now: int) -> None:
        """Close what ended with the phase before."""
        after = moved.phase
        if before in _WITH_AGENT and after not in _WITH_AGENT and c.talking:
            self._lane((c.queue, c.channel)).service.append(now - c.talking)
            self._talking.pop(c.offer or OfferId(0), None)
            c.talking = 0
        if before in _OFFERED and after is Phase.WAITING:
            self._offers.append(True)
        if after is Phase.CLOSED:
            if moved.outcome is Outcome.ABANDONED and before in _GAVE_UP_IN and c.queued:
                self._lane((c.queue, c.channel)).waits.append((now - c.queued, True))
            del self._contacts[moved.id]

    def _entered(self, c: _Contact, before: Phase, moved: Moved, now: int) -> None:
        match moved.phase:
            case Phase.WAITING:
                if moved.queue is not None and (before not in _OFFERED or not c.queued):
                    c.queue, c.queued = moved.queue, now
                    self._lane((c.queue, c.channel)).arrivals.append(now)
            case Phase.OFFERED:
                c.offered, c.agent, c.offer = now, moved.agent, moved.offer
            case Phase.TALKING if before is Phase.CONNECTING:
                c.talking = now
                if c.offer is not None:
                    self._talking[c.offer] = now
                self._answers.append(now - c.offered)
                self._offers.append(False)
                if c.queued:
                    self._lane((c.queue, c.channel)).waits.append((now - c.queued, False))
                    c.queued = 0
            case _:
                pass

    def _wraps(self, start: StartWrapUp, now: int) -> None:
        c = self._contacts.get(start.id)
        if c is not None:
            self._wrapping.setdefault((start.id, start.agent), ((c.queue, c.channel), now))

    # --- agents --------------------------------------------------------------------------------------------

    def _worked(self, over: WrapUpOver, now: int) -> None:
        key, began = self._wrapping.pop((over.id, over.agent), (None, now))
        if key is not None:
            self._lane(key).wrap_up.append(now - began)
        why, had = self._away_for.get(over.agent, ""), self._had.get(over.agent, set())
        self._after.append((why, frozenset(had - {why})))

    def _agent_moved(self, moved: AgentMoved, now: int) -> None:
        away = moved.signed_in and not moved.ready and moved.reason != ""
        if away and moved.agent not in self._away:
            self._away[moved.agent], self._away_for[moved.agent] = now, moved.reason
            had = self._had.setdefault(moved.agent, set())
            if self._after and moved.reason != MISSED:
                self._after[-1] = moved.reason, frozenset(had)
            had.add(moved.reason)
        elif not away:
            if not moved.signed_in:
                self._had.pop(moved.agent, None)
            began, reason = self._away.pop(moved.agent, None), self._away_for.pop(moved.agent, "")
            if began is not None and moved.ready:
                self._pauses.setdefault(reason, _window()).append(now - began)


def _share(seen: Sequence[bool]) -> float:
    return sum(seen) / len(seen) if seen else 0.0
