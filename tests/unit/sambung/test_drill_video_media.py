"""The drill plays the recording itself, and says what is missing in it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from core.errors import Refused
from sambung.drill_video_media import AGENT, SCREEN, VISITOR, check, write_picture, write_sound
from video.model import ParticipantId, RoomId
from video.ports import Leg, Media

ONE, OTHER = ParticipantId("visitor"), ParticipantId("agent-7")
SIDES = {ONE: VISITOR, OTHER: AGENT}
MEDIA = Media(RoomId("ab" * 16), 0, 2_000, "room.mkv", 2_000, (Leg(ONE, "1.wav"), Leg(OTHER, "2.wav")), ())


def record(file: Path, tracks: dict[str, str]) -> None:
    """Write two seconds of one colour a track."""
    with av.open(str(file), "w") as media:
        streams = []
        for title, colour in tracks.items():
            stream = media.add_stream("libvpx", rate=20)
            stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
            stream.metadata["title"] = title
            streams.append((stream, colour))
        for stream, colour in streams:
            frame = av.VideoFrame(64, 36, "rgb24")
            rgb = {"red": (255, 0, 0), "blue": (0, 0, 255), "green": (0, 192, 0)}[colour]
            frame.planes[0].update(bytes(rgb) * (frame.planes[0].buffer_size // 3))
            for number in range(40):
                picture = frame.reformat(format="yuv420p")
                picture.pts, picture.time_base = number, Fraction(1, 20)
                media.mux(stream.encode(picture))
            media.mux(stream.encode(None))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(
        tmp_path / "room.mkv",
        {f"{ONE} camera": "red", f"{OTHER} camera": "blue", f"{ONE} screen": SCREEN},
    )
    write_sound(tmp_path / "1.wav", VISITOR.hz)
    write_sound(tmp_path / "2.wav", AGENT.hz)
    return tmp_path


def test_a_recording_with_everything_is_told_of(folder: Path) -> None:
    assert check(MEDIA, folder, SIDES, ONE) == (
        "40 pictures of visitor, 40 pictures of agent-7, 40 of the screen; 2000 ms"
    )


def test_what_is_missing_is_named(folder: Path) -> None:
    with pytest.raises(Refused, match="nothing was recorded"):
        check(replace(MEDIA, file=""), folder, SIDES, ONE)
    with pytest.raises(Refused, match="no sound of agent-7"):
        check(replace(MEDIA, legs=MEDIA.legs[:1]), folder, SIDES, ONE)
    with pytest.raises(Refused, match="agent-7 screen has 0 pictures"):
        check(MEDIA, folder, SIDES, OTHER)
    with pytest.raises(Refused, match="visitor camera has 40 pictures, 40 of them not blue"):
        check(MEDIA, folder, {ONE: AGENT}, ONE)


def test_a_sound_on_the_wrong_side_is_named(folder: Path) -> None:
    crossed = replace(MEDIA, legs=(Leg(ONE, "2.wav"), Leg(OTHER, "1.wav")))
    with pytest.raises(Refused, match="the sound of visitor has 1200 Hz, not 650"):
        check(crossed, folder, SIDES, ONE)


def test_a_file_that_is_cut_off_does_not_play(folder: Path) -> None:
    whole = (folder / "room.mkv").read_bytes()
    (folder / "room.mkv").write_bytes(whole[:40])
    with pytest.raises(Refused, match="visitor camera does not play"):
        check(MEDIA, folder, SIDES, ONE)


def test_a_camera_shows_a_second_in_its_colour(tmp_path: Path) -> None:
    write_picture(tmp_path / "camera.y4m", "red")
    with av.open(str(tmp_path / "camera.y4m")) as media:
        pictures = [bytes(frame.reformat(2, 2, "rgb24").planes[0])[:3] for frame in media.decode(video=0)]
    assert len(pictures) == 20
    assert all(red > 200 > green + blue for red, green, blue in pictures)
