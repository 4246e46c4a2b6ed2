from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from core.errors import ConfigError
from desk.settings import OidcSettings, WebSettings
from pbx.outbound_model import OutboundRules
from pbx.settings import AsteriskSettings, TrunkSettings
from sambung.load import load
from sambung.settings import Settings
from sambung.up import programs
from tests.unit.sambung.mistakes import SHIPPED
from video.model import Codec
from video.settings import VideoSettings
from video.turn import TurnSettings


def empty(tmp_path: Path, text: str = "") -> Path:
    file = tmp_path / "etc" / "sambung.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def defaults(home: Path, centre: Path) -> Settings:
    return Settings(
        home=home,
        centre=centre,
        database=f"sqlite+aiosqlite:///{home}/sambung.db",
        asterisk=AsteriskSettings(home / "asterisk", home / "prompts", home / "spool"),
        recordings=home / "recordings",
        video=VideoSettings(home / "run", home / "media"),
    )


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    file = empty(tmp_path)
    assert load(file) == defaults(tmp_path / "var", tmp_path / "etc" / "centre")
    assert load(file.parent) == load(file)


def test_every_value_shown_in_the_shipped_file_is_the_default_but_for_trying_out_and_its_own_hours(
    tmp_path: Path,
) -> None:
    plain = {"demo.always_open": "false", "demo.users": "false", "asterisk.test_line": "false"}
    shipped = load(SHIPPED, tmp_path, plain)
    # The name of the hours is the shipped centre's; there can be no default for it.
    hours = OutboundRules(hours="office")
    assert shipped == replace(defaults(tmp_path, SHIPPED / "centre"), outbound=hours)
    assert load(SHIPPED, tmp_path).always_open
    assert load(SHIPPED, tmp_path).demo_users
    assert load(SHIPPED, tmp_path).asterisk.test_line


def test_every_value_of_the_file_is_used(tmp_path: Path) -> None:
    file = empty(
        tmp_path,
        """
        home = "/srv/sambung"
        centre = "../centre"
        database = "postgresql+asyncpg://sambung@127.0.0.1/sambung"
        recordings = "/srv/kept"
        watchdog_s = 7
        restart_s = 1.5
        asterisk.home = "pbx"
        asterisk.prompts = "said"
        asterisk.spool = "/srv/spool"
        asterisk.host = "0.0.0.0"
        asterisk.trunk = {peer = "sip.example.net:5060", bind_port = 5, numbers = ["150"], channels = 3}
        video.listen = "0.0.0.0"
        video.announce = ["192.0.2.1", "10.0.0.1"]
        video.prefer = "h264"
        video.port = 7000
        video.workers = 3
        video.bitrate = 900000
        web.address = "0.0.0.0"
        web.port = 8443
        web.public_url = "https://desk.example.go.id"
        web.pages = "pages"
        web.proxies = ["10.0.0.7", "fd00::/64"]
        web.phone_url = "wss://phone.example.go.id/ws"
        web.oidc = {issuer = "https://login.example.go.id/", client_id = "sambung", name = "Pegawai"}
        demo = {always_open = true, users = true}
        """,
    )
    ports = {"sip_port": "1", "http_port": "2", "https_port": "3", "ami_port": "4", "rtp_first": "30000"}
    more = {"rtp_last": "30500", "rtp_timeout_s": "9", "test_line": "true"}
    settings = load(file, None, {f"asterisk.{name}": value for name, value in {**ports, **more}.items()})
    home = Path("/srv/sambung")
    assert settings == Settings(
        home=home,
        centre=tmp_path / "centre",
        database="postgresql+asyncpg://sambung@127.0.0.1/sambung",
        asterisk=AsteriskSettings(
            home / "pbx",
            home / "said",
            Path("/srv/spool"),
            *("0.0.0.0", 1, 2, 3, 4, 30000, 30500),
            TrunkSettings("sip.example.net:5060", 5, ("150",), 3),
            9,
            test_line=True,
        ),
        recordings=Path("/srv/kept"),
        watchdog_s=7,
        restart_s=1.5,
        always_open=True,
        video=VideoSettings(
            home / "run",
            home / "media",
            *("0.0.0.0", 7000, ("192.0.2.1", "10.0.0.1"), 3, Codec.H264, 900_000),
        ),
        web=WebSettings(
            *("0.0.0.0", 8443, "https://desk.example.go.id", home / "pages", "wss://phone.example.go.id/ws"),
            OidcSettings("https://login.example.go.id", "sambung", name="Pegawai"),
            proxies=(ip_network("10.0.0.7"), ip_network("fd00::/64")),
        ),
        demo_users=True,
    )


