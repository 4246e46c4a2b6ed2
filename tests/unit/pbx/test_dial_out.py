"""How a telephone outside is rung: checked, written down, asked for, followed, in this order."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Gone, Refused, TryLater
from core.ids import AgentId, InteractionId, LegId
from pbx.call import DialDenied, Dialled
from pbx.dial_model import outside_leg
from pbx.dial_out import Day, DialRow, Outside
from pbx.effects import DialOut, Follow
from pbx.model import Leg
from pbx.outbound_model import Denial, OutboundRules

ID = InteractionId("c" * 32)
LEG = outside_leg(ID, "j", 7)
AGENT = AgentId("ag101")
RULES = OutboundRules(own=("169",), caller="+6221169", hours="office")
DIAL = DialOut(LEG, ID, AGENT, "0812-3456-789")


class World:
    """Asterisk, the table and the clock, which write down what they are asked."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.params: dict[str, str] = {}
        self.body: Any = None
        self.rows: list[DialRow] = []
        self.legs: list[Leg] = []
        self.fail: dict[str, Exception] = {}
        self.open = True
        self.alarms: list[DialRow] = []

    def now_ms(self) -> int:
        return 90_000_000

    async def get(self, path: str, kind: object, **params: str) -> list[Leg]:
        return self.legs

    async def send(self, method: str, path: str, body: Any = None, **params: str) -> None:
        self.did.append(path)
        if path == "channels":
            self.params, self.body = params, body
        if (error := self.fail.get(path)) is not None:
            raise error

    async def begin(self, row: DialRow) -> bool:
        self.did.append("row")
        if any(known.leg == row.leg for known in self.rows):
            return False
        self.rows.append(row)
        return True

    async def tries(self, interaction: InteractionId) -> int:
        return len(self.rows)

    async def counted(self, since: int, agent: AgentId) -> tuple[int, int]:
        self.did.append(f"since {since}")
        return sum(row.agent == agent for row in self.rows), len(self.rows)

    def outside(self, rules: OutboundRules = RULES) -> Outside:
        day = Day(lambda now: now - now % 86_400_000, lambda hours, now: self.open)
        outside = Outside(self, "sambung", self, rules, self, day)  # type: ignore[arg-type]

        async def alarm(row: DialRow) -> None:
            self.alarms.append(row)

        outside.on_off_hours = alarm
        return outside


async def test_it_is_written_down_before_it_rings_and_followed_after() -> None:
    world = World()
    assert await world.outside().do(DIAL) == Dialled(LEG, 1)
    assert world.did == ["since 86400000", "row", "channels", "applications/sambung/subscription"]
    assert world.params["endpoint"] == "PJSIP/+628123456789@trunk169"
    assert (world.params["channelId"], world.params["callerId"]) == (LEG, "+6221169")
    assert (world.params["context"], world.params["extension"]) == ("dialled", "customer")
    assert world.body == {"variables": {"SAMBUNG_ID": ID}}
    assert world.alarms == []


async def test_the_same_leg_asked_for_again_is_only_followed() -> None:
    world = World()
    outside = world.outside()
    await outside.do(DIAL)
    world.did.clear()
    assert await outside.do(DIAL) == Dialled(LEG, 1)
    assert "channels" not in world.did


@pytest.mark.parametrize(
    ("number", "denial"), [("08091234567", Denial.PREMIUM), ("169", Denial.OWN), ("x", Denial.MALFORMED)]
)
async def test_a_number_that_is_not_called_is_not_even_written_down(number: str, denial: Denial) -> None:
    world = World()
    dial = DialOut(LEG, ID, AGENT, number)
    assert await world.outside().do(dial) == DialDenied(LEG, denial, 90_000_000)
    assert world.did == []


async def test_the_caps_hold_for_the_agent_the_day_and_the_moment() -> None:
    for rules, denial in (
        (OutboundRules(agent_per_day=0), Denial.AGENT_CAP),
        (OutboundRules(per_day=0), Denial.DAY_CAP),
        (OutboundRules(at_once=1), Denial.AT_ONCE),
    ):
        world = World()
        world.legs = [Leg(LegId("out-j-x-1")), Leg(LegId("ag-j-1"))]
        assert await world.outside(rules).do(DIAL) == DialDenied(LEG, denial, 90_000_000)
        assert world.rows == []
        with pytest.raises(Refused):
            await world.outside(rules).check(AGENT)


async def test_a_call_out_of_hours_is_made_marked_and_told() -> None:
    world = World()
    world.open = False
    assert await world.outside().do(DIAL) == Dialled(LEG, 1)
    assert [row.off_hours for row in world.rows] == [True]
    assert world.alarms == world.rows


async def test_a_lost_reply_is_asked_about_and_never_sent_again() -> None:
    world = World()
    world.fail = {"channels": TryLater("lost")}
    assert await world.outside().do(DIAL) == Dialled(LEG, 1)
    assert world.did.count("channels") == 1
    world = World()
    world.fail = {"channels": TryLater("lost"), "applications/sambung/subscription": Gone("none")}
    assert await world.outside().do(DIAL) == DialDenied(LEG, None, 90_000_000)


async def test_what_asterisk_refuses_was_a_try() -> None:
    world = World()
    world.fail = {"channels": Refused("no trunk")}
    assert await world.outside().do(DIAL) == DialDenied(LEG, None, 90_000_000)
    assert len(world.rows) == 1


async def test_after_a_restart_the_leg_is_followed_again() -> None:
    world = World()
    outside = world.outside()
    await outside.do(DIAL)
    world.did.clear()
    assert await outside.do(Follow(LEG, ID)) == Dialled(LEG, 1)
    assert world.did == ["applications/sambung/subscription"]


def test_a_person_is_told_in_words_what_cannot_be_called() -> None:
    outside = World().outside()
    assert outside.number("0812 3456 789") == "+628123456789"
    with pytest.raises(Refused, match="the centre's own number"):
        outside.number("169")
    with pytest.raises(Refused, match="switched off"):
        World().outside(OutboundRules(allow=())).number("08123456789")
