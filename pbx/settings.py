"""Where Asterisk lives and listens. Every port and path is here."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TrunkSettings:
    """The operator's trunk, on which callers dial in."""

    peer: str = "127.0.0.1:15070"
    """The operator's address as ``host:port``; calls from elsewhere are not the trunk's."""
    bind_port: int = 15061
    numbers: tuple[str, ...] = ("169", "021169", "+6221169")
    """The forms in which the operator sends our number; the first is the one we write down."""
    channels: int = 50
    """How many calls at once; one more hears busy (SIP 486)."""


@dataclass(frozen=True, slots=True)
class AsteriskSettings:
    """One Asterisk, with directories and ports of its own."""

    home: Path
    """Configuration, spool, logs and sockets are written below it."""
    prompts: Path
    """Rendered and recorded prompts, as ``<language>/<name>.wav``."""
    spool: Path
    """Recordings in progress: ``<id>-r.wav`` (the customer) and ``<id>-t.wav`` (what it hears)."""
    host: str = "127.0.0.1"
    sip_port: int = 15060
    http_port: int = 18088
    """ARI and SIP over WebSocket."""
    https_port: int = 18089
    """SIP over secure WebSocket, for browsers."""
    ami_port: int = 15038
    rtp_first: int = 20000
    rtp_last: int = 20999
    """Four ports a call, and headroom (two legs, RTP and RTCP)."""
    trunk: TrunkSettings = field(default_factory=TrunkSettings)
    rtp_timeout_s: int = 30
    """A leg that sends nothing for so long is hung up."""
    test_line: bool = False
    """Whether a softphone may sign in as ``citizen`` and dial in like a caller of the trunk."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """Passwords made at the first start and kept below the home with mode 0600."""

    ari: str
    ami: str
    agents: str
    """The key from which each agent's SIP password is derived (HMAC-SHA256, first 20 hexadecimal digits)."""
