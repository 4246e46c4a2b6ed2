"""Rings telephones outside over the trunk. Every dial string of ours is made here, and nowhere else.

A dial is written down before it is asked for, under an id that is never used twice: a process that dies in between
can be asked to do it again and does not. Source: Asterisk documentation, "Channels REST API", "Applications REST API".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from core.clock import Clock
from core.errors import Gone, Refused, SambungError, TryLater
from core.ids import AgentId, InteractionId, LegId
from pbx.ari import Ari
from pbx.call import DialDenied, Dialled, Happening
from pbx.dial_model import is_outside_leg
from pbx.effects import DialOut, Follow, RingBack
from pbx.model import Leg
from pbx.outbound import allowed, permit, sent
from pbx.outbound_model import Denial, Number, OutboundRules, Used

_log = structlog.get_logger("dial")

TRUNK: Final = "trunk169"
"""The endpoint in the rendered configuration."""


@dataclass(frozen=True, slots=True)
class DialRow:
    """A telephone outside that was rung."""

    leg: LegId
    interaction: InteractionId
    agent: AgentId
    at: int
    """Milliseconds UTC."""
    number: Number
    off_hours: bool


class Dials(Protocol):
    """What is remembered of calls to telephones outside."""

    async def begin(self, row: DialRow) -> bool:
        """Write a dial down, durably. False if this leg was dialled before."""
        ...

    async def tries(self, interaction: InteractionId) -> int:
        """Return how often somebody was rung for an interaction."""
        ...

    async def counted(self, since: int, agent: AgentId) -> tuple[int, int]:
        """Return how many dials there were from ``since`` on (milliseconds UTC): the agent's, and all."""
        ...


@dataclass(frozen=True, slots=True)
class Day:
    """What the centre's day says of a moment, in milliseconds UTC."""

    midnight: Callable[[int], int]
    """The last midnight at the centre."""
    is_open: Callable[[str, int], bool]
    """Whether the named business hours are open."""


class Outside:
    """The way to telephones outside."""

    def __init__(
        self, ari: Ari, app: str, dials: Dials, rules: OutboundRules, clock: Clock, day: Day
    ) -> None:
        self._ari = ari
        self._app = app
        self._dials = dials
        self._rules = rules
        self._clock = clock
        self._day = day
        # The caps are looked at and used up one dial after the other.
        self._turn = asyncio.Lock()
        self.on_off_hours: Callable[[DialRow], Awaitable[None]] = _nobody_told
        """Called when a call leaves outside business hours: somebody may be abusing the lines."""

    def number(self, text: str) -> Number:
        """Return the number meant by ``text``. Raises Refused, in words for a person, if it is not called."""
        verdict = allowed(text, self._rules) if self._rules.allow else Denial.OFF
        if isinstance(verdict, Denial):
            raise Refused(WORDS[verdict])
        return verdict

    async def check(self, agent: AgentId) -> None:
        """Raise Refused, in words for a person, if no further call may be made now on the agent's account."""
        if (denial := await self._permit(agent)) is not None:
            raise Refused(WORDS[denial])

    async def do(self, action: DialOut | Follow | RingBack) -> Happening | None:
        """Carry ``action`` out and return what is to be reported to its call."""
        match action:
            case DialOut():
                async with self._turn:
                    return await self._dial(action)
            case Follow(leg=leg, id=id_):
                await self._subscribe(leg)
                return Dialled(leg, await self._dials.tries(id_))
            case RingBack(leg=leg, playback=playback):
                await self._ari.send("POST", f"channels/{leg}/play/{playback}", media="tone:ring")
                return None

    async def _permit(self, agent: AgentId) -> Denial | None:
        mine, today = await self._dials.counted(self._day.midnight(self._clock.now_ms()), agent)
        legs = await self._ari.get("channels", list[Leg])
        return permit(self._rules, Used(mine, today, sum(is_outside_leg(leg.id) for leg in legs)))

    async def _dial(self, dial: DialOut) -> Happening | None:
        now = self._clock.now_ms()
        number = allowed(dial.number, self._rules)
        denial = number if isinstance(number, Denial) else await self._permit(dial.agent)
        if denial is not None or isinstance(number, Denial):
            _log.warning("a call to the outside was denied", interaction=dial.id, reason=denial)
            return DialDenied(dial.leg, denial, now)
        hours = self._rules.hours
        row = DialRow(
            dial.leg,
            dial.id,
            dial.agent,
            now,
            number,
            off_hours=bool(hours) and not self._day.is_open(hours, now),
        )
        if not await self._dials.begin(row):
            # Rung already, by a process that did not live to say so. Whether it still rings, the leg says.
            return await self._ringing(dial, now)
        if row.off_hours:
            await self._alarm(row)
        return await self._originate(dial, number, now)

    async def _alarm(self, row: DialRow) -> None:
        _log.warning(
            "a call to the outside leaves out of hours", interaction=row.interaction, agent=row.agent
        )
        try:
            await self.on_off_hours(row)
        except SambungError as error:
            _log.warning("nobody could be told of a call out of hours", reason=str(error))

    async def _originate(self, dial: DialOut, number: Number, now: int) -> Happening:
        try:
            await self._ari.send(
                "POST",
                "channels",
                {"variables": {"SAMBUNG_ID": dial.id}},
                endpoint=f"PJSIP/{sent(number, self._rules)}@{TRUNK}",
                context="dialled",
                extension="customer" if dial.customer else "other",
                priority="1",
                channelId=dial.leg,
                callerId=self._rules.caller,
                timeout=str(self._rules.ring_ms // 1000),
            )
        except TryLater:
            return await self._ringing(dial, now)
        except (Refused, Gone):
            return DialDenied(dial.leg, None, now)
        return await self._ringing(dial, now)

    async def _ringing(self, dial: DialOut, now: int) -> Happening:
        """Have Asterisk tell us what becomes of the leg: one that is led to the dialplan does not do so by itself."""
        try:
            await self._subscribe(dial.leg)
        except SambungError:
            return DialDenied(dial.leg, None, now)
        return Dialled(dial.leg, await self._dials.tries(dial.id))

    async def _subscribe(self, leg: LegId) -> None:
        await self._ari.send("POST", f"applications/{self._app}/subscription", eventSource=f"channel:{leg}")


async def _nobody_told(row: DialRow) -> None:
    """Do nothing: the log has it."""


WORDS: Final = {
    Denial.MALFORMED: "That is no telephone number that can be called: give it with its area code.",
    Denial.OWN: "That is the centre's own number: choose a colleague or a queue instead.",
    Denial.FOREIGN: "Calls abroad are not allowed: ask a supervisor.",
    Denial.PREMIUM: "Numbers that charge extra are not called.",
    Denial.AGENT_CAP: "You have made all the calls that are allowed to one agent today: ask a supervisor.",
    Denial.DAY_CAP: "The centre has made all the calls that are allowed today: ask a supervisor.",
    Denial.AT_ONCE: "All lines for outgoing calls are taken: try again in a moment.",
    Denial.OFF: "Outgoing calls are switched off.",
}
"""What a person is told. The desk's catalogue has it in the person's language, by the denial's name."""
