"""What five lost packets of a hundred, on every way, do to the pictures that people see."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.unit.video.lossy_room import STEP_S, LossyRoom

LOSS = 0.05


@pytest.mark.parametrize("seed", range(8))
def test_ten_late_joiners_see_a_picture_within_two_seconds_and_the_camera_is_left_in_peace(seed: int) -> None:
    room = LossyRoom(seed, LOSS)
    room.join()
    room.run(5.0)
    before = len(room.asked)
    late = []
    for _ in range(10):
        late.append(room.join())
        room.run(0.04)
    room.run(4.0)
    for viewer in late:
        assert viewer.shown, "a late joiner sees nothing"
        assert viewer.shown[0] - viewer.joined <= 2.0
    asked = room.asked
    assert len(asked) > before
    assert min(b - a for a, b in pairwise(asked)) >= 0.3 - STEP_S / 2
    assert len(asked) - before <= 10, "ten viewers are no more to the camera than a few"


@pytest.mark.parametrize("seed", range(8))
def test_no_picture_is_missing_for_half_a_second_once_it_was_there(seed: int) -> None:
    room = LossyRoom(seed, LOSS)
    viewers = [room.join() for _ in range(3)]
    room.run(20.0)
    for viewer in viewers:
        longest = max(b - a for a, b in pairwise([*viewer.shown, room.now]))
        assert longest <= 0.5, (seed, longest)
        assert len(viewer.shown) > 20 * 15 * 0.95


def test_a_viewer_on_a_line_that_loses_nothing_is_shown_everything() -> None:
    room = LossyRoom(1, 0.0)
    viewer = room.join()
    room.run(10.0)
    assert len(viewer.shown) >= 10 * 15 - 2
    assert len(room.asked) == 1


def test_after_an_outage_the_picture_is_back_within_two_seconds() -> None:
    room = LossyRoom(3, LOSS)
    viewer = room.join()
    room.run(3.0)
    room.loss = 1.0
    room.run(4.0)
    room.loss = LOSS
    back = room.now
    room.run(5.0)
    assert next(at for at in viewer.shown if at > back) - back <= 2.0
    steady = [at for at in viewer.shown if at > back + 2.0]
    assert max(b - a for a, b in pairwise(steady)) <= 0.5
