"""Manager events are parsed at the edge; what is not ours or damaged is nothing."""

from __future__ import annotations

import pytest

from core.ids import AgentId, InteractionId, LegId
from pbx.ami_events import (
    AmiEvent,
    AsideCall,
    AsideChanged,
    CallRefused,
    Contacts,
    ContactStatus,
    RtcpReport,
    SecurityEvent,
    TrunkStatus,
    parse,
    parse_aside,
)

ID = InteractionId("0123456789abcdef0123456789abcdef")


def contact(status: str, uri: str = "sip:a", endpoint: str = "budi") -> dict[str, object]:
    return {
        "Event": "ContactStatus",
        "ContactStatus": status,
        "URI": uri,
        "EndpointName": endpoint,
        "AOR": endpoint,
    }


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (contact("Reachable"), ContactStatus("budi", True)),
        (contact("NonQualified"), ContactStatus("budi", True)),
        (contact("Unreachable"), ContactStatus("budi", False)),
        (contact("Removed"), ContactStatus("budi", False)),
        (contact("Reachable", endpoint="trunk169"), TrunkStatus(True)),
        (contact("Unreachable", endpoint="trunk169"), TrunkStatus(False)),
        (contact("Created"), None),
        (contact("Updated"), None),
        (contact("Reachable", endpoint=""), None),
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
    assert parse(message, Contacts()) == expected


def test_a_phone_that_moves_stays_reachable_when_its_old_contact_is_removed() -> None:
    contacts = Contacts()
    assert contacts.take("budi", "sip:old", there=True)
    assert contacts.take("budi", "sip:new", there=True)
    assert contacts.take("budi", "sip:old", there=False)
    assert not contacts.take("budi", "sip:new", there=False)


def test_after_a_snapshot_the_first_event_counts_whatever_its_address() -> None:
    contacts = Contacts()
    contacts.believe({"budi": True, "siti": True, "tono": False})
    assert not contacts.take("budi", "sip:a", there=False)
    assert contacts.take("siti", "sip:new", there=True)
    assert contacts.take("siti", "sip:old", there=False)
    assert not contacts.take("tono", "sip:a", there=False)


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
