"""A side of the drill believes only what moves, and only the tone that is the other's."""

from __future__ import annotations

import pytest

from core.errors import TryLater
from sambung.drill_video_media import AGENT, VISITOR
from sambung.drill_video_side import Side

QUIET = {"hz": 0.0, "db": -200.0}


class Page:
    """A browser whose page answers one after the other, the last again and again."""

    def __init__(self, **answers: list[object]) -> None:
        self._answers = answers

    async def call(self, function: str, *_: object) -> object:
        answers = self._answers[function.removeprefix("drill.")]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def side(page: Page) -> Side:
    return Side("the visitor", page, VISITOR)  # type: ignore[arg-type]


async def test_a_picture_counts_once_twenty_frames_of_it_were_decoded() -> None:
    assert await side(Page(frames=[-1, 50, 60, 70])).sees(AGENT.colour, within=5) == 70


async def test_a_picture_that_comes_anew_is_counted_from_its_beginning() -> None:
    assert await side(Page(frames=[50, 3, 10, 23])).sees(AGENT.colour, within=5) == 23


@pytest.mark.parametrize("frames", [[-1], [70], [50, 51, 52]])
async def test_a_picture_that_stands_still_is_none(frames: list[object]) -> None:
    with pytest.raises(TryLater, match="no blue picture moves within"):
        await side(Page(frames=frames)).sees(AGENT.colour, within=0.1)


async def test_only_the_tone_of_the_other_is_heard() -> None:
    page = Page(hear=[QUIET, {"hz": 650.0, "db": -20.0}, {"hz": 1_203.1, "db": -30.0}])
    assert await side(page).hears(AGENT.hz, within=5) == (1_203.1, -30.0)


@pytest.mark.parametrize("heard", [QUIET, {"hz": 650.0, "db": -20.0}, {"hz": 1_200.0, "db": -90.0}])
async def test_another_tone_is_named(heard: object) -> None:
    with pytest.raises(TryLater, match=r"1200 Hz is not heard within 0\.1 s; \d+ Hz at -\d+ dB is"):
        await side(Page(hear=[heard])).hears(AGENT.hz, within=0.1)


async def test_what_the_page_says_is_told_when_something_does_not_come() -> None:
    page = Page(press=[True], screen=["ready"], alarm=["Isi nama"])
    await side(page).does("press", "Masuk")
    with pytest.raises(TryLater, match=r"does not show 'waiting' within .* s; the page shows ready Isi nama"):
        await side(page).on("waiting", within=0.1)
