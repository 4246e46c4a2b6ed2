"""What a visitor's page is told and sends, beside the call itself (``video.pages``). Times: milliseconds UTC."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

import msgspec

from core.ids import InteractionId
from desk.model import Label
from video.appointment import Validity
from video.book import FileInfo


class Refusal(StrEnum):
    """Why nobody can wait by video now."""

    HOURS = "hours"
    """Outside business hours."""
    CLOSED = "closed"
    """The centre was closed by hand."""
    MEDIA = "media"
    """No forwarding unit is up."""


class TopicInfo(msgspec.Struct, frozen=True):
    """What a visitor may come for."""

    id: str
    name: Label


class ConsentInfo(msgspec.Struct, frozen=True):
    """What a visitor agrees to before being recorded."""

    version: str
    text: Label
    without: bool
    """Whether who does not agree is served, unrecorded."""


class Welcome(msgspec.Struct, frozen=True):
    """What the page shows before anything was asked."""

    centre: Label
    zone: str
    languages: tuple[str, ...]
    open: bool
    refusal: Refusal | None
    opens_at: int | None
    """When the business hours begin again; null if open, or if nobody knows."""
    topics: tuple[TopicInfo, ...]
    consent: ConsentInfo
    prepare: tuple[Label, ...]
    waiting: int
    """Visitors who wait."""
    telephone: str
    """The number to call instead."""
    calls_back: bool
    """Whether who waits may leave a number instead and keep the place."""


class NewVisit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask for a call."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    topic: Annotated[str, msgspec.Meta(max_length=64)]
    language: Annotated[str, msgspec.Meta(max_length=16)]
    camera: bool
    consent: Annotated[str, msgspec.Meta(max_length=32)] = ""
    """The version that was agreed to; empty for not agreed."""
    code: Annotated[str, msgspec.Meta(max_length=32)] = ""
    """What the caller heard on the telephone, to take the place along. The topic is then the call's."""
    appointment: Annotated[str, msgspec.Meta(max_length=64)] = ""
    """The token of the link to an appointment. The topic is then what was agreed."""


class AskedIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who of those who were asked in is meant; the colleague, or the last telephone, where nobody is named."""

    consult: InteractionId | None = None


class NewCode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask whether a code is good, before anything is filled in."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class CodeGood(msgspec.Struct, frozen=True):
    """The place can be taken over, for now: it is not yet."""

    queue: str


class ShownToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ask what a link to an appointment is good for."""

    token: Annotated[str, msgspec.Meta(max_length=64)]


class Agreed(msgspec.Struct, frozen=True):
    """An appointment, as its visitor sees it. What was noted for the agent is not in it."""

    validity: Validity
    begins_at: int
    ends_at: int
    opens_at: int
    """From then on one may come."""
    closes_at: int
    name: str
    topic: str
    """These two are empty once the link is worth nothing."""
    language: str


class Visiting(msgspec.Struct, frozen=True):
    """A visitor's way back into the call: kept by the page, shown with every further request."""

    id: InteractionId
    token: str


class NewCallback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the visitor wants to be called instead of waiting."""

    number: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class CallbackKept(msgspec.Struct, frozen=True):
    """The visitor is called when the turn comes."""

    number: str
    """As it is dialled, in E.164."""


class Handed(msgspec.Struct, frozen=True):
    """A file of a visit, for an agent who has or had it."""

    at: int
    sender: str
    """``visitor``, or an agent's id."""
    file: FileInfo


class Standing(msgspec.Struct, frozen=True):
    """Whether a call goes on: for a page that was reloaded."""

    live: bool
    rated: bool


class NewRating(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the visitor says at the end."""

    score: Annotated[int, msgspec.Meta(ge=1, le=5)]
    comment: Annotated[str, msgspec.Meta(max_length=1_000)] = ""


SURVEY: Final = "video_csat"
"""The question that a rating answers (``acd.events.Surveyed``)."""
