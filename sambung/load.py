"""The settings file as one typed value."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from core.document import TELEPHONE_NUMBER, Form, Node, insist
from core.errors import Problem
from pbx.settings import AsteriskSettings, TrunkSettings
from sambung.documents import overlay, read_toml
from sambung.load_outbound import read_outbound
from sambung.load_video import read_video
from sambung.load_web import read_web
from sambung.settings import Settings

FILE: Final = "sambung.toml"

_PEER: Final = Form(
    re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}:[0-9]{1,5}"),
    "a host name or IPv4 address with its port, such as 203.0.113.7:5060",
)
_DOTTED: Final = re.compile(r"[0-9.]+")
# Asterisk's configuration gives a meaning to most other characters, and has no way to quote all of them.
_PATH: Final = re.compile(r"[\w/.@+~-]+")
_SOCKET_PATH: Final = 100
_PORTS_A_CALL: Final = 4
_LAST_PORT: Final = 65_535
_DATABASES: Final = ("sqlite+aiosqlite://", "postgresql+asyncpg://")


def settings_file(config: Path) -> Path:
    """Return the settings file meant by ``config``, which may be the folder that holds it."""
    return config / FILE if config.is_dir() else config


def load(config: Path, home: Path | None = None, overrides: Mapping[str, str] | None = None) -> Settings:
    """Read the settings in ``config`` (``sambung.toml``, or its folder).

    ``home`` replaces the file's and is relative to the working directory. ``overrides`` replaces single values by
    dotted key: ``{"asterisk.sip_port": "25060"}``. In the file ``home`` and ``centre`` are relative to the file,
    every other path to the home.

    Raises:
        ConfigError: with every wrong value, by file, line and key.
    """
    problems: list[Problem] = []
    settings = read_settings(config, home, overrides or {}, problems)
    insist(problems)
    return settings


def read_settings(
    config: Path, home: Path | None, overrides: Mapping[str, str], problems: list[Problem]
) -> Settings:
    """Do as ``load`` does, but note what is wrong in ``problems``."""
    file = settings_file(config)
    node = overlay(read_toml(file, problems), overrides)
    top = node.fields(
        "home",
        "centre",
        "database",
        "recordings",
        "watchdog_s",
        "restart_s",
        "asterisk",
        "outbound",
        "video",
        "web",
        "demo",
        optional=True,
    )
    state = _home(top["home"], file.parent, home)
    default = Settings(state, state, "", AsteriskSettings(state, state, state), state)
    demo = top["demo"].fields("always_open", "users", optional=True)
    outbound, callback = read_outbound(top["outbound"])
    return Settings(
        home=state,
        centre=_path(top["centre"], file.parent, "centre"),
        database=_database(top["database"], state),
        asterisk=_asterisk(top["asterisk"], state),
        recordings=_path(top["recordings"], state, "recordings"),
        watchdog_s=top["watchdog_s"].number(1, 300, default.watchdog_s),
        restart_s=top["restart_s"].number(0.1, 60, default.restart_s),
        always_open=demo["always_open"].flag(default.always_open),
        web=read_web(top["web"], state),
        demo_users=demo["users"].flag(default.demo_users),
        outbound=outbound,
        video=read_video(top["video"], state),
        callback=callback,
    )


def setting(config: Path, overrides: Mapping[str, str], key: str, problems: list[Problem]) -> Node:
    """Return where a setting is written, by its dotted key: to note in ``problems`` what only others can tell of it."""
    node = overlay(read_toml(settings_file(config), problems), overrides)
    for name in key.split("."):
        node = node.entries().get(name) or node.absent(name)
    return node


def _asterisk(node: Node, home: Path) -> AsteriskSettings:
    it = node.fields(
        *("home", "prompts", "spool", "host", "sip_port", "http_port", "https_port", "ami_port"),
        *("rtp_first", "rtp_last", "rtp_timeout_s", "test_line", "trunk"),
        optional=True,
    )
    trunk = it["trunk"].fields("peer", "bind_port", "numbers", "channels", optional=True)
    default = AsteriskSettings(home, home, home)
    settings = AsteriskSettings(
        home=_path(it["home"], home, "asterisk"),
        prompts=_path(it["prompts"], home, "prompts"),
        spool=_path(it["spool"], home, "spool"),
        host=_host(it["host"], default.host),
        sip_port=it["sip_port"].integer(1, _LAST_PORT, default.sip_port),
        http_port=it["http_port"].integer(1, _LAST_PORT, default.http_port),
        https_port=it["https_port"].integer(1, _LAST_PORT, default.https_port),
        ami_port=it["ami_port"].integer(1, _LAST_PORT, default.ami_port),
        rtp_first=it["rtp_first"].integer(1024, _LAST_PORT, default.rtp_first),
        rtp_last=it["rtp_last"].integer(1024, _LAST_PORT, default.rtp_last),
        trunk=_trunk(trunk),
        rtp_timeout_s=it["rtp_timeout_s"].integer(5, 3_600, default.rtp_timeout_s),
        test_line=it["test_line"].flag(default.test_line),
    )
    if not _too_long(home / "asterisk") and (flaw := _too_long(settings.home)):
        it["home"].wrong(flaw)
    _check_ports(settings, {**it, "trunk.bind_port": trunk["bind_port"]})
    return settings


def _host(node: Node, default: str) -> str:
    """Return the address to listen on: Asterisk binds to no names, and IPv6 would need brackets in most places."""
    host = node.text(default)
    if not _is_ipv4(host):
        node.wrong(
            f'"{host[:60]}" is not an IPv4 address of this machine, such as 127.0.0.1, or 0.0.0.0 for all'
        )
    return host


def _trunk(it: Mapping[str, Node]) -> TrunkSettings:
    default = TrunkSettings()
    peer = it["peer"].text(default.peer, form=_PEER)
    host, _, port = peer.rpartition(":")
    if int(port) not in range(1, _LAST_PORT + 1):
        it["peer"].wrong(f"{peer} has no port from 1 to {_LAST_PORT}")
    elif _DOTTED.fullmatch(host) and not _is_ipv4(host):
        it["peer"].wrong(f"{host} is no IPv4 address: four numbers from 0 to 255 are allowed")
    numbers = default.numbers
    if it["numbers"].present:
        numbers = tuple(dict.fromkeys(node.text(form=TELEPHONE_NUMBER) for node in it["numbers"].items()))
        if it["numbers"].content == ():
            it["numbers"].wrong("empty; at least one number is needed")
    return TrunkSettings(
        peer=peer,
        bind_port=it["bind_port"].integer(1, _LAST_PORT, default.bind_port),
        numbers=numbers,
        channels=it["channels"].integer(1, 10_000, default.channels),
    )


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _check_ports(settings: AsteriskSettings, it: Mapping[str, Node]) -> None:
    ports = {
        "sip_port": settings.sip_port,
        "http_port": settings.http_port,
        "https_port": settings.https_port,
        "ami_port": settings.ami_port,
        "trunk.bind_port": settings.trunk.bind_port,
    }
    taken: dict[int, str] = {}
    for name, port in ports.items():
        if port in taken:
            it[name].wrong(f"{port} is taken by {taken[port]}; give each its own port")
        elif settings.rtp_first <= port <= settings.rtp_last:
            it[name].wrong(f"{port} lies in the RTP range {settings.rtp_first} to {settings.rtp_last}")
        taken.setdefault(port, name)
    needed = _PORTS_A_CALL * settings.trunk.channels
    last = settings.rtp_first + needed - 1
    need = f"{settings.trunk.channels} calls need {needed} ports, {_PORTS_A_CALL} each"
    if last > _LAST_PORT:
        it["rtp_first"].wrong(f"{need}: begin at {_LAST_PORT + 1 - needed} or below, or allow fewer calls")
    elif settings.rtp_last < last:
        it["rtp_last"].wrong(f"{need}: from {settings.rtp_first} on, that is {last} or more")


def _home(node: Node, beside: Path, given: Path | None) -> Path:
    if given is not None:
        node = Node("--home", 0, "", str(given), node.problems)
        beside = Path()
    home = _path(node, beside, "../var", whole=True)
    if _PATH.fullmatch(str(home)) and (flaw := _too_long(home / "asterisk")):
        node.wrong(flaw)
    return home


def _too_long(asterisk_home: Path) -> str:
    """Return what is wrong if Asterisk's socket, the longest, would not fit into a socket's address."""
    socket = asterisk_home / "run" / "asterisk.ctl"
    fits = len(os.fsencode(socket)) <= _SOCKET_PATH
    return "" if fits else f"too long: the socket {socket} must stay within {_SOCKET_PATH} bytes"


def _path(node: Node, beside: Path, default: str, *, whole: bool = False) -> Path:
    """Return the path as a whole. Unless ``whole``, ``beside`` is not looked at: it was when it was read."""
    text = node.text(default)
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        node.wrong(f"{text}: there is no such user; write the whole path")
        path = Path(default)
    absolute = Path(os.path.abspath(beside / path))  # noqa: PTH100 - resolve() would follow links
    checked = str(absolute if whole else path)
    if not _PATH.fullmatch(checked):
        node.wrong(
            f'"{checked}" holds a character other than letters, digits and / . _ - @ + ~; only these are allowed'
        )
    return absolute


def _database(node: Node, home: Path) -> str:
    url = node.text(f"{_DATABASES[0]}/{home / 'sambung.db'}")
    if not url.startswith(_DATABASES):
        # The URL itself may hold a password.
        node.wrong(f"a database URL begins with {' or '.join(_DATABASES)}")
    return url
