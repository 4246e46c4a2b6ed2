"""The centre's flows with its hours and the time, as calls ask for them."""

from __future__ import annotations

from core.clock import Clock
from ivr import step as interpreter
from ivr.effects import Effect, Input
from ivr.model import Flow, Session
from sambung.centre import Centre


class CentreMenus:
    """Which flow answers which number."""

    def __init__(self, centre: Centre, clock: Clock) -> None:
        self._centre = centre
        self._clock = clock

    def menu(self, dialled: str) -> CentreMenu:
        """Return the flow for callers of ``dialled``."""
        return CentreMenu(self._centre, self._centre.flow(dialled), self._clock)


class CentreMenu:
    """One flow, walked at the present time."""

    def __init__(self, centre: Centre, flow: Flow, clock: Clock) -> None:
        self._centre = centre
        self._flow = flow
        self._clock = clock

    def step(self, session: Session, given: Input) -> tuple[Session, tuple[Effect, ...]]:
        """Return the session after ``given``, and what to do."""
        around = self._centre.surroundings(self._clock.now_ms())
        return interpreter.step(self._flow, session, given, around)
