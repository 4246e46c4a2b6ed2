"""When a child is started, killed and started again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambung import policy
from sambung.policy import Child, Limits, Order, Phase

LIMITS = Limits(start_s=30, watchdog_s=5, stop_s=10, restart_s=0.5, restart_cap_s=10, stable_s=5)


def started(now: float = 0.0) -> Child:
    child, order = policy.start(Child(LIMITS), now)
    assert order is Order.SPAWN
    return child


def ready(now: float = 0.0) -> Child:
    return policy.ready(started(now), now)


def test_a_child_hung_in_its_start_up_is_killed() -> None:
    assert policy.tick(started(), 29.9)[1] is None
    assert policy.tick(started(), 30.0)[1] is Order.KILL


def test_a_ready_child_that_gives_no_sign_of_life_is_killed_once() -> None:
    child = policy.alive(ready(), 3.0)
    assert policy.tick(child, 7.9)[1] is None
    child, order = policy.tick(child, 8.0)
    assert order is Order.KILL
    assert policy.tick(child, 60.0) == (child, None)


def test_a_child_without_watchdog_is_left_alone_once_ready() -> None:
    child = policy.ready(replace(started(), limits=replace(LIMITS, watchdog_s=None)), 1.0)
    assert child.deadline() is None


def test_a_child_that_ended_is_started_again_after_the_pause() -> None:
    child = policy.ended(ready(), 60.0)
    assert child.phase is Phase.PAUSED
    assert policy.tick(child, 60.4)[1] is None
    child, order = policy.tick(child, 60.5)
    assert (order, child.phase, child.restarts) == (Order.SPAWN, Phase.STARTING, 1)


def test_the_pause_doubles_up_to_its_cap_and_never_overflows() -> None:
    assert [policy.pause(n, LIMITS) for n in (1, 2, 3, 4, 5, 6, 7)] == [0.5, 1, 2, 4, 8, 10, 10]
    assert policy.pause(1_000_000, LIMITS) == 10


def test_failures_in_a_row_are_forgotten_once_the_child_was_stable() -> None:
    flapping = policy.ended(policy.ready(policy.start(policy.ended(ready(), 1.0), 2.0)[0], 2.0), 3.0)
    assert flapping.failures == 2
    recovered = policy.ended(policy.ready(policy.start(flapping, 4.0)[0], 4.0), 9.0)
    assert recovered.failures == 1


def test_a_child_that_ignores_sigterm_is_killed() -> None:
    child, order = policy.stop(ready(), 100.0)
    assert order is Order.TERMINATE
    assert policy.tick(child, 109.9)[1] is None
    assert policy.tick(child, 110.0)[1] is Order.KILL


@pytest.mark.parametrize("child", [Child(LIMITS), policy.ended(ready(), 60.0)])
def test_a_child_that_is_not_running_stops_at_once(child: Child) -> None:
    stopped, order = policy.stop(child, 61.0)
    assert (stopped.phase, order) == (Phase.STOPPED, None)
    assert policy.tick(stopped, 1000.0)[1] is None


def test_a_stopped_child_is_never_started_again() -> None:
    child = policy.ended(policy.stop(ready(), 1.0)[0], 2.0)
    assert child.phase is Phase.STOPPED
    assert policy.start(child, 3.0) == (child, None)


@given(
    st.lists(
        st.tuples(st.sampled_from(["ready", "alive", "ended", "stop", "tick"]), st.floats(0.01, 20.0)),
        max_size=40,
    )
)
def test_there_is_at_most_one_process_and_none_after_a_stop(history: list[tuple[str, float]]) -> None:
    child, running, stopping, now = started(), True, False, 0.0
    for happening, passed in history:
        now += passed
        order = None
        match happening:
            case "ready" if running:
                child = policy.ready(child, now)
            case "alive" if running:
                child = policy.alive(child, now)
            case "ended" if running:
                child, running = policy.ended(child, now), False
            case "stop":
                (child, order), stopping = policy.stop(child, now), True
            case _:
                child, order = policy.tick(child, now)
        match order:
            case Order.SPAWN:
                assert not running
                assert not stopping
                running = True
            case Order.KILL | Order.TERMINATE:
                assert running
        # Unless it is stopped for good, a child that is not running has a time at which it comes back.
        assert running or stopping or child.deadline() is not None
