"""Joining caller and agent over ARI, when one of them hangs up in that moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import Gone, Refused, TryLater
from core.ids import BridgeId, LegId, OfferId
from pbx.call import Joined, JoinFailed
from pbx.effects import Join
from pbx.model import Leg
from pbx.wire import Sound, Wiring

CUSTOMER, AGENT = LegId("customer"), LegId("agent")
JOIN = Join(OfferId(7), BridgeId("talk-7"), CUSTOMER, AGENT)
LEAVES = Refused("POST bridges: 409 Channel not in Stasis application")


class Asterisk:
    """Answers each addChannel with the next of ``answers``, and knows the legs that are there until then."""

    def __init__(self, *answers: Exception | None, gone_after: dict[LegId, int] | None = None) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.gone_after = gone_after or {}

    async def send(self, method: str, path: str, body: Any = None, **params: str) -> None:
        if not path.endswith("/addChannel"):
            return
        answer = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        if answer is not None:
            raise answer

    async def get(self, path: str, kind: object, **params: str) -> Leg:
        leg = LegId(path.removeprefix("channels/"))
        if self.asked > self.gone_after.get(leg, 99):
            raise Gone("404 Channel not found")
        return Leg(leg)


async def joined(asterisk: Asterisk) -> object:
    nobody: Any = None
    wiring = Wiring(asterisk, lambda _: Sound(Path(), 0), str, nobody, nobody, nobody)  # type: ignore[arg-type]
    return await wiring.do(JOIN)


async def test_both_there_are_joined() -> None:
    assert await joined(Asterisk(None)) == Joined(OfferId(7))


@pytest.mark.parametrize("leg", [CUSTOMER, AGENT])
@pytest.mark.parametrize("looks", [0, 1, 2])
async def test_who_hangs_up_while_being_joined_is_told_by_the_end_of_the_leg(leg: LegId, looks: int) -> None:
    # The leg can still be looked at for a moment after Asterisk has begun to refuse it.
    assert await joined(Asterisk(LEAVES, gone_after={leg: looks})) is None


async def test_a_refusal_that_passes_is_tried_again() -> None:
    assert await joined(Asterisk(LEAVES, None)) == Joined(OfferId(7))


async def test_with_both_there_a_refusal_that_stays_is_a_failure() -> None:
    asterisk = Asterisk(LEAVES)
    assert await joined(asterisk) == JoinFailed(OfferId(7))
    assert asterisk.asked == 3


async def test_without_an_answer_it_is_a_failure_at_once() -> None:
    asterisk = Asterisk(TryLater("no answer"))
    assert await joined(asterisk) == JoinFailed(OfferId(7))
    assert asterisk.asked == 1
