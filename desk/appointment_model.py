"""What is sent and answered about appointments for video calls. Times: milliseconds since 1970 UTC."""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.ids import InteractionId
from desk.bodies import Body, Word
from desk.customer_bodies import When
from video.appointment import AppointmentId, Validity

Length = Annotated[int, msgspec.Meta(ge=0, le=14_400_000)]
"""Milliseconds, four hours at most."""


class NewAppointment(Body, frozen=True):
    """What is agreed. What is null is as the centre's rules say (``video.yaml``)."""

    topic: Word
    begins_at: When
    language: Annotated[str, msgspec.Meta(max_length=16)] = ""
    """Empty: the centre's first."""
    length_ms: Length | None = None
    before_ms: Length | None = None
    """So long before the begin the visitor may come."""
    after_ms: Length | None = None
    """So long after the end the visitor may still come."""
    name: Annotated[str, msgspec.Meta(max_length=80)] = ""
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""
    """For the agent: a case number, what it is about. The visitor does not see it."""


class AppointmentInfo(msgspec.Struct, frozen=True):
    """An appointment, as the centre sees it."""

    id: AppointmentId
    link: str
    """For the visitor, and nobody else: who has it may come."""
    validity: Validity
    topic: str
    language: str
    begins_at: int
    ends_at: int
    opens_at: int
    """From then on the visitor may come, and goes ahead in line."""
    closes_at: int
    """From then on the link is worth nothing."""
    name: str
    note: str
    made_at: int
    made_by: str
    """An account, or ``console``."""
    cancelled_at: int | None
    cancelled_by: str
    visit: InteractionId | None
    """The visit in which it was last used."""
