"""The part of the settings that says where the forwarding workers listen."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Final

from core.document import Form, Node
from video.model import Codec
from video.settings import VideoSettings
from video.turn import TurnSettings

_LAST_PORT: Final = 65_535
_SECRET: Final = 20
_TURN: Final = Form(
    re.compile(r"turns?:[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?(\?transport=(tcp|udp))?"),
    "a TURN address such as turns:turn.example.go.id:443?transport=tcp",
)


def read_video(node: Node, home: Path) -> VideoSettings:
    """Return the settings of the workers in ``node``, which may be absent. Sockets and spool are below ``home``."""
    it = node.fields("listen", "port", "announce", "workers", "prefer", "bitrate", "turn", optional=True)
    default = VideoSettings(home / "run", home / "media")
    workers = it["workers"].integer(0, 64, default.workers)
    listen = it["listen"].text(default.host)
    announce = tuple(one.text() for one in it["announce"].items(optional=True))
    if not _is_ipv4(listen):
        it["listen"].wrong(f'"{listen[:60]}" is not an IPv4 address of this machine, or 0.0.0.0 for all')
    elif listen == "0.0.0.0" and not announce:  # noqa: S104 -- it is only compared
        it["listen"].wrong("browsers need an address that they can reach: give it as video.announce")
    for address in announce:
        if not _is_ipv4(address):
            it["announce"].wrong(f'"{address[:60]}" is not an IPv4 address that browsers can reach')
    return VideoSettings(
        run=default.run,
        spool=default.spool,
        host=listen,
        port=it["port"].integer(1024, _LAST_PORT + 1 - workers, default.port),
        announce=announce,
        workers=workers,
        prefer=Codec(it["prefer"].choice([Codec.VP8, Codec.H264], default.prefer)),
        bitrate=it["bitrate"].integer(200_000, 20_000_000, default.bitrate),
        turn=_turn(it["turn"], home),
    )


def _turn(node: Node, home: Path) -> TurnSettings | None:
    it = node.fields("urls", "secret_file", optional=True)
    if not node.present:
        return None
    urls = tuple(one.text(form=_TURN) for one in it["urls"].items())
    file = home / it["secret_file"].text("turn-secret")
    try:
        secret = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if len(secret) < _SECRET:
        it["secret_file"].wrong(
            f"{file} does not hold a secret of {_SECRET} characters or more, shared with coturn"
        )
    return TurnSettings(urls, secret)


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
