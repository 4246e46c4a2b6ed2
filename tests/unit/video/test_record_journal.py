"""A recording's journal tells what to make of its files, after any end."""

from __future__ import annotations

import msgspec
import pytest

from video.model import Codec, Label, ParticipantId
from video.record_journal import (
    Alive,
    AnyLine,
    ClockRead,
    Finished,
    Gap,
    Opened,
    PartBegan,
    TrackBegan,
    TrackEnded,
    clock_offset,
    read,
)

S = 1_000_000
NTP = 2_208_988_800


def ntp(seconds: float) -> int:
    """NTP time of a publisher's clock that reads so many seconds after 1970."""
    return int((seconds + NTP) * 2**32)


def lines(*given: AnyLine) -> list[bytes]:
    return [msgspec.json.encode(line) for line in given]


def began(track: int, at: float, codec: Codec = Codec.OPUS, who: str = "visitor") -> TrackBegan:
    label = Label.MICROPHONE if codec is Codec.OPUS else Label.CAMERA
    return TrackBegan(track, ParticipantId(who), label, codec, int(at * S))


def test_a_recorder_that_ended_itself_left_a_gap() -> None:
    recorded = read(
        lines(
            Opened(0),
            began(1, 1),
            Alive(5 * S),
            Opened(8 * S),
            began(3, 8.5),
            TrackEnded(3, 12 * S),
            Finished(12 * S),
        )
    )
    assert recorded.gaps == [Gap(5 * S, 8 * S, "recorder")]
    assert [track.ended for track in recorded.tracks] == [5 * S, 12 * S]
    assert (recorded.began, recorded.ended) == (0, 12 * S)


def test_a_time_in_which_nothing_came_from_anybody_is_a_gap() -> None:
    given = lines(
        Opened(0), began(1, 1), began(2, 1), TrackEnded(1, 4 * S), TrackEnded(2, 5 * S), began(3, 7)
    )
    assert read(given).gaps == [Gap(5 * S, 7 * S, "worker")]


def test_one_who_leaves_while_another_stays_is_no_gap() -> None:
    given = lines(Opened(0), began(1, 1), began(2, 1), TrackEnded(1, 4 * S), began(3, 7))
    assert read(given).gaps == []


def test_a_line_that_was_cut_off_is_left_out() -> None:
    whole = lines(Opened(0), began(1, 1), PartBegan(1, "00002.mkv", S, 0))
    recorded = read([*whole, whole[-1][:20], b"\n"])
    assert [part.file for part in recorded.tracks[0].parts] == ["00002.mkv"]


def test_a_track_whose_beginning_was_not_kept_is_left_out() -> None:
    given = lines(
        Opened(0), PartBegan(1, "a", S, 0), ClockRead(1, 1, 1, 1), TrackEnded(1, 2 * S), began(2, 3)
    )
    assert [track.began.track for track in read(given).tracks] == [2]


@pytest.mark.parametrize("skew", [1.0, 1.0001, 0.9999])
def test_sound_and_picture_are_put_in_step_by_their_clock(skew: float) -> None:
    # The publisher's clock is 100 s ahead; its pictures take 300 ms longer to reach us than its sound.
    given: list[AnyLine] = [Opened(0), began(1, 1), began(2, 1, Codec.VP8)]
    given += [PartBegan(1, "a", int(1.02 * S), 48_000), PartBegan(2, "v", int(1.32 * S), 90_000)]
    for at in range(2, 62, 5):
        given.append(ClockRead(1, ntp(100 + at), round(at * 48_000 * skew), int((at + 0.02) * S)))
        given.append(ClockRead(2, ntp(100 + at), round(at * 90_000 * skew), int((at + 0.02) * S)))
    sound, picture = read(lines(*given)).tracks
    offset = clock_offset([sound, picture])
    assert offset == pytest.approx(-100 * S + 0.02 * S, abs=10)
    heard, seen = sound.time_of(sound.parts[0], offset), picture.time_of(picture.parts[0], offset)
    assert heard == pytest.approx(seen, abs=100)
    assert sound.scale() == pytest.approx(1e6 / 48_000 / skew, rel=1e-6)


def test_without_reports_the_arrival_is_all_that_is_known() -> None:
    (track,) = read(lines(Opened(0), began(1, 1), PartBegan(1, "a", 5 * S, 7))).tracks
    assert clock_offset([track]) is None
    assert track.time_of(track.parts[0], None) == 5 * S
