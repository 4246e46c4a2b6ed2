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


class Contacts:
    """Makes one answer an endpoint out of the life of its contacts.

    A phone that comes back from another port is there before its old contact is removed; the late removal must
    not take the agent out.
    """

    def __init__(self) -> None:
        self._addresses: dict[str, set[str]] = {}

    def believe(self, reachable: Mapping[str, bool]) -> None:
        """Start from a snapshot. It names no addresses; the next event of an endpoint brings them."""
        self._addresses = {endpoint: {""} for endpoint, there in reachable.items() if there}

    def take(self, endpoint: str, address: str, *, there: bool) -> bool:
        """Note one change and return whether the endpoint can be reached."""
        known = self._addresses.setdefault(endpoint, set())
        known.discard("")
        if there:
            known.add(address)
        else:
            known.discard(address)
        return bool(known)


_THERE: Final = {"Reachable": True, "NonQualified": True, "Unreachable": False, "Removed": False}
"""Other states (Created, Updated, Unknown) say nothing about reach."""
_TURNED_AWAY: Final = frozenset(
    {"ChallengeResponseFailed", "InvalidAccountID", "InvalidPassword", "FailedACL"}
)


def parse(message: Mapping[str, object], contacts: Contacts) -> AmiEvent | None:
    """Return what a message says, or None if it is nothing of ours. Header names are as Asterisk writes them."""
    name = _text(message, "Event")
    if name == "ContactStatus":
        return _contact(message, contacts)
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


def _contact(message: Mapping[str, object], contacts: Contacts) -> ContactStatus | TrunkStatus | None:
    there = _THERE.get(_text(message, "ContactStatus"))
    endpoint = _text(message, "EndpointName") or _text(message, "AOR")
    if there is None or not endpoint:
        return None
    reachable = contacts.take(endpoint, _text(message, "URI"), there=there)
    return TrunkStatus(reachable) if endpoint == TRUNK else ContactStatus(endpoint, reachable)


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
