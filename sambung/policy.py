"""When a child process is started, killed and started again: decisions only, no process and no clock.

The rules are systemd's (``Type=notify``, ``WatchdogSec=``, ``Restart=always``; systemd.service(5)), with a
pause that grows from failure to failure. Times are seconds on one monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Phase(StrEnum):
    """What a child is doing, in the words `sambung status` prints."""

    IDLE = "idle"
    STARTING = "starting"
    """Running, but it has not said that it is ready."""
    READY = "ready"
    PAUSED = "paused"
    """It ended; it is started again after a pause."""
    STOPPING = "stopping"
    STOPPED = "stopped"


class Order(StrEnum):
    """What the shell has to do to the child."""

    SPAWN = "spawn"
    TERMINATE = "terminate"
    KILL = "kill"


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient to be with one child. Seconds."""

    start_s: float = 30.0
    """From its start until it is ready; a child hung in its start-up is killed."""
    watchdog_s: float | None = 5.0
    """From one sign of life to the next once it is ready; None for a program that gives none."""
    stop_s: float = 10.0
    """From SIGTERM until SIGKILL."""
    restart_s: float = 0.5
    """The pause after the first failure; it doubles with each further one."""
    restart_cap_s: float = 10.0
    stable_s: float = 5.0
    """Ready for so long, a child has recovered: its next failure counts as a first one."""


@dataclass(frozen=True, slots=True)
class Child:
    """One supervised process as the policy sees it."""

    limits: Limits
    phase: Phase = Phase.IDLE
    since: float = 0.0
    """When the phase began."""
    alive_at: float = 0.0
    """The last sign of life."""
    restarts: int = 0
    """How often it was started again, for the person who asks."""
    failures: int = 0
    """Failures in a row; the pause grows with it."""
    killed: bool = False
    """SIGKILL was sent and its end has not been seen yet."""

    def deadline(self) -> float | None:
        """Return when `tick` has something to do, or None if only an event can change anything."""
        limits = self.limits
        if self.killed:
            return None
        match self.phase:
            case Phase.STARTING:
                return self.since + limits.start_s
            case Phase.READY if limits.watchdog_s is not None:
                return self.alive_at + limits.watchdog_s
            case Phase.PAUSED:
                return self.since + pause(self.failures, limits)
            case Phase.STOPPING:
                return self.since + limits.stop_s
            case _:
                return None


def pause(failures: int, limits: Limits) -> float:
    """Return how long to wait before the start that follows so many failures in a row."""
    # The exponent is bounded so that a child failing for a year does not overflow a float.
    return min(limits.restart_s * 2.0 ** min(max(failures - 1, 0), 30), limits.restart_cap_s)


def start(child: Child, now: float) -> tuple[Child, Order | None]:
    """Start a child that is not running."""
    if child.phase not in {Phase.IDLE, Phase.PAUSED}:
        return child, None
    restarts = child.restarts + (child.phase is Phase.PAUSED)
    return _enter(replace(child, restarts=restarts, alive_at=now), Phase.STARTING, now), Order.SPAWN


def ready(child: Child, now: float) -> Child:
    """The child says that it does its work (``READY=1``)."""
    if child.phase is not Phase.STARTING:
        return child
    return _enter(replace(child, alive_at=now), Phase.READY, now)


def alive(child: Child, now: float) -> Child:
    """The child gives a sign of life (``WATCHDOG=1``)."""
    return replace(child, alive_at=now)


def ended(child: Child, now: float) -> Child:
    """The process is gone, whatever the reason."""
    child = replace(child, killed=False)
    if child.phase in {Phase.STOPPING, Phase.STOPPED}:
        return _enter(child, Phase.STOPPED, now)
    recovered = child.phase is Phase.READY and now - child.since >= child.limits.stable_s
    return _enter(replace(child, failures=1 if recovered else child.failures + 1), Phase.PAUSED, now)


def stop(child: Child, now: float) -> tuple[Child, Order | None]:
    """The child shall end and not be started again."""
    match child.phase:
        case Phase.STARTING | Phase.READY:
            return _enter(child, Phase.STOPPING, now), None if child.killed else Order.TERMINATE
        case Phase.IDLE | Phase.PAUSED:
            return _enter(child, Phase.STOPPED, now), None
        case _:
            return child, None


def tick(child: Child, now: float) -> tuple[Child, Order | None]:
    """Time has passed: do what is due, at most one thing."""
    due = child.deadline()
    if due is None or now < due:
        return child, None
    if child.phase is Phase.PAUSED:
        return start(child, now)
    # A frozen process does not act on SIGTERM, so what is overdue gets SIGKILL at once.
    return replace(child, killed=True), Order.KILL


def _enter(child: Child, phase: Phase, now: float) -> Child:
    return replace(child, phase=phase, since=now)
