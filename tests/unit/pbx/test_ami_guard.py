"""What may be sent to the manager interface."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused, TryLater
from core.ids import InteractionId, LegId
from pbx.ami import Ami, checked


@pytest.mark.parametrize(
    "end", ["\r\n", "\n", "\r", "\x00", "\r\n\r\nAction: Originate", "\x85", "\x1b", "\udc80"]
)
def test_a_value_that_could_become_a_second_header_is_refused(end: str) -> None:
    with pytest.raises(Refused) as refused:
        checked("Setvar", {"Variable": "X", "Value": f"secret{end}"})
    assert "secret" not in str(refused.value)


@given(st.text())
def test_whatever_passes_is_one_line(value: str) -> None:
    try:
        headers = checked("Setvar", {"Variable": "X", "Value": value})
    except Refused:
        return
    assert headers["Value"] == value
    assert len(f"Value: {value}".encode().splitlines()) == 1


@pytest.mark.parametrize(
    "action",
    [
        "Originate",
        "Command",
        "Reload",
        "ModuleLoad",
        "UpdateConfig",
        "DBPut",
        "MixMonitor",
        "setvar",
        "Ping\r\n",
    ],
)
def test_an_action_that_is_not_needed_is_not_sent(action: str) -> None:
    with pytest.raises(Refused):
        checked(action, {})


@pytest.mark.parametrize("key", ["Channel", "variable", "ActionID", "Value\r\nAction", "Variable "])
def test_a_header_that_is_not_needed_is_not_sent(key: str) -> None:
    with pytest.raises(Refused):
        checked("Setvar", {key: "x"})


def test_every_action_is_sent_as_asynchronous() -> None:
    assert checked("Ping", {})["Async"] == "true"


async def test_without_a_connection_the_answer_is_to_try_later() -> None:
    ami = Ami("127.0.0.1", 1, "sambung", "x")
    with pytest.raises(TryLater):
        await ami.contacts()


async def test_a_leg_or_call_from_outside_is_checked_like_any_value() -> None:
    ami = Ami("127.0.0.1", 1, "sambung", "x")
    with pytest.raises(Refused):
        await ami.mute_recording(LegId("PJSIP/x\r\nAction: Originate"))
    with pytest.raises(Refused):
        await ami.forget_aside(InteractionId("x\r\n"))
