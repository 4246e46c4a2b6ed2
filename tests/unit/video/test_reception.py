"""What came, told to the publisher: transport-wide feedback reads back as it was."""

from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from video.reception import Arrivals, Rate, Reception


def read_feedback(data: bytes) -> tuple[int, dict[int, int]]:
    """Return a feedback packet's first number and {number: arrival in 250 us}, after the draft's own words."""
    kind, length = data[1], struct.unpack_from("!H", data, 2)[0]
    assert (kind, data[0] & 0x1F, 4 * length + 4) == (205, 15, len(data))
    first, count = struct.unpack_from("!HH", data, 12)
    clock = int.from_bytes(data[16:19], "big") * 256
    at = 20
    symbols: list[int] = []
    while len(symbols) < count:
        chunk = struct.unpack_from("!H", data, at)[0]
        at += 2
        assert chunk >> 14 == 0b11
        symbols += [chunk >> shift & 3 for shift in range(12, -1, -2)]
    arrivals = {}
    for i, symbol in enumerate(symbols[:count]):
        if symbol:
            clock += int.from_bytes(data[at : at + symbol], "big", signed=symbol == 2)
            at += symbol
            arrivals[first + i & 0xFFFF] = clock
    assert not any(data[at:])
    return first, arrivals


@given(
    start=st.integers(0, 0xFFFF),
    came=st.lists(
        st.tuples(st.integers(0, 200), st.floats(0, 12)), min_size=1, max_size=60, unique_by=lambda c: c[0]
    ),
)
def test_feedback_tells_every_arrival(start: int, came: list[tuple[int, float]]) -> None:
    arrivals = Arrivals()
    arrivals.add(start, 1000.0)
    (packet,) = arrivals.feedback(7)
    assert read_feedback(packet) == (start, {start: 4_000_000 & 0xFFFFFF * 256 + 255})
    for number, at in came:
        arrivals.add(start + 1 + number & 0xFFFF, 1000.0 + at)
    told: dict[int, int] = {}
    for packet in arrivals.feedback(7):
        told |= read_feedback(packet)[1]
    assert told == {start + 1 + number & 0xFFFF: int((1000.0 + at) * 4000) for number, at in came}
    assert arrivals.feedback(7) == []


@given(st.lists(st.integers(0, 0xFFFF), max_size=300))
def test_no_numbers_make_feedback_large(numbers: list[int]) -> None:
    arrivals = Arrivals()
    for i, number in enumerate(numbers):
        arrivals.add(number, 50.0 + i / 1000)
    packets = arrivals.feedback(7)
    assert len(packets) <= len(numbers)
    assert all(len(packet) < 1_300 for packet in packets)


@given(st.integers(0, 0xFFFF), st.lists(st.integers(-100, 100), max_size=100))
def test_a_number_is_taken_once(start: int, steps: list[int]) -> None:
    reception = Reception(90_000, mends=True)
    at, taken = start + 0x10000, []
    for step in [0, *steps]:
        at += step
        taken.append((reception.take(at & 0xFFFF, 0, b"", 1.0), at))
    numbers = [number for number, _ in taken if number >= 0]
    assert len(numbers) == len(set(numbers))
    assert all(number == at for number, at in taken if number >= 0)
    assert set(reception.missing).isdisjoint(numbers)


def test_a_stream_as_regular_as_its_clock_has_no_jitter() -> None:
    reception = Reception(48_000, mends=False)
    for i in range(100):
        reception.take(i, i * 960, b"", 5.0 + i * 0.02)
    assert reception.jitter < 1
    for i in range(100, 200):
        reception.take(i, i * 960, b"", 5.0 + i * 0.02 + 0.005 * (i % 2))
    assert 150 < reception.jitter < 300


def test_a_rate_lets_a_burst_of_a_second_pass_and_then_its_measure() -> None:
    rate = Rate(1_000)
    assert sum(rate.spend(100, 1.0) for _ in range(50)) == 10
    assert sum(rate.spend(100, 1.5) for _ in range(50)) == 5
