"""Where the forwarding unit listens, and what it lets through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from video.model import Codec
from video.turn import TurnSettings


@dataclass(frozen=True, slots=True)
class VideoSettings:
    """The workers of one machine."""

    run: Path
    """The folder of the sockets on which control and recorder are reached."""
    spool: Path
    """Recordings in progress, a folder each."""
    host: str = "127.0.0.1"
    """The address to listen on; browsers elsewhere need one that they can reach."""
    port: int = 17_700
    """UDP, of the first worker; the next has the next."""
    announce: tuple[str, ...] = ()
    """The addresses at which clients reach ``host`` (behind NAT the public one); ``host`` itself if empty."""
    workers: int = 2
    """Processes; one a core. Two at least: rooms of one that dies are made again on another at once. 0: no video."""
    prefer: Codec = Codec.VP8
    """The video codec that publishers are asked for. Every browser has VP8."""
    bitrate: int = 2_500_000
    """Bits a second that one participant may send."""
    turn: TurnSettings | None = None
    """A coturn for closed networks; see `video.turn.ice_servers`."""

    def worker_socket(self, worker: int) -> Path:
        """Where control reaches a worker, counted from 0."""
        return self.run / f"sfu-{worker}.sock"

    @property
    def recorder_socket(self) -> Path:
        """Where workers reach the recorder."""
        return self.run / "media.sock"

    @property
    def addresses(self) -> tuple[str, ...]:
        """What answers say."""
        return self.announce or (self.host,)
