"""The configuration: what is allowed into it, and what it says."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from core.ids import AgentId
from pbx.render import Machine, PhoneAccount, render, write
from pbx.root import AsteriskInstall
from pbx.settings import AsteriskSettings, Secrets, TrunkSettings

INSTALL = AsteriskInstall(
    command=("/usr/sbin/asterisk",),
    version="22.10.1",
    modules=Path("/usr/lib/asterisk/modules"),
    data=Path("/usr/share/asterisk"),
    moh=Path("/usr/share/asterisk/moh"),
    rest_api=Path("/usr/share/asterisk/rest-api"),
    module_names=frozenset({"codec_opus_open_source"}),
)
SECRETS = Secrets(ari="a" * 32, ami="b" * 32, agents="c" * 64)
SETTINGS = AsteriskSettings(
    home=Path("/srv/c/pbx"), prompts=Path("/srv/c/prompts"), spool=Path("/srv/c/spool")
)
MACHINE = Machine(address="192.0.2.7", open_files=4096)
BUDI = PhoneAccount(AgentId("budi"), "0123456789abcdef0123")


def rendered(*phones: PhoneAccount, machine: Machine = MACHINE, **changes: Any) -> dict[str, str]:
    return render(dataclasses.replace(SETTINGS, **changes), INSTALL, SECRETS, phones, machine)


def trunk(**changes: Any) -> dict[str, str]:
    return rendered(trunk=TrunkSettings(**changes))


def section(text: str, start: str) -> str:
    """Return what follows ``start`` up to the next empty line."""
    return text.partition(start)[2].partition("\n\n")[0]


HOSTILE = [
    "x\ny",
    "x\r",
    "x;y",
    "[x]",
    "x]",
    "${X}",
    "x,y",
    "x|y",
    "x(y)",
    'x"y',
    "x\\y",
    "x\x00",
    "a=b",
    "",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_path_can_end_a_line_or_call_a_function(text: str) -> None:
    path = Path(f"/srv/{text}/x") if text else ""
    for changes in ({"prompts": path}, {"spool": path}):
        with pytest.raises(Refused):
            rendered(BUDI, machine=MACHINE, **changes)


@pytest.mark.parametrize("agent", ["101", "_x", "a b", "a.b", "a]", "a\n", "ä", "", "a,b", "-a"])
def test_an_agent_id_is_a_letter_then_letters_digits_and_marks(agent: str) -> None:
    with pytest.raises(Refused, match="is no agent id"):
        rendered(PhoneAccount(AgentId(agent), BUDI.password))


@pytest.mark.parametrize("number", ["_X.", "s", "16 9", "++62", "", "169,1", "1" * 21, "169\n"])
def test_a_number_of_the_trunk_is_no_pattern(number: str) -> None:
    with pytest.raises(Refused, match="is no number of the trunk"):
        trunk(numbers=("169", number))


@pytest.mark.parametrize("password", ["short", "with space!", "pass;word1", "pass\nword1"])
def test_a_password_that_could_break_out_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(Refused) as refused:
        rendered(PhoneAccount(BUDI.agent, password))
    assert password not in str(refused.value)


@pytest.mark.parametrize("names", [("budi", "budi"), ("budi", "budi-web"), ("citizen",), ("trunk169",)])
def test_two_telephones_never_share_a_name(names: tuple[str, ...]) -> None:
    with pytest.raises(Refused, match="name of two telephones"):
        rendered(*(PhoneAccount(AgentId(name), BUDI.password) for name in names))


@pytest.mark.parametrize(
    ("peer", "match", "contact"),
    [
        ("127.0.0.1:15070", "127.0.0.1:15070", "127.0.0.1:15070"),
        ("198.51.100.7:5060", "198.51.100.7", "198.51.100.7:5060"),
        ("198.51.100.7", "198.51.100.7", "198.51.100.7"),
        ("sbc.operator.example:5060", "sbc.operator.example", "sbc.operator.example:5060"),
        ("198.51.100.0/28", "198.51.100.0/28", None),
    ],
)
def test_the_trunk_is_known_by_its_address(peer: str, match: str, contact: str | None) -> None:
    pjsip = trunk(peer=peer)["pjsip.conf"]
    assert f"\nmatch = {match}\n" in pjsip
    assert (f"\ncontact = sip:{contact}\n" in pjsip) == (contact is not None)
    assert ("aors = trunk169" in pjsip) == (contact is not None)


@pytest.mark.parametrize(
    "peer", ["", "x y", "a;b", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "a\nb", "x:y"]
)
def test_what_is_no_address_is_no_trunk(peer: str) -> None:
    with pytest.raises(Refused):
        trunk(peer=peer)


def test_there_is_no_endpoint_for_strangers_and_no_way_out() -> None:
    files = rendered(BUDI, test_line=True)
    assert "[anonymous]" not in files["pjsip.conf"]
    assert "Dial(PJSIP/trunk169" not in files["extensions.conf"]
    dials = [line for line in files["extensions.conf"].splitlines() if "Dial(" in line]
    assert dials == ["exten => budi,1,Dial(PJSIP/budi&PJSIP/budi-web,20)"]


def test_the_test_line_is_off_unless_asked_for() -> None:
    assert "citizen" not in rendered(BUDI)["pjsip.conf"]
    assert "[citizen](phone)" in rendered(BUDI, test_line=True)["pjsip.conf"]


def test_only_agents_of_the_fallback_take_calls_without_control() -> None:
    siti = PhoneAccount(AgentId("siti"), BUDI.password, fallback=False)
    files = rendered(BUDI, siti)
    assert "member => Local/budi@" in files["queues.conf"]
    assert "siti" not in files["queues.conf"] + files["extensions.conf"]
    assert "[siti](agent)" in files["pjsip.conf"]


def test_the_control_account_has_no_right_that_leads_to_a_shell() -> None:
    manager = rendered()["manager.conf"]
    rights = section(manager, "\nwrite = ").partition("\n")[0].split(",")
    assert set(rights).isdisjoint({"system", "command", "config", "originate", "all", "agi", "dialplan"})
    assert "bindaddr = 127.0.0.1" in manager


def test_wanted_modules_that_this_asterisk_lacks_are_not_asked_for() -> None:
    modules = rendered()["modules.conf"]
    assert "load = codec_opus_open_source.so" in modules
    assert "res_pjsip_maintenance" not in modules
    for dangerous in ("app_system", "app_originate", "func_shell", "func_env", "app_exec", "pbx_spool"):
        assert dangerous not in modules


def test_browsers_on_this_machine_are_offered_the_loopback() -> None:
    assert "192.0.2.7 => 127.0.0.1" in rendered()["rtp.conf"]
    assert "ice_host_candidates" not in rendered(machine=Machine(None, 4096))["rtp.conf"]
    assert "ice_host_candidates" not in rendered(host="192.0.2.7")["rtp.conf"]


def test_a_home_too_deep_for_a_socket_is_refused() -> None:
    with pytest.raises(Refused, match="choose a shorter home"):
        rendered(home=Path("/srv") / ("x" * 100))


def test_rtp_ports_end_after_they_begin() -> None:
    with pytest.raises(Refused, match="before they begin"):
        rendered(rtp_first=20000, rtp_last=20000)


@given(st.text(min_size=1))
def test_whatever_a_path_holds_the_dialplan_keeps_its_shape(text: str) -> None:
    """Either the value is refused, or the file has the lines and the calls it has with a harmless one."""
    plain = rendered(BUDI)["extensions.conf"]
    try:
        files = rendered(BUDI, spool=Path("/srv") / text)
    except Refused:
        return
    marks = "\n\r;[](){}$,|&=\"'"
    changed = files["extensions.conf"]
    assert [changed.count(mark) for mark in marks] == [plain.count(mark) for mark in marks]


def test_writing_removes_what_is_no_longer_ours_and_keeps_secrets_to_the_owner(tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, home=tmp_path / "pbx", spool=tmp_path / "spool")
    files = render(settings, INSTALL, SECRETS, [BUDI], MACHINE)
    (tmp_path / "pbx/etc").mkdir(parents=True)
    (tmp_path / "pbx/etc/old.conf").write_text("[general]\n")
    write(settings, files)
    write(settings, files)
    written = {path.name: path for path in (tmp_path / "pbx/etc").iterdir()}
    assert written.keys() == files.keys()
    assert {path.stat().st_mode & 0o777 for path in written.values()} == {0o600}
    assert written["pjsip.conf"].read_text() == files["pjsip.conf"]
    assert (tmp_path / "pbx/lib/tls/https.key").stat().st_mode & 0o777 == 0o600