def test_the_command_line_wins_over_the_file(tmp_path: Path) -> None:
    file = empty(tmp_path, "[asterisk]\nsip_port = 25060\n")
    overrides = {"asterisk.sip_port": "35060", "asterisk.trunk.numbers": "150, 151"}
    settings = load(file, None, overrides).asterisk
    assert (settings.sip_port, settings.trunk.numbers) == (35060, ("150", "151"))


def test_the_home_on_the_command_line_is_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(empty(tmp_path, 'home = "/elsewhere"\n'), Path("state"))
    assert settings.home == tmp_path / "state"
    assert settings.asterisk.spool == tmp_path / "state" / "spool"


def test_a_configuration_may_lie_in_a_folder_with_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "Pusat Kontak (169)"
    settings = load(empty(folder), tmp_path / "var")
    assert settings.centre == folder / "etc" / "centre"
    with pytest.raises(ConfigError) as wrong:
        load(folder / "etc")
    assert [(p.line, p.key) for p in wrong.value.problems] == [(1, "home")]


def test_a_file_saved_by_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = empty(tmp_path)
    file.write_bytes(
        b"\xef\xbb\xbf# caf\xc3\xa9\xe2\x80\xa8\r\nwatchdog_s = 9\r\n[asterisk]\r\nsip_port = 0\r\n"
    )
    with pytest.raises(ConfigError) as wrong:
        load(file)
    assert [(p.line, p.key) for p in wrong.value.problems] == [(4, "asterisk.sip_port")]


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("[asterisk.trunk]\n\nchannels = 0", 3, "asterisk.trunk.channels"),
        ("[asterisk]\n\ntrunk.channels = 0", 3, "asterisk.trunk.channels"),
        ("\nasterisk.trunk.channels = 0", 2, "asterisk.trunk.channels"),
        ("\n[ asterisk . trunk ] # x\nchannels=0", 3, "asterisk.trunk.channels"),
        ("\nasterisk = {trunk = {channels = 0}}", 2, "asterisk.trunk.channels"),
        ('\n["asterisk"]\n"sip_port" = 0', 3, "asterisk.sip_port"),
        ('[asterisk.trunk]\nnumbers = [\n  "169",\n  "x",\n]', 2, "asterisk.trunk.numbers[1]"),
    ],
)
def test_a_key_is_found_however_it_is_written(tmp_path: Path, text: str, line: int, key: str) -> None:
    with pytest.raises(ConfigError) as wrong:
        load(empty(tmp_path, text))
    assert [(p.line, p.key) for p in wrong.value.problems] == [(line, key)]


def test_a_turn_server_needs_its_secret(tmp_path: Path) -> None:
    file = empty(tmp_path, '[video.turn]\nurls = ["turns:turn.test:443?transport=tcp"]\n')
    with pytest.raises(ConfigError, match="turn-secret"):
        load(file, tmp_path)
    (tmp_path / "turn-secret").write_text("a secret of twenty characters\n", encoding="ascii")
    turn = load(file, tmp_path).video.turn
    assert turn == TurnSettings(("turns:turn.test:443?transport=tcp",), "a secret of twenty characters")


def test_a_centre_without_video_has_no_worker(tmp_path: Path) -> None:
    settings = load(SHIPPED, tmp_path, {"video.workers": "0"})
    assert settings.video.workers == 0
    assert [program.name for program in programs(settings, ("asterisk",), ())] == [
        "asterisk",
        "recorder",
        "control",
    ]
