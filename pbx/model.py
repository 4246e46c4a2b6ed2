"""What Asterisk tells us, parsed once at the edge (ARI event models, Asterisk 22 rest-api/events.json)."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, TypeAlias

import msgspec

from core.ids import AgentId, BridgeId, InteractionId, LegId, OfferId, parse_interaction_id


class Seating(StrEnum):
    """Who hears whom in a conversation. Whoever is left out hears music."""

    TOGETHER = "together"
    """Customer and agent; a colleague who is being rung does not count."""
    HELD = "held"
    """The customer hears music, the agent nothing."""
    PRIVATE = "private"
    """Agent and colleague."""
    ASIDE = "aside"
    """Customer and agent, while the colleague hears music."""
    CONFERENCE = "conference"


class Caller(msgspec.Struct, frozen=True):
    """A party's name and number as the far side sent them. Personal data, and not to be trusted."""

    name: str = ""
    number: str = ""


class Dialplan(msgspec.Struct, frozen=True):
    """Where a leg is in the dialplan; in our application ``app_data`` repeats the arguments of Stasis()."""

    exten: str = ""
    app_name: str = ""
    app_data: str = ""


class Leg(msgspec.Struct, frozen=True):
    """An Asterisk channel."""

    id: LegId
    name: str = ""
    state: str = ""
    """``Ring``, ``Ringing``, ``Up`` and others; only ``Up`` means answered."""
    caller: Caller = Caller()
    dialplan: Dialplan = Dialplan()
    channelvars: dict[str, str] = {}
    """What only Asterisk remembers of a leg when we come back: ``MUTED`` and ``PAUSED``."""

    @property
    def endpoint(self) -> str:
        """The PJSIP endpoint: ``ag101`` in ``PJSIP/ag101-00000001``."""
        return self.name.partition("/")[2].rpartition("-")[0]


class Bridge(msgspec.Struct, frozen=True):
    """An Asterisk bridge and the legs in it."""

    id: BridgeId
    bridge_type: str = ""
    channels: tuple[LegId, ...] = ()


class Playback(msgspec.Struct, frozen=True):
    """Something being played to a leg."""

    id: str
    state: str = ""


