"""The deployment's settings, as one typed value. Read from ``config/sambung.toml`` by ``sambung.load``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from desk.settings import WebSettings
from pbx.outbound_model import CallbackRules, OutboundRules
from pbx.settings import AsteriskSettings
from video.settings import VideoSettings


@dataclass(frozen=True, slots=True)
class Settings:
    """All that differs from one installation to another."""

    home: Path
    """State: database, journal, recordings, logs, sockets."""
    centre: Path
    """The centre's own data: queues, hours, menus, agents."""
    database: str
    """A SQLAlchemy URL; SQLite below ``home`` unless set."""
    asterisk: AsteriskSettings
    recordings: Path
    watchdog_s: float = 5.0
    """A process that has not reported for so long is killed and started again."""
    restart_s: float = 0.1
    """How long to wait before a process that ended is started again."""
    always_open: bool = False
    """For trying it out: business hours are taken to be open at any time."""
    outbound: OutboundRules = field(default_factory=OutboundRules)
    callback: CallbackRules = field(default_factory=CallbackRules)
    video: VideoSettings = VideoSettings(Path("run"), Path("media"))  # noqa: RUF009 -- frozen

    web: WebSettings = field(default_factory=WebSettings)
    """The public HTTP interface."""
    demo_users: bool = False
    """For trying it out: an account for each role is made, with a password of this home."""

    @property
    def control_socket(self) -> Path:
        """Where the command line reaches the control process."""
        return self.home / "run" / "control.sock"

    @property
    def messages(self) -> Path:
        """Where Asterisk writes what it records over ARI: below its spool, by its own rule."""
        return self.asterisk.home / "spool" / "recording"
