"""Appointments for video calls by the centre's rules: fills desk.appointment_ports.Appointments."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from core.clock import Clock
from core.errors import Refused
from ivr.hours import is_open
from sambung.centre import Centre
from sambung.centre_video import VideoDesk
from video.appointment import (
    Appointment,
    AppointmentBook,
    AppointmentId,
    NotAgreed,
    Wish,
    agreed,
    appointment_of,
    key_of,
    token_of,
)

CONSOLE: Final = "console"
"""Who made or cancelled one on the command line."""

KEPT_MS: Final = 30 * 86_400_000
"""So long after it closed an appointment is kept: there are names in it."""


class Links:
    """Signs the addresses that visitors are given."""

    def __init__(self, secret: str, address: str) -> None:
        """``secret`` is the installation's, ``address`` where its pages are."""
        self._key = key_of(secret)
        self._address = address

    def to(self, id_: AppointmentId) -> str:
        """Return the address for the visitor of an appointment."""
        return f"{self._address}/panggilanvideo?janji={token_of(self._key, id_)}"

    def named(self, token: str) -> AppointmentId | None:
        """Return which appointment a link's token is for, or None for one that we did not make."""
        return appointment_of(self._key, token)


class AppointmentDesk:
    """Makes appointments."""

    def __init__(
        self, book: AppointmentBook, links: Links, centre: Callable[[], Centre], clock: Clock
    ) -> None:
        """``centre`` returns the words in force."""
        self._book = book
        self._links = links
        self._centre = centre
        self._clock = clock

    @property
    def book(self) -> AppointmentBook:
        """Where they are kept."""
        return self._book

    @property
    def priority(self) -> int:
        """Points in line of who has one."""
        video = self._centre().video
        return 0 if video is None else video.appointments.priority

    def link(self, id_: AppointmentId) -> str:
        """Return the address for the visitor."""
        return self._links.to(id_)

    def named(self, token: str) -> AppointmentId | None:
        """Return which appointment a link's token is for, or None for one that we did not make."""
        return self._links.named(token)

    async def make(self, wish: Wish, by: str) -> Appointment:
        """Agree and write down. Raises NotAgreed, or Refused where there are no video calls."""
        centre = self._centre()
        if centre.video is None:
            raise Refused("this centre takes no video calls")
        wish = replace(wish, language=wish.language or centre.language)
        _check(wish, centre, centre.video)
        id_ = AppointmentId(secrets.token_hex(16))
        appointment = agreed(wish, centre.video.appointments, id_, self._clock.now_ms(), by)
        await self._book.add(appointment)
        return appointment


def _check(wish: Wish, centre: Centre, video: VideoDesk) -> None:
    if wish.topic not in video.topics:
        raise NotAgreed(f"no topic {wish.topic!r}; there are: {', '.join(video.topics)}", "topic")
    if wish.language not in centre.languages:
        raise NotAgreed(
            f"no language {wish.language!r}; there are: {', '.join(centre.languages)}", "language"
        )
    begins = datetime.fromtimestamp(wish.begins_at / 1_000, centre.zone)
    if not centre.always_open and not is_open(centre.hours[video.hours], begins):
        raise NotAgreed("video calls are closed at that time", "begins_at")