class _AriEvent(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class LegEntered(_AriEvent, frozen=True, tag="StasisStart"):
    """A leg came into our application. It is answered only if its state says so."""

    channel: Leg
    args: tuple[str, ...] = ()
    timestamp: str = ""


class LegLeft(_AriEvent, frozen=True, tag="StasisEnd"):
    """A leg left our application, as a rule because it hung up."""

    channel: Leg


class LegDestroyed(_AriEvent, frozen=True, tag="ChannelDestroyed"):
    """A leg is gone. ``cause`` is Q.850 and cannot be trusted alone (asterisk issues 1660, 1124)."""

    channel: Leg
    cause: int = 0


class KeyPressed(_AriEvent, frozen=True, tag="ChannelDtmfReceived"):
    """A keypad tone from the far side."""

    channel: Leg
    digit: str


class PlaybackEnded(_AriEvent, frozen=True, tag="PlaybackFinished"):
    """A playback ended, was stopped, or failed."""

    playback: Playback


class Recording(msgspec.Struct, frozen=True):
    """A recording that was asked for over ARI."""

    name: str
    silence_duration: int = 0
    """Seconds of silence at its end, if silence was listened for."""


class RecordingEnded(_AriEvent, frozen=True, tag="RecordingFinished"):
    """A recording is complete: by key, silence, length or the end of its leg."""

    recording: Recording


class RecordingLost(_AriEvent, frozen=True, tag="RecordingFailed"):
    """A recording could not be made."""

    recording: Recording


class Replaced(_AriEvent, frozen=True, tag="ApplicationReplaced"):
    """Another process took our application's name; events go there from now on."""

    application: str = ""


class Response(_AriEvent, frozen=True, tag="RESTResponse"):
    """The answer to a request that was sent over the WebSocket."""

    request_id: str
    status_code: int
    message_body: str = ""


AriEvent: TypeAlias = (
    LegEntered
    | LegLeft
    | LegDestroyed
    | KeyPressed
    | PlaybackEnded
    | RecordingEnded
    | RecordingLost
    | Replaced
    | Response
)

EVENT_TYPES = (
    *("StasisStart", "StasisEnd", "ChannelDestroyed", "ChannelDtmfReceived", "PlaybackFinished"),
    *("RecordingFinished", "RecordingFailed"),
)
"""Asked for in the event filter. Without ``RESTResponse`` beside them Asterisk swallows every reply."""

_decoder: msgspec.json.Decoder[AriEvent] = msgspec.json.Decoder(AriEvent)


class _Type(msgspec.Struct):
    type: str


_type_decoder = msgspec.json.Decoder(_Type)


def parse(raw: bytes | str) -> AriEvent | None:
    """Return the event in ``raw``, or None for a type that we do not use.

    Raises:
        msgspec.DecodeError: ``raw`` is no JSON, or an event of ours is not of its documented shape.
    """
    try:
        return _decoder.decode(raw)
    except msgspec.ValidationError:
        if _type_decoder.decode(raw).type in _KNOWN:
            raise
        return None


_KNOWN = frozenset((*EVENT_TYPES, "ApplicationReplaced", "RESTResponse"))


# --- our own names for legs and bridges: chosen before the request, so that an answer may come late -------

LINE_BRIDGE = BridgeId("sambung-line")
"""The holding bridge in which every waiting caller hears music."""

_AGENT_PREFIX = "ag-"
_TALK_PREFIX = "talk-"


def agent_leg(offer: OfferId, generation: str) -> LegId:
    """Return the leg that rings an agent for ``offer``. ``generation`` keeps ids apart between journals."""
    return LegId(f"{_AGENT_PREFIX}{generation}-{offer}")


def offer_of(leg: LegId, generation: str) -> OfferId | None:
    """Return the offer that ``leg`` rings for, or None if it is not an agent's leg of this journal."""
    head, _, number = leg.rpartition("-")
    if head == f"{_AGENT_PREFIX}{generation}" and number.isascii() and number.isdigit():
        return OfferId(int(number))
    return None


def is_agent_leg(leg: LegId) -> bool:
    """Whether we made ``leg`` to ring an agent, in this journal or another."""
    return leg.startswith(_AGENT_PREFIX)


MUTED = "SAMBUNG_MUTED"
"""On an agent's leg: it is not heard."""
PAUSED = "SAMBUNG_PAUSED"
"""On a customer's leg: its recording takes down silence."""

_WATCH_PREFIX = "watch-"
_SPY_PREFIX = "spy-"
_BOOTH_PREFIX = "booth-"
_MESSAGE_PREFIX = "vm-"
_MEDIA_PREFIX = "media-"


class WatchName(NamedTuple):
    """What the id of a supervisor's leg says."""

    interaction: InteractionId
    agent: AgentId


def watch_leg(interaction: InteractionId, agent: AgentId, generation: str, at: int) -> LegId:
    """Return the leg that rings a supervisor at ``at`` (milliseconds UTC). Never used twice."""
    return LegId(f"{_WATCH_PREFIX}{generation}-{interaction}-{at:x}-{agent}")


def watched_by(leg: LegId, generation: str) -> WatchName | None:
    """Return whose call is watched by the supervisor's ``leg``, or None if it is no such leg of this journal."""
    head = f"{_WATCH_PREFIX}{generation}-"
    interaction, _, rest = leg.removeprefix(head).partition("-")
    known = parse_interaction_id(interaction)
    if not leg.startswith(head) or known is None:
        return None
    return WatchName(known, AgentId(rest.partition("-")[2]))


def is_watch(leg: LegId) -> bool:
    """Whether ``leg`` is a supervisor's, or spies for one, in this journal or another."""
    return leg.startswith((_WATCH_PREFIX, _SPY_PREFIX))


def spy_leg(watch: LegId, turn: int, whisper: bool) -> LegId:
    """Return the leg through which a supervisor's leg listens. ``turn`` tells those of one supervisor apart."""
    return LegId(f"{_SPY_PREFIX}{'w' if whisper else 'l'}{turn}-{watch}")


class SpyName(NamedTuple):
    """What the id of a spying leg says."""

    watch: LegId
    turn: int
    whisper: bool


def spies_for(leg: LegId) -> SpyName | None:
    """Return for which supervisor's leg ``leg`` listens, or None if it is no spying leg."""
    how, _, watch = leg.removeprefix(_SPY_PREFIX).partition("-")
    if not leg.startswith(_SPY_PREFIX) or how[:1] not in ("l", "w") or not how[1:].isdecimal():
        return None
    return SpyName(LegId(watch), int(how[1:]), how[0] == "w")


def booth(watch: LegId) -> BridgeId:
    """Return the bridge in which a supervisor's leg meets the leg that spies for it."""
    return BridgeId(f"{_BOOTH_PREFIX}{watch}")


def is_ours(bridge: BridgeId) -> bool:
    """Whether we made ``bridge`` for one call: a conversation or a supervisor's booth."""
    return bridge.startswith((_TALK_PREFIX, _BOOTH_PREFIX))


def media_leg(leg: LegId) -> LegId:
    """Return the stream by which the telephone on ``leg`` is heard in a video room, and hears it."""
    return LegId(f"{_MEDIA_PREFIX}{leg}")


def is_media_leg(leg: LegId) -> bool:
    """Whether we made ``leg`` to lead sound out of Asterisk."""
    return leg.startswith(_MEDIA_PREFIX)


def talk_bridge(leg: LegId) -> BridgeId:
    """Return the bridge in which the agent's ``leg`` meets the customer. Never used twice."""
    return BridgeId(f"{_TALK_PREFIX}{leg}")


def is_talk_bridge(bridge: BridgeId) -> bool:
    """Whether we made ``bridge`` for a conversation."""
    return bridge.startswith(_TALK_PREFIX)


def message_name(interaction: InteractionId, token: int) -> str:
    """Return the name of a recording. ``token`` tells a caller's tries apart."""
    return f"{_MESSAGE_PREFIX}{interaction}-{token}"


def message_of(name: str) -> tuple[InteractionId, int] | None:
    """Return the call and menu token of a recording's name, or None for another's."""
    owner, _, token = name.removeprefix(_MESSAGE_PREFIX).partition("-")
    known = parse_interaction_id(owner)
    if not name.startswith(_MESSAGE_PREFIX) or known is None or not (token.isascii() and token.isdigit()):
        return None
    return known, int(token)
