"""How fast a page may say something."""

from __future__ import annotations

import pytest

from desk.pace import BURST, EVERY_S, Pace


def test_what_a_person_does_never_waits() -> None:
    pace = Pace()
    assert [pace.wait_s(100.0) for _ in range(BURST)] == pytest.approx([0.0] * BURST, abs=1e-6)
    assert all(pace.wait_s(110.0 + second) == 0 for second in range(600))


def test_a_flood_is_read_at_its_pace() -> None:
    pace, now = Pace(), 50.0
    for _ in range(BURST + 100):
        now += pace.wait_s(now)
    assert now - 50.0 == pytest.approx(100 * EVERY_S)
    # What was saved up comes back with time.
    assert pace.wait_s(now + BURST * EVERY_S) == 0
