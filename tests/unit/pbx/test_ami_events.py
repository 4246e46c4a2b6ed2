"""Manager events are parsed at the edge; what is not ours or damaged is nothing."""

from __future__ import annotations

import pytest

from core.ids import AgentId, InteractionId, LegId
from pbx.ami_events import (
    AmiEvent,
    AsideCall,
    AsideChanged,
    CallRefused,
    ContactStatus,
    Reach,
    RtcpReport,
    SecurityEvent,
    TrunkStatus,
    parse,
    parse_aside,
)

ID = InteractionId("0123456789abcdef0123456789abcdef")


def device(name: str, state: str) -> dict[str, object]:
    return {"Event": "DeviceStateChange", "Device": name, "State": state}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (device("PJSIP/budi", "NOT_INUSE"), ContactStatus("budi", True)),
        (device("PJSIP/budi", "BUSY"), ContactStatus("budi", True)),
        (device("PJSIP/budi", "RINGING"), ContactStatus("budi", True)),
        (device("PJSIP/budi", "UNAVAILABLE"), ContactStatus("budi", False)),
        (device("PJSIP/budi", "INVALID"), ContactStatus("budi", False)),
        (device("PJSIP/trunk169", "INUSE"), TrunkStatus(True)),
        (device("PJSIP/trunk169", "UNAVAILABLE"), TrunkStatus(False)),
        (device("Local/budi@fallback-agents", "NOT_INUSE"), None),
        (device("Queue:fallback", "NOT_INUSE"), None),
        ({"Event": "DeviceStateChange"}, None),
        ({"Event": "UserEvent", "UserEvent": "SambungRefused", "Reason": "full"}, CallRefused("full")),
        (
            {"Event": "UserEvent", "UserEvent": "SambungAside", "Id": ID, "State": "waiting"},
            AsideChanged(ID, "waiting"),
        ),
        ({"Event": "UserEvent", "UserEvent": "SambungAside", "Id": "../x", "State": "waiting"}, None),
        ({"Event": "UserEvent", "UserEvent": "SambungAside", "Id": [ID, ID], "State": "waiting"}, None),
        ({"Event": "UserEvent", "UserEvent": "Other"}, None),
        (
            {
                "Event": "ChallengeResponseFailed",
                "Service": "PJSIP",
                "AccountID": "budi",
                "RemoteAddress": "IPV4/UDP/192.0.2.1/5060",
            },
            SecurityEvent("ChallengeResponseFailed", "PJSIP", "budi", "IPV4/UDP/192.0.2.1/5060"),
        ),
        (
            {
                "Event": "RTCPReceived",
                "Uniqueid": "1.2",
                "Report0FractionLost": "64",
                "Report0IAJitter": "12",
                "RTT": "0.0250",
            },
            RtcpReport(LegId("1.2"), 0.25, 12, 0.025),
        ),
        ({"Event": "RTCPReceived", "Uniqueid": "1.2", "ReportCount": "0"}, None),
        ({"Event": "Newchannel", "Uniqueid": "1.2"}, None),
        ({"Response": "Success"}, None),
        ({}, None),
    ],
)
def test_messages_become_events(message: dict[str, object], expected: AmiEvent | None) -> None:
    assert parse(message, Reach()) == expected


def test_only_a_change_of_reach_is_news() -> None:
    reach = Reach()
    states = ["NOT_INUSE", "RINGING", "BUSY", "NOT_INUSE", "UNAVAILABLE", "UNAVAILABLE", "NOT_INUSE"]
    news = [parse(device("PJSIP/budi", state), reach) for state in states]
    assert [event for event in news if event] == [
        ContactStatus("budi", there) for there in (True, False, True)
    ]


def test_what_a_snapshot_said_is_no_news() -> None:
    reach = Reach()
    assert reach.take("PJSIP/budi", "NOT_INUSE") == ("budi", True)
    assert reach.snapshot() == {"budi": True}
    assert parse(device("PJSIP/budi", "BUSY"), reach) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1764043200||waiting||+628", AsideCall(ID, 1764043200000, None, "waiting", None, "+628")),
        (
            "1764043200|1764043260|answered|budi|08",
            AsideCall(ID, 1764043200000, 1764043260000, "answered", AgentId("budi"), "08"),
        ),
        ("1764043200|1764043260|answered|budi", None),
        ("||||", None),
        ("", None),
    ],
)
def test_records_of_calls_taken_aside(value: str, expected: AsideCall | None) -> None:
    assert parse_aside(f"/sambung-aside/{ID}", value) == expected


def test_a_record_under_another_name_is_none_of_ours() -> None:
    assert parse_aside("/sambung-aside/x", "1764043200||waiting||") is None
