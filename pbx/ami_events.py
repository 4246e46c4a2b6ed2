"""What Asterisk tells on AMI, parsed at the edge. Source: Asterisk documentation, "AMI Events".

Pure: a header set goes in, a typed event or None comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.ids import AgentId, InteractionId, LegId, parse_interaction_id

TRUNK: Final = "trunk169"
ASIDE: Final = "sambung-aside"
"""The AstDB family in which the dialplan notes the calls it takes while control is away."""


@dataclass(frozen=True, slots=True)
class ContactStatus:
    """Whether calls to this endpoint can reach a phone."""

    endpoint: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class TrunkStatus:
    """Whether the operator answers."""

    reachable: bool


@dataclass(frozen=True, slots=True)
class RtcpReport:
    """How a leg's far end hears us (RFC 3550, 6.4.1)."""

    leg: LegId
    lost: float
    """The part of packets lost since its last report, 0 to 1."""
    jitter: int
    """In units of the codec's clock."""
    round_trip_s: float | None


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """Somebody was turned away."""

    kind: str
    service: str
    account: str
    address: str
    """As Asterisk writes it: ``IPV4/UDP/192.0.2.1/5060``."""


@dataclass(frozen=True, slots=True)
class AsideChanged:
    """A call that the dialplan takes without control began or ended; see ``AsideCall.state``."""

    id: InteractionId
    state: str


@dataclass(frozen=True, slots=True)
class CallRefused:
    """A caller got no further than the trunk: ``unknown_number`` (404) or ``full`` (486)."""

    reason: str


AmiEvent: TypeAlias = ContactStatus | TrunkStatus | RtcpReport | SecurityEvent | AsideChanged | CallRefused


@dataclass(frozen=True, slots=True)
class AsideCall:
    """A call that the dialplan took while control was away. Times are UTC milliseconds, good to a second."""

    id: InteractionId
    started_at: int
    ended_at: int | None
    """None while it goes on, or if Asterisk died in the middle."""
    state: str
    """``waiting``, then one of ``answered``, ``abandoned``, ``nobody``."""
    agent: AgentId | None
    number: str
    """The caller's number: digits and ``+``, may be empty. Personal data."""


class Reach:
    """Which endpoints can be reached, as last heard: a device changes its state at every call, its reach seldom."""

    def __init__(self) -> None:
        self._there: dict[str, bool] = {}

    def take(self, device: object, state: object) -> tuple[str, bool] | None:
        """Note a device's state. Return the endpoint and whether a phone can be reached if that is news."""
        if not isinstance(device, str) or not device.startswith("PJSIP/"):
            return None
        endpoint, there = device.removeprefix("PJSIP/"), state not in _OUT_OF_REACH
        if self._there.get(endpoint) == there:
            return None
        self._there[endpoint] = there
        return endpoint, there

    def snapshot(self) -> dict[str, bool]:
        """Return all of it."""
        return dict(self._there)


_OUT_OF_REACH: Final = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
_TURNED_AWAY: Final = frozenset(
    {"ChallengeResponseFailed", "InvalidAccountID", "InvalidPassword", "FailedACL"}
)


def parse(message: Mapping[str, object], reach: Reach) -> AmiEvent | None:
    """Return what a message says, or None if it is nothing of ours. Header names are as Asterisk writes them."""
    name = _text(message, "Event")
    if name == "DeviceStateChange":
        return _device(message, reach)
    if name == "RTCPReceived":
        return _rtcp(message)
    if name == "UserEvent":
        return _ours(message)
    if name in _TURNED_AWAY:
        account, address = _text(message, "AccountID"), _text(message, "RemoteAddress")
        return SecurityEvent(name, _text(message, "Service"), account, address)
    return None


def parse_aside(key: str, value: str) -> AsideCall | None:
    """Return a record of AstDB: ``started|ended|state|agent|number``, or None if it is damaged."""
    id_ = parse_interaction_id(key.removeprefix(f"/{ASIDE}/"))
    parts = value.split("|")
    if id_ is None or len(parts) != 5 or not parts[0].isdecimal():
        return None
    started, ended, state, agent, number = parts
    return AsideCall(
        id_,
        int(started) * 1000,
        int(ended) * 1000 if ended.isdecimal() else None,
        state,
        AgentId(agent) if agent else None,
        number,
    )


def _device(message: Mapping[str, object], reach: Reach) -> ContactStatus | TrunkStatus | None:
    match reach.take(message.get("Device"), message.get("State")):
        case (endpoint, there):
            return TrunkStatus(there) if endpoint == TRUNK else ContactStatus(endpoint, there)
    return None


def _rtcp(message: Mapping[str, object]) -> RtcpReport | None:
    try:
        lost = int(_text(message, "Report0FractionLost")) / 256
        jitter = int(_text(message, "Report0IAJitter"))
    except ValueError:
        return None  # a report without a block: nothing was sent to that end yet
    try:
        round_trip = float(_text(message, "RTT"))
    except ValueError:
        round_trip = 0.0
    return RtcpReport(LegId(_text(message, "Uniqueid")), lost, jitter, round_trip or None)


def _ours(message: Mapping[str, object]) -> AsideChanged | CallRefused | None:
    kind = _text(message, "UserEvent")
    if kind == "SambungRefused":
        return CallRefused(_text(message, "Reason"))
    id_ = parse_interaction_id(_text(message, "Id"))
    return AsideChanged(id_, _text(message, "State")) if kind == "SambungAside" and id_ else None


def _text(message: Mapping[str, object], name: str) -> str:
    """Return a header; one that came twice is a list and none of ours."""
    value = message.get(name)
    return value if isinstance(value, str) else ""
